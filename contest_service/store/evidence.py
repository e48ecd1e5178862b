"""Which evidence contests rest on: targets and actions, their watches, and the scans awaited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, TargetKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many
from contest_service.store.targets import StoredTarget


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a target that a contest's rules ask about, and its watch."""

    watch_id: UUID
    target_id: UUID
    platform: Platform
    instance: str
    kind: TargetKind
    ref: str
    action: Action
    closing_scan_id: UUID | None
    closing_at: datetime | None
    """When the closing scan was finished."""
    recheck_scan_id: UUID | None
    recheck_at: datetime | None
    scanned_since: datetime | None
    """When the latest complete scan began whose presences are still known."""
    is_live: bool
    """Known from live events alone: there is nothing to scan, and absence is never proved."""


WATCHED = """
SELECT w.id AS watch_id, e.target_id, t.platform, t.instance, t.kind, t.ref, e.action,
    e.closing_scan_id, c.finished_at AS closing_at,
    e.recheck_scan_id, r.finished_at AS recheck_at,
    (SELECT s.started_at FROM scans s
     WHERE s.workspace_id = w.workspace_id AND s.watch_id = w.id AND s.state = 'complete'
        AND s.started_at > COALESCE(w.forgotten_at, '-infinity')
     ORDER BY s.id DESC LIMIT 1) AS scanned_since,
    e.live AS is_live
FROM contest_evidence e
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
LEFT JOIN scans c ON c.workspace_id = e.workspace_id AND c.id = e.closing_scan_id
LEFT JOIN scans r ON r.workspace_id = e.workspace_id AND r.id = e.recheck_scan_id
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY t.kind DESC, t.id, e.action
"""


async def watched(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Watched]:
    """What a contest's verdicts rest on: its posts' actions first, then its communities'."""
    return many(await conn.fetch(WATCHED, workspace_id, contest_id), Watched)


FORGET_EVIDENCE = """
DELETE FROM contest_evidence e WHERE e.workspace_id = $1 AND e.contest_id = $2
    AND NOT EXISTS (SELECT FROM unnest($3::uuid[], $4::text[]) AS k (target_id, action)
        WHERE k.target_id = e.target_id AND k.action = e.action)
"""
REST_ON = """
INSERT INTO contest_evidence AS e (workspace_id, contest_id, target_id, action, live)
SELECT $1, $2, k.* FROM unnest($3::uuid[], $4::text[], $5::boolean[]) AS k
ON CONFLICT (workspace_id, contest_id, target_id, action) DO UPDATE SET live = excluded.live
WHERE e.live <> excluded.live
"""
WATCH = """
INSERT INTO watches (workspace_id, target_id, action)
SELECT $1, k.* FROM unnest($2::uuid[], $3::text[]) AS k ON CONFLICT DO NOTHING
"""


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a target that a contest is to rest on."""

    target_id: UUID
    action: Action
    is_live: bool


async def rest_on(conn: Connection, contest: Contest, rests: Sequence[Rest]) -> None:
    """Let a contest rest on exactly these targets and actions, all of them watched from now."""
    target_ids = [each.target_id for each in rests]
    actions = [each.action.value for each in rests]
    key = (contest.workspace_id, contest.id)
    await conn.execute(FORGET_EVIDENCE, *key, target_ids, actions)
    await conn.execute(REST_ON, *key, target_ids, actions, [each.is_live for each in rests])
    await conn.execute(WATCH, contest.workspace_id, target_ids, actions)


SET_CLOSING = """
UPDATE contest_evidence e SET closing_scan_id = $4
FROM contests c
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3 AND e.closing_scan_id IS NULL
    AND c.workspace_id = e.workspace_id AND c.id = e.contest_id
    AND c.status = 'closing' AND c.closes_at <= $5
    AND ($6 OR NOT EXISTS (SELECT FROM contest_evidence p
        JOIN targets t ON t.workspace_id = p.workspace_id AND t.id = p.target_id
        LEFT JOIN scans s ON s.workspace_id = p.workspace_id AND s.id = p.closing_scan_id
        WHERE p.workspace_id = e.workspace_id AND p.contest_id = e.contest_id
            AND t.kind = 'post' AND NOT p.live AND (s.finished_at IS NULL OR s.finished_at > $5)))
RETURNING e.contest_id
"""
SET_RECHECK = """
UPDATE contest_evidence e SET recheck_scan_id = $4
FROM contests c
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3 AND e.recheck_scan_id IS NULL
    AND c.workspace_id = e.workspace_id AND c.id = e.contest_id
    AND c.status = 'drawn' AND c.draw_at <= $5
