"""Entrants of a contest with their verdicts, their accounts and their openings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store import tallies
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many, one
from contest_service.store.tallies import Change, Counting, platform_of


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant as last judged. `record` is the evidence record, as JSON in canonical bytes.

    Of somebody who was erased, `subject` and `label` are empty, and the record is too.
    """

    id: UUID
    subject: str
    label: str
    state: EntrantState
    reason: str
    tickets: int
    record: msgspec.Raw
    judged_at: datetime
    erased_at: datetime | None


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


async def known(
    conn: Connection, workspace_id: UUID, contest_id: UUID, subjects: Sequence[str]
) -> dict[str, Known]:
    """Look up entrants by their subjects."""
    found = many(await conn.fetch(KNOWN, workspace_id, contest_id, subjects), Known)
    return {entrant.subject: entrant for entrant in found}


class JudgedRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A verdict on its way into the table; the accounts only matter for a new entrant.

    The account is empty for somebody who has none. `is_new` if there is surely no such entrant yet.
    `marks` and `entered_at` are as `domain.marks` makes them.
    """

    id: UUID
    subject: str
    label: str
    state: str
    reason: str
    tickets: int
    record: bytes
    """In canonical bytes."""
    record_salt: bytes
    record_digest: bytes
    platform: str
    instance: str
    account: str
    marks: str
    entered_at: int
    is_new: bool = False


class OpeningRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    entrant_id: UUID
    commitment: bytes
    salt: bytes
    subject: str
    label: str


WRITE = """
INSERT INTO entrants (workspace_id, contest_id, id, subject, label, state, reason, tickets, record,
    record_salt, record_digest, marks, judged_at)
SELECT $1, $2, v.*, $3
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::text[],
    $11::bytea[], $12::bytea[], $13::text[]) AS v
ON CONFLICT (workspace_id, contest_id, id) DO UPDATE
SET label = excluded.label, state = excluded.state, reason = excluded.reason,
    tickets = excluded.tickets,
    record = excluded.record, record_salt = excluded.record_salt,
    record_digest = excluded.record_digest, marks = excluded.marks, judged_at = excluded.judged_at
