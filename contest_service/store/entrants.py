"""Entrants of a contest with their verdicts, their accounts and their openings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store import folded, tallies
from contest_service.store.contests import Contest
from contest_service.store.entrant_choice import Fits, by_id
from contest_service.store.entrant_table import Walk
from contest_service.store.rows import Connection, many, one
from contest_service.store.tallies import Change, Counting, Kind, kind_of, platform_of


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
    key = (workspace_id, contest_id)
    found = many(await conn.fetch(KNOWN, *key, subjects), Known)
    records = await folded.unfold(conn, *key, [entrant.record for entrant in found])
    return {
        entrant.subject: msgspec.structs.replace(entrant, record=record)
        for entrant, record in zip(found, records, strict=True)
    }


class JudgedRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A verdict on its way into the table.

    The platform is empty for somebody who has no account. `marks` and `entered_at` are as
    `domain.marks` makes them.
    """

    id: UUID
    subject: str
    label: str
    state: str
    reason: str
    tickets: int
    record: bytes
    """In canonical bytes, or folded."""
    record_salt: bytes
    record_digest: bytes
    platform: str
    marks: str
    entered_at: int

    @property
    def counted_as(self) -> Kind:
        platform = self.platform or platform_of(self.subject)
        return platform, self.state, self.reason, self.marks

    @property
    def kind(self) -> int:
        return kind_of(*self.counted_as)


class OpeningRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    entrant_id: UUID
    commitment: bytes
    salt: bytes
    subject: str
    label: str


WRITE = """
INSERT INTO entrants (workspace_id, contest_id, id, subject, label, state, reason, tickets, record,
    record_salt, record_digest, marks, kind, judged_at)
SELECT $1, $2, v.*, $3
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::text[],
    $11::bytea[], $12::bytea[], $13::text[], $14::bigint[]) AS v
ON CONFLICT (workspace_id, contest_id, id) DO UPDATE
SET label = excluded.label, state = excluded.state, reason = excluded.reason,
    tickets = excluded.tickets,
    record = excluded.record, record_salt = excluded.record_salt,
    record_digest = excluded.record_digest, marks = excluded.marks, kind = excluded.kind,
    judged_at = excluded.judged_at
RETURNING new.id, old.state, old.reason, old.tickets, old.marks
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
    "kind",
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
        kind = row.counted_as
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
OF_IDS = f"""
SELECT n.* FROM unnest($3::uuid[]) k (id)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = k.id OFFSET 0) n
ORDER BY n.id
"""
READ = f"""
SELECT {COLUMNS} FROM entrants n WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = $3
"""

OF_SUBJECT = f"""
SELECT {COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.subject = $3
"""


async def _entrants(
    conn: Connection, workspace_id: UUID, contest_id: UUID, rows: Sequence[Any]
) -> list[Entrant]:
    kept = [row["record"] for row in rows]
    return [
        msgspec.convert(dict(row) | {"record": msgspec.Raw(record.encode())}, Entrant)
        for row, record in zip(
            rows, await folded.unfold(conn, workspace_id, contest_id, kept), strict=True
        )
    ]


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
    if who is None and (state is not None or reason is not None):
        near = [
            each
            for each in await tallies.of_contest(conn, *key)
            if state in (None, each.state) and reason in (None, each.reason)
        ]
        fits = Fits(kinds=near, least=score or 0)
        ids = await _ids(conn, key, fits, after=after, limit=limit)
        rows = await conn.fetch(OF_IDS, *key, ids)
    else:
        rows = await conn.fetch(LIST, *key, state, reason, after, who, limit, score)
    return await _entrants(conn, *key, rows)


async def _ids(
    conn: Connection, key: tuple[UUID, UUID], fits: Fits, *, after: UUID | None, limit: int
) -> list[UUID]:
    """Those who fit, oldest first; no page ends before it is full."""
    found: list[UUID] = []
    while True:
        walk = Walk(limit=limit - len(found), is_back=True)
        ids, after = await by_id(conn, key, fits, start=after, walk=walk)
        found += ids
        if after is None:
            return found


async def read(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> Entrant | None:
    key = (workspace_id, contest_id)
    return next(iter(await _entrants(conn, *key, await conn.fetch(READ, *key, entrant_id))), None)


async def of_subject(
    conn: Connection, workspace_id: UUID, contest_id: UUID, subject: str
) -> Entrant | None:
    """The entrant that an account is, whatever entry it was merged into."""
    key = (workspace_id, contest_id)
    found = await _entrants(conn, *key, await conn.fetch(OF_SUBJECT, *key, subject))
    return next(iter(found), None)


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
SELECT account_of(x.subject) AS account FROM entrants x
CROSS JOIN LATERAL (SELECT FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = COALESCE(x.entry_id, x.id)
        AND n.state IN ('invalid', 'cannot_verify') AND platform_of(x.subject) = $3
        AND instance_of(x.subject) = $4
    OFFSET 0) n
LEFT JOIN LATERAL (SELECT k.standing_at FROM accounts k
    WHERE k.workspace_id = $1 AND k.platform = $3 AND k.instance = $4
        AND k.account = account_of(x.subject)
    OFFSET 0) k ON true
WHERE x.workspace_id = $1 AND x.contest_id = $2
    AND x.subject > CASE WHEN $5 = '' THEN '' ELSE subject_of($3, $4, $5) END
    AND (k.standing_at > $6) IS NOT TRUE
ORDER BY x.subject LIMIT $7
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
SELECT x.account FROM unnest($3::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.id
    OFFSET 0) x
"""


async def accounts_of(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_ids: Sequence[UUID]
) -> list[str]:
    """Stable ids of the accounts of some entrants."""
    rows = await conn.fetch(ACCOUNTS_OF, workspace_id, contest_id, entrant_ids)
    return [row["account"] for row in rows]
