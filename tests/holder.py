"""Holds the servers of one test run: started by the first test that needs them, shared by all
test processes, gone when the last of these is.

Run as a program with a folder. The folder's `users` is locked, shared, by every test process that
uses the servers, so that the exclusive lock is had exactly when none is left, however they ended.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from patience import PATIENCE

from contest_service.embedded import Addresses, EmbeddedError, running_servers

DATABASES = 512
"""Of the Valkey server: every test gets one of its own."""


@contextlib.contextmanager
def shared_servers(folder: Path) -> Iterator[Addresses]:
    """Use the servers of `folder`, started if this is the first to need them."""
    with (folder / "turn").open("a") as turn, (folder / "users").open("a") as users:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not (folder / "addresses.json").exists():
            _start_holder(folder)
        addresses = Addresses(**json.loads((folder / "addresses.json").read_text()))
        fcntl.flock(turn, fcntl.LOCK_UN)
        yield addresses


def wait_until_unused(folder: Path) -> None:
    """Wait until the servers of `folder` have stopped, if they ever started."""
    deadline = time.monotonic() + PATIENCE
    with (folder / "users").open("a") as users:
        while not _is_over(folder, users):
            if time.monotonic() > deadline:
                raise TimeoutError("The servers for the tests do not stop.")
            time.sleep(0.02)


def hold(folder: Path) -> None:
    """Run the servers until no test process uses them any more."""
    addresses = folder / "addresses.json"
    try:
        # Locked until the servers have stopped: whoever has the lock next removes their folder.
        with (
            (folder / "users").open("a") as users,
            running_servers(folder / "data", is_durable=False, databases=DATABASES) as servers,
        ):
            fresh = folder / "addresses.new"
            found = servers.addresses
            fresh.write_text(
                json.dumps({"database_url": found.database_url, "redis_url": found.redis_url})
            )
            fresh.replace(addresses)
            fcntl.flock(users, fcntl.LOCK_EX)
            addresses.unlink()
    except EmbeddedError as error:
        (folder / "failure").write_text(str(error))


def _start_holder(folder: Path) -> None:
    command = [sys.executable, "-W", "error", __file__, str(folder)]
    # A session of its own: Ctrl-C ends the tests first, and their end ends the servers.
    holder = subprocess.Popen(
        command,
        start_new_session=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    deadline = time.monotonic() + PATIENCE
    while not (folder / "addresses.json").exists():
        if holder.poll() is not None or time.monotonic() > deadline:
            failure = folder / "failure"
            reason = failure.read_text() if failure.exists() else "no reason was given"
            raise RuntimeError(f"The servers for the tests did not start: {reason}")
        time.sleep(0.02)
    # Nobody waits for it here: it outlives the process that started it.
    holder.returncode = 0


def _is_over(folder: Path, users: IO[str]) -> bool:
    """Whether nobody uses the servers, and their holder, which may be late to see it, is gone."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if (folder / "addresses.json").exists():
        fcntl.flock(users, fcntl.LOCK_UN)
        return False
    return True


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
