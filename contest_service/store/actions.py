"""Presence intervals: how a scan's staging area becomes what is known of each action.

A repeated scan writes only what changed. What was not seen is closed only after a complete scan,
and only for accounts that were asked about where the platform answers by account.
"""

from datetime import datetime

from contest_service.store.rows import Connection
from contest_service.store.scans import Outcome, Scan, Watch

ANALYZE_FROM = 5000
"""Staged rows from which fresh statistics are worth their time."""

VANISHED = """
SELECT DISTINCT a.account FROM actions a
WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3 AND a.gone_at IS NULL
    AND NOT EXISTS (SELECT FROM scan_staging s
        WHERE s.workspace_id = $1 AND s.scan_id = $4 AND s.account = a.account
            AND s.ref = a.ref AND s.answer = 'present')
"""


async def vanished(conn: Connection, watch: Watch, scan: Scan) -> list[str]:
    """Accounts with an action that was there and that this finished pass did not show."""
    rows = await conn.fetch(VANISHED, watch.workspace_id, watch.target_id, watch.action, scan.id)
    return [row["account"] for row in rows]


LOCK = "SELECT FROM watches WHERE workspace_id = $1 AND id = $2 FOR UPDATE"
ANALYZE = "ANALYZE scan_staging"
INSERT_NEW = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, text, tags, mentions)
SELECT DISTINCT ON (s.account, s.ref) $1, $2, $3, s.account, s.ref, $4, s.at, $5,
    s.seen_at, s.text, s.tags, s.mentions
FROM scan_staging s
WHERE s.workspace_id = $1 AND s.scan_id = $4 AND s.answer = 'present'
    AND NOT EXISTS (SELECT FROM actions a
        WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3
            AND a.account = s.account AND a.ref = s.ref AND a.gone_at IS NULL)
ORDER BY s.account, s.ref, s.seen_at
"""
CLOSE_GONE = """
WITH gone AS (
    UPDATE actions a
    SET gone_at = $5, gone_scan = $4,
        gone_why = CASE WHEN EXISTS (SELECT FROM scan_staging s
                WHERE s.workspace_id = $1 AND s.scan_id = $4 AND s.account = a.account
                    AND s.answer = 'hidden')
            OR EXISTS (SELECT FROM accounts k
                WHERE k.workspace_id = $1 AND k.platform = $6 AND k.instance = $7
                    AND k.account = a.account AND k.standing <> 'visible')
            THEN 'hidden' ELSE 'withdrawn' END
    WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3 AND a.gone_at IS NULL
        AND NOT EXISTS (SELECT FROM scan_staging s
            WHERE s.workspace_id = $1 AND s.scan_id = $4 AND s.account = a.account
                AND s.ref = a.ref AND s.answer = 'present')
        AND (NOT $8 OR EXISTS (SELECT FROM scan_staging s
            WHERE s.workspace_id = $1 AND s.scan_id = $4 AND s.account = a.account
                AND s.answer IN ('absent', 'hidden', 'present')))
    RETURNING a.gone_why
)
SELECT count(*) AS vanished, count(*) FILTER (WHERE gone_why = 'hidden') AS hidden FROM gone
"""
COUNT_SEEN = """
SELECT count(*) FROM (SELECT DISTINCT account, ref FROM scan_staging
    WHERE workspace_id = $1 AND scan_id = $2 AND answer = 'present') seen
"""


async def merge(
    conn: Connection,
    watch: Watch,
    scan: Scan,
    *,
    complete: bool,
    asked: bool,
    absent_at: datetime | None,
    platform: str,
    instance: str,
    at: datetime,
) -> Outcome:
    """Write what a scan staged into presence intervals, in the caller's transaction.

    `absent_at` is when the previous complete scan began: what is new was not there then. An
    incomplete pass adds and never removes. `asked` closes only what was asked about.
    """
    key = (watch.workspace_id, watch.target_id, watch.action, scan.id)
    await conn.execute(LOCK, watch.workspace_id, watch.id)
    if scan.staged >= ANALYZE_FROM:
        await conn.execute(ANALYZE)
    vanished_count = hidden = 0
    if complete:
        row = await conn.fetchrow(CLOSE_GONE, *key, at, platform, instance, asked)
        vanished_count, hidden = (row["vanished"], row["hidden"]) if row else (0, 0)
    inserted = await conn.execute(INSERT_NEW, *key, absent_at)
    seen = await conn.fetchval(COUNT_SEEN, watch.workspace_id, scan.id)
    return Outcome(
        seen=int(seen),
        appeared=int(str(inserted).rsplit(" ", 1)[1]),
        vanished=vanished_count,
        hidden=hidden,
    )
