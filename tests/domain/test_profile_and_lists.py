"""Account age, picture and lists: what is on record of them, and what may not be asked for."""

import pytest

from contest_service.domain.accounts import Profile
from contest_service.domain.conditions import AccountAge, Condition, HasPicture, NotListed
from domain.cases import case

STAFF = "0198f1d2-7c1a-7000-8000-000000000001"


def born(created_at: int | None) -> Profile:
    return Profile(account="me", handle="me.example", created_at=created_at)


def shown(has_picture: bool | None) -> Profile:
    return Profile(account="me", handle="me.example", has_picture=has_picture)


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