RETURNING e.contest_id
"""


async def credit_scan(
    conn: Connection,
    target: StoredTarget,
    action: Action,
    *,
    scan_id: UUID,
    started_at: datetime,
) -> list[UUID]:
    """Let a complete scan serve as closing scan, or as recheck, of every contest that waits for it.

    A scan counts if it began at or after the close (the draw); one that asks by account, only if
    everybody to ask about was known when it began. Returns the contests' ids.
    """
    args = (target.workspace_id, target.id, action, scan_id, started_at)
    closed = await conn.fetch(SET_CLOSING, *args, target.kind is TargetKind.POST)
    rows = [*closed, *await conn.fetch(SET_RECHECK, *args)]
    return [row["contest_id"] for row in rows]


RESET_CLOSING = """
UPDATE contest_evidence SET closing_scan_id = NULL WHERE workspace_id = $1 AND contest_id = $2
"""


async def reset_closing(conn: Connection, contest: Contest) -> None:
    """Ask for new closing scans."""
    await conn.execute(RESET_CLOSING, contest.workspace_id, contest.id)


# What was seen again since, or is hidden, stays as it is.
DISCOUNT = """
WITH discounted AS (
    UPDATE scans s SET failure = $5
    FROM contest_evidence e
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.target_id = $3 AND e.action = $4
        AND s.workspace_id = e.workspace_id AND s.id = e.closing_scan_id
    RETURNING s.id
)
UPDATE actions a SET gone_at = NULL, gone_scan = NULL, gone_why = NULL
FROM discounted d
WHERE a.workspace_id = $1 AND a.target_id = $3 AND a.action = $4 AND a.gone_scan = d.id
    AND a.gone_why = 'withdrawn'
    AND NOT EXISTS (SELECT FROM actions o
        WHERE o.workspace_id = a.workspace_id AND o.target_id = a.target_id
            AND o.action = a.action AND o.account = a.account AND o.ref = a.ref
            AND o.seen_at > a.seen_at)
"""


async def discount(
    conn: Connection, contest: Contest, target_id: UUID, action: Action, *, why: str
) -> None:
    """Let a closing scan that saw too little prove no absence: what it did not see is not gone.

    Nor is anything that a later scan sees taken for new because this one did not show it.
    """
    key = (contest.workspace_id, contest.id, target_id, action)
    await conn.execute(DISCOUNT, *key, why)


WAITING = """
SELECT min(CASE WHEN c.status = 'closing' THEN GREATEST(c.closes_at, read.at) ELSE c.draw_at END)
FROM contest_evidence e
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
CROSS JOIN LATERAL (
    SELECT max(s.finished_at) AS at, bool_or(s.finished_at IS NULL) AS missing
    FROM contest_evidence p
    JOIN targets t ON t.workspace_id = p.workspace_id AND t.id = p.target_id
    LEFT JOIN scans s ON s.workspace_id = p.workspace_id AND s.id = p.closing_scan_id
    WHERE NOT $5 AND p.workspace_id = e.workspace_id AND p.contest_id = e.contest_id
        AND t.kind = 'post' AND NOT p.live
) read
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3 AND (
    (c.status = 'closing' AND e.closing_scan_id IS NULL AND c.closes_at <= $4
        AND read.missing IS NOT TRUE)
    OR (c.status = 'drawn' AND e.recheck_scan_id IS NULL AND c.rechecked_at IS NULL
        AND c.draw_at <= $4 AND ((c.definition->>'recheck_winners')::boolean
            OR jsonb_path_exists(c.definition, '$.rules.** ? (@.moment == "draw")')
            OR (c.definition->>'amendments' = 'as_entered' AND EXISTS (
                SELECT FROM versions v
                WHERE v.workspace_id = c.workspace_id AND v.contest_id = c.id
                    AND jsonb_path_exists(v.definition, '$.rules.** ? (@.moment == "draw")'))))))
"""


async def awaited_since(
    conn: Connection, target: StoredTarget, action: Action, *, now: datetime
) -> datetime | None:
    """When a scan has to begin, at the earliest, to serve a waiting contest; None if none waits.

    One that begins now serves all of them.
    """
    moment: datetime | None = await conn.fetchval(
        WAITING, target.workspace_id, target.id, action, now, target.kind is TargetKind.POST
    )
    return moment


ACTIVE = """
SELECT min(c.closes_at)
FROM contest_evidence e
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3 AND c.status = 'running'
"""
DEPENDENTS = """
SELECT DISTINCT e.contest_id
FROM contest_evidence e
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3 AND c.status = 'running'
"""


async def next_close(conn: Connection, target: StoredTarget, action: Action) -> datetime | None:
    """The next close of a running contest that rests on this evidence; None if none does."""
    moment: datetime | None = await conn.fetchval(ACTIVE, target.workspace_id, target.id, action)
    return moment


async def running_contests(conn: Connection, target: StoredTarget, action: Action) -> list[UUID]:
    rows = await conn.fetch(DEPENDENTS, target.workspace_id, target.id, action)
    return [row["contest_id"] for row in rows]


# A page of each action of each post, and of these the page: none is read beyond it.
POPULATION = """
SELECT DISTINCT a.account
FROM contest_evidence e
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
JOIN contest_posts p ON p.workspace_id = e.workspace_id AND p.contest_id = e.contest_id
JOIN targets t ON t.workspace_id = p.workspace_id AND t.id = p.target_id
CROSS JOIN unnest($9::text[]) AS k (action)
CROSS JOIN LATERAL (
    SELECT DISTINCT a.account FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = p.target_id AND a.action = k.action
        AND a.account > $6 AND a.account <> $7
    ORDER BY a.account LIMIT $8) a
WHERE e.workspace_id = $1 AND e.target_id = $2 AND e.action = $3
    AND c.status IN ('running', 'closing', 'drawn')
    AND t.platform = $4 AND t.instance = $5
ORDER BY a.account LIMIT $8
"""


async def population(
    conn: Connection, target: StoredTarget, action: Action, *, after: str, limit: int
) -> list[str]:
    """Accounts to ask about: whoever did anything on a post of a contest that rests on this."""
    rows = await conn.fetch(
        POPULATION,
        target.workspace_id,
        target.id,
        action,
        target.platform,
        target.instance,
        after,
        target.author,
        limit,
        list(Action),
    )
    return [row["account"] for row in rows]
