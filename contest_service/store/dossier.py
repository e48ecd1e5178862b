"""What an audit bundle is made of, read in order and in batches; all within one transaction."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from contest_service.store import folded
from contest_service.store.contests import Contest
from contest_service.store.entrants import Opening
from contest_service.store.rows import Connection, many

T = TypeVar("T")

BATCH = 5000

VERIFIERS = """
SELECT decode(v->>'sha256', 'hex') AS sha256
FROM terms t, jsonb_array_elements(convert_from(t.bytes, 'UTF8')::jsonb->'verifiers') v
WHERE t.workspace_id = $1 AND t.contest_id = $2
    AND t.version = (SELECT max(version) FROM terms WHERE workspace_id = $1 AND contest_id = $2)
"""
OPENINGS = """
SELECT o.entrant_id, o.commitment, o.salt, o.subject, o.label
FROM openings o
JOIN entrants n ON n.workspace_id = o.workspace_id AND n.contest_id = o.contest_id
    AND n.id = o.entrant_id AND n.state = 'valid'
WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.salt IS NOT NULL AND (
    SELECT c.round IS NOT NULL FROM contests c WHERE c.workspace_id = $1 AND c.id = $2)
ORDER BY o.commitment
"""
RECORDS = """
SELECT record, record_salt AS salt FROM entrants
WHERE workspace_id = $1 AND contest_id = $2 AND erased_at IS NULL ORDER BY record_digest
"""
SCANS = """
SELECT s.id, t.ref AS target, w.action, s.closing, s.started_at, s.finished_at, s.state, s.pages,
    s.seen, s.claimed, s.hidden
FROM contest_evidence e
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
JOIN scans s ON s.workspace_id = w.workspace_id AND s.watch_id = w.id
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY s.id
"""
PAGES = """
SELECT p.scan_id, p.seq, p.sha256, p.size, p.fetched_at
FROM contest_evidence e
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
JOIN scans s ON s.workspace_id = w.workspace_id AND s.watch_id = w.id
JOIN scan_pages p ON p.workspace_id = s.workspace_id AND p.scan_id = s.id
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY p.scan_id, p.seq
"""


class SealedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant's evidence record in its canonical bytes, with its salt."""

    record: str
    salt: bytes


class ScanLine(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that a contest's verdicts rest on; `target` as the platform refers to it."""

    id: UUID
    target: str
    action: str
    closing: bool
    started_at: datetime
    finished_at: datetime | None
    state: str
    pages: int
    seen: int | None
    claimed: int | None
    hidden: int | None


class PageLine(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of a response body."""

    scan_id: UUID
    seq: int
    sha256: bytes
    size: int
    fetched_at: datetime


async def verifiers_in_force(conn: Connection, contest: Contest) -> list[bytes]:
    """Hashes of the verifiers that the terms in force name."""
    rows = await conn.fetch(VERIFIERS, contest.workspace_id, contest.id)
    return [row["sha256"] for row in rows]


def frozen_openings(conn: Connection, contest: Contest) -> AsyncIterator[list[Opening]]:
    """Openings of all frozen entries that are still kept; none before the freeze."""
    return _batches(conn, OPENINGS, contest, Opening)


async def records(conn: Connection, contest: Contest) -> AsyncIterator[list[SealedRecord]]:
    """Evidence records that are still kept."""
    known: dict[str, str] = {}
    async for batch in _batches(conn, RECORDS, contest, SealedRecord):
        kept = [each.record for each in batch]
        whole = await folded.unfold(conn, contest.workspace_id, contest.id, kept, known=known)
        yield [
            SealedRecord(record=record, salt=each.salt)
            for each, record in zip(batch, whole, strict=True)
        ]


def scans(conn: Connection, contest: Contest) -> AsyncIterator[list[ScanLine]]:
    """All scans of what the contest rests on, oldest first."""
    return _batches(conn, SCANS, contest, ScanLine)


def pages(conn: Connection, contest: Contest) -> AsyncIterator[list[PageLine]]:
    """The digests of those scans' pages."""
    return _batches(conn, PAGES, contest, PageLine)


async def _batches(
    conn: Connection, query: str, contest: Contest, type_: type[T]
) -> AsyncIterator[list[T]]:
    cursor = await conn.cursor(query, contest.workspace_id, contest.id)
    while rows := await cursor.fetch(BATCH):
        yield many(rows, type_)
