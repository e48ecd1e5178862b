"""How much memory a measured piece of work needs, with the processes that it starts.

Looks many times a second, where the system tells by `/proc`; elsewhere it knows nothing.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.03
_UNIT = 1024


class Memory:
    """The most seen, in bytes: of this process with its children, and of one of PostgreSQL's.

    Of PostgreSQL's the pages that it shares with others are left out.
    """

    def __init__(self) -> None:
        self.ours = 0
        self.servers = 0

    def look(self) -> None:
        """Compare what is used now with what was."""
        family, servers = 0, [0]
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                told = _fields(status.read_text())
            except OSError:
                continue  # it has just ended
            if os.getpid() in {int(told["Pid"]), int(told["PPid"])}:
                family += _bytes(told, "VmRSS")
            elif told["Name"] == "postgres":
                servers.append(_bytes(told, "RssAnon"))
        self.ours = max(self.ours, family)
        self.servers = max(self.servers, *servers)


def _fields(status: str) -> dict[str, str]:
    return {
        name: value.strip()
        for name, _, value in (line.partition(":") for line in status.splitlines())
    }


def _bytes(told: dict[str, str], field: str) -> int:
    return int(told.get(field, "0 kB").split()[0]) * _UNIT


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
