"""Accounts: what platforms show of them, and whether we can see what they do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action
from contest_service.store.rows import Connection, many, storable
from contest_service.store.targets import StoredTarget

# Most of what a repeated scan tells is known. A row is looked at before it is locked and written,
# each by its key: a question for one value is never turned into a join. Whose profile changed is
# noted, as `store.changes` does.
KEEP = """
WITH kept AS (
    INSERT INTO accounts AS k (workspace_id, platform, instance, account, handle, name, created_at,
        has_picture, followers, is_closed, is_active, city, born, country, profile_at)
    SELECT $1, $2, $3, p.account, p.handle, p.name, p.created_at, p.has_picture, p.followers,
        p.is_closed, p.is_active, p.city, p.born, p.country, $4
    FROM (SELECT t.account, t.handle, t.name, to_timestamp(t.created_at) AS created_at,
            t.has_picture, t.followers, t.is_closed, t.is_active, t.city, t.born, t.country
        FROM unnest($5::text[], $6::text[], $7::text[], $8::bigint[], $9::boolean[], $10::bigint[],
                $11::boolean[], $12::boolean[], $13::text[], $14::date[], $15::text[])
            AS t (account, handle, name, created_at, has_picture, followers, is_closed, is_active,
                city, born, country)) p
    WHERE (SELECT o.handle = p.handle AND o.name = p.name AND o.city = p.city
                AND o.country = p.country
                AND o.born IS NOT DISTINCT FROM p.born
                AND (p.created_at IS NULL OR p.created_at IS NOT DISTINCT FROM o.created_at)
                AND (p.has_picture IS NULL OR p.has_picture IS NOT DISTINCT FROM o.has_picture)
                AND (p.followers IS NULL OR p.followers IS NOT DISTINCT FROM o.followers)
                AND (p.is_closed IS NULL OR p.is_closed IS NOT DISTINCT FROM o.is_closed)
                AND (p.is_active IS NULL OR p.is_active IS NOT DISTINCT FROM o.is_active)
                AND ($16 OR o.profile_at >= $4)
            FROM accounts o
            WHERE o.workspace_id = $1 AND o.platform = $2 AND o.instance = $3
                AND o.account = p.account) IS NOT TRUE
    ORDER BY p.account
    ON CONFLICT (workspace_id, platform, instance, account) DO UPDATE
    SET handle = excluded.handle, name = excluded.name, profile_at = excluded.profile_at,
        created_at = COALESCE(excluded.created_at, k.created_at),
        has_picture = COALESCE(excluded.has_picture, k.has_picture),
        followers = COALESCE(excluded.followers, k.followers),
        is_closed = COALESCE(excluded.is_closed, k.is_closed),
        is_active = COALESCE(excluded.is_active, k.is_active),
        city = excluded.city, born = excluded.born, country = excluded.country
    RETURNING k.account,
        (old.handle, old.name, old.created_at, old.has_picture, old.followers, old.is_closed,
            old.is_active, old.city, old.born, old.country)
        IS DISTINCT FROM (new.handle, new.name, new.created_at, new.has_picture, new.followers,
            new.is_closed, new.is_active, new.city, new.born, new.country) AS is_changed
)
INSERT INTO evidence_changes (workspace_id, platform, instance, accounts)
SELECT $1, $2, $3, array_agg(account) FROM kept WHERE is_changed HAVING count(*) > 0
"""


async def keep_profiles(
    conn: Connection,
    target: StoredTarget,
    profiles: Sequence[Profile],
    *,
    at: datetime,
    asked: bool = False,
) -> None:
    """Store what was told of people; what a page left out is kept as it was known.

    `profile_at` is when something new was told, or when people were last `asked` for. Rows are
    written in the order of accounts, so that two scans never wait in a ring.
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
        [p.is_closed for p in latest],
        [p.is_active for p in latest],
        [storable(p.city) for p in latest],
        [date.fromisoformat(p.born) if p.born else None for p in latest],
        [storable(p.country) for p in latest],
        not asked,
    )


