"""How much memory a measured piece of work needs, with all processes that come from it.

Looks many times a second, where the system tells by `/proc`; elsewhere it knows nothing.
"""

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

_PAUSE = 0.03
_FEW = 10
"""So many looks share one search for processes: it costs more than all of them."""
_UNIT = 1024
_POSTGRES = "Name:\tpostgres\n"


class Memory:
    """The most seen, in bytes: of this process with its descendants, and of one of PostgreSQL's.

    Of PostgreSQL's the pages that it shares with others are left out; what descendants share counts
    for each of them.
    """

    def __init__(self) -> None:
        self.ours = 0
        self.servers = 0
        self._family: list[Path] = []
        self._postgres: list[Path] = []
        self._looks = 0

    def look(self) -> None:
        """Compare what is used now with what was."""
        if self._looks % _FEW == 0:
            told = {status: _told(status) for status in _statuses()}
            self._family = _family(told)
            self._postgres = [each for each, text in told.items() if text.startswith(_POSTGRES)]
        self._looks += 1
        self.ours = max(self.ours, sum(_bytes(_told(each), "VmRSS") for each in self._family))
        servers = (_bytes(_told(each), "RssAnon") for each in self._postgres)
        self.servers = max(self.servers, *servers, 0)


def _statuses() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*/status")


def _told(status: Path) -> str:
    """What the system tells of a process; nothing of one that has just ended."""
    try:
        return status.read_text()
    except OSError:
        return ""


def _family(told: Mapping[Path, str]) -> list[Path]:
    """This process and its descendants."""
    parents = {each.parent.name: _field(text, "PPid") for each, text in told.items()}
    ours = str(os.getpid())

    def is_ours(pid: str) -> bool:
        while pid in parents and pid != ours:
            pid = parents[pid]
        return pid == ours

    return [each for each in told if is_ours(each.parent.name)]


def _field(told: str, name: str) -> str:
    """The first word of a field; empty if there is no such field."""
    _, found, rest = told.partition(f"\n{name}:")
    return rest.split(maxsplit=1)[0] if found else ""


def _bytes(told: str, field: str) -> int:
    return int(_field(told, field) or "0") * _UNIT


@contextlib.contextmanager
def watched() -> Iterator[Memory]:
    """Watch memory while the context is open."""
    memory, is_over = Memory(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_PAUSE):
            memory.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        is_over.set()
        watcher.join()
