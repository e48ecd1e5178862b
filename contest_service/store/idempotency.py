"""Replies to writes that carried an `Idempotency-Key`, so that a repeated request does nothing.

A key is claimed at the start of the write's transaction and holds the reply at its end: write and
reply become true together. Replies never hold secrets. Keys are a person's own in a workspace.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.errors import ConflictError
from contest_service.store.rows import Connection, one


class StoredReply(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a finished request, and the digest of that request."""

    request_digest: bytes
    status: int
    reply: bytes


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An idempotency key with the request that it stands for."""

    workspace_id: UUID
    person_id: UUID
    key: str
    request_digest: bytes


FIND = """
SELECT request_digest, status, reply FROM idempotency_keys
WHERE workspace_id = $1 AND person_id = $2 AND key = $3
"""


async def find(conn: Connection, key: Key) -> StoredReply | None:
    """Read the reply of the request that finished under this key, if one did."""
    row = await conn.fetchrow(FIND, key.workspace_id, key.person_id, key.key)
    return one(row, StoredReply)


CLAIM = """
INSERT INTO idempotency_keys (workspace_id, person_id, key, request_digest, status, reply)
VALUES ($1, $2, $3, $4, 0, '')
ON CONFLICT DO NOTHING
"""


PATIENCE = "10s"
WAIT_BRIEFLY = f"SET LOCAL lock_timeout = '{PATIENCE}'"
WAIT_AS_USUAL = "SET LOCAL lock_timeout = DEFAULT"


async def claim(conn: Connection, key: Key) -> bool:
    """Take a key for this transaction; False if another request finished under it.

    Waits while another transaction holds the key, so that of two requests one does the work. Raises
    ConflictError if that takes longer than `PATIENCE`.
    """
    await conn.execute(WAIT_BRIEFLY)
    try:
        done = await conn.execute(
            CLAIM, key.workspace_id, key.person_id, key.key, key.request_digest
        )
    except asyncpg.LockNotAvailableError:
        raise ConflictError(
            "A request with this Idempotency-Key is being done; repeat it to learn how it ended.",
            code="in_progress",
        ) from None
    await conn.execute(WAIT_AS_USUAL)
    return str(done) == "INSERT 0 1"


FILL = """
UPDATE idempotency_keys SET status = $4, reply = $5
WHERE workspace_id = $1 AND person_id = $2 AND key = $3
"""


async def fill(conn: Connection, key: Key, *, status: int, reply: bytes) -> None:
    """Store the reply of the transaction that claimed the key."""
    await conn.execute(FILL, key.workspace_id, key.person_id, key.key, status, reply)


LET_GO = """
DELETE FROM idempotency_keys WHERE workspace_id = $1 AND person_id = $2 AND key = $3
"""


async def let_go(conn: Connection, key: Key) -> None:
    """Delete a key that this transaction claimed."""
    await conn.execute(LET_GO, key.workspace_id, key.person_id, key.key)


FORGET = "DELETE FROM idempotency_keys WHERE created_at < $1"


async def forget(conn: Connection, *, before: datetime) -> int:
    """Delete the keys from before a time, and say how many; the sweeper keeps them 24 hours."""
    done = await conn.execute(FORGET, before)
    return int(str(done).rsplit(" ", 1)[1])
