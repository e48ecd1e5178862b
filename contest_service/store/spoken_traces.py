"""Where else the ledger may speak of a person: lists, live events, stored replies, the audit log.

Small tables, looked through text by text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey
from contest_service.store.entrant_traces import affected, keyed
from contest_service.store.rows import BEFORE_ALL, Connection, many

PROFILE_NAMES = """
SELECT k.platform, k.instance, k.account AS id, a.handle, a.name
FROM unnest($2::text[], $3::text[], $4::text[]) AS k (platform, instance, account)
JOIN accounts a ON a.workspace_id = $1 AND a.platform = k.platform AND a.instance = k.instance
    AND a.account = k.account
"""


class Called(AccountKey, frozen=True, kw_only=True):
    """An account as its profile calls it; strings may be empty."""

    handle: str
    name: str


async def called(
    conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]
) -> list[Called]:
    """Look up how the known ones of some accounts are called."""
    return many(await conn.fetch(PROFILE_NAMES, workspace_id, *keyed(accounts)), Called)


# Lists --------------------------------------------------------------------------------------------

LISTED = """
SELECT DISTINCT l.list_id
FROM unnest($2::text[], $3::text[], $4::text[]) AS k (platform, instance, account)
JOIN list_accounts l ON l.workspace_id = $1 AND l.platform = k.platform
    AND l.instance = k.instance AND l.account = k.account
ORDER BY l.list_id
"""
NAMED_BY = """
SELECT id FROM contests
WHERE workspace_id = $1 AND status NOT IN ('draft', 'completed', 'cancelled', 'void')
    AND jsonb_path_exists(definition, '$.** ? (@.kind == "not_listed" && @.list_id == $list)',
        jsonb_build_object('list', $2::text))
ORDER BY id
"""
EMPTY_REASONS = """
UPDATE list_accounts l SET reason = ''
FROM unnest($2::text[], $3::text[], $4::text[]) AS k (platform, instance, account)
WHERE l.workspace_id = $1 AND l.platform = k.platform AND l.instance = k.instance
    AND l.account = k.account AND l.reason <> ''
"""
UNLIST = """
DELETE FROM list_accounts l
USING unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE l.workspace_id = $1 AND l.list_id = $2 AND l.platform = k.platform
    AND l.instance = k.instance AND l.account = k.account
"""


async def lists_of(
    conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]
) -> list[UUID]:
    """The lists on which any of the accounts stands."""
    rows = await conn.fetch(LISTED, workspace_id, *keyed(accounts))
    return [row["list_id"] for row in rows]


async def named_by(conn: Connection, workspace_id: UUID, list_id: UUID) -> list[UUID]:
    """The contests under way whose rules name a list."""
    rows = await conn.fetch(NAMED_BY, workspace_id, str(list_id))
    return [row["id"] for row in rows]


async def empty_reasons(
    conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]
) -> int:
    """Delete what was written about accounts on lists; they stay there."""
    return affected(await conn.execute(EMPTY_REASONS, workspace_id, *keyed(accounts)))


async def unlist(
    conn: Connection, workspace_id: UUID, list_id: UUID, accounts: Sequence[AccountKey]
) -> int:
    return affected(await conn.execute(UNLIST, workspace_id, list_id, *keyed(accounts)))


# Live events --------------------------------------------------------------------------------------

Key = TypeVar("Key", UUID, str)


class Stored(msgspec.Struct, Generic[Key], frozen=True, kw_only=True):
    """A stored body, by its keys."""

    owner: UUID
    key: Key
    body: bytes

    @property
    def place(self) -> tuple[UUID, Key]:
        """Where it stands in the order of its kind."""
        return self.owner, self.key


# What waits to be worked in is somebody's evidence in a moment; it is found once it is that.
EVENTS = """
SELECT community_id AS owner, id AS key, body FROM heard_events
WHERE workspace_id = $1 AND (community_id, id) > ($2, $3)
    AND (merged_at IS NOT NULL OR NOT EXISTS (SELECT FROM targets t
        JOIN contest_evidence e ON e.workspace_id = t.workspace_id AND e.target_id = t.id
        JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
        WHERE t.workspace_id = heard_events.workspace_id
            AND t.community_id = heard_events.community_id
            AND c.status NOT IN ('completed', 'cancelled', 'void')))
