"""Quotas of platforms' credentials, kept in Redis, so that all processes share them.

Whoever wants to send takes the next free moment of a key and waits for it: two moments are never
closer than the interval, whoever takes them. A Redis that lost everything only forgets the last
moment; one that is away stops sending, since a limit that is exceeded costs more than a pause.
"""

import asyncio
from collections.abc import Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contest_service.platforms.base import PausedError
from contest_service.platforms.errors import FailureKind, PlatformError

log = structlog.get_logger(__name__)

# Redis's own clock, in microseconds; a number is written out, since Lua would round it.
_ENTER = """
for place = 2, #KEYS do
    local left = redis.call('PTTL', KEYS[place])
    if left > 0 then return {1, left * 1000} end
end
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local interval = tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', at + interval),
    'PX', math.ceil((at + interval - now) / 1000))
return {0, at - now}
"""
_PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
"""
_MICROSECONDS = 1_000_000


class RedisLimiter:
    """A `platforms.base.Limiter` for all processes on one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._enter = redis.register_script(_ENTER)
        self._pause = redis.register_script(_PAUSE)

    async def enter(self, key: str, *, interval: float, gates: Sequence[str] = ()) -> None:
        """Wait for the next free moment of `key`, as `Limiter.enter` says."""
        keys = [f"quota:{key}", *(f"pause:{gate}" for gate in (key, *gates))]
        try:
            is_paused, wait = await self._enter(keys, [round(interval * _MICROSECONDS)])
        except (RedisError, OSError) as error:
            log.warning("quota_unknown", error=repr(error))
            raise PlatformError(
                FailureKind.UNREACHABLE,
                "Redis does not answer, so nobody knows how much of the quota is used.",
            ) from None
        if is_paused:
            raise PausedError(wait / _MICROSECONDS)
        await asyncio.sleep(wait / _MICROSECONDS)

    async def pause(self, key: str, seconds: float) -> None:
        """Let nobody enter by this key or gate for so long; a longer pause stays."""
        try:
            await self._pause([f"pause:{key}"], [max(1, round(seconds * 1000))])
        except (RedisError, OSError) as error:
            # Others find out by themselves what this process was just told.
            log.warning("pause_not_shared", error=repr(error))
