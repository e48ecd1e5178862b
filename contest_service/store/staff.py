"""Who helps to run communities, as their platforms told it last."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.store.rows import Connection, many, one


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """The staff of one community that a contest is about.

    `accounts` is None where it cannot be told, or was never read; `read_at` is when it was told
    last, `tried_at` when it was last asked for.
    """

    community_id: UUID
    platform: Platform
    instance: str
    accounts: list[str] | None
    read_at: datetime | None
    tried_at: datetime | None


class KnownStaff(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform told last of who helps to run a community, and how asking it went.

    `accounts` is null where it does not tell, or was not asked yet; `read_at` is when it told.
    `failure` says why the newest try, of `tried_at`, failed; it is empty if it did not.
    """

    accounts: list[str] | None
    read_at: datetime | None
    tried_at: datetime | None
    failure: str


READ = """
SELECT accounts, read_at, tried_at, failure FROM staff
WHERE workspace_id = $1 AND community_id = $2
"""


async def read(conn: Connection, workspace_id: UUID, community_id: UUID) -> KnownStaff:
    """Read what is known of a community's staff."""
    found = one(await conn.fetchrow(READ, workspace_id, community_id), KnownStaff)
    return found or KnownStaff(accounts=None, read_at=None, tried_at=None, failure="")


# A contest is about the communities of its posts.
OF_CONTEST = """
SELECT DISTINCT ON (t.community_id) t.community_id, t.platform, t.instance, s.accounts, s.read_at,
    s.tried_at
FROM contest_posts p
JOIN targets t ON t.workspace_id = p.workspace_id AND t.id = p.target_id
LEFT JOIN staff s ON s.workspace_id = t.workspace_id AND s.community_id = t.community_id
WHERE p.workspace_id = $1 AND p.contest_id = $2
ORDER BY t.community_id
"""


async def of_contest(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Staff]:
    """Read the staff of every community that a contest has a post of."""
    return many(await conn.fetch(OF_CONTEST, workspace_id, contest_id), Staff)


LOCK = "SELECT FROM communities WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE"
KNOWN = "SELECT accounts FROM staff WHERE workspace_id = $1 AND community_id = $2"
KEEP = """
INSERT INTO staff (workspace_id, community_id, accounts, read_at, tried_at)
VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (workspace_id, community_id) DO UPDATE
SET accounts = excluded.accounts, read_at = excluded.read_at, tried_at = excluded.tried_at,
    failure = ''
"""
NOTE_FAILURE = """
INSERT INTO staff (workspace_id, community_id, tried_at, failure) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, community_id) DO UPDATE
SET tried_at = excluded.tried_at, failure = excluded.failure
"""


async def known(conn: Connection, workspace_id: UUID, community_id: UUID) -> frozenset[str] | None:
    """Who was staff by now, None where that was not known; nobody else changes it meanwhile."""
    await conn.execute(LOCK, workspace_id, community_id)
    accounts = await conn.fetchval(KNOWN, workspace_id, community_id)
    return None if accounts is None else frozenset(accounts)


async def keep(
    conn: Connection,
    workspace_id: UUID,
    community_id: UUID,
    accounts: Collection[str] | None,
    *,
    at: datetime,
) -> None:
    """Keep what a platform told: who is staff, or that it does not tell (None)."""
    told = None if accounts is None else sorted(accounts)
    await conn.execute(KEEP, workspace_id, community_id, told, at)


async def note_failure(
    conn: Connection, workspace_id: UUID, community_id: UUID, failure: str, *, at: datetime
) -> None:
    """Note that asking failed; what was told before stays, and when it was told."""
    await conn.execute(NOTE_FAILURE, workspace_id, community_id, at, failure)


FORGET = """
UPDATE staff s SET accounts = ARRAY(SELECT a FROM unnest(s.accounts) a
    WHERE a <> ALL ($4::text[]) ORDER BY a)
FROM communities c
WHERE s.workspace_id = $1 AND c.workspace_id = $1 AND c.id = s.community_id AND c.platform = $2
    AND c.instance = $3 AND s.accounts && $4::text[]
"""


async def forget(
    conn: Connection,
    workspace_id: UUID,
    accounts: Collection[str],
    *,
    platform: str,
    instance: str,
) -> int:
    """Take accounts out of what is known of a network's staff, until a platform tells it again."""
    status = await conn.execute(FORGET, workspace_id, platform, instance, list(accounts))
    return int(str(status).rsplit(" ", 1)[1])
