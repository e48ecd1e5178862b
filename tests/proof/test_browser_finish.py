"""The browser verifier finishes a draw from what was published and the beacon's answer."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contest_service.proof.errors import ProofError
from contest_service.proof.finish import finish, frozen
from proof.browser import BrowserVerifier
from proof.contests import sign
from proof.generated import BEACON, ROUND, SIGNATURES, Made, write_folder
from proof.given import QUICKNET
from proof.grown import Dice, Grown

SEEDS = range(400)
SIGNATURE = SIGNATURES[ROUND]
(REAL,) = [item for item in QUICKNET["rounds"] if item["round"] == ROUND]
V1 = {key: REAL[key] for key in ("round", "randomness", "signature")}
V2 = {key: REAL[key] for key in ("round", "signature")}
OTHER = next(item for item in QUICKNET["rounds"] if item["round"] != ROUND)


@pytest.fixture(scope="module")
def verifier() -> Iterator[BrowserVerifier]:
    with BrowserVerifier() as running:
        yield running


def whole(made: Made) -> dict[str, Any]:
    """The body of the result that the same contest came to, by the specification's naive text."""
    (result,) = [each for each in made.events() if each["type"] == "result"]
    body: dict[str, Any] = result["body"]
    return body


def plain(value: object) -> Any:
    """The same as JSON has it."""
    return json.loads(msgspec.json.encode(value))


def by_the_service(files: dict[str, bytes], signature: str) -> Any:
    """What `contest-service finish --json` prints about the same files."""
    chain, _ = frozen(files["events.jsonl"], files["entries.bin"], practice=True)
    return plain(finish(chain, signature)[1])


def signature_of(grown: Grown) -> str:
    return sign(grown.round) if grown.practice else SIGNATURES[grown.round]


def ends_frozen(grown: Grown) -> bool:
    types = [event["type"] for event in grown.events]
    return "freeze" in types and not {"result", "void"} & set(types)


def cut_before_the_result(grown: Grown) -> Any:
    """Take the result and what followed off the chain; returns its body, or None if it had none."""
    grown.relink()
    for at, event in enumerate(grown.events):
        if event["type"] == "result":
            grown.events = grown.events[:at]
            return plain(event["body"])
    return None


