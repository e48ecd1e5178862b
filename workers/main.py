"""A worker process: arq on the service's own parts, and a sweep every second."""

import asyncio
import contextlib
import logging
import signal
from datetime import UTC, timedelta

from arq import cron, func
from arq.worker import Worker
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.assembly import open_redis, open_runtime
from contest_service.doorbell import JOB, Doorbell, decode_job, encode_job, open_queue
from contest_service.flows.erase import Retention
from contest_service.settings import Settings
from workers import jobs

HEALTH_KEY = "contest:worker-health"
HEALTH_EVERY = 10
"""Seconds between two signs of life."""
AT_ONCE = 10
"""Jobs of one process; nearly all of their time is spent waiting for networks."""
JOB_TIMEOUT = 600
"""Seconds; a scan hands over long before."""
CONNECTIONS = 2 * AT_ONCE + 2
"""A judge reads through one connection and writes through another."""
_CANCEL_AGAIN = 1.0
"""Seconds."""
GRACE = 20
"""Seconds that running jobs have when the process is asked to stop; the rest is taken up later."""


async def serve(settings: Settings) -> None:
    """Work until a signal comes. Raises as `open_runtime` does."""
    # arq tells of every job at this level, the sweep of every second among them.
    logging.getLogger("arq").setLevel(logging.WARNING)
    redis = open_redis(settings)
    try:
        async with open_runtime(settings, redis, connections=CONNECTIONS) as runtime:
            queue = open_queue(redis)
            worker = Worker(
                functions=[func(jobs.work, name=JOB, keep_result=0, max_tries=1)],
                cron_jobs=[
                    cron(jobs.sweep, second=set(range(60)), keep_result=0, max_tries=1),
                    cron(jobs.find_unsigned, second={30}, keep_result=0, max_tries=1),
                    cron(jobs.tidy, minute={7}, keep_result=0, max_tries=1),
                    cron(jobs.age, minute={17}, keep_result=0, max_tries=1),
                ],
                redis_pool=queue,
                ctx={
                    "runtime": runtime,
                    "doorbell": Doorbell(queue),
                    "retention": _retention(settings),
                },
                job_serializer=encode_job,
                job_deserializer=decode_job,
                timezone=UTC,
                max_jobs=AT_ONCE,
                job_timeout=JOB_TIMEOUT,
                keep_result=0,
                poll_delay=0.2,
                health_check_key=HEALTH_KEY,
                health_check_interval=HEALTH_EVERY,
                handle_signals=False,
                log_results=False,
            )
            await _run(worker)
    finally:
        await redis.aclose()


def _retention(settings: Settings) -> Retention:
    """How long what is personal is kept; no days mean for ever."""

    def age(days: int) -> timedelta | None:
        return timedelta(days=days) if days else None

    return Retention(
        contests=age(settings.retention_days), bodies=age(settings.body_retention_days)
    )


async def _run(worker: Worker) -> None:
    """Work until a signal comes; then let the jobs finish for as long as `GRACE`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    working = asyncio.create_task(worker.async_run())
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await _finish_jobs(worker)
    finally:
        waiting.cancel()
        for job in tuple(worker.tasks.values()):
            await end(job)
        try:
            await end(working)
        finally:
            await worker.close()


async def _finish_jobs(worker: Worker) -> None:
    worker.allow_pick_jobs = False
    if worker.tasks:
        await asyncio.wait(worker.tasks.values(), timeout=GRACE)


async def end(task: "asyncio.Task[None]") -> None:
    """Cancel a task until it has ended. Raises what it failed with.

    Once is not enough: until Python 3.12 `asyncio.wait_for`, through which redis-py writes, forgets
    a cancellation that comes at the moment at which it is done (python/cpython#86296).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_CANCEL_AGAIN)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def is_alive(redis: Redis) -> bool:
    """Whether a worker gave a sign of life within the last seconds."""
    try:
        return await redis.get(HEALTH_KEY) is not None
    except (RedisError, OSError):
        return False
