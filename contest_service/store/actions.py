"""Presence intervals: how a scan's staging area becomes what is known of each action.

A repeated scan writes only what changed. What was not seen is closed only after a complete scan,
and only for accounts that were asked about where the platform answers by account. Live events write
presences too (`heard`): what they told of while a scan ran, it can neither close nor bring back.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store import changes
from contest_service.store.rows import Connection, exactly, many
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
# What an event ended while the scan ran is known to the pages that were read before that.
COMPARED = """
WITH compared AS (
    SELECT s.seq, s.place, a.account, a.ref, a.seen_scan, a.heard,
        a.gone_at IS NULL AND a.seen_at <= $5 AS is_missing
    FROM (SELECT p.seq, p.seen_at, generate_series(1, p.size) AS place,
            unnest(p.accounts::text[]) AS account, unnest(p.refs::text[]) AS ref
        FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'present') s
    FULL JOIN (SELECT a.account, a.ref, a.seen_scan, a.seen_at, a.gone_at, a.heard FROM actions a
        WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3
            AND (a.gone_at IS NULL OR a.gone_at > $5)) a
        ON a.account = s.account AND a.ref = COALESCE(s.ref, '')
            AND (a.gone_at IS NULL OR a.gone_at > s.seen_at)
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
SELECT account, ref, seen_scan, false AS is_hidden, heard AS is_heard FROM compared
WHERE is_missing
"""
COMPARE_ASKED = f"""
{COMPARED}
SELECT gone.account, gone.ref, gone.seen_scan, asked.is_hidden, gone.heard AS is_heard
FROM compared gone
JOIN (SELECT s.account, bool_or(s.answer = 'hidden') AS is_hidden
    FROM (SELECT p.answer, unnest(p.accounts::text[]) AS account FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $4) s
    GROUP BY s.account) asked ON asked.account = gone.account
WHERE gone.is_missing
"""


LOCK = "SELECT FROM watches WHERE workspace_id = $1 AND id = $2 FOR UPDATE"
SET_COMPARED = "UPDATE scans SET heard = false WHERE workspace_id = $1 AND id = $2 AND heard"
UNMARK = """
UPDATE scan_staging SET fresh = NULL
WHERE workspace_id = $1 AND scan_id = $2 AND fresh IS NOT NULL
"""
HAS_OPEN = """
SELECT EXISTS (SELECT FROM actions
    WHERE workspace_id = $1 AND target_id = $2 AND action = $3
        AND (gone_at IS NULL OR gone_at > $4))
"""
MARK_ALL = """
UPDATE scan_staging SET fresh = ARRAY(SELECT generate_series(1, size))
WHERE workspace_id = $1 AND scan_id = $2 AND answer = 'present'
"""


async def compare(conn: Connection, watch: Watch, scan: Scan, *, asked: bool) -> list[Gone]:
    """Mark what a pass saw for the first time, and return what it did not see any more.

    `asked` leaves out accounts that it did not ask about, and nothing is gone that an event told of
    after the pass began. Needs a transaction. All of it stays true for as long as nobody else
    merges a pass of this watch, and for events `merge` looks again; what is gone, only if this pass
    is complete.
    """
    await conn.execute(LOCK, watch.workspace_id, watch.id)
    await conn.execute(SET_COMPARED, watch.workspace_id, scan.id)
    return await _compare(conn, watch, scan, asked=asked)


async def _compare(conn: Connection, watch: Watch, scan: Scan, *, asked: bool) -> list[Gone]:
    key = (watch.workspace_id, watch.target_id, watch.action)
    await conn.execute(UNMARK, watch.workspace_id, scan.id)
    if not await conn.fetchval(HAS_OPEN, *key, scan.started_at):
        await conn.execute(MARK_ALL, watch.workspace_id, scan.id)
        return []
    query = COMPARE_ASKED if asked else COMPARE
    async with _hash_only(conn):
        rows = await conn.fetch(query, *key, scan.id, scan.started_at)
    return many(rows, Gone)


WAS_HEARD = "SELECT heard FROM scans WHERE workspace_id = $1 AND id = $2"
# Of an account that was asked about, when it was last absent is known by itself.
INSERT_NEW = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, text, tags, mentions)
SELECT DISTINCT ON (s.account, COALESCE(s.ref, '')) $1, $2, $3, s.account, COALESCE(s.ref, ''), $4,
    to_timestamp(s.at), CASE WHEN $6 THEN (SELECT b.absent_at FROM absences b
        WHERE b.workspace_id = $1 AND b.target_id = $2 AND b.action = $3
            AND b.account = s.account) ELSE $5 END,
    s.seen_at, COALESCE(s.text, ''), COALESCE(s.tags::text[], '{}'),
    COALESCE(s.mentions::text[], '{}')
FROM (SELECT p.size, p.fresh, p.seen_at, generate_series(1, p.size) AS place,
        unnest(p.accounts::text[]) AS account, unnest(p.refs::text[]) AS ref,
        unnest(p.times::bigint[]) AS at, unnest(p.texts::text[]) AS text,
        unnest(p.tags::text[]) AS tags, unnest(p.mentions::text[]) AS mentions
    FROM scan_staging p
    WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'present'
        AND p.fresh IS NOT NULL) s
WHERE cardinality(s.fresh) = s.size OR s.place = ANY (s.fresh)
ORDER BY s.account, COALESCE(s.ref, ''), s.seen_at
"""
INSERT_NEW_NAMED = f"""
WITH new AS ({INSERT_NEW} RETURNING account)
SELECT count(*) AS appeared, COALESCE(array_agg(account), '{{}}') AS accounts FROM new
"""
# What is new is sorted in memory where it is a few ten thousand.
MORE_MEMORY = "SET LOCAL work_mem = '32MB'"
ANY_MEMORY = "SET LOCAL work_mem TO DEFAULT"
# Autovacuum comes later than the next pass may, and with statistics that know nothing of what was
# written that pass reads the index where the table is shorter, and hashes in too many steps. A
# sample is enough, and autovacuum still does all of it. Behind another one nobody waits.
SAMPLED = "SET LOCAL default_statistics_target = 10"
LEARN = "ANALYZE (SKIP_LOCKED) actions (workspace_id, target_id, action, gone_at)"
STAGED = """
SELECT COALESCE(sum(cardinality(fresh)), 0)::bigint AS fresh, max(seen_at) AS seen_at
FROM scan_staging WHERE workspace_id = $1 AND scan_id = $2 AND answer = 'present'
"""
# By the beginning of the pass: between that and the answer somebody may have come.
NOTE_ABSENT = """
INSERT INTO absences AS b (workspace_id, target_id, action, account, absent_at)
SELECT DISTINCT $1::uuid, $2::uuid, $3::text, s.account, $5::timestamptz
FROM (SELECT unnest(p.accounts::text[]) AS account FROM scan_staging p
    WHERE p.workspace_id = $1 AND p.scan_id = $4 AND p.answer = 'absent') s
ON CONFLICT (workspace_id, target_id, action, account) DO UPDATE
SET absent_at = excluded.absent_at
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
SELECT count(*) FILTER (WHERE NOT (heard AND seen_at > $4)) AS sure,
    count(*) FILTER (WHERE heard AND seen_at > $4) AS heard
FROM actions
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND gone_at IS NULL
"""
COUNT_HEARD_AND_SEEN = """
SELECT count(*) FROM actions
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND gone_at IS NULL
    AND heard AND seen_at > $4
    AND (account, ref) IN (SELECT s.account, COALESCE(s.ref, '')
        FROM (SELECT unnest(p.accounts::text[]) AS account, unnest(p.refs::text[]) AS ref
            FROM scan_staging p
            WHERE p.workspace_id = $1 AND p.scan_id = $5 AND p.answer = 'present') s)
"""
COUNT_SEEN = """
SELECT count(*) FROM (SELECT DISTINCT s.account, COALESCE(s.ref, '')
    FROM (SELECT unnest(p.accounts::text[]) AS account, unnest(p.refs::text[]) AS ref
        FROM scan_staging p
        WHERE p.workspace_id = $1 AND p.scan_id = $2 AND p.answer = 'present') s) seen
"""


class _Open(msgspec.Struct, frozen=True):
    """Presences that are open: those of which events alone told since the pass began apart."""

    sure: int
    heard: int


class _Staged(msgspec.Struct, frozen=True):
    """How many actions a pass saw first, and when it saw the last of all."""

    fresh: int
    seen_at: datetime | None


class _New(msgspec.Struct, frozen=True):
    """How many actions were written as new, and whose each is."""

    appeared: int
    accounts: list[str]


LONG = 600.0
"""Seconds that it may take to write what several millions did, or undid."""
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
    new was not there then. Where the platform is `asked`, each account has its own such time.
    """
    key = (watch.workspace_id, watch.target_id, watch.action)
    await conn.execute(LOCK, watch.workspace_id, watch.id)
    if await conn.fetchval(WAS_HEARD, watch.workspace_id, scan.id):
        still = {_name(each) for each in await _compare(conn, watch, scan, asked=asked)}
        gone = None if gone is None else [each for each in gone if _name(each) in still]
    staged = exactly(await conn.fetchrow(STAGED, watch.workspace_id, scan.id), _Staged)
    appeared, named = await _insert(conn, (*key, scan.id, absent_at, asked), staged)
    if asked:
        await conn.execute(NOTE_ABSENT, *key, scan.id, scan.started_at)
    whys = await _close(conn, (*key, scan.id, at, platform, instance), gone) if gone else []
    await changes.note(
        conn,
        watch.workspace_id,
        None if named is None else named | {each.account for each in gone or ()},
        platform=platform,
        instance=instance,
        target_id=watch.target_id,
        seen_at=staged.seen_at,
    )
    if gone is None or asked:
        seen = int(await conn.fetchval(COUNT_SEEN, watch.workspace_id, scan.id))
    else:
        seen = await _count_seen(conn, watch, scan)
    return Outcome(
        seen=seen,
        appeared=appeared,
        vanished=len(whys),
        hidden=whys.count("hidden"),
    )


async def _insert(
    conn: Connection, args: tuple[object, ...], staged: _Staged
) -> tuple[int, set[str] | None]:
    """Write what is new; return how many actions, and of whom if they are not too many to name."""
    await conn.execute(MORE_MEMORY)
    if staged.fresh <= changes.MOST:
        new = exactly(await conn.fetchrow(INSERT_NEW_NAMED, *args), _New)
        appeared, named = new.appeared, set(new.accounts)
    else:
        inserted = await conn.execute(INSERT_NEW, *args, timeout=LONG)
        appeared, named = int(str(inserted).rsplit(" ", 1)[1]), None
        await conn.execute(SAMPLED)
        await conn.execute(LEARN)
    await conn.execute(ANY_MEMORY)
    return appeared, named


async def _close(conn: Connection, args: tuple[object, ...], gone: Sequence[Gone]) -> list[str]:
    """Close what is gone; return why of each."""
    columns = [[getattr(each, field) for each in gone] for field in _CLOSED]
    rows = await conn.fetch(CLOSE, *args, *columns, timeout=LONG)
    return [row["gone_why"] for row in rows]


async def _count_seen(conn: Connection, watch: Watch, scan: Scan) -> int:
    """How many actions a complete pass saw that are still there.

    What it did not see is closed by now, so that the rest is what it saw, but for what only events
    told of meanwhile.
    """
    key = (watch.workspace_id, watch.target_id, watch.action, scan.started_at)
    counted = exactly(await conn.fetchrow(COUNT_OPEN, *key), _Open)
    if not counted.heard:
        return counted.sure
    async with _hash_only(conn):
        return counted.sure + int(await conn.fetchval(COUNT_HEARD_AND_SEEN, *key, scan.id))


def _name(gone: Gone) -> tuple[str, str, UUID]:
    return gone.account, gone.ref, gone.seen_scan


@asynccontextmanager
async def _hash_only(conn: Connection) -> AsyncIterator[None]:
    await conn.execute(HASH_ONLY)
    yield
    await conn.execute(ANY_PLAN)
