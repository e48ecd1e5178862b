"""What is watched: contest posts and communities as targets."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.evidence import Action, Target
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, exactly, many


class StoredTarget(Target, frozen=True, kw_only=True):
    """A target as this workspace watches it, through one of its communities."""

    workspace_id: UUID
    id: UUID
    community_id: UUID
    gone_at: datetime | None


COLUMNS = """t.workspace_id, t.id, t.community_id, t.platform, t.instance, t.kind, t.ref, t.pin,
    t.author, t.url, t.gone_at"""

KEEP = f"""
INSERT INTO targets AS t (workspace_id, community_id, platform, instance, kind, ref, pin,
    author, url)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (workspace_id, platform, instance, kind, ref, pin)
DO UPDATE SET community_id = excluded.community_id
RETURNING {COLUMNS}
"""


async def keep(
    conn: Connection, workspace_id: UUID, community_id: UUID, target: Target
) -> StoredTarget:
    """Store a target, or find it; from now on it is read through `community_id`."""
    row = await conn.fetchrow(
        KEEP,
        workspace_id,
        community_id,
        target.platform,
        target.instance,
        target.kind,
        target.ref,
        target.pin,
        target.author,
        target.url,
    )
    return exactly(row, StoredTarget)


READ = f"SELECT {COLUMNS} FROM targets t WHERE t.workspace_id = $1 AND t.id = $2"


async def read(conn: Connection, workspace_id: UUID, target_id: UUID) -> StoredTarget:
    """Read a target that a foreign key promises."""
    return exactly(await conn.fetchrow(READ, workspace_id, target_id), StoredTarget)


SET_GONE = """
UPDATE targets SET gone_at = $3 WHERE workspace_id = $1 AND id = $2 AND gone_at IS NULL
"""


async def set_gone(conn: Connection, target: StoredTarget, at: datetime) -> None:
    """Note that the platform no longer shows a post, or shows another version of it."""
    await conn.execute(SET_GONE, target.workspace_id, target.id, at)


# The first text that is read is no change, and one that nobody tells says nothing.
SET_TEXT = """
UPDATE targets SET text = $3, text_changed_at = CASE WHEN text IS NOT NULL THEN $4::timestamptz END
WHERE workspace_id = $1 AND id = $2 AND text IS DISTINCT FROM $3
"""


async def set_text(conn: Connection, target: StoredTarget, text: str | None, at: datetime) -> None:
    """Note what a post says at a time; nothing happens where it says what it said."""
    if text is not None:
        await conn.execute(SET_TEXT, target.workspace_id, target.id, text, at)


SET_COUNTS = """
UPDATE targets SET counts = $3, counted_at = $4 WHERE workspace_id = $1 AND id = $2
"""


async def set_counts(
    conn: Connection, target: StoredTarget, counts: Mapping[Action, int], at: datetime
) -> None:
    """Note a post's own counters, as they were at a time."""
    known = {action.value: count for action, count in counts.items()}
    await conn.execute(SET_COUNTS, target.workspace_id, target.id, known, at)


# Posts of a contest ------------------------------------------------------------------------------

ATTACH = """
INSERT INTO contest_posts (workspace_id, contest_id, target_id, position)
SELECT $1, $2, $3, COALESCE(max(position), -1) + 1 FROM contest_posts
WHERE workspace_id = $1 AND contest_id = $2
ON CONFLICT ON CONSTRAINT contest_posts_pkey DO NOTHING
"""
DETACH = """
DELETE FROM contest_posts WHERE workspace_id = $1 AND contest_id = $2 AND target_id = $3
"""
POSTS = f"""
SELECT {COLUMNS} FROM contest_posts p JOIN targets t USING (workspace_id)
WHERE p.workspace_id = $1 AND p.contest_id = $2 AND t.id = p.target_id
ORDER BY p.position
"""


async def attach_post(conn: Connection, contest: Contest, target_id: UUID) -> None:
    """Add a post to a contest, behind the others; nothing happens if it is there already."""
    await conn.execute(ATTACH, contest.workspace_id, contest.id, target_id)


async def detach_post(conn: Connection, contest: Contest, target_id: UUID) -> bool:
    done = await conn.execute(DETACH, contest.workspace_id, contest.id, target_id)
    return str(done) == "DELETE 1"


async def posts(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[StoredTarget]:
    """The contest's posts in their order."""
    return many(await conn.fetch(POSTS, workspace_id, contest_id), StoredTarget)


class PostText(msgspec.Struct, frozen=True, kw_only=True):
    """What a post says, and since when if it once said something else."""

    text: str
    text_changed_at: datetime | None


TEXTS = """
SELECT t.text, t.text_changed_at FROM contest_posts p JOIN targets t USING (workspace_id)
WHERE p.workspace_id = $1 AND p.contest_id = $2 AND t.id = p.target_id AND t.text IS NOT NULL
ORDER BY p.position
"""


async def texts(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[PostText]:
    """What the contest's posts say, in their order; whose text nobody knows is missing."""
    return many(await conn.fetch(TEXTS, workspace_id, contest_id), PostText)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a post looked like when somebody last looked: what it says, and its own counters."""

    target_id: UUID
    text: str | None
    counts: dict[Action, int]
    counted_at: datetime | None


LOOKS = """
SELECT t.id AS target_id, t.text, t.counts, t.counted_at
FROM contest_posts p JOIN targets t USING (workspace_id)
WHERE p.workspace_id = $1 AND p.contest_id = $2 AND t.id = p.target_id
"""


async def looks(conn: Connection, workspace_id: UUID, contest_id: UUID) -> dict[UUID, Look]:
    """What each of the contest's posts looked like, by their ids."""
    found = many(await conn.fetch(LOOKS, workspace_id, contest_id), Look)
    return {each.target_id: each for each in found}


OF_COMMUNITY = f"""
SELECT {COLUMNS} FROM targets t
WHERE t.workspace_id = $1 AND t.community_id = $2 AND t.kind = 'community'
"""


async def of_community(
    conn: Connection, workspace_id: UUID, community_id: UUID
) -> list[StoredTarget]:
    """The community itself as a target, for follows."""
    return many(await conn.fetch(OF_COMMUNITY, workspace_id, community_id), StoredTarget)
