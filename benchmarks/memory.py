"""How much memory a measured piece of work needs, with the processes that it starts.

Looks many times a second, where the system tells by `/proc`; elsewhere it knows nothing.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.03
_FEW = 10
"""So many looks share one search for processes: it costs more than all of them."""
_UNIT = 1024


class Memory:
    """The most seen, in bytes: of this process with its children, and of one of PostgreSQL's.

    Of PostgreSQL's the pages that it shares with others are left out.
    """

    def __init__(self) -> None:
        self.ours = 0
        self.servers = 0
        self._watched: list[Path] = []
        self._looks = 0

    def look(self) -> None:
        """Compare what is used now with what was."""
        if self._looks % _FEW == 0:
            self._watched = [status for status in _statuses() if _is_family(_told(status))]
        self._looks += 1
        family, servers = 0, [0]
        for told in map(_told, self._watched):
            if _is_ours(told):
                family += _bytes(told, "VmRSS")
            else:
                servers.append(_bytes(told, "RssAnon"))
        self.ours = max(self.ours, family)
        self.servers = max(self.servers, *servers)


def _statuses() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*/status")


def _told(status: Path) -> str:
    """What the system tells of a process; nothing of one that has just ended."""
    try:
        return status.read_text()
    except OSError:
        return ""


def _is_family(told: str) -> bool:
    return _is_ours(told) or told.startswith("Name:\tpostgres\n")


def _is_ours(told: str) -> bool:
    ours = str(os.getpid())
    return ours in {_field(told, "Pid"), _field(told, "PPid")}


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
