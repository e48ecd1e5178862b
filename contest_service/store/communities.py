"""Connected communities, their encrypted credentials and sessions, and how they fare.

A removed community keeps its row, since evidence hangs on it, and loses its secrets. Connecting the
same account again brings the row back to life.
"""

import enum
import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import ConflictError
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one


class Health(enum.StrEnum):
    """Whether a community can be reached."""

    HEALTHY = "healthy"
    UNREACHABLE = "unreachable"
    """It may pass by itself."""
    RECONNECT = "reconnect"
    """The platform refuses the credential: a person has to give another."""


class Community(msgspec.Struct, frozen=True, kw_only=True):
    """A connected account on a platform. `health_note` says in a sentence what is wrong."""

    workspace_id: UUID
    id: UUID
    platform: Platform
    instance: str
    account: str
    handle: str
    name: str
    endpoints: dict[str, str]
    health: Health
    health_note: str
    health_since: datetime
    checked_at: datetime | None
    credential_parts: dict[str, datetime]
    """When each part of the credential was given, by its name; those that are older than this note
    are not named."""
    credential_ends_at: datetime | None
    """When the part of the credential that ends first does, as far as is known; null if none does.
    """
    credential_renews: bool
    """Whether it is renewed by itself before, which moves its end."""
    created_at: datetime

    @property
    def is_loopback(self) -> bool:
        """Whether all of its servers are on this very machine."""
        return bool(self.endpoints) and all(map(_is_loopback, self.endpoints.values()))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class NewCommunity(msgspec.Struct, frozen=True, kw_only=True):
    """A community that answered, with its credential and its first session encrypted."""

    platform: Platform
    instance: str
    account: str
    handle: str
    name: str
    endpoints: Mapping[str, str]
    credential: bytes
    session: bytes | None = None
    credential_parts: Mapping[str, datetime] = {}
    credential_ends_at: datetime | None = None
    credential_renews: bool = False


COLUMNS = """workspace_id, id, platform, instance, account, handle, name, endpoints, health,
    health_note, health_since, checked_at, credential_parts, credential_ends_at, credential_renews,
    created_at"""

REVIVE = f"""
UPDATE communities
SET handle = $5, name = $6, endpoints = $7, credential = $8, session = $9, health = 'healthy',
    health_note = '', health_since = $10, checked_at = $10, removed_at = NULL,
    credential_ends_at = $11, credential_renews = $12, credential_parts = $13
WHERE workspace_id = $1 AND platform = $2 AND instance = $3 AND account = $4
    AND removed_at IS NOT NULL
RETURNING {COLUMNS}
"""
INSERT = f"""
INSERT INTO communities (workspace_id, platform, instance, account, handle, name, endpoints,
    credential, session, health_since, checked_at, created_at, credential_ends_at,
    credential_renews, credential_parts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11, $12, $13)
RETURNING {COLUMNS}
"""


async def connect(
    conn: Connection, workspace_id: UUID, new: NewCommunity, *, now: datetime
) -> Community:
    """Store a community, or bring a removed one back. Raises ConflictError if it is connected."""
    values = (
        workspace_id,
        new.platform,
        new.instance,
        new.account,
        new.handle,
        new.name,
        dict(new.endpoints),
        new.credential,
        new.session,
        now,
        new.credential_ends_at,
        new.credential_renews,
        _as_json(new.credential_parts),
    )
    revived = one(await conn.fetchrow(REVIVE, *values), Community)
    if revived is not None:
        return revived
    try:
        return exactly(await conn.fetchrow(INSERT, *values), Community)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "communities_account_once":
            raise
        raise ConflictError(
            f"{new.handle} is connected already; replace its credential instead.",
            code="already_connected",
        ) from None


