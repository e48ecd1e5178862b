"""Who says that an account is theirs, and who has shown it. Rows are kept for some hours.

Codes and secrets are kept as digests only.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many, one


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody called an account can mean on one network; empty where nothing."""

    platform: str
    instance: str
    account: str
    """A stable id."""
    handle: str
    """In lower case."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An account that takes part."""

    platform: Platform
    instance: str
    account: str
    entrant_id: UUID

    @property
    def key(self) -> AccountKey:
        return AccountKey(platform=self.platform, instance=self.instance, id=self.account)


# A handle that went from one account to another is the one's of whom it was told last.
FIND = """
SELECT n.platform, n.instance, k.account, x.entrant_id
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
    AS n (platform, instance, account, handle)
CROSS JOIN LATERAL (
    SELECT n.account AS account WHERE n.account <> ''
    UNION ALL
    (SELECT k.account FROM accounts k
     WHERE k.workspace_id = $1 AND lower(k.handle) = n.handle AND n.handle <> ''
        AND k.platform = n.platform AND k.instance = n.instance
     ORDER BY k.profile_at DESC LIMIT 1)) k
CROSS JOIN LATERAL (SELECT COALESCE(x.entry_id, x.id) AS entrant_id FROM entrants x
    WHERE x.workspace_id = $1 AND x.contest_id = $2
        AND x.subject = subject_of(n.platform, n.instance, k.account)
    OFFSET 0) x
ORDER BY n.platform, n.instance LIMIT 1
"""


async def find(conn: Connection, contest: Contest, names: Sequence[Name]) -> Found | None:
    """Find who takes part under one of some names."""
    columns = [
        [getattr(each, field) for each in names]
        for field in ("platform", "instance", "account", "handle")
    ]
    return one(await conn.fetchrow(FIND, contest.workspace_id, contest.id, *columns), Found)


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's word that an account is theirs; shown to be true since `shown_at`, if at all.

    The entrant is the one as which the account takes part now, which another account of the same
    person may have entered; None where nobody of that name takes part.
    """

    id: UUID
    platform: str
    instance: str
    account: str
    entrant_id: UUID | None
    secret: bytes
    expires_at: datetime
    shown_at: datetime | None


class NewOwnership(msgspec.Struct, frozen=True, kw_only=True):
    """An ownership that begins."""

    id: UUID
    found: Found | None
    secret: bytes
    code: bytes
    created_at: datetime
    expires_at: datetime


NEW_ID = "SELECT uuidv7()"
ADD = """
INSERT INTO ownerships (workspace_id, contest_id, id, platform, instance, account, entrant_id,
    secret, code, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
READ = """
SELECT o.id, o.platform, o.instance, o.account, COALESCE(n.entry_id, n.id) AS entrant_id, o.secret,
    o.expires_at, o.shown_at
FROM ownerships o
LEFT JOIN entrants n ON n.workspace_id = o.workspace_id AND n.contest_id = o.contest_id
    AND n.subject = subject_of(o.platform, o.instance, o.account)
WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.id = $3
"""


async def new_id(conn: Connection) -> UUID:
    """Make an id for one."""
    made: UUID = await conn.fetchval(NEW_ID)
    return made


async def add(conn: Connection, contest: Contest, new: NewOwnership) -> None:
    """Keep somebody's word."""
    found = new.found
    who = (found.platform, found.instance, found.account) if found else ("", "", "")
    await conn.execute(
        ADD,
        contest.workspace_id,
        contest.id,
        new.id,
        *who,
        found.entrant_id if found else None,
        new.secret,
        new.code,
        new.created_at,
        new.expires_at,
    )


async def read(conn: Connection, contest: Contest, id_: UUID) -> Ownership | None:
    """Read one that is still kept."""
    return one(await conn.fetchrow(READ, contest.workspace_id, contest.id, id_), Ownership)


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Where accounts are, as one workspace sees them."""

    workspace_id: UUID
    platform: str
    instance: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An ownership whose code was not seen yet."""

    id: UUID
    account: str
    code: bytes


# Each account by its own key, and locked in one order everywhere.
WAITING = """
SELECT o.id, o.account, o.code
FROM (SELECT a.account FROM unnest($4::text[]) AS a (account) ORDER BY a.account) a
CROSS JOIN LATERAL (SELECT o.id, o.account, o.code FROM ownerships o
    WHERE o.workspace_id = $1 AND o.platform = $2 AND o.instance = $3 AND o.account = a.account
        AND o.shown_at IS NULL AND o.expires_at > $5
    ORDER BY o.id FOR UPDATE) o
"""
ANY_WAITING = """
SELECT EXISTS (SELECT FROM ownerships
    WHERE workspace_id = $1 AND platform = $2 AND instance = $3 AND shown_at IS NULL
        AND expires_at > $4)
"""
SHOW = """
UPDATE ownerships SET shown_at = $3, expires_at = $4, code = NULL
WHERE workspace_id = $1 AND id = ANY ($2) AND shown_at IS NULL
"""


async def lock_waiting(
    conn: Connection, network: Network, accounts: Sequence[str], *, at: datetime
) -> list[Waiting]:
    """List what waits for codes of some accounts, by account, and hold it locked."""
    key = (network.workspace_id, network.platform, network.instance)
    return many(await conn.fetch(WAITING, *key, accounts, at), Waiting)


async def is_any_waiting(conn: Connection, network: Network, *, at: datetime) -> bool:
    """Whether a code may come in on a network at all."""
    key = (network.workspace_id, network.platform, network.instance)
    return bool(await conn.fetchval(ANY_WAITING, *key, at))


async def show(
    conn: Connection, workspace_id: UUID, ids: Sequence[UUID], *, at: datetime, until: datetime
) -> None:
    """Note that codes were seen: they work no more, and what they were for is open until then."""
    await conn.execute(SHOW, workspace_id, ids, at, until)


WAITS = """
SELECT min(created_at) AS first, max(created_at) AS last FROM ownerships
WHERE workspace_id = $1 AND contest_id = $2 AND shown_at IS NULL AND expires_at > $3
    AND account <> ''
"""
IS_AWAITED = """
SELECT EXISTS (SELECT FROM targets t
    JOIN contest_posts p ON p.workspace_id = t.workspace_id AND p.target_id = t.id
    JOIN ownerships o ON o.workspace_id = p.workspace_id AND o.contest_id = p.contest_id
    WHERE t.workspace_id = $1 AND t.community_id = $2 AND o.shown_at IS NULL
        AND o.expires_at > $3 AND o.account <> '')
"""
FORGET = "DELETE FROM ownerships WHERE expires_at < $1"


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """When the first and the last of those began whose codes may still be seen."""

    first: datetime
    last: datetime


async def waits(conn: Connection, contest: Contest, *, at: datetime) -> Waits | None:
    """Since when codes of a contest are waited for; None if none is."""
    row = await conn.fetchrow(WAITS, contest.workspace_id, contest.id, at)
    return None if row is None or row["first"] is None else msgspec.convert(dict(row), Waits)


async def is_awaited(
    conn: Connection, workspace_id: UUID, community_id: UUID, *, at: datetime
) -> bool:
    """Whether a code may come in at a community."""
    return bool(await conn.fetchval(IS_AWAITED, workspace_id, community_id, at))


async def forget(conn: Connection, *, before: datetime) -> None:
    """Delete what ended before a time."""
    await conn.execute(FORGET, before)
