"""verify.py's grade: whose word counts, until when, for which events, and how it is said."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import bundles
from proof.authorities import Authority, Stamp, authority
from proof.generated import ROUND_TIME, Made, amended, jcs, jsonl, tagged
from proof.standalone import facts_of, report_of, texts_of, verdict_of, verifier
from proof.witnessed import (
    AUTHORITIES,
    LOG,
    WITNESSES,
    Checkpoint,
    Signer,
    Witnessed,
    log_key,
    sealed,
    trust_file,
    witness,
)

BUNDLE = Made().files()
ANN, BOB = WITNESSES
CLOCK, DIAL = AUTHORITIES
ANNS_CLOCK = authority("Ann", "p256", between=0)
SECOND_ROOT = Authority("Clock", DIAL.signer, DIAL.path)
HOUSE_CLOCK = authority("Operator", "p256", between=0)
HOUSE_WITNESS = witness("Operator")
ANN_AGAIN = Signer("Ann", "second.example/witness")
EVE = witness("Eve")
ALL = trust_file(
    witnesses=(ANN, BOB, ANN_AGAIN, HOUSE_WITNESS),
    authorities=(CLOCK, DIAL, ANNS_CLOCK, HOUSE_CLOCK),
)


def graded(tmp_path: Path, *points: Checkpoint, trust: bytes = ALL, **changes: Any) -> str:
    """The grade of an honest contest under these checkpoints (and one at the end)."""
    files = Witnessed(BUNDLE, [*points, Checkpoint()], **changes).files()
    facts = facts_of(tmp_path, files, trust=trust)
    assert facts["verdict"] == "verified", facts
    return str(facts["grade"])


def seen(*who: Signer | Authority, at: int | None = None, covers: int = 2) -> Checkpoint:
    """A checkpoint after the freeze that these have seen."""
    return Checkpoint(
        covers=covers,
        cosigned=[(one, at) for one in who if isinstance(one, Signer)],
        stamped=[
            (one, Stamp(time=at, accuracy=(0, 0, 0)) if at else None)
            for one in who
            if isinstance(one, Authority)
        ],
    )


LATTICE: dict[str, tuple[tuple[Signer | Authority, ...], str]] = {
    "two witnesses": ((ANN, BOB), "A"),
    "a witness and somebody else's timestamp": ((ANN, CLOCK), "A"),
    "two witnesses and two timestamps": ((ANN, BOB, CLOCK, DIAL), "A"),
    "a witness and two timestamps, one its own": ((ANN, ANNS_CLOCK, CLOCK), "A"),
    "two timestamps": ((CLOCK, DIAL), "B"),
    "one timestamp": ((CLOCK,), "C"),
    "one witness": ((ANN,), "C"),
    "a witness and its own timestamp": ((ANN, ANNS_CLOCK), "C"),
    "two witnesses of one operator": ((ANN, ANN_AGAIN), "C"),
    "a witness twice": ((ANN, ANN), "C"),
    "a witness and the log's own": ((ANN, HOUSE_WITNESS), "C"),
    "a timestamp and the log's own": ((CLOCK, HOUSE_CLOCK), "C"),
    "the log's own witness and timestamp": ((HOUSE_WITNESS, HOUSE_CLOCK), "D"),
    "a witness and a stranger": ((ANN, EVE), "C"),
    "a stranger": ((EVE,), "D"),
    "nobody": ((), "D"),
}


@pytest.mark.parametrize("case", LATTICE)
def test_the_grade_follows_from_who_saw_the_freeze(case: str, tmp_path: Path) -> None:
    who, grade = LATTICE[case]
    assert graded(tmp_path, seen(*who)) == grade


def test_two_roots_of_one_operator_are_one_word(tmp_path: Path) -> None:
    trust = trust_file(authorities=(CLOCK, SECOND_ROOT))
    assert graded(tmp_path, seen(CLOCK, SECOND_ROOT), trust=trust) == "C"


def test_what_each_saw_may_be_another_checkpoint(tmp_path: Path) -> None:
    points = [seen(ANN), seen(BOB, covers=3, at=ROUND_TIME - 1)]
    assert graded(tmp_path, *points) == "A"


@pytest.mark.parametrize("who", [(ANN, BOB), (CLOCK, DIAL)], ids=["witnesses", "timestamps"])
def test_evidence_has_to_be_from_before_the_round(
    who: tuple[Signer | Authority, ...], tmp_path: Path
) -> None:
    best = "A" if ANN in who else "B"
    assert graded(tmp_path / "before", seen(*who, at=ROUND_TIME - 1)) == best
    assert graded(tmp_path / "at", seen(*who, at=ROUND_TIME)) == "D"
    one_late = [seen(who[0], at=ROUND_TIME - 1), seen(who[1], at=ROUND_TIME, covers=3)]
    assert graded(tmp_path / "one", *one_late) == "C"


def test_witnesses_of_a_log_that_is_not_trusted_count_for_nothing(tmp_path: Path) -> None:
    stranger = log_key("Stranger", "stranger.example/log")
    assert graded(tmp_path / "a", seen(ANN, BOB), log=stranger) == "D"
    assert graded(tmp_path / "b", seen(ANN, BOB, CLOCK, DIAL), log=stranger) == "B"
    facts = facts_of(
        tmp_path / "c", Witnessed(BUNDLE, [seen(ANN), Checkpoint()], stranger).files(), trust=ALL
    )
    assert len(texts_of(facts, "untrusted-checkpoint")) == 2


def test_a_log_that_is_trusted_besides_does_not_take_part(tmp_path: Path) -> None:
    """Organisers vouch for each other: a witness who has a trusted log too counts here."""
    trust = trust_file(logs=(LOG, log_key("Ann", "ann.example/log")))
    assert graded(tmp_path, seen(ANN, BOB), trust=trust) == "A"


def test_without_trust_nothing_counts_and_that_is_said(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, Witnessed(BUNDLE).files(), trust=None)
    assert facts["grade"] == "D"
    assert texts_of(facts, "no-trust")
    assert len(texts_of(facts, "timestamp-uncounted")) == 2


# --- which events ---


def named(facts: dict[str, Any]) -> list[str]:
    """The events below grade A, as their grade, lines and kind."""
    return [
        text.split("Grade ")[1].split(", which")[0].replace(" of events.jsonl", "")
        for text in texts_of(facts, "event-grade")
    ]


def looked_at(tmp_path: Path, made: Made, *points: Checkpoint) -> dict[str, Any]:
    files = Witnessed(made.files(), [*points, Checkpoint()]).files()
    facts = facts_of(tmp_path, files, trust=ALL)
    assert facts["verdict"] == "verified", facts
    return facts


def test_a_checkpoint_below_the_freeze_says_nothing_of_it(tmp_path: Path) -> None:
    facts = looked_at(tmp_path, Made(), seen(ANN, BOB, covers=1))
    assert (facts["grade"], named(facts)) == ("D", ["D for line 2 (freeze)"])


OLD_ROUND = ROUND_TIME - 3000


def moved() -> Made:
    """A contest whose rules announced an earlier draw, and were changed before it."""
    made = amended()
    made.terms[0]["schedule"] = made.terms[0]["schedule"] | {"draw_at": OLD_ROUND}

    def announce(event: dict[str, Any]) -> None:
        if event["type"] == "rules":
            event["body"]["draw_at"] = OLD_ROUND

    made.edit_event = announce
    return made


def test_a_backdated_amendment_is_named_and_graded_d(tmp_path: Path) -> None:
    """Everything was seen before the new round, and the amendment only after the old one."""
    facts = looked_at(tmp_path, moved(), seen(ANN, BOB, at=OLD_ROUND + 1, covers=3))
    assert facts["grade"] == "D"
    assert named(facts) == ["D for line 1 (rules)", "D for line 2 (amend)"]


def test_an_amendment_seen_before_the_old_round_is_graded_a(tmp_path: Path) -> None:
    facts = looked_at(tmp_path, moved(), seen(ANN, BOB, at=OLD_ROUND - 1, covers=3))
    assert (facts["grade"], named(facts)) == ("A", [])


def test_rules_seen_in_time_do_not_help_a_backdated_amendment(tmp_path: Path) -> None:
    points = [
        seen(ANN, BOB, at=OLD_ROUND - 1, covers=1),
        seen(ANN, BOB, at=OLD_ROUND + 1, covers=3),
    ]
    facts = looked_at(tmp_path, moved(), *points)
    assert (facts["grade"], named(facts)) == ("D", ["D for line 2 (amend)"])


def test_an_early_disqualification_needs_evidence_of_its_own(tmp_path: Path) -> None:
    made = Made(dq_before=(0, 1, 2))
    first = seen(ANN, BOB)
    facts = looked_at(tmp_path / "none", made, first)
    assert (facts["grade"], named(facts)) == ("D", ["D for lines 3 to 5 (dq)"])
    facts = looked_at(tmp_path / "late", made, first, seen(ANN, BOB, covers=5, at=ROUND_TIME))
    assert (facts["grade"], named(facts)) == ("D", ["D for lines 3 to 5 (dq)"])
    facts = looked_at(tmp_path / "half", made, first, seen(CLOCK, covers=4, at=ROUND_TIME - 9))
    expected = ["C for lines 3 to 4 (dq)", "D for line 5 (dq)"]
    assert (facts["grade"], named(facts)) == ("D", expected)
    facts = looked_at(tmp_path / "seen", made, first, seen(ANN, BOB, covers=5, at=ROUND_TIME - 9))
    assert (facts["grade"], named(facts)) == ("A", [])


def test_a_later_disqualification_needs_none(tmp_path: Path) -> None:
    facts = looked_at(tmp_path, Made(dq_after=(0, 1)), seen(ANN, BOB))
    assert (facts["grade"], named(facts)) == ("A", [])


def test_a_void_before_the_round_needs_evidence_from_before_it(tmp_path: Path) -> None:
    made = Made(upto="void")
    facts = looked_at(tmp_path / "none", made, seen(ANN, BOB))
    assert (facts["grade"], named(facts)) == ("D", ["D for line 3 (void)"])
    late = seen(ANN, BOB, covers=3, at=ROUND_TIME)
    assert looked_at(tmp_path / "late", made, seen(ANN, BOB), late)["grade"] == "D"
    soon = seen(ANN, BOB, covers=3, at=ROUND_TIME - 1)
    assert looked_at(tmp_path / "soon", made, soon)["grade"] == "A"


def test_a_void_long_after_the_round_needs_none(tmp_path: Path) -> None:
    made = Made(upto="void", void_at=ROUND_TIME + 604_800)
    facts = looked_at(tmp_path, made, seen(ANN, BOB))
    assert (facts["grade"], named(facts)) == ("A", [])


def voided_unfrozen(at: int) -> dict[str, bytes]:
    made = Made(upto="rules")
    rules = made.events()[0]
    void = {"v": "drawproof/1", "contest": rules["contest"], "seq": 1, "type": "void", "at": at}
    void |= {"prev": tagged("event", jcs(rules)).hex(), "body": {"reason": "cancelled"}}
    return sealed(made.files() | {"events.jsonl": jsonl([rules, void])})


@pytest.mark.parametrize(("seen_at", "grade"), [(ROUND_TIME - 1, "A"), (ROUND_TIME, "D")])
def test_a_void_without_a_freeze_is_held_to_the_announced_round(
    seen_at: int, grade: str, tmp_path: Path
) -> None:
    files = voided_unfrozen(ROUND_TIME - 50)
    found = Witnessed(files, [seen(ANN, BOB, at=seen_at), Checkpoint(further=2)])
    facts = facts_of(tmp_path, found.files(), trust=ALL)
    assert (facts["verdict"], facts["outcome"], facts["grade"]) == ("verified", "void", grade)


# --- when there is none ---


@pytest.mark.parametrize("upto", ["rules", "freeze"])
def test_what_is_not_drawn_yet_has_no_grade(upto: str, tmp_path: Path) -> None:
    files = Witnessed(Made(upto=upto).files(), [Checkpoint()]).files()
    facts = facts_of(tmp_path, files, trust=ALL)
    assert (facts["verdict"], facts["grade"], named(facts)) == ("pending", None, [])


def test_a_bare_proof_and_a_bundle_without_a_log_are_graded_d(tmp_path: Path) -> None:
    assert facts_of(tmp_path / "bare", Made().bare(), trust=ALL)["grade"] == "D"
    assert facts_of(tmp_path / "bundle", BUNDLE, trust=ALL)["grade"] == "D"


def test_practice_and_refusal_have_no_grade(tmp_path: Path) -> None:
    practice = Witnessed(bundles.public()).files()
    facts = facts_of(tmp_path / "a", practice, trust=ALL, practice=True)
    assert (facts["verdict"], facts["grade"], named(facts)) == ("practice", None, [])
    facts = facts_of(tmp_path / "b", Witnessed(BUNDLE).files() | {"README.txt": b"x"}, trust=ALL)
    assert (facts["verdict"], facts["grade"]) == ("refused", None)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ((ANN, BOB), "Grade A: the list existed before the draw and was the only one."),
        ((CLOCK, DIAL), "Grade B: the list existed before the draw, on the word of two"),
        ((CLOCK,), "Grade C: the list existed before the draw, on the word of one"),
        ((), "Grade D: the arithmetic holds, on the operator's word alone."),
    ],
)
def test_the_grade_is_said_in_words(
    who: tuple[Signer | Authority, ...], words: str, tmp_path: Path
) -> None:
    files = Witnessed(BUNDLE, [seen(*who), Checkpoint()]).files()
    lines = verifier.in_words(report_of(tmp_path, files, trust=ALL))
    assert sum(line.startswith("Grade ") for line in lines) == 1
    assert lines[2].startswith(words)


# --- trust files ---

GOOD: dict[str, Any] = json.loads(trust_file())


def entry(part: str, **changes: Any) -> dict[str, Any]:
    return GOOD | {part: [GOOD[part][0] | changes]}


ROOT = b64encode(CLOCK.root.der).decode()

KEY = LOG.verifier_key
TRUSTS: dict[str, Callable[[], Any]] = {
    "another version": lambda: GOOD | {"v": "drawproof/2"},
    "no version": lambda: {key: value for key, value in GOOD.items() if key != "v"},
    "an unknown key": lambda: GOOD | {"note": "x"},
    "a part that is missing": lambda: {k: v for k, v in GOOD.items() if k != "witnesses"},
    "a part that is no array": lambda: GOOD | {"logs": {}},
    "no object": lambda: [GOOD],
    "nothing": lambda: None,
    "an empty operator": lambda: entry("logs", operator=""),
    "an operator that is a number": lambda: entry("logs", operator=1),
    "an unknown key in an entry": lambda: entry("logs", note="x"),
    "a log's key among the witnesses": lambda: entry("witnesses", key=KEY),
    "a witness's key among the logs": lambda: entry("logs", key=ANN.verifier_key),
    "a key with another id": lambda: entry("logs", key=KEY.replace(LOG.id.hex(), "00000000")),
    "a key with its id in capitals": lambda: entry(
        "logs", key=KEY.replace(LOG.id.hex(), LOG.id.hex().upper())
    ),
    "a key of another name": lambda: entry("logs", key="x" + KEY),
    "a key without a name": lambda: entry("logs", key=KEY[KEY.index("+") :]),
    "a key that is cut": lambda: entry("logs", key=KEY[:-4]),
    "a key with a line feed behind it": lambda: entry("witnesses", key=ANN.verifier_key + "\n"),
    "a key twice": lambda: GOOD | {"logs": GOOD["logs"] * 2},
    "a certificate twice": lambda: GOOD | {"timestamps": GOOD["timestamps"][:1] * 2},
    "a certificate that is none": lambda: entry("timestamps", certificate="AAAA"),
    "a certificate in another alphabet": lambda: entry(
        "timestamps", certificate=ROOT.replace("/", "_").replace("+", "-")
    ),
    "a certificate with something behind it": lambda: entry(
        "timestamps", certificate=b64encode(CLOCK.root.der + b"\0").decode()
    ),
}


@pytest.mark.parametrize("defect", TRUSTS)
def test_what_is_no_trust_file_is_unreadable(defect: str, tmp_path: Path) -> None:
    trust = json.dumps(TRUSTS[defect]()).encode()
    files = Witnessed(BUNDLE).files()
    assert verdict_of(tmp_path, files, trust=trust) == ("unreadable", "trust")


def test_a_trust_file_may_be_spelled_in_any_way_and_trust_nobody(tmp_path: Path) -> None:
    spelled = b"\n " + json.dumps(GOOD, indent=3).replace("Ann", "\\u0041nn").encode() + b"\n"
    files = Witnessed(BUNDLE).files()
    assert facts_of(tmp_path / "a", files, trust=spelled)["grade"] == "A"
    nobody = trust_file(logs=(), witnesses=(), authorities=())
    assert facts_of(tmp_path / "b", files, trust=nobody)["grade"] == "D"


# --- any byte ---

FACTS = ("outcome", "contest", "freeze_hash", "round", "randomness", "initial", "final")
HONEST = Witnessed(BUNDLE, [seen(ANN, CLOCK), seen(DIAL, covers=3), Checkpoint()]).files()
CARRIED = sorted(name for name in HONEST if name.startswith(("log/", "evidence/")))


@settings(max_examples=150)
@given(name=st.sampled_from(CARRIED), place=st.integers(0, 10**6), bits=st.integers(1, 255))
def test_a_changed_byte_of_the_evidence_is_refused_or_gains_nothing(
    name: str, place: int, bits: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(HONEST[name])
    data[place % len(data)] ^= bits
    folder = tmp_path_factory.mktemp("changed")
    facts = facts_of(folder, sealed(HONEST | {name: bytes(data)}), trust=ALL)
    if facts["verdict"] == "refused":
        assert facts["reason"] in verifier.REASONS
        return
    before = facts_of(tmp_path_factory.mktemp("honest"), HONEST, trust=ALL)
    assert (before["verdict"], before["grade"]) == ("verified", "A")
    assert facts["verdict"] == "verified"
    assert facts["grade"] >= "A"
    assert [facts[key] for key in FACTS] == [before[key] for key in FACTS]
