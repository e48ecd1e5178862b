"""Contests whose winners are announced, over made-up evidence, with a clock moved there."""

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

from api.staged import Stage
from litestar import Litestar

from contest_service.store import announcements, contests, work
from contest_service.store.announcements import Announcement
from contest_service.store.contests import Contest
from web.test_draw_page import drawn
from workers import jobs

NAMES = ("ann", "bob", "cem", "dana", "emil", "fay")


def turn_clock(app: Litestar, stage: Stage, contest: Contest, **later: int) -> None:
    """Let the application live after the draw of a contest, or later than that."""
    at = contest.draw_at + timedelta(seconds=10) + timedelta(**later)
    moved = dataclasses.replace(app.state.rt, clock=lambda: at)
    app.state.rt = stage.rt = moved


async def written(app: Litestar, stage: Stage, *names: str, **changes: Any) -> Contest:
    """A drawn contest whose result waits to be published."""
    contest = await drawn(stage, *(names or NAMES), **changes)
    turn_clock(app, stage, contest)
    await advance(stage, contest)
    return await stage.contest(contest.id)


async def announced(app: Litestar, stage: Stage, *names: str, **changes: Any) -> Contest:
    """A contest whose result is published on all its posts."""
    contest = await written(app, stage, *names, **changes)
    for each in await outbox(stage, contest):
        await publish(stage, each)
    await advance(stage, contest)
    return await stage.contest(contest.id)


async def outbox(stage: Stage, contest: Contest) -> list[Announcement]:
    async with stage.rt.pool.acquire() as conn:
        return await announcements.of_contest(conn, contest.workspace_id, contest.id)


async def publish(stage: Stage, each: Announcement) -> None:
    async with stage.rt.pool.acquire() as conn:
        await announcements.set_published(
            conn, each, ref="at://1", url="http://localhost:3000/said/1", at=stage.rt.clock()
        )


async def advance(stage: Stage, contest: Contest) -> None:
    """Let a worker take the contest's next step."""
    async with stage.rt.pool.acquire() as conn:
        key = (contest.workspace_id, work.Kind.ADVANCE, contest.id)
        due = await work.plan(conn, *key, due_at=stage.rt.clock())
    await jobs.work({"runtime": stage.rt}, str(due.workspace_id), str(due.id))


async def winners(stage: Stage, contest: Contest) -> list[UUID]:
    """The entries that were named, in the order of their commitments."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch(
            "SELECT entry FROM namings WHERE contest_id = $1 ORDER BY commitment", contest.id
        )
    return [row["entry"] for row in rows]


async def reread(stage: Stage, contest: Contest) -> Contest:
    async with stage.rt.pool.acquire() as conn:
        return await contests.read(conn, contest.workspace_id, contest.id)
