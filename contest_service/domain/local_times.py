"""Local times: what a clock on a wall shows, as people type it, and the moments that it means.

Where clocks go forward some times never come, and where they go back some come twice. Pure.
"""

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec


class LocalTime(msgspec.Struct, frozen=True, kw_only=True):
    """The moments that a local time means: one, none where it is skipped, or two, earlier first.

    `skipped_to` is the moment at which clocks go forward over it.
    """

    moments: tuple[datetime, ...]
    skipped_to: datetime | None = None


def read_local(shown: datetime, zone: str) -> LocalTime | None:
    """Find the moments, in UTC, at which clocks of a zone show a time; `shown` has no offset.

    None in the first and the last year that a datetime can tell, since elsewhere it is another one.
    """
    if not MINYEAR < shown.year < MAXYEAR:
        return None
    there = ZoneInfo(zone)
    earlier, later = (shown.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier == later:
        return LocalTime(moments=(earlier,))
    if earlier.astimezone(there).replace(tzinfo=None) == shown:
        return LocalTime(moments=(earlier, later))
    return LocalTime(moments=(), skipped_to=_change(later, earlier, there))


def show_local(moment: datetime, zone: str) -> datetime:
    """What clocks of a zone show at a moment, without an offset."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second, between two moments in UTC, from which the zone's offset is another one."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
