"""The command line as a person meets it: a real process, its lines, its signals."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from patience import PATIENCE

ROOT = Path(__file__).parent.parent.parent

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")


def surroundings(**settings: str) -> dict[str, str]:
    """The environment of a program: nothing of the caller's but what every program needs."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | settings


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "contest_service.cli", *arguments]


def run(*arguments: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end, from a folder that has nothing to do with it."""
    return subprocess.run(
        command(*arguments),
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for embedded data that PostgreSQL's own account can pass through."""
    with tempfile.TemporaryDirectory(prefix="contest-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


class Program:
    """A running command. Its output is read all the time, so it never waits for us."""

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            env=environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # As a terminal does: Ctrl-C goes to a whole group.
            process_group=0,
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the output has a line that matches."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.output, re.MULTILINE)) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self._reader.join(1)
                raise AssertionError(f"no {pattern!r} in:\n{self.output}")
            time.sleep(0.02)
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.output += line


@contextlib.contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[Program]:
    """Run a command; whatever happens, it has ended afterwards."""
    program = Program(*arguments, environment=environment)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.terminate()
            program.wait()


def children(pid: int) -> dict[str, int]:
    """The direct child processes of `pid`: the last words of their command lines, and numbers."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                found[" ".join(words)] = int(entry.name)
    return found
