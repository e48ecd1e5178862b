"""Jury: processes that judge a large contest side by side, so that it uses more than one core.

A juror gets the bench and its share, and has its own connections: nothing that it gathers, judges
or writes passes through the process that called it. It ends with that process, however that ends.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import connection
from multiprocessing.synchronize import Event
from uuid import UUID

from contest_service.flows.bench import Bench
from contest_service.flows.runtime import Runtime
from contest_service.flows.sitting import LANES, Share, Sitting, judge_in_lanes
from contest_service.loops import run_loop
from contest_service.store import cases
from contest_service.store.pool import create_pool

MOST = 4
"""Jurors of one contest. PostgreSQL works as hard as they do, often on the same machine."""


@dataclass(frozen=True, kw_only=True)
class _Seat:
    """What a juror needs of the process that called it."""

    database_url: str
    snapshot: str
    at: datetime
    """When all verdicts are given, whenever they are written: that of the snapshot."""
    bench: Bench
    run: UUID


async def judge_by_jury(rt: Runtime, sitting: Sitting, snapshot: str, share: Share) -> None:
    """Judge a share, which jurors part among them, as a shared snapshot shows it.

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
        parts = [share._replace(number=number, of=size) for number in range(size)]
        await asyncio.gather(*(loop.run_in_executor(jurors, _judge, seat, part) for part in parts))
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


def _judge(seat: _Seat, share: Share) -> None:
    run_loop(_judge_share(seat, share))


async def _judge_share(seat: _Seat, share: Share) -> None:
    async with await create_pool(seat.database_url, largest=LANES + 1) as pool:
        sitting = Sitting(
            pool=pool,
            clock=lambda: seat.at,
            bench=seat.bench,
            run=seat.run,
            is_over=_endings[0].is_set,
        )
        async with cases.at_snapshot(pool, seat.snapshot) as reader:
            await judge_in_lanes(sitting, reader, share, snapshot=seat.snapshot)
