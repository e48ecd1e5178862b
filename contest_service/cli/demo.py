"""`demo`: the whole life of a contest, by itself, on servers that are made for it and vanish.

Owns the surroundings: free ports, a folder, the service's own processes, and the exit status. What
happens in between is `story`.
"""

import argparse
import collections
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from contest_service.cli.launch import Launch, Launched, launch, require_ready
from contest_service.cli.sample import SECONDS
from contest_service.cli.supervisor import Supervisor
from contest_service.cli.surroundings import Commands, add_command, leave_politely
from contest_service.domain.errors import ContestError
from contest_service.domain.practice import LEAST_SECONDS, MOST_PEOPLE, MOST_SECONDS
from contest_service.settings import read_settings

PEOPLE = 2000
_INTERRUPTED = 130
_SHOWN = 40
"""Lines of what the processes said last, for whoever has to find out what went wrong."""
_DECIDED = ("CONTEST_", "DATABASE_URL", "REDIS_URL")
"""Names of settings begin like this: the demo makes its own."""


def add_commands(commands: Commands) -> None:
    parser = add_command(
        commands, "demo", help="live through a whole practice contest in two minutes", run=_run
    )
    parser.add_argument(
        "--people", type=int, default=PEOPLE, help=f"who lives in the town (default {PEOPLE})"
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        help=f"from the start to the draw (default {SECONDS})",
    )
    parser.add_argument("--seed", default="demo", help="the same seed makes people do the same")


def _run(options: argparse.Namespace) -> int:
    _require("--people", options.people, span=(1, MOST_PEOPLE))
    _require("--seconds", options.seconds, span=(LEAST_SECONDS, MOST_SECONDS))
    leave_politely()
    with tempfile.TemporaryDirectory(prefix="contest-demo-") as folder:
        # Root's PostgreSQL runs under another account, which has to pass through.
        Path(folder).chmod(0o711)
        return _Demo(options, Path(folder)).run()


def _require(name: str, value: int, *, span: tuple[int, int]) -> None:
    least, most = span
    if not least <= value <= most:
        raise ContestError(f"{name} has to be a number from {least} to {most}.")


class _Demo:
    """One demo in a folder of its own."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._heard: collections.deque[str] = collections.deque(maxlen=_SHOWN)
        self._status = _INTERRUPTED

    def run(self) -> int:
        """Live through it; return the exit status."""
        environment = _environment(os.environ, self._folder / "data")
        print("Starting PostgreSQL, Valkey, the API, a worker and the sandbox.", flush=True)
        launch(
            Launch(
                settings=read_settings(environment),
                environment=environment,
                say=self._heard.append,
                hear=lambda text: self._heard.extend(text.splitlines()),
                live=self._live,
            )
        )
        if self._status == _INTERRUPTED:
            print("Stopped before the end.", flush=True)
        return self._status

    async def _live(self, launched: Launched, supervisor: Supervisor) -> None:
        from contest_service.cli.story import Story
        from contest_service.platforms.errors import PlatformError

        try:
            await require_ready(launched.settings)
            await Story(launched, self._options, self._folder).tell()
            self._status = 0
        except (ContestError, PlatformError) as error:
            self._status = 1
            print(f"It went wrong: {error.message}", flush=True)
            print("What the processes said last:", *self._heard, sep="\n", file=sys.stderr)
        supervisor.stop()


def _environment(given: Mapping[str, str], data: Path) -> dict[str, str]:
    """Keep what is not about the service, and decide the rest."""
    kept = {name: value for name, value in given.items() if not name.startswith(_DECIDED)}
    api, beacon, vk = _free_ports(3)
    return kept | {
        "CONTEST_DATA": str(data),
        "CONTEST_LOG_LEVEL": "warning",
        "CONTEST_PORT": str(api),
        "CONTEST_SANDBOX": "1",
        "CONTEST_SANDBOX_PERIOD": "1",
        "CONTEST_SANDBOX_PORT": str(beacon),
        "CONTEST_SANDBOX_VK_PORT": str(vk),
    }


def _free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on, all at once, so that they differ."""
    found = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in found]
    for listener in found:
        listener.close()
    return ports
