"""Three verifiers that share no code agree on logs, timestamps, grades and receipts.

PROVE=n looks at more: at 24 n.
"""

import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from proof.authorities import Authority, Stamp, authority
from proof.generated import Made, write_folder
from proof.grown import Dice, Grown
from proof.judges import Judges
from proof.spoilt import spoil
from proof.witnessed import (
    AUTHORITIES,
    LOG,
    WITNESSES,
    Checkpoint,
    Signer,
    Witnessed,
    foreign,
    log_key,
    promise,
    receipt,
    sealed,
    trust_file,
    witness,
)

CONTESTS = max(60, 24 * int(os.environ.get("PROVE", "1")))
"""So many are needed for every grade to be among them."""

SIGNERS = (*WITNESSES, witness("Operator"), witness("Eve"), Signer("Ann", "ann.example/second"))
CLOCKS = (*AUTHORITIES, authority("Ann", "p384"), authority("Eve", "p256", between=0))
TRUST = trust_file(
    witnesses=[one for one in SIGNERS if one.operator != "Eve"],
    authorities=[one for one in CLOCKS if one.operator != "Eve"],
)


def seen(dice: Dice, events: int, times: list[int]) -> Checkpoint:
    """A checkpoint that some have seen, before the round, at it, or after it."""

    def moment() -> int:
        return dice.choice(times) + dice.choice((-1000, -2, -1, 0, 1))

    def stamp() -> Stamp:
        return Stamp(
            time=moment(),
            fraction=dice.choice(("", "", "5", "999999")),
            accuracy=dice.choice((None, (0, 0, 0), (1, 0, 0), (0, 1, 999))),
            by_key=dice.chance(20),
            with_root=dice.chance(20),
        )

    return Checkpoint(
        covers=1 + dice.below(events),
        further=dice.below(3),
        cosigned=[(one, moment()) for one in dice.some(SIGNERS, 40)],
        stamped=[(one, stamp()) for one in dice.some(CLOCKS, 25)],
    )


def logged(dice: Dice, grown: Grown, files: dict[str, bytes]) -> Witnessed:
    """The contest with a log of some length and some checkpoints."""
    rounds = {grown.beacon.first_round_at(grown.draw_at), grown.round}
    times = [grown.beacon.time_of(number) for number in rounds]
    count = len(grown.events)
    points = [seen(dice, count, times) for _ in range(dice.choice((0, 1, 1, 2)))]
    if dice.chance(70):
        early = min(times) - 5000
        witnesses = WITNESSES if dice.chance(70) else WITNESSES[:1]
        points.append(Checkpoint(cosigned=[(one, early) for one in witnesses]))
    log = LOG if dice.chance(80) else log_key("Stranger", "stranger.example/log")
    return Witnessed(files, [*points, Checkpoint()], log, dice.below(9), dice.below(3))


def spoil_log(dice: Dice, found: Witnessed) -> dict[str, bytes]:
    """The sealed files with one thing wrong about the log or its evidence."""
    files = found.files()
    names = sorted(name for name in files if name.startswith(("log/", "evidence/")))
    kind = dice.below(6)
    if kind == 0:
        own = found.index_of(dice.below(len(found.events)))
        other = dice.choice((found.leaves[own], foreign(own), foreign(own)[:32] + bytes(36)))
        found.leaves[dice.below(len(found.leaves))] = other
        return found.files()
    name = dice.choice(names)
    if kind == 1:
        del files[name]
    elif kind == 2:
        value = json.loads(files["log/slice.json"])
        spoil(dice, value)
        files["log/slice.json"] = json.dumps(value, separators=(",", ":")).encode()
    else:
        data = bytearray(files[name])
        place = dice.below(len(data))
        data[place] ^= 1 << dice.below(8)
        files[name] = bytes(data)
    return sealed(files)


def holding(dice: Dice, grown: Grown, found: Witnessed) -> bytes | None:
    """A promise or a receipt of somebody, or of nobody; sometimes with something changed."""
    if not grown.opened or dice.chance(30):
        return None
    number = dice.below(len(grown.opened))
    opening = msgspec.to_builtins(grown.opened[number])
    frozen = any(event["type"] == "freeze" for event in found.events)
    if frozen and dice.chance(60):
        data = receipt(found, opening)
    else:
        weight = grown.weights[number] + dice.choice((0, 0, 1))
        data = promise(opening, weight, grown.draw_at)
    if dice.chance(30):
        value = json.loads(data)
        spoil(dice, value)
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        data = text.encode("utf-8", "surrogatepass")
    return data


def test_all_agree_on_logs_whole_and_spoilt(judges: Judges, tmp_path: Path) -> None:
    seen_verdicts: Counter[str] = Counter()
    trust = tmp_path / "trust.json"
    trust.write_bytes(TRUST)
    for seed in range(CONTESTS):
        dice, grown = Dice(-seed - 1), Grown(Dice(seed))
        if grown.bare:
            continue
        found = logged(dice, grown, grown.files())
        held = None
        if (data := holding(dice, grown, found)) is not None:
            held = tmp_path / "held.json"
            held.write_bytes(data)
        believed = trust if dice.chance(85) else None
        folder = write_folder(tmp_path / f"{seed}", found.files())
        given = {"practice": grown.practice, "trust": believed, "receipt": held}
        facts = judges.agreed(folder, about=seed, **given)
        assert facts["verdict"] in ("verified", "practice", "pending"), (seed, facts)
        seen_verdicts[facts["grade"] or facts["verdict"]] += 1
        shutil.rmtree(folder)
        for number in range(2):
            files = spoil_log(dice, replace(found))
            folder = write_folder(tmp_path / f"{seed}-{number}", files)
            facts = judges.agreed(folder, about=(seed, number), **given)
            seen_verdicts[facts["verdict"]] += 1
            shutil.rmtree(folder)
    assert set(seen_verdicts) >= {"A", "C", "D", "practice", "pending", "refused"}


@pytest.mark.parametrize("clock", [CLOCKS[0], CLOCKS[3]], ids=["rsa", "ec"])
def test_all_agree_on_a_timestamp_with_any_byte_changed(
    clock: Authority, judges: Judges, tmp_path: Path
) -> None:
    dice, grown = Dice(7), Grown(Dice(4))
    assert not grown.bare
    trust = tmp_path / "trust.json"
    trust.write_bytes(trust_file(authorities=CLOCKS))
    point = Checkpoint(stamped=[(clock, Stamp(time=grown.draw_at - 5000))])
    found = Witnessed(grown.files(), [point])
    name = next(name for name in found.files() if name.startswith("evidence/"))
    for number in range(CONTESTS):
        data = bytearray(found.files()[name])
        data[dice.below(len(data))] = dice.below(256)
        folder = write_folder(tmp_path / f"{number}", found.files(**{name: bytes(data)}))
        judges.agreed(folder, about=number, practice=grown.practice, trust=trust)
        shutil.rmtree(folder)


def test_all_find_a_receipt_of_another_log_than_the_bundle_s(
    judges: Judges, tmp_path: Path
) -> None:
    made = Made()
    shown = Witnessed(made.files())
    forked = replace(shown, edit_leaves=lambda leaves: leaves.__setitem__(0, foreign(99)))
    folder = write_folder(tmp_path / "bundle", shown.files())
    for log, holds in ((shown, True), (forked, False)):
        held = tmp_path / "held.json"
        held.write_bytes(receipt(log, made.openings[0]))
        found = judges.agreed(folder, about=holds, receipt=held)
        assert (found["verdict"], found["receipt"]["holds"]) == ("verified", holds)
