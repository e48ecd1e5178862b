"""Cases: everything on record about each entrant of a contest, as the judge needs it.

Presences and facts come as JSON that is made where they lie, of many entrants at once: it goes
unread to whoever judges. A new fact about an account is a field of `Gathered` or of `Profile`, an
expression in `FACTS` at the same place, and a note in `store.changes` wherever it changes.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import NewType
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Presence
from contest_service.store.rows import BEFORE_ALL, Connection, Pool


class Recorded(Presence, frozen=True, kw_only=True, array_like=True, gc=False):
    """A presence as it is gathered, in unix seconds; what is usual at its end is left out."""


class Shown(Profile, frozen=True, kw_only=True, array_like=True, gc=False):
    """A profile as it is gathered."""


class Before(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What an entrant was judged to be before. `sealed` says that it has an opening."""

    label: str
    salt: str
    """Of the record's digest; both in hex."""
    digest: str
    sealed: bool


class Gathered(msgspec.Struct, kw_only=True, array_like=True, gc=False):
    """Everything on record about one account that did something on a contest's posts.

    There is no `entrant_id` where the account was never judged. Times are unix seconds.
    """

    platform: str
    instance: str
    account: str
    entrant_id: UUID | None
    before: Before | None
    profile: Shown | None
    """As it was last read; None if it never was."""
    standing: Standing | None
    lists: list[str] | None
    presences: list[Recorded] = []


Text = NewType("Text", bytes)
"""What was gathered of many, unread: a `Gathered` on each line, in JSON."""

_read = msgspec.json.Decoder(Gathered).decode_lines
_AT_ONCE = 32 << 10
"""Bytes: some eighty entrants, which stay in a processor's cache until they are judged."""

# Whatever the planner's statistics are, OFFSET 0 keeps it to reading what lies in tables by a key,
# and PLAN to hashing what is joined then.

# The evidence as its closing scans left it: what appeared later is not there yet, and what vanished
# later still is. While a contest runs there is no closing scan, and everything counts as it stands.
ASKED = """
WITH asked AS MATERIALIZED (
    SELECT e.target_id, e.action, t.platform, t.instance, t.kind,
        concat('[', JSON_SCALAR(e.action), ',', JSON_SCALAR(t.ref), ',') AS begin,
        dense_rank() OVER (ORDER BY t.platform, t.instance) AS network,
        COALESCE(c.finished_at, 'infinity') AS at
    FROM contest_evidence e
    CROSS JOIN LATERAL (SELECT platform, instance, kind, ref FROM targets
        WHERE workspace_id = $1 AND id = e.target_id OFFSET 0) t
    LEFT JOIN LATERAL (SELECT finished_at FROM scans
        WHERE workspace_id = $1
            AND id = CASE WHEN $3 THEN COALESCE(e.recheck_scan_id, e.closing_scan_id)
                ELSE e.closing_scan_id END
        OFFSET 0) c ON true
    WHERE e.workspace_id = $1 AND e.contest_id = $2
)"""
# Put together as text: a constructor of JSON looks up anew for each row what its values are. Of
# most actions there is nothing to tell beyond when they were seen.
_PRESENCES = """
    SELECT q.network, a.account, string_agg(
        q.begin || JSON_SCALAR(a.ref)::text || ','
        || COALESCE(floor(date_part('epoch', a.at))::bigint || ',', 'null,')
        || COALESCE(floor(date_part('epoch', a.absent_at))::bigint || ',', 'null,')
        || floor(date_part('epoch', a.seen_at))::bigint
        || CASE WHEN a.gone_at IS NULL AND NOT a.heard AND a.text = '' THEN ']' ELSE concat(',',
            CASE WHEN a.gone_at <= q.at THEN
                concat(floor(date_part('epoch', a.gone_at))::bigint, ',"', a.gone_why, '"')
            ELSE 'null,null' END, ',',
            a.heard::text, ',', JSON_SCALAR(a.text), ',', array_to_json(a.tags), ',',
            array_to_json(a.mentions), ']') END, ',') AS presences
    FROM {asked} CROSS JOIN LATERAL (
        SELECT account, ref, at, absent_at, seen_at, gone_at, gone_why, heard, text, tags, mentions
        FROM actions
        WHERE workspace_id = $1 AND target_id = q.target_id AND action = q.action
            AND seen_at <= q.at AND {who}
        OFFSET 0) a
    WHERE {where} GROUP BY q.network, a.account
"""
# Of a community's followers, who may be many more than a contest's entrants, only those are looked
# at who did something on a post.
_DONE = """, done AS MATERIALIZED (
    {on_posts}), people AS MATERIALIZED (
    SELECT q.*, ARRAY(SELECT d.account FROM done d WHERE d.network = q.network) AS accounts
    FROM (SELECT DISTINCT network, platform, instance FROM asked) q
), also AS MATERIALIZED (
    {elsewhere}), seen AS (
    SELECT d.network, d.account, concat(d.presences, ',' || a.presences) AS presences
    FROM done d LEFT JOIN also a ON a.network = d.network AND a.account = d.account
)"""


