"""Accounts: what platforms show of them, and whether we can see what they do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contest_service.domain.accounts import Profile, Standing
from contest_service.store.rows import Connection, storable
from contest_service.store.targets import StoredTarget

# Most of what a repeated scan tells is known. A row is looked at before it is locked and written,
# each by its key: a question for one value is never turned into a join.
KEEP = """
INSERT INTO accounts AS k (workspace_id, platform, instance, account, handle, name, created_at,
    has_picture, followers, profile_at)
SELECT $1, $2, $3, p.account, p.handle, p.name, p.created_at, p.has_picture, p.followers, $4
FROM (SELECT t.account, t.handle, t.name, to_timestamp(t.created_at) AS created_at,
        t.has_picture, t.followers
    FROM unnest($5::text[], $6::text[], $7::text[], $8::bigint[], $9::boolean[], $10::bigint[])
        AS t (account, handle, name, created_at, has_picture, followers)) p
WHERE (SELECT o.handle = p.handle AND o.name = p.name
            AND (p.created_at IS NULL OR p.created_at IS NOT DISTINCT FROM o.created_at)
            AND (p.has_picture IS NULL OR p.has_picture IS NOT DISTINCT FROM o.has_picture)
            AND (p.followers IS NULL OR p.followers IS NOT DISTINCT FROM o.followers)
        FROM accounts o
        WHERE o.workspace_id = $1 AND o.platform = $2 AND o.instance = $3
            AND o.account = p.account) IS NOT TRUE
ORDER BY p.account
ON CONFLICT (workspace_id, platform, instance, account) DO UPDATE
SET handle = excluded.handle, name = excluded.name, profile_at = excluded.profile_at,
    created_at = COALESCE(excluded.created_at, k.created_at),
    has_picture = COALESCE(excluded.has_picture, k.has_picture),
    followers = COALESCE(excluded.followers, k.followers)
"""


async def keep_profiles(
    conn: Connection, target: StoredTarget, profiles: Sequence[Profile], *, at: datetime
) -> None:
    """Store what pages told of people; what a page left out is kept as it was known.

    `profile_at` is when a page last told something new. Rows are written in the order of accounts,
    so that two scans never wait in a ring.
    """
    latest = list({profile.account: profile for profile in profiles}.values())
    if not latest:
        return
    await conn.execute(
        KEEP,
        target.workspace_id,
        target.platform,
        target.instance,
        at,
        [p.account for p in latest],
        [p.handle for p in latest],
        [storable(p.name) for p in latest],
        [p.created_at for p in latest],
        [p.has_picture for p in latest],
        [p.followers for p in latest],
    )


SET_STANDING = """
INSERT INTO accounts (workspace_id, platform, instance, account, handle, name, profile_at,
    standing, standing_at)
SELECT $1, $2, $3, s.account, '', '', $4, s.standing, $4
FROM unnest($5::text[], $6::text[]) AS s (account, standing)
ORDER BY s.account
ON CONFLICT (workspace_id, platform, instance, account) DO UPDATE
SET standing = excluded.standing, standing_at = excluded.standing_at
"""


async def set_standing(
    conn: Connection,
    workspace_id: UUID,
    standing: Mapping[str, Standing],
    *,
    platform: str,
    instance: str,
    at: datetime,
) -> None:
    """Store whether we can see what accounts do."""
    if not standing:
        return
    await conn.execute(
        SET_STANDING,
        workspace_id,
        platform,
        instance,
        at,
        list(standing),
        [each.value for each in standing.values()],
    )
