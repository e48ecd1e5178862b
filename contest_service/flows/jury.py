"""Jury: processes that judge a large contest side by side, so that it uses more than one core.

A juror gets the bench and has its own connections: nothing that it gathers, judges or writes
passes through the process that called it. It ends with that process, however that ends.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import connection
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from typing import NamedTuple
from uuid import UUID

from contest_service.flows.bench import Bench
from contest_service.flows.runtime import Runtime
from contest_service.flows.sitting import LANES, Look, Sitting, Whom, judge_in_lanes, looks_at
from contest_service.loops import run_loop
from contest_service.store.pool import create_pool
from contest_service.store.rows import Connection

MOST = 4
"""Jurors of one contest. PostgreSQL works as hard as they do, often on the same machine."""

_context = multiprocessing.get_context("forkserver")
"""A process that has loaded the program starts all jurors, and ends with the one that is served."""
_context.set_forkserver_preload([__name__])


@dataclass(frozen=True, kw_only=True)
class _Seat:
    """What jurors need of the process that called them."""

    database_url: str
    snapshot: str
    at: datetime
    """When all verdicts are given, whenever they are written: that of the snapshot."""
    bench: Bench
    run: UUID


async def judge_by_jury(
    rt: Runtime, sitting: Sitting, reader: Connection, whom: Whom, *, snapshot: str
) -> None:
    """Judge entrants, shared by jurors, as the snapshot that the reader shares shows them.

    Stops where nothing more may be written. Raises LeaseLostError.
    """
    seat = _Seat(
        database_url=rt.database_url,
        snapshot=snapshot,
        at=rt.clock(),
        bench=sitting.bench,
        run=sitting.run,
    )
    size = min(MOST, os.cpu_count() or 1)
    table = _Table(is_over=_context.Event(), taken=_context.Value("l", 0))
    jurors = ProcessPoolExecutor(
        size, mp_context=_context, initializer=_sit_down, initargs=(table,)
    )
    loop = asyncio.get_running_loop()
    try:
        # They start while looks are cut.
        arrival = loop.run_in_executor(None, _call, jurors, size)
        looks = [look async for look in looks_at(reader, sitting.bench.contest, whom)]
        sessions = [loop.run_in_executor(jurors, _judge, seat, looks) for _ in range(size)]
        await asyncio.gather(arrival, *sessions)
    finally:
        table.is_over.set()
        await asyncio.to_thread(jurors.shutdown, cancel_futures=True)


def _call(jurors: ProcessPoolExecutor, size: int) -> None:
    """Let all jurors start: one does for each task that finds none at leisure."""
    for _ in range(size):
        jurors.submit(_arrive)


class _Table(NamedTuple):
    """What the jurors of one judging share."""

    is_over: Event
    """Set when nobody waits for it any more, well or not."""
    taken: "Synchronized[int]"
    """How many looks somebody has taken."""

    def untaken(self, looks: Sequence[Look]) -> Iterator[Look]:
        """Take one look after the other, each of which no other juror takes."""
        while True:
            with self.taken.get_lock():
                number = self.taken.value
                self.taken.value = number + 1
            if number >= len(looks):
                return
            yield looks[number]


_tables: list[_Table] = []
"""In a juror: that at which it sits."""


def _sit_down(table: _Table) -> None:
    # What is judged holds no rings, so that counting references frees all of it.
    gc.disable()
    _tables.append(table)
    threading.Thread(target=_leave_with_caller, daemon=True).start()


def _leave_with_caller() -> None:
    caller = multiprocessing.parent_process()
    if caller is not None:
        connection.wait([caller.sentinel])
        os._exit(1)


def _arrive() -> None:
    """A task that is done as soon as there is somebody to do it."""


def _judge(seat: _Seat, looks: Sequence[Look]) -> None:
    run_loop(_judge_looks(seat, looks))


async def _judge_looks(seat: _Seat, looks: Sequence[Look]) -> None:
    (table,) = _tables
    async with await create_pool(seat.database_url, largest=LANES) as pool:
        sitting = Sitting(
            pool=pool,
            clock=lambda: seat.at,
            bench=seat.bench,
            run=seat.run,
            is_over=table.is_over.is_set,
        )
        await judge_in_lanes(sitting, table.untaken(looks), snapshot=seat.snapshot)
