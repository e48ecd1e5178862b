"""The table of entrants: its rows, all of them newest first, and how many have a name or a score.

Rows are without their records. What of it is chosen is `entrant_choice`'s.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store.contests import Contest
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, many

Both = tuple[str, str]
"""A statement that walks on, and the one that walks back."""
MOST_COUNTED = 10_000
FIRST_TEXT, LAST_TEXT = "\x01", "\U0010ffff"
"""Before every text but the empty one in byte order, and behind every one."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant as a row of the table. `score` is null where nobody measured."""

    id: UUID
    subject: str
    label: str
    state: EntrantState
    reason: str
    marks: str
    tickets: int
    judged_at: datetime
    erased_at: datetime | None
    score: int | None


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A page's length, and whether it lies before the row that it begins at, or behind it."""

    limit: int
    is_back: bool = False


_SCORE = """(SELECT s.score FROM entrant_signals s WHERE s.workspace_id = $1
        AND s.contest_id = $2 AND s.entrant_id = n.id) AS score"""
COLUMNS = f"""n.id, COALESCE(n.subject, '') AS subject, n.label, n.state, n.reason, n.marks,
    n.tickets, n.judged_at, n.erased_at, {_SCORE}"""


def _both(statement: str) -> Both:
    """The statement with `<-` for the order of the page, and for its opposite."""
    onward = statement.replace("<-", "<").replace("DOWN", "DESC")
    return onward, statement.replace("<-", ">").replace("DOWN", "ASC")


NEWEST, NEWEST_BACK = _both(f"""
SELECT {COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id <- $3 ORDER BY n.id DOWN LIMIT $4
""")
OF_IDS = f"""
SELECT n.* FROM unnest($3::uuid[]) k (id)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = k.id OFFSET 0) n
ORDER BY n.id
"""


async def of_ids(conn: Connection, contest: Contest, ids: Sequence[UUID]) -> list[Row]:
    """Some entrants, by their ids; who is none of the contest's is missing."""
    rows = await conn.fetch(OF_IDS, contest.workspace_id, contest.id, list(ids))
    return many(rows, Row)


async def labels(conn: Connection, contest: Contest, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What some entrants are called; empty for who was erased."""
    return {each.id: each.label or each.subject for each in await of_ids(conn, contest, ids)}


async def newest(
    conn: Connection, contest: Contest, *, start: UUID | None, walk: Walk
) -> list[Row]:
    """All entrants, newest first."""
    args = (_id(start, walk), walk.limit)
    return await _fetch(conn, contest, (NEWEST, NEWEST_BACK), *args, walk=walk)


COUNT_SCORED = """
SELECT count(*) FROM (SELECT FROM entrant_signals
    WHERE workspace_id = $1 AND contest_id = $2 AND score >= $3 LIMIT $4) f
"""
COUNT_NAMED = """
SELECT count(*) FROM unnest($3::text[]) k (prefix)
CROSS JOIN LATERAL (SELECT FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ k.prefix
        AND n.label ~<~ (k.prefix || $5) LIMIT $4) f
"""


async def count_scored(conn: Connection, contest: Contest, *, least: int) -> int:
    """How many have such a score; counted up to `MOST_COUNTED` and one."""
    key = (contest.workspace_id, contest.id)
    found: int = await conn.fetchval(COUNT_SCORED, *key, least, MOST_COUNTED + 1)
    return found


async def count_named(conn: Connection, contest: Contest, prefixes: Sequence[str]) -> int:
    """How many have such a name; counted up to `MOST_COUNTED` and one of each text."""
    key = (contest.workspace_id, contest.id)
    args = ([each or FIRST_TEXT for each in prefixes], MOST_COUNTED + 1, LAST_TEXT)
    found: int = await conn.fetchval(COUNT_NAMED, *key, *args)
    return found


def _id(start: UUID | None, walk: Walk) -> UUID:
    return start or (BEFORE_ALL if walk.is_back else AFTER_ALL)


async def _fetch(
    conn: Connection, contest: Contest, statements: Both, *args: Any, walk: Walk
) -> list[Row]:
    """The rows of a page in the page's own order, whichever way it was walked."""
    statement = statements[walk.is_back]
    rows = many(await conn.fetch(statement, contest.workspace_id, contest.id, *args), Row)
    return rows[::-1] if walk.is_back else rows
