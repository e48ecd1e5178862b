"""Fraud signals: copies among half a million comments, a preview over a million scores, and how
many planted bots they find.

As a program it does one of these. The town's people and bots are those of `bots`, which says what
is assumed of them; precision and recall are those of the default settings.
"""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from benchmarks import fresh
from benchmarks.bot_town import measure_town
from benchmarks.bots import SHARES, town
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, read_contest, set_scene
from benchmarks.table import Line
from benchmarks.townsfolk import SAYINGS, sentence
from contest_service.domain.signals import scores
from contest_service.domain.signals.copies import Said, Sources, sketch
from contest_service.sandbox.vk.chance import Chance
from contest_service.store import signals

FULL_SIZE = 500_000
"""Comments; scores are twice as many, and people of the town a twenty-fifth."""
COPIES_TARGET = 60.0
LONGEST_PREVIEW = 3.0
TOWN_PART = 25
_PATIENCE = 600.0
"""Seconds for making a million rows."""


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure the three of them."""
    is_full = size >= FULL_SIZE
    return [
        await _copies(ground, size, is_full=is_full),
        await _preview(ground, 2 * size, is_full=is_full),
        await _town(ground, max(200, size // TOWN_PART)),
    ]


async def _copies(ground: Ground, size: int, *, is_full: bool) -> Line:
    runs = [await fresh.measure("signals", do="copies", size=size) for _ in range(ground.runs)]
    return Line(
        what="find copied comments",
        size=f"{size:,} comments",
        seconds=[run.values["seconds"] for run in runs],
        peak=max(run.peak for run in runs),
        target=COPIES_TARGET if is_full else None,
        note=f"{runs[0].values['copies']:,} are copies; one process",
    )


async def _preview(ground: Ground, size: int, *, is_full: bool) -> Line:
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        given = {
            "do": "preview",
            "url": url,
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
        }
        async with connection(url) as conn:
            key = (scene.workspace_id, scene.contest_id)
            await conn.execute(_FILL, *key, size, timeout=_PATIENCE)
            await conn.execute("VACUUM ANALYZE entrants, entrant_signals", timeout=_PATIENCE)
        runs = [await fresh.measure("signals", **given) for _ in range(ground.runs)]
    return Line(
        what="preview a threshold",
        size=f"{size:,} entrants",
        seconds=[run.values["seconds"] for run in runs],
        target=LONGEST_PREVIEW if is_full else None,
        note=f"{runs[0].values['falling']:,} would fall; counts and a first page",
    )


async def _town(ground: Ground, people: int) -> Line:
    """The town is the same each time, so it is lived through once."""
    async with ground.database() as url:
        run = await fresh.measure(
            "signals",
            do="town",
            url=url,
            folder=str(ground.folder),
            redis_url=ground.redis_url,
            people=people,
        )
    counts: dict[str, list[int]] = run.values["counts"]
    flagged_honest, honest = counts.pop("")
    flagged, bots = (sum(each[at] for each in counts.values()) for at in (0, 1))
    kinds = ", ".join(f"{kind} {found} of {all_}" for kind, (found, all_) in counts.items())
    return Line(
        what="measure a town with bots",
        size=f"{people:,} people",
        seconds=[run.values["seconds"]],
        peak=run.peak,
        note=f"precision {flagged / max(1, flagged + flagged_honest):.3f}, recall "
        f"{flagged / max(1, bots):.3f}, {100 * flagged_honest / max(1, honest):.2f} % of honest "
        f"people flagged; {kinds}",
    )


def _comments(size: int) -> Iterator[Said]:
    """Comments as honest people write them, and one in twenty from a farm's texts."""
    for number in range(size):
        chance = Chance("comments", number)
        manner = chance.share()
        if manner < 0.45:
            text = chance.one_of(SAYINGS)
        elif manner < 0.5:
            text = sentence(Chance("farm", chance.below(100)), 14) + chance.one_of(("", "!", " 🍀"))
        else:
            text = sentence(chance, 6 + chance.below(12))
        yield Said(account=str(number), ref=str(number), at=number, text=text)


def _count_copies(comments: Iterable[Said]) -> int:
    """How many repeat what another account wrote before, in the order they were written."""
    sources = Sources()
    copies = 0
    for number, said in enumerate(comments):
        if (shape := sketch(said.text)) is not None:
            source = sources.place(said, shape, new_id=UUID(int=number))
            copies += source.account != said.account
    return copies


# A tenth stands out in something, and a hundredth in much.
_FILL = """
WITH made AS (
    INSERT INTO entrants (workspace_id, contest_id, id, subject, label, state, reason, tickets,
        record, record_salt, record_digest, judged_at, kind)
    SELECT $1, $2, uuidv7(), 'vk:' || n, '', 'valid', 'all_conditions_hold', 1, '{}', '', '', now(),
        kind_of('vk', 'valid', 'all_conditions_hold', '')
    FROM generate_series(1, $3::integer) AS n RETURNING id, subject
), drawn AS (
    SELECT id, CASE WHEN hashtext(subject) % 100 = 0 THEN 90
        WHEN hashtext(subject) % 10 = 0 THEN 40 ELSE 0 END AS strength FROM made
)
INSERT INTO entrant_signals (workspace_id, contest_id, entrant_id, score, strengths, facts,
    age_days, measured_at)
SELECT $1, $2, id, signal_score(s, '{35,30,65,65,65,40,65,65}'), s,
    CASE strength WHEN 0 THEN '{}' ELSE '{"copied_comments":{"copies":1,"words":9}}' END,
    CASE strength WHEN 0 THEN 900 ELSE 20 END, now()
FROM drawn, LATERAL (SELECT ARRAY[strength, strength, 0, 0, strength, 0, 0, 0]::smallint[] AS s) l
"""


async def _look(given: dict[str, Any]) -> None:
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    async with open_runtime(given["url"], Path(given["folder"])) as rt, rt.pool.acquire() as conn:
        contest = await read_contest(conn, scene)
        weights, threshold = scores.in_order({"burst": 0}), scores.THRESHOLD
        start = time.perf_counter()
        fall = await signals.count_falling(
            conn, contest, weights=weights, threshold=threshold, new_days=30
        )
        page = await signals.falling(
            conn, contest, weights=weights, threshold=threshold, after=None, limit=50
        )
        seconds = time.perf_counter() - start
    assert len(page) == min(50, fall.falling)
    fresh.answer(seconds=seconds, falling=fall.falling)


async def _live(given: dict[str, Any]) -> None:
    found = await measure_town(
        town(given["people"]),
        url=given["url"],
        folder=Path(given["folder"]),
        redis_url=given["redis_url"],
    )
    counts = {kind: [found.flagged(kind), found.count(kind)] for kind in ("", *SHARES)}
    fresh.answer(seconds=found.seconds, counts=counts)


def _main() -> None:
    given = fresh.arguments()
    # What the flows log is not the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    match given["do"]:
        case "preview":
            asyncio.run(_look(given))
        case "town":
            asyncio.run(_live(given))
        case _:
            comments = list(_comments(given["size"]))
            start = time.perf_counter()
            copies = _count_copies(comments)
            fresh.answer(seconds=time.perf_counter() - start, copies=copies)


if __name__ == "__main__":
    _main()
