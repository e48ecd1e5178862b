"""Sessions: how a browser stays signed in, and how that ends.

A session's secret leaves this program once, in a cookie; only its digest is kept. It ends by hand,
after a week without a request, after a month in any case, and when the password changes.
"""

import hashlib
import ipaddress
import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Actor
from contest_service.store import audit, person_secrets
from contest_service.store import sessions as store
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection
from contest_service.store.sessions import NewSession, Place, Session

LIFE = timedelta(days=30)
CODE_WAIT = timedelta(minutes=10)
"""How long the step for the code may take."""
_LONGEST_AGENT = 300
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request comes from: its address, its browser, its id."""

    address: str
    agent: str
    request_id: str


class BegunSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session at the only moment at which its secret is known."""

    secret: str
    waits_for_code: bool

    def __repr__(self) -> str:
        return "BegunSession(…)"


def make_secret() -> str:
    """Make a secret for a cookie or a link."""
    return secrets.token_urlsafe(32)


def is_wellformed(secret: str) -> bool:
    """Whether a secret could be one of ours, so that it is worth looking for."""
    return _SECRET.fullmatch(secret) is not None


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


async def begin_session(
    conn: Connection, person_id: UUID, origin: Origin, *, by: str, now: datetime
) -> BegunSession:
    """Begin a session for somebody who showed who they are: `by` a password, a link, …

    Where they have a second factor, it waits for the code and opens nothing else.
    """
    person = await person_secrets.read(conn, person_id)
    return await _begin(conn, person_id, origin, by=by, now=now, waits=person.has_totp)


async def complete_session(
    conn: Connection, session: Session, origin: Origin, *, by: str, now: datetime
) -> BegunSession:
    """Replace the session that waited for a code by one that opens everything."""
    await store.end(conn, session.person_id, session.id)
    return await _begin(conn, session.person_id, origin, by=by, now=now, waits=False)


async def _begin(
    conn: Connection, person_id: UUID, origin: Origin, *, by: str, now: datetime, waits: bool
) -> BegunSession:
    secret = make_secret()
    new = NewSession(
        person_id=person_id,
        digest=digest_of(secret),
        waits_for_code=waits,
        ends_at=now + (CODE_WAIT if waits else LIFE),
        address=network_of(origin.address),
        agent=origin.agent[:_LONGEST_AGENT].replace("\0", ""),
    )
    begun = await store.begin(conn, new, now=now)
    if not waits:
        signing = Signing(person_id=person_id, session_id=begun, request_id=origin.request_id)
        await audit.record_everywhere(
            conn, signing, "session.begun", subject=begun, at=now, detail={"by": by}
        )
    return BegunSession(secret=secret, waits_for_code=waits)


async def find_session(conn: Connection, secret: str, *, now: datetime) -> Session | None:
    """Find a session by its secret; None if it is unknown or over."""
    return await store.find(conn, digest_of(secret), now=now)


async def end_session(
    conn: Connection, signing: Signing, session_id: UUID, *, now: datetime
) -> None:
    """End a session of one's own. Raises NotFoundError."""
    if not await store.end(conn, signing.person_id, session_id):
        raise NotFoundError("There is no such session of yours; it may have ended by itself.")
    await audit.record_everywhere(conn, signing, "session.ended", subject=session_id, at=now)


async def end_other_sessions(conn: Connection, signing: Signing, *, now: datetime) -> int:
    """End all sessions of one's own but the present one; return how many."""
    ended = await store.end_others(conn, signing.person_id, but=signing.session_id)
    for each in ended:
        await audit.record_everywhere(conn, signing, "session.ended", subject=each, at=now)
    return len(ended)


def actor_in(session: Session, place: Place, request_id: str) -> Actor:
    """Whoever's session it is, in one of their workspaces."""
    return Actor(
        workspace_id=place.workspace.id,
        person_id=session.person_id,
        token_id=None,
        role=place.role,
        request_id=request_id,
        session_id=session.id,
    )


def signing_of(session: Session, request_id: str) -> Signing:
    """Whoever's session it is, doing something about how they sign in."""
    return Signing(person_id=session.person_id, session_id=session.id, request_id=request_id)


def network_of(address: str) -> str:
    """What is kept of an address: the network that it is in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, bits), strict=False))
