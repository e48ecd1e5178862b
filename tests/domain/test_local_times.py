"""Local times: the moments that clocks on a wall mean, where they go forward and back too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.local_times import LocalTime, read_local, show_local

ZONES = (
    "Europe/Berlin",
    "Europe/Moscow",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "UTC",
)


def wall(text: str) -> datetime:
    """What a clock on a wall shows."""
    return datetime.fromisoformat(text)


def moments_of(shown: datetime, zone: str) -> LocalTime:
    found = read_local(shown, zone)
    assert found is not None
    return found


def test_an_ordinary_time_is_one_moment() -> None:
    found = moments_of(wall("2026-05-03T14:00"), "Europe/Moscow")
    assert found.moments == (datetime(2026, 5, 3, 11, tzinfo=UTC),)
    assert found.skipped_to is None


@pytest.mark.parametrize(
    ("shown", "zone", "goes_on"),
    [
        (wall("2026-03-29T02:30"), "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (wall("2026-03-29T02:00"), "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        # Half an hour only, and a whole day.
        (
            wall("2026-10-04T02:10"),
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        ),
        (wall("2011-12-30T12:00"), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_time_that_clocks_skip_is_no_moment(
    shown: datetime, zone: str, goes_on: datetime
) -> None:
    found = moments_of(shown, zone)
    assert found.moments == ()
    assert found.skipped_to == goes_on


def test_a_time_that_clocks_show_twice_is_two_moments() -> None:
    found = moments_of(wall("2026-10-25T02:30"), "Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found.moments == (first, first + timedelta(hours=1))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Moscow", "America/New_York"])
@pytest.mark.parametrize("shown", [wall("0001-01-01T00:00"), wall("9999-12-31T23:59")])
def test_where_years_end_a_time_means_nothing(shown: datetime, zone: str) -> None:
    assert read_local(shown, zone) is None


@given(
    at=st.datetimes(wall("2015-01-01T00:00"), wall("2035-01-01T00:00")).map(
        lambda at: at.replace(microsecond=0, tzinfo=UTC)
    ),
    zone=st.sampled_from(ZONES),
)
def test_every_moment_is_among_those_that_its_clocks_mean(at: datetime, zone: str) -> None:
    found = moments_of(show_local(at, zone), zone)
    assert at in found.moments
    assert list(found.moments) == sorted(found.moments)
    for each in found.moments:
        assert each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == show_local(at, zone)


@given(
    shown=st.datetimes(wall("2015-01-01T00:00"), wall("2035-01-01T00:00")).map(
        lambda at: at.replace(microsecond=0)
    ),
    zone=st.sampled_from(ZONES),
)
def test_a_time_is_skipped_or_its_moments_show_it(shown: datetime, zone: str) -> None:
    found = moments_of(shown, zone)
    assert all(show_local(each, zone) == shown for each in found.moments)
    assert bool(found.moments) is (found.skipped_to is None)
    if found.skipped_to is not None:
        second = timedelta(seconds=1)
        assert (
            show_local(found.skipped_to - second, zone)
            < shown
            <= show_local(found.skipped_to, zone)
        )
