"""Cases: everything on record about each entrant of a contest, as the judge needs it."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, many


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on record about one account that did something on a contest's posts.

    `presences` is a JSON array of `domain.case.Presence`. Times are unix seconds.
    """

    platform: str
    instance: str
    account: str
    handle: str | None
    name: str | None
    created_at: int | None
    has_picture: bool | None
    followers: int | None
    is_closed: bool | None
    is_active: bool | None
    city: str | None
    born: str | None
    standing: str | None
    lists: list[str]
    presences: str


# The evidence as its closing scans left it: what appeared later is not there yet, and what vanished
# later still is. While a contest runs there is no closing scan, and everything counts as it stands.
# OFFSET 0 keeps the planner from joining in another order: whatever its statistics are, each
# evidence is read by its key, and each account is looked up by its own.
SEEN = """
WITH asked AS MATERIALIZED (
    SELECT e.target_id, e.action, t.platform, t.instance, t.kind, t.ref,
        COALESCE(c.finished_at, 'infinity') AS at
    FROM contest_evidence e
    JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
    LEFT JOIN scans c ON c.workspace_id = e.workspace_id
        AND c.id = CASE WHEN $4 THEN COALESCE(e.recheck_scan_id, e.closing_scan_id)
            ELSE e.closing_scan_id END
    WHERE e.workspace_id = $1 AND e.contest_id = $2
), seen AS (
    SELECT q.platform, q.instance, a.account,
        json_agg(json_build_object(
            'action', q.action, 'target', q.ref, 'ref', a.ref,
            'at', floor(date_part('epoch', a.at))::bigint,
            'absent_at', floor(date_part('epoch', a.absent_at))::bigint,
            'seen_at', floor(date_part('epoch', a.seen_at))::bigint,
            'gone_at', CASE WHEN a.gone_at <= q.at
                THEN floor(date_part('epoch', a.gone_at))::bigint END,
            'gone_why', CASE WHEN a.gone_at <= q.at THEN a.gone_why END, 'is_heard', a.heard,
            'text', a.text, 'tags', a.tags, 'mentions', a.mentions
        ) ORDER BY q.action, a.seen_at, a.ref)::text AS presences
    FROM asked q CROSS JOIN LATERAL (
        SELECT a.account, a.ref, a.at, a.absent_at, a.seen_at, a.gone_at, a.gone_why, a.heard,
            a.text, a.tags, a.mentions
        FROM actions a
        WHERE a.workspace_id = $1 AND a.target_id = q.target_id AND a.action = q.action
            AND a.seen_at <= q.at AND ($3::text[] IS NULL OR a.account = ANY ($3))
        OFFSET 0) a
    GROUP BY q.platform, q.instance, a.account
    HAVING bool_or(q.kind = 'post')
)
"""
# Who is not seen any more since the rules do not ask for what they did. Everybody else has a record
# of the terms in force by then.
UNSEEN = """
WITH seen AS (
    SELECT x.platform, x.instance, x.account, '[]' AS presences
    FROM entrants n
    JOIN entrant_accounts x ON x.workspace_id = n.workspace_id AND x.contest_id = n.contest_id
        AND x.entrant_id = n.id
    WHERE n.workspace_id = $1 AND n.contest_id = $2
        AND (n.record::jsonb->>'terms_version')::integer <> $3
)
"""
WITH_FACTS = """
SELECT s.platform, s.instance, s.account, s.presences,
    k.handle, k.name, floor(date_part('epoch', k.created_at))::bigint AS created_at,
    k.has_picture, k.followers, k.is_closed, k.is_active, k.city, k.born::text AS born, k.standing,
    ARRAY(SELECT l.list_id::text FROM list_accounts l
        WHERE l.workspace_id = $1 AND l.platform = s.platform AND l.instance = s.instance
            AND l.account = s.account) AS lists
FROM seen s
LEFT JOIN LATERAL (
    SELECT k.handle, k.name, k.created_at, k.has_picture, k.followers, k.is_closed, k.is_active,
        k.city, k.born, k.standing
    FROM accounts k
    WHERE k.workspace_id = $1 AND k.platform = s.platform AND k.instance = s.instance
        AND k.account = s.account
    OFFSET 0) k ON true
ORDER BY s.platform, s.instance, s.account
"""
GATHER = SEEN + WITH_FACTS
LEFT_BEHIND = UNSEEN + WITH_FACTS
PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
PLAN_AS_USUAL = "SET LOCAL plan_cache_mode TO DEFAULT"


async def gather(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    *,
    accounts: Sequence[str] | None = None,
    recheck: bool = False,
    batch: int = 2000,
) -> AsyncIterator[list[Gathered]]:
    """Yield all entrants' evidence in batches; needs a transaction around it.

    `accounts` restricts it to some; `recheck` looks at the scans after the draw where there are.
    """
    if accounts is not None:
        # A plan that was kept for everybody reads everybody, and takes these few out of it.
        await conn.execute(PLAN_ANEW)
    cursor = await conn.cursor(GATHER, workspace_id, contest_id, accounts, recheck)
    if accounts is not None:
        await conn.execute(PLAN_AS_USUAL)
    while rows := await cursor.fetch(batch):
        yield many(rows, Gathered)


async def left_behind(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    *,
    terms_version: int,
    batch: int = 2000,
) -> AsyncIterator[list[Gathered]]:
    """Yield, without evidence, all entrants who were not judged by this version of the terms.

    Needs a transaction around it.
    """
    cursor = await conn.cursor(LEFT_BEHIND, workspace_id, contest_id, terms_version)
    while rows := await cursor.fetch(batch):
        yield many(rows, Gathered)
