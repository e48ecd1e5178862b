"""`python -m benchmarks`: measure, and print one table with the machine."""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import (
    browsing,
    drawing,
    erasing,
    following,
    growing,
    judging,
    machine,
    receipts,
    scanning,
    serving,
    signals,
    tabling,
    visiting,
    vk,
)
from benchmarks.ground import Ground, connection
from benchmarks.table import Line, render
from contest_service.embedded import running_servers

Benchmark = Callable[[Ground, int], Awaitable[list[Line]]]

BENCHMARKS: dict[str, tuple[Benchmark, int]] = {
    "draw": (drawing.lines, drawing.FULL_SIZE),
    "grow": (growing.lines, growing.FULL_SIZE),
    "browse": (browsing.lines, browsing.FULL_SIZE),
    "receipts": (receipts.lines, receipts.FULL_SIZE),
    "erase": (erasing.lines, erasing.FULL_SIZE),
    "scan": (scanning.lines, scanning.FULL_SIZE),
    "judge": (judging.lines, judging.FULL_SIZE),
    "signals": (signals.lines, signals.FULL_SIZE),
    "serve": (serving.lines, serving.FULL_SIZE),
    "live": (following.lines, following.FULL_SIZE),
    "pages": (tabling.lines, tabling.FULL_SIZE),
    "visit": (visiting.lines, visiting.FULL_SIZE),
    "vk": (vk.lines, vk.FULL_SIZE),
}
"""By name: what measures, and the size that the documents speak of."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured")
    parser.add_argument("--part", type=float, default=1.0, help="of the full sizes")
    options = parser.parse_args()
    unknown = set(options.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="contest-bench-")))
        # PostgreSQL's own account passes through it where root runs this.
        folder.chmod(0o711)
        servers = stack.enter_context(running_servers(folder / "data"))
        ground = Ground(
            database_url=servers.addresses.database_url,
            redis_url=servers.addresses.redis_url,
            folder=folder,
            runs=options.runs,
        )
        asyncio.run(_measure(ground, options.names or list(BENCHMARKS), options.part))
    return 0


async def _measure(ground: Ground, names: list[str], part: float) -> None:
    """Print a table for each benchmark when it is done, so that none is lost by what follows."""
    async with connection(ground.database_url) as conn:
        print(await machine.describe(conn))
    print(f"each {ground.runs} times, in fresh processes", flush=True)
    for name in names:
        benchmark, size = BENCHMARKS[name]
        start = time.perf_counter()
        lines = await benchmark(ground, int(size * part))
        print(f"\n{render(lines)}", flush=True)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
