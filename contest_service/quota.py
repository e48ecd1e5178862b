"""Quotas of platforms' credentials, kept in Redis, so that all processes share them.

Whoever wants to send takes the next free moment of a key and waits for it: two moments are never
closer than the interval, whoever takes them. A Redis that lost everything only forgets the last
moment; one that is away stops sending, since a limit that is exceeded costs more than a pause.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.platforms.base import Pause, PausedError, Usage
from contest_service.platforms.errors import FailureKind, PlatformError

log = structlog.get_logger(__name__)

# Redis's own clock, in microseconds; a number is written out, since Lua would round it. The moments
# that were given out stay for a second, for whoever wants to know.
_ENTER = """
for place = 3, #KEYS do
    local left = redis.call('PTTL', KEYS[place])
    if left > 0 then return {1, left * 1000, redis.call('GET', KEYS[place]) or ''} end
end
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local interval = tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', at + interval),
    'PX', math.ceil((at + interval - now) / 1000))
redis.call('LPUSH', KEYS[2], string.format('%.0f', at))
redis.call('LTRIM', KEYS[2], 0, 99)
redis.call('PEXPIRE', KEYS[2], math.ceil((at - now) / 1000) + 1000)
return {0, at - now, ''}
"""
_PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
end
"""
_MICROSECONDS = 1_000_000
_HOUR = 3600
_HOURS = 24
"""For which calls are counted, by the hour."""


class RedisLimiter:
    """A `platforms.base.Limiter` for all processes on one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._enter = redis.register_script(_ENTER)
        self._pause = redis.register_script(_PAUSE)

    async def enter(self, key: str, *, interval: float, gates: Sequence[str] = ()) -> None:
        """Wait for the next free moment of `key`, as `Limiter.enter` says."""
        pauses = [_pause_of(gate) for gate in (key, *gates)]
        keys = [f"quota:{key}", f"moments:{key}", *pauses]
        try:
            is_paused, wait, why = await self._enter(keys, [round(interval * _MICROSECONDS)])
        except (RedisError, OSError) as error:
            raise _unknown(error) from None
        if is_paused:
            raise PausedError(wait / _MICROSECONDS, why.decode())
        await asyncio.sleep(wait / _MICROSECONDS)

    async def pause(self, key: str, seconds: float, *, why: str = "") -> None:
        """Let nobody enter by this key or gate for so long; a longer pause stays."""
        try:
            await self._pause([_pause_of(key)], [max(1, round(seconds * 1000)), why])
        except (RedisError, OSError) as error:
            # Others find out by themselves what this process was just told.
            log.warning("pause_not_shared", error=repr(error))

    async def resume(self, keys: Sequence[str]) -> None:
        """End the pauses of these keys and gates."""
        if not keys:
            return
        try:
            await self._redis.delete(*[_pause_of(key) for key in keys])
        except (RedisError, OSError) as error:
            raise _unknown(error) from None

    async def note(self, key: str, calls: Mapping[str, int]) -> None:
        """Count what left by this key, by name, for a day."""
        hour = _calls_of(key, int(time.time()) // _HOUR)
        pipeline = self._redis.pipeline(transaction=False)
        for name, count in calls.items():
            pipeline.hincrby(hour, name, count)
        pipeline.expire(hour, (_HOURS + 1) * _HOUR)
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            log.warning("calls_not_counted", error=repr(error))

    async def usage(self, key: str) -> Usage:
        """Say how much a key was used in the last second, and in the last day by the hour."""
        hour = int(time.time()) // _HOUR
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.time()
        pipeline.lrange(f"moments:{key}", 0, -1)
        for past in range(_HOURS):
            pipeline.hgetall(_calls_of(key, hour - past))
        try:
            told, moments, *hours = await pipeline.execute()
        except (RedisError, OSError) as error:
            raise _unknown(error) from None
        now = told[0] * _MICROSECONDS + told[1]
        ages = [now - int(moment) for moment in moments]
        calls: Counter[str] = Counter()
        for each in hours:
            calls.update({name.decode(): int(count) for name, count in each.items()})
        return Usage(
            last_second=sum(0 <= age < _MICROSECONDS for age in ages),
            waiting=sum(age < 0 for age in ages),
            calls=calls,
        )

    async def pauses(self, keys: Sequence[str]) -> Mapping[str, Pause]:
        """Say which of these keys and gates are paused."""
        if not keys:
            return {}
        try:
            whys = await self._redis.mget([_pause_of(key) for key in keys])
            paused = {key: why for key, why in zip(keys, whys, strict=True) if why is not None}
            pipeline = self._redis.pipeline(transaction=False)
            for key in paused:
                pipeline.pttl(_pause_of(key))
            left = await pipeline.execute()
        except (RedisError, OSError) as error:
            raise _unknown(error) from None
        return {
            key: Pause(seconds=milliseconds / 1000, why=why.decode())
            for (key, why), milliseconds in zip(paused.items(), left, strict=True)
            if milliseconds > 0
        }


def _pause_of(gate: str) -> str:
    return f"pause:{gate}"


def _calls_of(key: str, hour: int) -> str:
    return f"calls:{key}:{hour}"


def _unknown(error: Exception) -> PlatformError:
    log.warning("quota_unknown", error=repr(error))
    return PlatformError(
        FailureKind.UNREACHABLE,
        "Redis does not answer, so nobody knows how much of the quota is used.",
    )
