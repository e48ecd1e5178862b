"""verify.py --receipt: what an entrant holds, compared with a bundle."""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import bundles, contests
from proof.generated import VERIFIER, Made, jcs, merkle, tagged, write_folder
from proof.standalone import facts_of, report_of, verifier
from proof.witnessed import (
    LOG,
    Checkpoint,
    Signer,
    Witnessed,
    inclusion,
    log_key,
    promise,
    receipt,
    trust_file,
)

MADE = Made(draws=Made().draws * 2, dq_before=(3,))
FOUND = Witnessed(MADE.files())
FILES = FOUND.files()
NOBODY: dict[str, Any] = MADE.openings[0] | {"entry": "e99"}
TIME = 1_780_000_000


def held(tmp_path: Path, data: bytes, **given: Any) -> dict[str, Any]:
    """What is said about a promise or receipt; the verdict on the bundle stays."""
    files = given.pop("files", FILES)
    facts = facts_of(tmp_path / "with", files, receipt=data, **given)
    without = facts_of(tmp_path / "without", files, **given)
    assert without.pop("receipt") is None
    said: dict[str, Any] = facts.pop("receipt")
    assert facts == without
    return said


def place_of(number: int, k: int) -> dict[str, Any]:
    """The naive answer for one entry in one draw."""
    freeze = next(event for event in MADE.events() if event["type"] == "freeze")
    freeze_hash = tagged("event", jcs(freeze)).hex()
    order = MADE.ranking(freeze_hash, k)
    place = [commit for _, commit in order].index(MADE.commits[number])
    won = [slot["ticket"] for slot in MADE.initial(freeze_hash)[k]]
    return {"ticket": order[place][0].hex(), "place": place + 1, "cut_off": max(won)}


# --- what holds ---


@pytest.mark.parametrize("number", range(6))
def test_every_entrant_is_told_ticket_place_and_cut_off(number: int, tmp_path: Path) -> None:
    """The one who was disqualified before the result too: the order is that of all entries."""
    expected = {
        "holds": True,
        "reason": None,
        "weight": MADE.weights[number],
        "draws": [place_of(number, 0), place_of(number, 1)],
    }
    opening, weight = MADE.openings[number], MADE.weights[number]
    assert held(tmp_path / "a", receipt(FOUND, opening)) == expected
    assert held(tmp_path / "b", promise(opening, weight, TIME)) == expected
    assert held(tmp_path / "c", receipt(FOUND, opening), trust=None) == expected


@pytest.mark.parametrize("before", [0, 1, 6, 7])
def test_a_receipt_holds_wherever_the_freeze_stands_in_the_log(before: int, tmp_path: Path) -> None:
    found = Witnessed(MADE.files(), before=before)
    for number, point in enumerate([Checkpoint(covers=2, further=0), Checkpoint(covers=3)]):
        data = receipt(found, MADE.openings[1], checkpoint=point)
        said = held(tmp_path / f"{number}", data, files=found.files())
        assert said["holds"], said


def test_a_receipt_is_compared_with_a_bundle_that_has_no_log(tmp_path: Path) -> None:
    for number, files in enumerate((MADE.files(), MADE.bare())):
        said = held(tmp_path / f"{number}", receipt(FOUND, MADE.openings[2]), files=files)
        assert said["holds"], said


def test_before_the_result_no_ticket_is_known(tmp_path: Path) -> None:
    found = Witnessed(Made(upto="freeze").files(), [Checkpoint()])
    for number, data in enumerate(
        (receipt(found, MADE.openings[1]), promise(MADE.openings[1], 2, TIME))
    ):
        said = held(tmp_path / f"{number}", data, files=found.files())
        assert said == {"holds": True, "reason": None, "weight": 2, "draws": None}


def test_an_empty_draw_has_no_cut_off(tmp_path: Path) -> None:
    made = Made(weights=(1,), dq_before=(0,))
    found = Witnessed(made.files())
    said = held(tmp_path, receipt(found, made.openings[0]), files=found.files())
    assert [draw["cut_off"] for draw in said["draws"]] == [None]
    assert said["draws"][0]["place"] == 1


def test_practice_is_compared_alike(tmp_path: Path) -> None:
    shown = contests.opening(1)
    opening = {key: getattr(shown, key) for key in ("contest", "entry", "label", "salt", "subject")}
    found = Witnessed(bundles.public())
    said = held(tmp_path, receipt(found, opening), files=found.files(), practice=True)
    assert (said["holds"], said["weight"]) == (True, 1)


# --- what does not ---


