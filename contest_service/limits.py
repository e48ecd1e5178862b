"""Rate limits, counted in Redis so that all API processes share them.

A fixed window a minute long for each token, and for each address that comes without a valid one.
Without Redis nobody is limited: that is logged, and asked again after a pause.
"""

import ipaddress
import time

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

WINDOW = 60
"""Seconds."""
_PAUSE = 5.0
"""Seconds without asking, once Redis did not answer."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to somebody in the present window. `reset` is in seconds."""

    limit: int
    remaining: int
    reset: int
    is_exceeded: bool

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers, and when to come back."""
        fields = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return fields | ({"Retry-After": str(self.reset)} if self.is_exceeded else {})


class Limiter:
    """Counts requests."""

    def __init__(self, redis: Redis, limit: int) -> None:
        self._redis = redis
        self._limit = limit
        self._resume_at = 0.0

    async def count(self, who: str, *, limit: int | None = None) -> Allowance | None:
        """Count one request of `who`, by default against the limit of all; None if it cannot be."""
        limit = self._limit if limit is None else limit
        if time.monotonic() < self._resume_at:
            return None
        key = f"limit:{who}"
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=WINDOW, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
                _, count, reset = await pipe.execute()
        except (RedisError, OSError) as error:
            self._resume_at = time.monotonic() + _PAUSE
            log.warning("rate_limits_off", seconds=_PAUSE, error=repr(error))
            return None
        return Allowance(
            limit=limit,
            remaining=max(0, limit - count),
            reset=max(1, reset),
            is_exceeded=count > limit,
        )


def by_address(host: str | None) -> str:
    """Who an address is to the limits: itself, or its /64, which one subscriber has in IPv6."""
    if host is None:
        return "address:unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "address:unknown"
    if address.version == 6:
        return f"address:{ipaddress.ip_network((address, 64), strict=False).network_address}"
    return f"address:{address}"
