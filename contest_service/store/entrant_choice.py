"""Entrants by several things at once, in the order of their ids, of names or of scores.

The tallies say beforehand of which kinds there are any, and how many. By id, each kind is one walk
off an index. In another order few are collected by their kinds and sorted; of many the index of the
order is walked, past those that do not fit, but never past more than `MOST_LOOKED_AT`: then the
page ends there, and the next one begins behind.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store.contests import Contest
from contest_service.store.entrant_table import COLUMNS, LAST_TEXT, Row, Walk
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, many

MOST_COLLECTED = 2_000
"""Entrants of some kinds that are sorted."""
MOST_LOOKED_AT = 10_000
"""Entrants that are walked past for one page."""

Kind = tuple[EntrantState, str, str]
"""State, reason and platform."""
ByLabel = tuple[str, UUID]
ByScore = tuple[int, UUID]


class Fits(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a page is to hold; what is None or empty is not asked.

    `marks` are some patterns, and then only of those who do not count; `least` is of the score.
    """

    state: EntrantState | None = None
    reason: str = ""
    platform: str = ""
    marks: Sequence[str] | None = None
    least: int = 0


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Names from `low` on, and before `high`, by their bytes."""

    low: str
    high: str


def _ways(statement: str) -> tuple[str, str]:
    """The statement for the page's own order, and for its opposite."""
    onward = {"<-": "<", "DOWN": "DESC", "->": ">", "~~>": "~>~", "~~<": "~<~", "UP": "ASC"}
    back = {"<-": ">", "DOWN": "ASC", "->": "<", "~~>": "~<~", "~~<": "~>~", "UP": "DESC"}
    return _replaced(statement, onward), _replaced(statement, back)


def _replaced(statement: str, words: dict[str, str]) -> str:
    for word, instead in words.items():
        statement = statement.replace(word, instead)
    return statement


_FIT = """($5::text IS NULL OR n.state = $5) AND ($6::text IS NULL OR n.reason = $6)
    AND ($7::text IS NULL OR platform_of(n.subject) = $7)
    AND ($8::text[] IS NULL
        OR n.marks = ANY ($8) AND n.state IN ('invalid', 'cannot_verify'))
    AND ($9::integer = 0 OR (SELECT s.score FROM entrant_signals s WHERE s.workspace_id = $1
        AND s.contest_id = $2 AND s.entrant_id = n.id) >= $9)"""
_RAW = "n.id, n.subject, n.label, n.state, n.reason, n.marks, n.tickets, n.judged_at, n.erased_at"
_OF_KIND = """n.workspace_id = $1 AND n.contest_id = $2 AND n.state = k.state
    AND n.reason = k.reason AND platform_of(n.subject) = k.platform"""

# By id -------------------------------------------------------------------------------------------

OF_KINDS, OF_KINDS_BACK = _ways(f"""
SELECT f.* FROM unnest($10::text[], $11::text[], $12::text[]) k (state, reason, platform)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n WHERE {_OF_KIND} AND n.id <- $3 AND {_FIT}
    ORDER BY n.id DOWN LIMIT $4) f
ORDER BY f.id DOWN LIMIT $4
""")
OF_MARKS, OF_MARKS_BACK = _ways(f"""
SELECT f.* FROM unnest($10::text[], $11::text[]) k (marks, platform)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.marks = k.marks
        AND platform_of(n.subject) = k.platform AND n.state IN ('invalid', 'cannot_verify')
        AND n.id <- $3 AND {_FIT}
    ORDER BY n.id DOWN LIMIT $4) f
ORDER BY f.id DOWN LIMIT $4
""")


async def of_kinds(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    kinds: Sequence[Kind],
    start: UUID | None,
    walk: Walk,
) -> list[Row]:
    """Those of some kinds who fit, newest first."""
    args = (_id(start, walk), walk.limit, *_asked(fits), *_columns(kinds, 3))
    return await _rows(conn, contest, (OF_KINDS, OF_KINDS_BACK)[walk.is_back], args)


async def of_marks(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    marks: Sequence[tuple[str, str]],
    start: UUID | None,
    walk: Walk,
) -> list[Row]:
    """Those with some marks, each on a platform, who do not count and fit, newest first."""
    args = (_id(start, walk), walk.limit, *_asked(fits), *_columns(marks, 2))
    return await _rows(conn, contest, (OF_MARKS, OF_MARKS_BACK)[walk.is_back], args)