HONEST: dict[str, Any] = json.loads(receipt(FOUND, MADE.openings[1]))


def receipted(**changes: Any) -> bytes:
    """An honest receipt, then changed."""
    return jcs(HONEST | changes)


def promised(weight: int = 2, *, log: Signer = LOG, **changes: Any) -> bytes:
    """An honest promise, then changed."""
    return jcs(json.loads(promise(MADE.openings[1], weight, TIME, log=log)) | changes)


STRANGER = log_key("Stranger", "stranger.example/log")
OTHER_OPENING = MADE.openings[2]
OTHER_FREEZE: dict[str, Any] = HONEST["freeze"] | {"at": HONEST["freeze"]["at"] + 1}


def on_another_list() -> bytes:
    """A path that leads to the root of a freeze, but of one that never was."""
    leaves = [MADE.commits[1] + verifier.u32(2), MADE.commits[2] + verifier.u32(3)]
    freeze = json.loads(jcs(HONEST["freeze"]))
    freeze["body"]["entries"]["root"] = merkle(leaves).hex()
    path = [node.hex() for node in inclusion(leaves, 0)]
    return receipted(path=path, index=0, freeze=freeze)


def signed_by_a_stranger() -> bytes:
    found = Witnessed(MADE.files(), log=STRANGER)
    return receipt(found, MADE.openings[1])


DEFECTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "json"),
    "text": (lambda: b"hello", "json"),
    "more than a mebibyte": (lambda: b" " * (2**20 + 1), "file-too-large"),
    "a line feed behind a promise": (lambda: promised() + b"\n", "not-canonical"),
    "a line feed behind a receipt": (lambda: receipted() + b"\n", "not-canonical"),
    "no object": (lambda: b"[]", "form"),
    "another kind": (lambda: promised(kind="ticket"), "form"),
    "a receipt that says it is a promise": (lambda: receipted(kind="promise"), "form"),
    "another version": (lambda: promised(v="drawproof/2"), "form"),
    "another version of a receipt": (lambda: receipted(v="drawproof/2"), "form"),
    "an unknown key": (lambda: receipted(note="x"), "form"),
    "a promise of nothing": (lambda: promised(0), "form"),
    "a promise of another contest": (lambda: promised(contest="c-2027"), "receipt-contest"),
    "a receipt of another contest": (
        lambda: receipted(opening=HONEST["opening"] | {"contest": "c-2027"}),
        "receipt-contest",
    ),
    "a promise of more tickets": (lambda: promised(3), "receipt-weight"),
    "a promise that was changed to another entry": (
        lambda: promised(commit=MADE.commits[2].hex()),
        "receipt-signature",
    ),
    "a promise with another time": (lambda: promised(time=TIME + 1), "receipt-signature"),
    "a signature in capitals": (lambda: promised(signature="AB" * 64), "form"),
    "a false signature": (lambda: promised(signature="00" * 64), "receipt-signature"),
    "a promise signed by somebody else": (lambda: promised(log=STRANGER), "receipt-key"),
    "a promise under the operator's key, signed by somebody else": (
        lambda: promised(
            signature=json.loads(promised(log=STRANGER))["signature"],
        ),
        "receipt-signature",
    ),
    "a promise with a witness's key": (
        lambda: promised(log=Signer("Ann", LOG.name)),
        "form",
    ),
    "a promise of an entry that is not in the list": (
        lambda: promise(NOBODY, 1, TIME),
        "receipt-unknown",
    ),
    "a receipt of an entry that is not in the list": (
        lambda: receipted(opening=NOBODY),
        "receipt-unknown",
    ),
    "somebody else's opening": (lambda: receipted(opening=OTHER_OPENING), "receipt-weight"),
    "another weight": (lambda: receipted(weight=3), "receipt-weight"),
    "another index": (lambda: receipted(index=HONEST["index"] ^ 1), "receipt-path"),
    "an index beyond the list": (lambda: receipted(index=6), "receipt-path"),
    "a path that is cut": (lambda: receipted(path=HONEST["path"][:-1]), "receipt-path"),
    "a path that is longer": (
        lambda: receipted(path=[*HONEST["path"], "00" * 32]),
        "receipt-path",
    ),
    "a path with another hash": (
        lambda: receipted(path=["00" * 32, *HONEST["path"][1:]]),
        "receipt-path",
    ),
    "another freeze": (lambda: receipted(freeze=OTHER_FREEZE), "receipt-freeze"),
    "another list": (on_another_list, "receipt-freeze"),
    "another index in the log": (
        lambda: receipted(log_index=HONEST["log_index"] + 1),
        "receipt-log-path",
    ),
    "a path in the log that is cut": (
        lambda: receipted(log_path=HONEST["log_path"][1:]),
        "receipt-log-path",
    ),
    "another checkpoint": (
        lambda: receipted(checkpoint=FOUND.note_of(Checkpoint()).decode()),
        "receipt-log-path",
    ),
    "a checkpoint that is none": (lambda: receipted(checkpoint="hello"), "note"),
    "a checkpoint whose signature is false": (
        lambda: receipted(
            checkpoint=HONEST["checkpoint"].split("\n\n")[0]
            + "\n\n"
            + LOG.line(b"something else").decode()
        ),
        "note-signature",
    ),
    "a checkpoint of another log": (signed_by_a_stranger, "receipt-key"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_does_not_hold_is_said_and_changes_nothing_else(defect: str, tmp_path: Path) -> None:
    make, code = DEFECTS[defect]
    said = held(tmp_path, make())
    assert said == {"holds": False, "reason": code, "weight": None, "draws": None}


def test_without_trust_a_stranger_s_key_is_not_told_apart(tmp_path: Path) -> None:
    for number, data in enumerate((promised(log=STRANGER), signed_by_a_stranger())):
        assert held(tmp_path / f"{number}", data, trust=None)["holds"]
        nobody = trust_file(logs=())
        assert held(tmp_path / f"{number} nobody", data, trust=nobody)["holds"]


def test_a_promise_before_the_freeze_has_no_list_yet(tmp_path: Path) -> None:
    files = Witnessed(Made(upto="rules").files(), [Checkpoint()]).files()
    said = held(tmp_path, promised(), files=files)
    assert (said["holds"], said["reason"]) == (False, "receipt-not-frozen")


def test_with_a_refused_bundle_nothing_can_be_compared(tmp_path: Path) -> None:
    said = held(tmp_path, receipted(), files=FILES | {"README.txt": b"x"})
    assert said == {"holds": False, "reason": "receipt-bundle", "weight": None, "draws": None}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, Any]:
    """The checked bundle, who is trusted, and the roots of its log."""
    report = report_of(tmp_path_factory.mktemp("chain"), FILES)
    return report.chain, verifier.trust_of(trust_file()), report.evidence.slice.roots


