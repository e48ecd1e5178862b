"""How often a token may ask: so many requests in any second, so many of a method in a day.

Owns the counters of both, and what was really asked, for whoever measures. Rates are of real time,
since they are about real requests; daily amounts are of the world's clock. Either can be switched
off.
"""

from collections import Counter, deque
from collections.abc import Callable

import msgspec

from contest_service.sandbox.vk.errors import VkError
from contest_service.sandbox.vk.records import Kind

_SECOND = 1.0
_DAY = 86_400


class Rates(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Requests per second by kind of token, 0 for no limit; amounts per day by method."""

    user: int = 3
    service: int = 3
    group: int = 20
    daily: dict[str, int] = msgspec.field(default_factory=lambda: {"wall.get": 5000})

    def of(self, kind: Kind) -> int:
        """Return the rate of one kind of token."""
        return {"user": self.user, "service": self.service, "group": self.group}[kind]


class Asked(msgspec.Struct, kw_only=True):
    """What one token asked."""

    requests: int = 0
    refused: int = 0
    """Of them, over the rate (error 6)."""
    calls: Counter[str] = msgspec.field(default_factory=Counter)
    """Calls by method; those inside an `execute` count as their own methods too."""
    most_in_a_second: int = 0


class Limits:
    """Counts, and refuses what is too much."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self.rates = Rates()
        self.asked: dict[str, Asked] = {}
        self._ticks = ticks
        self._granted: dict[str, deque[float]] = {}
        self._seen: dict[str, deque[float]] = {}
        self._days: Counter[tuple[int, str, str]] = Counter()

    def admit(self, token: str, kind: Kind) -> None:
        """Count a request. Raises VkError 6 if its token has had its share of this second."""
        now, asked = self._see(token)
        granted = _recent(self._granted, token, now)
        most = self.rates.of(kind)
        if 0 < most <= len(granted):
            asked.refused += 1
            raise VkError(6)
        granted.append(now)

    def count(self, token: str, method: str, *, at: float) -> None:
        """Count a call. Raises VkError 29 if the token has had its share of the method today."""
        self.of(token).calls[method] += 1
        most = self.rates.daily.get(method)
        if most is not None:
            day = int(at) // _DAY, token, method
            if self._days[day] >= most:
                raise VkError(29)
            self._days[day] += 1

    def notice(self, token: str, method: str) -> None:
        """Count a request that is not carried out."""
        _, asked = self._see(token)
        asked.calls[method] += 1

    def of(self, token: str) -> Asked:
        """Return what a token has asked so far."""
        return self.asked.setdefault(token, Asked())

    def _see(self, token: str) -> tuple[float, Asked]:
        now, asked = self._ticks(), self.of(token)
        asked.requests += 1
        seen = _recent(self._seen, token, now)
        seen.append(now)
        asked.most_in_a_second = max(asked.most_in_a_second, len(seen))
        return now, asked

    def forget(self) -> None:
        """Begin all counters anew."""
        self.asked.clear()
        self._granted.clear()
        self._seen.clear()
        self._days.clear()


def _recent(times: dict[str, deque[float]], token: str, now: float) -> deque[float]:
    """Return a token's times of the last second only."""
    kept = times.setdefault(token, deque())
    while kept and kept[0] <= now - _SECOND:
        kept.popleft()
    return kept
