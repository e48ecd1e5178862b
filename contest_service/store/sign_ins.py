"""Sign-ins at a platform that a person began in a browser and has not come back from yet.

The state that comes back with the browser is kept as its digest, what it is exchanged with is
encrypted. A sign-in is taken once.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, one


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who began a sign-in, for which community. `verifier` is encrypted.

    One that is to be connected by it has no id yet: then `named` says how somebody named it, and
    `endpoints` has those of its servers that are not the public ones.
    """

    workspace_id: UUID
    community_id: UUID | None
    person_id: UUID
    verifier: bytes
    created_at: datetime
    named: str | None = None
    endpoints: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"SignIn({self.community_id or self.named})"


BEGIN = """
INSERT INTO sign_ins (state, workspace_id, community_id, person_id, verifier, created_at, named,
    endpoints)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def begin(conn: Connection, state: bytes, sign_in: SignIn) -> None:
    """Remember a sign-in under the digest of its state."""
    await conn.execute(
        BEGIN,
        state,
        sign_in.workspace_id,
        sign_in.community_id,
        sign_in.person_id,
        sign_in.verifier,
        sign_in.created_at,
        sign_in.named,
        sign_in.endpoints,
    )


TAKE = """
DELETE FROM sign_ins WHERE state = $1
RETURNING workspace_id, community_id, person_id, verifier, created_at, named, endpoints
"""


async def take(conn: Connection, state: bytes) -> SignIn | None:
    """Take a sign-in by the digest of its state; whoever comes second finds none."""
    return one(await conn.fetchrow(TAKE, state), SignIn)


REMOVE = "DELETE FROM sign_ins WHERE workspace_id = $1 AND community_id = $2"
FORGET = "DELETE FROM sign_ins WHERE created_at < $1"


async def remove(conn: Connection, workspace_id: UUID, community_id: UUID) -> None:
    """Forget all sign-ins for a community."""
    await conn.execute(REMOVE, workspace_id, community_id)


async def forget(conn: Connection, *, before: datetime) -> None:
    """Delete what was begun before a time; nobody comes back to it."""
    await conn.execute(FORGET, before)
