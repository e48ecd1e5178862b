"""Two verifiers that share no code come to the same about thousands of contests, whole and spoilt.

PROVE=n looks at n times as many.
"""

import os
import shutil
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contest_service.cli.verify import verify
from proof import bundles
from proof.generated import Made, load_verifier, write_folder
from proof.grown import Dice, Grown, encode, lines
from proof.packed import members, zipped
from proof.spoilt import spoilt

SHARES = 8
EACH = 100 * int(os.environ.get("PROVE", "1"))
FACTS = ("verdict", "grade", "outcome", "freeze_hash", "round", "randomness", "initial", "final")

verifier = load_verifier()
# Few rounds and keys occur, and each takes long in pure Python.
verifier.signature_problem = lru_cache(verifier.signature_problem)
_decompress = verifier.decompress
_point = lru_cache(lambda data, a, b: _decompress(data, verifier.Fp2(a, b)))
verifier.decompress = lambda data, b: _point(data, b.a, b.b)


def ours(path: Path, *, practice: bool) -> dict[str, Any]:
    report = verify(path, practice=practice)
    facts: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    return facts


def theirs(path: Path, *, practice: bool) -> dict[str, Any]:
    facts: dict[str, Any] = verifier.verify(str(path), practice).facts()
    return facts


def unverified(facts: dict[str, Any]) -> list[str]:
    return sorted(
        finding["text"].split()[0]
        for finding in facts["findings"]
        if finding["code"].replace("-", "_") == "unverified_file"
    )


def agreed(path: Path, *, practice: bool, about: object) -> str:
    """Let both look, compare what they say, and return the verdict."""
    one, other = ours(path, practice=practice), theirs(path, practice=practice)
    for name in FACTS:
        assert one[name] == other[name], (about, name, one, other)
    assert other["reason"] != "internal-error", (about, one, other)
    if other["verdict"] not in ("refused", "unreadable"):
        for name in ("contest", "practice"):
            assert one[name] == other[name], (about, name, one, other)
        assert unverified(one) == unverified(other), about
    return str(other["verdict"])


def put(dice: Dice, path: Path, files: dict[str, bytes], *, bare: bool) -> Path:
    """Write the files as a folder or as a zip, whoever may have written that."""
    kind = 0 if bare else dice.below(4)
    if kind < 2:
        return write_folder(path, files)
    data = bundles.zipped(files, deflate=dice.chance(50)) if kind == 2 else zipped(members(files))
    path.with_suffix(".zip").write_bytes(data)
    return path.with_suffix(".zip")


@pytest.mark.parametrize("share", range(SHARES))
def test_both_verifiers_agree_on_contests_whole_and_spoilt(share: int, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(share * EACH, (share + 1) * EACH):
        dice = Dice(-seed - 1)
        grown = Grown(Dice(seed))
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        whole = put(dice, folder / "whole", grown.files(), bare=grown.bare)
        verdict = agreed(whole, practice=grown.practice or dice.chance(10), about=seed)
        assert verdict in ("verified", "practice", "pending"), (seed, theirs(whole, practice=True))
        assert agreed(whole, practice=False, about=seed) == (
            "refused" if grown.practice else verdict
        )
        for number in range(3):
            other, files = spoilt(dice, seed)
            path = put(dice, folder / f"{number}", files, bare=other.bare)
            seen[agreed(path, practice=other.practice, about=(seed, number))] += 1
        seen[verdict] += 1
        shutil.rmtree(folder)
    assert set(seen) >= {"verified", "practice", "pending", "refused"}
    assert seen["refused"] > EACH


@pytest.mark.parametrize("share", range(2))
def test_the_service_makes_what_the_naive_text_makes(share: int) -> None:
    """Sealing a contest anew, from the specification's text alone, changes not a byte."""
    for seed in range(share * EACH, (share + 1) * EACH):
        grown = Grown(Dice(seed))
        if grown.edition == "dispute":
            continue  # its evidence is put in afterwards
        before = lines(grown.events)
        grown.relink()
        assert lines(grown.events) == before, seed


def test_both_verifiers_agree_on_a_zip_with_any_byte_changed(tmp_path: Path) -> None:
    dice = Dice(0)
    path = tmp_path / "bundle.zip"
    for _ in range(2 * EACH):
        files = bundles.dispute() if dice.chance(50) else bundles.public()
        data = bytearray(zipped(members(files)))
        place = dice.below(len(data))
        near_the_end = max(0, len(data) - dice.below(1200) - 1)
        data[dice.choice((place, near_the_end))] ^= 1 << dice.below(8)
        path.write_bytes(data)
        agreed(path, practice=True, about=place)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (nested(31), "verified"),  # in an event, whose own object is the first of 32
        (nested(32), "refused"),
        ("é" * 2048, "verified"),
        ("é" * 2048 + "x", "refused"),
        ({"k" * 4096: 1}, "verified"),
        ({"k" * 4097: 1}, "refused"),
        (2**53 - 1, "verified"),
        (2**53, "refused"),
        (["x" * 4000] * 261, "verified"),
        (["x" * 4000] * 263, "refused"),
    ],
)
def test_both_verifiers_draw_the_same_limits(body: Any, verdict: str, tmp_path: Path) -> None:
    made = Made()

    def close_with(event: dict[str, Any]) -> None:
        if event["type"] == "close":
            event["body"] = body

    made.edit_event = close_with
    path = write_folder(tmp_path, made.files())
    assert agreed(path, practice=False, about=verdict) == verdict


@pytest.mark.parametrize("excess", [0, 1])
def test_both_verifiers_draw_the_same_limit_of_a_line(excess: int, tmp_path: Path) -> None:
    made = Made()

    def fill(event: dict[str, Any]) -> None:
        if event["type"] == "close":
            event["body"] = []
            room = 2**20 + excess - len(encode(event))
            event["body"] = ["x" * 4000] * (room // 4003)
            event["body"].append("x" * (room - 4003 * (room // 4003) - 2))

    made.edit_event = fill
    files = made.files()
    assert max(map(len, files["events.jsonl"].split(b"\n"))) == 2**20 + excess
    verdict = "refused" if excess else "verified"
    assert agreed(write_folder(tmp_path, files), practice=False, about=excess) == verdict
