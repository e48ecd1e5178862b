"""Entrants by several things at once, in the order of their ids, of names or of scores.

The tallies say beforehand which kinds fit, and how many are of each. By id, each kind is one walk
off an index, as long as these walks take no more than `MOST_WALKED` ids; beyond, so many fit that
one walk along all ids soon has a page full. In another order few are collected by their kinds and
sorted; of many the index of the order is walked. A walk past those that do not fit never looks at
more than `MOST_LOOKED_AT`: then the page ends there, and the next one begins behind.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.entrant_table import COLUMNS, LAST_TEXT, Row, Walk
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, many
from contest_service.store.tallies import Tallied

MOST_COLLECTED = 2_000
"""Entrants of some kinds that are sorted."""
MOST_WALKED = 10_000
"""Ids that are taken by kinds for one page."""
MOST_LOOKED_AT = 10_000
"""Entrants that are walked past for one page."""

ByLabel = tuple[str, UUID]
ByScore = tuple[int, UUID]


class Fits(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a page is to hold: all kinds if they are None, and any score if `least` is 0."""

    kinds: Sequence[Tallied] | None = None
    least: int = 0

    @property
    def numbers(self) -> list[int] | None:
        return None if self.kinds is None else [each.kind for each in self.kinds]

    @property
    def are_few(self) -> bool:
        """Whether those of the kinds can be collected and sorted."""
        return (
            self.kinds is not None and sum(each.entrants for each in self.kinds) <= MOST_COLLECTED
        )

    def are_walked(self, limit: int) -> bool:
        """Whether a page of so many by id is found by a walk for each kind."""
        return (
            self.kinds is not None
            and sum(min(each.entrants, limit) for each in self.kinds) <= MOST_WALKED
        )


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


_OF_KIND = "n.workspace_id = $1 AND n.contest_id = $2 AND n.kind = k.kind"
_SCORED = """($6::integer = 0 OR (SELECT s.score FROM entrant_signals s WHERE s.workspace_id = $1
        AND s.contest_id = $2 AND s.entrant_id = n.id) >= $6)"""
# The kinds become a hash: there may be thousands.
_FIT = f"""($5::bigint[] IS NULL OR n.kind IN (SELECT unnest($5::bigint[]))) AND {_SCORED}"""
_RAW = """n.id, n.subject, n.label, n.state, n.reason, n.marks, n.kind, n.tickets, n.judged_at,
    n.erased_at"""

# By id -------------------------------------------------------------------------------------------

OF_KINDS, OF_KINDS_BACK = _ways(f"""
SELECT f.id FROM unnest($5::bigint[]) k (kind)
CROSS JOIN LATERAL (SELECT n.id FROM entrants n WHERE {_OF_KIND} AND n.id <- $3 AND {_SCORED}
    ORDER BY n.id DOWN LIMIT $4) f
ORDER BY f.id DOWN LIMIT $4
""")
# With the last one that is looked at, whether they fit or not.
MANY_IDS, MANY_IDS_BACK = _ways(f"""
SELECT n.id, n.fits, n.place FROM (
    SELECT n.id, {_FIT} AS fits, row_number() OVER (ORDER BY n.id DOWN) AS place FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id <- $3 ORDER BY n.id DOWN LIMIT $7) n
WHERE n.fits OR n.place = $7
ORDER BY n.id DOWN LIMIT $4
""")


async def by_id(
    conn: Connection,
    key: tuple[UUID, UUID],
    fits: Fits,
    *,
    start: UUID | None,
    walk: Walk,
) -> tuple[list[UUID], UUID | None]:
    """Ids of those of a contest who fit, the newest first, and up to where was looked.

    The latter is None where the page is full, or all were looked at. `key` is the ids of workspace
    and contest.
    """
    args = (start or (BEFORE_ALL if walk.is_back else AFTER_ALL), walk.limit)
    if fits.are_walked(walk.limit):
        statement = (OF_KINDS, OF_KINDS_BACK)[walk.is_back]
        return [row["id"] for row in await conn.fetch(statement, *key, *args, *_asked(fits))], None
    statement = (MANY_IDS, MANY_IDS_BACK)[walk.is_back]
    rows = await conn.fetch(statement, *key, *args, *_asked(fits), MOST_LOOKED_AT)
    ids = [row["id"] for row in rows if row["fits"]]
    is_cut = len(ids) < walk.limit and rows and rows[-1]["place"] == MOST_LOOKED_AT
    return ids, rows[-1]["id"] if is_cut else None


# Few, sorted -------------------------------------------------------------------------------------

