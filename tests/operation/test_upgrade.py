"""A database as every release left it, with contests in the middle of their lives, goes on.

Until a second migration exists there is nothing to apply to the first release's; then this is the
test that it applies to a database that is in use.
"""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from operation.release import PEOPLE, RELEASES

from benchmarks.ground import open_runtime
from benchmarks.scene import CLOSES_AT, DRAW_AT, FREEZE_AT, later
from contest_service.domain.contest import Status
from contest_service.flows.draw import draw
from contest_service.flows.export import export_bundle
from contest_service.flows.freeze import freeze
from contest_service.flows.judge import judge_all
from contest_service.flows.runtime import Runtime
from contest_service.proof.bundle import Edition
from contest_service.store import contests, entrants
from contest_service.store.contests import Contest
from contest_service.store.migrate import find_pending, migrate
from contest_service.store.pool import connect

VERIFY = Path("contest_service/proof/verify.py")
PRACTICE_HOLDS, PENDING = 3, 4


@pytest.fixture(params=sorted(RELEASES.glob("*.sql")), ids=lambda path: path.stem)
async def upgraded(request: pytest.FixtureRequest, empty_database: str) -> str:
    """A database of a release, brought forward."""
    connection = await connect(empty_database)
    try:
        await connection.execute(request.param.read_text())
        await connection.execute("SET search_path TO public")
        await migrate(connection)
        assert await find_pending(connection) == []
    finally:
        await connection.close()
    return empty_database


async def the_contest(rt: Runtime, status: Status) -> Contest:
    async with rt.pool.acquire() as conn:
        workspace_id = await conn.fetchval("SELECT id FROM workspaces")
        (found,) = await contests.list_page(conn, workspace_id, status=status, before=None, limit=2)
    return found


async def verify(rt: Runtime, contest: Contest, folder: Path) -> dict[str, Any]:
    """Check both editions in an interpreter of its own; returns what was said of the last."""
    for edition in Edition:
        path = folder / f"{edition}.zip"
        with path.open("wb") as file:
            async for piece in export_bundle(rt, contest.workspace_id, contest.id, edition):
                file.write(piece)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-I", "-S", VERIFY, "--practice", "--json", path],
            capture_output=True,
            check=False,
        )
        assert done.returncode in (PRACTICE_HOLDS, PENDING), done.stdout
    return dict(json.loads(done.stdout), status=done.returncode)


async def test_a_running_contest_is_judged_to_the_same_verdicts(
    upgraded: str, tmp_path: Path
) -> None:
    async with open_runtime(upgraded, tmp_path, at=later(600)) as rt:
        contest = await the_contest(rt, Status.RUNNING)
        key = (contest.workspace_id, contest.id)
        async with rt.pool.acquire() as conn:
            before = await entrants.list_page(conn, *key, limit=100)
        await judge_all(rt, contest)
        async with rt.pool.acquire() as conn:
            after = await entrants.list_page(conn, *key, limit=100)
        assert len(before) == PEOPLE
        assert [(each.id, each.state, each.reason) for each in after] == [
            (each.id, each.state, each.reason) for each in before
        ]
        assert (await verify(rt, contest, tmp_path))["outcome"] == "running"


async def test_a_closing_contest_is_frozen_and_drawn(upgraded: str, tmp_path: Path) -> None:
    async with open_runtime(upgraded, tmp_path, at=FREEZE_AT) as rt:
        contest = await the_contest(rt, Status.CLOSING)
        assert contest.closes_at == CLOSES_AT
        async with rt.pool.acquire() as conn, conn.transaction():
            await freeze(conn, rt, contest, now=FREEZE_AT)
    await _require_draw(upgraded, tmp_path, contest)


async def test_a_frozen_contest_is_drawn(upgraded: str, tmp_path: Path) -> None:
    async with open_runtime(upgraded, tmp_path, at=FREEZE_AT) as rt:
        contest = await the_contest(rt, Status.FROZEN)
    await _require_draw(upgraded, tmp_path, contest)


async def _require_draw(url: str, folder: Path, contest: Contest) -> None:
    async with open_runtime(url, folder, at=DRAW_AT + timedelta(seconds=10)) as rt:
        assert await draw(rt, contest)
        said = await verify(rt, contest, folder)
    assert (said["status"], said["outcome"]) == (PRACTICE_HOLDS, "result")
    assert all("commit" in slot for slot in said["final"][0][:9])


async def test_whoever_counts_in_a_contest_that_is_not_frozen_is_promised_a_place(
    upgraded: str,
) -> None:
    connection = await connect(upgraded)
    try:
        rows = await connection.fetch(
            """SELECT c.status, n.tickets, o.commitment AS opened, p.commitment, p.weight, p.number
            FROM entrants n
            JOIN contests c ON c.id = n.contest_id
            JOIN openings o ON o.contest_id = n.contest_id AND o.entrant_id = n.id
            LEFT JOIN promises p ON p.contest_id = n.contest_id AND p.entrant_id = n.id
            WHERE n.state = 'valid'"""
        )
    finally:
        await connection.close()
    waiting = [row for row in rows if row["status"] in ("running", "closing")]
    assert {row["status"] for row in waiting} == {"running", "closing"}
    for row in waiting:
        assert (row["commitment"], row["weight"], row["number"]) == (
            row["opened"],
            row["tickets"],
            0,
        )
    assert all(row["number"] is None for row in rows if row not in waiting)
