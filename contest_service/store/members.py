"""Who belongs to a workspace, in which role. A workspace is never without an owner."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg

from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.people import Role
from contest_service.store.people import Member
from contest_service.store.rows import BEFORE_ALL, Connection, many, one

CREATE_PERSON = """
INSERT INTO persons (name, email, email_given_by, created_at) VALUES ($1, $2, $3, $4) RETURNING id
"""


async def create_person(
    conn: Connection,
    name: str,
    email: str | None,
    *,
    email_given_by: UUID | None = None,
    now: datetime,
) -> UUID:
    """`email_given_by` is the owner who gave the address, if it is not the person's own word.

    Raises ConflictError if somebody has this address.
    """
    try:
        created: UUID = await conn.fetchval(CREATE_PERSON, name, email, email_given_by, now)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "persons_email_once":
            raise
        raise ConflictError(
            "Somebody outside this workspace has this e-mail address. "
            "Add the person without an address, or with another.",
            code="email_taken",
        ) from None
    return created


KNOWN_PERSON = """
SELECT p.id FROM persons p
WHERE lower(p.email) = lower($1) AND EXISTS (
    SELECT 1 FROM memberships theirs
    JOIN memberships mine ON mine.workspace_id = theirs.workspace_id
    WHERE theirs.person_id = p.id AND mine.person_id = $2 AND mine.role = 'owner'
        AND (p.email_given_by = $2 OR mine.workspace_id = $3)
)
"""


async def find_known_person(
    conn: Connection, email: str, *, owner: UUID, workspace_id: UUID
) -> UUID | None:
    """Find a person by address among those of the workspaces that `owner` owns.

    Elsewhere than in this workspace only by an address that `owner` gave: that of somebody who
    gave it themselves need not be theirs.
    """
    found: UUID | None = await conn.fetchval(KNOWN_PERSON, email, owner, workspace_id)
    return found


ADD = "INSERT INTO memberships (workspace_id, person_id, role, created_at) VALUES ($1, $2, $3, $4)"


async def add_member(
    conn: Connection, workspace_id: UUID, person_id: UUID, role: Role, *, now: datetime
) -> Member:
    """Raises ConflictError if the person is in the workspace already."""
    try:
        await conn.execute(ADD, workspace_id, person_id, role, now)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "memberships_pkey":
            raise
        raise ConflictError(
            "This person is in the workspace already; change their role instead.",
            code="already_member",
        ) from None
    return await read_member(conn, workspace_id, person_id)


READ = """
SELECT p.id, p.name, p.email, m.role, m.created_at
FROM memberships m JOIN persons p ON p.id = m.person_id
WHERE m.workspace_id = $1 AND m.person_id = $2
"""


async def read_member(conn: Connection, workspace_id: UUID, person_id: UUID) -> Member:
    """Raises NotFoundError."""
    member = one(await conn.fetchrow(READ, workspace_id, person_id), Member)
    if member is None:
        raise NotFoundError("There is no such person in this workspace.")
    return member


# Membership by membership, each person by their key: the persons of all workspaces are more.
LIST = """
SELECT p.id, p.name, p.email, m.role, m.created_at
FROM memberships m
CROSS JOIN LATERAL (SELECT id, name, email FROM persons WHERE id = m.person_id OFFSET 0) p
WHERE m.workspace_id = $1 AND m.person_id > $2
ORDER BY m.person_id LIMIT $3
"""


async def list_members(
    conn: Connection, workspace_id: UUID, *, after: UUID | None, limit: int
) -> list[Member]:
    """List the persons of a workspace, in the order in which they became known."""
    return many(await conn.fetch(LIST, workspace_id, after or BEFORE_ALL, limit), Member)


NAMES = "SELECT id, name FROM persons WHERE id = ANY ($1)"


async def names(conn: Connection, persons: Collection[UUID]) -> dict[UUID, str]:
    """How some persons are called, wherever they are members; whoever is gone is missing."""
    return {row["id"]: row["name"] for row in await conn.fetch(NAMES, list(persons))}


FIRST_OWNER = """
SELECT p.id, p.name, p.email, m.role, m.created_at
FROM memberships m JOIN persons p ON p.id = m.person_id
WHERE m.workspace_id = $1 AND m.role = 'owner' ORDER BY m.person_id
"""


async def first_owner(conn: Connection, workspace_id: UUID) -> Member:
    """The owner who became known first. Raises NotFoundError without any."""
    owner = one(await conn.fetchrow(FIRST_OWNER, workspace_id), Member)
    if owner is None:
        raise NotFoundError(f"There is no workspace {workspace_id}, or it has no owner.")
    return owner


OTHER_OWNERS = """
SELECT person_id FROM memberships
WHERE workspace_id = $1 AND role = 'owner' AND person_id <> $2 AND created_at <= $3
    AND EXISTS (SELECT FROM memberships
        WHERE workspace_id = $1 AND person_id = $2 AND created_at <= $3)
ORDER BY person_id
"""


async def other_owners(
    conn: Connection, workspace_id: UUID, *, besides: UUID, since: datetime
) -> list[UUID]:
    """Who owns a workspace besides a person; all of them, and the person, since `since`.

    Nobody, if the person came later.
    """
    rows = await conn.fetch(OTHER_OWNERS, workspace_id, besides, since)
    return [row["person_id"] for row in rows]


LOCK_OWNERS = """
SELECT person_id FROM memberships WHERE workspace_id = $1 AND role = 'owner'
ORDER BY person_id FOR UPDATE
"""
SET_ROLE = "UPDATE memberships SET role = $3 WHERE workspace_id = $1 AND person_id = $2"
REMOVE = "DELETE FROM memberships WHERE workspace_id = $1 AND person_id = $2"


async def set_role(conn: Connection, workspace_id: UUID, person_id: UUID, role: Role) -> Member:
    """Raises NotFoundError, and ConflictError if nobody would own the workspace any more."""
    if role is not Role.OWNER:
        await _keep_an_owner(conn, workspace_id, person_id)
    await conn.execute(SET_ROLE, workspace_id, person_id, role)
    return await read_member(conn, workspace_id, person_id)


async def remove_member(conn: Connection, workspace_id: UUID, person_id: UUID) -> Member:
    """Take a person, with their tokens, out of a workspace. Raises as `set_role` does."""
    await _keep_an_owner(conn, workspace_id, person_id)
    member = await read_member(conn, workspace_id, person_id)
    await conn.execute(REMOVE, workspace_id, person_id)
    return member


async def _keep_an_owner(conn: Connection, workspace_id: UUID, person_id: UUID) -> None:
    owners = [row["person_id"] for row in await conn.fetch(LOCK_OWNERS, workspace_id)]
    if owners == [person_id]:
        raise ConflictError(
            "This person is the only owner. Make somebody else an owner first.",
            code="last_owner",
        )
