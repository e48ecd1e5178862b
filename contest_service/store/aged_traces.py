"""What a contest that is old enough leaves behind: taken away in ranges of some thousand rows.

A target's presences go with the last contest that rested on it: one counts as gone from when its
own retention is due.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.evidence import Action
from contest_service.store.entrant_traces import affected
from contest_service.store.presence_traces import Spot
from contest_service.store.rows import Connection, many


class Network(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    instance: str


NETWORKS = """
SELECT DISTINCT t.platform, t.instance FROM contest_posts p
JOIN targets t ON t.workspace_id = p.workspace_id AND t.id = p.target_id
WHERE p.workspace_id = $1 AND p.contest_id = $2
ORDER BY t.platform, t.instance
"""
TARGETS = """
SELECT DISTINCT e.target_id FROM contest_evidence e
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY e.target_id
"""
IS_KEPT = """
SELECT EXISTS (SELECT FROM contest_evidence e
    WHERE e.workspace_id = $1 AND e.target_id = $2
        AND NOT EXISTS (SELECT FROM erasures r WHERE r.workspace_id = $1
            AND r.contest_id = e.contest_id AND r.cause = 'retention'))
"""


async def networks(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Network]:
    """Where a contest's people have their accounts."""
    return many(await conn.fetch(NETWORKS, workspace_id, contest_id), Network)


async def targets(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[UUID]:
    """The targets on which a contest rests."""
    rows = await conn.fetch(TARGETS, workspace_id, contest_id)
    return [row["target_id"] for row in rows]


async def is_kept(conn: Connection, workspace_id: UUID, target_id: UUID) -> bool:
    """Whether any contest rests on a target whose retention is not due."""
    return bool(await conn.fetchval(IS_KEPT, workspace_id, target_id))


# An account's rows are never divided, so that a range goes by accounts alone.
PRESENCES_TO = """
SELECT max(account) FROM (SELECT account FROM actions
    WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account > $4
    ORDER BY account, ref, seen_scan LIMIT $5) a
"""
FORGET_PRESENCES = """
DELETE FROM actions
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account > $4 AND account <= $5
"""
FORGET_ANSWERED = """
DELETE FROM answered_comments
WHERE workspace_id = $1 AND target_id = $2 AND account > $3 AND account <= $4
"""
ABSENCES_TO = """
SELECT max(account) FROM (SELECT account FROM absences
    WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account > $4
    ORDER BY account LIMIT $5) a
"""
FORGET_ABSENCES = """
DELETE FROM absences
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account > $4 AND account <= $5
"""


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken away: the last account, and the number of rows."""

    last: str
    rows: int


async def forget_presences(
    conn: Connection, workspace_id: UUID, spot: Spot, *, after: str, limit: int
) -> Range | None:
    """Delete the next presences on a target; None when there are none left."""
    key = (workspace_id, spot.target_id, spot.action, after)
    last = await conn.fetchval(PRESENCES_TO, *key, limit)
    if last is None:
        return None
    if spot.action is Action.COMMENT:
        await conn.execute(FORGET_ANSWERED, workspace_id, spot.target_id, after, last)
    return Range(last=last, rows=affected(await conn.execute(FORGET_PRESENCES, *key, last)))


async def forget_absences(
    conn: Connection, workspace_id: UUID, spot: Spot, *, after: str, limit: int
) -> Range | None:
    """Delete the next notes of absence on a target; None when there are none left."""
    key = (workspace_id, spot.target_id, spot.action, after)
    last = await conn.fetchval(ABSENCES_TO, *key, limit)
    if last is None:
        return None
    return Range(last=last, rows=affected(await conn.execute(FORGET_ABSENCES, *key, last)))


# A scan serves every contest that waits for it, and is kept for the last of them. What began after
# the end of this one was made for others.
SCANS = """
SELECT DISTINCT s.id
FROM contest_evidence e
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
JOIN scans s ON s.workspace_id = w.workspace_id AND s.watch_id = w.id
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND s.closing AND s.state <> 'running'
    AND s.started_at <= $3
    AND NOT EXISTS (SELECT FROM contest_evidence o
        WHERE o.workspace_id = $1 AND o.target_id = e.target_id AND o.action = e.action
            AND s.id IN (o.closing_scan_id, o.recheck_scan_id)
            AND NOT EXISTS (SELECT FROM erasures r WHERE r.workspace_id = $1
                AND r.contest_id = o.contest_id AND r.cause IN ('bodies', 'retention')))
ORDER BY s.id
"""
FORGET_BODIES = """
UPDATE scan_pages SET body = NULL
WHERE workspace_id = $1 AND scan_id = $2 AND seq >= $3 AND seq < $4 AND body IS NOT NULL
"""
PAGES = "SELECT pages FROM scans WHERE workspace_id = $1 AND id = $2"


async def scans(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, until: datetime
) -> list[UUID]:
    """Closing scans of a contest that ended at `until`, whose answers nobody else keeps."""
    rows = await conn.fetch(SCANS, workspace_id, contest_id, until)
    return [row["id"] for row in rows]


async def pages(conn: Connection, workspace_id: UUID, scan_id: UUID) -> int:
    """How many pages a scan has."""
    return int(await conn.fetchval(PAGES, workspace_id, scan_id))


async def forget_bodies(
    conn: Connection, workspace_id: UUID, scan_id: UUID, *, first: int, end: int
) -> int:
    """Delete the answers of some pages of a scan, from `first` to before `end`."""
    done = await conn.execute(FORGET_BODIES, workspace_id, scan_id, first, end)
    return affected(done)