# A walk through the index, one account after the other; each is looked up by its key.
ACTORS = """
SELECT p.account,
    (k.profile_at IS NULL OR k.profile_at < COALESCE($5::timestamptz, 'epoch')) AS is_unread
FROM (SELECT DISTINCT a.account FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3 AND a.account > $4
    ORDER BY a.account LIMIT $6) p
LEFT JOIN LATERAL (SELECT k.profile_at FROM accounts k
    WHERE k.workspace_id = $1 AND k.platform = $7 AND k.instance = $8 AND k.account = p.account
    OFFSET 0) k ON true
ORDER BY p.account
"""


# Of some accounts, those that did it: each is looked up by its keys.
ACTORS_AMONG = """
SELECT p.account,
    (k.profile_at IS NULL OR k.profile_at < COALESCE($5::timestamptz, 'epoch')) AS is_unread
FROM unnest($4::text[]) AS p (account)
CROSS JOIN LATERAL (SELECT FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = $2 AND a.action = $3 AND a.account = p.account
    LIMIT 1) a
LEFT JOIN LATERAL (SELECT k.profile_at FROM accounts k
    WHERE k.workspace_id = $1 AND k.platform = $6 AND k.instance = $7 AND k.account = p.account
    OFFSET 0) k ON true
ORDER BY p.account
"""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """An account that did something, and whether its profile is still to be read."""

    account: str
    is_unread: bool


async def actors(
    conn: Connection,
    post: StoredTarget,
    action: Action,
    *,
    since: datetime | None,
    after: str,
    limit: int,
) -> list[Actor]:
    """List who did something on a post, by account; one that was read before `since` is unread."""
    rows = await conn.fetch(
        ACTORS,
        post.workspace_id,
        post.id,
        action,
        after,
        since,
        limit,
        post.platform,
        post.instance,
    )
    return many(rows, Actor)


async def actors_among(
    conn: Connection,
    post: StoredTarget,
    action: Action,
    people: Sequence[str],
    *,
    since: datetime | None,
) -> list[Actor]:
    """List which of some accounts did something on a post, as `actors` does."""
    key = (post.workspace_id, post.id, action)
    where = (post.platform, post.instance)
    return many(await conn.fetch(ACTORS_AMONG, *key, people, since, *where), Actor)


NOTE_SILENT = """
INSERT INTO accounts (workspace_id, platform, instance, account, handle, name, profile_at)
SELECT $1, $2, $3, s.account, '', '', $4 FROM unnest($5::text[]) AS s (account)
ORDER BY s.account
ON CONFLICT (workspace_id, platform, instance, account) DO UPDATE
SET profile_at = excluded.profile_at
"""


async def note_silent(
    conn: Connection, target: StoredTarget, people: Sequence[str], *, at: datetime
) -> None:
    """Remember that the platform was asked about people and told nothing."""
    await conn.execute(
        NOTE_SILENT, target.workspace_id, target.platform, target.instance, at, people
    )


# Of somebody who was not known before, the profile is still to be read.
SET_STANDING = """
WITH kept AS (
    INSERT INTO accounts (workspace_id, platform, instance, account, handle, name, profile_at,
        standing, standing_at)
    SELECT $1, $2, $3, s.account, '', '', '-infinity', s.standing, $4
    FROM unnest($5::text[], $6::text[]) AS s (account, standing)
    ORDER BY s.account
    ON CONFLICT (workspace_id, platform, instance, account) DO UPDATE
    SET standing = excluded.standing, standing_at = excluded.standing_at
    RETURNING accounts.account, COALESCE(old.standing, 'visible') <> new.standing AS is_changed
)
INSERT INTO evidence_changes (workspace_id, platform, instance, accounts)
SELECT $1, $2, $3, array_agg(account) FROM kept WHERE is_changed HAVING count(*) > 0
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
