"""Links that let somebody in once: for a person to sign in, and for anybody to join a workspace.

Of a link's secret only the digest is kept. A link that was used, taken back or that has ended is
gone, so that whoever comes second finds nothing.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.people import Role
from contest_service.store.rows import Connection, many, one

CREATE_LINK = """
INSERT INTO sign_in_links (digest, person_id, created_at, ends_at) VALUES ($1, $2, $3, $4)
"""
LINK_EXISTS = "SELECT EXISTS (SELECT FROM sign_in_links WHERE digest = $1 AND ends_at > $2)"
TAKE_LINK = "DELETE FROM sign_in_links WHERE digest = $1 AND ends_at > $2 RETURNING person_id"
END_LINKS = "DELETE FROM sign_in_links WHERE person_id = $1"
FORGET_LINKS = "DELETE FROM sign_in_links WHERE ends_at < $1"


async def create_link(
    conn: Connection, digest: bytes, person_id: UUID, *, now: datetime, ends_at: datetime
) -> None:
    """Keep a link by which a person signs in."""
    await conn.execute(CREATE_LINK, digest, person_id, now, ends_at)


async def link_exists(conn: Connection, digest: bytes, *, now: datetime) -> bool:
    """Whether a link to sign in can still be used."""
    return bool(await conn.fetchval(LINK_EXISTS, digest, now))


async def take_link(conn: Connection, digest: bytes, *, now: datetime) -> UUID | None:
    """Use a link up, and return whose it was; None for whoever comes second or too late."""
    taken: UUID | None = await conn.fetchval(TAKE_LINK, digest, now)
    return taken


async def end_links(conn: Connection, person_id: UUID) -> None:
    """End all links by which a person could sign in."""
    await conn.execute(END_LINKS, person_id)


# Invitations -------------------------------------------------------------------------------------


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation into a workspace that nobody has used. With an address, for whoever has it.

    It is none while whoever invited does not own the workspace.
    """

    workspace_id: UUID
    id: UUID
    workspace: str
    role: Role
    email: str | None
    invited_by: UUID
    inviter: str
    created_at: datetime
    ends_at: datetime


INVITE = """
INSERT INTO invitations (workspace_id, digest, role, email, invited_by, created_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
"""


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that is to be made."""

    workspace_id: UUID
    digest: bytes
    role: Role
    email: str | None
    invited_by: UUID
    ends_at: datetime


async def invite(conn: Connection, new: NewInvitation, *, now: datetime) -> UUID:
    """Keep an invitation; return its id."""
    made: UUID = await conn.fetchval(
        INVITE,
        new.workspace_id,
        new.digest,
        new.role,
        new.email,
        new.invited_by,
        now,
        new.ends_at,
    )
    return made


_COLUMNS = """i.workspace_id, i.id, w.name AS workspace, i.role, i.email, i.invited_by,
    p.name AS inviter, i.created_at, i.ends_at"""
_FROM = """FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
JOIN persons p ON p.id = i.invited_by
JOIN memberships m ON m.workspace_id = i.workspace_id AND m.person_id = i.invited_by
    AND m.role = 'owner'"""
FIND_INVITATION = f"SELECT {_COLUMNS} {_FROM} WHERE i.digest = $1 AND i.ends_at > $2"
OPEN_INVITATIONS = f"""
SELECT {_COLUMNS} {_FROM} WHERE i.workspace_id = $1 AND i.ends_at > $2 ORDER BY i.id DESC
"""
TAKE_INVITATION = "DELETE FROM invitations WHERE workspace_id = $1 AND id = $2"
FORGET_INVITATIONS = "DELETE FROM invitations WHERE ends_at < $1"


async def find_invitation(conn: Connection, digest: bytes, *, now: datetime) -> Invitation | None:
    """Find an invitation that can still be used."""
    return one(await conn.fetchrow(FIND_INVITATION, digest, now), Invitation)


async def open_invitations(
    conn: Connection, workspace_id: UUID, *, now: datetime
) -> list[Invitation]:
    """List a workspace's invitations that can still be used, newest first."""
    return many(await conn.fetch(OPEN_INVITATIONS, workspace_id, now), Invitation)


async def take_invitation(conn: Connection, workspace_id: UUID, invitation_id: UUID) -> bool:
    """Use an invitation up, or take it back; False if it is gone already."""
    done = await conn.execute(TAKE_INVITATION, workspace_id, invitation_id)
    return str(done) == "DELETE 1"


async def forget(conn: Connection, *, before: datetime) -> None:
    """Delete links and invitations that ended before a time."""
    await conn.execute(FORGET_LINKS, before)
    await conn.execute(FORGET_INVITATIONS, before)
