"""Pings: the database tells that a contest changed, and how far each side of it is.

A notification names the contest alone. What changed is found by comparing how far its sides are, so
that whoever was away, or missed notifications, finds the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from contest_service.store.pool import connect
from contest_service.store.rows import Connection

CHANNEL = "contest_changed"
_PROBE_EVERY = 30
"""Seconds after which a connection that is silent is asked whether it is one."""
_PATIENCE = 10
"""Seconds to answer that."""

FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""Of a look at the database that may go well the next time."""

SIDES = (
    "status",
    "entrants",
    "scans",
    "coverage",
    "draw",
    "announcements",
    "winners",
    "appeals",
)
"""What of a contest can change, in the order of `Versions`."""

Versions = tuple[str, ...]
"""A short digest for each of the sides."""

# Each is a walk through a few rows of an index, or the one last row of a watch.
VERSIONS = """
WITH last AS (
    SELECT w.id AS watch_id, e.closing_scan_id, s.id, s.state, d.id AS complete_id
    FROM contest_evidence e
    JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
        AND w.action = e.action
    LEFT JOIN LATERAL (SELECT l.id, l.state FROM scans l
        WHERE l.workspace_id = $1 AND l.watch_id = w.id ORDER BY l.id DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT l.id FROM scans l
        WHERE l.workspace_id = $1 AND l.watch_id = w.id AND l.state = 'complete'
        ORDER BY l.id DESC LIMIT 1) d ON true
    WHERE e.workspace_id = $1 AND e.contest_id = $2
)
SELECT ARRAY[
    (c.status, c.terms_version, c.obstacle, c.opens_at, c.closes_at, c.freeze_at, c.draw_at)::text,
    (c.judged_at, c.closing_judged_at)::text,
    (SELECT string_agg((watch_id, id, state)::text, '' ORDER BY watch_id) FROM last),
    (SELECT string_agg((watch_id, closing_scan_id, complete_id)::text, '' ORDER BY watch_id)
     FROM last),
    (SELECT max(seq)::text FROM events v WHERE v.workspace_id = $1 AND v.contest_id = $2),
    (SELECT string_agg((a.id, a.state)::text, '' ORDER BY a.id) FROM announcements a
     WHERE a.workspace_id = $1 AND a.contest_id = $2),
    (SELECT count(*)::text FROM claims k WHERE k.workspace_id = $1 AND k.contest_id = $2)
        || COALESCE((SELECT string_agg((d.id, d.state)::text, '' ORDER BY d.id)
            FROM disqualifications d WHERE d.workspace_id = $1 AND d.contest_id = $2), '')
        || COALESCE((SELECT string_agg((n.state, n.found)::text, '' ORDER BY n.state) FROM (
            SELECT state, count(*) AS found FROM notices
            WHERE workspace_id = $1 AND contest_id = $2 AND state <> 'told' GROUP BY state) n), '')
        || (SELECT (count(*), count(v.undone_at))::text FROM deliveries v
            WHERE v.workspace_id = $1 AND v.contest_id = $2),
    (SELECT string_agg((p.state, p.found)::text, '' ORDER BY p.state) FROM (
        SELECT state, count(*) AS found FROM appeals
        WHERE workspace_id = $1 AND contest_id = $2 GROUP BY state) p)
] AS sides
FROM contests c WHERE c.workspace_id = $1 AND c.id = $2
"""


async def versions(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[str | None]:
    """How far each side of a contest is, as texts that differ when it changed; empty without it."""
    found: list[str | None] | None = await conn.fetchval(VERSIONS, workspace_id, contest_id)
    return found or []


@asynccontextmanager
async def listening(
    database_url: str, heard: Callable[[UUID], None]
) -> AsyncIterator[asyncio.Task[None]]:
    """Hear of contests that change while the context is open.

    The task ends once the connection is lost, after which nothing is heard. Raises
    DatabaseUnreachableError.
    """
    conn = await connect(database_url)
    lost = asyncio.Event()

    def take(*notification: object) -> None:
        heard(UUID(str(notification[-1])))

    try:
        conn.add_termination_listener(lambda _: lost.set())
        await conn.add_listener(CHANNEL, take)
        watching = asyncio.create_task(_watch(conn, lost))
        try:
            yield watching
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    finally:
        conn.terminate()


async def _watch(conn: "asyncpg.Connection[Any]", lost: asyncio.Event) -> None:
    """Wait until the connection is lost, or does not answer any more."""
    while not lost.is_set():
        try:
            async with asyncio.timeout(_PROBE_EVERY):
                await lost.wait()
        except TimeoutError:
            try:
                await conn.fetchval("SELECT 1", timeout=_PATIENCE)
            except FAILURES:
                return
