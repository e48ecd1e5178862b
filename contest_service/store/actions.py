"""Presence intervals: how a scan's staging area becomes what is known of each action.

A repeated scan writes only what changed. What was not seen is closed only after a complete scan,
and only for accounts that were asked about where the platform answers by account.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, many
from contest_service.store.scans import Outcome, Scan, Watch


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was there and that a finished pass did not show.

    `is_hidden` if the platform would not say; otherwise the account's standing decides. `is_heard`
    if a live event told of it.
    """

    account: str
    ref: str
    seen_scan: UUID
    is_hidden: bool
    is_heard: bool = False


# Statistics of tables that grow by a million rows at once are wrong just when they are needed, and
# a nested loop over such tables would take hours. Hashes take a second, whatever the statistics
# say. Arrays are taken apart in the list of columns, which keeps the planner from going through
# the pages one at a time, each against the whole table.
HASH_ONLY = "SET LOCAL enable_nestloop = off"
ANY_PLAN = "SET LOCAL enable_nestloop TO DEFAULT"
COMPARED = """
WITH compared AS (
    SELECT s.seq, s.place, a.account, a.ref, a.seen_scan
    FROM (SELECT p.seq, generate_subscripts(p.accounts, 1) AS place,
            unnest(p.accounts) AS account, unnest(p.refs) AS ref
        FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'present') s
    FULL JOIN (SELECT a.account, a.ref, a.seen_scan FROM actions a
        WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3
            AND a.gone_at IS NULL) a
        ON a.account = s.account AND a.ref = COALESCE(s.ref, '')
    WHERE s.account IS NULL OR a.account IS NULL
), marked AS (
    UPDATE scan_staging p SET fresh = f.places
    FROM (SELECT seq, array_agg(place) AS places FROM compared WHERE account IS NULL
        GROUP BY seq) f
    WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'present' AND p.seq = f.seq
)
"""
COMPARE = f"""
{COMPARED}
SELECT account, ref, seen_scan, false AS is_hidden FROM compared WHERE account IS NOT NULL
"""
COMPARE_ASKED = f"""
{COMPARED}
SELECT gone.account, gone.ref, gone.seen_scan, asked.is_hidden FROM compared gone
JOIN (SELECT s.account, bool_or(s.answer = 'hidden') AS is_hidden
    FROM (SELECT p.answer, unnest(p.accounts) AS account FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $4) s
    GROUP BY s.account) asked ON asked.account = gone.account
"""


HAS_OPEN = """
SELECT EXISTS (SELECT FROM actions
    WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND gone_at IS NULL)
"""
MARK_ALL = """
UPDATE scan_staging SET fresh = ARRAY(SELECT generate_series(1, size))
WHERE workspace_id = $1 AND scan_id = $2 AND answer = 'present'
"""


async def compare(conn: Connection, watch: Watch, scan: Scan, *, asked: bool) -> list[Gone]:
    """Mark what a pass saw for the first time, and return what it did not see any more.

    `asked` leaves out accounts that it did not ask about. Needs a transaction. All of it stays true
    for as long as nobody else merges a pass of this watch; what is gone, only if this one is
    complete.
    """
    key = (watch.workspace_id, watch.target_id, watch.action)
    if not await conn.fetchval(HAS_OPEN, *key):
        await conn.execute(MARK_ALL, watch.workspace_id, scan.id)
        return []
    async with _hash_only(conn):
        rows = await conn.fetch(COMPARE_ASKED if asked else COMPARE, *key, scan.id)
    return many(rows, Gone)


LOCK = "SELECT FROM watches WHERE workspace_id = $1 AND id = $2 FOR UPDATE"
INSERT_NEW = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, text, tags, mentions)
SELECT DISTINCT ON (s.account, COALESCE(s.ref, '')) $1, $2, $3, s.account, COALESCE(s.ref, ''), $4,
    to_timestamp(s.at), $5, s.seen_at, COALESCE(s.text, ''), COALESCE(s.tags::text[], '{}'),
    COALESCE(s.mentions::text[], '{}')
