"""Paces: minutes in which far more happened than around them, and then nothing more.

A contest has a pace of its own, which changes all day, and honest crowds come at once: when the
post is new, or when a larger page has named it. They come within a minute, but they go slowly: half
an hour later there are still more than usual. Who is paid by the hundred comes and is gone. So a
minute is compared with the half hour before it and with the half hour after it, and with the busier
of both; and where that half hour is not over yet, nothing is said.
"""

from collections import defaultdict
from collections.abc import Mapping
from statistics import median

import msgspec

APART = 4
"""Minutes on both sides that are left out: a burst may last for some."""
AROUND = 30
"""Minutes on each side that say what is usual."""
FEWEST = 15
"""What happens in one minute at least for it to be called a burst."""
TIMES = 5
"""So many times as much as usual."""


class Burst(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a minute, and what was usual around it."""

    count: int
    usual: int


Place = int
Minute = int
Bursts = Mapping[tuple[Place, Minute], Burst]


def find_bursts(counts: Mapping[tuple[Place, Minute], int], *, until: Minute) -> Bursts:
    """Find the bursts among counts by list of actions and minute; nothing is known from `until`."""
    by_place: dict[Place, dict[Minute, int]] = defaultdict(dict)
    for (place, minute), count in counts.items():
        by_place[place][minute] = count
    return {
        (place, minute): Burst(count=count, usual=usual)
        for place, minutes in by_place.items()
        for minute, count in minutes.items()
        if count >= FEWEST and minute + APART + AROUND < until
        if count >= TIMES * max(1, usual := _usual(minutes, minute))
    }


def _usual(minutes: Mapping[Minute, int], minute: Minute) -> int:
    before = range(minute - APART - AROUND, minute - APART)
    after = range(minute + APART + 1, minute + APART + AROUND + 1)
    return int(max(median(minutes.get(m, 0) for m in side) for side in (before, after)))
