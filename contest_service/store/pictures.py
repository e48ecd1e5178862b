"""Pictures of a workspace, each known by the SHA-256 of its bytes. None is ever changed."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture without its bytes."""

    digest: bytes
    media_type: str
    width: int
    height: int


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser is sent."""

    media_type: str
    bytes: bytes


KEEP = """
INSERT INTO pictures (workspace_id, digest, media_type, width, height, bytes, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT pictures_pkey DO NOTHING
"""


async def keep(
    conn: Connection, workspace_id: UUID, picture: Picture, bytes_: bytes, *, now: datetime
) -> None:
    """Keep a picture, once."""
    await conn.execute(
        KEEP,
        workspace_id,
        picture.digest,
        picture.media_type,
        picture.width,
        picture.height,
        bytes_,
        now,
    )


COUNT = "SELECT count(*) FROM pictures WHERE workspace_id = $1"


async def count(conn: Connection, workspace_id: UUID) -> int:
    """How many pictures a workspace keeps."""
    return int(await conn.fetchval(COUNT, workspace_id))


IS_KEPT = """
SELECT EXISTS (SELECT FROM pictures WHERE workspace_id = $1 AND digest = $2)
"""


async def is_kept(conn: Connection, workspace_id: UUID, digest: bytes) -> bool:
    """Whether a workspace has this picture."""
    return bool(await conn.fetchval(IS_KEPT, workspace_id, digest))


DROP_UNUSED = """
WITH used AS (
    SELECT jsonb_path_query(definition, '$.draws[*].tiers[*].picture.sha256') #>> '{}' AS sha256
    FROM contests WHERE workspace_id = $1
    UNION SELECT jsonb_path_query(definition, '$.draws[*].tiers[*].picture.sha256') #>> '{}'
    FROM versions WHERE workspace_id = $1
    UNION SELECT jsonb_path_query(definition, '$.draws[*].tiers[*].picture.sha256') #>> '{}'
    FROM templates WHERE workspace_id = $1
    UNION SELECT encode(logo, 'hex') FROM workspaces WHERE id = $1 AND logo IS NOT NULL
)
DELETE FROM pictures WHERE workspace_id = $1 AND created_at < $2
    AND encode(digest, 'hex') NOT IN (SELECT sha256 FROM used)
"""


async def drop_unused(conn: Connection, workspace_id: UUID, *, before: datetime) -> None:
    """Drop what was kept before some time and is neither a logo nor a prize's, past or present."""
    await conn.execute(DROP_UNUSED, workspace_id, before)


FIND = "SELECT media_type, bytes FROM pictures WHERE digest = $1 LIMIT 1"


async def find(conn: Connection, digest: bytes) -> Body | None:
    """Read a picture by its digest alone: whoever knows it may see it."""
    row = await conn.fetchrow(FIND, digest)
    return None if row is None else msgspec.convert(dict(row), Body)
