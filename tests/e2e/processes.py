"""One program of the service as a process of its own: started, killed, its words kept."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from contest_service.embedded.process import die_with_parent
from workers.main import GRACE

_STOP_PATIENCE = GRACE + 20.0
"""A worker first waits for its jobs; what follows takes its time on a busy machine."""
_TROUBLE = ("error", "critical")
_WARNINGS = ("error", "ignore:Call to deprecated close:DeprecationWarning")
"""Warnings are defects, but for arq's way of closing a newer redis client."""


class Program:
    """`python -m contest_service.cli` with some words. Use it from the main thread.

    What it says, over all its starts, is kept in `log`, one JSON object a line.
    """

    def __init__(
        self, words: Sequence[str], *, log: Path, environment: Mapping[str, str], socket: int = -1
    ) -> None:
        """Let it inherit the listening `socket`, if one is given."""
        self.log = log
        self._words = words
        self._environment = environment
        self._sockets = [socket] if socket >= 0 else []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it should be running."""
        return self._process is not None

    def start(self) -> None:
        """Start it, once more if it has ended."""
        assert self._process is None, f"{self.log.stem} is running"
        with self.log.open("ab") as sink:
            warnings = [word for each in _WARNINGS for word in ("-W", each)]
            self._process = subprocess.Popen(
                [sys.executable, *warnings, "-m", "contest_service.cli", *self._words],
                env=self._environment,
                pass_fds=self._sockets,
                preexec_fn=die_with_parent(signal.SIGKILL),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )

    def kill(self) -> None:
        """End it as a power cut would: `kill -9`."""
        assert self._process is not None, f"{self.log.stem} is not running"
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Ask it to end, and see that it does so cleanly."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.log.stem} did not stop when it was asked to") from None
        self._process = None
        # uvicorn ends by the signal that it was stopped with.
        assert status in (0, -signal.SIGTERM), f"{self.log.stem} stopped with status {status}"

    def require_running(self) -> None:
        """Fail if it has ended by itself."""
        assert self._process is not None
        status = self._process.poll()
        assert status is None, f"{self.log.stem} ended with status {status}:\n{self.said()}"

    def said(self) -> str:
        """Everything that it has said so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def events(self) -> list[dict[str, Any]]:
        """Everything that it has logged so far."""
        return [line for line in map(_event, self.said().splitlines()) if line is not None]

    def trouble(self) -> list[str]:
        """What nobody should have to read: error lines, and whatever is no log line at all."""
        found = []
        for line in self.said().splitlines():
            event = _event(line)
            if event is None or event.get("level") in _TROUBLE:
                found.append(f"{self.log.stem}: {line}")
        return found


def _event(line: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError:
        return None