READ = f"""
SELECT {COLUMNS} FROM communities WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""


async def read(conn: Connection, workspace_id: UUID, community_id: UUID) -> Community | None:
    """Read a connected community; None if there is none, or none any more."""
    return one(await conn.fetchrow(READ, workspace_id, community_id), Community)


async def read_locked(conn: Connection, workspace_id: UUID, community_id: UUID) -> Community | None:
    """Read a community and keep others from changing it until the transaction ends."""
    return one(await conn.fetchrow(READ + " FOR UPDATE", workspace_id, community_id), Community)


LIST = f"""
SELECT {COLUMNS} FROM communities
WHERE workspace_id = $1 AND removed_at IS NULL AND id > $2
ORDER BY id LIMIT $3
"""


async def list_page(
    conn: Connection, workspace_id: UUID, *, after: UUID | None, limit: int
) -> list[Community]:
    """List connected communities, oldest first."""
    return many(await conn.fetch(LIST, workspace_id, after or BEFORE_ALL, limit), Community)


AT_SERVERS = f"""
SELECT {COLUMNS} FROM communities
WHERE workspace_id = $1 AND platform = $2 AND endpoints = $3 AND removed_at IS NULL
ORDER BY id LIMIT 1
"""


async def at_servers(
    conn: Connection, workspace_id: UUID, platform: Platform, endpoints: Mapping[str, str]
) -> Community | None:
    """Read the oldest community that is connected with just these servers."""
    row = await conn.fetchrow(AT_SERVERS, workspace_id, platform, dict(endpoints))
    return one(row, Community)


OF_ACCOUNT = f"""
SELECT {COLUMNS} FROM communities
WHERE workspace_id = $1 AND platform = $2 AND instance = $3 AND account = $4 AND removed_at IS NULL
"""


async def of_account(conn: Connection, workspace_id: UUID, new: NewCommunity) -> Community | None:
    """Read the connected community that is the same account, if there is one."""
    row = await conn.fetchrow(OF_ACCOUNT, workspace_id, new.platform, new.instance, new.account)
    return one(row, Community)


ON_NETWORK = """
SELECT id FROM communities
WHERE workspace_id = $1 AND platform = $2 AND instance = $3 AND removed_at IS NULL
ORDER BY health <> 'healthy', id LIMIT 1
"""


async def on_network(
    conn: Connection, workspace_id: UUID, platform: Platform, instance: str
) -> UUID | None:
    """A connected community on a network, one that works if there is any; None without one."""
    found: UUID | None = await conn.fetchval(ON_NETWORK, workspace_id, platform, instance)
    return found


CREDENTIAL = """
SELECT credential FROM communities WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""
SESSION = """
SELECT session FROM communities WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""
SET_SESSION = """
UPDATE communities SET session = $3 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""


async def credential(conn: Connection, workspace_id: UUID, community_id: UUID) -> bytes | None:
    """The encrypted credential."""
    sealed: bytes | None = await conn.fetchval(CREDENTIAL, workspace_id, community_id)
    return sealed


async def session(conn: Connection, workspace_id: UUID, community_id: UUID) -> bytes | None:
    """The encrypted session of the last sign-in, if there is one."""
    sealed: bytes | None = await conn.fetchval(SESSION, workspace_id, community_id)
    return sealed


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """A community's encrypted credential and session."""

    id: UUID
    credential: bytes
    session: bytes | None

    def __repr__(self) -> str:
        return f"Secrets({self.id})"


SECRETS = """
SELECT id, credential, session FROM communities
WHERE workspace_id = $1 AND id = ANY($2) AND removed_at IS NULL
"""


async def secrets(
    conn: Connection, workspace_id: UUID, community_ids: Sequence[UUID]
) -> list[Secrets]:
    """The encrypted credentials and sessions of several communities."""
    return many(await conn.fetch(SECRETS, workspace_id, list(community_ids)), Secrets)


async def set_session(
    conn: Connection, workspace_id: UUID, community_id: UUID, sealed: bytes
) -> None:
    await conn.execute(SET_SESSION, workspace_id, community_id, sealed)


REPLACE = f"""
UPDATE communities
SET handle = $3, name = $4, credential = $5, session = $6, health = 'healthy', health_note = '',
    health_since = CASE health WHEN 'healthy' THEN health_since ELSE $7 END, checked_at = $7,
    credential_ends_at = $8, credential_renews = $9, credential_parts = $10
WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
RETURNING {COLUMNS}
"""


