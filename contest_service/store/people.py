"""Workspaces, the persons in them, and their tokens.

A token is kept as the SHA-256 of its secret only. Removing a membership removes its tokens.
"""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Actor, Role
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one

USED_EVERY = timedelta(minutes=1)
"""How exact `used_at` is: a token's row is not written on every request."""


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """An organiser or agency, isolated from every other."""

    id: UUID
    name: str
    created_at: datetime


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person with the role that they have in a workspace."""

    id: UUID
    name: str
    email: str | None
    role: Role
    created_at: datetime


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a token; its secret is not. Its role never exceeds its person's."""

    id: UUID
    person_id: UUID
    name: str
    role: Role
    issued_by: UUID
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a valid token speaks for: its own role and that of the membership."""

    workspace_id: UUID
    token_id: UUID
    person_id: UUID
    token_role: Role
    person_role: Role
    used_at: datetime | None


# Tokens ------------------------------------------------------------------------------------------

BEARER = """
SELECT t.workspace_id, t.id AS token_id, t.person_id, t.role AS token_role,
    m.role AS person_role, t.used_at
FROM tokens t
JOIN memberships m ON m.workspace_id = t.workspace_id AND m.person_id = t.person_id
WHERE t.digest = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
"""
USED = "UPDATE tokens SET used_at = $3 WHERE workspace_id = $1 AND id = $2"


async def find_bearer(conn: Connection, digest: bytes, *, now: datetime) -> Bearer | None:
    """Find whom a token speaks for, by its digest; None if it is unknown, expired or revoked."""
    bearer = one(await conn.fetchrow(BEARER, digest, now), Bearer)
    if bearer is not None and (bearer.used_at is None or now - bearer.used_at >= USED_EVERY):
        await conn.execute(USED, bearer.workspace_id, bearer.token_id, now)
    return bearer


COLUMNS = """id, person_id, name, role, issued_by, created_at, expires_at, revoked_at,
    used_at"""
CREATE_TOKEN = f"""
INSERT INTO tokens
    (workspace_id, person_id, name, role, digest, issued_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING {COLUMNS}
"""


async def create_token(
    conn: Connection,
    workspace_id: UUID,
    *,
    person_id: UUID,
    name: str,
    role: Role,
    digest: bytes,
    issued_by: UUID,
    now: datetime,
    expires_at: datetime | None,
) -> Token:
    """Raises NotFoundError if the person is not in the workspace."""
    try:
        row = await conn.fetchrow(
            CREATE_TOKEN, workspace_id, person_id, name, role, digest, issued_by, now, expires_at
        )
    except asyncpg.ForeignKeyViolationError as error:
        if error.constraint_name != "tokens_membership":
            raise
        raise NotFoundError("There is no such person in this workspace.") from None
    return exactly(row, Token)


LIST_TOKENS = f"""
SELECT {COLUMNS} FROM tokens
WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""


async def list_tokens(
    conn: Connection, workspace_id: UUID, *, after: UUID | None, limit: int
) -> list[Token]:
    """List a workspace's tokens, oldest first, revoked ones too."""
    rows = await conn.fetch(LIST_TOKENS, workspace_id, after or BEFORE_ALL, limit)
    return many(rows, Token)


REVOKE = f"""
UPDATE tokens SET revoked_at = COALESCE(revoked_at, $3) WHERE workspace_id = $1 AND id = $2
RETURNING {COLUMNS}
"""


async def revoke_token(
    conn: Connection, workspace_id: UUID, token_id: UUID, *, now: datetime
) -> Token:
    """End a token, for ever. Raises NotFoundError."""
    token = one(await conn.fetchrow(REVOKE, workspace_id, token_id, now), Token)
    if token is None:
        raise NotFoundError("There is no such token in this workspace.")
    return token


# Workspaces --------------------------------------------------------------------------------------

_TURN = 0x636F6E7465737402  # any fixed number: "contest" and 2
TAKE_TURN = "SELECT now(), pg_advisory_xact_lock($1)"
CREATE_WORKSPACE = """
INSERT INTO workspaces (name, created_at) VALUES ($1, $2) RETURNING id, name, created_at
"""
FIRST_WORKSPACE = "SELECT id, name, created_at FROM workspaces ORDER BY id LIMIT 1"
READ_WORKSPACE = "SELECT id, name, created_at FROM workspaces WHERE id = $1"
RENAME_WORKSPACE = """
UPDATE workspaces SET name = $2 WHERE id = $1 RETURNING id, name, created_at
"""
LIST_WORKSPACES = """
SELECT w.id, w.name, w.created_at
FROM tokens t
JOIN memberships m ON m.person_id = t.person_id
    AND (t.issued_by = t.person_id OR m.workspace_id = t.workspace_id)
JOIN workspaces w ON w.id = m.workspace_id
WHERE t.workspace_id = $1 AND t.id = $2 AND w.id > $3
ORDER BY w.id LIMIT $4
"""


async def take_turn(conn: Connection) -> datetime:
    """Be the only one, until the transaction ends, who looks for the first workspace.

    Returns the transaction's time.
    """
    now: datetime = await conn.fetchval(TAKE_TURN, _TURN)
    return now


async def create_workspace(conn: Connection, name: str, *, now: datetime) -> Workspace:
    return exactly(await conn.fetchrow(CREATE_WORKSPACE, name, now), Workspace)


async def first_workspace(conn: Connection) -> Workspace | None:
    """The oldest workspace; None in a fresh database."""
    return one(await conn.fetchrow(FIRST_WORKSPACE), Workspace)


async def read_workspace(conn: Connection, workspace_id: UUID) -> Workspace:
    return exactly(await conn.fetchrow(READ_WORKSPACE, workspace_id), Workspace)


async def rename_workspace(conn: Connection, workspace_id: UUID, name: str) -> Workspace:
    return exactly(await conn.fetchrow(RENAME_WORKSPACE, workspace_id, name), Workspace)


async def list_workspaces(
    conn: Connection, actor: Actor, *, after: UUID | None, limit: int
) -> list[Workspace]:
    """List the workspaces of the person whose token it is, oldest first.

    A token that somebody else issued shows its own workspace only: who hands out a token must not
    learn through it where else its bearer works.
    """
    begin = after or BEFORE_ALL
    rows = await conn.fetch(LIST_WORKSPACES, actor.workspace_id, actor.token_id, begin, limit)
    return many(rows, Workspace)
