"""The data folder: who may use it, and that only one program does.

Owns the folder's creation, its modes, its lock, the note that tells other commands where the
servers are, and the short folders for sockets. Starts nothing and knows no server.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from contest_service.embedded.errors import EmbeddedError

LONGEST_SOCKET_PATH = 103
"""Bytes of a socket's path that every kernel takes: macOS has 104 with the closing zero,
Linux 108."""

_NOTE = "servers.json"
_HINT = "Make it writable, or set CONTEST_DATA to another folder."


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where the two embedded servers answer."""

    database_url: str
    redis_url: str


def prepare(path: Path) -> Path:
    """Create the data folder if need be and return its absolute path.

    Raises EmbeddedError if it cannot be made or written.
    """
    path = path.expanduser().absolute()
    # Root's PostgreSQL runs under another account, which has to pass through this folder.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise EmbeddedError(f"The data folder {path} cannot be used ({reason}). {_HINT}") from None
    return path


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with this process however it ends.

    Raises EmbeddedError at once if another process holds it.
    """
    with (path / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise EmbeddedError(
                f"Another contest-service (process {holder}) is using the data folder {path}. "
                "Stop it first, or set CONTEST_DATA to another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def is_locked(path: Path) -> bool:
    """Say whether a living process uses the folder right now."""
    try:
        with (path / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextlib.contextmanager
def announced(path: Path, addresses: Addresses) -> Iterator[None]:
    """Leave a note with the addresses for other commands while the servers run."""
    note = path / _NOTE
    fresh = path / f"{_NOTE}.new"
    fresh.write_bytes(msgspec.json.encode(addresses))
    fresh.chmod(0o600)
    fresh.replace(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def find_announced(path: Path) -> Addresses | None:
    """Read where the servers of a program that uses the folder are; None if none is up."""
    if not is_locked(path):
        return None
    try:
        return msgspec.json.decode((path / _NOTE).read_bytes(), type=Addresses)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def socket_folder(
    near: Path,
    *,
    longest_name: str,
    owner: tuple[int, int],
    is_reachable: Callable[[Path], bool],
) -> Iterator[Path]:
    """Make a private folder for a server's socket and remove it at the end.

    `near` is where the folder, or a link to it, is found. Where that is not `is_reachable` for the
    owner, or is too long for a socket, or has characters that a server's option would split, the
    folder is a short one elsewhere.
    """
    discard(near)
    try:
        if _fits(near / longest_name) and is_reachable(near.parent):
            near.mkdir(mode=0o700)
            folder = near
        else:
            folder = Path(
                tempfile.mkdtemp(prefix="contest-", dir=_short_parent(longest_name, is_reachable))
            )
            near.symlink_to(folder)
        if os.geteuid() == 0:
            os.chown(folder, *owner)
    except OSError as error:
        raise EmbeddedError(
            f"No folder for a socket could be made ({error}). Set TMPDIR to a short, writable path."
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        discard(near)


def discard(path: Path) -> None:
    """Remove what an earlier run left at `path`: a folder, or a link and what it points to."""
    if path.is_symlink():
        target = path.readlink()
        # Only what `socket_folder` made is removed through a link.
        if target.name.startswith("contest-"):
            shutil.rmtree(target, ignore_errors=True)
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _fits(path: Path) -> bool:
    text = os.fsencode(path)
    return len(text) <= LONGEST_SOCKET_PATH and not set(text) & set(b" ,\"'%?#&\\\n")


def _short_parent(longest_name: str, is_reachable: Callable[[Path], bool]) -> Path:
    room = "contest-12345678/" + longest_name
    for candidate in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes it private
        if candidate and os.access(candidate, os.W_OK | os.X_OK):
            folder = Path(candidate)
            if _fits(folder / room) and is_reachable(folder):
                return folder
    raise FileNotFoundError("every folder for temporary files is too long or closed")
