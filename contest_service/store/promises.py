"""Promises as they were given: which commitment, which weight, when. Written once."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What an entrant was promised. `number` counts those of one entrant from 0."""

    entrant_id: UUID
    number: int
    commitment: bytes
    weight: int
    given_at: int
    """Unix seconds."""


COLUMNS = (
    "workspace_id",
    "contest_id",
    "entrant_id",
    "number",
    "commitment",
    "weight",
    "given_at",
)


async def add(conn: Connection, contest: Contest, new: Sequence[Promise]) -> None:
    """Keep promises."""
    key = (contest.workspace_id, contest.id)
    await conn.copy_records_to_table(
        "promises",
        columns=COLUMNS,
        records=(
            (*key, each.entrant_id, each.number, each.commitment, each.weight, each.given_at)
            for each in new
        ),
    )


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant's commitment, and what was promised last: number -1 and weight 0 if nothing."""

    entrant_id: UUID
    commitment: bytes
    number: int
    weight: int


# Each is looked up by its own key, as everywhere where a batch is judged.
LAST = """
SELECT o.entrant_id, o.commitment, COALESCE(p.number, -1) AS number, COALESCE(p.weight, 0) AS weight
FROM unnest($3::uuid[]) AS s (id)
CROSS JOIN LATERAL (SELECT o.entrant_id, o.commitment FROM openings o
    WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = s.id
    OFFSET 0) o
LEFT JOIN LATERAL (SELECT p.number, p.weight FROM promises p
    WHERE p.workspace_id = $1 AND p.contest_id = $2 AND p.entrant_id = s.id
    ORDER BY p.number DESC LIMIT 1) p ON true
"""


async def last(conn: Connection, contest: Contest, entrant_ids: Sequence[UUID]) -> list[Last]:
    """What entrants who have an opening were promised last."""
    rows = await conn.fetch(LAST, contest.workspace_id, contest.id, entrant_ids)
    return many(rows, Last)


OF_ENTRANT = """
SELECT entrant_id, number, commitment, weight, given_at FROM promises
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3 ORDER BY number
"""


async def of_entrant(conn: Connection, contest: Contest, entrant_id: UUID) -> list[Promise]:
    """All that an entrant was promised, oldest first."""
    rows = await conn.fetch(OF_ENTRANT, contest.workspace_id, contest.id, entrant_id)
    return many(rows, Promise)
