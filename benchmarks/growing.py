"""How freeze, draw and check grow with the list: a hundred thousand entries to ten million.

The arithmetic alone, over files, so that the protocol's own limit can be reached; every part runs
in a fresh process. As a program it carries one part out:

- `list`: the leaf data of so many made-up entries, in order;
- `freeze`: that list's summary, with the rules and the freeze of a practice contest over it;
- `draw`: the result, from the list's bytes.
"""

import hashlib
import math
import secrets
import sys
import time
from pathlib import Path

from benchmarks import fresh
from benchmarks.ground import START, Ground, practice_beacon
from benchmarks.table import Line
from contest_service.domain.schedule import unix
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.check import ENTRIES, EVENTS
from contest_service.proof.entries import EntryList, SummaryBuilder, leaf
from contest_service.proof.events import DrawRules, Event, EventType, Rules, Tier

FULL_SIZE = 10_000_000
"""As many tickets as a contest can have; a tenth and a hundredth of it are measured too."""
VERIFIER = fresh.ROOT / "contest_service/proof/verify.py"
_CONTEST = "a-contest-that-grows"
_WINNERS = 100
_PIECE = 1 << 20
_PRACTICE_HOLDS = '"$@"; [ $? -eq 3 ]'


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure every part at each size; each is held to n log n from the size before."""
    sizes = [max(1, size // 100), max(1, size // 10), size]
    measured = [await _measure(ground, each) for each in sizes]
    found = []
    for what in measured[0]:
        before: tuple[int, float] | None = None
        for number, runs in zip(sizes, measured, strict=True):
            seconds = [run.seconds for run in runs[what]]
            line = Line(
                what=what,
                size=f"{number:,} entries",
                seconds=seconds,
                peak=max(run.peak for run in runs[what]),
                target=_grown(before, number) if size >= FULL_SIZE else None,
            )
            found.append(line)
            before = number, line.median
    return found


def _grown(before: tuple[int, float] | None, size: int) -> float | None:
    """What n log n makes of a smaller size's seconds."""
    if before is None:
        return None
    smaller, seconds = before
    return seconds * (size * math.log(size)) / (smaller * math.log(smaller))


async def _measure(ground: Ground, size: int) -> dict[str, list[fresh.Run]]:
    folder = ground.folder / f"grown-{size}"
    folder.mkdir()
    given = {"folder": str(folder), "beacon": str(ground.folder)}
    await fresh.measure("growing", part="list", size=size, **given)
    ours = [sys.executable, "-m", "contest_service.cli", "verify", "--practice", str(folder)]
    theirs = [sys.executable, "-I", "-S", str(VERIFIER), "--practice", str(folder)]
    runs: dict[str, list[fresh.Run]] = {}
    for _ in range(ground.runs):
        for part in ("freeze", "draw"):
            done = await fresh.measure("growing", part=part, size=size, **given)
            run = fresh.Run(printed=b"", seconds=done.values["seconds"], peak=done.peak)
            runs.setdefault(part, []).append(run)
        for what, command in (("contest-service verify", ours), ("verify.py", theirs)):
            checked = await fresh.run("/bin/sh", "-c", _PRACTICE_HOLDS, "sh", *command)
            runs.setdefault(what, []).append(checked)
    (folder / ENTRIES).unlink()
    return runs


def _list(folder: Path, size: int) -> None:
    commitments = sorted(secrets.token_bytes(32) for _ in range(size))
    with (folder / ENTRIES).open("wb") as file:
        file.writelines(leaf(commitment, 1) for commitment in commitments)


def _freeze(folder: Path, beacon: Path) -> None:
    builder = SummaryBuilder()
    with (folder / ENTRIES).open("rb") as file:
        while piece := file.read(_PIECE):
            builder.add(piece)
    entries = EntryList(b"", builder.finish(), heaviest=builder.heaviest)
    chain = Chain(_CONTEST, entries, practice=True)
    start = unix(START)
    written = [_append(chain, EventType.RULES, _rules(beacon), at=start)]
    written.append(_append(chain, EventType.FREEZE, chain.freeze_body(), at=start + 2))
    (folder / EVENTS).write_bytes(b"".join(events.line(event) + b"\n" for event in written))


def _draw(folder: Path, beacon: Path) -> None:
    written = (folder / EVENTS).read_bytes().splitlines(keepends=True)[:2]
    entries = EntryList.parse((folder / ENTRIES).read_bytes())
    chain = Chain(_CONTEST, entries, practice=True)
    for line in written:
        chain.extend(events.parse(line[:-1]))
    assert chain.freeze is not None
    signature = practice_beacon(beacon).sign(chain.freeze.round)
    body = chain.result_body(signature)
    result = _append(chain, EventType.RESULT, body, at=chain.round_time)
    (folder / EVENTS).write_bytes(b"".join([*written, events.line(result) + b"\n"]))


def _append(chain: Chain, type_: EventType, body: events.Body, *, at: int) -> Event:
    event = events.next_event(chain.head, type_, body, at=at)
    chain.extend(event)
    return event


def _rules(beacon: Path) -> Rules:
    start = unix(START)
    return Rules(
        title="A mug",
        organiser="The pottery",
        opens_at=start,
        closes_at=start + 1,
        draw_at=start + 60,
        min_lead=1,
        beacon=practice_beacon(beacon).public,
        draws=(DrawRules(tiers=(Tier(id="mug", prize="A mug", winners=_WINNERS),)),),
        max_weight=1,
        terms_sha256=hashlib.sha256(b"").hexdigest(),
    )


def _main() -> None:
    given = fresh.arguments()
    folder, beacon = Path(given["folder"]), Path(given["beacon"])
    start = time.perf_counter()
    match given["part"]:
        case "list":
            _list(folder, given["size"])
        case "freeze":
            _freeze(folder, beacon)
        case "draw":
            _draw(folder, beacon)
    fresh.answer(seconds=time.perf_counter() - start)


if __name__ == "__main__":
    _main()
