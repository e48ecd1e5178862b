"""Jury: processes that judge a large contest side by side, so that it uses more than one core.

A juror gets the bench and its share, and has its own connections: nothing that it gathers, judges
or writes passes through the process that called it. It ends with that process, however that ends.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import connection
from multiprocessing.synchronize import Event
from uuid import UUID

from contest_service.flows.bench import Bench
from contest_service.flows.runtime import Runtime
from contest_service.flows.sitting import LANES, Look, Sitting, Whom, judge_in_lanes, looks_at
from contest_service.loops import run_loop
from contest_service.store.pool import create_pool
from contest_service.store.rows import Connection

MOST = 4
"""Jurors of one contest. PostgreSQL works as hard as they do, often on the same machine."""


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
    """Judge entrants, parted among jurors, as the snapshot that the reader shares shows them.

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
    context = multiprocessing.get_context("spawn")
    is_over = context.Event()
    jurors = ProcessPoolExecutor(
        size, mp_context=context, initializer=_sit_down, initargs=(is_over,)
    )
    loop = asyncio.get_running_loop()
    try:
        # They start and load the program while their shares are cut.
        arrival = loop.run_in_executor(jurors, _arrive)
        looks = [look async for look in looks_at(reader, sitting.bench.contest, whom)]
        # One look is much like another, and so are shares of every so manieth.
        shares = [looks[number::size] for number in range(size)]
        await asyncio.gather(
            arrival, *(loop.run_in_executor(jurors, _judge, seat, each) for each in shares)
        )
    finally:
        is_over.set()
        await asyncio.to_thread(jurors.shutdown, cancel_futures=True)


_endings: list[Event] = []
"""In a juror: what is set when its judging is over, well or not."""


def _sit_down(is_over: Event) -> None:
    # What is judged holds no rings, so that counting references frees all of it.
    gc.disable()
    _endings.append(is_over)
    threading.Thread(target=_leave_with_caller, daemon=True).start()


def _leave_with_caller() -> None:
    caller = multiprocessing.parent_process()
    if caller is not None:
        connection.wait([caller.sentinel])
        os._exit(1)


def _arrive() -> None:
    """The first task, for which all of them are started."""


def _judge(seat: _Seat, looks: Sequence[Look]) -> None:
    run_loop(_judge_looks(seat, looks))


async def _judge_looks(seat: _Seat, looks: Sequence[Look]) -> None:
    async with await create_pool(seat.database_url, largest=LANES) as pool:
        sitting = Sitting(
            pool=pool,
            clock=lambda: seat.at,
            bench=seat.bench,
            run=seat.run,
            is_over=_endings[0].is_set,
        )
        await judge_in_lanes(sitting, looks, snapshot=seat.snapshot)
