"""Open pages that follow a contest: streams on one process, their memory, and how late a ping is.

The API runs as an operator starts it; the streams come from many addresses of the loopback network.
"""

import asyncio
import contextlib
import os
import socket
import statistics
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, read_contest, set_scene
from benchmarks.table import Line
from contest_service.store import contests
from contest_service.vault import generate_key

FULL_SIZE = 1000
TARGET = 1.5
"""Seconds until a page knows, of 99 pages in 100."""
_PINGS = 10
_APART = 1.3
"""Seconds between two changes: more than the least between two pings."""
_OF_ADDRESS = 50
_TICKS = os.sysconf("SC_CLK_TCK")


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure so many open streams while their contest changes."""
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with served(ground, url) as (process, port):
            return [await _follow(url, scene, size, process=process, port=port)]


async def _follow(url: str, scene: Scene, size: int, *, process: Process, port: int) -> Line:
    before = _resident(process.pid)
    arrived: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        for number in range(size):
            stream = await _open(port, scene, number)
            stack.callback(stream[1].close)
            task = asyncio.create_task(_hear(stream[0], arrived))
            stack.callback(task.cancel)
        await asyncio.sleep(2)
        each, cpu = (_resident(process.pid) - before) / size, _cpu(process.pid)
        delays: list[float] = []
        async with connection(url) as conn:
            contest = await read_contest(conn, scene)
            for number in range(_PINGS):
                arrived.clear()
                start = time.perf_counter()
                await contests.set_obstacle(conn, contest, f"change {number}")
                await asyncio.sleep(_APART)
                assert len(arrived) == size, f"{len(arrived)} of {size} streams were told"
                delays += [at - start for at in arrived]
        cpu = _cpu(process.pid) - cpu
        peak = _resident(process.pid)
    p99 = statistics.quantiles(delays, n=100)[-1]
    return Line(
        what="a ping to every open stream",
        size=f"{size:,} streams",
        seconds=delays,
        peak=peak,
        target=TARGET,
        note=f"p99 {1000 * p99:.0f} ms, {each / 1024:.1f} KiB a stream, "
        f"{1000 * cpu / _PINGS:.0f} ms of CPU for a ping to all",
    )


async def _open(
    port: int, scene: Scene, number: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    origin = (f"127.0.1.{1 + number // _OF_ADDRESS}", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=origin)
    path = f"/contests/{scene.contest_id}/live"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0], head
    return reader, writer


async def _hear(reader: asyncio.StreamReader, arrived: list[float]) -> None:
    while line := await reader.readline():
        if line.startswith(b"data:"):
            arrived.append(time.perf_counter())


@contextlib.asynccontextmanager
async def served(ground: Ground, url: str) -> AsyncIterator[tuple[Process, int]]:
    """The API in a process of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        port = listener.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "contest_service.cli", "api", "--socket"),
            str(listener.fileno()),
            pass_fds=(listener.fileno(),),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ
            | {
                "DATABASE_URL": url,
                "REDIS_URL": ground.redis_url,
                "CONTEST_DATA": str(ground.folder / "api"),
                "CONTEST_SECRET_KEY": generate_key(),
                "CONTEST_RATE_LIMIT": "100000",
                "CONTEST_SANDBOX": "1",
            },
        )
    try:
        yield process, port
    finally:
        process.terminate()
        start = time.perf_counter()
        await process.wait()
        assert time.perf_counter() - start < 5, "the process did not stop while streams were open"


def _resident(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
