"""What rests on a community: the contests that have not ended and need it."""

from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.store.rows import Connection, many


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """A contest that rests on a community: with so many posts of it, and actions read there."""

    id: UUID
    title: str
    status: Status
    posts: int
    actions: list[Action]


LIST = """
SELECT c.id, c.title, c.status, count(DISTINCT n.post) AS posts,
    coalesce(array_agg(DISTINCT n.action) FILTER (WHERE n.action IS NOT NULL), '{}') AS actions
FROM targets t
CROSS JOIN LATERAL (
    SELECT p.contest_id, p.target_id AS post, NULL AS action FROM contest_posts p
    WHERE p.workspace_id = t.workspace_id AND p.target_id = t.id
    UNION ALL
    SELECT e.contest_id, NULL, e.action FROM contest_evidence e
    WHERE e.workspace_id = t.workspace_id AND e.target_id = t.id) n
CROSS JOIN LATERAL (
    SELECT c.id, c.title, c.status FROM contests c
    WHERE c.workspace_id = t.workspace_id AND c.id = n.contest_id
        AND c.status NOT IN ('completed', 'cancelled', 'void')
    OFFSET 0) c
WHERE t.workspace_id = $1 AND t.community_id = $2
GROUP BY c.id, c.title, c.status
ORDER BY c.id LIMIT $3
"""


async def list_resting(
    conn: Connection, workspace_id: UUID, community_id: UUID, *, limit: int
) -> list[Resting]:
    """List the contests that have not ended and rest on a community, oldest first."""
    return many(await conn.fetch(LIST, workspace_id, community_id, limit), Resting)
