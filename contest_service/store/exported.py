"""What a file of entrants says beside their verdicts: accounts, and references of imported ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey
from contest_service.store.rows import Connection, many


class _Placed(AccountKey, frozen=True, kw_only=True):
    entrant_id: UUID


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was brought in: the organiser's word for it, and when it was made."""

    id: UUID
    reference: str
    entered_at: datetime | None


ACCOUNTS = """
SELECT k.id AS entrant_id, x.platform, x.instance, x.account AS id
FROM unnest($3::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.id
    OFFSET 0) x
ORDER BY k.id, x.platform, x.instance, x.account
"""
REFERENCES = """
SELECT k.id, COALESCE(e.reference, '') AS reference, e.entered_at
FROM unnest($3::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT e.reference, e.entered_at FROM imported_entries e
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.id = k.id
    OFFSET 0) e
"""


async def accounts(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[AccountKey]]:
    """All accounts of some entrants; whoever has none is missing."""
    found: dict[UUID, list[AccountKey]] = {}
    for each in many(await conn.fetch(ACCOUNTS, workspace_id, contest_id, ids), _Placed):
        found.setdefault(each.entrant_id, []).append(each)
    return found


async def references(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID]
) -> Mapping[UUID, Referred]:
    """The references of those among some entrants who were brought in."""
    rows = await conn.fetch(REFERENCES, workspace_id, contest_id, ids)
    return {each.id: each for each in many(rows, Referred)}
