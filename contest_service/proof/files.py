"""A bundle's files, as whoever opens them gives them (section 8.1)."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from contest_service.proof.check import locate


class Files(Protocol):
    """A bundle's files, however they are kept."""

    def names(self) -> Sequence[str]:
        """Return every name once, with `/` between folder and file."""

    def size(self, name: str) -> int:
        """Return a file's size in bytes."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content, from its beginning each time."""


def content(files: Files, name: str) -> bytes:
    """Return the whole of a file. Raises Refusal, which names it, if it cannot be read."""
    with locate(name):
        return b"".join(files.chunks(name))
