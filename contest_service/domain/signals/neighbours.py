"""Neighbours: ids that stand closer together than chance would put them.

Platforms that number accounts in the order of their registration give accounts that somebody made
in one go ids that are near each other. Entrants come from all over the range, so how many ids are
usual in a stretch follows from a far wider stretch around it, and not from the whole range: a
contest for the young has more new accounts than old ones, and nothing follows from that. Where
nearly all ids stand side by side, as on a practice network, nothing follows from any of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from contest_service.domain.signals.chances import rarity

REACHES = (50, 1_000, 20_000)
"""How far from an id is near: accounts made in minutes, in an hour, in some hours or a day."""
WIDER = 500
"""The stretch that is compared with is so many times wider."""
FEWEST = 4
"""Others who have to be near."""
_NEARLY_ALL = 0.95
_SIDE_BY_SIDE = 3


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """How many others are near an id, within what reach, and how unlikely that is."""

    others: int
    reach: int
    rare: float


class Neighbourhood:
    """The numeric ids of all who take part on one platform."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = sorted(numbers)
        gaps = sorted(after - before for before, after in pairwise(self._numbers))
        self._is_dense = not gaps or gaps[int(_NEARLY_ALL * (len(gaps) - 1))] <= _SIDE_BY_SIDE

    def near(self, number: int) -> Near | None:
        """Return the most unlikely crowd around an id; None where nobody is near."""
        found: Near | None = None
        if self._is_dense:
            return None
        for reach in REACHES:
            others = self._between(number, reach) - 1
            if others < FEWEST:
                continue
            # Who is near would hide in what they are compared with, so they are left out of it.
            far = self._between(number, reach * WIDER) - 1 - others
            usual = max(far, 1) * 2 * reach / self._stretch(number, reach)
            rare = rarity(others, usual)
            if found is None or rare > found.rare:
                found = Near(others=others, reach=reach, rare=rare)
        return found

    def _stretch(self, number: int, reach: int) -> int:
        """How long the wider stretch is, within the ids that there are, without the near one."""
        first = max(number - reach * WIDER, self._numbers[0])
        last = min(number + reach * WIDER, self._numbers[-1])
        return max(last - first - 2 * reach, 2 * reach)

    def _between(self, number: int, reach: int) -> int:
        first = bisect_left(self._numbers, number - reach)
        return bisect_right(self._numbers, number + reach) - first
