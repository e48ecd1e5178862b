"""Tables of proof: events, the log's leaves, terms, the frozen list. All are written once."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many

LINES = """
SELECT line FROM events WHERE workspace_id = $1 AND contest_id = $2 ORDER BY seq
"""


async def event_lines(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[bytes]:
    """The contest's events in order, each a line without its LF."""
    rows = await conn.fetch(LINES, workspace_id, contest_id)
    return [row["line"] for row in rows]


RESULT_SEQ = """
SELECT seq FROM events WHERE workspace_id = $1 AND contest_id = $2 AND type = 'result'
"""


RESULT_AT = """
SELECT at FROM events WHERE workspace_id = $1 AND contest_id = $2 AND type = 'result'
"""


STARTED_AT = """
SELECT recorded_at FROM events WHERE workspace_id = $1 AND contest_id = $2 AND type = 'rules'
"""


FROZEN_AT = """
SELECT at FROM events WHERE workspace_id = $1 AND contest_id = $2 AND type = 'freeze'
"""


async def started_at(conn: Connection, contest: Contest) -> datetime:
    """When the rules event was written."""
    at: datetime = await conn.fetchval(STARTED_AT, contest.workspace_id, contest.id)
    return at


async def frozen_at(conn: Connection, contest: Contest) -> int:
    """The time of the freeze event, in unix seconds."""
    return int(await conn.fetchval(FROZEN_AT, contest.workspace_id, contest.id))


async def result_seq(conn: Connection, contest: Contest) -> int:
    """The number of the result event."""
    return int(await conn.fetchval(RESULT_SEQ, contest.workspace_id, contest.id))


async def result_at(conn: Connection, contest: Contest) -> int:
    """The time of the result event, in unix seconds."""
    return int(await conn.fetchval(RESULT_AT, contest.workspace_id, contest.id))


APPEND = """
INSERT INTO events (workspace_id, contest_id, seq, type, at, hash, line, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
GROW = "UPDATE log_heads SET size = size + 1 WHERE log = $1 RETURNING size - 1"
LEAF = """
INSERT INTO log_leaves (log, index, leaf, workspace_id, contest_id, seq)
VALUES ($1, $2, $3, $4, $5, $6)
"""


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that `proof` accepted, on its way into the ledger."""

    seq: int
    type: str
    at: int
    hash: bytes
    line: bytes
    leaf: bytes


async def append(conn: Connection, contest: Contest, event: NewEvent, *, now: datetime) -> int:
    """Write an event and its leaf; returns the leaf's index in its log.

    The head of the log stays locked until the transaction ends, so indexes have no gaps; events
    are therefore written last in their transactions.
    """
    key = (contest.workspace_id, contest.id)
    await conn.execute(APPEND, *key, event.seq, event.type, event.at, event.hash, event.line, now)
    log = "practice" if contest.practice else "real"
    index = int(await conn.fetchval(GROW, log))
    await conn.execute(LEAF, log, index, event.leaf, *key, event.seq)
    return index


KEEP_TERMS = """
INSERT INTO terms (workspace_id, contest_id, version, sha256, bytes) VALUES ($1, $2, $3, $4, $5)
"""
TERMS = """
SELECT version, sha256, bytes FROM terms WHERE workspace_id = $1 AND contest_id = $2
ORDER BY version
"""
KEEP_VERIFIER = """
INSERT INTO verifiers (sha256, name, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
VERIFIER = "SELECT name, bytes FROM verifiers WHERE sha256 = $1"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    sha256: bytes
    bytes: bytes


async def keep_terms(conn: Connection, contest: Contest, terms: Terms) -> None:
    await conn.execute(
        KEEP_TERMS, contest.workspace_id, contest.id, terms.version, terms.sha256, terms.bytes
    )


async def terms(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Terms]:
    """All versions of a contest's terms, oldest first."""
    return many(await conn.fetch(TERMS, workspace_id, contest_id), Terms)


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    bytes: bytes


async def keep_verifier(conn: Connection, sha256: bytes, verifier: Verifier) -> None:
    """Keep a verifier that terms name; it stays for ever."""
    await conn.execute(KEEP_VERIFIER, sha256, verifier.name, verifier.bytes)


async def verifier(conn: Connection, sha256: bytes) -> Verifier | None:
    found = many(await conn.fetch(VERIFIER, sha256), Verifier)
    return found[0] if found else None


COUNTED = """
SELECT o.commitment, n.tickets FROM entrants n
JOIN openings o ON o.workspace_id = n.workspace_id AND o.contest_id = n.contest_id
    AND o.entrant_id = n.id
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state = 'valid'
ORDER BY o.commitment
"""
DIGESTS = """
SELECT record_digest FROM entrants WHERE workspace_id = $1 AND contest_id = $2
ORDER BY record_digest
"""
BATCH = 20_000


async def counted(conn: Connection, contest: Contest) -> AsyncIterator[list[tuple[bytes, int]]]:
    """Yield (commitment, tickets) of all valid entrants, ascending; needs a transaction."""
    cursor = await conn.cursor(COUNTED, contest.workspace_id, contest.id)
    while rows := await cursor.fetch(BATCH):
        yield [(row[0], row[1]) for row in rows]


async def digests(conn: Connection, contest: Contest) -> AsyncIterator[list[bytes]]:
    """Yield the digests of all entrants' evidence records, ascending; needs a transaction."""
    cursor = await conn.cursor(DIGESTS, contest.workspace_id, contest.id)
    while rows := await cursor.fetch(BATCH):
        yield [row[0] for row in rows]


KEEP_CHUNK = """
INSERT INTO frozen_chunks (workspace_id, contest_id, kind, seq, bytes) VALUES ($1, $2, $3, $4, $5)
"""
CHUNK = """
SELECT bytes FROM frozen_chunks
WHERE workspace_id = $1 AND contest_id = $2 AND kind = $3 AND seq = $4
"""


async def keep_chunk(
    conn: Connection, contest: Contest, kind: str, *, seq: int, data: bytes
) -> None:
    await conn.execute(KEEP_CHUNK, contest.workspace_id, contest.id, kind, seq, data)


async def chunk(
    conn: Connection, workspace_id: UUID, contest_id: UUID, kind: str, *, seq: int
) -> bytes | None:
    """One piece of what `chunks` yields; None after the last."""
    data: bytes | None = await conn.fetchval(CHUNK, workspace_id, contest_id, kind, seq)
    return data


async def chunks(
    conn: Connection, workspace_id: UUID, contest_id: UUID, kind: str
) -> AsyncIterator[bytes]:
    """Yield the frozen `entries`, or the frozen `evidence` digests, piece by piece."""
    seq = 0
    while (data := await chunk(conn, workspace_id, contest_id, kind, seq=seq)) is not None:
        yield data
        seq += 1


KEEP_ROUND = """
INSERT INTO beacon_rounds (chain, round, signature, randomness, relay, fetched_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
ROUND = "SELECT signature FROM beacon_rounds WHERE chain = $1 AND round = $2"


async def keep_round(
    conn: Connection,
    chain: bytes,
    round_: int,
    *,
    signature: bytes,
    randomness: bytes,
    relay: str,
    at: datetime,
) -> None:
    """Archive a verified round of a beacon."""
    await conn.execute(KEEP_ROUND, chain, round_, signature, randomness, relay, at)


async def kept_round(conn: Connection, chain: bytes, round_: int) -> bytes | None:
    """The signature of an archived round."""
    signature: bytes | None = await conn.fetchval(ROUND, chain, round_)
    return signature
