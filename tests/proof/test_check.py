"""Checking bare proofs: all given cases, and what a report says."""

import msgspec
import pytest

from contest_service.proof.check import Verdict, check
from contest_service.proof.events import EventType, Head, Void, line, next_event
from proof import contests
from proof.given import CASES, WHOLE, Case, case_named


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_agrees_with_the_given_case(case: Case) -> None:
    report = check(case.events, case.entries, case.openings, practice=case.practice)
    assert report.verdict.exit_status == case.exit
    assert (report.reason is None) == (report.message is None) == (case.exit != 1)
    assert report.grade == ("D" if case.exit == 0 else None)


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_finds_the_expected_facts(case: Case) -> None:
    report = check(case.events, case.entries, case.openings)
    facts = msgspec.json.decode(msgspec.json.encode(report))
    for fact in ("freeze_hash", "randomness", "initial", "final"):
        assert facts[fact] == case.expected[fact]
    assert facts["outcome"] == "result"


# Where the defect of a given negative lies, for some of every kind.
PLACES = {
    "winners swapped": ("other_slots", "events.jsonl:3"),
    "entry added": ("other_entries", "entries.bin"),
    "frozen too late": ("late_freeze", "events.jsonl:2"),
    "bundle brings its own beacon key": ("foreign_beacon", "events.jsonl:1"),
    "dq before and after the result": ("second_dq", "events.jsonl:5"),
    "opening twice": ("opened_twice", "openings.jsonl:13"),
    "weight 0, sealed": ("bad_weight", "entries.bin"),
    "more than 10^7 tickets": ("too_many_tickets", "entries.bin"),
    "entries without a freeze": ("entries_without_freeze", "entries.bin"),
    "close body nested 90 deep": ("too_deep", "events.jsonl:4"),
    "byte order mark": ("malformed_json", "events.jsonl:1"),
    "no events": ("no_events", "events.jsonl"),
    "no newline at the end": ("no_newline", "events.jsonl:4"),
}


@pytest.mark.parametrize("name", PLACES)
def test_says_what_is_wrong_and_where(name: str) -> None:
    case = case_named(name)
    report = check(case.events, case.entries, case.openings)
    assert (report.reason, report.where) == PLACES[name]


def test_a_sound_proof_is_on_the_operators_word_and_without_terms() -> None:
    case = case_named("back-dated lie: passes, and earns no more than D")
    report = check(case.events, case.entries, case.openings)
    assert report.grade == "D"
    assert [finding.code for finding in report.findings] == [
        "times_on_operators_word",
        "terms_not_checked",
    ]


def test_practice_is_said_first_and_has_no_grade() -> None:
    case = case_named("practice bundle")
    report = check(case.events, case.entries, case.openings, practice=True)
    assert report.verdict is Verdict.PRACTICE
    assert report.practice
    assert report.grade is None
    assert report.findings[0].code == "practice"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("frozen, not drawn yet", "frozen"),
        ("running, not frozen yet", "running"),
        ("void before the round", "void"),
    ],
)
def test_without_a_result_there_are_no_winners(name: str, outcome: str) -> None:
    case = case_named(name)
    report = check(case.events, case.entries, case.openings)
    assert report.outcome == outcome
    assert (report.initial, report.final, report.randomness) == (None, None, None)


def test_a_list_of_another_size_is_refused_before_it_is_read() -> None:
    case = case_named("unweighted-12")
    report = check(case.events, bytes(36 * 1_000_000))
    assert (report.reason, report.where) == ("other_entries", "entries.bin")


def test_a_practice_contest_that_is_not_drawn_is_pending_and_says_practice() -> None:
    chain = contests.running()
    event = next_event(
        Head.start(contests.CONTEST), EventType.RULES, chain.rules, at=contests.GENESIS
    )
    report = check(line(event) + b"\n", b"", practice=True)
    assert report.verdict is Verdict.PENDING
    assert report.practice
    void = next_event(chain.head, EventType.VOID, Void(reason="missed"), at=contests.GENESIS)
    voided = check(line(event) + b"\n" + line(void) + b"\n", b"", practice=True)
    assert voided.verdict is Verdict.PRACTICE
