"""How much of a server's rate limit is left, as its answers tell, and when to slow down."""

import asyncio
import email.utils
import time

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Reply

SLOW_BELOW = 0.1
"""The share of the limit below which requests are spread over the time that is left."""

LONGEST_PAUSE = 5.0
"""Seconds for one request; a longer wait is the caller's to plan."""

_FALLBACK_WAIT = 60.0


class _Window(msgspec.Struct, frozen=True, kw_only=True):
    limit: int
    remaining: int
    ends_at: float
    """By the event loop's clock."""


class Quota:
    """What is left of the limits of the servers that one adapter speaks to.

    A server counts a call against the policy that it names in `ratelimit-policy`; several methods
    may share one, and one server has several.
    """

    def __init__(self) -> None:
        self._policies: dict[tuple[str, str], str] = {}
        self._windows: dict[tuple[str, str], _Window] = {}

    async def wait_turn(self, server: str, method: str) -> None:
        """Pause if little is left. Raises PlatformError RATE_LIMITED if nothing is."""
        window = self._windows.get((server, self._policies.get((server, method), "")))
        left = window.ends_at - asyncio.get_running_loop().time() if window else 0.0
        if window is None or left <= 0:
            return
        if window.remaining <= 0:
            raise rate_limited(server, left)
        if window.remaining < window.limit * SLOW_BELOW:
            await asyncio.sleep(min(left / window.remaining, LONGEST_PAUSE))

    def note(self, server: str, method: str, reply: Reply) -> None:
        """Remember what an answer says of the limit it was counted against."""
        try:
            limit = int(reply.headers["ratelimit-limit"])
            remaining = int(reply.headers["ratelimit-remaining"])
            left = float(reply.headers["ratelimit-reset"]) - _their_now(reply)
        except (KeyError, ValueError):
            return
        policy = reply.headers.get("ratelimit-policy", "")
        self._policies[server, method] = policy
        self._windows[server, policy] = _Window(
            limit=limit,
            remaining=remaining,
            ends_at=asyncio.get_running_loop().time() + left,
        )


def rate_limited(server: str, retry_after: float) -> PlatformError:
    """Say that a server's limit is used up for `retry_after` seconds."""
    return PlatformError(
        FailureKind.RATE_LIMITED,
        f"{server} allows no more requests for now; the service goes on by itself in "
        f"{retry_after:.0f} s.",
        retry_after=retry_after,
    )


def seconds_to_wait(reply: Reply) -> float:
    """Read from a refusal when to come back, in seconds: at least one."""
    try:
        wait = float(reply.headers["retry-after"])
    except (KeyError, ValueError):
        try:
            wait = float(reply.headers["ratelimit-reset"]) - _their_now(reply)
        except (KeyError, ValueError):
            wait = _FALLBACK_WAIT
    return max(wait, 1.0)


def _their_now(reply: Reply) -> float:
    """The server's own clock, which its reset time is by; ours if it does not tell."""
    try:
        return email.utils.parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
