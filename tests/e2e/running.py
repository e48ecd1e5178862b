"""A whole installation on loopback: API, workers and sandbox as real processes."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
from patience import PATIENCE
from ports import free_ports

from contest_service.settings import Settings, read_settings
from contest_service.vault import generate_key
from e2e.processes import Program

_T = TypeVar("_T")

_EVERY = 0.05
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")
"""What the programs inherit of this environment; everything else is said here."""


class Installation:
    """The service, installed on a database and a doorbell of its own.

    `hosts` is the operator's allow-list. `expected` are log events that a test provokes, which
    would otherwise be counted as trouble.
    """

    def __init__(
        self, *, database_url: str, redis_url: str, folder: Path, hosts: Sequence[str], workers: int
    ) -> None:
        self.expected: set[str] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "CONTEST_ALLOWED_HOSTS": ",".join(hosts),
            "CONTEST_DATA": str(folder / "data"),
            "CONTEST_LOG_FORMAT": "json",
            "CONTEST_LOG_KEY": secrets.token_hex(32),
            "CONTEST_PORT": str(port),
            "CONTEST_RATE_LIMIT": "100000",
            "CONTEST_SANDBOX": "1",
            "CONTEST_SANDBOX_PERIOD": "1",
            **free_ports("CONTEST_SANDBOX_PORT", "CONTEST_SANDBOX_VK_PORT"),
            "CONTEST_SECRET_KEY": generate_key(),
        }
        self.api = self._program(
            "api", folder, "--socket", str(self._listener.fileno()), socket=self._listener.fileno()
        )
        self.sandbox = self._program("sandbox", folder)
        self.workers = [self._program("worker", folder, number=n) for n in range(workers)]

    @property
    def settings(self) -> Settings:
        """What the programs read from their environment."""
        return read_settings(self.environment)

    @property
    def programs(self) -> list[Program]:
        return [self.api, self.sandbox, *self.workers]

    async def start(self) -> None:
        """Start everything, and wait until the API says that it is ready."""
        # The beacon's key is there before anybody else looks for it, and so is its genesis.
        for program in self.programs:
            program.start()
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client:
            await self.until(lambda: _is_ready(client), patience=PATIENCE)

    async def until(
        self, look: Callable[[], Awaitable[_T]], *, patience: float, what: str = ""
    ) -> _T:
        """Look again and again until there is something to see, for `patience` seconds."""
        deadline = time.monotonic() + patience
        while not (seen := await look()):
            for program in self.programs:
                if program.is_started:
                    program.require_running()
            if time.monotonic() > deadline:
                raise AssertionError(f"{what or look} did not come true within {patience:.0f} s")
            await asyncio.sleep(_EVERY)
        return seen

    def command(self, *words: str) -> str:
        """Run a command of the command line to its end, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "contest_service.cli", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def close(self) -> None:
        """Stop all programs, and fail if one of them said what it should not have."""
        try:
            faults = [fault for each in self.programs if (fault := _stopped(each))]
        finally:
            self._listener.close()
        for program in self.programs:
            # Shown by pytest if the test failed.
            sys.stdout.write(f"--- {program.log.stem}\n{program.said()}\n")
        faults += [
            line
            for program in self.programs
            for line in program.trouble()
            if not any(f'"{event}"' in line for event in self.expected)
        ]
        assert faults == []

    def _program(
        self, command: str, folder: Path, *words: str, number: int = 0, socket: int = -1
    ) -> Program:
        return Program(
            [command, *words],
            log=folder / f"{command}-{number}.log",
            environment=self.environment,
            socket=socket,
        )


def _stopped(program: Program) -> str:
    try:
        program.stop()
    except AssertionError as fault:
        return str(fault)
    return ""


async def _is_ready(client: httpx.AsyncClient) -> bool:
    answer: Any = await client.get("/readyz", timeout=PATIENCE)
    return bool(answer.status_code == httpx.codes.OK)
