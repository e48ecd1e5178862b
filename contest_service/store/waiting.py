"""Waiting: how much of some contests waits for a person's decision or answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, many


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """What of a contest waits: how much, and since when the oldest of it does."""

    contest_id: UUID
    decisions: int
    decisions_since: datetime | None
    appeals: int
    appeals_since: datetime | None


OF_CONTESTS = """
SELECT k.id AS contest_id, d.found AS decisions, d.since AS decisions_since, a.found AS appeals,
    a.since AS appeals_since
FROM unnest($2::uuid[]) k (id)
CROSS JOIN LATERAL (SELECT count(*) AS found, min(p.proposed_at) AS since FROM (
    SELECT o.proposed_at FROM override_proposals o
    WHERE o.workspace_id = $1 AND o.contest_id = k.id AND o.state = 'proposed'
    UNION ALL SELECT q.proposed_at FROM disqualifications q
    WHERE q.workspace_id = $1 AND q.contest_id = k.id AND q.state IN ('proposed', 'approved')) p) d
CROSS JOIN LATERAL (SELECT count(*) AS found, min(p.made_at) AS since FROM appeals p
    WHERE p.workspace_id = $1 AND p.contest_id = k.id AND p.state = 'open') a
"""


async def of_contests(
    conn: Connection, workspace_id: UUID, contest_ids: Sequence[UUID]
) -> Mapping[UUID, Waits]:
    """What waits in each of some contests; one in which nothing does is missing."""
    rows = many(await conn.fetch(OF_CONTESTS, workspace_id, list(contest_ids)), Waits)
    return {each.contest_id: each for each in rows if each.decisions or each.appeals}
