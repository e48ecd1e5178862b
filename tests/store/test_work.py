"""What is due, and in which order."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store import work
from contest_service.store.work import LEASE, Kind

_NOW = "SELECT now()"


async def test_work_whose_holder_died_does_not_wait_behind_what_became_due_later(
    pool: Any,
) -> None:
    async with pool.acquire() as conn:
        workspace, _ = await ensure_first_workspace(conn)
        now = await conn.fetchval(_NOW)
        left = await work.plan(conn, workspace.id, Kind.SCAN, UUID(int=1), due_at=now)
        assert await work.take(conn, workspace.id, left.id, now=now)
        ran_out = now + timedelta(seconds=LEASE)
        earlier = await work.plan(
            conn, workspace.id, Kind.SCAN, UUID(int=2), due_at=ran_out - timedelta(seconds=1)
        )
        later = await work.plan(
            conn, workspace.id, Kind.SCAN, UUID(int=3), due_at=ran_out + timedelta(seconds=1)
        )
        due = await work.due(conn, ran_out + timedelta(seconds=2), limit=10)
        assert [each.id for each in due] == [earlier.id, left.id, later.id]
        assert await work.due(conn, ran_out + timedelta(seconds=2), limit=2) == due[:2]
