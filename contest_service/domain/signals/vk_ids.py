"""When a VK account was made, estimated from its id: VK's API does not tell, but ids grow.

The points are the service's published numbers of accounts, which are its highest ids, and later,
where none were published, points that open-source clients of VK interpolate between. Neither is
exact: an estimate is months wide, and a signal, never a condition, may rest on it.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime

import msgspec

READ_ON = date(2026, 11, 27)
"""When the sources were read."""
WIDTH = 120
"""Days by which an estimate may be wrong on either side."""

_COUNTED = "https://en.wikipedia.org/wiki/VK_(service), the number of accounts in its edition of "
_UNOFFICIAL = "unofficial: where open-source clients of VK place this id, to some months"


class Point(msgspec.Struct, frozen=True):
    """An id, the day on which it was the newest one, and who says so."""

    number: int
    day: date
    source: str


POINTS = (
    Point(1, date(2006, 9, 23), "the profile of its founder, who has the id 1"),
    Point(100_000, date(2007, 2, 15), _COUNTED + "2016 for February 2007"),
    Point(100_000_000, date(2010, 11, 24), _UNOFFICIAL),
    Point(239_000_000, date(2014, 1, 15), _COUNTED + "January 2014"),
    Point(280_000_000, date(2014, 11, 1), _COUNTED + "November 2014"),
    Point(369_000_000, date(2016, 6, 15), _COUNTED + "June 2016"),
    Point(500_000_000, date(2018, 8, 15), _COUNTED + "August 2018"),
    Point(600_000_000, date(2020, 5, 15), _UNOFFICIAL),
    Point(700_000_000, date(2022, 1, 15), _UNOFFICIAL),
    Point(800_000_000, date(2023, 9, 1), _UNOFFICIAL),
    Point(900_000_000, date(2025, 3, 1), _UNOFFICIAL),
    Point(1_000_000_000, date(2026, 9, 1), _UNOFFICIAL),
)
_NUMBERS = [point.number for point in POINTS]
_TIMES = [int(datetime(p.day.year, p.day.month, p.day.day, tzinfo=UTC).timestamp()) for p in POINTS]


def created_at(number: int) -> int:
    """Estimate when an id was given, in unix seconds; after the last point, at its pace."""
    at = min(max(bisect_right(_NUMBERS, number), 1), len(_NUMBERS) - 1)
    (low, high), (since, until) = _NUMBERS[at - 1 : at + 1], _TIMES[at - 1 : at + 1]
    return since + (number - low) * (until - since) // (high - low)