# Few, sorted -------------------------------------------------------------------------------------

FEW_LABELS, FEW_LABELS_BACK = _ways(f"""
SELECT {COLUMNS} FROM (SELECT n.*
    FROM unnest($10::text[], $11::text[], $12::text[]) k (state, reason, platform)
    CROSS JOIN LATERAL (SELECT {_RAW} FROM entrants n WHERE {_OF_KIND} AND {_FIT} OFFSET 0) n
    WHERE EXISTS (SELECT FROM unnest($13::text[], $14::text[]) s (low, high)
            WHERE n.label ~>=~ s.low AND n.label ~<~ s.high)
        AND (n.label ~~> $15 OR n.label = $15 AND n.id -> $3)
    ORDER BY n.label USING ~~<, n.id UP LIMIT $4) n
ORDER BY n.label USING ~~<, n.id UP LIMIT $4
""")
FEW_SCORES, FEW_SCORES_BACK = _ways(f"""
SELECT n.* FROM unnest($10::text[], $11::text[], $12::text[]) k (state, reason, platform)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n WHERE {_OF_KIND} AND {_FIT} OFFSET 0) n
WHERE n.score >= $9 AND (n.score, n.id) <- ($13, $3)
ORDER BY n.score DOWN, n.id DOWN LIMIT $4
""")
COUNT_FEW = f"""
SELECT count(*) FROM unnest($10::text[], $11::text[], $12::text[]) k (state, reason, platform)
CROSS JOIN LATERAL (SELECT n.label FROM entrants n
    WHERE {_OF_KIND} AND n.id > $3 AND {_FIT} LIMIT $4) n
WHERE EXISTS (SELECT FROM unnest($13::text[], $14::text[]) s (low, high)
    WHERE n.label ~>=~ s.low AND n.label ~<~ s.high)
"""


async def few_by_label(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    kinds: Sequence[Kind],
    spans: Sequence[Span],
    start: ByLabel | None,
    walk: Walk,
) -> list[Row]:
    """Those of some kinds, of whom there are few, who fit, in the order of their names."""
    label, id_ = start or ((LAST_TEXT, AFTER_ALL) if walk.is_back else ("", BEFORE_ALL))
    args = (id_, walk.limit, *_asked(fits), *_columns(kinds, 3), *_ends(spans), label)
    return await _rows(conn, contest, (FEW_LABELS, FEW_LABELS_BACK)[walk.is_back], args)


async def few_by_score(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    kinds: Sequence[Kind],
    start: ByScore | None,
    walk: Walk,
) -> list[Row]:
    """Those of some kinds, of whom there are few, who fit, the highest score first."""
    score, id_ = start or ((-1, BEFORE_ALL) if walk.is_back else (101, AFTER_ALL))
    args = (id_, walk.limit, *_asked(fits), *_columns(kinds, 3), score)
    return await _rows(conn, contest, (FEW_SCORES, FEW_SCORES_BACK)[walk.is_back], args)


async def count_few(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    kinds: Sequence[Kind],
    spans: Sequence[Span],
) -> int:
    """How many of some kinds, of whom there are few, fit and have such names."""
    args = (BEFORE_ALL, MOST_COLLECTED, *_asked(fits), *_columns(kinds, 3), *_ends(spans))
    key = (contest.workspace_id, contest.id)
    return int(await conn.fetchval(COUNT_FEW, *key, *args))


# Many, walked past -------------------------------------------------------------------------------

