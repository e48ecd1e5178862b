"""Three verifiers that share no code come to the same about contests, whole and spoilt.

PROVE=n looks at n times as many.
"""

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from proof import bundles
from proof.generated import Made, write_folder
from proof.grown import Dice, Grown, encode, lines
from proof.judges import Judges
from proof.packed import members, zipped
from proof.spoilt import spoilt

SHARES = 8
EACH = 40 * int(os.environ.get("PROVE", "1"))


def put(dice: Dice, path: Path, files: dict[str, bytes], *, bare: bool) -> Path:
    """Write the files as a folder or as a zip, whoever may have written that."""
    kind = 0 if bare else dice.below(4)
    if kind < 2:
        return write_folder(path, files)
    data = bundles.zipped(files, deflate=dice.chance(50)) if kind == 2 else zipped(members(files))
    path.with_suffix(".zip").write_bytes(data)
    return path.with_suffix(".zip")


@pytest.mark.parametrize("share", range(SHARES))
def test_all_agree_on_contests_whole_and_spoilt(share: int, judges: Judges, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(share * EACH, (share + 1) * EACH):
        dice = Dice(-seed - 1)
        grown = Grown(Dice(seed))
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        whole = put(dice, folder / "whole", grown.files(), bare=grown.bare)
        facts = judges.agreed(whole, practice=grown.practice or dice.chance(10), about=seed)
        verdict = facts["verdict"]
        assert verdict in ("verified", "practice", "pending"), (seed, facts)
        unasked = judges.agreed(whole, practice=False, about=seed)
        assert unasked["verdict"] == ("refused" if grown.practice else verdict)
        for number in range(3):
            other, files = spoilt(dice, seed)
            path = put(dice, folder / f"{number}", files, bare=other.bare)
            facts = judges.agreed(path, practice=other.practice, about=(seed, number))
            seen[facts["verdict"]] += 1
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


def test_all_agree_on_a_zip_with_any_byte_changed(judges: Judges, tmp_path: Path) -> None:
    dice = Dice(0)
    path = tmp_path / "bundle.zip"
    for _ in range(2 * EACH):
        files = bundles.dispute() if dice.chance(50) else bundles.public()
        data = bytearray(zipped(members(files)))
        place = dice.below(len(data))
        near_the_end = max(0, len(data) - dice.below(1200) - 1)
        data[dice.choice((place, near_the_end))] ^= 1 << dice.below(8)
        path.write_bytes(data)
        judges.agreed(path, practice=True, about=place)


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
def test_all_draw_the_same_limits(body: Any, verdict: str, judges: Judges, tmp_path: Path) -> None:
    made = Made()

    def close_with(event: dict[str, Any]) -> None:
        if event["type"] == "close":
            event["body"] = body

    made.edit_event = close_with
    path = write_folder(tmp_path, made.files())
    assert judges.agreed(path, about=verdict)["verdict"] == verdict


@pytest.mark.parametrize("excess", [0, 1])
def test_all_draw_the_same_limit_of_a_line(excess: int, judges: Judges, tmp_path: Path) -> None:
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
    path = write_folder(tmp_path, files)
    assert judges.agreed(path, about=excess)["verdict"] == verdict