def test_the_winners_are_those_of_the_service_and_of_the_result_that_it_wrote(
    verifier: BrowserVerifier, tmp_path: Path
) -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        grown = Grown(Dice(seed))
        expected = cut_before_the_result(grown)
        if not ends_frozen(grown) or (expected and seed % 4):
            continue  # a round takes long to check, and these would be many
        files = grown.files()
        path = write_folder(tmp_path / f"{seed}", files)
        signature = signature_of(grown)
        found = verifier.ask("finish", path=str(path), practice=True, answer=signature)
        assert found["winners"] == by_the_service(files, signature), seed
        assert expected in (None, found["winners"]), seed
        seen["with the result taken off" if expected else "as it ended"] += 1
        seen["with somebody left out"] += grown.events[-1]["type"] == "dq"
    assert len(seen) == 3
    assert min(seen.values()) > 10


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(V1),
        json.dumps(V2, indent=2),
        json.dumps(V1 | {"previous_signature": "", "more": [None, 1.5]}),
        json.dumps(V2 | {"randomness": None}),
        SIGNATURE,
        f"\n {SIGNATURE}\r\n",
    ],
    ids=["v1", "v2", "v1 with more in it", "null for absent", "signature", "signature with spaces"],
)
def test_every_form_of_the_beacon_s_answer_is_taken(
    answer: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    path = write_folder(tmp_path, Made(upto="freeze", dq_before=(0, 3)).bare())
    found = verifier.ask("finish", path=str(path), practice=False, answer=answer)
    assert found["winners"] == whole(Made(dq_before=(0, 3)))
    assert found["states"] == [
        ["beacon", "passed"],
        ["seed", "computed"],
        ["tickets", "running"],
        ["tickets", "computed"],
        ["winners", "computed"],
        ["succession", "unknown"],
    ]


def flipped(signature: str) -> str:
    return signature[:-1] + ("0" if signature[-1] != "0" else "1")


REFUSED = {
    "nothing": ("", "answer-form"),
    "a page in place of the answer": ("<html>404</html>", "answer-form"),
    "a relay that has not got it": ('{"error":"not found"}', "answer-form"),
    "a list": ("[]", "answer-form"),
    "a signature in capitals": (SIGNATURE.upper(), "answer-form"),
    "half a signature": (SIGNATURE[:48], "answer-form"),
    "a round as a text": (json.dumps(V2 | {"round": str(ROUND)}), "answer-form"),
    "no signature": (json.dumps({"round": ROUND}), "answer-form"),
    "randomness that is no text": (json.dumps(V1 | {"randomness": 1}), "answer-form"),
    "more than any answer": (" " * 16_384 + SIGNATURE, "answer-form"),
    "another round": (
        json.dumps({"round": OTHER["round"], "signature": OTHER["signature"]}),
        "answer-round",
    ),
    "another round under this number": (
        json.dumps(V2 | {"signature": OTHER["signature"]}),
        "answer-signature",
    ),
    "another round's bare signature": (OTHER["signature"], "answer-signature"),
    "another beacon's": (sign(ROUND), "answer-signature"),
    "a bit flipped": (json.dumps(V2 | {"signature": flipped(SIGNATURE)}), "answer-signature"),
    "a signature in capitals, in an answer": (
        json.dumps(V2 | {"signature": SIGNATURE.upper()}),
        "answer-signature",
    ),
    "randomness of another round": (
        json.dumps(V1 | {"randomness": "0" * 64}),
        "answer-randomness",
    ),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_an_answer_with_a_defect_is_refused(
    defect: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    answer, code = REFUSED[defect]
    path = write_folder(tmp_path, Made(upto="freeze").bare())
    found = verifier.ask("finish", path=str(path), practice=False, answer=answer)
    assert found == {"problem": code}


@pytest.mark.parametrize("item", QUICKNET["must_be_refused"], ids=lambda item: str(item["name"]))
def test_a_forged_round_finishes_nothing(
    item: dict[str, Any], verifier: BrowserVerifier, tmp_path: Path
) -> None:
    made = Made(upto="freeze")
    shift = (item["round"] - ROUND) * BEACON["period"]
    for name in ("opens_at", "closes_at", "draw_at"):
        made.rules[name] += shift

    def move(event: dict[str, Any]) -> None:
        event["at"] += shift
        if event["type"] == "freeze":
            event["body"]["round"] = item["round"]

    made.edit_event = move
    path = write_folder(tmp_path, made.bare())
    found = verifier.ask("finish", path=str(path), practice=False, answer=item["signature"])
    assert found["problem"] in ("answer-signature", "answer-form")


@pytest.mark.parametrize("upto", ["rules", "close", "void"])
def test_what_is_not_frozen_or_is_drawn_is_not_finished(
    upto: str, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    path = write_folder(tmp_path, Made(upto=upto).files())
    found = verifier.ask("finish", path=str(path), practice=False, answer=SIGNATURE)
    assert found == {"problem": "nothing-to-finish"}


@pytest.mark.parametrize("winners", [6500, 60_000])
def test_a_result_that_no_line_could_hold_is_no_result_for_the_service_either(
    winners: int, verifier: BrowserVerifier, tmp_path: Path
) -> None:
    made = Made(upto="freeze", weights=(1,) * 6500)
    made.draws[0]["tiers"][0]["winners"] = winners
    files = made.bare()
    with pytest.raises(ProofError):
        by_the_service(files, SIGNATURE)
    path = write_folder(tmp_path, files)
    found = verifier.ask("finish", path=str(path), practice=False, answer=SIGNATURE)
    assert found == {"problem": "unwritable-result"}


def test_prizes_without_end_are_refused_before_anything_is_counted(
    verifier: BrowserVerifier, tmp_path: Path
) -> None:
    made = Made(upto="freeze")
    made.draws[0]["tiers"][0]["winners"] = 9_000_000
    path = write_folder(tmp_path, made.bare())
    begun = time.perf_counter()
    found = verifier.ask("finish", path=str(path), practice=False, answer=SIGNATURE)
    assert found == {"problem": "unwritable-result"}
    assert time.perf_counter() - begun < 1
