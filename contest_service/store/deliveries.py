"""Deliveries: which winners have what they won. Kept for ever, also those noted by mistake."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, exactly, many


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """That the holder with this commitment has what they won, and who noted it."""

    id: UUID
    commitment: str
    delivered_at: datetime
    noted_by: UUID | None


COLUMNS = "id, encode(commitment, 'hex') AS commitment, delivered_at, noted_by"

OF_CONTEST = f"""
SELECT {COLUMNS} FROM deliveries
WHERE workspace_id = $1 AND contest_id = $2 AND undone_at IS NULL
"""
NOTE = f"""
INSERT INTO deliveries (workspace_id, contest_id, commitment, delivered_at, noted_by)
VALUES ($1, $2, $3, $4, $5)
RETURNING {COLUMNS}
"""
UNDO = """
UPDATE deliveries SET undone_at = $4, undone_by = $5
WHERE workspace_id = $1 AND contest_id = $2 AND commitment = $3 AND undone_at IS NULL
"""


async def of_contest(conn: Connection, contest: Contest) -> list[Delivery]:
    """All deliveries of a contest that stand."""
    return many(await conn.fetch(OF_CONTEST, contest.workspace_id, contest.id), Delivery)


async def note(
    conn: Connection, contest: Contest, commitment: bytes, *, by: UUID | None, at: datetime
) -> Delivery:
    """Note a delivery. There has to be none that stands."""
    row = await conn.fetchrow(NOTE, contest.workspace_id, contest.id, commitment, at, by)
    return exactly(row, Delivery)


async def undo(
    conn: Connection, contest: Contest, commitment: bytes, *, by: UUID | None, at: datetime
) -> bool:
    """Take a delivery back; False if there is none that stands."""
    done = await conn.execute(UNDO, contest.workspace_id, contest.id, commitment, at, by)
    return str(done) == "UPDATE 1"
