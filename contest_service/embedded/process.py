"""A server process of ours: started in a session of its own, logged to a file, stopped by us only.

Ctrl-C at the terminal does not reach it, so that we stop it last; the death of this process does
(on Linux), so that it never outlives us. Never touches a process that it did not start.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

LOG_LIMIT = 10 * 1024 * 1024
"""Bytes after which a log starts anew at the next start; one older one is kept."""

_PR_SET_PDEATHSIG = 1


class ServerProcess:
    """One running program. Start it from the main thread: it dies with the thread that did."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        polite: signal.Signals,
        last_resort: signal.Signals,
        environment: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> None:
        """`polite` asks it to stop; if that takes too long, `last_resort` follows, then SIGKILL."""
        self._wanted = (polite, last_resort, signal.SIGKILL)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".old"))
        with log.open("ab") as sink:
            log.chmod(0o600)
            self._log_start = sink.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=environment,
                start_new_session=True,
                preexec_fn=die_with_parent(polite),
                **options,
            )
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        return self._process.poll() is not None

    def last_words(self) -> str:
        """Give the last lines that the process logged since it started, on one line."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return " / ".join(line.strip() for line in lines[-5:])

    def stop(self, *, patience: float) -> None:
        """Ask it to stop, wait up to `patience` seconds, and then insist."""
        for wanted in self._wanted:
            if self.has_ended():
                return
            self._process.send_signal(wanted)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue


def die_with_parent(wanted: signal.Signals) -> Callable[[], None] | None:
    """Give what a new process runs first, so that it gets `wanted` when the starting thread ends.

    None where the system has no such thing.
    """
    if sys.platform != "linux":
        return None
    # Loaded before the fork: nothing may be imported or allocated freely after it.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, int(wanted))
        if os.getppid() != parent:
            os._exit(1)

    return arrange
