"""Files of a bundle or a bare proof on disk: a zip, or a folder. Reads, and checks nothing."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from contest_service.proof.archive import ZipArchive
from contest_service.proof.errors import BundleError

_PIECE = 1 << 20  # bytes
_FOLDERS = ("terms", "quiz", "log", "evidence", "dispute")


class Folder:
    """A bundle's files in a folder: regular ones only, read no further than their size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes = dict(self._scan(""))

    def names(self) -> list[str]:
        return list(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def chunks(self, name: str) -> Iterator[bytes]:
        left = self._sizes[name]
        with (self._path / name).open("rb") as file:
            while left and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece
            if left or file.read(1):
                raise BundleError("changing_file", "The file changed while it was read.")

    def _scan(self, prefix: str) -> Iterator[tuple[str, int]]:
        with os.scandir(self._path / prefix) as found:
            for item in found:
                name = prefix + item.name
                if name in _FOLDERS and item.is_dir(follow_symlinks=False):
                    yield from self._scan(f"{name}/")
                elif item.is_file(follow_symlinks=False):
                    yield name, item.stat(follow_symlinks=False).st_size
                else:
                    raise BundleError("not_a_file", f"{name} is neither a file nor known.")


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Folder | ZipArchive]:
    """Open what is at `path`. Raises BundleError, UnreadableError, OSError."""
    if path.is_dir():
        yield Folder(path)
        return
    with path.open("rb") as file:
        yield ZipArchive(file)
