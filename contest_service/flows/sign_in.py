"""Signing in: by a password, then a code where one is asked for, or by a link that works once.

Whoever fails learns nothing but that: an unknown address, a person without a password and a wrong
password have one answer, which takes as long. Failures in a row are noted in the audit log.
"""

import asyncio
import time
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.people import system
from contest_service.flows.passwords import is_right, stronger_hash
from contest_service.flows.runtime import Runtime
from contest_service.flows.sessions import (
    BegunSession,
    Origin,
    begin_session,
    complete_session,
    digest_of,
    make_secret,
)
from contest_service.flows.totp import MOST_WRONG, is_closed, take_code
from contest_service.store import audit, members, person_secrets, ways_in
from contest_service.store import sessions as session_store
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection
from contest_service.store.sessions import Session

OPERATOR = "command line"
"""What the audit log has in the place of a request's id."""
LINK_LIFE = timedelta(minutes=30)
NOTED_FAILURES = (5, 50, 500)
"""How many wrong passwords in a row are told in the audit log."""
_LEAST_SECONDS = 0.25
"""Before which nobody learns that they failed."""


async def sign_in(rt: Runtime, email: str, password: str, *, origin: Origin) -> BegunSession | None:
    """Begin a session for whoever knows the password; None for everybody else."""
    begun = time.monotonic()
    async with rt.pool.acquire() as conn:
        person = await person_secrets.find(conn, email.strip())
    known = None if person is None else person.password
    is_known = await is_right(password, known)
    if is_known and person is not None and known is not None:
        stronger = await stronger_hash(password, known)
        async with rt.pool.acquire() as conn, conn.transaction():
            if stronger is not None:
                await person_secrets.rehash(conn, person.id, old=known, new=stronger)
            return await begin_session(conn, person.id, origin, by="password", now=rt.clock())
    if person is not None:
        await _note_failure(rt, person.id, origin)
    await asyncio.sleep(max(0.0, begun + _LEAST_SECONDS - time.monotonic()))
    return None


async def _note_failure(rt: Runtime, person_id: UUID, origin: Origin) -> None:
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        count = await person_secrets.count_failure(conn, person_id, now=now)
        if count in NOTED_FAILURES:
            await _record_failures(conn, person_id, origin, {"passwords": count}, now=now)


async def _record_failures(
    conn: Connection, person_id: UUID, origin: Origin, counts: dict[str, int], *, now: datetime
) -> None:
    signing = Signing(person_id=person_id, session_id=None, request_id=origin.request_id)
    await audit.record_everywhere(
        conn, signing, "session.refused", subject=person_id, at=now, detail=counts
    )


async def show_code(
    rt: Runtime, session: Session, code: str, *, origin: Origin
) -> BegunSession | None:
    """Complete a session that waits for a code; None if the code is wrong or was used.

    While codes are not taken, none counts as a failure, so that the pause ends.
    """
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        person = await person_secrets.read(conn, session.person_id)
        kind = await take_code(conn, rt.vault, person, code=code, now=now)
        if kind is not None:
            return await complete_session(conn, session, origin, by=kind, now=now)
        if is_closed(person, now):
            return None
        count = await person_secrets.count_code_failure(conn, person.id, now=now)
        if count == MOST_WRONG:
            await _record_failures(conn, person.id, origin, {"codes": count}, now=now)
    return None


async def make_link(conn: Connection, person_id: UUID, *, now: datetime) -> str:
    """Make a link by which a person signs in once, within half an hour; return its secret."""
    secret = make_secret()
    await ways_in.create_link(conn, digest_of(secret), person_id, now=now, ends_at=now + LINK_LIFE)
    return secret


class Rescue(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the operator lets in: a person of a workspace, by default its first owner."""

    workspace_id: UUID
    person_id: UUID | None = None
    forgets_totp: bool = False
    """Whether no code is asked for any more, since phone and recovery codes are lost."""


async def rescue(conn: Connection, wanted: Rescue, *, now: datetime) -> str:
    """Make a link for whom the operator lets in; return its secret. Raises NotFoundError."""
    person_id = wanted.person_id
    if person_id is None:
        person_id = (await members.first_owner(conn, wanted.workspace_id)).id
    else:
        await members.read_member(conn, wanted.workspace_id, person_id)
    if wanted.forgets_totp and await person_secrets.end_totp(conn, person_id):
        await _record(conn, wanted.workspace_id, "person.totp_ended", person_id, now=now)
    await _record(conn, wanted.workspace_id, "person.link_made", person_id, now=now)
    return await make_link(conn, person_id, now=now)


async def _record(
    conn: Connection, workspace_id: UUID, action: str, person_id: UUID, *, now: datetime
) -> None:
    """Write down what the operator does."""
    actor = system(workspace_id, OPERATOR)
    await audit.record(conn, actor, action, subject=person_id, at=now)


async def use_link(
    conn: Connection, secret: str, origin: Origin, *, now: datetime
) -> BegunSession | None:
    """Begin a session by a link; None if it was used, has ended or never was."""
    person_id = await ways_in.take_link(conn, digest_of(secret), now=now)
    if person_id is None:
        return None
    return await begin_session(conn, person_id, origin, by="link", now=now)


async def is_link_open(conn: Connection, secret: str, *, now: datetime) -> bool:
    """Whether a link can still be used."""
    return await ways_in.link_exists(conn, digest_of(secret), now=now)


async def sign_out(conn: Connection, session: Session, *, request_id: str, now: datetime) -> None:
    """End the session that asks for it; one that ended meanwhile is no fault."""
    if await session_store.end(conn, session.person_id, session.id):
        signing = Signing(person_id=session.person_id, session_id=session.id, request_id=request_id)
        await audit.record_everywhere(conn, signing, "session.ended", subject=session.id, at=now)