def _seen(who: str) -> str:
    """What some accounts did, by account, and who they are, by network."""
    on_posts = _PRESENCES.format(asked="asked q", who=who, where="q.kind = 'post'")
    elsewhere = _PRESENCES.format(
        asked="people p JOIN asked q ON q.network = p.network",
        who="account = ANY (p.accounts)",
        where="q.kind <> 'post'",
    )
    return ASKED + _DONE.format(on_posts=on_posts, elsewhere=elsewhere)


# The accounts of some entries, whatever they did.
OF_ENTRIES = """
WITH found AS MATERIALIZED (
    SELECT x.platform, x.instance, x.account,
        dense_rank() OVER (ORDER BY x.platform, x.instance) AS network
    FROM unnest($3::uuid[]) AS k (id)
    CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
        WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.id
        OFFSET 0) x
), people AS MATERIALIZED (
    SELECT network, platform, instance, array_agg(account) AS accounts
    FROM found GROUP BY network, platform, instance
), seen AS (
    SELECT network, account, '' AS presences FROM found
)"""
# All accounts are looked up at once: those that follow each other are found on the same pages of an
# index, which is half of the work of finding each by itself.
FACTS = """, known AS MATERIALIZED (
    SELECT p.network, k.account, CASE WHEN k.handle <> '' THEN '['
            || JSON_SCALAR(k.account)::text || ',' || JSON_SCALAR(k.handle)::text || ','
            || JSON_SCALAR(k.name)::text || ','
            || COALESCE(floor(date_part('epoch', k.created_at))::bigint || ',', 'null,')
            || COALESCE(k.has_picture || ',', 'null,') || COALESCE(k.followers || ',', 'null,')
            || COALESCE(k.is_closed || ',', 'null,') || COALESCE(k.is_active || ',', 'null,')
            || JSON_SCALAR(k.city)::text || COALESCE(',"' || k.born || '",', ',"",')
            || JSON_SCALAR(k.country)::text || '],'
        ELSE 'null,' END || JSON_SCALAR(k.standing)::text AS facts
    FROM people p CROSS JOIN LATERAL (
        SELECT * FROM accounts
        WHERE workspace_id = $1 AND platform = p.platform AND instance = p.instance
            AND account = ANY (p.accounts)
        OFFSET 0) k
), listed AS MATERIALIZED (
    SELECT p.network, l.account, array_to_json(array_agg(l.list_id))::text AS lists
    FROM people p CROSS JOIN LATERAL (
        SELECT account, list_id FROM list_accounts
        WHERE workspace_id = $1 AND list_id = ANY ($4) AND platform = p.platform
            AND instance = p.instance AND account = ANY (p.accounts)
            AND (lapsed_at IS NULL OR expires_at > (
                SELECT c.closes_at FROM contests c WHERE c.workspace_id = $1 AND c.id = $2))
        OFFSET 0) l
    GROUP BY p.network, l.account
)
SELECT convert_to(COALESCE(string_agg(concat('[',
        JSON_SCALAR(p.platform), ',', JSON_SCALAR(p.instance), ',', JSON_SCALAR(s.account), ',',
        COALESCE(n.before, 'null,null'), ',', COALESCE(k.facts, 'null,null'), ',',
        COALESCE(l.lists, 'null'), ',[', s.presences, ']]'), E'\n'), ''), 'UTF8')
FROM seen s
JOIN people p ON p.network = s.network
LEFT JOIN known k ON k.network = s.network AND k.account = s.account
LEFT JOIN listed l ON l.network = s.network AND l.account = s.account
"""
BEFORE = """
LEFT JOIN LATERAL (
    SELECT concat('"', n.id, '",[', JSON_SCALAR(n.label), ',"', encode(n.record_salt, 'hex'), '","',
        encode(n.record_digest, 'hex'), '",', (EXISTS (SELECT FROM openings o
        WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = n.id))::text, ']')
        AS before
    FROM entrants x
    CROSS JOIN LATERAL (SELECT id, label, record_salt, record_digest FROM entrants
        WHERE workspace_id = $1 AND contest_id = $2 AND id = COALESCE(x.entry_id, x.id)
        OFFSET 0) n
    WHERE x.workspace_id = $1 AND x.contest_id = $2
        AND x.subject = subject_of(p.platform, p.instance, s.account)
    OFFSET 0) n ON true
"""
# Where nobody was judged yet, nobody has to be looked up.
NOBODY_BEFORE = "CROSS JOIN (SELECT NULL AS before) n"
GATHER = _seen("account = ANY ($5)") + FACTS + BEFORE
GATHER_SPAN = _seen("account > $5 AND account <= $6") + FACTS + BEFORE
GATHER_FIRST = _seen("account > $5 AND account <= $6") + FACTS + NOBODY_BEFORE
WITHOUT_EVIDENCE = OF_ENTRIES + FACTS + BEFORE
# Of each kind of action on a post the account that is so many after the last one: the first of
# these ends the span, so that no kind has more in it. What is left at the end is the last span.
SPAN_END = """
WITH asked AS MATERIALIZED (
    SELECT e.target_id, e.action, t.kind FROM contest_evidence e
    JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
    WHERE e.workspace_id = $1 AND e.contest_id = $2
)
SELECT COALESCE(
    (SELECT min(a.account) FROM asked q CROSS JOIN LATERAL (
        SELECT account FROM actions
        WHERE workspace_id = $1 AND target_id = q.target_id AND action = q.action AND account > $3
        ORDER BY account OFFSET $4 LIMIT 1) a
        WHERE q.kind = 'post'),
    (SELECT max(a.account) FROM asked q CROSS JOIN LATERAL (
        SELECT account FROM actions
        WHERE workspace_id = $1 AND target_id = q.target_id AND action = q.action AND account > $3
        ORDER BY account DESC LIMIT 1) a
        WHERE q.kind = 'post'))
"""
# Who did nothing that the rules ask for by now: each account's evidence is looked for by its key.
UNSEEN = """
WITH asked AS MATERIALIZED (
    SELECT e.target_id, e.action, t.kind, t.platform, t.instance FROM contest_evidence e
    JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
    WHERE e.workspace_id = $1 AND e.contest_id = $2
)
SELECT n.id AS entrant_id FROM entrants n
CROSS JOIN LATERAL (
    SELECT FROM (
        SELECT n.subject WHERE n.entry_id IS NULL AND platform_of(n.subject) <> 'import'
        UNION ALL
        SELECT m.subject FROM entrants m
        WHERE m.workspace_id = $1 AND m.contest_id = $2 AND m.entry_id = n.id) x
    WHERE NOT EXISTS (SELECT FROM asked q CROSS JOIN LATERAL (
        SELECT FROM actions a
        WHERE a.workspace_id = $1 AND a.target_id = q.target_id AND a.action = q.action
            AND a.account = account_of(x.subject)
        LIMIT 1) a
        WHERE q.kind = 'post' AND q.platform = platform_of(x.subject)
            AND q.instance = instance_of(x.subject))
    LIMIT 1) x
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id > $3 AND n.subject IS NOT NULL
ORDER BY n.id LIMIT $4
"""
# A plan that serves every call may take few accounts for all, and one that takes thousands of rows
# for one reads them once for each of as many. Room to hash accounts costs nothing where it is not
# used; to compile a plan takes longer than to run it.
PLAN = """
SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off;
SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off;
SET LOCAL work_mem = '64MB'; SET LOCAL jit = off
"""
PLAN_AS_USUAL = """
SET LOCAL plan_cache_mode TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT;
SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT;
SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT
"""