FROM (SELECT p.size, p.fresh, p.seen_at, generate_subscripts(p.accounts, 1) AS place,
        unnest(p.accounts) AS account, unnest(p.refs) AS ref, unnest(p.times) AS at,
        unnest(p.texts) AS text, unnest(p.tags) AS tags, unnest(p.mentions) AS mentions
    FROM scan_staging p
    WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'present'
        AND p.fresh IS NOT NULL) s
WHERE cardinality(s.fresh) = s.size OR s.place = ANY (s.fresh)
ORDER BY s.account, COALESCE(s.ref, ''), s.seen_at
"""
# The whole key comes from the other side of the join, which the planner may not look into: then it
# cannot take the watch's actions for a few, as old statistics may have it, and look through all
# that is gone for each of them.
CLOSE = """
UPDATE actions a
SET gone_at = $5, gone_scan = $4, gone_why = CASE
    WHEN g.is_hidden OR EXISTS (SELECT FROM accounts k
        WHERE k.workspace_id = $1 AND k.platform = $6 AND k.instance = $7
            AND k.account = a.account AND k.standing <> 'visible')
    THEN 'hidden' ELSE 'withdrawn' END
FROM (SELECT $1::uuid AS workspace_id, $2::uuid AS target_id, $3::text AS action, k.*
    FROM unnest($8::text[], $9::text[], $10::uuid[], $11::boolean[])
        AS k (account, ref, seen_scan, is_hidden)
    OFFSET 0) g
WHERE a.workspace_id = g.workspace_id AND a.target_id = g.target_id AND a.action = g.action
    AND a.account = g.account AND a.ref = g.ref AND a.seen_scan = g.seen_scan
RETURNING a.gone_why
"""
COUNT_OPEN = """
SELECT count(*) FROM actions
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND gone_at IS NULL
"""
COUNT_SEEN = """
SELECT count(*) FROM (SELECT DISTINCT s.account, COALESCE(s.ref, '')
    FROM (SELECT unnest(p.accounts) AS account, unnest(p.refs) AS ref FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $2 AND p.answer = 'present') s) seen
"""


_CLOSED = ("account", "ref", "seen_scan", "is_hidden")


async def merge(
    conn: Connection,
    watch: Watch,
    scan: Scan,
    *,
    gone: Sequence[Gone] | None,
    asked: bool,
    absent_at: datetime | None,
    platform: str,
    instance: str,
    at: datetime,
) -> Outcome:
    """Write what a scan staged into presence intervals, in the caller's transaction.

    `compare` comes first. `gone` is what it returned for a complete pass; None for an incomplete
    one, which adds and never removes. `absent_at` is when the previous complete scan began: what is
    new was not there then.
    """
    key = (watch.workspace_id, watch.target_id, watch.action)
    await conn.execute(LOCK, watch.workspace_id, watch.id)
    inserted = await conn.execute(INSERT_NEW, *key, scan.id, absent_at)
    whys: list[str] = []
    if gone:
        columns = [[getattr(each, field) for each in gone] for field in _CLOSED]
        rows = await conn.fetch(CLOSE, *key, scan.id, at, platform, instance, *columns)
        whys = [row["gone_why"] for row in rows]
    if gone is None or asked:
        seen = await conn.fetchval(COUNT_SEEN, watch.workspace_id, scan.id)
    else:
        # What a complete pass did not see is closed by now, so that the rest is what it saw.
        seen = await conn.fetchval(COUNT_OPEN, *key)
    return Outcome(
        seen=int(seen),
        appeared=int(str(inserted).rsplit(" ", 1)[1]),
        vanished=len(whys),
        hidden=whys.count("hidden"),
    )


@asynccontextmanager
async def _hash_only(conn: Connection) -> AsyncIterator[None]:
    await conn.execute(HASH_ONLY)
    yield
    await conn.execute(ANY_PLAN)
