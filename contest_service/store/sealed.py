"""All that is encrypted in the database, across workspaces: for the rotation of keys only."""

from uuid import UUID

import msgspec

from contest_service.store.rows import BEFORE_ALL, Connection, many

BATCH = 500


class SealedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A connected community's encrypted columns; a removed one has none."""

    workspace_id: UUID
    id: UUID
    credential: bytes
    session: bytes | None


LIST = """
SELECT workspace_id, id, credential, session FROM communities
WHERE removed_at IS NULL AND (workspace_id, id) > ($1, $2)
ORDER BY workspace_id, id LIMIT $3 FOR UPDATE
"""
REPLACE = "UPDATE communities SET credential = $3, session = $4 WHERE workspace_id = $1 AND id = $2"


async def lock_sealed(conn: Connection, after: SealedRow | None) -> list[SealedRow]:
    """List up to `BATCH` rows that follow `after`, locked until the transaction ends."""
    key = (BEFORE_ALL, BEFORE_ALL) if after is None else (after.workspace_id, after.id)
    return many(await conn.fetch(LIST, *key, BATCH), SealedRow)


async def replace_sealed(conn: Connection, row: SealedRow) -> None:
    """Write a row's encrypted columns."""
    await conn.execute(REPLACE, row.workspace_id, row.id, row.credential, row.session)


CHANNEL = """
SELECT secrets FROM channels
WHERE workspace_id = $1 AND community_id = $2 AND secrets IS NOT NULL FOR UPDATE
"""
REPLACE_CHANNEL = """
UPDATE channels SET secrets = $3 WHERE workspace_id = $1 AND community_id = $2
"""


async def lock_channel(conn: Connection, row: SealedRow) -> bytes | None:
    """What a community's callback is known by, encrypted; None if it has none."""
    sealed: bytes | None = await conn.fetchval(CHANNEL, row.workspace_id, row.id)
    return sealed


async def replace_channel(conn: Connection, row: SealedRow, sealed: bytes) -> None:
    """Write what `lock_channel` gave, encrypted anew."""
    await conn.execute(REPLACE_CHANNEL, row.workspace_id, row.id, sealed)