ANYBODY = "SELECT id FROM entrants WHERE workspace_id = $1 AND contest_id = $2 ORDER BY id LIMIT 1"
ARE_MORE_THAN = """
SELECT EXISTS (SELECT FROM contest_posts p JOIN contest_evidence e
        ON e.workspace_id = p.workspace_id AND e.contest_id = p.contest_id
            AND e.target_id = p.target_id
    CROSS JOIN LATERAL (
        SELECT FROM actions
        WHERE workspace_id = $1 AND target_id = e.target_id AND action = e.action
        ORDER BY account OFFSET $3 LIMIT 1) a
    WHERE p.workspace_id = $1 AND p.contest_id = $2)
"""

Span = tuple[str, str]
"""Accounts in their order: those after the first, up to the last."""


async def is_anybody_judged(conn: Connection, workspace_id: UUID, contest_id: UUID) -> bool:
    """Whether a contest has entrants; slow where many were written that are not to be seen."""
    return await conn.fetchval(ANYBODY, workspace_id, contest_id) is not None


async def are_more_than(
    conn: Connection, workspace_id: UUID, contest_id: UUID, number: int
) -> bool:
    """Whether any action on any of a contest's posts was done more often."""
    return bool(await conn.fetchval(ARE_MORE_THAN, workspace_id, contest_id, number))


