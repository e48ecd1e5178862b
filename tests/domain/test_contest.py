"""Definitions: whatever cannot start, or cannot be put into terms, is said at once."""

from typing import Any

import msgspec
import pytest

from contest_service.domain.conditions import AccountAge, City, HasPicture, Language, Liked
from contest_service.domain.contest import (
    LEAST_CLAIM,
    MOST_CLAIM,
    MOST_NOTES,
    Definition,
    definition_faults,
)
from contest_service.domain.plain_text import MOST_BYTES
from contest_service.domain.prizes import MOST_WINNERS, Draw, PrizePicture, Tier
from contest_service.domain.rules import AllOf, AnyOf, AtLeast, Tickets
from domain.cases import definition, schedule

CAKE = "🎂"
EN = Language.ENGLISH


def tier(id_: str = "main", prize: str = "A cake", winners: int = 1) -> Tier:
    return Tier(id=id_, prize=prize, winners=winners)


def pictured(sha256: str, text: str) -> Tier:
    picture = PrizePicture(sha256=sha256, text=text)
    return Tier(id="main", prize="A cake", winners=1, picture=picture)


def draws(*tiers: Tier) -> tuple[Draw, ...]:
    return (Draw(tiers=tiers),)


FIRST = "/draws/0/tiers/0"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"title": "a" * 200, "organiser": CAKE * 200}, []),
        ({"title": " ", "organiser": ""}, ["/title", "/organiser"]),
        ({"title": " " * 300 + "a"}, ["/title"]),
        ({"title": "a\nb"}, ["/title"]),
        ({"title": "a\0"}, ["/title"]),
        ({"title": "a\x1b[31m"}, ["/title"]),
        ({"title": "a\u202eb"}, ["/title"]),
        ({"title": "a\u2028b"}, ["/title"]),
        ({"title": "a\ud800"}, ["/title"]),
        ({"title": "👨\u200d👩\u200d👧 Семья"}, []),
        ({"coverage": -1}, ["/coverage"]),
        ({"coverage": 101}, ["/coverage"]),
        ({"claim_within": LEAST_CLAIM}, []),
        ({"claim_within": MOST_CLAIM}, []),
        ({"claim_within": LEAST_CLAIM - 1}, ["/claim_within"]),
        ({"claim_within": MOST_CLAIM + 1}, ["/claim_within"]),
        ({"claim_within": 0}, ["/claim_within"]),
        ({"rules": HasPicture()}, ["/rules"]),
        ({"rules": AnyOf((Liked(), HasPicture()))}, ["/rules"]),
        ({"rules": AllOf((Liked(), HasPicture()))}, []),
        ({"rules": AtLeast(2, (Liked(), HasPicture(), Liked()))}, []),
        ({"rules": AtLeast(2, (Liked(), HasPicture(), AccountAge(days=1)))}, ["/rules"]),
        ({"rules": AllOf((Liked(), City(names=(CAKE * 100,) * 9)))}, []),
        ({"rules": AllOf((Liked(), City(names=(CAKE * 100,) * 10)))}, ["/rules/of/1"]),
        ({"rules": AllOf((Liked(), *[City(names=(CAKE * 100,) * 9)] * 30))}, ["/rules"]),
        ({"draws": ()}, ["/draws"]),
        ({"draws": draws()}, ["/draws/0/tiers"]),
        ({"draws": draws(tier(), tier())}, ["/draws/0/tiers"]),
        ({"draws": (Draw(tiers=(tier(),)),) * 2}, []),
        ({"draws": (Draw(tiers=(tier(),)),) * 101}, ["/draws"]),
        ({"draws": draws(*(tier(str(n)) for n in range(201)))}, ["/draws"]),
        ({"draws": draws(tier(winners=0))}, [f"{FIRST}/winners"]),
        ({"draws": draws(tier(winners=MOST_WINNERS))}, []),
        ({"draws": draws(tier(winners=MOST_WINNERS), tier("b"))}, ["/draws"]),
        ({"draws": draws(tier(id_=""))}, [f"{FIRST}/id"]),
        ({"draws": draws(pictured("ab" * 32, "A cake"))}, []),
        (
            {"draws": draws(pictured("AB" * 32, " "))},
            [f"{FIRST}/picture/sha256", f"{FIRST}/picture/text"],
        ),
        (
            {"draws": draws(pictured("ab" * 31, "a" * 301))},
            [f"{FIRST}/picture/sha256", f"{FIRST}/picture/text"],
        ),
        ({"draws": draws(tier(id_='"'))}, [f"{FIRST}/id"]),
        ({"draws": draws(tier(id_="главный"))}, [f"{FIRST}/id"]),
        ({"draws": draws(tier(prize="a\tb"))}, [f"{FIRST}/prize"]),
        ({"draws": draws(tier(prize="a" * 501))}, [f"{FIRST}/prize"]),
        ({"draws": draws(*(tier(str(n), CAKE * 500) for n in range(40)))}, ["/draws"]),
        ({"notes": {EN: ("One line\nand another.", CAKE * 1000)}}, []),
        ({"notes": {EN: ("fine", CAKE * 1025)}}, ["/notes/en/1"]),
        ({"notes": {EN: ("a\r\nb",)}}, ["/notes/en/0"]),
        ({"notes": {EN: ("",)}}, ["/notes/en/0"]),
        ({"notes": {EN: ("a",) * (MOST_NOTES + 1)}}, ["/notes/en"]),
        ({"notes": {EN: (CAKE * 1000,) * 70}}, ["/notes"]),
    ],
)
def test_each_fault_of_a_definition_is_named(changes: dict[str, Any], pointers: list[str]) -> None:
    faults = definition_faults(definition(**changes), practice=False)
    assert [fault.pointer for fault in faults] == pointers


def test_all_faults_of_a_definition_are_named_at_once() -> None:
    wrong = definition(
        title="",
        organiser="a\0",
        schedule=schedule(zone="Nowhere", min_lead=1),
        rules=AllOf((AccountAge(days=0),)),
        draws=draws(tier(prize="", winners=0)),
        tickets=Tickets(base=0),
        coverage=200,
        notes={EN: ("",)},
    )
    assert {fault.pointer for fault in definition_faults(wrong, practice=False)} == {
        "/title",
        "/organiser",
        "/schedule/zone",
        "/schedule/min_lead",
        "/rules/of/0/days",
        f"{FIRST}/prize",
        f"{FIRST}/winners",
        "/tickets/base",
        "/coverage",
        "/notes/en/0",
    }


def test_no_rules_of_actions_are_named_beside_other_faults() -> None:
    wrong = definition(title="", rules=HasPicture())
    pointers = {fault.pointer for fault in definition_faults(wrong, practice=False)}
    assert pointers == {"/title", "/rules"}


def test_a_fault_says_which_character_and_how_many_bytes() -> None:
    wrong = definition(title="a\u202eb", notes={EN: (CAKE * 1025,)})
    first, second = definition_faults(wrong, practice=False)
    assert "U+202E" in first.detail
    assert str(4 * 1025) in second.detail
    assert str(MOST_BYTES) in second.detail


def test_a_definition_survives_json() -> None:
    data = msgspec.json.encode(definition(notes={EN: ("A note.",)}))
    assert msgspec.json.decode(data, type=Definition) == definition(notes={EN: ("A note.",)})
