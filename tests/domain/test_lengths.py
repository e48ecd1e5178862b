"""New times for a definition: by the clock of its zone, and always in order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.contest import definition_faults
from contest_service.domain.lengths import lengths_of, made_anew, opens_again, schedule_from
from contest_service.domain.schedule import MIN_LEAD, Schedule, schedule_faults
from domain.cases import definition, schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "Europe/Moscow", "America/St_Johns", "Australia/Lord_Howe", "UTC")
MOMENTS = st.integers(1_700_000_000, 2_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


def test_what_closes_at_six_closes_at_six_after_clocks_changed() -> None:
    summer = Schedule(
        opens_at=datetime(2026, 9, 7, 9, tzinfo=BERLIN),
        closes_at=datetime(2026, 9, 21, 18, tzinfo=BERLIN),
        draw_at=datetime(2026, 9, 22, 12, 30, tzinfo=BERLIN),
        zone="Europe/Berlin",
    )
    # Clocks are put back on 25 October.
    autumn = schedule_from(lengths_of(summer), datetime(2026, 10, 19, 9, tzinfo=BERLIN))
    assert autumn.closes_at.astimezone(BERLIN) == datetime(2026, 11, 2, 18, tzinfo=BERLIN)
    assert autumn.draw_at.astimezone(BERLIN) == datetime(2026, 11, 3, 12, 30, tzinfo=BERLIN)
    assert autumn.freeze_at is None


def test_a_new_contest_opens_on_the_same_weekday_at_the_same_hour() -> None:
    opened = schedule(zone="Europe/Berlin", opens_at=datetime(2026, 3, 2, 9, tzinfo=BERLIN))
    now = datetime(2026, 4, 5, 10, tzinfo=BERLIN)
    assert opens_again(opened, now=now).astimezone(BERLIN) == datetime(
        2026, 4, 13, 9, tzinfo=BERLIN
    ), "on the 6th it would open in less than a day"
    far = opens_again(opened, now=datetime(2026, 1, 1, tzinfo=UTC)).astimezone(BERLIN)
    assert far == datetime(2026, 1, 5, 9, tzinfo=BERLIN)


def test_practice_that_becomes_real_gets_the_times_that_it_needs() -> None:
    short = schedule(min_lead=2, closes_at=schedule().opens_at + timedelta(seconds=40))
    short = msgspec.structs.replace(short, draw_at=short.closes_at + timedelta(seconds=20))
    practice = definition(schedule=short, claim_within=30)
    assert definition_faults(practice, practice=True) == []
    real = made_anew(practice, opens_at=short.opens_at, practice=False)
    assert definition_faults(real, practice=False) == []
    assert (real.schedule.min_lead, real.claim_within) == (MIN_LEAD, 3600)
    again = made_anew(practice, opens_at=short.opens_at, practice=True)
    assert again.schedule == short


@given(
    opens_at=MOMENTS,
    anew=MOMENTS,
    lasts=st.lists(st.integers(1, 3_000_000), min_size=3, max_size=3),
    lead=st.integers(MIN_LEAD, 30 * 86400),
    zone=st.sampled_from(ZONES),
    is_frozen=st.booleans(),
)
def test_new_times_are_in_order_whatever_clocks_do(
    opens_at: datetime,
    anew: datetime,
    lasts: list[int],
    lead: int,
    zone: str,
    is_frozen: bool,
) -> None:
    closes_at = opens_at + timedelta(seconds=lasts[0])
    freeze_at = closes_at + timedelta(seconds=lasts[1])
    old = Schedule(
        opens_at=opens_at,
        closes_at=closes_at,
        freeze_at=freeze_at if is_frozen else None,
        draw_at=freeze_at + timedelta(seconds=lead + lasts[2]),
        min_lead=lead,
        zone=zone,
    )
    assert schedule_faults(old, practice=False) == []
    new = schedule_from(lengths_of(old), anew)
    assert schedule_faults(new, practice=False) == []
    for length in ("closes_at", "draw_at"):
        moved = getattr(new, length) - getattr(old, length) - (anew - opens_at)
        assert abs(moved) <= timedelta(hours=4)
    again = opens_again(old, now=anew)
    assert timedelta(days=1) <= again - anew <= timedelta(days=8, hours=2)
