"""Workspaces and the persons in them. A workspace always has an owner."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.people import Actor, Role
from contest_service.flows.tokens import IssuedToken, issue_token
from contest_service.store import audit, members, people, person_secrets, sessions
from contest_service.store.audit import Signing
from contest_service.store.people import Member, Workspace
from contest_service.store.rows import Connection
from contest_service.store.sessions import Session


class NewWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that was just made, with its owner's first token."""

    workspace: Workspace
    issued: IssuedToken


async def create_workspace(
    conn: Connection, name: str, *, owner: UUID, request_id: str, now: datetime
) -> NewWorkspace:
    """Make a workspace of which `owner` is the owner, and a token for them. Raises InvalidError."""
    workspace, actor = await _create(conn, name, owner, session_id=None, at=(request_id, now))
    issued = await issue_token(
        conn,
        actor,
        person_id=owner,
        name="First token",
        role=Role.OWNER,
        expires_at=None,
        now=now,
    )
    return NewWorkspace(workspace=workspace, issued=issued)


async def open_workspace(
    conn: Connection, name: str, session: Session, *, request_id: str, now: datetime
) -> Workspace:
    """Make a workspace of whoever is signed in, without any token. Raises InvalidError."""
    workspace, _ = await _create(
        conn, name, session.person_id, session_id=session.id, at=(request_id, now)
    )
    return workspace


async def _create(
    conn: Connection,
    name: str,
    owner: UUID,
    *,
    session_id: UUID | None,
    at: tuple[str, datetime],
) -> tuple[Workspace, Actor]:
    request_id, now = at
    faults = name_faults(name)
    if faults:
        raise InvalidError(faults)
    workspace = await people.create_workspace(conn, name.strip(), now=now)
    actor = Actor(
        workspace_id=workspace.id,
        person_id=owner,
        token_id=None,
        role=Role.OWNER,
        request_id=request_id,
        session_id=session_id,
    )
    await members.add_member(conn, workspace.id, owner, Role.OWNER, now=now)
    await audit.record(
        conn, actor, "workspace.created", subject=workspace.id, at=now, detail={"name": name}
    )
    return workspace, actor


async def change_settings(
    conn: Connection, actor: Actor, name: str, *, requires_totp: bool, now: datetime
) -> None:
    """Rename the actor's workspace, and say whether it asks everybody for a second factor.

    Only what is new is written down. Raises InvalidError.
    """
    before = await people.read_workspace(conn, actor.workspace_id)
    if name.strip() != before.name:
        await rename_workspace(conn, actor, name, now=now)
    if requires_totp is not await sessions.asks_for_totp(conn, actor.workspace_id):
        await sessions.require_totp(conn, actor.workspace_id, is_required=requires_totp)
        action = "workspace.totp_required" if requires_totp else "workspace.totp_optional"
        await audit.record(conn, actor, action, subject=actor.workspace_id, at=now)


async def rename_workspace(
    conn: Connection, actor: Actor, name: str, *, now: datetime
) -> Workspace:
    """Rename the actor's workspace. Raises InvalidError."""
    faults = name_faults(name)
    if faults:
        raise InvalidError(faults)
    workspace = await people.rename_workspace(conn, actor.workspace_id, name.strip())
    await audit.record(
        conn, actor, "workspace.renamed", subject=workspace.id, at=now, detail={"name": name}
    )
    return workspace


async def add_person(
    conn: Connection, actor: Actor, name: str, *, email: str | None, role: Role, now: datetime
) -> Member:
    """Put a person into the workspace.

    Somebody to whom the actor gave this address, in a workspace of their own, is the same person.
    Raises InvalidError, and ConflictError if they are here, or if anybody else has the address.
    """
    faults = name_faults(name) + email_faults(email)
    if faults:
        raise InvalidError(faults)
    known = None
    if email is not None and actor.person_id is not None:
        known = await members.find_known_person(
            conn, email, owner=actor.person_id, workspace_id=actor.workspace_id
        )
    person = known or await members.create_person(
        conn, name.strip(), email, email_given_by=actor.person_id, now=now
    )
    member = await members.add_member(conn, actor.workspace_id, person, role, now=now)
    await audit.record(
        conn, actor, "person.added", subject=person, at=now, detail={"role": role.value}
    )
    return member


async def change_role(
    conn: Connection, actor: Actor, person_id: UUID, role: Role, *, now: datetime
) -> Member:
    """Give a person another role. Raises NotFoundError, ConflictError for the last owner."""
    member = await members.set_role(conn, actor.workspace_id, person_id, role)
    await audit.record(
        conn, actor, "person.role_changed", subject=person_id, at=now, detail={"role": role.value}
    )
    return member


async def remove_person(conn: Connection, actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """Take a person and their tokens out of the workspace. Raises as `change_role` does."""
    await members.remove_member(conn, actor.workspace_id, person_id)
    await audit.record(conn, actor, "person.removed", subject=person_id, at=now)


async def describe_oneself(
    conn: Connection, signing: Signing, *, name: str, email: str | None, now: datetime
) -> None:
    """Write one's own name and address, which whoever has a password needs to sign in.

    Raises InvalidError, ConflictError.
    """
    faults = name_faults(name) + email_faults(email)
    if email is None and (await person_secrets.read(conn, signing.person_id)).password:
        faults.append(Fault(pointer="/email", detail="is needed to sign in"))
    if faults:
        raise InvalidError(faults)
    await person_secrets.describe(conn, signing.person_id, name=name.strip(), email=email)
    await audit.record_everywhere(
        conn, signing, "person.described", subject=signing.person_id, at=now
    )


def name_faults(name: str) -> list[Fault]:
    if 1 <= len(name.strip()) <= 200:
        return []
    return [Fault(pointer="/name", detail="give 1 to 200 characters")]


def email_faults(email: str | None) -> list[Fault]:
    if email is None:
        return []
    before, at, after = email.partition("@")
    if before and at and "." in after and len(email) <= 254 and not set(email) & set(" \t\r\n"):
        return []
    return [Fault(pointer="/email", detail="is not an e-mail address")]
