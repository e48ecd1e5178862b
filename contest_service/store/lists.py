"""A workspace's lists of accounts: staff, past winners, whoever is not to take part."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.store.entrant_traces import affected
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one


class AccountList(msgspec.Struct, frozen=True, kw_only=True):
    """A list, and how many accounts stand on it."""

    id: UUID
    name: str
    accounts: int
    created_at: datetime


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account on a list. `account` is its stable id.

    From `expires_at` on it does not count any more; null means that it stays.
    """

    platform: Platform
    instance: str
    account: str
    reason: str
    added_by: UUID
    added_at: datetime
    expires_at: datetime | None


class NewListed(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is put on a list, why, and until when."""

    account: AccountKey
    reason: str
    expires_at: datetime | None = None


CREATE = """
INSERT INTO lists (workspace_id, name, created_at) VALUES ($1, $2, $3)
RETURNING id, name, 0 AS accounts, created_at
"""


async def create_list(
    conn: Connection, workspace_id: UUID, name: str, *, now: datetime
) -> AccountList:
    """Raises ConflictError if another list has this name."""
    try:
        row = await conn.fetchrow(CREATE, workspace_id, name, now)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "lists_name_once":
            raise
        raise ConflictError(
            f"There is a list called {name!r} already; choose another name.", code="name_taken"
        ) from None
    return exactly(row, AccountList)


READ = """
SELECT l.id, l.name, l.created_at, (
    SELECT count(*) FROM list_accounts a WHERE a.workspace_id = l.workspace_id AND a.list_id = l.id
) AS accounts
FROM lists l WHERE l.workspace_id = $1 AND l.id = $2
"""


async def read_list(conn: Connection, workspace_id: UUID, list_id: UUID) -> AccountList:
    """Raises NotFoundError."""
    found = one(await conn.fetchrow(READ, workspace_id, list_id), AccountList)
    if found is None:
        raise NotFoundError("There is no such list in this workspace.")
    return found


LIST = """
SELECT l.id, l.name, l.created_at, (
    SELECT count(*) FROM list_accounts a WHERE a.workspace_id = l.workspace_id AND a.list_id = l.id
) AS accounts
FROM lists l
WHERE l.workspace_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3
"""


async def list_lists(
    conn: Connection, workspace_id: UUID, *, after: UUID | None, limit: int
) -> list[AccountList]:
    """List a workspace's lists, oldest first."""
    rows = await conn.fetch(LIST, workspace_id, after or BEFORE_ALL, limit)
    return many(rows, AccountList)


# A contest that has not ended may ask for the list; its rules name it by its id. All of the
# workspace's contests are read, whose order by id is no reason to walk through everybody's.
NEEDED_BY = """
SELECT title FROM (
    SELECT id, title FROM contests
    WHERE workspace_id = $1 AND status NOT IN ('completed', 'cancelled', 'void')
        AND jsonb_path_exists(definition, '$.** ? (@.kind == "not_listed" && @.list_id == $list)',
            jsonb_build_object('list', $2::text))
    OFFSET 0) c
ORDER BY id LIMIT 1
"""
LOCK = "SELECT FROM lists WHERE workspace_id = $1 AND id = $2 FOR UPDATE"
DELETE = "DELETE FROM lists WHERE workspace_id = $1 AND id = $2"


async def delete_list(conn: Connection, workspace_id: UUID, list_id: UUID) -> AccountList:
    """Delete a list with its accounts.

    Raises NotFoundError, and ConflictError while the rules of a contest that has not ended name it.
    """
    await conn.execute(LOCK, workspace_id, list_id)
    found = await read_list(conn, workspace_id, list_id)
    title = await conn.fetchval(NEEDED_BY, workspace_id, str(list_id))
    if title is not None:
        raise ConflictError(
            f"The rules of the contest {title!r} name this list. "
            "Wait until it has ended, or take the list out of its rules.",
            code="list_in_use",
        )
    await conn.execute(DELETE, workspace_id, list_id)
    return found


# Whoever stands there for ever stays so, with the first reason. What has ended is written anew, and
# what has not lasts until the later of the two ends.
ADD = """
INSERT INTO list_accounts AS l
    (workspace_id, list_id, platform, instance, account, reason, added_by, added_at, expires_at)
SELECT DISTINCT ON (a.platform, a.instance, a.account)
    $1, $2, a.platform, a.instance, a.account, a.reason, $8, $9, a.expires_at
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) WITH ORDINALITY
    AS a (platform, instance, account, reason, expires_at, place)
ORDER BY a.platform, a.instance, a.account, a.place
ON CONFLICT (workspace_id, list_id, platform, instance, account) DO UPDATE
SET reason = CASE WHEN l.expires_at <= $9 THEN excluded.reason ELSE l.reason END,
    added_by = CASE WHEN l.expires_at <= $9 THEN excluded.added_by ELSE l.added_by END,
    added_at = CASE WHEN l.expires_at <= $9 THEN excluded.added_at ELSE l.added_at END,
    lapsed_at = NULL,
    expires_at = CASE WHEN l.expires_at <= $9 THEN excluded.expires_at
        WHEN excluded.expires_at IS NOT NULL THEN greatest(l.expires_at, excluded.expires_at) END
WHERE l.expires_at IS NOT NULL
"""
REMOVE = """
DELETE FROM list_accounts a
USING unnest($3::text[], $4::text[], $5::text[]) AS gone (platform, instance, account)
WHERE a.workspace_id = $1 AND a.list_id = $2 AND a.platform = gone.platform
    AND a.instance = gone.instance AND a.account = gone.account
"""


async def add_accounts(
    conn: Connection,
    workspace_id: UUID,
    list_id: UUID,
    accounts: Sequence[AccountKey],
    *,
    reason: str,
    added_by: UUID,
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Put accounts on a list that exists, all for one reason."""
    new = [NewListed(account=each, reason=reason, expires_at=expires_at) for each in accounts]
    await add(conn, workspace_id, list_id, new, added_by=added_by, now=now)


async def add(
    conn: Connection,
    workspace_id: UUID,
    list_id: UUID,
    new: Sequence[NewListed],
    *,
    added_by: UUID,
    now: datetime,
) -> None:
    """Put accounts on a list that exists; an end in `new` lies after `now`.

    Those that stand there keep their reason, and stay until the later of the two ends.
    """
    columns = _columns([each.account for each in new])
    reasons = [each.reason for each in new]
    ends = [each.expires_at for each in new]
    await conn.execute(ADD, workspace_id, list_id, *columns, reasons, ends, added_by, now)


async def remove_accounts(
    conn: Connection, workspace_id: UUID, list_id: UUID, accounts: Sequence[AccountKey]
) -> int:
    """Take accounts off a list, and say how many stood there."""
    return affected(await conn.execute(REMOVE, workspace_id, list_id, *_columns(accounts)))


def _columns(accounts: Sequence[AccountKey]) -> tuple[list[str], list[str], list[str]]:
    return (
        [account.platform.value for account in accounts],
        [account.instance for account in accounts],
        [account.id for account in accounts],
    )


ACCOUNTS = """
SELECT platform, instance, account, reason, added_by, added_at, expires_at FROM list_accounts
WHERE workspace_id = $1 AND list_id = $2 AND (platform, instance, account) > ($3, $4, $5)
ORDER BY platform, instance, account LIMIT $6
"""


async def list_accounts(
    conn: Connection, workspace_id: UUID, list_id: UUID, *, after: AccountKey | None, limit: int
) -> list[ListedAccount]:
    """List the accounts on a list, ordered by their key."""
    key = ("", "", "") if after is None else (after.platform, after.instance, after.id)
    rows = await conn.fetch(ACCOUNTS, workspace_id, list_id, *key, limit)
    return many(rows, ListedAccount)


IDS = "SELECT id FROM lists WHERE workspace_id = $1 FOR KEY SHARE"


async def ids(conn: Connection, workspace_id: UUID) -> frozenset[UUID]:
    """The ids of all lists of a workspace; none is deleted until the transaction ends."""
    return frozenset(row["id"] for row in await conn.fetch(IDS, workspace_id))


# What has lapsed for a contest that runs still counts for one that closed before its end
# (`store.cases`).
LAPSE = """
UPDATE list_accounts SET lapsed_at = $2
WHERE workspace_id = $1 AND expires_at <= $2 AND lapsed_at IS NULL
RETURNING platform, instance, account AS id
"""
NEXT_END = """
SELECT expires_at FROM list_accounts
WHERE workspace_id = $1 AND expires_at IS NOT NULL AND lapsed_at IS NULL
ORDER BY expires_at LIMIT 1
"""


async def lapse(conn: Connection, workspace_id: UUID, *, at: datetime) -> list[AccountKey]:
    """Let all whose end has come stop counting on a workspace's lists; returns whose it was."""
    return many(await conn.fetch(LAPSE, workspace_id, at), AccountKey)


async def next_end(conn: Connection, workspace_id: UUID) -> datetime | None:
    """When the next account on a workspace's lists stops counting; None if none does."""
    found: datetime | None = await conn.fetchval(NEXT_END, workspace_id)
    return found


NEEDED_NOW = """
SELECT id FROM contests
WHERE workspace_id = $1 AND status IN ('running', 'closing')
    AND jsonb_path_exists(definition, '$.** ? (@.kind == "not_listed" && @.list_id == $list)',
        jsonb_build_object('list', $2::text))
ORDER BY id
"""


async def needed_now(conn: Connection, workspace_id: UUID, list_id: UUID) -> list[UUID]:
    """The contests whose rules name a list, and whose entries are not fixed yet."""
    rows = await conn.fetch(NEEDED_NOW, workspace_id, str(list_id))
    return [row["id"] for row in rows]
