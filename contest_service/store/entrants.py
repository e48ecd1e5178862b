"""Entrants of a contest with their verdicts, and the evidence that these are judged from."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store.rows import Connection, many, one


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant as last judged. `record` is the evidence record, as JSON in canonical bytes."""

    id: UUID
    subject: str
    label: str
    state: EntrantState
    reason: str
    tickets: int
    record: msgspec.Raw
    judged_at: datetime


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
    cursor = await conn.cursor(GATHER, workspace_id, contest_id, accounts, recheck)
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


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What an entrant was judged to be before. `sealed` says that it has an opening."""

    id: UUID
    subject: str
    label: str
    record: str
    sealed: bool


# Each is looked up by its own key: with `= ANY`, old statistics can make it a walk through the
# whole contest, and for every row of it through the array.
KNOWN = """
SELECT n.id, n.subject, n.label, n.record, n.sealed
FROM unnest($3::text[]) AS s (subject)
CROSS JOIN LATERAL (
    SELECT n.id, n.subject, n.label, n.record, (SELECT true FROM openings o
        WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = n.id) IS TRUE AS sealed
    FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.subject = s.subject
    OFFSET 0) n
"""
NEW_IDS = "SELECT uuidv7() AS id FROM generate_series(1, $1)"


async def known(
    conn: Connection, workspace_id: UUID, contest_id: UUID, subjects: Sequence[str]
) -> dict[str, Known]:
    """Look up entrants by their subjects."""
    found = many(await conn.fetch(KNOWN, workspace_id, contest_id, subjects), Known)
    return {entrant.subject: entrant for entrant in found}


async def new_ids(conn: Connection, count: int) -> list[UUID]:
    return [row["id"] for row in await conn.fetch(NEW_IDS, count)]


class JudgedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict on its way into the table; the accounts only matter for a new entrant."""

    id: UUID
    subject: str
    label: str
    state: str
    reason: str
    tickets: int
    record: str
    record_salt: bytes
    record_digest: bytes
    platform: str
    instance: str
    account: str


class OpeningRow(msgspec.Struct, frozen=True, kw_only=True):
    entrant_id: UUID
    commitment: bytes
    salt: bytes
    subject: str
    label: str


WRITE = """
INSERT INTO entrants (workspace_id, contest_id, id, subject, label, state, reason, tickets, record,
    record_salt, record_digest, judged_at)
SELECT $1, $2, v.*, $3
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::text[],
    $11::bytea[], $12::bytea[]) AS v
ON CONFLICT (workspace_id, contest_id, id) DO UPDATE
SET state = excluded.state, reason = excluded.reason, tickets = excluded.tickets,
    record = excluded.record, record_salt = excluded.record_salt,
    record_digest = excluded.record_digest, judged_at = excluded.judged_at
"""
WRITE_ACCOUNTS = """
INSERT INTO entrant_accounts (workspace_id, contest_id, platform, instance, account, entrant_id)
SELECT $1, $2, v.* FROM unnest($3::text[], $4::text[], $5::text[], $6::uuid[]) AS v
ON CONFLICT DO NOTHING
"""
OPENING_COLUMNS = (
    "workspace_id",
    "contest_id",
    "entrant_id",
    "commitment",
    "salt",
    "subject",
    "label",
    "created_at",
)


async def write(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    rows: Sequence[JudgedRow],
    *,
    openings: Sequence[OpeningRow],
    at: datetime,
) -> None:
    """Write verdicts that are new or changed, and the openings of who became valid first."""
    columns = [
        [getattr(row, field) for row in rows]
        for field in ("id", "subject", "label", "state", "reason", "tickets", "record",
                      "record_salt", "record_digest")
    ]  # fmt: skip
    await conn.execute(WRITE, workspace_id, contest_id, at, *columns)
    accounts = [
        [getattr(row, field) for row in rows] for field in ("platform", "instance", "account", "id")
    ]
    await conn.execute(WRITE_ACCOUNTS, workspace_id, contest_id, *accounts)
    await conn.copy_records_to_table(
        "openings",
        columns=OPENING_COLUMNS,
        records=(
            (workspace_id, contest_id, o.entrant_id, o.commitment, o.salt, o.subject, o.label, at)
            for o in openings
        ),
    )


