"""Erasure: a person out of a large contest that has ended, and then all of it by its age.

As a program it makes what such a contest rests on (presences, profiles, the answers of the closing
scan), or erases. The answers of the scan are looked through for a person one by one.
"""

import asyncio
import contextlib
import json
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import crowd, drawing, fresh
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scanning import Passes
from benchmarks.scene import (
    CLOSES_AT,
    DRAW_AT,
    INSTANCE,
    LIKED,
    Scene,
    later,
    owner_of,
    set_scene,
    watch_of,
)
from benchmarks.table import Line, with_a_tenth
from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.evidence import Action
from contest_service.domain.schedule import unix
from contest_service.flows import erase
from contest_service.flows.erase_contest import erase_contest
from contest_service.flows.erase_person import erase_person
from contest_service.flows.runtime import Runtime
from contest_service.flows.scan import BATCH
from contest_service.store import accounts, erasure
from contest_service.store.erasure import Cause
from contest_service.store.rows import Connection

FULL_SIZE = 1_000_000
"""A tenth of it is measured too."""
_A_YEAR = timedelta(days=365)
_LIKES_AT_ONCE = 1000
_BODIES = """
UPDATE scan_pages p SET body = b.body FROM unnest($2::integer[], $3::bytea[]) AS b (seq, body)
WHERE p.workspace_id = $1 AND p.seq = b.seq
"""
_CLOSING = "UPDATE scans SET closing = true"
_ENDED = "UPDATE contests SET status = 'completed', updated_at = $1"
_LEFT = """
SELECT (SELECT count(*) FROM actions) + (SELECT count(*) FROM accounts)
    + (SELECT count(*) FROM scan_pages WHERE body IS NOT NULL)
    + (SELECT count(*) FROM entrants WHERE erased_at IS NULL)
"""


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure both."""
    return [line for each in with_a_tenth(size) for line in await _of_size(ground, each)]


async def _of_size(ground: Ground, size: int) -> list[Line]:
    async with ground.database() as ended:
        async with open_runtime(ended, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        given = {
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
            "size": size,
        }
        await fresh.measure("erasing", url=ended, part="evidence", **given)
        async with connection(ended) as conn:
            await drawing.judge(conn, scene, size)
        del given["size"]
        await fresh.measure("drawing", url=ended, **given)
        async with connection(ended) as conn:
            await conn.execute(_ENDED, DRAW_AT)
            await conn.execute("VACUUM ANALYZE", timeout=fresh.PATIENCE)
        runs = []
        for _ in range(ground.runs):
            async with ground.database(ended) as url:
                runs.append(
                    await fresh.measure("erasing", url=url, part="erasure", size=size, **given)
                )
    return [
        Line(
            what=what,
            size=f"{size:,} entrants",
            seconds=[run.values[key] for run in runs],
            peak=max(run.peak for run in runs),
        )
        for what, key in (
            ("a person erased by request", "person"),
            ("a whole contest erased by age", "contest"),
        )
    ]


async def _make_evidence(given: dict[str, Any], scene: Scene) -> None:
    """Likes and profiles of everybody, and the answers that told of them."""
    size, at = given["size"], unix(CLOSES_AT) - 60
    async with connection(given["url"]) as conn:
        watch, target, _ = await watch_of(conn, scene, Action.LIKE)
        passes = Passes(conn, watch)
        await passes.make((crowd.like(number, at) for number in range(size)), later(60))
        await conn.execute(_CLOSING)
        for numbers in crowd.batches(iter(range(size)), BATCH):
            people = [crowd.profile(number) for number in numbers]
            await accounts.keep_profiles(conn, target, people, at=CLOSES_AT)
        for pages in crowd.batches(enumerate(_bodies(size)), _LIKES_AT_ONCE):
            seqs, bodies = zip(*pages, strict=True)
            await conn.execute(_BODIES, scene.workspace_id, seqs, bodies)


def _bodies(size: int) -> Iterator[bytes]:
    """The pages as the platform answered them, compressed."""
    for numbers in crowd.batches(iter(range(size)), crowd.PAGE):
        likes = [
            {
                "actor": {
                    "did": crowd.did(number),
                    "handle": f"person{number}.bsky.social",
                    "displayName": f"Person {number}",
                    "avatar": f"https://cdn.bsky.app/img/avatar/plain/{crowd.did(number + 1)}@jpeg",
                    "viewer": {"muted": False, "blockedBy": False},
                    "labels": [],
                },
                "createdAt": "2026-01-05T12:00:00.000Z",
                "indexedAt": "2026-01-05T12:00:00.000Z",
            }
            for number in numbers
        ]
        yield zlib.compress(json.dumps({"likes": likes}).encode(), 6)


async def _erase(rt: Runtime, scene: Scene, size: int) -> dict[str, float]:
    async with rt.pool.acquire() as conn:
        person, contest = await _asked(conn, scene, size)
    start = time.perf_counter()
    assert await erase_person(rt, person) == []
    middle = time.perf_counter()
    assert await erase_contest(rt, contest)
    end = time.perf_counter()
    async with rt.pool.acquire() as conn:
        assert await conn.fetchval(_LEFT) == 0
    return {"person": middle - start, "contest": end - middle}


async def _asked(
    conn: Connection, scene: Scene, size: int
) -> tuple[erasure.Erasure, erasure.Erasure]:
    """What is due: the erasure of somebody, and that of the contest."""
    actor, _ = await owner_of(conn)
    now = DRAW_AT + _A_YEAR
    who = AccountKey(platform=Platform.BLUESKY, instance=INSTANCE, id=crowd.did(size // 2))
    async with conn.transaction():
        person = await erase.request(
            conn, actor, who, reason="own-request", removes_from_lists=False, now=now
        )
        await erasure.plan_aged(conn, Cause.RETENTION, before=now, now=now)
    found = await erasure.list_page(conn, scene.workspace_id, before=None, limit=10)
    return person, next(each for each in found if each.cause is Cause.RETENTION)


async def _main() -> None:
    given = fresh.arguments()
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    if given["part"] == "evidence":
        await _make_evidence(given, scene)
        fresh.answer(done=True)
        return
    at = DRAW_AT + _A_YEAR
    async with open_runtime(given["url"], Path(given["folder"]), at=at) as rt:
        # What it logs is no part of the answer.
        with contextlib.redirect_stdout(sys.stderr):
            seconds = await _erase(rt, scene, given["size"])
    fresh.answer(**seconds)


if __name__ == "__main__":
    asyncio.run(_main())
