"""Who vouches for the log from outside, and what this installation vouches for itself.

Cosignatures and timestamps are kept as they came, once, after somebody checked them. `witnessed`
is the state of this installation as a witness of others: one row a log, locked while it changes.
"""

from datetime import datetime

import msgspec

from contest_service.store.log import Log
from contest_service.store.rows import Connection, exactly, many


class Cosignature(msgspec.Struct, frozen=True, kw_only=True):
    """A witness saw a checkpoint. `line` is the line of the note, without its LF."""

    log: Log
    size: int
    witness: str
    """Its verifier key."""
    line: str
    time: int
    received_at: datetime


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """An authority stamped a checkpoint; `response` is what it sent."""

    log: Log
    size: int
    authority: str
    response: bytes
    time: int
    received_at: datetime


ADD_COSIGNATURE = """
INSERT INTO cosignatures (log, size, witness, line, time, received_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
ADD_STAMP = """
INSERT INTO timestamps (log, size, authority, response, time, received_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""


async def add_cosignature(conn: Connection, new: Cosignature) -> None:
    """Keep what a witness said first of a checkpoint."""
    await conn.execute(
        ADD_COSIGNATURE, new.log, new.size, new.witness, new.line, new.time, new.received_at
    )


async def add_stamp(conn: Connection, new: Stamp) -> None:
    """Keep what an authority said first of a checkpoint."""
    await conn.execute(
        ADD_STAMP, new.log, new.size, new.authority, new.response, new.time, new.received_at
    )


COSIGNATURES = """
SELECT log, size, witness, line, time, received_at FROM cosignatures
WHERE log = $1 AND size >= $2 AND size <= $3 ORDER BY size, witness
"""
STAMPS = """
SELECT log, size, authority, response, time, received_at FROM timestamps
WHERE log = $1 AND size >= $2 AND size <= $3 ORDER BY size, authority
"""


async def cosignatures(conn: Connection, log: Log, *, first: int, last: int) -> list[Cosignature]:
    """What witnesses said of the checkpoints of `first` to `last` leaves, ascending by size."""
    return many(await conn.fetch(COSIGNATURES, log, first, last), Cosignature)


async def stamps(conn: Connection, log: Log, *, first: int, last: int) -> list[Stamp]:
    """What authorities said of the checkpoints of `first` to `last` leaves, ascending by size."""
    return many(await conn.fetch(STAMPS, log, first, last), Stamp)


# For each of them the last before a time, which is the largest: a log only grows.
LAST_COSIGNED = """
SELECT witness AS by, max(size) AS size FROM cosignatures
WHERE log = $1 AND size > $2 AND time < $3 GROUP BY witness
"""
LAST_STAMPED = """
SELECT authority AS by, max(size) AS size FROM timestamps
WHERE log = $1 AND size > $2 AND time < $3 GROUP BY authority
"""


async def cosigned_in_time(
    conn: Connection, log: Log, *, above: int, before: int
) -> dict[str, int]:
    """By witness, the largest checkpoint of more than `above` leaves that it saw before a time."""
    rows = await conn.fetch(LAST_COSIGNED, log, above, before)
    return {row["by"]: row["size"] for row in rows}


async def stamped_in_time(conn: Connection, log: Log, *, above: int, before: int) -> dict[str, int]:
    """By authority, the largest checkpoint of more than `above` leaves stamped before a time."""
    rows = await conn.fetch(LAST_STAMPED, log, above, before)
    return {row["by"]: row["size"] for row in rows}


COSIGNED_SIZE = "SELECT max(size) FROM cosignatures WHERE log = $1 AND witness = $2"


async def cosigned_size(conn: Connection, log: Log, witness: str) -> int:
    """The largest size that a witness cosigned, for all that is known here; 0 for none."""
    return await conn.fetchval(COSIGNED_SIZE, log, witness) or 0


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """The largest checkpoint of somebody's log that was cosigned here."""

    origin: str
    size: int
    root: bytes


BEGIN = """
INSERT INTO witnessed (origin, size, root, seen_at) VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING
"""
WITNESSED = "SELECT origin, size, root FROM witnessed WHERE origin = $1 FOR UPDATE"
SEE = "UPDATE witnessed SET size = $2, root = $3, seen_at = $4 WHERE origin = $1"


async def lock_witnessed(
    conn: Connection, origin: str, *, empty_root: bytes, at: datetime
) -> Witnessed:
    """Read what was cosigned last of a log, locked; of one that is new, the empty log."""
    await conn.execute(BEGIN, origin, empty_root, at)
    return exactly(await conn.fetchrow(WITNESSED, origin), Witnessed)


async def see(conn: Connection, witnessed: Witnessed, *, at: datetime) -> None:
    """Note the checkpoint that is about to be cosigned."""
    await conn.execute(SEE, witnessed.origin, witnessed.size, witnessed.root, at)
