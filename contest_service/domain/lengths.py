"""Lengths: a schedule without its times, from which new contests get theirs. Pure.

A length of a day or more is told by the clock of the contest's zone, so that what closed at six
closes at six also where clocks changed in between; a shorter one is told in seconds that pass.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from contest_service.domain.contest import LEAST_CLAIM, Definition
from contest_service.domain.schedule import MIN_LEAD, Schedule

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """How long a contest runs, and when after its close the list is fixed and drawn, in seconds.

    `until_freeze` is null where the freeze follows from close and draw.
    """

    runs: int
    until_freeze: int | None
    until_draw: int
    min_lead: int
    zone: str


def lengths_of(schedule: Schedule) -> Lengths:
    """The lengths of a schedule without faults."""
    closes_at, zone = schedule.closes_at, schedule.zone
    freeze_at = schedule.freeze_at
    return Lengths(
        runs=_length(schedule.opens_at, closes_at, zone),
        until_freeze=None if freeze_at is None else _length(closes_at, freeze_at, zone),
        until_draw=_length(closes_at, schedule.draw_at, zone),
        min_lead=schedule.min_lead,
        zone=zone,
    )


def schedule_from(lengths: Lengths, opens_at: datetime) -> Schedule:
    """Make a schedule without faults that opens at an aware time of whole seconds.

    The draw comes later where change of clocks would leave it less than the lead.
    """
    closes_at = _later(opens_at, lengths.runs, lengths.zone)
    freeze_at = (
        None
        if lengths.until_freeze is None
        else _later(closes_at, lengths.until_freeze, lengths.zone)
    )
    earliest = (freeze_at or closes_at) + timedelta(seconds=lengths.min_lead)
    return Schedule(
        opens_at=opens_at,
        closes_at=closes_at,
        freeze_at=freeze_at,
        draw_at=max(_later(closes_at, lengths.until_draw, lengths.zone), earliest),
        min_lead=lengths.min_lead,
        zone=lengths.zone,
    )


def opens_again(schedule: Schedule, *, now: datetime) -> datetime:
    """The same weekday and hour by the clock of the zone, at least a day after `now`."""
    zone = ZoneInfo(schedule.zone)
    opened = _wall(schedule.opens_at, zone)
    weeks = (_wall(now, zone) - opened) // _WEEK
    while (again := _placed(opened + weeks * _WEEK, zone)) < now + _DAY:
        weeks += 1
    return again


def made_anew(definition: Definition, *, opens_at: datetime, practice: bool) -> Definition:
    """Give a definition without faults to a new contest that opens at another time.

    What was practice and becomes real gets the lead and the time to claim that it needs at least.
    """
    lengths, claim_within = lengths_of(definition.schedule), definition.claim_within
    if not practice:
        lengths = msgspec.structs.replace(lengths, min_lead=max(MIN_LEAD, lengths.min_lead))
        claim_within = None if claim_within is None else max(LEAST_CLAIM, claim_within)
    return msgspec.structs.replace(
        definition, schedule=schedule_from(lengths, opens_at), claim_within=claim_within
    )


def _length(start: datetime, end: datetime, zone: str) -> int:
    passed = end - start
    place = ZoneInfo(zone)
    length = passed if passed < _DAY else _wall(end, place) - _wall(start, place)
    return int(length.total_seconds())


def _later(start: datetime, seconds: int, zone: str) -> datetime:
    length, place = timedelta(seconds=seconds), ZoneInfo(zone)
    if length < _DAY:
        return start.astimezone(UTC) + length
    return _placed(_wall(start, place) + length, place)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _placed(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
