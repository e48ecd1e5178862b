"""Schedules: the derived freeze, and each contradiction named."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.schedule import (
    MIN_LEAD,
    MOST_LEAD,
    Schedule,
    moment,
    schedule_faults,
    unix,
)
from domain.cases import NOON, schedule

CLOSE = NOON + timedelta(days=7)
DRAW = CLOSE + timedelta(hours=2)
NAIVE = datetime(2026, 5, 3, 12)  # noqa: DTZ001 - a time without an offset is what is refused
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"opens_at": CLOSE}, ["closes_at"]),
        ({"opens_at": CLOSE - SECOND}, []),
        ({"opens_at": DRAW}, ["closes_at"]),
        ({"draw_at": CLOSE}, ["draw_at"]),
        ({"draw_at": CLOSE + timedelta(seconds=MIN_LEAD)}, []),
        ({"draw_at": CLOSE + timedelta(seconds=MIN_LEAD - 1)}, ["draw_at"]),
        ({"min_lead": 7200}, []),
        ({"min_lead": 7201}, ["draw_at"]),
        ({"min_lead": MIN_LEAD - 1}, ["min_lead"]),
        ({"min_lead": MOST_LEAD + 1}, ["min_lead"]),
        ({"min_lead": 10**30}, ["min_lead"]),
        ({"freeze_at": CLOSE}, []),
        ({"freeze_at": CLOSE - SECOND}, ["freeze_at"]),
        ({"freeze_at": DRAW - timedelta(seconds=MIN_LEAD)}, []),
        ({"freeze_at": DRAW - timedelta(seconds=MIN_LEAD - 1)}, ["freeze_at"]),
        ({"zone": "Europe/Atlantis"}, ["zone"]),
        ({"zone": ""}, ["zone"]),
        ({"zone": "right/Europe/Moscow"}, ["zone"]),
        ({"zone": "localtime"}, ["zone"]),
        ({"zone": "../../etc/passwd"}, ["zone"]),
        ({"zone": "Europe"}, ["zone"]),
        ({"zone": "\0"}, ["zone"]),
        ({"zone": "\ud800"}, ["zone"]),
        ({"opens_at": NAIVE}, ["opens_at"]),
        ({"draw_at": DRAW + timedelta(microseconds=1)}, ["draw_at"]),
        ({"opens_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, ["opens_at"]),
        ({"draw_at": datetime(9999, 12, 31, tzinfo=UTC)}, ["draw_at"]),
        (
            {"opens_at": CLOSE, "draw_at": CLOSE, "zone": "Nowhere"},
            ["zone", "closes_at", "draw_at"],
        ),
        ({"draw_at": CLOSE, "freeze_at": NOON}, ["draw_at", "freeze_at"]),
        ({"opens_at": NAIVE, "zone": "Nowhere", "min_lead": 0}, ["opens_at", "zone", "min_lead"]),
        (
            {"opens_at": NAIVE, "closes_at": NAIVE, "freeze_at": NAIVE, "draw_at": NAIVE},
            ["opens_at", "closes_at", "freeze_at", "draw_at"],
        ),
    ],
)
def test_each_contradiction_of_a_schedule_is_named(
    changes: dict[str, Any], pointers: list[str]
) -> None:
    faults = schedule_faults(schedule(**changes), practice=False)
    assert [fault.pointer.removeprefix("/schedule/") for fault in faults] == pointers


def test_practice_may_be_as_quick_as_a_second() -> None:
    quick = schedule(min_lead=1, draw_at=CLOSE + SECOND)
    assert schedule_faults(quick, practice=True) == []
    assert schedule_faults(schedule(min_lead=0), practice=True) != []


SECONDS = st.integers(0, 10**6)


@given(opens=SECONDS, lasts=st.integers(1, 10**6), room=SECONDS, lead=st.integers(600, 10**6))
def test_a_derived_freeze_always_fits(opens: int, lasts: int, room: int, lead: int) -> None:
    opens_at = NOON + timedelta(seconds=opens)
    closes_at = opens_at + timedelta(seconds=lasts)
    derived = Schedule(
        opens_at=opens_at,
        closes_at=closes_at,
        draw_at=closes_at + timedelta(seconds=lead + room),
        min_lead=lead,
    )
    assert schedule_faults(derived, practice=False) == []
    assert derived.closes_at <= derived.frozen_at <= derived.latest_freeze
    assert moment(unix(derived.frozen_at)) == derived.frozen_at


def test_the_lead_is_in_real_seconds_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # At 3:00 on this day clocks went back to 2:00, so four hours by the clock are five.
    close, draw = datetime(2026, 10, 25, 0, tzinfo=berlin), datetime(2026, 10, 25, 4, tzinfo=berlin)
    night = schedule(closes_at=close, draw_at=draw, zone="Europe/Berlin")
    assert unix(draw) - unix(night.latest_freeze) == MIN_LEAD
    assert unix(night.frozen_at) - unix(close) == (5 * 3600 - MIN_LEAD) // 2
