"""The table of entrants: pages of rows in several orders, in both directions, each off one index.

What can be asked together is what an index answers: any page is a walk that begins at a row and
reads no more than it shows. Rows are without their records.
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
_FIRST_TEXT, _LAST_TEXT = "\x01", "\U0010ffff"
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
    instance: str = ""
    account: str = ""


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A page's length, and whether it lies before the row that it begins at, or behind it."""

    limit: int
    is_back: bool = False


_SCORE = """(SELECT s.score FROM entrant_signals s WHERE s.workspace_id = $1
        AND s.contest_id = $2 AND s.entrant_id = n.id) AS score"""
_COLUMNS = f"""n.id, COALESCE(n.subject, '') AS subject, n.label, n.state, n.reason, n.marks,
    n.tickets, n.judged_at, n.erased_at, {_SCORE}"""


def _both(statement: str) -> Both:
    """The statement with `<-` for the order of the page, and for its opposite."""
    onward = statement.replace("<-", "<").replace("DOWN", "DESC")
    return onward, statement.replace("<-", ">").replace("DOWN", "ASC")


NEWEST, NEWEST_BACK = _both(f"""
SELECT {_COLUMNS} FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id <- $3 ORDER BY n.id DOWN LIMIT $4
""")
OF_KINDS, OF_KINDS_BACK = _both(f"""
SELECT f.* FROM unnest($5::text[], $6::text[]) k (state, reason)
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state = k.state AND n.reason = k.reason
        AND n.id <- $3
    ORDER BY n.id DOWN LIMIT $4) f
ORDER BY f.id DOWN LIMIT $4
""")
OF_MARKS, OF_MARKS_BACK = _both(f"""
SELECT f.* FROM unnest($5::text[]) k (marks)
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.marks = k.marks
        AND n.state IN ('invalid', 'cannot_verify') AND n.id <- $3
    ORDER BY n.id DOWN LIMIT $4) f
ORDER BY f.id DOWN LIMIT $4
""")
# The page first, then its entrants one by one: a join could begin at the entrants.
BY_SCORE = f"""
SELECT n.* FROM (SELECT g.score AS placed, g.entrant_id FROM entrant_signals g
    WHERE g.workspace_id = $1 AND g.contest_id = $2 AND g.score >= $6
        AND (g.score, g.entrant_id) < ($5, $3)
    ORDER BY g.score DESC, g.entrant_id DESC LIMIT $4) g
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = g.entrant_id OFFSET 0) n
ORDER BY g.placed DESC, g.entrant_id DESC
"""
BY_SCORE_BACK = f"""
SELECT n.* FROM (SELECT g.score AS placed, g.entrant_id FROM entrant_signals g
    WHERE g.workspace_id = $1 AND g.contest_id = $2 AND (g.score, g.entrant_id) > ($5, $3)
    ORDER BY g.score, g.entrant_id LIMIT $4) g
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = g.entrant_id OFFSET 0) n
ORDER BY g.placed, g.entrant_id
"""
OF_PLATFORM, OF_PLATFORM_BACK = _both(f"""
SELECT n.*, x.instance, x.account FROM (SELECT x.instance, x.account, x.entrant_id
    FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.platform = $3
        AND (x.instance, x.account) <- ($5, $6)
    ORDER BY x.instance DOWN, x.account DOWN LIMIT $4) x
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = x.entrant_id OFFSET 0) n
ORDER BY x.instance DOWN, x.account DOWN
""")
# In byte order, as the index is; somebody without a name is in no order of names.
ONWARD_BY_LABEL = f"""
SELECT f.* FROM unnest($5::text[], $6::text[]) k (low, high)
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ k.low AND n.label ~<~ k.high
        AND (n.label ~>~ $7 OR n.id > $3)
    ORDER BY n.label USING ~<~, n.id LIMIT $4) f
ORDER BY f.label USING ~<~, f.id LIMIT $4
"""
BACK_BY_LABEL = f"""
SELECT f.* FROM unnest($5::text[], $6::text[]) k (low, high)
CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ k.low AND n.label ~<=~ k.high
        AND (n.label ~<~ $7 OR n.id < $3)
    ORDER BY n.label USING ~>~, n.id DESC LIMIT $4) f
ORDER BY f.label USING ~>~, f.id DESC LIMIT $4
"""


async def newest(
    conn: Connection, contest: Contest, *, start: UUID | None, walk: Walk
) -> list[Row]:
    """All entrants, newest first."""
    args = (_id(start, walk), walk.limit)
    return await _fetch(conn, contest, (NEWEST, NEWEST_BACK), *args, walk=walk)


async def of_kinds(
    conn: Connection,
    contest: Contest,
    kinds: Sequence[tuple[EntrantState, str]],
    *,
    start: UUID | None,
    walk: Walk,
) -> list[Row]:
    """Those of some states, each with one reason, newest first."""
    states, reasons = [state for state, _ in kinds], [reason for _, reason in kinds]
    args = (_id(start, walk), walk.limit, states, reasons)
    return await _fetch(conn, contest, (OF_KINDS, OF_KINDS_BACK), *args, walk=walk)


async def of_marks(
    conn: Connection, contest: Contest, marks: Sequence[str], *, start: UUID | None, walk: Walk
) -> list[Row]:
    """Those with some marks who do not count, newest first."""
    args = (_id(start, walk), walk.limit, list(marks))
    return await _fetch(conn, contest, (OF_MARKS, OF_MARKS_BACK), *args, walk=walk)


async def by_score(
    conn: Connection, contest: Contest, *, least: int, start: tuple[int, UUID] | None, walk: Walk
) -> list[Row]:
    """Those whose signals add up to so much at least, highest first."""
    first = (least, BEFORE_ALL) if walk.is_back else (101, AFTER_ALL)
    score, id_ = start or first
    if walk.is_back and score < least:
        score, id_ = first
    args = (id_, walk.limit, score) if walk.is_back else (id_, walk.limit, score, least)
    return await _fetch(conn, contest, (BY_SCORE, BY_SCORE_BACK), *args, walk=walk)


async def of_platform(
    conn: Connection, contest: Contest, platform: str, *, start: tuple[str, str] | None, walk: Walk
) -> list[Row]:
    """Those with an account of a platform, in the order of their accounts, the last first."""
    first = ("", "") if walk.is_back else (_LAST_TEXT, _LAST_TEXT)
    args = (platform, walk.limit, *(start or first))
    return await _fetch(conn, contest, (OF_PLATFORM, OF_PLATFORM_BACK), *args, walk=walk)


async def by_label(
    conn: Connection,
    contest: Contest,
    prefixes: Sequence[str],
    *,
    start: tuple[str, UUID] | None,
    walk: Walk,
) -> list[Row]:
    """Those whose names begin with one of some texts, in the order of names."""
    first = (_LAST_TEXT, AFTER_ALL) if walk.is_back else ("", BEFORE_ALL)
    label, id_ = start or first
    statements = (ONWARD_BY_LABEL, BACK_BY_LABEL)
    ranges = [(each or _FIRST_TEXT, each + _LAST_TEXT) for each in prefixes]
    # Texts compare here as their bytes do there.
    lows = [low if walk.is_back else max(low, label) for low, _ in ranges]
    highs = [min(high, label) if walk.is_back else high for _, high in ranges]
    args = (id_, walk.limit, lows, highs, label)
    return await _fetch(conn, contest, statements, *args, walk=walk)


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
    args = ([each or _FIRST_TEXT for each in prefixes], MOST_COUNTED + 1, _LAST_TEXT)
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
