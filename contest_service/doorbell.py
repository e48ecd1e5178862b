"""Rings for work: tells the workers through Redis that a row of `work` is due.

The only module beside `workers` that sees arq. A ring carries ids alone, comes after the commit of
its row, and may be lost: the sweeper finds the row anyway, so a Redis that is away is logged and
never fails what was done.
"""

import time
from collections.abc import Sequence

import msgspec
import structlog
from arq.connections import ArqRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.store.work import Due

log = structlog.get_logger(__name__)

JOB = "work"
"""The workers' one job: `work(ctx, workspace_id, work_id)`, both as text."""

REMIND_EVERY = 2
"""Seconds between two reminders of the same work."""

encode_job = msgspec.msgpack.Encoder(enc_hook=repr).encode
"""An error comes as text: arq encodes its own for a job that it gives up."""
decode_job = msgspec.msgpack.decode


def open_queue(redis: Redis) -> ArqRedis:
    """The queue on the connections of `redis`, whose owner closes them."""
    return ArqRedis(
        connection_pool=redis.connection_pool,
        job_serializer=encode_job,
        job_deserializer=decode_job,
    )


class Doorbell:
    """Rings at the workers' door."""

    def __init__(self, queue: ArqRedis) -> None:
        self._queue = queue

    async def ring(self, due: Sequence[Due]) -> None:
        """Ask for work that has just become due, once more even while it is being done."""
        await self._ring(due)

    async def remind(self, due: Sequence[Due]) -> None:
        """Ask for work that somebody should be doing; once within a few seconds is enough.

        A killed worker leaves traces of its jobs in Redis that block their ids for minutes, so the
        id says when the reminder was sent.
        """
        await self._ring(due, reminder=int(time.time() // REMIND_EVERY))

    async def _ring(self, due: Sequence[Due], *, reminder: int | None = None) -> None:
        try:
            for each in due:
                await self._queue.enqueue_job(
                    JOB,
                    str(each.workspace_id),
                    str(each.id),
                    _job_id=None if reminder is None else f"{each.id}:{reminder}",
                )
        except (RedisError, OSError) as error:
            log.warning("doorbell_silent", due=len(due), error=repr(error))
