"""A worker process: arq on the service's own parts, and a sweep every second."""

import asyncio
import logging
from datetime import UTC

from arq import cron, func
from arq.worker import Worker
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.assembly import open_redis, open_runtime
from contest_service.doorbell import JOB, Doorbell, decode_job, encode_job, open_queue
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
                    cron(jobs.tidy, minute={7}, keep_result=0, max_tries=1),
                ],
                redis_pool=queue,
                ctx={"runtime": runtime, "doorbell": Doorbell(queue)},
                job_serializer=encode_job,
                job_deserializer=decode_job,
                timezone=UTC,
                max_jobs=AT_ONCE,
                job_timeout=JOB_TIMEOUT,
                job_completion_wait=GRACE,
                keep_result=0,
                poll_delay=0.2,
                health_check_key=HEALTH_KEY,
                health_check_interval=HEALTH_EVERY,
                handle_signals=True,
                log_results=False,
            )
            await _run(worker)
    finally:
        await redis.aclose()


async def _run(worker: Worker) -> None:
    try:
        await worker.async_run()
    except asyncio.CancelledError:
        # A signal: arq has let its jobs finish, or cancelled them after the grace period.
        pass
    finally:
        await worker.close()


async def is_alive(redis: Redis) -> bool:
    """Whether a worker gave a sign of life within the last seconds."""
    try:
        return await redis.get(HEALTH_KEY) is not None
    except (RedisError, OSError):
        return False
