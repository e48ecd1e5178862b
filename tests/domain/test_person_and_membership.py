"""Joined, open profile, active account, city, age; and reposts that a closed profile hides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, Presence, Verdict
from contest_service.domain.conditions import (
    Active,
    Age,
    City,
    Condition,
    Joined,
    ProfileOpen,
    Reposted,
)
from contest_service.domain.evidence import Action
from domain.cases import COMMUNITY, EVERYTHING, Row, case, did

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN
WITHDRAWN = Verdict.WITHDRAWN
SILENT = "profile_does_not_tell"


def me(**facts: object) -> Profile:
    return Profile(account="me", handle="me.example", **facts)  # type: ignore[arg-type]


def shown(**facts: object) -> Case:
    return case(profile=me(**facts))


def member(**how: object) -> Presence:
    return did(Action.FOLLOW, target=COMMUNITY, **how)  # type: ignore[arg-type]


def heard(seen: int) -> Presence:
    return Presence(
        action=Action.FOLLOW,
        target=COMMUNITY,
        ref="",
        at=None,
        absent_at=None,
        seen_at=seen,
        is_heard=True,
    )


OPEN = [
    Row("open", shown(is_closed=False), HOLDS, "profile_open"),
    Row("closed", shown(is_closed=True), FAILS, "profile_closed"),
    Row("not told", shown(), UNKNOWN, SILENT),
    Row("no profile, blocks us", case(standing=Standing.BLOCKS_US), UNKNOWN, "blocks_us"),
]
ACTIVE = [
    Row("in use", shown(is_active=True), HOLDS, "account_active"),
    Row("deleted", shown(is_active=False), FAILS, "account_not_active"),
    Row("not told", shown(), UNKNOWN, SILENT),
]
CITY = [
    Row("named", shown(city="Казань"), HOLDS, "city_named"),
    Row("the other one", shown(city="Орёл"), HOLDS, "city_named"),
    Row("е for ё, other case, more spaces", shown(city=" орел "), HOLDS, "city_named"),
    Row("another", shown(city="Тверь"), FAILS, "other_city"),
    Row("a part of the name", shown(city="Казан"), FAILS, "other_city"),
    Row("not told", shown(), UNKNOWN, SILENT),
    Row("no profile", case(), UNKNOWN, SILENT),
]
AGE = [
    Row("18 on that day", shown(born="1952-01-01"), HOLDS, "age_fits"),
    Row("18 a day later", shown(born="1952-01-02"), FAILS, "too_young"),
    Row("30, the last year", shown(born="1939-01-02"), HOLDS, "age_fits"),
    Row("31 on that day", shown(born="1939-01-01"), FAILS, "too_old"),
    Row("born later than it opened", shown(born="2020-05-05"), FAILS, "too_young"),
    Row("the year is hidden", shown(), UNKNOWN, SILENT),
]
JOINED = [
    Row("by its time", case(member(at=1500, seen=1600)), HOLDS, "joined_since"),
    Row("at the very opening", case(member(at=1000, seen=1600)), HOLDS, "joined_since"),
    Row("by its time before", case(member(at=999, seen=1600)), FAILS, "joined_before"),
    Row("on a list, absent since", case(member(absent=1100, seen=1300)), HOLDS, "joined_since"),
    Row("on a list before", case(member(seen=900)), FAILS, "joined_before"),
    Row("around the opening", case(member(absent=900, seen=1100)), UNKNOWN, "joined_when_unknown"),
    Row("on the first list", case(member(seen=1100)), UNKNOWN, "joined_when_unknown"),
    Row("heard of", case(heard(1100)), HOLDS, "joined_since"),
    Row("heard of before", case(heard(900)), FAILS, "joined_before"),
    Row("after the close", case(member(at=2001, seen=2060)), FAILS, "outside_contest_time"),
    Row("left again", case(member(absent=1100, seen=1300, withdrawn=1500)), WITHDRAWN, "undone"),
    Row("was a member, left", case(member(seen=900, withdrawn=1500)), FAILS, "not_seen"),
    Row(
        "was a member, left and came back",
        case(member(seen=900, withdrawn=1200), member(absent=1200, seen=1400, ref="at://action/2")),
        HOLDS,
        "joined_since",
    ),
    Row("never", case(), FAILS, "not_seen"),
    Row("not read yet", case(complete=EVERYTHING - {Action.FOLLOW}), UNKNOWN, "not_read_yet"),
    Row(
        "blocks us",
        case(member(absent=1100, seen=1300, hidden=1500), standing=Standing.BLOCKS_US),
        UNKNOWN,
        "blocks_us",
    ),
]


def reposts(*presences: Presence, is_closed: bool) -> Case:
    return case(*presences, profile=me(is_closed=is_closed))


REPOSTED = Presence(action=Action.REPOST, target="p", ref="", at=1500, absent_at=None, seen_at=1600)
CLOSED = [
    Row("seen, open", reposts(REPOSTED, is_closed=False), HOLDS, "seen"),
    Row("seen, closed", reposts(REPOSTED, is_closed=True), HOLDS, "seen"),
    Row("not seen, open", reposts(is_closed=False), FAILS, "not_seen"),
    Row("not seen, closed", reposts(is_closed=True), UNKNOWN, "profile_closed"),
    Row(
        "gone, closed",
        reposts(did(Action.REPOST, at=1500, withdrawn=1700), is_closed=True),
        UNKNOWN,
        "profile_closed",
    ),
    Row(
        "gone, open",
        reposts(did(Action.REPOST, at=1500, withdrawn=1700), is_closed=False),
        WITHDRAWN,
        "undone",
    ),
    Row(
        "too late, closed",
        reposts(did(Action.REPOST, at=2001, seen=2060), is_closed=True),
        FAILS,
        "outside_contest_time",
    ),
]
TABLE = [
    *((ProfileOpen(), row) for row in OPEN),
    *((Active(), row) for row in ACTIVE),
    *((City(names=("Казань", "Орел")), row) for row in CITY),
    *((Age(least=18, most=30), row) for row in AGE),
    *((Joined(), row) for row in JOINED),
    *((Reposted(), row) for row in CLOSED),
]


@pytest.mark.parametrize(
    ("condition", "row"),
    [pytest.param(*each, id=f"{type(each[0]).__name__}: {each[1].name}") for each in TABLE],
)
def test_a_case_is_judged_as_the_table_says(condition: Condition, row: Row) -> None:
    finding = condition.judge(row.case)
    assert (finding.verdict, finding.reason) == (row.verdict, row.reason)


def test_an_age_is_on_record_as_a_number_of_years_and_never_as_a_birthday() -> None:
    assert Age(least=18).judge(shown(born="1940-06-15")).facts == {"age": 29}


@given(born=st.dates().map(str), least=st.integers(1, 120), more=st.integers(0, 120))
def test_an_upper_end_only_ever_makes_people_too_old(born: str, least: int, more: int) -> None:
    without = Age(least=least).judge(shown(born=born))
    with_end = Age(least=least, most=least + more).judge(shown(born=born))
    if with_end.verdict is HOLDS:
        assert without.verdict is HOLDS
    if with_end.reason != "too_old":
        assert with_end == without


@pytest.mark.parametrize(
    ("condition", "pointers"),
    [
        (City(names=("Тула",)), []),
        (City(names=()), ["/names"]),
        (City(names=("a",) * 51), ["/names"]),
        (City(names=("Тула", "", "x" * 101)), ["/names/1", "/names/2"]),
        (Age(least=18), []),
        (Age(least=18, most=18), []),
        (Age(least=0), ["/least"]),
        (Age(least=121), ["/least"]),
        (Age(least=18, most=17), ["/most"]),
        (Age(least=0, most=121), ["/least", "/most"]),
    ],
)
def test_parameters_out_of_bounds_are_all_named(condition: Condition, pointers: list[str]) -> None:
    assert [fault.pointer for fault in condition.faults()] == pointers