@settings(max_examples=60)
@given(place=st.integers(0, 10**6), bits=st.integers(1, 255), which=st.sampled_from([0, 1]))
def test_no_changed_byte_makes_another_promise_or_receipt_hold(
    place: int, bits: int, which: int, chain: tuple[Any, Any, Any]
) -> None:
    data = bytearray((promised(), receipted())[which])
    data[place % len(data)] ^= bits
    checked = verifier.check_receipt(bytes(data), *chain)
    if checked.problem is None:
        assert which == 1  # a signature line of somebody unknown, or of a witness's name
        before, after = json.loads(receipted()), json.loads(bytes(data))
        assert after | {"checkpoint": ""} == before | {"checkpoint": ""}
        assert after["checkpoint"].split("\n\n")[0] == before["checkpoint"].split("\n\n")[0]


# --- on the command line ---


def spoken(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, check=False)
    assert answer.stderr == b""
    return answer.returncode, answer.stdout.decode()


def test_it_is_said_in_words(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "bundle", FILES)
    (tmp_path / "good").write_bytes(receipted())
    (tmp_path / "bad").write_bytes(promised(3))
    status, words = spoken("--receipt", tmp_path / "good", path)
    assert status == 0
    assert "Your promise or receipt holds" in words
    assert place_of(1, 0)["ticket"] in words
    status, words = spoken("--receipt", tmp_path / "bad", path)
    assert status == 0
    assert "does not hold against this bundle" in words
    assert verifier.REASONS["receipt-weight"] in words


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "bundle", FILES)
    status, words = spoken("--json", "--receipt", tmp_path / "nothing", path)
    assert (status, json.loads(words)["reason"]) == (2, "receipt")


@settings(max_examples=40)
@given(size=st.integers(1, 40), data=st.data())
def test_inclusion_paths_agree_with_the_naive_tree(size: int, data: st.DataObject) -> None:
    leaves = [b"%d" % number for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = [node.hex() for node in inclusion(leaves, index)]
    root = merkle(leaves)
    for other in range(size + 1):
        holds = verifier.inclusion_holds(leaves[index], other, size, path, root)
        assert holds == (other == index)
    assert not verifier.inclusion_holds(b"x", index, size, path, root)
    assert not verifier.inclusion_holds(leaves[index], index, size, path, sha256(root).digest())
