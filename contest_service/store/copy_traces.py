"""What sketches of comments keep of persons, and how it goes.

A source that goes leaves its copies without one: nobody is a copy of it any more, which only
matters to contests that have ended, since their targets are needed by nobody else.
"""

from collections.abc import Sequence
from uuid import UUID

from contest_service.domain.accounts import AccountKey
from contest_service.store.entrant_traces import affected, keyed
from contest_service.store.rows import Connection

FORGET_BANDS = """
DELETE FROM comment_bands b
USING targets t, comment_sources c,
    unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND c.workspace_id = $1 AND c.target_id = $2 AND c.account = k.account
    AND b.workspace_id = $1 AND b.contest_id = c.contest_id AND b.source_id = c.id
"""
FORGET_SOURCES = """
DELETE FROM comment_sources c
USING targets t, unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND c.workspace_id = $1 AND c.target_id = $2 AND c.account = k.account
"""
FORGET_SKETCHES = """
DELETE FROM comment_sketches s
USING targets t, unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND s.workspace_id = $1 AND s.target_id = $2 AND s.account = k.account
"""


async def forget_accounts(
    conn: Connection, workspace_id: UUID, target_id: UUID, accounts: Sequence[AccountKey]
) -> int:
    """Delete what is kept of some accounts' comments on a target; return how many those were."""
    args = (workspace_id, target_id, *keyed(accounts))
    await conn.execute(FORGET_BANDS, *args)
    await conn.execute(FORGET_SOURCES, *args)
    return affected(await conn.execute(FORGET_SKETCHES, *args))


FORGET_BANDS_OF_ALL = """
DELETE FROM comment_bands b USING comment_sources c
WHERE c.workspace_id = $1 AND c.target_id = $2
    AND b.workspace_id = $1 AND b.contest_id = c.contest_id AND b.source_id = c.id
"""
FORGET_SOURCES_OF_ALL = "DELETE FROM comment_sources WHERE workspace_id = $1 AND target_id = $2"
FORGET_SKETCHES_OF_ALL = "DELETE FROM comment_sketches WHERE workspace_id = $1 AND target_id = $2"


async def forget_target(conn: Connection, workspace_id: UUID, target_id: UUID) -> int:
    """Delete what is kept of all comments on a target; return how many those were."""
    await conn.execute(FORGET_BANDS_OF_ALL, workspace_id, target_id)
    await conn.execute(FORGET_SOURCES_OF_ALL, workspace_id, target_id)
    return affected(await conn.execute(FORGET_SKETCHES_OF_ALL, workspace_id, target_id))


# A contest that runs may still need to know whom all name; the request waits for its end.
FORGET_NAMED = """
DELETE FROM overnamed o
USING contests c, unnest($2::text[], $3::text[], $4::text[]) AS k (platform, instance, account)
WHERE o.workspace_id = $1 AND o.platform = k.platform AND o.instance = k.instance
    AND o.account = k.account
    AND c.workspace_id = $1 AND c.id = o.contest_id
    AND c.status IN ('completed', 'cancelled', 'void')
"""
FORGET_NAMED_IN = "DELETE FROM overnamed WHERE workspace_id = $1 AND contest_id = $2"


async def forget_named(conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]) -> int:
    """Delete that too many named some accounts, in contests that have ended."""
    return affected(await conn.execute(FORGET_NAMED, workspace_id, *keyed(accounts)))


async def forget_named_in(conn: Connection, workspace_id: UUID, contest_id: UUID) -> int:
    """Delete whom too many named in a contest."""
    return affected(await conn.execute(FORGET_NAMED_IN, workspace_id, contest_id))
