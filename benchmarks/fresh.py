"""Runs a measurement in a fresh process, and takes its peak memory from the operating system.

A process that is started from a large one inherits that one's peak in its own account, so a small
launcher stands in between.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parent.parent
PATIENCE = 900.0
"""Seconds after which a measurement is given up."""

_LAUNCHER = """
import json, os, sys, time
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
json.dump([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * unit], sys.stderr)
"""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A process that ended well: what it printed, how long it lived, its highest memory."""

    printed: bytes
    seconds: float
    peak: int


class FailedRunError(Exception):
    """A measurement did not come to its end."""


async def run(*command: str | Path) -> Run:
    """Run a program to its end. Raises FailedRunError with what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _LAUNCHER, *command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            printed, told = await process.communicate()
    except TimeoutError as error:
        process.kill()
        raise FailedRunError(f"{command} took more than {PATIENCE:.0f} s") from error
    *said, last = told.decode().splitlines() or [""]
    try:
        status, seconds, peak = msgspec.json.decode(last[last.rfind("[") :])
    except msgspec.DecodeError as error:
        raise FailedRunError(told.decode()) from error
    if status:
        raise FailedRunError(f"{command} ended with {status}: {said} {printed[:2000]!r}")
    return Run(printed=printed, seconds=seconds, peak=peak)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a measuring program printed, and its highest memory in bytes."""

    values: dict[str, Any]
    peak: int


async def measure(module: str, **given: object) -> Measured:
    """Run `python -m benchmarks.<module>` with its arguments as one JSON object."""
    arguments = msgspec.json.encode(given).decode()
    done = await run(sys.executable, "-m", f"benchmarks.{module}", arguments)
    return Measured(values=msgspec.json.decode(done.printed), peak=done.peak)


def arguments() -> dict[str, Any]:
    """What `measure` gave to this process."""
    values: dict[str, Any] = msgspec.json.decode(sys.argv[1])
    return values


def answer(**values: object) -> None:
    """Give the result of this process to `measure`."""
    sys.stdout.write(msgspec.json.encode(values).decode())
