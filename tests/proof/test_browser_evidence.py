"""The browser verifier on logs, witnesses, timestamps, trust files, promises and receipts.

What is wrong in each negative case is said by its name; the cases are those of the other verifier's
tests, and what is expected here follows from the specification alone.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from proof import bundles
from proof import test_verify_grade as grades
from proof import test_verify_log as logs
from proof import test_verify_receipt as receipts
from proof import test_verify_timestamps as timestamps
from proof import test_verify_tokens as tokens
from proof.authorities import Authority, Stamp, der
from proof.browser import BrowserVerifier
from proof.generated import ROUND_TIME, Made, write_folder
from proof.witnessed import Checkpoint, Signer, Witnessed, promise, receipt, trust_file

TRUST = trust_file()


@pytest.fixture(scope="module")
def verifier() -> Iterator[BrowserVerifier]:
    with BrowserVerifier() as running:
        yield running


class Looker:
    """Writes what a test made and asks about it."""

    def __init__(self, verifier: BrowserVerifier, folder: Path) -> None:
        self._verifier = verifier
        self._folder = folder
        self._count = 0

    def _put(self, name: str, data: bytes | None) -> Path | None:
        if data is None:
            return None
        path = self._folder / f"{name}-{self._count}"
        path.write_bytes(data)
        return path

    def __call__(
        self,
        files: Mapping[str, bytes],
        *,
        trust: bytes | None = TRUST,
        receipt: bytes | None = None,
        practice: bool = False,
    ) -> dict[str, Any]:
        self._count += 1
        return self._verifier.verify(
            write_folder(self._folder / f"bundle-{self._count}", dict(files)),
            trust=self._put("trust", trust),
            receipt=self._put("receipt", receipt),
            practice=practice,
        )


@pytest.fixture
def look(verifier: BrowserVerifier, tmp_path: Path) -> Looker:
    return Looker(verifier, tmp_path)


def codes(facts: Mapping[str, Any]) -> list[str]:
    return [finding["code"] for finding in facts["findings"]]


# --- the log ---


@pytest.mark.parametrize("before", [0, 1, 2, 3, 5, 7, 8, 13])
@pytest.mark.parametrize("between", [0, 1, 4])
def test_a_log_of_any_length_around_the_contest_holds(
    before: int, between: int, look: Looker
) -> None:
    facts = look(logs.honest(before=before, between=between).files())
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")


LOG_REASONS = {
    "a second freeze": "slice-unknown-event",
    "another freeze": "slice-unknown-event",
    "an event that is missing": "slice-missing-event",
    "a last checkpoint before the last event": "slice-missing-event",
    "a leaf of another contest at the beginning": "slice-first",
    "a leaf of another contest changed": "checkpoint-root",
    "a wrong subtree on the left": "checkpoint-root",
    "a subtree on the left too few": "slice-left",
    "a leaf too many": "slice-size",
    "half a leaf": "slice-size",
    "a checkpoint from before the contest": "checkpoint-size",
    "a slice without checkpoints": "slice-incomplete",
    "a timestamp without its checkpoint": "timestamp-checkpoint",
}


@pytest.mark.parametrize("defect", logs.SLICES)
def test_a_log_with_a_defect_is_refused(defect: str, look: Looker) -> None:
    for trust in (TRUST, None):
        facts = look(logs.SLICES[defect][0](), trust=trust)
        assert facts["verdict"] == "refused"
        assert facts["reason"] == LOG_REASONS.get(defect, facts["reason"])


@pytest.mark.parametrize("defect", logs.NOTES)
def test_a_checkpoint_with_a_defect_is_refused(defect: str, look: Looker) -> None:
    found = logs.honest()
    note = logs.NOTES[defect](found.note_of(found.checkpoints[0]))
    facts = look(found.files(**{"log/checkpoint-10.txt": note}), trust=None)
    assert (facts["verdict"], facts["reason"]) == ("refused", "checkpoint-form")


@pytest.mark.parametrize("defect", logs.LINES)
def test_what_a_trusted_key_did_not_sign_is_refused(defect: str, look: Looker) -> None:
    files = logs.signed_by(logs.LINES[defect])
    facts = look(files)
    assert (facts["verdict"], facts["reason"]) == ("refused", "checkpoint-signature")
    assert look(files, trust=None)["verdict"] == "verified"


def test_a_line_that_is_repeated_is_one(look: Looker) -> None:
    lines = [logs.ANN.line(logs.TEXT, number) for number in range(4)]
    facts = look(logs.signed_by(*lines * 15))
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")


@pytest.mark.parametrize("who", logs.MANY)
def test_a_key_with_many_different_lines_is_refused_before_any_is_looked_at(
    who: str, look: Looker
) -> None:
    files = logs.signed_by(*map(logs.MANY[who], range(5)))
    facts = look(files)
    assert (facts["verdict"], facts["reason"]) == ("refused", "checkpoint-signatures")
    assert look(files, trust=None)["verdict"] == "verified"


def test_format_1_has_no_log(look: Looker) -> None:
    files = logs.honest().files()
    manifest = files["manifest.json"].replace(b'"format":2', b'"format":1')
    assert look(files | {"manifest.json": manifest})["verdict"] == "refused"


def test_practice_is_checked_alike_and_gets_no_grade(look: Looker) -> None:
    found = Witnessed(bundles.public())
    facts = look(found.files(), practice=True)
    assert (facts["verdict"], facts["grade"]) == ("practice", None)
    spoilt = found.files(**{"log/slice.bin": bytes(68 * 8)})
    assert look(spoilt, practice=True)["verdict"] == "refused"


# --- the grade ---


@pytest.mark.parametrize("case", grades.LATTICE)
def test_the_grade_follows_from_who_saw_the_freeze(case: str, look: Looker) -> None:
    who, grade = grades.LATTICE[case]
    files = Witnessed(grades.BUNDLE, [grades.seen(*who), Checkpoint()]).files()
    assert look(files, trust=grades.ALL)["grade"] == grade


@pytest.mark.parametrize("who", [(grades.ANN, grades.BOB), (grades.CLOCK, grades.DIAL)])
def test_evidence_has_to_be_from_before_the_round(
    who: tuple[Signer | Authority, ...], look: Looker
) -> None:
    def graded(at: int) -> str:
        points = [grades.seen(*who, at=at), Checkpoint()]
        return str(look(Witnessed(grades.BUNDLE, points).files(), trust=grades.ALL)["grade"])

    assert graded(ROUND_TIME - 1) == ("A" if grades.ANN in who else "B")
    assert graded(ROUND_TIME) == "D"


def test_a_backdated_amendment_is_named_and_graded_d(look: Looker) -> None:
    late = grades.seen(grades.ANN, grades.BOB, at=grades.OLD_ROUND + 1, covers=3)
    files = Witnessed(grades.moved().files(), [late, Checkpoint()]).files()
    facts = look(files, trust=grades.ALL)
    assert facts["grade"] == "D"
    assert "events.jsonl:2 (amend) has evidence of grade D only" in str(facts["findings"])


def test_an_early_disqualification_needs_evidence_of_its_own(look: Looker) -> None:
    first = grades.seen(grades.ANN, grades.BOB)
    made = Made(dq_before=(0,))
    facts = look(Witnessed(made.files(), [first, Checkpoint()]).files(), trust=grades.ALL)
    assert facts["grade"] == "D"
    assert "events.jsonl:3 (dq)" in str(facts["findings"])
    in_time = grades.seen(grades.ANN, grades.BOB, covers=3, at=ROUND_TIME - 9)
    files = Witnessed(made.files(), [first, in_time, Checkpoint()]).files()
    assert look(files, trust=grades.ALL)["grade"] == "A"


def test_a_void_without_a_freeze_is_held_to_the_announced_round(look: Looker) -> None:
    files = grades.voided_unfrozen(ROUND_TIME - 50)
    for at, grade in ((ROUND_TIME - 1, "A"), (ROUND_TIME, "D")):
        points = [grades.seen(grades.ANN, grades.BOB, at=at), Checkpoint(further=2)]
        assert look(Witnessed(files, points).files(), trust=grades.ALL)["grade"] == grade


@pytest.mark.parametrize("defect", grades.TRUSTS)
def test_what_is_no_trust_file_is_unreadable(defect: str, look: Looker) -> None:
    facts = look(grades.BUNDLE, trust=json.dumps(grades.TRUSTS[defect]()).encode())
    assert (facts["verdict"], facts["reason"]) == ("unreadable", "trust")


def test_a_trust_file_that_says_a_key_twice_is_unreadable(look: Looker) -> None:
    facts = look(grades.BUNDLE, trust=TRUST[:-1] + b', "logs": []}')
    assert (facts["verdict"], facts["reason"]) == ("unreadable", "trust")


# --- timestamps ---


def stamped(look: Looker, clock: Authority, stamp: Stamp) -> dict[str, Any]:
    trust = trust_file(witnesses=(), authorities=(clock,))
    return look(timestamps.stamped(clock, stamp), trust=trust)


@pytest.mark.parametrize("kind", timestamps.CLOCKS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_good_timestamp_counts(kind: str, digest: str, look: Looker) -> None:
    stamp = Stamp(time=timestamps.SEEN, digest=digest)
    assert stamped(look, timestamps.CLOCKS[kind](), stamp)["grade"] == "C"


@pytest.mark.parametrize("case", timestamps.TIMES)
def test_a_timestamp_has_to_be_from_before_the_round(case: str, look: Looker) -> None:
    stamp, grade = timestamps.TIMES[case]
    assert stamped(look, timestamps.CLOCK, stamp)["grade"] == grade


TIMESTAMP_REASONS = {
    "no certificate of its signer": "timestamp-signer",
    "a signer without a use": "timestamp-usage",
    "a signer that does not insist": "timestamp-usage",
    "no signed attributes": "timestamp-attributes",
    "attributes of another kind of content": "timestamp-attributes",
    "a false signature by RSA": "timestamp-signature",
    "a false signature by P-256": "timestamp-signature",
    "an issuer that may not issue": "timestamp-path",
    "nine certificates": "timestamp-path",
    "an expired root": "timestamp-path",
    "a signer with Ed25519": "timestamp-algorithm",
    "SHA-1 in its signature": "timestamp-algorithm",
}


@pytest.mark.parametrize("defect", timestamps.UNCOUNTED)
def test_a_timestamp_with_a_defect_counts_for_nothing(defect: str, look: Looker) -> None:
    make, stamp, _ = timestamps.UNCOUNTED[defect]
    facts = stamped(look, make(), stamp)
    said = [code for code in codes(facts) if code.startswith("timestamp-")]
    assert (facts["verdict"], facts["grade"], len(said)) == ("verified", "D", 1)
    assert said[0] == TIMESTAMP_REASONS.get(defect, said[0])


def test_a_timestamp_about_another_checkpoint_is_refused(look: Looker) -> None:
    facts = stamped(look, timestamps.CLOCK, Stamp(time=timestamps.SEEN, imprint=bytes(32)))
    assert (facts["verdict"], facts["reason"]) == ("refused", "timestamp-imprint")


@pytest.mark.parametrize("stamp", [{"status": 2}, {"version": 2}, {"signers": 2}], ids=str)
def test_what_is_no_good_timestamp_is_refused(stamp: dict[str, Any], look: Looker) -> None:
    facts = stamped(look, timestamps.CLOCK, Stamp(time=timestamps.SEEN, **stamp))
    assert (facts["verdict"], facts["reason"]) == ("refused", "timestamp-form")


@pytest.mark.parametrize("defect", tokens.REFUSED)
def test_what_is_no_timestamp_of_this_checkpoint_is_refused(
    defect: str, verifier: BrowserVerifier
) -> None:
    token, code = tokens.REFUSED[defect]
    expected = code if code == "timestamp-imprint" else "timestamp-form"
    assert verifier.ask("timestamp", token=token.hex(), text=tokens.TEXT.hex()) == expected


def test_the_honest_token_is_read(verifier: BrowserVerifier) -> None:
    assert verifier.ask("timestamp", token=tokens.GOOD.hex(), text=tokens.TEXT.hex()) is None


def test_a_timestamp_that_is_nested_without_end_is_refused(look: Looker) -> None:
    bomb = b""
    for _ in range(20_000):
        bomb = der(0x30, bomb)
        if len(bomb) > 65_000:
            break
    found = logs.honest()
    facts = look(found.files(**{"evidence/checkpoint-10.1.tsr": bomb}))
    assert (facts["verdict"], facts["reason"]) == ("refused", "timestamp-form")


def test_a_changed_byte_of_the_evidence_is_refused_or_gains_nothing(look: Looker) -> None:
    honest = look(grades.HONEST, trust=grades.ALL)
    assert honest["grade"] == "A"
    for name in grades.CARRIED:
        for place in range(0, len(grades.HONEST[name]), 41):
            data = bytearray(grades.HONEST[name])
            data[place] ^= 1 << place % 8
            facts = look(grades.sealed(grades.HONEST | {name: bytes(data)}), trust=grades.ALL)
            assert facts["reason"] != "internal-error", (name, place)
            if facts["verdict"] != "refused":
                assert facts["verdict"] == "verified", (name, place)
                assert [facts[key] for key in grades.FACTS] == [honest[key] for key in grades.FACTS]


# --- promises and receipts ---


@pytest.mark.parametrize("number", range(6))
def test_every_entrant_is_told_ticket_place_and_cut_off(number: int, look: Looker) -> None:
    opening, weight = receipts.MADE.openings[number], receipts.MADE.weights[number]
    expected = {
        "holds": True,
        "reason": None,
        "weight": weight,
        "draws": [receipts.place_of(number, k) for k in (0, 1)],
    }
    for data in (receipt(receipts.FOUND, opening), promise(opening, weight, receipts.TIME)):
        for trust in (TRUST, None):
            assert look(receipts.FILES, receipt=data, trust=trust)["receipt"] == expected


RECEIPT_REASONS = {
    "text": "receipt-form",
    "a promise of more tickets": "receipt-weight",
    "a false signature": "receipt-signature",
    "a promise signed by somebody else": "receipt-key",
    "a receipt of another contest": "receipt-contest",
    "a receipt of an entry that is not in the list": "receipt-unknown",
    "another index": "receipt-path",
    "a path that is longer": "receipt-path",
    "another freeze": "receipt-freeze",
    "another index in the log": "receipt-log",
    "a checkpoint that is none": "receipt-checkpoint",
    "a checkpoint whose signature is false": "receipt-checkpoint",
    "a checkpoint of another branch of the log": "receipt-fork",
}


@pytest.mark.parametrize("defect", receipts.DEFECTS)
def test_a_receipt_with_a_defect_changes_nothing_else(defect: str, look: Looker) -> None:
    facts = look(receipts.FILES, receipt=receipts.DEFECTS[defect][0]())
    said = facts["receipt"]
    assert (facts["verdict"], facts["grade"]) == ("verified", "D")
    assert (said["holds"], said["draws"]) == (False, None)
    assert said["reason"] == RECEIPT_REASONS.get(defect, said["reason"])


def test_before_the_result_no_ticket_is_known(look: Looker) -> None:
    found = Witnessed(Made(upto="freeze").files(), [Checkpoint()])
    said = look(found.files(), receipt=receipt(found, receipts.MADE.openings[1]))["receipt"]
    assert said == {"holds": True, "reason": None, "weight": 2, "draws": None}


def test_with_a_refused_bundle_nothing_can_be_compared(look: Looker) -> None:
    facts = look(receipts.FILES | {"README.txt": b"x"}, receipt=receipts.receipted())
    assert facts["verdict"] == "refused"
    assert (facts["receipt"]["holds"], facts["receipt"]["draws"]) == (False, None)
