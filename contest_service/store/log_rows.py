"""The log's rows as they stand, for whoever checks them: nothing here trusts one by another.

Batches are by number, so that a row that is gone, or there twice, is seen.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from contest_service.store.log import BATCH, Log
from contest_service.store.rows import Connection, exactly, many


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event, and where it stands in its log, if it does."""

    contest_id: UUID
    seq: int
    type: str
    at: int
    hash: bytes
    line: bytes
    index: int | None


class LeafRow(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf, and the event that it stands for, if that is there."""

    index: int
    leaf: bytes
    contest_id: UUID
    seq: int
    line: bytes | None
    practice: bool | None


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How far a log reaches in each table, by its highest number."""

    leaves: int
    hashed: int
    signed: int
    hashes: int
    """How many there are, of all levels."""


EVENTS = """
SELECT e.contest_id, e.seq, e.type, e.at, e.hash, e.line, l.index
FROM events e LEFT JOIN log_leaves l ON l.workspace_id = e.workspace_id
    AND l.contest_id = e.contest_id AND l.seq = e.seq
ORDER BY e.workspace_id, e.contest_id, e.seq
"""
LEAVES = """
SELECT l.index, l.leaf, l.contest_id, l.seq, e.line, c.practice
FROM log_leaves l
LEFT JOIN events e ON e.workspace_id = l.workspace_id AND e.contest_id = l.contest_id
    AND e.seq = l.seq
LEFT JOIN contests c ON c.workspace_id = l.workspace_id AND c.id = l.contest_id
WHERE l.log = $1 AND l.index >= $2 AND l.index < $3 ORDER BY l.index
"""
HASHES = """
SELECT index, hash FROM log_hashes
WHERE log = $1 AND level = $2 AND index >= $3 AND index < $4
"""
EXTENT = """
SELECT coalesce((SELECT max(index) + 1 FROM log_leaves WHERE log = $1), 0) AS leaves,
    coalesce((SELECT max(index) + 1 FROM log_hashes WHERE log = $1 AND level = 0), 0) AS hashed,
    coalesce((SELECT max(size) FROM checkpoints WHERE log = $1), 0) AS signed,
    (SELECT count(*) FROM log_hashes WHERE log = $1) AS hashes
"""


async def events(conn: Connection) -> AsyncIterator[EventRow]:
    """Yield all events, contest by contest in order; needs a transaction."""
    cursor = await conn.cursor(EVENTS)
    while rows := await cursor.fetch(BATCH):
        for row in many(rows, EventRow):
            yield row


async def leaves(conn: Connection, log: Log, first: int, end: int) -> list[LeafRow]:
    """The leaves `first` to `end - 1`, as far as they are there."""
    return many(await conn.fetch(LEAVES, log, first, end), LeafRow)


async def hashes(
    conn: Connection, log: Log, level: int, *, first: int, end: int
) -> dict[int, bytes]:
    """The hashes `first` to `end - 1` of one level, by number."""
    rows = await conn.fetch(HASHES, log, level, first, end)
    return {row["index"]: row["hash"] for row in rows}


async def extent(conn: Connection, log: Log) -> Extent:
    """How far each table reaches."""
    return exactly(await conn.fetchrow(EXTENT, log), Extent)
