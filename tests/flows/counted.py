"""Whether entrants keep the kinds that they are of, and the tallies say how many are of each."""

from typing import Any

_OTHERS = """
SELECT id, subject, state, reason, marks FROM entrants
WHERE erased_at IS NULL AND kind <> kind_of(platform_of(subject), state, reason, marks)
"""
_MISCOUNTED = """
WITH kept AS (
    SELECT contest_id, kind, count(*) AS entrants, sum(tickets) AS tickets
    FROM entrants GROUP BY 1, 2
), told AS (
    SELECT contest_id, kind_of(platform, state, reason, marks) AS kind, sum(entrants) AS entrants,
        sum(tickets) AS tickets
    FROM entrant_tallies GROUP BY 1, 2 HAVING sum(entrants) <> 0 OR sum(tickets) <> 0
)
SELECT contest_id, kind, kept.entrants, kept.tickets, told.entrants, told.tickets
FROM kept FULL JOIN told USING (contest_id, kind)
WHERE (kept.entrants, kept.tickets) IS DISTINCT FROM (told.entrants, told.tickets)
"""


async def require_counted(conn: Any) -> None:
    """Fail with the entrants of another kind than they keep, and with the tallies that are wrong.

    Whoever was erased is counted as before, though nobody knows their platform any more.
    """
    for statement in (_OTHERS, _MISCOUNTED):
        assert [tuple(row) for row in await conn.fetch(statement)] == []
