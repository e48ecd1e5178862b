"""Judging: verdicts on a whole contest, when all are new and when none has changed.

The evidence comes from passes over four kinds of action, as scans leave it. As a program it makes
that evidence, or judges.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import crowd, fresh
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scanning import Passes
from benchmarks.scene import (
    CLOSES_AT,
    FOUR_CONDITIONS,
    FREEZE_AT,
    Scene,
    later,
    read_contest,
    set_scene,
    watch_of,
)
from benchmarks.table import Line
from contest_service.domain.evidence import Action, Sighting
from contest_service.domain.schedule import unix
from contest_service.flows.judge import judge_all
from contest_service.flows.scan import BATCH
from contest_service.store import accounts, entrants

FULL_SIZE = 100_000
_SKIPS = {Action.LIKE: 0, Action.REPOST: 11, Action.COMMENT: 7, Action.FOLLOW: 5}
"""One in so many did not do it."""


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure two judgements of the same contest, one after the other."""
    first, again = [], []
    async with ground.database() as evidence:
        async with open_runtime(evidence, ground.folder) as rt:
            scene = await set_scene(rt, FOUR_CONDITIONS)
        given = {
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
        }
        await fresh.measure("judging", url=evidence, size=size, **given)
        for _ in range(ground.runs):
            async with ground.database(evidence) as url:
                first.append(await fresh.measure("judging", url=url, **given))
                again.append(await fresh.measure("judging", url=url, **given))
    return [
        Line(
            what=what,
            size=f"{size:,} entrants",
            seconds=[run.values["seconds"] for run in runs],
            peak=max(run.peak for run in runs),
            note=f"{size / min(run.values['seconds'] for run in runs):,.0f} entrants a second",
        )
        for what, runs in (("judge, 4 conditions", first), ("the same, none changed", again))
    ]


def _did(action: Action, size: int) -> Iterator[Sighting]:
    at, skip = unix(CLOSES_AT) - 60, _SKIPS[action]
    act = crowd.comment if action is Action.COMMENT else crowd.like
    return (act(number, at) for number in range(size) if not skip or number % skip)


async def _make_evidence(given: dict[str, Any], scene: Scene) -> None:
    size = given["size"]
    async with connection(given["url"]) as conn:
        for action in _SKIPS:
            watch, target, _ = await watch_of(conn, scene, action)
            await Passes(conn, watch).make(_did(action, size), later(60))
        for numbers in crowd.batches(iter(range(size)), BATCH):
            people = [crowd.profile(number) for number in numbers]
            await accounts.keep_profiles(conn, target, people, at=CLOSES_AT)
        await conn.execute("VACUUM ANALYZE actions, accounts")


async def _judge(given: dict[str, Any], scene: Scene) -> float:
    async with open_runtime(given["url"], Path(given["folder"]), at=FREEZE_AT) as rt:
        async with rt.pool.acquire() as conn:
            contest = await read_contest(conn, scene)
        start = time.perf_counter()
        await judge_all(rt, contest)
        seconds = time.perf_counter() - start
        async with rt.pool.acquire() as conn:
            counts = await entrants.counts(conn, scene.workspace_id, scene.contest_id)
        assert {count.reason for count in counts} >= {"all_conditions_hold", "follows.not_seen"}
    return seconds


async def _main() -> None:
    given = fresh.arguments()
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    if "size" in given:
        await _make_evidence(given, scene)
        fresh.answer(done=True)
    else:
        fresh.answer(seconds=await _judge(given, scene))


if __name__ == "__main__":
    asyncio.run(_main())
