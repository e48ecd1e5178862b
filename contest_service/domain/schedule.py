"""When a contest opens, closes, freezes and draws. Times are aware and in whole seconds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from contest_service.domain.errors import Fault

MIN_LEAD = 600
"""Seconds between freeze and round that a real contest needs at least (drawproof/1, section 5)."""


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
        return self.draw_at - timedelta(seconds=self.min_lead)

    @property
    def frozen_at(self) -> datetime:
        """The moment of the freeze, given or derived, in whole seconds."""
        if self.freeze_at is not None:
            return self.freeze_at
        between = self.latest_freeze - self.closes_at
        return (self.closes_at + between / 2).replace(microsecond=0)


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
        if time is None:
            continue
        if time.tzinfo is None:
            fault(field, "give the offset from UTC too, as in 2026-05-03T14:00:00+03:00")
        elif time.microsecond:
            fault(field, "give whole seconds")
    try:
        ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fault("zone", "is not an IANA time zone such as Europe/Moscow")
    lowest = 1 if practice else MIN_LEAD
    if not lowest <= schedule.min_lead <= 30 * 86400:
        fault("min_lead", f"must lie between {lowest} and {30 * 86400} seconds")
    if faults:
        return faults
    if schedule.opens_at >= schedule.closes_at:
        fault("closes_at", "must be after opens_at")
    if schedule.closes_at > schedule.latest_freeze:
        fault("draw_at", f"must be at least {schedule.min_lead} seconds after closes_at")
    elif not schedule.closes_at <= schedule.frozen_at <= schedule.latest_freeze:
        fault(
            "freeze_at",
            f"must lie between closes_at and {schedule.min_lead} seconds before draw_at",
        )
    return faults
