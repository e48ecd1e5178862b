"""The quota of a credential, as all processes share it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator

import pytest
from patience import PATIENCE
from redis.asyncio import Redis

from contest_service.platforms.base import PausedError
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.quota import RedisLimiter

INTERVAL = 0.05
ENTRIES = 12
_PROGRAM = """
import asyncio, sys, time
from redis.asyncio import Redis
from contest_service.quota import RedisLimiter

async def main(url, count, interval):
    async with Redis.from_url(url) as redis:
        limiter = RedisLimiter(redis)
        for _ in range(count):
            await limiter.enter("token", interval=interval)
            print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
"""


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as opened:
        yield opened


@pytest.fixture
def limiter(redis: Redis) -> RedisLimiter:
    return RedisLimiter(redis)


async def _entries_of_another_process(redis_url: str) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, redis_url, str(ENTRIES), str(INTERVAL)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return [float(line) for line in printed.split()]


async def test_two_processes_together_keep_within_one_quota(redis_url: str) -> None:
    found = await asyncio.gather(*(_entries_of_another_process(redis_url) for _ in range(2)))
    moments = sorted(moment for each in found for moment in each)
    assert len(moments) == 2 * ENTRIES
    # A process may be woken late, and never early: over any stretch there are no more than allowed.
    for first, later in zip(moments, moments[10:], strict=False):
        assert later - first > 10 * INTERVAL - 2 * INTERVAL
    assert moments[-1] - moments[0] > (2 * ENTRIES - 2) * INTERVAL


async def test_calls_that_come_at_once_are_spread(limiter: RedisLimiter) -> None:
    start = time.monotonic()
    await asyncio.gather(*(limiter.enter("token", interval=INTERVAL) for _ in range(5)))
    assert time.monotonic() - start > 4 * INTERVAL - 0.001


async def test_other_keys_do_not_wait(limiter: RedisLimiter) -> None:
    await limiter.enter("one", interval=3600)
    await asyncio.wait_for(limiter.enter("other", interval=3600), timeout=5)


async def test_whoever_is_paused_is_told_for_how_long_and_takes_no_moment(
    limiter: RedisLimiter,
) -> None:
    await limiter.pause("token:likes.getList", 60)
    with pytest.raises(PausedError) as paused:
        await limiter.enter("token", interval=3600, gates=["token:likes.getList"])
    assert 55 < paused.value.seconds <= 60
    await asyncio.wait_for(
        limiter.enter("token", interval=3600, gates=["token:users.get"]), timeout=5
    )


async def test_a_key_can_be_paused_as_a_whole(limiter: RedisLimiter) -> None:
    await limiter.pause("token", 60)
    with pytest.raises(PausedError):
        await limiter.enter("token", interval=0.01)


async def test_a_shorter_pause_does_not_end_a_longer_one(limiter: RedisLimiter) -> None:
    await limiter.pause("token", 60)
    await limiter.pause("token", 1)
    with pytest.raises(PausedError) as paused:
        await limiter.enter("token", interval=0.01)
    assert paused.value.seconds > 30


async def test_a_pause_ends(limiter: RedisLimiter) -> None:
    await limiter.pause("token", 0.05)
    await asyncio.sleep(0.1)
    await limiter.enter("token", interval=0.01)


async def test_a_pause_is_ended_by_hand(limiter: RedisLimiter) -> None:
    await limiter.pause("token", 60)
    await limiter.pause("other", 60)
    await limiter.resume(["token", "unknown"])
    await limiter.resume([])
    await limiter.enter("token", interval=0.01)
    assert set(await limiter.pauses(["token", "other"])) == {"other"}


async def test_without_redis_nothing_is_sent() -> None:
    async with Redis.from_url("redis://127.0.0.1:9") as redis:
        limiter = RedisLimiter(redis)
        with pytest.raises(PlatformError) as failure:
            await limiter.enter("token", interval=0.01)
        assert failure.value.kind is FailureKind.UNREACHABLE
        await limiter.pause("token", 1)


async def test_keys_leave_nothing_behind(limiter: RedisLimiter, redis: Redis) -> None:
    await limiter.enter("token", interval=0.01)
    await limiter.pause("token", 0.01)
    async with asyncio.timeout(PATIENCE):
        while await redis.keys("*"):  # noqa: ASYNC110 # Redis tells nobody
            await asyncio.sleep(0.1)


async def test_it_is_told_what_left_and_what_waits(limiter: RedisLimiter) -> None:
    nothing = await limiter.usage("token")
    assert (nothing.last_second, nothing.waiting, nothing.calls) == (0, 0, {})
    await limiter.enter("token", interval=3600)
    waiting = asyncio.ensure_future(limiter.enter("token", interval=3600))
    async with asyncio.timeout(PATIENCE):
        while not (await limiter.usage("token")).waiting:  # noqa: ASYNC110 # it tells nobody
            await asyncio.sleep(0.01)
    waiting.cancel()
    await limiter.note("token", {"likes.getList": 20, "wall.get": 1})
    await limiter.note("token", {"likes.getList": 5})
    told = await limiter.usage("token")
    assert told.waiting == 1
    assert told.calls == {"likes.getList": 25, "wall.get": 1}


async def test_a_pause_says_why_to_everybody(limiter: RedisLimiter, redis: Redis) -> None:
    keys = ["token", "token:wall.get", "token:likes.getList"]
    assert await limiter.pauses(keys) == {}
    assert await limiter.pauses([]) == {}
    await limiter.pause("token:wall.get", 60, why="The day's amount is used up.")
    paused = await RedisLimiter(redis).pauses(keys)
    assert list(paused) == ["token:wall.get"]
    assert 50 < paused["token:wall.get"].seconds <= 60
    assert paused["token:wall.get"].why == "The day's amount is used up."
    with pytest.raises(PausedError) as told:
        await limiter.enter("token", interval=0.01, gates=["token:wall.get"])
    assert told.value.why == "The day's amount is used up."