async def replace_credential(
    conn: Connection, workspace_id: UUID, community_id: UUID, new: NewCommunity, *, now: datetime
) -> Community | None:
    """Give a community another encrypted credential and session. None if it is gone."""
    row = await conn.fetchrow(
        REPLACE,
        workspace_id,
        community_id,
        new.handle,
        new.name,
        new.credential,
        new.session,
        now,
        new.credential_ends_at,
        new.credential_renews,
        _as_json(new.credential_parts),
    )
    return one(row, Community)


def _as_json(parts: Mapping[str, datetime]) -> dict[str, str]:
    return {part: given_at.isoformat() for part, given_at in parts.items()}


SET_CREDENTIAL_END = """
UPDATE communities SET credential_ends_at = $3, credential_renews = $4
WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""


async def set_credential_end(
    conn: Connection, community: Community, ends_at: datetime, *, renews: bool
) -> None:
    """Note when the credential ends, now that it was renewed."""
    await conn.execute(SET_CREDENTIAL_END, community.workspace_id, community.id, ends_at, renews)


COUNT_ENDING = """
SELECT count(*) FROM communities
WHERE removed_at IS NULL AND credential_ends_at > $1 AND credential_ends_at <= $2
"""


async def count_ending(conn: Connection, *, after: datetime, until: datetime) -> int:
    """How many credentials, of all workspaces, end within a time."""
    return int(await conn.fetchval(COUNT_ENDING, after, until))


SET_HEALTH = f"""
UPDATE communities
SET health_since = CASE health WHEN $3 THEN health_since ELSE $5 END, health = $3,
    health_note = $4, checked_at = $5
WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
RETURNING {COLUMNS}
"""


async def set_health(
    conn: Connection,
    workspace_id: UUID,
    community_id: UUID,
    health: Health,
    *,
    note: str,
    now: datetime,
) -> Community | None:
    """Note how a community fares, with a sentence for a person. None if it is gone."""
    row = await conn.fetchrow(SET_HEALTH, workspace_id, community_id, health, note, now)
    return one(row, Community)


SET_REACHABLE = """
UPDATE communities
SET checked_at = $3,
    health_since = CASE health WHEN 'unreachable' THEN $3 ELSE health_since END,
    health = CASE health WHEN 'unreachable' THEN 'healthy' ELSE health END,
    health_note = CASE health WHEN 'unreachable' THEN '' ELSE health_note END
WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""


async def set_reachable(
    conn: Connection, workspace_id: UUID, community_id: UUID, *, now: datetime
) -> None:
    """Note that the community's servers answer; a credential that was refused stays so."""
    await conn.execute(SET_REACHABLE, workspace_id, community_id, now)


# Posts hang on the community's targets, and so does what is watched for a contest. OFFSET 0 keeps
# the planner from beginning with the contests, of which there are many more.
NEEDED_BY = """
SELECT c.title
FROM targets t
CROSS JOIN LATERAL (
    SELECT p.contest_id FROM contest_posts p
    WHERE p.workspace_id = t.workspace_id AND p.target_id = t.id
    UNION ALL
    SELECT e.contest_id FROM contest_evidence e
    WHERE e.workspace_id = t.workspace_id AND e.target_id = t.id) n
CROSS JOIN LATERAL (
    SELECT c.id, c.title FROM contests c
    WHERE c.workspace_id = t.workspace_id AND c.id = n.contest_id
        AND c.status NOT IN ('completed', 'cancelled', 'void')
    OFFSET 0) c
WHERE t.workspace_id = $1 AND t.community_id = $2
ORDER BY c.id LIMIT 1
"""


async def needed_by(conn: Connection, workspace_id: UUID, community_id: UUID) -> str | None:
    """The title of a contest that has not ended and rests on the community, if there is one."""
    title: str | None = await conn.fetchval(NEEDED_BY, workspace_id, community_id)
    return title


REMOVE = """
UPDATE communities SET removed_at = $3, credential = '', session = NULL
WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL
"""


async def remove(conn: Connection, community: Community, *, now: datetime) -> None:
    """Disconnect a community and erase its secrets."""
    await conn.execute(REMOVE, community.workspace_id, community.id, now)
