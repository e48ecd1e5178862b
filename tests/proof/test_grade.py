"""The grade: which events need evidence until when, what counts, and what is said of it."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.bundle import check_bundle
from contest_service.proof.chain import Chain
from contest_service.proof.check import Report, Verdict, parse_events
from contest_service.proof.events import EventType, Void
from contest_service.proof.grade import (
    WORDS,
    Deadline,
    Evidence,
    Grade,
    Means,
    deadlines,
    grade_events,
    grade_of,
    lowest,
)
from contest_service.proof.trust import parse_trust
from proof import contests, generated
from proof.authorities import Stamp, authority
from proof.bundles import Folder, public
from proof.generated import ROUND_TIME, Made
from proof.witnessed import (
    AUTHORITIES,
    LOG,
    WITNESSES,
    Checkpoint,
    Signer,
    Witnessed,
    log_key,
    trust_file,
    witness,
)

ANN, BOB = WITNESSES
CLOCK, DIAL = AUTHORITIES
MOMENT = ROUND_TIME - 4_000 + 60


def report_of(bundle: Witnessed, trust: bytes | None = None, *, practice: bool = False) -> Report:
    believed = parse_trust(trust_file() if trust is None else trust)
    return check_bundle(Folder(bundle.files()), trust=believed, practice=practice)


def seen(
    cosigned: Sequence[tuple[Signer, int | None]] = (),
    stamped: Sequence[tuple[Any, Stamp | None]] = (),
    **changes: Any,
) -> Witnessed:
    """Return a contest whose freeze was seen by these."""
    checkpoint = Checkpoint(covers=2, cosigned=list(cosigned), stamped=list(stamped))
    return Witnessed(Made().files(), checkpoints=[checkpoint, Checkpoint()], **changes)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


# --- evidence and grade ----------------------------------------------------------------------

GRADES: dict[str, tuple[list[Signer], list[Any], Grade]] = {
    "nobody": ([], [], Grade.D),
    "one witness": ([ANN], [], Grade.C),
    "one authority": ([], [CLOCK], Grade.C),
    "two witnesses": ([ANN, BOB], [], Grade.A),
    "two authorities": ([], [CLOCK, DIAL], Grade.B),
    "one of each": ([ANN], [CLOCK], Grade.A),
    "all": ([ANN, BOB], [CLOCK, DIAL], Grade.A),
    "the same witness twice": ([ANN, ANN], [], Grade.C),
    "the same authority twice": ([], [CLOCK, CLOCK], Grade.C),
    "a second key of the same witness": ([ANN, witness("Ann", "ann.example/2")], [], Grade.C),
    "a witness's own authority": ([ANN], [authority("Ann")], Grade.C),
    "an unknown witness": ([witness("Eve"), ANN], [], Grade.C),
    "an unknown authority": ([], [authority("Eve"), CLOCK], Grade.C),
}
BELIEVED = trust_file(
    witnesses=(*WITNESSES, witness("Ann", "ann.example/2")),
    authorities=(*AUTHORITIES, authority("Ann")),
)


@pytest.mark.parametrize("case", GRADES)
def test_the_grade_counts_independent_operators(case: str) -> None:
    witnesses, authorities, grade = GRADES[case]
    bundle = seen([(one, None) for one in witnesses], [(one, None) for one in authorities])
    report = report_of(bundle, BELIEVED)
    assert (report.verdict, report.grade) == (Verdict.VERIFIED, grade)
    assert report.findings[0].text == WORDS[grade]
    below = [finding.text for finding in report.findings if finding.code == "event_below_best"]
    assert below == (
        []
        if grade is Grade.A
        else [f"Event {n} has no better grade than {grade}." for n in ("0 (rules)", "1 (freeze)")]
    )


def test_without_trust_nothing_counts() -> None:
    bundle = seen([(ANN, None), (BOB, None)], [(CLOCK, None)])
    report = check_bundle(Folder(bundle.files()))
    assert report.grade is Grade.D
    assert codes(report)[:3] == [
        "times_on_operators_word",
        "nobody_trusted",
        "timestamp_does_not_count",
    ]


def test_a_bundle_without_a_log_is_no_better_than_its_operators_word() -> None:
    report = check_bundle(Folder(Made().files()), trust=parse_trust(trust_file()))
    assert (report.grade, codes(report)) == (Grade.D, ["times_on_operators_word"])


def test_a_witness_of_a_log_that_is_not_trusted_counts_for_nothing() -> None:
    bundle = seen([(ANN, None), (BOB, None)], log=log_key(name="other.example/log"))
    report = report_of(bundle)
    assert report.grade is Grade.D
    assert "untrusted_log" in codes(report)


def test_an_authority_counts_whoever_runs_the_log() -> None:
    bundle = seen([(ANN, None)], [(CLOCK, None)], log=log_key(name="other.example/log"))
    assert report_of(bundle).grade is Grade.C


def test_a_trusted_log_under_anothers_origin_is_not_trusted() -> None:
    def renamed(text: bytes) -> bytes:
        return text.replace(LOG.name.encode(), b"other.example/log")

    bundle = seen([(ANN, None), (BOB, None)])
    for checkpoint in bundle.checkpoints:
        checkpoint.edit_text = renamed
    report = report_of(bundle)
    assert (report.verdict, report.grade) == (Verdict.VERIFIED, Grade.D)


def test_nothing_counts_for_the_operator_of_the_log() -> None:
    own, clock = witness(LOG.operator), authority(LOG.operator)
    bundle = seen([(own, None)], [(clock, None), (CLOCK, None)])
    trust = trust_file(witnesses=(*WITNESSES, own), authorities=(*AUTHORITIES, clock))
    report = report_of(bundle, trust)
    assert report.grade is Grade.C
    assert "own_evidence" in codes(report)


def test_on_practice_all_is_checked_and_no_grade_is_given() -> None:
    bundle = Witnessed(public())
    report = report_of(bundle, practice=True)
    assert (report.verdict, report.grade) == (Verdict.PRACTICE, None)
    bundle.checkpoints[0].lines = LOG.written(bytes(64))
    report = report_of(bundle, practice=True)
    assert (report.verdict, report.reason) == (Verdict.REFUSED, "bad_signature")


def test_what_is_not_finished_has_no_grade() -> None:
    bundle = Witnessed(Made(upto="freeze").files())
    report = report_of(bundle)
    assert (report.verdict, report.grade, codes(report)) == (Verdict.PENDING, None, [])


# --- in time -----------------------------------------------------------------------------------

IN_TIME: dict[str, tuple[Signer | None, Stamp | None, Grade]] = {
    "witness a second before the round": (ANN, None, Grade.C),
    "witness at the round": (BOB, None, Grade.D),
    "authority before the round": (None, Stamp(time=ROUND_TIME - 2), Grade.C),
    "authority, late by its accuracy": (None, Stamp(time=ROUND_TIME - 1), Grade.D),
    "authority, late by want of an accuracy": (
        None,
        Stamp(time=ROUND_TIME - 1, accuracy=None),
        Grade.D,
    ),
    "authority without inaccuracy": (
        None,
        Stamp(time=ROUND_TIME - 1, accuracy=(0, 0, 0)),
        Grade.C,
    ),
    "authority, late by a fraction": (
        None,
        Stamp(time=ROUND_TIME - 1, fraction="001", accuracy=(0, 0, 0)),
        Grade.D,
    ),
}


@pytest.mark.parametrize("case", IN_TIME)
def test_only_what_is_dated_before_the_round_counts(case: str) -> None:
    signer, stamp, grade = IN_TIME[case]
    at = ROUND_TIME - 1 if signer is ANN else ROUND_TIME
    cosigned = [] if signer is None else [(signer, at)]
    stamped = [] if stamp is None else [(CLOCK, stamp)]
    assert report_of(seen(cosigned, stamped)).grade is grade


def covering(*counts: int) -> list[Checkpoint]:
    """Return checkpoints over the first events, each seen a minute after the freeze by two."""
    made = [
        Checkpoint(covers=count, further=0, cosigned=[(ANN, MOMENT), (BOB, MOMENT)])
        for count in counts
    ]
    return [*made, Checkpoint()]


LAST: dict[str, tuple[Made, int, list[str]]] = {
    "rules and freeze": (Made(), 1, ["1 (freeze)"]),
    "amend": (generated.amended(), 1, ["1 (amend)", "2 (freeze)"]),
    "an early dq": (Made(dq_before=(2, 3)), 3, ["3 (dq)"]),
    "a later dq and the close need none": (Made(dq_after=(0,)), 2, []),
    "void before the round": (Made(upto="void"), 2, ["2 (void)"]),
    "void after the round": (Made(upto="void", void_at=ROUND_TIME + 604_800), 2, []),
}


@pytest.mark.parametrize("case", LAST)
def test_events_that_were_not_seen_in_time_are_named(case: str) -> None:
    made, covered, unseen = LAST[case]
    bundle = Witnessed(made.files(), checkpoints=covering(covered))
    report = report_of(bundle)
    assert report.verdict is Verdict.VERIFIED
    assert report.grade is (Grade.D if unseen else Grade.A)
    below = [finding.text for finding in report.findings if finding.code == "event_below_best"]
    assert below == [f"Event {event} has no better grade than D." for event in unseen]


def test_an_amendment_that_was_seen_only_after_the_old_round_is_on_the_operators_word() -> None:
    """Dated back: it postpones the draw, and was written when the first round was out."""
    made = generated.amended()
    made.rules["draw_at"] = ROUND_TIME - 1
    old = made.rules | {"draw_at": made.rules["draw_at"] - 50_000, "closes_at": ROUND_TIME - 60_000}

    def edit(event: dict[str, Any]) -> None:
        if event["type"] == "rules":
            event["body"] |= {key: old[key] for key in ("draw_at", "closes_at")}
            event["body"]["opens_at"] = ROUND_TIME - 90_000

    first = made.terms[0]["schedule"]
    first |= {
        "draw_at": ROUND_TIME - 50_001,
        "closes_at": ROUND_TIME - 60_000,
        "freeze_at": ROUND_TIME - 60_000,
    }
    made.terms[1]["schedule"] = first | {
        "draw_at": ROUND_TIME - 1,
        "closes_at": ROUND_TIME - 5_000,
        "freeze_at": ROUND_TIME - 4_000,
    }
    made.edit_event = edit
    bundle = Witnessed(made.files(), checkpoints=covering(3))
    report = report_of(bundle)
    assert (report.verdict, report.reason) == (Verdict.VERIFIED, None)
    below = [finding.text for finding in report.findings if finding.code == "event_below_best"]
    assert below == [
        "Event 0 (rules) has no better grade than D.",
        "Event 1 (amend) has no better grade than D.",
    ]
    bundle.checkpoints[:0] = [
        Checkpoint(covers=2, cosigned=[(one, ROUND_TIME - 50_002) for one in WITNESSES])
    ]
    assert report_of(bundle).grade is Grade.A


def test_deadlines_are_rounds_of_the_rules_that_were_in_force() -> None:
    made = Made(dq_before=(1,), dq_after=(0,))
    listed = parse_events(made.bare()["events.jsonl"])
    found = list(deadlines(event for event, _ in listed))
    assert found == [
        Deadline(seq=0, type=EventType.RULES, time=ROUND_TIME),
        Deadline(seq=1, type=EventType.FREEZE, time=ROUND_TIME),
        Deadline(seq=2, type=EventType.DQ, time=ROUND_TIME),
    ]


def test_a_void_without_a_freeze_has_the_deadline_of_the_rules_in_force() -> None:
    chain = Chain(contests.CONTEST, practice=True)
    later = contests.rules(draw_at=contests.DRAWS + 900)
    events = [
        contests.append(chain, EventType.RULES, contests.GENESIS, contests.rules()),
        contests.append(chain, EventType.AMEND, contests.GENESIS, later),
        contests.append(chain, EventType.VOID, contests.GENESIS, Void(reason="cancelled")),
    ]
    found = list(deadlines(events))
    first = contests.BEACON.time_of(contests.ROUND)
    assert [deadline.time for deadline in found] == [first, first, first + 900]


# --- the lattice -------------------------------------------------------------------------------

PIECES = st.builds(
    Evidence,
    operator=st.sampled_from("abc"),
    means=st.sampled_from(Means),
    size=st.integers(0, 3),
    time=st.integers(0, 3),
)


def naive_grade(pieces: Sequence[Evidence]) -> Grade:
    """Section 7.5, as it is written there."""
    pairs = list(product(pieces, pieces))
    both = [(one, two) for one, two in pairs if one.operator != two.operator]
    if any(one.means is Means.COSIGNATURE for one, _ in both):
        return Grade.A
    if both:
        return Grade.B
    return Grade.C if pieces else Grade.D


@given(st.lists(PIECES, max_size=6))
def test_the_grade_is_what_the_table_says(pieces: list[Evidence]) -> None:
    assert grade_of(pieces) is naive_grade(pieces)


@given(st.lists(PIECES, max_size=5), PIECES)
def test_more_evidence_never_lowers_a_grade(pieces: list[Evidence], more: Evidence) -> None:
    assert grade_of([*pieces, more]) <= grade_of(pieces)


@given(st.lists(PIECES, max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_only_what_is_in_time_and_holds_the_event_counts(
    pieces: list[Evidence], index: int, time: int
) -> None:
    needed = [Deadline(seq=0, type=EventType.RULES, time=time)]
    [graded] = grade_events(needed, [index], pieces)
    left = [one for one in pieces if one.size > index and one.time < time]
    assert graded.grade is naive_grade(left)
    assert lowest([graded]) is graded.grade
    assert lowest([]) is Grade.D
