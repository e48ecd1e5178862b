"""Account age, picture and lists."""

import pytest

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Verdict
from contest_service.domain.conditions import AccountAge, Condition, HasPicture, NotListed
from domain.cases import OPENS, Row, case, did

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN
WEEK = 7 * 86400
STAFF = "0198f1d2-7c1a-7000-8000-000000000001"
OTHERS = "0198f1d2-7c1a-7000-8000-000000000002"
HIDDEN = Standing.BLOCKS_US


def born(created_at: int | None) -> Profile:
    return Profile(account="me", handle="me.example", created_at=created_at)


def shown(has_picture: bool | None) -> Profile:
    return Profile(account="me", handle="me.example", has_picture=has_picture)


AGE = [
    Row("to the second", case(profile=born(OPENS - WEEK)), HOLDS, "old_enough"),
    Row("a second too young", case(profile=born(OPENS - WEEK + 1)), FAILS, "account_too_new"),
    Row("much older", case(profile=born(OPENS - 900 * WEEK)), HOLDS, "old_enough"),
    Row("made during the contest", case(profile=born(OPENS + 5)), FAILS, "account_too_new"),
    Row("made in the future", case(profile=born(10**12)), FAILS, "account_too_new"),
    Row("before all clocks", case(profile=born(-(10**11))), HOLDS, "old_enough"),
    Row("not told", case(profile=born(None)), UNKNOWN, "profile_does_not_tell"),
    Row("no profile", case(), UNKNOWN, "profile_does_not_tell"),
    Row("no profile, blocks us", case(standing=HIDDEN), UNKNOWN, "blocks_us"),
    Row("taken down", case(standing=Standing.UNAVAILABLE), UNKNOWN, "unavailable"),
    Row(
        "known, though it blocks us",
        case(profile=born(0), standing=HIDDEN),
        FAILS,
        "account_too_new",
    ),
]
PICTURE = [
    Row("there", case(profile=shown(True)), HOLDS, "picture_seen"),
    Row("not there", case(profile=shown(False)), FAILS, "no_picture"),
    Row("not told", case(profile=shown(None)), UNKNOWN, "profile_does_not_tell"),
    Row("no profile", case(), UNKNOWN, "profile_does_not_tell"),
    Row("no profile, blocks us", case(standing=HIDDEN), UNKNOWN, "blocks_us"),
    Row("no profile, taken down", case(standing=Standing.UNAVAILABLE), UNKNOWN, "unavailable"),
    Row(
        "there, though it blocks us",
        case(profile=shown(True), standing=HIDDEN),
        HOLDS,
        "picture_seen",
    ),
    Row(
        "not there, whatever was done",
        case(did(at=1500), profile=shown(False)),
        FAILS,
        "no_picture",
    ),
]
LISTS = [
    Row("on no list", case(), HOLDS, "not_listed"),
    Row("on it", case(lists=[STAFF]), FAILS, "listed"),
    Row("on another", case(lists=[OTHERS]), HOLDS, "not_listed"),
    Row("on both", case(lists=[OTHERS, STAFF]), FAILS, "listed"),
    Row("on it, hidden", case(lists=[STAFF], standing=HIDDEN), FAILS, "listed"),
    Row("on none, hidden", case(standing=HIDDEN), HOLDS, "not_listed"),
    Row("on it, whatever was done", case(did(at=1500), lists=[STAFF]), FAILS, "listed"),
    Row("nothing read yet", case(complete=frozenset()), HOLDS, "not_listed"),
]
TABLE = [
    *((AccountAge(days=7), row) for row in AGE),
    *((HasPicture(), row) for row in PICTURE),
    *((NotListed(list_id=STAFF, name="staff"), row) for row in LISTS),
]


@pytest.mark.parametrize(
    ("condition", "row"),
    [pytest.param(*each, id=f"{type(each[0]).__name__}: {each[1].name}") for each in TABLE],
)
def test_a_profile_is_judged_as_the_table_says(condition: Condition, row: Row) -> None:
    finding = condition.judge(row.case)
    assert (finding.verdict, finding.reason) == (row.verdict, row.reason)


def test_a_verdict_on_a_profile_shows_the_fact_that_it_rests_on() -> None:
    assert AccountAge(days=7).judge(case(profile=born(99))).facts == {"created_at": 99}
    assert HasPicture().judge(case(profile=shown(False))).facts == {"has_picture": False}
    assert HasPicture().judge(case()).facts == {}


@pytest.mark.parametrize(
    ("condition", "pointers"),
    [
        (AccountAge(days=1), []),
        (AccountAge(days=3650), []),
        (AccountAge(days=0), ["/days"]),
        (AccountAge(days=3651), ["/days"]),
        (NotListed(list_id=STAFF, name="staff"), []),
        (NotListed(list_id=STAFF.upper(), name="staff"), ["/list_id"]),
        (NotListed(list_id=STAFF.replace("-", ""), name="staff"), ["/list_id"]),
        (NotListed(list_id="", name=""), ["/list_id", "/name"]),
        (NotListed(list_id=STAFF, name="a" * 201), ["/name"]),
        (NotListed(list_id=STAFF, name="staff\u202e"), ["/name"]),
    ],
)
def test_parameters_out_of_bounds_are_all_named(condition: Condition, pointers: list[str]) -> None:
    assert [fault.pointer for fault in condition.faults()] == pointers
