"""Entries without accounts: the files and requests that brought them in, and what these held."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.imports import PlacedEntry
from contest_service.domain.judging import EntrantState
from contest_service.store.contests import Contest
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, exactly, many, one


class Source(enum.StrEnum):
    """How entries came."""

    CSV = "csv"
    API = "api"


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A file or request with entries, and whether it was undone.

    `sha256` is of its bytes as they came; `entries` is how many it brought. `undone_why` is empty
    unless it was undone: then none of them counts.
    """

    id: UUID
    source: Source
    sha256: str
    size: int
    entries: int
    imported_by: UUID
    imported_at: datetime
    undone_by: UUID | None
    undone_at: datetime | None
    undone_why: str


COLUMNS = """id, source, encode(sha256, 'hex') AS sha256, size, entries, imported_by, imported_at,
    undone_by, undone_at, undone_why"""
CREATE = f"""
INSERT INTO imports
    (workspace_id, contest_id, source, sha256, size, entries, imported_by, imported_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING {COLUMNS}
"""
ADD = """
INSERT INTO imported_entries
    (workspace_id, contest_id, id, import_id, line, reference, label, entered_at)
SELECT $1, $2, uuidv7(), $3, e.*
FROM unnest($4::integer[], $5::text[], $6::text[], $7::timestamptz[]) AS e
"""
AT_ONCE = 5000


async def create(
    conn: Connection,
    contest: Contest,
    entries: Sequence[PlacedEntry],
    *,
    source: Source,
    sha256: bytes,
    size: int,
    person_id: UUID,
    at: datetime,
) -> Import:
    """Store entries and how they came. None of their references may have entered already."""
    key = (contest.workspace_id, contest.id)
    row = await conn.fetchrow(CREATE, *key, source, sha256, size, len(entries), person_id, at)
    made = exactly(row, Import)
    for first in range(0, len(entries), AT_ONCE):
        some = entries[first : first + AT_ONCE]
        columns = [
            [getattr(each, field) for each in some]
            for field in ("line", "reference", "label", "entered_at")
        ]
        await conn.execute(ADD, *key, made.id, *columns)
    return made


TAKEN = """
SELECT e.reference
FROM unnest($3::text[]) AS r (reference)
CROSS JOIN LATERAL (SELECT e.reference FROM imported_entries e
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.reference = r.reference
        AND e.undone_at IS NULL
    OFFSET 0) e
"""


async def taken(conn: Connection, contest: Contest, references: Sequence[str]) -> set[str]:
    """Which of some references have entered already."""
    rows = await conn.fetch(TAKEN, contest.workspace_id, contest.id, references)
    return {row["reference"] for row in rows}


READ = f"SELECT {COLUMNS} FROM imports WHERE workspace_id = $1 AND contest_id = $2 AND id = $3"
LIST = f"""
SELECT {COLUMNS} FROM imports
WHERE workspace_id = $1 AND contest_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""


async def read(
    conn: Connection, workspace_id: UUID, contest_id: UUID, import_id: UUID
) -> Import | None:
    return one(await conn.fetchrow(READ, workspace_id, contest_id, import_id), Import)


async def list_page(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, before: UUID | None, limit: int
) -> list[Import]:
    """List imports, newest first."""
    rows = await conn.fetch(LIST, workspace_id, contest_id, before or AFTER_ALL, limit)
    return many(rows, Import)


class ImportedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an import; `id` is its entrant's, and `state` null until it is judged.

    Of somebody who was erased, `reference` and `label` are empty.
    """

    id: UUID
    line: int
    reference: str
    label: str
    entered_at: datetime | None
    state: EntrantState | None
    reason: str
    tickets: int


# Each verdict is looked up by its key: a join would be of the whole contest, for one page of it.
ENTRIES = """
SELECT e.id, e.line, COALESCE(e.reference, '') AS reference, e.label, e.entered_at, n.state,
    COALESCE(n.reason, '') AS reason, COALESCE(n.tickets, 0) AS tickets
FROM imported_entries e
LEFT JOIN LATERAL (SELECT n.state, n.reason, n.tickets FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = e.id
    OFFSET 0) n ON true
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.import_id = $3 AND e.id > $4
ORDER BY e.id LIMIT $5
"""


