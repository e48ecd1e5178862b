"""Sessions of browsers: who is signed in, since when, from where. A session that ended is gone.

Of a session's secret only the digest is kept, of an address only its network.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.people import Role
from contest_service.store.looks import Look
from contest_service.store.people import Workspace
from contest_service.store.rows import Connection, exactly, many, one

IDLE = timedelta(days=7)
"""Without a request, after which a session is over."""
USED_EVERY = timedelta(minutes=1)
"""How exact `used_at` is: a session's row is not written on every request."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session and whose it is. One that `waits_for_code` opens nothing but the step for that."""

    id: UUID
    person_id: UUID
    name: str
    email: str | None
    waits_for_code: bool
    has_password: bool
    has_totp: bool
    created_at: datetime
    used_at: datetime
    ends_at: datetime
    address: str
    agent: str


BEGIN = """
INSERT INTO sessions
    (person_id, digest, waits_for_code, created_at, used_at, ends_at, address, agent)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7) RETURNING id
"""


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is to begin."""

    person_id: UUID
    digest: bytes
    waits_for_code: bool
    ends_at: datetime
    address: str
    agent: str


async def begin(conn: Connection, new: NewSession, *, now: datetime) -> UUID:
    """Begin a session; return its id."""
    begun: UUID = await conn.fetchval(
        BEGIN,
        new.person_id,
        new.digest,
        new.waits_for_code,
        now,
        new.ends_at,
        new.address,
        new.agent,
    )
    return begun


_COLUMNS = """e.id, e.person_id, p.name, p.email, e.waits_for_code,
    s.password IS NOT NULL AS has_password, s.totp_at IS NOT NULL AS has_totp,
    e.created_at, e.used_at, e.ends_at, e.address, e.agent"""
FIND = f"""
SELECT {_COLUMNS} FROM sessions e JOIN persons p ON p.id = e.person_id
LEFT JOIN person_secrets s ON s.person_id = e.person_id
WHERE e.digest = $1 AND e.ends_at > $2 AND e.used_at > $3
"""
USED = "UPDATE sessions SET used_at = $3 WHERE person_id = $1 AND id = $2"


async def find(conn: Connection, digest: bytes, *, now: datetime) -> Session | None:
    """Find a session that has not ended, by the digest of its secret, and note that it is used."""
    found = one(await conn.fetchrow(FIND, digest, now, now - IDLE), Session)
    if found is not None and now - found.used_at >= USED_EVERY:
        await conn.execute(USED, found.person_id, found.id, now)
    return found


OF_PERSON = f"""
SELECT {_COLUMNS} FROM sessions e JOIN persons p ON p.id = e.person_id
LEFT JOIN person_secrets s ON s.person_id = e.person_id
WHERE e.person_id = $1 AND e.ends_at > $2 AND e.used_at > $3 AND NOT e.waits_for_code
ORDER BY e.id DESC
"""


async def of_person(conn: Connection, person_id: UUID, *, now: datetime) -> list[Session]:
    """List a person's sessions that have not ended, newest first."""
    return many(await conn.fetch(OF_PERSON, person_id, now, now - IDLE), Session)


END = "DELETE FROM sessions WHERE person_id = $1 AND id = $2"
END_OTHERS = """
DELETE FROM sessions WHERE person_id = $1 AND ($2::uuid IS NULL OR id <> $2) RETURNING id
"""


async def end(conn: Connection, person_id: UUID, session_id: UUID) -> bool:
    """End a session of a person; False if it had ended."""
    return str(await conn.execute(END, person_id, session_id)) == "DELETE 1"


async def end_others(conn: Connection, person_id: UUID, *, but: UUID | None) -> list[UUID]:
    """End a person's sessions, all but one if that is named; return which."""
    return [row["id"] for row in await conn.fetch(END_OTHERS, person_id, but)]


FORGET = "DELETE FROM sessions WHERE ends_at < $1"


async def forget(conn: Connection, *, before: datetime) -> None:
    """Delete the sessions that ended before a time."""
    await conn.execute(FORGET, before)


# Where a session leads ---------------------------------------------------------------------------


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace as one of its persons finds it."""

    workspace: Workspace
    role: Role
    requires_totp: bool
    look: Look


PLACES = """
SELECT w.id, w.name, w.created_at, w.requires_totp, w.accent, w.logo, m.role
FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
WHERE m.person_id = $1 ORDER BY w.id
"""
SETTINGS = "SELECT requires_totp FROM workspaces WHERE id = $1"
REQUIRE_TOTP = "UPDATE workspaces SET requires_totp = $2 WHERE id = $1"


async def places_of(conn: Connection, person_id: UUID) -> list[Place]:
    """List the workspaces that a person is in, the oldest first."""
    return [
        Place(
            workspace=exactly(row, Workspace),
            role=Role(row["role"]),
            requires_totp=row["requires_totp"],
            look=exactly(row, Look),
        )
        for row in await conn.fetch(PLACES, person_id)
    ]


async def asks_for_totp(conn: Connection, workspace_id: UUID) -> bool:
    """Whether a workspace opens only to sessions of persons with a second factor."""
    return bool(await conn.fetchval(SETTINGS, workspace_id))


async def require_totp(conn: Connection, workspace_id: UUID, *, is_required: bool) -> None:
    """Say whether a workspace opens only to sessions of persons with a second factor."""
    await conn.execute(REQUIRE_TOTP, workspace_id, is_required)
