"""City, age and communities: what is on record of them, and what may not be asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile
from contest_service.domain.case import Case, Verdict
from contest_service.domain.conditions import (
    Age,
    City,
    Condition,
    Follows,
    HasPicture,
    Joined,
    NamedCommunity,
    NotPastWinner,
    Region,
    When,
)
from domain.cases import case

BAKERY, CAKES = NamedCommunity(id="-1", name="Bakery"), NamedCommunity(id="-2", name="Cakes")


def shown(**facts: Any) -> Case:
    return case(profile=Profile(account="me", handle="me.example", **facts))


def test_an_age_is_on_record_as_a_number_of_years_and_never_as_a_birthday() -> None:
    assert Age(least=18).judge(shown(born="1940-06-15")).facts == {"age": 29}


def test_only_the_places_that_are_asked_for_are_on_record() -> None:
    case = shown(city="Казань", country="Россия")
    assert Region(name="R", cities=("Казань",)).judge(case).facts == {"city": "Казань"}
    assert Region(name="R", countries=("Россия",)).judge(case).facts == {"country": "Россия"}
    both = Region(name="R", cities=("Тула",), countries=("Россия",))
    assert both.judge(case).facts == {"city": "Казань", "country": "Россия"}


@given(born=st.dates().map(str), least=st.integers(1, 120), more=st.integers(0, 120))
def test_an_upper_end_only_ever_makes_people_too_old(born: str, least: int, more: int) -> None:
    without = Age(least=least).judge(shown(born=born))
    with_end = Age(least=least, most=least + more).judge(shown(born=born))
    if with_end.verdict is Verdict.HOLDS:
        assert without.verdict is Verdict.HOLDS
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
        (Region(name="R", cities=("Казань",)), []),
        (Region(name="", cities=()), ["/name", "/cities"]),
        (Region(name="R", countries=("Россия",)), []),
        (Region(name="R", countries=("x" * 101,) * 51), ["/countries"]),
        (Region(name="R", cities=("Казань",), countries=("",)), ["/countries/0"]),
        (Region(name="R", cities=("Казань",), moment=When.ONCE), ["/moment"]),
        (HasPicture(moment=When.WHOLE_TIME), ["/moment"]),
        (NotPastWinner(days=0), ["/days"]),
        (Follows(communities=(BAKERY, CAKES), every=True), []),
        (Follows(every=True), ["/every"]),
        (Joined(communities=(BAKERY,), every=True), ["/every"]),
        (Joined(communities=(BAKERY, BAKERY)), ["/communities"]),
        (
            Joined(communities=(BAKERY, NamedCommunity(id="", name="\u202e"))),
            ["/communities/1/id", "/communities/1/name"],
        ),
    ],
)
def test_parameters_out_of_bounds_are_all_named(condition: Condition, pointers: list[str]) -> None:
    assert [fault.pointer for fault in condition.faults()] == pointers