RETURNING new.id, old.state, old.reason, old.tickets, old.marks
"""
WRITE_ACCOUNTS = """
INSERT INTO entrant_accounts (workspace_id, contest_id, platform, instance, account, entrant_id)
SELECT $1, $2, v.* FROM unnest($3::text[], $4::text[], $5::text[], $6::uuid[]) AS v
ON CONFLICT DO NOTHING
"""
WRITTEN = (
    "id",
    "subject",
    "label",
    "state",
    "reason",
    "tickets",
    "record",
    "record_salt",
    "record_digest",
    "marks",
)
_RECORD = WRITTEN.index("record")
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
    """Write verdicts and the openings of who became valid first. See `newcomers` for new ones."""
    key = (workspace_id, contest_id)
    columns = [[getattr(row, field) for row in rows] for field in WRITTEN]
    columns[_RECORD] = [record.decode() for record in columns[_RECORD]]
    former = await conn.fetch(WRITE, *key, at, *columns)
    await tallies.add(conn, *key, _change(rows, {row["id"]: row for row in former}, at))
    placed = [row for row in rows if row.account]
    accounts = [
        [getattr(row, field) for row in placed]
        for field in ("platform", "instance", "account", "id")
    ]
    await conn.execute(WRITE_ACCOUNTS, *key, *accounts)
    await conn.copy_records_to_table(
        "openings",
        columns=OPENING_COLUMNS,
        records=(
            (workspace_id, contest_id, o.entrant_id, o.commitment, o.salt, o.subject, o.label, at)
            for o in openings
        ),
    )


def _change(rows: Sequence[JudgedRow], former: Mapping[UUID, Any], at: datetime) -> Change:
    """What became more or less by some verdicts, given what the entrants were before."""
    counting = Counting()
    for row in rows:
        kind = (platform_of(row.subject), row.state, row.reason, row.marks)
        old = former[row.id]
        counting.add(kind, row.tickets)
        if old["state"] is None:
            counting.arrive(kind[0], row.entered_at or int(at.timestamp()))
        else:
            counting.take((kind[0], old["state"], old["reason"], old["marks"]), old["tickets"])
    return counting.change


COLUMNS = """n.id, COALESCE(n.subject, '') AS subject, n.label, n.state, n.reason, n.tickets,
    COALESCE(n.record, '{}') AS record, n.judged_at, n.erased_at"""
LIST = f"""
SELECT {COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND ($3::text IS NULL OR n.state = $3)
    AND ($4::text IS NULL OR n.reason = $4) AND ($5::uuid IS NULL OR n.id > $5)
    AND ($6::text IS NULL OR n.subject = $6 OR n.label = $6)
    AND ($8::smallint IS NULL OR (SELECT s.score FROM entrant_signals s WHERE s.workspace_id = $1
        AND s.contest_id = $2 AND s.entrant_id = n.id) >= $8)
ORDER BY n.id LIMIT $7
"""
READ = f"""
SELECT {COLUMNS} FROM entrants n WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = $3
"""

OF_SUBJECT = f"""
SELECT {COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.subject = $3
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
    score: int | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[Entrant]:
    """List entrants, oldest first; `who` is a subject or a label to the letter.

    With a `score`, only those whose fraud signals add up to so much at least.
    """
    key = (workspace_id, contest_id)
    rows = await conn.fetch(LIST, *key, state, reason, after, who, limit, score)
    return [_entrant(row) for row in rows]


async def read(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> Entrant | None:
    row = await conn.fetchrow(READ, workspace_id, contest_id, entrant_id)
    return None if row is None else _entrant(row)


async def of_subject(
    conn: Connection, workspace_id: UUID, contest_id: UUID, subject: str
) -> Entrant | None:
    """The entrant that an account is, whatever entry it was merged into."""
    row = await conn.fetchrow(OF_SUBJECT, workspace_id, contest_id, subject)
    return None if row is None else _entrant(row)


class Count(msgspec.Struct, frozen=True, kw_only=True):
    state: EntrantState
    reason: str
    entrants: int
    tickets: int


COUNTS = """
SELECT state, reason, sum(entrants)::bigint AS entrants, sum(tickets)::bigint AS tickets
FROM entrant_tallies WHERE workspace_id = $1 AND contest_id = $2
GROUP BY state, reason HAVING sum(entrants) <> 0 ORDER BY state, reason
"""


async def counts(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Count]:
    """How many entrants are in which state, and for which reason, by the tallies."""
    return many(await conn.fetch(COUNTS, workspace_id, contest_id), Count)


# A walk through the contest's accounts; of each, what is known is looked up by its key.
DOUBTFUL = """
SELECT x.account FROM entrant_accounts x
CROSS JOIN LATERAL (SELECT FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = x.entrant_id
        AND n.state IN ('invalid', 'cannot_verify')
    OFFSET 0) n
LEFT JOIN LATERAL (SELECT k.standing_at FROM accounts k
    WHERE k.workspace_id = $1 AND k.platform = $3 AND k.instance = $4 AND k.account = x.account
    OFFSET 0) k ON true
WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.platform = $3 AND x.instance = $4
    AND x.account > $5 AND (k.standing_at > $6) IS NOT TRUE
ORDER BY x.account LIMIT $7
"""


async def doubtful(
    conn: Connection,
    contest: Contest,
    *,
    platform: str,
    instance: str,
    since: datetime | None,
    after: str,
    limit: int,
) -> list[str]:
    """List accounts of entrants who do not count: those whose standing may explain it.

    Whoever was looked at after `since` is left out.
    """
    rows = await conn.fetch(
        DOUBTFUL, contest.workspace_id, contest.id, platform, instance, after, since, limit
    )
    return [row["account"] for row in rows]


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Salt and identity of an entry, with its commitment."""

    entrant_id: UUID
    commitment: bytes
    salt: bytes
    subject: str
    label: str


OPENINGS = """
SELECT entrant_id, commitment, salt, subject, label FROM openings
WHERE workspace_id = $1 AND contest_id = $2 AND commitment = ANY ($3) AND salt IS NOT NULL
"""
OPENING_OF = """
SELECT entrant_id, commitment, salt, subject, label FROM openings
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3 AND salt IS NOT NULL
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


RECORDS_OF = """
SELECT subject, record FROM entrants
WHERE workspace_id = $1 AND contest_id = $2 AND id = ANY ($3) AND record IS NOT NULL
"""


async def records_of(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_ids: Sequence[UUID]
) -> dict[str, str]:
    """The evidence records of some entrants, by subject; whoever was erased has none."""
    rows = await conn.fetch(RECORDS_OF, workspace_id, contest_id, entrant_ids)
    return {row["subject"]: row["record"] for row in rows}
