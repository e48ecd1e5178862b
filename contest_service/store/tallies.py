"""Tallies: how many entrants of a contest are of a kind, and how many came when.

Kept by whoever writes verdicts, as rows of what became more or less, so that no request counts a
million entrants. `marks` are the verdicts of the conditions, a letter each, in the rules' order.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.store.rows import Connection, many

Kind = tuple[str, str, str, str]
"""Platform, state, reason and marks of an entrant."""
Arrival = tuple[str, int]
"""Platform and unix time of an entrant's first action, or the minute of it."""
_MINUTE = 60


class Tallied(msgspec.Struct, frozen=True, kw_only=True):
    """How many entrants there are of a kind, and the tickets that they hold."""

    platform: str
    state: EntrantState
    reason: str
    marks: str
    entrants: int
    tickets: int

    @property
    def kind(self) -> int:
        """As the entrants keep it."""
        return kind_of(self.platform, self.state, self.reason, self.marks)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became more or less by some verdicts, before it is written.

    By kind the entrants and tickets; by arrival the entrants.
    """

    kinds: list[tuple[str, str, str, str, int, int]]
    arrivals: list[tuple[str, int, int]]


class Counting:
    """Counts what verdicts change."""

    def __init__(self) -> None:
        self._entrants: Counter[Kind] = Counter()
        self._tickets: Counter[Kind] = Counter()
        self._arrivals: Counter[Arrival] = Counter()

    def add(self, kind: Kind, tickets: int, *, entrants: int = 1) -> None:
        """Count entrants who are of a kind now, each with so many tickets."""
        self._entrants[kind] += entrants
        self._tickets[kind] += tickets * entrants

    def take(self, kind: Kind, tickets: int) -> None:
        """Count an entrant who was of a kind before."""
        self._entrants[kind] -= 1
        self._tickets[kind] -= tickets

    def arrive(self, platform: str, at: int, *, entrants: int = 1) -> None:
        """Count entrants who were none before, by the unix time of their first action."""
        self._arrivals[platform, at // _MINUTE] += entrants

    @property
    def change(self) -> Change:
        return Change(
            kinds=[
                (*kind, count, self._tickets[kind])
                for kind, count in self._entrants.items()
                if count or self._tickets[kind]
            ],
            arrivals=[(*arrival, count) for arrival, count in self._arrivals.items()],
        )


def count(kinds: Mapping[tuple[Kind, int], int], arrivals: Mapping[Arrival, int]) -> Change:
    """What entrants who were none before change.

    So many are of each kind with so many tickets, and so many came at each time.
    """
    counting = Counting()
    for (kind, tickets), entrants in kinds.items():
        counting.add(kind, tickets, entrants=entrants)
    for (platform, at), entrants in arrivals.items():
        counting.arrive(platform, at, entrants=entrants)
    return counting.change


def platform_of(subject: str) -> str:
    """The platform of a subject as the draw protocol spells it; `import` for an imported entry."""
    if subject.startswith("did:"):
        return "bluesky"
    return subject.partition(":")[0].partition("@")[0]


@lru_cache(maxsize=4096)
def kind_of(platform: str, state: str, reason: str, marks: str) -> int:
    """A kind as the number that entrants keep; PostgreSQL has a function of the same name.

    Whoever is erased stays of the kind that they were counted as.
    """
    kind = "\n".join((platform, state, reason, marks)).encode()
    digest = hashlib.md5(kind, usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], signed=True)


ADD = """
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT $1, $2, t.* FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::bigint[]) AS t
"""
ADD_ARRIVALS = """
INSERT INTO entrant_arrivals (workspace_id, contest_id, platform, minute, entrants)
SELECT $1, $2, a.* FROM unnest($3::text[], $4::timestamptz[], $5::bigint[]) AS a
"""


async def add(conn: Connection, workspace_id: UUID, contest_id: UUID, change: Change) -> None:
    """Note a change in the transaction of the verdicts that made it."""
    if change.kinds:
        columns = map(list, zip(*change.kinds, strict=True))
        await conn.execute(ADD, workspace_id, contest_id, *columns)
    if change.arrivals:
        platforms, minutes, counts = zip(*change.arrivals, strict=True)
        times = [datetime.fromtimestamp(minute * _MINUTE, UTC) for minute in minutes]
        await conn.execute(
            ADD_ARRIVALS, workspace_id, contest_id, list(platforms), times, list(counts)
        )


OF_CONTEST = """
SELECT platform, state, reason, marks, sum(entrants)::bigint AS entrants,
    sum(tickets)::bigint AS tickets
FROM entrant_tallies WHERE workspace_id = $1 AND contest_id = $2
GROUP BY platform, state, reason, marks HAVING sum(entrants) <> 0
ORDER BY platform, state, reason, marks
"""


async def of_contest(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Tallied]:
    """All kinds of entrants of a contest, with how many of them there are."""
    return many(await conn.fetch(OF_CONTEST, workspace_id, contest_id), Tallied)


FOLD = """
WITH gone AS (DELETE FROM entrant_tallies WHERE workspace_id = $1 AND contest_id = $2
    RETURNING platform, state, reason, marks, entrants, tickets
), folded AS (INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks,
        entrants, tickets)
    SELECT $1, $2, platform, state, reason, marks, sum(entrants), sum(tickets) FROM gone
    GROUP BY platform, state, reason, marks HAVING sum(entrants) <> 0
    RETURNING entrants)
SELECT COALESCE(sum(entrants), 0)::bigint FROM folded
"""
FOLD_ARRIVALS = """
WITH gone AS (DELETE FROM entrant_arrivals WHERE workspace_id = $1 AND contest_id = $2
    RETURNING platform, minute, entrants)
INSERT INTO entrant_arrivals (workspace_id, contest_id, platform, minute, entrants)
SELECT $1, $2, platform, minute, sum(entrants) FROM gone GROUP BY platform, minute
"""


async def fold(conn: Connection, workspace_id: UUID, contest_id: UUID) -> int:
    """Make one row of all that say the same, and return how many entrants there are.

    Nobody else may fold the contest meanwhile.
    """
    await conn.execute(FOLD_ARRIVALS, workspace_id, contest_id)
    entrants: int = await conn.fetchval(FOLD, workspace_id, contest_id)
    return entrants


SPAN_OF = """
SELECT min(minute) AS first, max(minute) AS last, COALESCE(sum(entrants), 0)::bigint AS entrants
FROM entrant_arrivals WHERE workspace_id = $1 AND contest_id = $2
"""
ARRIVED = """
SELECT platform, date_bin($3::interval, minute, 'epoch') AS at, sum(entrants)::bigint AS entrants
FROM entrant_arrivals WHERE workspace_id = $1 AND contest_id = $2
GROUP BY 1, 2 ORDER BY 2, 1
"""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when entrants came, and how many."""

    first: datetime | None
    last: datetime | None
    entrants: int


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    at: datetime
    entrants: int


async def span_of(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Span:
    row = await conn.fetchrow(SPAN_OF, workspace_id, contest_id)
    return msgspec.convert(dict(row or {}), Span)


async def arrived(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, seconds: int
) -> list[Arrived]:
    """How many came by platform in each step of so many seconds in which anybody did."""
    rows = await conn.fetch(ARRIVED, workspace_id, contest_id, timedelta(seconds=seconds))
    return many(rows, Arrived)


def by_state(tallied: Iterable[Tallied]) -> Mapping[EntrantState, int]:
    """How many entrants are in which state."""
    found: Counter[EntrantState] = Counter()
    for each in tallied:
        found[each.state] += each.entrants
    return found
