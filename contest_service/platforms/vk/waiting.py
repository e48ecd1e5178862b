"""A call that waits in a lane: in what company it travels, and whether it is tried once more.

Pure but for the chance in its pauses. VK's failures that pass are asked again with growing pauses;
being too fast is no failure; a bundle that is too much is made smaller until each call is alone.
"""

import asyncio
import secrets
from dataclasses import dataclass

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import errors
from contest_service.platforms.vk.calls import MOST_AT_ONCE, Call
from contest_service.platforms.vk.errors import VkError

TRIES = 5
"""Further ones, after the first."""
MOST_TOO_FAST = 40
"""Refusals for being too fast, about a minute of them, until a call is given up."""
_LONGEST_TOO_FAST = 2.0
_LONGEST = 16.0


class Flight:
    """One request, from its departure to its answer, by the event loop's clock."""

    def __init__(self, left_at: float) -> None:
        self.left_at = left_at
        self.back_at = left_at


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The JSON of one call's answer, as received, and when it was made."""

    body: bytes
    flight: Flight
    place: int = 0
    """Within its flight: VK carries the calls of a bundle out in their order."""

    def is_surely_before(self, other: "Answer") -> bool:
        """Whether this answer was certainly made before the other."""
        if self.flight is other.flight:
            return self.place < other.place
        return self.flight.back_at <= other.flight.left_at


class Waiting:
    """One call, and whoever waits for it."""

    def __init__(self, call: Call, *, once: bool) -> None:
        """With `once` it travels alone, and again only if it was certainly not carried out."""
        self.call = call
        self.future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.company = 1 if once else MOST_AT_ONCE
        """With how many it may travel, itself included."""
        self._once = once
        self._failures = 0
        self._too_fast = 0
        self._was_halved = False

    def succeed(self, answer: Answer) -> None:
        """Hand the answer over, if anybody still waits."""
        if not self.future.done():
            self.future.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Hand a failure over, if anybody still waits."""
        if not self.future.done():
            self.future.set_exception(error)

    def next_try(
        self, error: PlatformError, *, size: int, interval: float, first_pause: float
    ) -> float | None:
        """Say in how many seconds to try again after `error`; None if it is final.

        `size` is in what company the call travelled, `interval` the least between two departures.
        """
        code = error.code if isinstance(error, VkError) else None
        if code == errors.TOO_FAST:
            self._too_fast += 1
            pause = min(interval * (1 << min(self._too_fast, 10)), _LONGEST_TOO_FAST)
            return pause if self._too_fast < MOST_TOO_FAST else None
        if self._once:
            return None
        if size > 1:
            self.company = max(1, size // 2)
            if _is_too_much(error) or (code == errors.TIMED_OUT and not self._was_halved):
                self._was_halved = True
                return 0.0
        if error.kind is not FailureKind.UNREACHABLE:
            return None
        self._failures += 1
        if self._failures > TRIES:
            return None
        # Between half the pause and the whole, so that workers do not come back together.
        whole = min(first_pause * (1 << (self._failures - 1)), _LONGEST)
        return whole * (0.5 + secrets.randbelow(501) / 1000)


def _is_too_much(error: PlatformError) -> bool:
    """Whether a smaller bundle may do: its script failed, or its answer was too long."""
    if isinstance(error, VkError):
        return error.code == errors.SCRIPT_FAILED
    return error.kind is FailureKind.MALFORMED
