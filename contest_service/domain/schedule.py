"""When a contest opens, closes, freezes and draws. Times are aware and in whole seconds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from contest_service.domain.errors import Fault

MIN_LEAD = 600
"""Seconds between freeze and round that a real contest needs at least (drawproof/1, section 5)."""
MOST_LEAD = 30 * 86400

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_NO_PLACES = frozenset({"posix", "right", "posixrules", "localtime", "Factory"})
"""What lies beside the zones in a system's database and is none, or counts leap seconds."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The times of a contest.

    `min_lead` is in seconds. Where `freeze_at` is not given it lies half way between the close and
    the latest moment that the lead allows, so that appeals and late scans have room on both sides.
    """

    opens_at: datetime
    closes_at: datetime
    draw_at: datetime
    zone: str = "UTC"
    min_lead: int = MIN_LEAD
    freeze_at: datetime | None = None

    @property
    def latest_freeze(self) -> datetime:
        return self.draw_at.astimezone(UTC) - timedelta(seconds=self.min_lead)

    @property
    def frozen_at(self) -> datetime:
        """The moment of the freeze, given or derived, in whole seconds."""
        if self.freeze_at is not None:
            return self.freeze_at
        closes_at = self.closes_at.astimezone(UTC)
        return (closes_at + (self.latest_freeze - closes_at) / 2).replace(microsecond=0)


def unix(moment: datetime) -> int:
    """Whole unix seconds of an aware time, rounded down."""
    return int(moment.timestamp() // 1)


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def schedule_faults(schedule: Schedule, *, practice: bool) -> list[Fault]:
    """Everything that contradicts itself in a schedule, whatever the present time is."""
    faults: list[Fault] = []

    def fault(field: str, detail: str) -> None:
        faults.append(Fault(pointer=f"/schedule/{field}", detail=detail))

    for field in ("opens_at", "closes_at", "freeze_at", "draw_at"):
        time = getattr(schedule, field)
        if time is not None and (detail := time_fault(time)):
            fault(field, detail)
    comparable = not faults
    if not _is_zone(schedule.zone):
        fault("zone", "is not an IANA time zone such as Europe/Moscow")
    lowest = 1 if practice else MIN_LEAD
    lead_fits = lowest <= schedule.min_lead <= MOST_LEAD
    if not lead_fits:
        fault("min_lead", f"must lie between {lowest} and {MOST_LEAD} seconds")
    if comparable and schedule.opens_at >= schedule.closes_at:
        fault("closes_at", "must be after opens_at")
    if comparable and lead_fits:
        faults += _freeze_faults(schedule)
    return faults


def _freeze_faults(schedule: Schedule) -> list[Fault]:
    """What leaves no room for the freeze between the close and the draw."""
    lead, latest = schedule.min_lead, schedule.latest_freeze
    faults: list[Fault] = []
    if schedule.closes_at > latest:
        detail = f"must be at least {lead} seconds after closes_at"
        faults.append(Fault(pointer="/schedule/draw_at", detail=detail))
    if schedule.freeze_at is not None and schedule.freeze_at < schedule.closes_at:
        detail = "must not be before closes_at"
        faults.append(Fault(pointer="/schedule/freeze_at", detail=detail))
    elif schedule.freeze_at is not None and schedule.freeze_at > latest:
        detail = f"must be at least {lead} seconds before draw_at"
        faults.append(Fault(pointer="/schedule/freeze_at", detail=detail))
    return faults


def time_fault(time: datetime) -> str:
    """What is wrong with a time that a person gave; empty if nothing is."""
    if time.tzinfo is None:
        return "give the offset from UTC too, as in 2026-05-03T14:00:00+03:00"
    if not _EARLIEST <= time < _LATEST:
        return f"must lie between the years {_EARLIEST.year} and {_LATEST.year}"
    if time.microsecond:
        return "give whole seconds"
    return ""


def _is_zone(zone: str) -> bool:
    if zone.split("/")[0] in _NO_PLACES:
        return False
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
