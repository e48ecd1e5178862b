"""Rings carry ids alone, come after the commit, and fail in silence."""

from uuid import uuid4

import pytest
from arq import func
from arq.constants import retry_key_prefix
from arq.jobs import Job
from arq.worker import Worker
from redis.asyncio import Redis

from contest_service.doorbell import JOB, Doorbell, decode_job, encode_job, open_queue
from contest_service.store.work import Due, Kind


def due() -> Due:
    return Due(workspace_id=uuid4(), id=uuid4(), kind=Kind.SCAN)


async def jobs(redis: Redis) -> list[tuple[str, tuple[str, ...]]]:
    queue = open_queue(redis)
    keys = [key.decode().removeprefix("arq:job:") for key in await redis.keys("arq:job:*")]
    found = [await Job(key, queue, _deserializer=decode_job).info() for key in keys]
    return [(job.function, tuple(job.args)) for job in found if job is not None]


async def test_a_ring_carries_ids_alone(redis_url: str) -> None:
    wanted = due()
    async with Redis.from_url(redis_url) as redis:
        await Doorbell(open_queue(redis)).ring([wanted])
        assert await jobs(redis) == [(JOB, (str(wanted.workspace_id), str(wanted.id)))]


async def test_reminders_do_not_pile_up_and_rings_are_never_lost(redis_url: str) -> None:
    wanted = due()
    async with Redis.from_url(redis_url) as redis:
        bell = Doorbell(open_queue(redis))
        for _ in range(3):
            await bell.remind([wanted])
        assert len(await jobs(redis)) == 1
        await bell.ring([wanted])
        assert len(await jobs(redis)) == 2


async def test_a_ring_whose_worker_was_killed_is_given_up_in_order(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Redis.from_url(redis_url) as redis:
        queue = open_queue(redis)
        await Doorbell(queue).ring([due()])
        (key,) = await redis.keys("arq:job:*")
        await redis.set(retry_key_prefix + key.decode().removeprefix("arq:job:"), 1)
        worker = Worker(
            functions=[func(unreached, name=JOB, max_tries=1)],
            redis_pool=queue,
            job_serializer=encode_job,
            job_deserializer=decode_job,
            burst=True,
            handle_signals=False,
        )
        await worker.async_run()
    assert worker.jobs_failed == 1
    assert "error serializing result" not in caplog.text


async def unreached(ctx: object, *ids: str) -> None:
    raise AssertionError("A job that was tried before is not tried again.")


async def test_without_redis_it_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as redis:
        await Doorbell(open_queue(redis)).ring([due()])
    assert "doorbell_silent" in capsys.readouterr().out
