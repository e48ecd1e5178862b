"""The log of all contests' events: its leaves, the hashes over them, and what was signed.

Leaves come with their events (`store.proof`). Hashes are of perfect subtrees, by level and index,
and are there for exactly the leaves that the newest checkpoint covers; both are written once.
"""

import enum
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

import asyncpg
import msgspec

from contest_service.domain.errors import ConflictError
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many, one

BATCH = 4096
"""Leaves that are read at a time."""

Node: TypeAlias = tuple[int, int]
"""A perfect subtree by level and index: leaves index * 2^level to (index + 1) * 2^level - 1."""


class Log(enum.StrEnum):
    """Which log; they share nothing."""

    REAL = "real"
    PRACTICE = "practice"

    @classmethod
    def of(cls, contest: Contest) -> "Log":
        """The log that a contest's events are in."""
        return cls.PRACTICE if contest.practice else cls.REAL


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint as the operator signed it."""

    log: Log
    size: int
    before: int
    """The size that was signed before it, 0 for none."""
    root: bytes
    note: bytes
    signed_at: datetime


HEAD = "SELECT size FROM log_heads WHERE log = $1"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('contest-service log ' || $1, 0))"


async def head_size(conn: Connection, log: Log) -> int:
    """How many leaves a log has, signed or not."""
    return int(await conn.fetchval(HEAD, log))


async def lock_signing(conn: Connection, log: Log) -> None:
    """Wait until nobody else signs this log, and keep everybody out until the transaction ends.

    Writing events does not wait for it.
    """
    await conn.execute(LOCK, log)


LEAVES = """
SELECT leaf FROM log_leaves WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index
"""


async def leaves(conn: Connection, log: Log, first: int, end: int) -> list[bytes]:
    """The data of the leaves `first` to `end - 1`, as far as they are there."""
    rows = await conn.fetch(LEAVES, log, first, end)
    return [row["leaf"] for row in rows]


async def leaves_in_batches(
    conn: Connection, log: Log, first: int, end: int
) -> AsyncIterator[list[bytes]]:
    """Yield the data of the leaves `first` to `end - 1`, `BATCH` at a time."""
    for start in range(first, end, BATCH):
        yield await leaves(conn, log, start, min(start + BATCH, end))


INDICES = """
SELECT index FROM log_leaves WHERE workspace_id = $1 AND contest_id = $2 ORDER BY seq
"""


async def indices(conn: Connection, contest: Contest) -> list[int]:
    """Where a contest's events stand in their log, by number."""
    rows = await conn.fetch(INDICES, contest.workspace_id, contest.id)
    return [row["index"] for row in rows]


HASHES = """
SELECT h.level, h.index, h.hash FROM unnest($2::smallint[], $3::bigint[]) AS n (level, index)
JOIN log_hashes h ON h.log = $1 AND h.level = n.level AND h.index = n.index
"""
ROW = """
SELECT hash FROM log_hashes
WHERE log = $1 AND level = $2 AND index >= $3 AND index < $4 ORDER BY index
"""
ADD_HASHES = """
INSERT INTO log_hashes (log, level, index, hash)
SELECT $1, n.level, n.index, n.hash
FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS n (level, index, hash)
"""


async def hashes(conn: Connection, log: Log, nodes: Collection[Node]) -> dict[Node, bytes]:
    """The hashes of some subtrees, as far as they are there."""
    levels = [level for level, _ in nodes]
    rows = await conn.fetch(HASHES, log, levels, [index for _, index in nodes])
    return {(row["level"], row["index"]): row["hash"] for row in rows}


async def hash_row(conn: Connection, log: Log, level: int, *, first: int, end: int) -> list[bytes]:
    """The hashes `first` to `end - 1` of one level, as far as they are there."""
    rows = await conn.fetch(ROW, log, level, first, end)
    return [row["hash"] for row in rows]


async def add_hashes(conn: Connection, log: Log, new: Iterable[tuple[Node, bytes]]) -> None:
    """Keep the hashes of subtrees that are whole now. Raises ConflictError for one that is kept."""
    found = list(new)
    levels = [level for (level, _), _ in found]
    indices = [index for (_, index), _ in found]
    try:
        await conn.execute(ADD_HASHES, log, levels, indices, [hash_ for _, hash_ in found])
    except asyncpg.UniqueViolationError as error:
        raise ConflictError(f"A hash of the {log} log is there already: {error.detail}") from error


COLUMNS = "log, size, before, root, note, signed_at"
NEWEST = f"""
SELECT {COLUMNS} FROM checkpoints
WHERE log = $1 AND size = (SELECT max(size) FROM checkpoints WHERE log = $1)
"""
CHECKPOINTS = f"""
SELECT {COLUMNS} FROM checkpoints WHERE log = $1 AND size = ANY ($2) ORDER BY size
"""
CHECKPOINTS_TO = f"""
SELECT {COLUMNS} FROM checkpoints WHERE log = $1 AND size > $2 AND size <= $3 ORDER BY size
"""
ADD_CHECKPOINT = """
INSERT INTO checkpoints (log, size, before, root, note, signed_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def newest(conn: Connection, log: Log) -> Signed | None:
    """The largest checkpoint that was signed."""
    return one(await conn.fetchrow(NEWEST, log), Signed)


async def checkpoints(conn: Connection, log: Log, sizes: Sequence[int]) -> list[Signed]:
    """The checkpoints of these sizes, ascending, as far as they are there."""
    return many(await conn.fetch(CHECKPOINTS, log, sizes), Signed)


async def checkpoints_between(
    conn: Connection, log: Log, *, after: int, until: int
) -> list[Signed]:
    """The checkpoints larger than `after` and at most `until`, ascending."""
    return many(await conn.fetch(CHECKPOINTS_TO, log, after, until), Signed)


async def add_checkpoint(conn: Connection, signed: Signed) -> None:
    """Keep a checkpoint. There is one for each size."""
    await conn.execute(
        ADD_CHECKPOINT,
        signed.log,
        signed.size,
        signed.before,
        signed.root,
        signed.note,
        signed.signed_at,
    )


UNSIGNED = """
SELECT h.log, s.size AS signed, h.size - s.size AS leaves
FROM log_heads h CROSS JOIN LATERAL (
    SELECT coalesce(max(c.size), 0) AS size FROM checkpoints c WHERE c.log = h.log) s
ORDER BY h.log
"""


class Unsigned(msgspec.Struct, frozen=True, kw_only=True):
    """How many leaves of a log no checkpoint covers, after the `signed` first ones."""

    log: Log
    signed: int
    leaves: int


async def count_unsigned(conn: Connection) -> list[Unsigned]:
    """Count, for each log, what waits for its signature; below zero if leaves are gone."""
    return many(await conn.fetch(UNSIGNED), Unsigned)