async def spans(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, size: int
) -> AsyncIterator[Span]:
    """Cut the accounts on a contest's posts into spans, with at most `size` of each action."""
    after = ""
    while end := await conn.fetchval(SPAN_END, workspace_id, contest_id, after, size - 1):
        yield after, end
        after = end


async def gather_span(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    span: Span,
    *,
    lists: Sequence[UUID],
    is_first: bool = False,
) -> Text:
    """Gather the evidence of all entrants in a span, unread; needs a transaction around it.

    `lists` are those that the rules ask about; `is_first` says that nobody was judged before.
    """
    statement = GATHER_FIRST if is_first else GATHER_SPAN
    async with _planned(conn):
        return Text(await conn.fetchval(statement, workspace_id, contest_id, False, lists, *span))


async def gather(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    accounts: Sequence[str],
    *,
    lists: Sequence[UUID],
    recheck: bool = False,
) -> Text:
    """Gather the evidence of some accounts, unread; needs a transaction around it.

    `lists` are those that the rules ask about; `recheck` looks at the scans after the draw where
    there are.
    """
    async with _planned(conn):
        return Text(await conn.fetchval(GATHER, workspace_id, contest_id, recheck, lists, accounts))


async def without_evidence(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    entrant_ids: Sequence[UUID],
    *,
    lists: Sequence[UUID],
) -> Text:
    """Gather, unread, the accounts of some entrants as if they had done nothing; as `gather`."""
    key = (workspace_id, contest_id)
    async with _planned(conn):
        return Text(await conn.fetchval(WITHOUT_EVIDENCE, *key, list(entrant_ids), lists))


def read(text: Text) -> Iterator[Gathered]:
    """Read what was gathered, some at a time: who was read is looked at before others are."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + _AT_ONCE)
        yield from _read(text[start : None if end < 0 else end])
        start = len(text) if end < 0 else end + 1


def count(text: Text) -> int:
    """How many were gathered."""
    return text.count(b"\n") + bool(text)


async def unseen(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[UUID]:
    """List entrants, by id, one of whose accounts did nothing that the rules ask for by now."""
    rows = await conn.fetch(UNSEEN, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return [row["entrant_id"] for row in rows]


async def share_snapshot(conn: Connection) -> str:
    """Let other connections see what this transaction, a repeatable read, sees while it lasts."""
    name: str = await conn.fetchval("SELECT pg_export_snapshot()")
    return name


@asynccontextmanager
async def at_snapshot(pool: Pool, name: str) -> AsyncIterator[Connection]:
    """A transaction of its own over a snapshot that was shared."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        await conn.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
        yield conn


@asynccontextmanager
async def _planned(conn: Connection) -> AsyncIterator[None]:
    await conn.execute(PLAN)
    yield
    await conn.execute(PLAN_AS_USUAL)
