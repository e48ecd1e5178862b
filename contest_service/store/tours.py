"""What of the tour somebody has seen, and the practice contest that it leads through."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.contests import COLUMNS, Contest
from contest_service.store.rows import Connection, one


class KeptTour(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever has no row has seen nothing, and put nothing away."""

    seen: list[str] = []
    put_away_at: datetime | None = None


READ = "SELECT seen, put_away_at FROM tours WHERE person_id = $1"
SEE = """
INSERT INTO tours (person_id, seen) VALUES ($1, ARRAY[$2])
ON CONFLICT (person_id) DO UPDATE SET seen = tours.seen || EXCLUDED.seen
WHERE NOT tours.seen @> EXCLUDED.seen
"""
PUT_AWAY = """
INSERT INTO tours (person_id, put_away_at) VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET put_away_at = EXCLUDED.put_away_at
"""
BEGIN_AGAIN = "DELETE FROM tours WHERE person_id = $1"
NEWEST_PRACTICE = f"""
SELECT {COLUMNS} FROM contests
WHERE workspace_id = $1 AND practice AND terms_version > 0
ORDER BY id DESC LIMIT 1
"""


async def read(conn: Connection, person_id: UUID) -> KeptTour:
    """Read what somebody has seen."""
    return one(await conn.fetchrow(READ, person_id), KeptTour) or KeptTour()


async def see(conn: Connection, person_id: UUID, step: str) -> None:
    """Note that somebody saw a step."""
    await conn.execute(SEE, person_id, step)


async def put_away(conn: Connection, person_id: UUID, *, now: datetime) -> None:
    """Show the tour no more."""
    await conn.execute(PUT_AWAY, person_id, now)


async def begin_again(conn: Connection, person_id: UUID) -> None:
    """Show the tour as if nothing of it had been seen."""
    await conn.execute(BEGIN_AGAIN, person_id)


async def newest_practice(conn: Connection, workspace_id: UUID) -> Contest | None:
    """Find the practice contest of a workspace that was made last, of those that started."""
    return one(await conn.fetchrow(NEWEST_PRACTICE, workspace_id), Contest)