ORDER BY community_id, id LIMIT $4
"""
FORGET_EVENTS = """
DELETE FROM heard_events h USING unnest($2::uuid[], $3::uuid[]) AS k (community_id, id)
WHERE h.workspace_id = $1 AND h.community_id = k.community_id AND h.id = k.id
"""


async def events(
    conn: Connection, workspace_id: UUID, *, after: tuple[UUID, UUID] | None, limit: int
) -> list[Stored[UUID]]:
    """List live events of a workspace that nobody waits for any more."""
    begin = after or (BEFORE_ALL, BEFORE_ALL)
    return many(await conn.fetch(EVENTS, workspace_id, *begin, limit), Stored[UUID])


async def forget_events(conn: Connection, workspace_id: UUID, gone: Sequence[Stored[UUID]]) -> int:
    keys = ([each.owner for each in gone], [each.key for each in gone])
    return affected(await conn.execute(FORGET_EVENTS, workspace_id, *keys))


# Replies and words of our own ---------------------------------------------------------------------


REPLIES = """
SELECT person_id AS owner, key, reply AS body FROM idempotency_keys
WHERE workspace_id = $1 AND (person_id, key) > ($2, $3) AND reply <> ''
ORDER BY person_id, key LIMIT $4
"""
EMPTY_REPLIES = """
UPDATE idempotency_keys r SET reply = ''
FROM unnest($2::uuid[], $3::text[]) AS k (person_id, key)
WHERE r.workspace_id = $1 AND r.person_id = k.person_id AND r.key = k.key
"""


async def replies(
    conn: Connection, workspace_id: UUID, *, after: tuple[UUID, str] | None, limit: int
) -> list[Stored[str]]:
    """List stored replies to writes that are not empty."""
    begin = after or (BEFORE_ALL, "")
    return many(await conn.fetch(REPLIES, workspace_id, *begin, limit), Stored[str])


async def empty_replies(conn: Connection, workspace_id: UUID, gone: Sequence[Stored[str]]) -> int:
    """Empty stored replies; their keys stay, so that nothing is done twice."""
    keys = ([each.owner for each in gone], [each.key for each in gone])
    return affected(await conn.execute(EMPTY_REPLIES, workspace_id, *keys))


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit row says beside its code."""

    id: UUID
    detail: dict[str, Any]


DETAILS = """
SELECT id, detail FROM audit_log WHERE workspace_id = $1 AND detail::text ~* $2 ORDER BY id
"""
SET_DETAIL = """
UPDATE audit_log SET detail = $3, erased_at = $4 WHERE workspace_id = $1 AND id = $2
"""
EMPTY_FAILURES = """
WITH of_work AS (
    UPDATE work SET failure = $3 WHERE workspace_id = $1 AND failure ~* $2 RETURNING 1
), of_scans AS (
    UPDATE scans SET failure = $3 WHERE workspace_id = $1 AND failure ~* $2 RETURNING 1
), of_announcements AS (
    UPDATE announcements SET failure = $3 WHERE workspace_id = $1 AND failure ~* $2 RETURNING 1
)
SELECT (SELECT count(*) FROM of_work) + (SELECT count(*) FROM of_scans)
    + (SELECT count(*) FROM of_announcements)
"""


async def details(conn: Connection, workspace_id: UUID, *, pattern: str) -> list[Detail]:
    """List audit rows whose detail speaks of somebody."""
    return many(await conn.fetch(DETAILS, workspace_id, pattern), Detail)


async def set_details(
    conn: Connection, workspace_id: UUID, details_: Mapping[UUID, Mapping[str, Any]], *, at: object
) -> None:
    """Replace details by what is left of them."""
    rows = [(workspace_id, id_, dict(detail), at) for id_, detail in details_.items()]
    await conn.executemany(SET_DETAIL, rows)


async def empty_failures(
    conn: Connection, workspace_id: UUID, *, pattern: str, instead: str
) -> int:
    """Replace notes on what went wrong that speak of somebody."""
    return int(await conn.fetchval(EMPTY_FAILURES, workspace_id, pattern, instead))