# How many are of a kind only the tallies know: to the planner any kind may be a large part of all,
# and only by the bound is it sure to walk the index.
FEW_LABELS, FEW_LABELS_BACK = _ways(f"""
SELECT {COLUMNS} FROM (SELECT n.* FROM unnest($5::bigint[]) k (kind)
    CROSS JOIN LATERAL (SELECT {_RAW} FROM entrants n WHERE {_OF_KIND} AND {_SCORED}
        ORDER BY n.id LIMIT $10) n
    WHERE EXISTS (SELECT FROM unnest($7::text[], $8::text[]) s (low, high)
            WHERE n.label ~>=~ s.low AND n.label ~<~ s.high)
        AND (n.label ~~> $9 OR n.label = $9 AND n.id -> $3)
    ORDER BY n.label USING ~~<, n.id UP LIMIT $4) n
ORDER BY n.label USING ~~<, n.id UP LIMIT $4
""")
FEW_SCORES, FEW_SCORES_BACK = _ways(f"""
SELECT n.* FROM unnest($5::bigint[]) k (kind)
CROSS JOIN LATERAL (SELECT {COLUMNS} FROM entrants n WHERE {_OF_KIND} AND {_SCORED}
    ORDER BY n.id LIMIT $8) n
WHERE n.score >= $6 AND (n.score, n.id) <- ($7, $3)
ORDER BY n.score DOWN, n.id DOWN LIMIT $4
""")
COUNT_FEW = f"""
SELECT count(*) FROM unnest($5::bigint[]) k (kind)
CROSS JOIN LATERAL (SELECT n.label FROM entrants n
    WHERE {_OF_KIND} AND n.id > $3 AND {_SCORED} ORDER BY n.id LIMIT $4) n
WHERE EXISTS (SELECT FROM unnest($7::text[], $8::text[]) s (low, high)
    WHERE n.label ~>=~ s.low AND n.label ~<~ s.high)
"""


async def few_by_label(
    conn: Connection,
    contest: Contest,
    fits: Fits,
    *,
    spans: Sequence[Span],
    start: ByLabel | None,
    walk: Walk,
) -> list[Row]:
    """Those who fit, of whom there are few, in the order of their names."""
    label, id_ = start or ((LAST_TEXT, AFTER_ALL) if walk.is_back else ("", BEFORE_ALL))
    args = (id_, walk.limit, *_asked(fits), *_ends(spans), label, MOST_COLLECTED)
    return await _rows(conn, contest, (FEW_LABELS, FEW_LABELS_BACK)[walk.is_back], args)


async def few_by_score(
    conn: Connection, contest: Contest, fits: Fits, *, start: ByScore | None, walk: Walk
) -> list[Row]:
    """Those who fit, of whom there are few, the highest score first."""
    score, id_ = start or ((-1, BEFORE_ALL) if walk.is_back else (101, AFTER_ALL))
    args = (id_, walk.limit, *_asked(fits), score, MOST_COLLECTED)
    return await _rows(conn, contest, (FEW_SCORES, FEW_SCORES_BACK)[walk.is_back], args)


async def count_few(
    conn: Connection, contest: Contest, fits: Fits, *, spans: Sequence[Span]
) -> int:
    """How many fit, of whom there are few, and have such names."""
    args = (BEFORE_ALL, MOST_COLLECTED, *_asked(fits), *_ends(spans))
    return int(await conn.fetchval(COUNT_FEW, contest.workspace_id, contest.id, *args))


# Many, walked past -------------------------------------------------------------------------------

# The rows that are looked at come without their scores, which only those of the page are asked for.
MANY_LABELS, MANY_LABELS_BACK = _ways(f"""
SELECT {COLUMNS} FROM (SELECT {_RAW} FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.label ~>=~ $7 AND n.label ~<~ $8
        AND (n.label ~~> $9 OR n.id -> $3)
    ORDER BY n.label USING ~~<, n.id UP LIMIT $10) n
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
    WHERE g.workspace_id = $1 AND g.contest_id = $2 AND g.score >= $6
        AND (g.score, g.entrant_id) <- ($7, $3)
    ORDER BY g.score DOWN, g.entrant_id DOWN LIMIT $8) g
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
    """Those with names of a span who fit, in the order of names, and up to where was looked, as
    `by_id`."""
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
    """Those who fit, the highest score first, and up to where was looked, as `by_id`."""
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
    return (fits.numbers, fits.least)


def _ends(spans: Sequence[Span]) -> tuple[list[str], list[str]]:
    return [each.low for each in spans], [each.high for each in spans]


async def _rows(
    conn: Connection, contest: Contest, statement: str, args: tuple[Any, ...]
) -> list[Row]:
    """The rows of a page, in the direction in which it was walked."""
    return many(await conn.fetch(statement, contest.workspace_id, contest.id, *args), Row)