async def entries(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    import_id: UUID,
    *,
    after: UUID | None,
    limit: int,
) -> list[ImportedEntry]:
    """List what an import brought, in the order of its lines."""
    key = (workspace_id, contest_id, import_id)
    return many(await conn.fetch(ENTRIES, *key, after or BEFORE_ALL, limit), ImportedEntry)


# None is undone twice; whoever undoes it has locked the contest.
UNDO = f"""
UPDATE imports SET undone_by = $4, undone_at = $5, undone_why = $6
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND undone_at IS NULL
RETURNING {COLUMNS}
"""
UNDO_ENTRIES = """
UPDATE imported_entries SET undone_at = $4, due = true
WHERE workspace_id = $1 AND contest_id = $2 AND import_id = $3
"""


async def undo(
    conn: Connection,
    contest: Contest,
    import_id: UUID,
    *,
    why: str,
    person_id: UUID,
    at: datetime,
) -> Import | None:
    """Let nothing of an import count any more; None if it does not already."""
    key = (contest.workspace_id, contest.id, import_id)
    undone = one(await conn.fetchrow(UNDO, *key, person_id, at, why), Import)
    if undone is not None:
        await conn.execute(UNDO_ENTRIES, *key, at)
    return undone


COUNT = """
SELECT COALESCE(sum(entries), 0)::bigint FROM imports
WHERE workspace_id = $1 AND contest_id = $2 AND undone_at IS NULL
"""


async def count(conn: Connection, workspace_id: UUID, contest_id: UUID) -> int:
    """How many entries were brought in and not undone."""
    return int(await conn.fetchval(COUNT, workspace_id, contest_id))


# What the judge needs -----------------------------------------------------------------------------


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the judge sees it: what it is called, and how and when it came."""

    id: UUID
    label: str
    import_id: UUID
    sha256: str
    line: int
    imported_at: datetime
    entered_at: datetime | None
    undone_at: datetime | None


FOUND = """
SELECT e.id, e.label, e.import_id, encode(i.sha256, 'hex') AS sha256, e.line, i.imported_at,
    e.entered_at, e.undone_at
FROM imported_entries e
CROSS JOIN LATERAL (SELECT i.sha256, i.imported_at FROM imports i
    WHERE i.workspace_id = $1 AND i.contest_id = $2 AND i.id = e.import_id
    OFFSET 0) i
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.erased_at IS NULL AND e.id > $3
"""
BROUGHT = f"{FOUND} ORDER BY e.id LIMIT $4"
DUE = f"{FOUND} AND e.due ORDER BY e.id LIMIT $4"
SET_JUDGED = """
UPDATE imported_entries SET due = false
WHERE workspace_id = $1 AND contest_id = $2 AND id = ANY ($3) AND due
"""


async def brought(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    is_everybody: bool,
) -> list[Brought]:
    """List the entries that were brought in by id: everybody's, or those that are due."""
    query = BROUGHT if is_everybody else DUE
    rows = await conn.fetch(query, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return many(rows, Brought)


async def set_judged(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID]
) -> None:
    """Note that entries are judged as they are now."""
    await conn.execute(SET_JUDGED, workspace_id, contest_id, ids)


# Erasing ------------------------------------------------------------------------------------------

UNERASED = """
SELECT id FROM imported_entries
WHERE workspace_id = $1 AND contest_id = $2 AND erased_at IS NULL AND id > $3 ORDER BY id LIMIT $4
"""


EMPTY_REASONS = """
UPDATE imports SET undone_why = $3 WHERE workspace_id = $1 AND undone_why ~* $2
"""


async def empty_reasons(conn: Connection, workspace_id: UUID, *, pattern: str, instead: str) -> int:
    """Replace reasons for undoing that speak of somebody."""
    status: Any = await conn.execute(EMPTY_REASONS, workspace_id, pattern, instead)
    return int(str(status).rsplit(" ", 1)[1])


async def unerased(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[UUID]:
    """List entries that still have their person, by id."""
    rows = await conn.fetch(UNERASED, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return [row["id"] for row in rows]
