"""Invitations: how somebody comes into a workspace with a browser.

An owner makes a link that works once, for a week; with an address, only for whoever gives that one
as theirs, which nobody checks: the link is the secret. It is used by somebody new, who gives a name
and a password, or by a person who is signed in.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.people import Actor, Role
from contest_service.flows.passwords import checked_hash, set_password
from contest_service.flows.people import email_faults, name_faults
from contest_service.flows.runtime import Runtime
from contest_service.flows.sessions import (
    BegunSession,
    Origin,
    begin_session,
    digest_of,
    make_secret,
)
from contest_service.store import audit, members, ways_in
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection
from contest_service.store.sessions import Session
from contest_service.store.ways_in import Invitation, NewInvitation

LIFE = timedelta(days=7)


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who says who they are."""

    name: str
    email: str
    password: str

    def __repr__(self) -> str:
        return "Newcomer(…)"


async def invite(
    conn: Connection, actor: Actor, *, role: Role, email: str | None, now: datetime
) -> str:
    """Make an invitation and return its secret. Raises InvalidError."""
    if actor.person_id is None:
        raise LookupError("an invitation by nobody")
    if faults := email_faults(email):
        raise InvalidError(faults)
    secret = make_secret()
    new = NewInvitation(
        workspace_id=actor.workspace_id,
        digest=digest_of(secret),
        role=role,
        email=email,
        invited_by=actor.person_id,
        ends_at=now + LIFE,
    )
    made = await ways_in.invite(conn, new, now=now)
    await audit.record(
        conn, actor, "invitation.made", subject=made, at=now, detail={"role": role.value}
    )
    return secret


async def withdraw(conn: Connection, actor: Actor, invitation_id: UUID, *, now: datetime) -> None:
    """Take an invitation back. Raises NotFoundError if it was used, or is another's."""
    if not await ways_in.take_invitation(conn, actor.workspace_id, invitation_id):
        raise NotFoundError("There is no such invitation; it may have been used or have ended.")
    await audit.record(conn, actor, "invitation.withdrawn", subject=invitation_id, at=now)


async def find(conn: Connection, secret: str, *, now: datetime) -> Invitation | None:
    """Find an invitation that can still be used."""
    return await ways_in.find_invitation(conn, digest_of(secret), now=now)


async def accept(
    conn: Connection, secret: str, session: Session, *, request_id: str, now: datetime
) -> Invitation:
    """Put whoever is signed in into the workspace.

    Raises NotFoundError for an invitation that is gone, ConflictError for one that is for another
    address, or if they are in the workspace already.
    """
    invitation = await _take(conn, secret, now=now)
    wanted = invitation.email
    if wanted is not None and wanted.lower() != (session.email or "").lower():
        raise ConflictError(
            "This invitation is for another e-mail address than yours. Ask for one without.",
            code="other_address",
        )
    await _join(conn, invitation, session.person_id, session_id=session.id, at=(request_id, now))
    return invitation


async def accept_as_new(
    rt: Runtime, secret: str, newcomer: Newcomer, *, origin: Origin
) -> tuple[Invitation, BegunSession]:
    """Make a person, put them into the workspace and sign them in.

    Raises InvalidError, NotFoundError as `accept` does, and ConflictError if somebody has the
    address already.
    """
    faults = name_faults(newcomer.name) + email_faults(newcomer.email)
    hashed = ""
    try:
        hashed = await checked_hash(newcomer.password, known=(newcomer.name, newcomer.email))
    except InvalidError as error:
        faults += error.faults
    if faults:
        raise InvalidError(faults)
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        invitation = await _take(conn, secret, now=now)
        if invitation.email is not None and invitation.email.lower() != newcomer.email.lower():
            raise InvalidError(
                [Fault(pointer="/email", detail=f"this invitation is for {invitation.email}")]
            )
        name, email = newcomer.name.strip(), newcomer.email
        person_id = await members.create_person(conn, name, email, now=now)
        await _join(conn, invitation, person_id, session_id=None, at=(origin.request_id, now))
        signing = Signing(person_id=person_id, session_id=None, request_id=origin.request_id)
        await set_password(conn, signing, hashed, keeps=None, now=now)
        begun = await begin_session(conn, person_id, origin, by="invitation", now=now)
    return invitation, begun


async def _take(conn: Connection, secret: str, *, now: datetime) -> Invitation:
    """Use an invitation up within the transaction."""
    found = await find(conn, secret, now=now)
    if found is None or not await ways_in.take_invitation(conn, found.workspace_id, found.id):
        raise NotFoundError(
            "This invitation was used, was taken back or has ended. Ask for another one."
        )
    return found


async def _join(
    conn: Connection,
    invitation: Invitation,
    person_id: UUID,
    *,
    session_id: UUID | None,
    at: tuple[str, datetime],
) -> None:
    request_id, now = at
    await members.add_member(conn, invitation.workspace_id, person_id, invitation.role, now=now)
    actor = Actor(
        workspace_id=invitation.workspace_id,
        person_id=person_id,
        token_id=None,
        role=invitation.role,
        request_id=request_id,
        session_id=session_id,
    )
    detail = {"role": invitation.role.value, "invited_by": str(invitation.invited_by)}
    await audit.record(
        conn, actor, "invitation.accepted", subject=invitation.id, at=now, detail=detail
    )
