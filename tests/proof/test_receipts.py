"""Promises and receipts: made, checked by themselves, and compared with a bundle."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from contest_service.proof import merkle
from contest_service.proof.bundle import check_bundle, check_folder
from contest_service.proof.check import Report, Verdict, check
from contest_service.proof.entries import Opening
from contest_service.proof.errors import CanonicalError
from contest_service.proof.events import parse
from contest_service.proof.held import Held
from contest_service.proof.notes import Note, parse_note
from contest_service.proof.receipts import (
    LeafPath,
    check_held,
    make_promise,
    make_receipt,
    parse_held,
)
from contest_service.proof.trust import NOBODY, Trust, parse_trust
from proof.bundles import Folder
from proof.generated import Made, jcs
from proof.witnessed import (
    LOG,
    WITNESSES,
    Witnessed,
    log_key,
    promise,
    receipt,
    trust_file,
)

MADE = Made()
BUNDLE = Witnessed(MADE.files())
FILES = BUNDLE.files()
TRUST = parse_trust(trust_file())
OPENING, WEIGHT = MADE.openings[2], MADE.weights[2]
RECEIPT = receipt(BUNDLE, OPENING)
PROMISE = promise(OPENING, WEIGHT, 1_700_000_000)


def held(data: bytes, trust: Trust = TRUST) -> Held:
    report = check_bundle(Folder(FILES), trust=trust, receipt=data)
    assert report.verdict is Verdict.VERIFIED
    assert report.receipt is not None
    told = [one for one in report.findings if one.code == "receipt_does_not_hold"]
    assert len(told) == (0 if report.receipt.holds else 1)
    return report.receipt


def changed(data: bytes, **changes: Any) -> bytes:
    return jcs(json.loads(data) | changes)


# --- what is written is what the specification says ------------------------------------------


def test_a_promise_is_written_to_the_byte() -> None:
    written = make_promise(
        LOG.key.private_bytes_raw(),
        LOG.name,
        contest=OPENING["contest"],
        commitment=MADE.commits[2],
        weight=WEIGHT,
        time=1_700_000_000,
    )
    assert written == PROMISE


def test_a_receipt_is_written_to_the_byte() -> None:
    checkpoint = BUNDLE.checkpoints[0]
    leaves = [merkle.leaf_hash(leaf) for leaf in MADE.leaves]
    index = MADE.leaves.index(MADE.commits[2] + WEIGHT.to_bytes(4, "big"))
    log = [merkle.leaf_hash(leaf) for leaf in BUNDLE.leaves[: BUNDLE.size_of(checkpoint)]]
    written = make_receipt(
        Opening(**OPENING),
        WEIGHT,
        entry=LeafPath(index=index, path=merkle.inclusion_proof(leaves, index)),
        freeze=parse(jcs(BUNDLE.events[1])),
        event=LeafPath(
            index=BUNDLE.index_of(1), path=merkle.inclusion_proof(log, BUNDLE.index_of(1))
        ),
        checkpoint=parse_note(BUNDLE.note_of(checkpoint)),
    )
    assert written == RECEIPT


def test_a_receipt_whose_checkpoint_is_too_long_is_not_made() -> None:
    note = parse_note(BUNDLE.note_of(BUNDLE.checkpoints[0]))
    long = Note(text=note.text, signatures=note.signatures * 20)
    with pytest.raises(CanonicalError):
        make_receipt(
            Opening(**OPENING),
            WEIGHT,
            entry=LeafPath(index=0, path=[]),
            freeze=parse(jcs(BUNDLE.events[1])),
            event=LeafPath(index=0, path=[]),
            checkpoint=long,
        )


def test_by_themselves_they_say_whose_entry_and_how_many_tickets() -> None:
    for data in (PROMISE, RECEIPT):
        claim = check_held(parse_held(data))
        assert claim.contest == OPENING["contest"]
        assert (claim.commitment, claim.weight) == (MADE.commits[2], WEIGHT)


# --- beside the bundle -----------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(MADE.weights)))
def test_tells_every_entrant_where_they_came(number: int) -> None:
    opening = MADE.openings[number]
    freeze_hash = check_bundle(Folder(FILES)).freeze_hash
    assert freeze_hash is not None
    order = MADE.ranking(freeze_hash, 0)
    place = next(at for at, (_, commit) in enumerate(order) if commit == MADE.commits[number])
    for data in (receipt(BUNDLE, opening), promise(opening, MADE.weights[number], 5)):
        found = held(data)
        assert (found.holds, found.reason, found.weight) == (True, None, MADE.weights[number])
        [draw] = found.draws or ()
        assert draw.place == place + 1
        assert draw.ticket == order[place][0].hex()
        assert draw.cut_off == order[2][0].hex()


def report_of(made: Made, number: int = 0) -> Report:
    files = Witnessed(made.files()).files()
    data = promise(made.openings[number], made.weights[number], 5)
    return check_bundle(Folder(files), trust=TRUST, receipt=data)


def test_every_draw_is_told() -> None:
    tiers: list[Any] = [
        {"tiers": [{"id": "a", "prize": "x", "winners": count}]} for count in (1, 9)
    ]
    report = report_of(Made(draws=tiers))
    assert report.receipt is not None
    first, second = report.receipt.draws or ()
    assert report.initial is not None
    assert first.cut_off == report.initial[0][0].ticket
    # With prizes for all, the last ticket that won is the highest of all.
    assert second.cut_off == report.initial[1][5].ticket
    assert first.ticket != second.ticket


def test_a_disqualified_entry_keeps_its_place_and_leaves_its_slot() -> None:
    made = Made(weights=(1, 1), dq_before=(0, 1))
    report = report_of(made)
    assert report.receipt is not None
    assert report.receipt.holds
    [draw] = report.receipt.draws or ()
    assert draw.place in {1, 2}
    assert draw.cut_off is None


def test_before_a_result_no_place_is_told() -> None:
    for made in (Made(upto="freeze"), Made(upto="void")):
        report = report_of(made)
        assert report.receipt == Held(holds=True, weight=1)


def test_before_the_freeze_nothing_can_be_looked_up() -> None:
    report = check_bundle(Folder(Made(upto="rules").files()), receipt=PROMISE)
    assert report.verdict is Verdict.PENDING
    assert report.receipt == Held(holds=False, reason="not_frozen")


def test_beside_a_bare_proof_they_hold_too() -> None:
    bare = MADE.bare()
    report = check_folder(Folder(bare), receipt=RECEIPT)
    assert report.receipt is not None
    assert report.receipt.holds
    same = check(bare["events.jsonl"], bare["entries.bin"], receipt=RECEIPT)
    assert same.receipt == report.receipt


def test_beside_what_is_refused_none_holds() -> None:
    files = FILES | {"README.txt": b"not listed"}
    for report in (
        check_bundle(Folder(files), receipt=RECEIPT),
        check_folder(Folder({"events.jsonl": b"", "entries.bin": b""}), receipt=RECEIPT),
        check_folder(Folder({"events.jsonl": b""}), receipt=RECEIPT),
    ):
        assert report.receipt == Held(holds=False, reason="bundle_refused")


def test_without_one_none_is_told() -> None:
    assert check_bundle(Folder(FILES)).receipt is None


def test_machine_output_has_exactly_these_keys() -> None:
    report = check_bundle(Folder(FILES), trust=TRUST, receipt=RECEIPT)
    plain = msgspec.to_builtins(report)["receipt"]
    assert set(plain) == {"holds", "reason", "weight", "draws"}
    assert set(plain["draws"][0]) == {"ticket", "place", "cut_off"}


# --- whose word it is ------------------------------------------------------------------------


def test_whoever_trusts_a_log_believes_no_other() -> None:
    other = log_key(name="other.example/log")
    foreign = Witnessed(MADE.files(), log=other)
    for data in (promise(OPENING, WEIGHT, 5, log=other), receipt(foreign, OPENING)):
        assert held(data).reason == "untrusted_log"
        assert held(data, NOBODY).holds


def test_a_receipts_line_of_a_trusted_key_has_to_hold() -> None:
    for signer in (LOG, *WITNESSES):
        note = json.loads(RECEIPT)["checkpoint"] + signer.written(bytes(72)).decode()
        data = changed(RECEIPT, checkpoint=note)
        assert held(data).reason == "bad_signature"
        assert held(data, NOBODY).holds


# --- defects ---------------------------------------------------------------------------------


def other_weight() -> bytes:
    """A promise of the time before the weight changed."""
    return promise(OPENING, WEIGHT + 1, 5)


def entered_later() -> bytes:
    return promise(OPENING | {"entry": "e99"}, 1, 5)


def elsewhere(**changes: Any) -> bytes:
    """A receipt of the same entrant in a contest whose list or freeze differs."""
    made = Made(**changes)
    return receipt(Witnessed(made.files()), made.openings[2])


def dropped(data: bytes, key: str) -> bytes:
    plain = json.loads(data)
    del plain[key]
    return jcs(plain)


def with_freeze(**changes: Any) -> bytes:
    return changed(RECEIPT, freeze=json.loads(RECEIPT)["freeze"] | changes)


PLAIN = json.loads(RECEIPT)
DEFECTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "malformed_json"),
    "line feed at the end": (lambda: PROMISE + b"\n", "not_canonical"),
    "not canonical": (lambda: json.dumps(PLAIN).encode(), "not_canonical"),
    "too long": (lambda: b"[" + b'"",' * 400_000, "too_large"),
    "of a third kind": (lambda: changed(PROMISE, kind="vow"), "bad_receipt"),
    "no object": (lambda: b"[]", "bad_receipt"),
    "other version": (lambda: changed(PROMISE, v="drawproof/2"), "bad_receipt"),
    "further key": (lambda: changed(PROMISE, more=1), "bad_receipt"),
    "key missing": (lambda: dropped(PROMISE, "time"), "bad_receipt"),
    "a receipt's key missing": (lambda: dropped(RECEIPT, "path"), "bad_receipt"),
    "promise of no ticket": (lambda: changed(PROMISE, weight=0), "bad_receipt"),
    "promise of more": (lambda: changed(PROMISE, weight=WEIGHT + 1), "bad_signature"),
    "promise of another time": (lambda: changed(PROMISE, time=6), "bad_signature"),
    "promise of another entry": (
        lambda: changed(PROMISE, commit=MADE.commits[0].hex()),
        "bad_signature",
    ),
    "promise under another key": (
        lambda: changed(PROMISE, log=log_key(name="x").verifier_key),
        "bad_signature",
    ),
    "promise by a witness": (
        lambda: changed(PROMISE, log=WITNESSES[0].verifier_key),
        "other_key_type",
    ),
    "promise of another contest": (lambda: changed(PROMISE, contest="c-1"), "other_contest"),
    "promise with another weight": (other_weight, "other_weight"),
    "promise of an entry that is not in the list": (entered_later, "not_in_list"),
    "signature in upper case": (
        lambda: changed(PROMISE, signature=json.loads(PROMISE)["signature"].upper()),
        "bad_receipt",
    ),
    "receipt with another weight": (lambda: changed(RECEIPT, weight=WEIGHT + 1), "bad_path"),
    "receipt with another index": (lambda: changed(RECEIPT, index=5), "bad_path"),
    "receipt with a shorter path": (lambda: changed(RECEIPT, path=PLAIN["path"][:-1]), "bad_path"),
    "receipt with a longer path": (
        lambda: changed(RECEIPT, path=[*PLAIN["path"], "00" * 32]),
        "bad_path",
    ),
    "receipt of another name": (
        lambda: changed(RECEIPT, opening=OPENING | {"subject": "vk:99"}),
        "bad_path",
    ),
    "receipt with no opening": (
        lambda: changed(RECEIPT, opening={"salt": OPENING["salt"]}),
        "bad_opening",
    ),
    "receipt with another log index": (lambda: changed(RECEIPT, log_index=0), "bad_log_path"),
    "receipt with another log path": (
        lambda: changed(RECEIPT, log_path=PLAIN["log_path"][::-1]),
        "bad_log_path",
    ),
    "receipt of a freeze that the log does not hold": (
        lambda: with_freeze(at=PLAIN["freeze"]["at"] + 1),
        "bad_log_path",
    ),
    "receipt of another event": (
        lambda: changed(RECEIPT, freeze=BUNDLE.events[0]),
        "other_freeze",
    ),
    "receipt of another contest's freeze": (lambda: with_freeze(contest="c-1"), "other_freeze"),
    "receipt with no event": (lambda: changed(RECEIPT, freeze={}), "bad_event"),
    "receipt without a checkpoint": (lambda: changed(RECEIPT, checkpoint=""), "bad_receipt"),
    "receipt with no checkpoint in it": (lambda: changed(RECEIPT, checkpoint="?"), "bad_note"),
    "receipt of another list": (lambda: elsewhere(weights=(1, 2, 3)), "other_freeze"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_does_not_hold_with_a_defect(defect: str) -> None:
    make, reason = DEFECTS[defect]
    found = held(make(), NOBODY)
    assert found.weight is None
    assert (found.holds, found.reason, found.draws) == (False, reason, None)
