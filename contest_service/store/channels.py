"""A community's way for live events: where they come in, what they must carry, how it fares.

An address that only the platform knows is kept as its digest, so that whoever reads the database
cannot send anything; the rest of what makes an event believable is encrypted.
"""

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.store.rows import Connection, exactly, many, one


class ChannelKind(enum.StrEnum):
    """Who asks whom."""

    CALLBACK = "callback"
    """The platform sends events to this service."""
    LONG_POLL = "long_poll"
    """This service waits for events at the platform."""


class ChannelState(enum.StrEnum):
    """Whether events come in."""

    NEW = "new"
    LISTENING = "listening"
    FAILED = "failed"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """The way on which a community's live events come. `note` says in a sentence what is wrong."""

    workspace_id: UUID
    community_id: UUID
    kind: ChannelKind
    state: ChannelState
    note: str
    checked_at: datetime | None
    heard_at: datetime | None
    """When the last event came in."""
    created_at: datetime


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """What an event that came to an address is checked against."""

    workspace_id: UUID
    community_id: UUID
    platform: Platform
    account: str
    secrets: bytes

    def __repr__(self) -> str:
        return f"Addressed({self.community_id})"


COLUMNS = """workspace_id, community_id, kind, state, note, checked_at, heard_at, created_at"""

READ = f"SELECT {COLUMNS} FROM channels WHERE workspace_id = $1 AND community_id = $2"


async def read(conn: Connection, workspace_id: UUID, community_id: UUID) -> Channel | None:
    """Read a community's channel, if it has one."""
    return one(await conn.fetchrow(READ, workspace_id, community_id), Channel)


OF_COMMUNITIES = f"""
SELECT {COLUMNS} FROM channels WHERE workspace_id = $1 AND community_id = ANY($2)
"""


async def of_communities(
    conn: Connection, workspace_id: UUID, community_ids: Sequence[UUID]
) -> dict[UUID, Channel]:
    """Read the channels of several communities, by community."""
    rows = await conn.fetch(OF_COMMUNITIES, workspace_id, list(community_ids))
    return {each.community_id: each for each in many(rows, Channel)}


FIND = """
SELECT h.workspace_id, h.community_id, c.platform, c.account, h.secrets
FROM channels h
JOIN communities c ON c.workspace_id = h.workspace_id AND c.id = h.community_id
WHERE h.path = $1 AND h.kind = 'callback' AND c.removed_at IS NULL
"""


async def find(conn: Connection, path: bytes) -> Addressed | None:
    """Find whose a callback's address is, by the address's digest."""
    return one(await conn.fetchrow(FIND, path), Addressed)


SECRETS = "SELECT secrets FROM channels WHERE workspace_id = $1 AND community_id = $2"
SET_SECRETS = """
UPDATE channels SET secrets = $3 WHERE workspace_id = $1 AND community_id = $2
"""


async def secrets(conn: Connection, workspace_id: UUID, community_id: UUID) -> bytes | None:
    """What a callback is set up with, encrypted."""
    sealed: bytes | None = await conn.fetchval(SECRETS, workspace_id, community_id)
    return sealed


async def set_secrets(conn: Connection, channel: Channel, sealed: bytes) -> None:
    """Keep what became known of a callback's set-up."""
    await conn.execute(SET_SECRETS, channel.workspace_id, channel.community_id, sealed)


RENEW = f"""
INSERT INTO channels AS h (workspace_id, community_id, kind, path, secrets, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, community_id) DO UPDATE
SET kind = excluded.kind, path = excluded.path, secrets = excluded.secrets, position = '',
    state = 'new', note = '', checked_at = NULL, heard_at = NULL, created_at = excluded.created_at
RETURNING {COLUMNS}
"""


async def renew(
    conn: Connection,
    workspace_id: UUID,
    community_id: UUID,
    kind: ChannelKind,
    *,
    path: bytes | None = None,
    sealed: bytes | None = None,
    now: datetime,
) -> Channel:
    """Make a community's channel, or begin it anew; events that came in before stay.

    A callback needs the digest of its address, and its secrets.
    """
    row = await conn.fetchrow(RENEW, workspace_id, community_id, kind, path, sealed, now)
    return exactly(row, Channel)


NOTE = f"""
UPDATE channels SET state = $3, note = $4, checked_at = $5
WHERE workspace_id = $1 AND community_id = $2
RETURNING {COLUMNS}
"""


async def note(
    conn: Connection, channel: Channel, state: ChannelState, *, note: str, now: datetime
) -> Channel | None:
    """Note what a check found. None if the channel is gone."""
    row = await conn.fetchrow(NOTE, channel.workspace_id, channel.community_id, state, note, now)
    return one(row, Channel)


POSITION = "SELECT position FROM channels WHERE workspace_id = $1 AND community_id = $2"
SET_POSITION = """
UPDATE channels SET position = $3 WHERE workspace_id = $1 AND community_id = $2
"""


async def position(conn: Connection, channel: Channel) -> str:
    """How far the platform's queue was read; empty if it never was."""
    found = await conn.fetchval(POSITION, channel.workspace_id, channel.community_id)
    return str(found or "")


async def set_position(conn: Connection, channel: Channel, position: str) -> None:
    """Remember how far the queue was read, in the transaction that keeps what came from it."""
    await conn.execute(SET_POSITION, channel.workspace_id, channel.community_id, position)


LOCK = "SELECT FROM channels WHERE workspace_id = $1 AND community_id = $2 FOR UPDATE"
REMOVE_EVENTS = "DELETE FROM heard_events WHERE workspace_id = $1 AND community_id = $2"
REMOVE = "DELETE FROM channels WHERE workspace_id = $1 AND community_id = $2"


async def remove(conn: Connection, workspace_id: UUID, community_id: UUID) -> None:
    """Forget a community's channel, and the events that came in on it; none comes in meanwhile."""
    await conn.execute(LOCK, workspace_id, community_id)
    await conn.execute(REMOVE_EVENTS, workspace_id, community_id)
    await conn.execute(REMOVE, workspace_id, community_id)


IS_NEEDED = """
SELECT EXISTS (SELECT FROM targets t
    JOIN contest_evidence e ON e.workspace_id = t.workspace_id AND e.target_id = t.id
    JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
    WHERE t.workspace_id = $1 AND t.community_id = $2 AND c.status IN ('running', 'closing'))
"""


async def is_needed(conn: Connection, workspace_id: UUID, community_id: UUID) -> bool:
    """Whether a contest on the community has started and its list is not frozen yet."""
    return bool(await conn.fetchval(IS_NEEDED, workspace_id, community_id))


# In the order in which scans are planned everywhere, so that two who plan them never wait in a
# ring.
WATCHES = """
SELECT w.id FROM targets t
JOIN watches w ON w.workspace_id = t.workspace_id AND w.target_id = t.id
WHERE t.workspace_id = $1 AND t.community_id = $2
    AND EXISTS (SELECT FROM contest_evidence e WHERE e.workspace_id = w.workspace_id
        AND e.target_id = w.target_id AND e.action = w.action AND NOT e.live)
ORDER BY t.kind DESC, t.id, w.action
"""


async def watches(conn: Connection, workspace_id: UUID, community_id: UUID) -> list[UUID]:
    """The watches of all of a community that can be scanned for a contest."""
    rows = await conn.fetch(WATCHES, workspace_id, community_id)
    return [row["id"] for row in rows]
