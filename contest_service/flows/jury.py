"""Jury: processes that judge what was gathered, so that a large contest uses more than one core.

A juror gets the bench once and then texts of many entrants, and gives back sealed verdicts. It has
no connection to anything, and ends with the process that called it, however that ends.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from multiprocessing import connection

import msgspec

from contest_service.flows.bench import Bench
from contest_service.flows.sealed import Sealed
from contest_service.flows.verdicts import judge_gathered
from contest_service.store import cases
from contest_service.store.cases import Text

MOST = 4
"""Jurors of one contest. PostgreSQL works as hard as they do, often on the same machine."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Sealed)
_seated: list[Bench] = []
"""In a juror: the bench that it judges for."""


class Jury:
    """Judges texts of what was gathered: in `processes` where there are any, or else here."""

    def __init__(self, bench: Bench, processes: ProcessPoolExecutor | None) -> None:
        self._bench = bench
        self._processes = processes

    @property
    def is_large(self) -> bool:
        """Whether it judges in processes of its own."""
        return self._processes is not None

    async def judge(self, text: Text, *, at: datetime) -> Sealed:
        """Judge everybody in a text."""
        if self._processes is None:
            return judge_gathered(self._bench, cases.read(text), at=at)
        loop = asyncio.get_running_loop()
        return _decoder.decode(await loop.run_in_executor(self._processes, _judge, text, at))


@asynccontextmanager
async def call_jury(bench: Bench, *, is_large: bool) -> AsyncIterator[Jury]:
    """Have a jury for the contest, in processes of its own if it is a large one."""
    if not is_large:
        yield Jury(bench, None)
        return
    processes = ProcessPoolExecutor(
        min(MOST, os.cpu_count() or 1),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_sit_down,
        initargs=(bench,),
    )
    try:
        yield Jury(bench, processes)
    finally:
        await asyncio.to_thread(processes.shutdown, cancel_futures=True)


def _sit_down(bench: Bench) -> None:
    _seated.append(bench)
    # What is judged holds no rings, so that counting references frees all of it.
    gc.disable()
    threading.Thread(target=_leave_with_caller, daemon=True).start()


def _leave_with_caller() -> None:
    caller = multiprocessing.parent_process()
    if caller is not None:
        connection.wait([caller.sentinel])
        os._exit(1)


def _judge(text: Text, at: datetime) -> bytes:
    return _encoder.encode(judge_gathered(_seated[0], cases.read(text), at=at))