# The rows that are looked at come without their scores, which only those of the page are asked for.
MANY_LABELS, MANY_LABELS_BACK = _ways(f"""
SELECT {COLUMNS} FROM (SELECT {_RAW} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ $10 AND n.label ~<~ $11
        AND (n.label ~~> $12 OR n.id -> $3)
    ORDER BY n.label USING ~~<, n.id UP LIMIT $13) n
WHERE {_FIT}
ORDER BY n.label USING ~~<, n.id UP LIMIT $4
""")
LABEL_AT, LABEL_AT_BACK = _ways("""
SELECT n.label, n.id FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ $5 AND n.label ~<~ $6
    AND (n.label ~~> $7 OR n.id -> $3)
ORDER BY n.label USING ~~<, n.id UP LIMIT 1 OFFSET $4
""")
MANY_SCORES, MANY_SCORES_BACK = _ways(f"""
SELECT n.* FROM (SELECT g.score AS placed, g.entrant_id FROM entrant_signals g
    WHERE g.workspace_id = $1 AND g.contest_id = $2 AND g.score >= $9
        AND (g.score, g.entrant_id) <- ($10, $3)
    ORDER BY g.score DOWN, g.entrant_id DOWN LIMIT $11) g
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = g.entrant_id AND {_FIT} OFFSET 0) n
ORDER BY g.placed DOWN, g.entrant_id DOWN LIMIT $4
""")
SCORE_AT, SCORE_AT_BACK = _ways("""
SELECT g.score, g.entrant_id AS id FROM entrant_signals g
WHERE g.workspace_id = $1 AND g.contest_id = $2 AND g.score >= $6
    AND (g.score, g.entrant_id) <- ($5, $3)
ORDER BY g.score DOWN, g.entrant_id DOWN LIMIT 1 OFFSET $4
""")


async def many_by_label(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    span: Span,
    start: ByLabel | None,
    walk: Walk,
) -> tuple[list[Row], ByLabel | None]:
    """Those with names of a span who fit, in the order of names, and up to where was looked.

    The latter is None where the page is full, or the span was looked through.
    """
    label, id_ = start or ((LAST_TEXT, AFTER_ALL) if walk.is_back else ("", BEFORE_ALL))
    # Texts compare here as their bytes do there.
    low = span.low if walk.is_back else max(span.low, label)
    high = min(span.high, label + "\x01") if walk.is_back else span.high
    key = (contest.workspace_id, contest.id)
    args = (id_, walk.limit, *_asked(fits), low, high, label, MOST_LOOKED_AT)
    rows = await _rows(conn, contest, (MANY_LABELS, MANY_LABELS_BACK)[walk.is_back], args)
    if len(rows) >= walk.limit:
        return rows, None
    statement = (LABEL_AT, LABEL_AT_BACK)[walk.is_back]
    at = await conn.fetchrow(statement, *key, id_, MOST_LOOKED_AT - 1, low, high, label)
    return rows, None if at is None else (at["label"], at["id"])


async def many_by_score(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    start: ByScore | None,
    walk: Walk,
) -> tuple[list[Row], ByScore | None]:
    """Those who fit, the highest score first, and up to where was looked, as `many_by_label`."""
    score, id_ = start or ((-1, BEFORE_ALL) if walk.is_back else (101, AFTER_ALL))
    key = (contest.workspace_id, contest.id)
    args = (id_, walk.limit, *_asked(fits), score, MOST_LOOKED_AT)
    rows = await _rows(conn, contest, (MANY_SCORES, MANY_SCORES_BACK)[walk.is_back], args)
    if len(rows) >= walk.limit:
        return rows, None
    statement = (SCORE_AT, SCORE_AT_BACK)[walk.is_back]
    at = await conn.fetchrow(statement, *key, id_, MOST_LOOKED_AT - 1, score, fits.least)
    return rows, None if at is None else (at["score"], at["id"])


def _asked(fits: Fits) -> tuple[Any, ...]:
    marks = None if fits.marks is None else list(fits.marks)
    return (fits.state, fits.reason or None, fits.platform or None, marks, fits.least)


def _columns(rows: Sequence[tuple[str, ...]], width: int) -> list[list[str]]:
    return [[row[place] for row in rows] for place in range(width)]


def _ends(spans: Sequence[Span]) -> tuple[list[str], list[str]]:
    return [each.low for each in spans], [each.high for each in spans]


def _id(start: UUID | None, walk: Walk) -> UUID:
    return start or (BEFORE_ALL if walk.is_back else AFTER_ALL)


async def _rows(
    conn: Connection, contest: Contest, statement: str, args: tuple[Any, ...]
) -> list[Row]:
    """The rows of a page, in the direction in which it was walked."""
    return many(await conn.fetch(statement, contest.workspace_id, contest.id, *args), Row)
