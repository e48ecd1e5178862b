"""Entries and lists as people hand them in: what is read of a line, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.exported import say_reason, say_state
from contest_service.domain.imports import (
    PlacedEntry,
    entry_faults,
    in_lines,
    in_request,
    read_entries,
)
from contest_service.domain.judging import EntrantState
from contest_service.domain.listings import read_end, read_listing
from contest_service.domain.spreadsheet import Line

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
OPENED = NOW - timedelta(days=3)


def faults_of(*entries: PlacedEntry) -> dict[str, str]:
    found = entry_faults(entries, in_lines, opens_at=OPENED, now=NOW)
    return {fault.pointer: fault.detail for fault in found}


def entry(line: int = 2, **fields: object) -> PlacedEntry:
    values = {"reference": f"form {line}", "label": "Anna K.", **fields}
    return PlacedEntry(line=line, **values)  # type: ignore[arg-type] - the tests say what


@pytest.mark.parametrize("label", ["Anna K.", "Анна 2026", "Form 123456789", "a@b", "№ 7 (+3)"])
def test_a_name_is_a_label(label: str) -> None:
    assert faults_of(entry(label=label)) == {}


@pytest.mark.parametrize(
    "label",
    [
        "anna@example.org",
        "Anna <anna.k@mail.example.co>",
        "+7 921 123-45-67",
        "+7921",
        "8 (921) 123-45-67",
        "Анна, 89211234567",
    ],
)
def test_what_reaches_a_person_is_no_label(label: str) -> None:
    told = faults_of(entry(label=label))
    if label == "+7921":
        assert told == {}  # too short for a number
    else:
        assert "stays in the proof for ever" in told["/lines/2/label"]


@pytest.mark.parametrize(
    ("fields", "pointer", "said"),
    [
        ({"reference": ""}, "/lines/2/reference", "1 to 200"),
        ({"reference": "x" * 201}, "/lines/2/reference", "1 to 200"),
        ({"label": "a\u202eb"}, "/lines/2/label", "U+202E"),
        ({"label": " "}, "/lines/2/label", "1 to 100"),
        ({"entered_at": NOW + timedelta(seconds=1)}, "/lines/2/entered_at", "in the future"),
        (
            {"entered_at": OPENED - timedelta(seconds=1)},
            "/lines/2/entered_at",
            "before the contest",
        ),
        ({"entered_at": NOW.replace(tzinfo=None)}, "/lines/2/entered_at", "offset"),
        ({"entered_at": datetime.max.replace(tzinfo=UTC)}, "/lines/2/entered_at", "between"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told(
    fields: dict[str, object], pointer: str, said: str
) -> None:
    told = faults_of(entry(**fields))
    assert list(told) == [pointer]
    assert said in told[pointer]


def test_a_reference_enters_once() -> None:
    twice = [entry(2, reference="a"), entry(3, reference="b"), entry(5, reference="a")]
    assert "given at /lines/2/reference already" in faults_of(*twice)["/lines/5/reference"]
    assert in_request(1, "label") == "/entries/0/label"


def test_lines_are_entries() -> None:
    cells = {"reference": " 7 ", "label": "Анна", "entered_at": "2026-11-26T10:00:00+03:00"}
    entries, faults = read_entries([Line(number=4, cells=cells)])
    assert faults == []
    at = datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert entries == [PlacedEntry(line=4, reference="7", label="Анна", entered_at=at)]
    for wrong in ("yesterday", "2026-11-26", "2026-11-26T10:00:00"):
        _, faults = read_entries([Line(number=4, cells=cells | {"entered_at": wrong})])
        assert [fault.pointer for fault in faults] == ["/lines/4/entered_at"]


def test_an_account_s_line_says_who_why_and_until_when() -> None:
    line = Line(
        number=3,
        cells={"account": " @anna ", "platform": "VK", "reason": "", "expires_at": "2027-01-31"},
    )
    listing, faults = read_listing(line, reason="spam", now=NOW)
    assert (faults, listing is not None) == ([], True)
    assert listing is not None
    assert (listing.account, listing.platform, listing.reason) == ("@anna", Platform.VK, "spam")
    assert listing.expires_at == datetime(2027, 2, 1, tzinfo=UTC)  # all of that day still counts
    assert read_end("2027-01-31T18:00:00+03:00") == datetime(2027, 1, 31, 15, tzinfo=UTC)
    wrong = {"account": "", "platform": "myspace", "instance": "x" * 256, "expires_at": "soon"}
    _, faults = read_listing(Line(number=3, cells=wrong), reason="", now=NOW)
    assert {fault.pointer.rpartition("/")[2] for fault in faults} == {
        "account",
        "platform",
        "instance",
        "reason",
        "expires_at",
    }
    past = {"account": "1", "expires_at": "2026-11-26"}
    _, (fault,) = read_listing(Line(number=3, cells=past), reason="x", now=NOW)
    assert "has passed already" in fault.detail


@pytest.mark.parametrize("language", Language)
def test_verdicts_have_words(language: Language) -> None:
    assert all(say_state(state, language) for state in EntrantState)
    for reason in ("all_conditions_hold", "admitted_unverified", "liked.undone", "entered.entered"):
        assert say_reason(reason, language)
    assert say_reason("never.heard_of", language) == ""
    assert say_reason("liked.undone", Language.ENGLISH).startswith("Like: ")