COLUMNS = "n.id, n.subject, n.label, n.state, n.reason, n.tickets, n.record, n.judged_at"
LIST = f"""
SELECT {COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND ($3::text IS NULL OR n.state = $3)
    AND ($4::text IS NULL OR n.reason = $4) AND ($5::uuid IS NULL OR n.id > $5)
    AND ($6::text IS NULL OR n.subject = $6 OR n.label = $6)
ORDER BY n.id LIMIT $7
"""
READ = f"""
SELECT {COLUMNS} FROM entrants n WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = $3
"""


def _entrant(row: Any) -> Entrant:
    values = dict(row)
    values["record"] = msgspec.Raw(values["record"].encode())
    return msgspec.convert(values, Entrant)


async def list_page(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    *,
    state: EntrantState | None = None,
    reason: str | None = None,
    who: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[Entrant]:
    """List entrants, oldest first; `who` is a subject or a label to the letter."""
    rows = await conn.fetch(LIST, workspace_id, contest_id, state, reason, after, who, limit)
    return [_entrant(row) for row in rows]


async def read(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> Entrant | None:
    row = await conn.fetchrow(READ, workspace_id, contest_id, entrant_id)
    return None if row is None else _entrant(row)


class Count(msgspec.Struct, frozen=True, kw_only=True):
    state: EntrantState
    reason: str
    entrants: int
    tickets: int


COUNTS = """
SELECT state, reason, count(*) AS entrants, sum(tickets)::bigint AS tickets FROM entrants
WHERE workspace_id = $1 AND contest_id = $2 GROUP BY state, reason ORDER BY state, reason
"""


async def counts(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Count]:
    """How many entrants are in which state, and for which reason."""
    return many(await conn.fetch(COUNTS, workspace_id, contest_id), Count)


class DoubtfulAccount(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    instance: str
    account: str


DOUBTFUL = """
SELECT x.platform, x.instance, x.account FROM entrants n
JOIN entrant_accounts x ON x.workspace_id = n.workspace_id AND x.contest_id = n.contest_id
    AND x.entrant_id = n.id
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state IN ('invalid', 'cannot_verify')
ORDER BY 1, 2, 3
"""


async def doubtful(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[DoubtfulAccount]:
    """Accounts of entrants who do not count: those whose standing may explain it."""
    return many(await conn.fetch(DOUBTFUL, workspace_id, contest_id), DoubtfulAccount)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Salt and identity of an entry, with its commitment."""

    entrant_id: UUID
    commitment: bytes
    salt: bytes
    subject: str
    label: str


OPENINGS = """
SELECT entrant_id, commitment, salt, subject, label FROM openings
WHERE workspace_id = $1 AND contest_id = $2 AND commitment = ANY ($3)
"""
OPENING_OF = """
SELECT entrant_id, commitment, salt, subject, label FROM openings
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3
"""


async def openings(
    conn: Connection, workspace_id: UUID, contest_id: UUID, commitments: Sequence[bytes]
) -> dict[bytes, Opening]:
    """The openings that are still kept, by commitment."""
    rows = await conn.fetch(OPENINGS, workspace_id, contest_id, commitments)
    return {opening.commitment: opening for opening in many(rows, Opening)}


async def opening_of(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> Opening | None:
    return one(await conn.fetchrow(OPENING_OF, workspace_id, contest_id, entrant_id), Opening)


ACCOUNTS_OF = """
SELECT account FROM entrant_accounts
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3)
"""


async def accounts_of(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_ids: Sequence[UUID]
) -> list[str]:
    """Stable ids of the accounts of some entrants."""
    rows = await conn.fetch(ACCOUNTS_OF, workspace_id, contest_id, entrant_ids)
    return [row["account"] for row in rows]
