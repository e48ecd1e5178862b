"""Fraud signals as they were measured, an entrant a row, and what a workspace makes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.domain.signals import scores
from contest_service.domain.signals.base import Facts
from contest_service.store import tallies
from contest_service.store.contests import Contest
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, one

_facts = msgspec.json.Decoder(dict[str, dict[str, int]])


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """From which score on a workspace has accounts flagged, and how much each signal weighs."""

    threshold: int = scores.THRESHOLD
    weights: dict[str, int] = {}

    @property
    def in_order(self) -> list[int]:
        """The weights in the order of the signals."""
        return scores.in_order(self.weights)


SETTINGS = "SELECT threshold, weights FROM signal_settings WHERE workspace_id = $1"
CHANGE_SETTINGS = """
INSERT INTO signal_settings (workspace_id, threshold, weights, changed_by, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id) DO UPDATE
SET threshold = excluded.threshold, weights = excluded.weights,
    changed_by = excluded.changed_by, changed_at = excluded.changed_at
"""


async def settings(conn: Connection, workspace_id: UUID) -> Settings:
    """A workspace's settings; the defaults where nobody changed them."""
    return one(await conn.fetchrow(SETTINGS, workspace_id), Settings) or Settings()


async def change_settings(
    conn: Connection, workspace_id: UUID, changed: Settings, *, person_id: UUID | None, at: datetime
) -> None:
    await conn.execute(
        CHANGE_SETTINGS, workspace_id, changed.threshold, changed.weights, person_id, at
    )


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """When a contest was measured last, by which weights, and how many accounts that were."""

    version: int
    weights: list[int]
    accounts: int
    measured_at: datetime
    seconds: float


RUN = """
SELECT version, weights, accounts, measured_at, seconds FROM signal_runs
WHERE workspace_id = $1 AND contest_id = $2
"""
NOTE_RUN = """
INSERT INTO signal_runs (workspace_id, contest_id, version, weights, accounts, measured_at, seconds)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (workspace_id, contest_id) DO UPDATE
SET version = excluded.version, weights = excluded.weights, accounts = excluded.accounts,
    measured_at = excluded.measured_at, seconds = excluded.seconds
"""
RUNNING = """
SELECT id FROM contests WHERE workspace_id = $1 AND status IN ('running', 'closing') ORDER BY id
"""


async def run_of(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Run | None:
    return one(await conn.fetchrow(RUN, workspace_id, contest_id), Run)


async def note_run(conn: Connection, contest: Contest, run: Run) -> None:
    await conn.execute(
        NOTE_RUN,
        contest.workspace_id,
        contest.id,
        run.version,
        run.weights,
        run.accounts,
        run.measured_at,
        run.seconds,
    )


async def running(conn: Connection, workspace_id: UUID) -> list[UUID]:
    """Contests whose entrants are measured again and again."""
    return [row["id"] for row in await conn.fetch(RUNNING, workspace_id)]


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one entrant, on its way into the table."""

    entrant_id: UUID
    score: int
    strengths: tuple[int, ...]
    facts: Mapping[str, Facts]
    age_days: int | None


# What did not change is not written again.
WRITE = """
INSERT INTO entrant_signals AS s (workspace_id, contest_id, entrant_id, score, strengths, facts,
    age_days, measured_at)
SELECT $1, $2, v.entrant_id, v.score, v.strengths::smallint[], v.facts, v.age_days, $3
FROM unnest($4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::integer[])
    AS v (entrant_id, score, strengths, facts, age_days)
ON CONFLICT (workspace_id, contest_id, entrant_id) DO UPDATE
SET score = excluded.score, strengths = excluded.strengths, facts = excluded.facts,
    age_days = excluded.age_days, measured_at = excluded.measured_at
WHERE (s.score, s.strengths, s.facts, s.age_days)
    IS DISTINCT FROM (excluded.score, excluded.strengths, excluded.facts, excluded.age_days)
"""


async def write(
    conn: Connection, contest: Contest, measured: Sequence[Measurement], *, at: datetime
) -> None:
    """Write what was measured, each entrant once."""
    await conn.execute(
        WRITE,
        contest.workspace_id,
        contest.id,
        at,
        [each.entrant_id for each in measured],
        [each.score for each in measured],
        [f"{{{','.join(map(str, each.strengths))}}}" for each in measured],
        [msgspec.json.encode(each.facts, order="deterministic").decode() for each in measured],
        [each.age_days for each in measured],
    )


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant with their score, what it adds up from, and whether they are held."""

    entrant_id: UUID
    subject: str
    label: str
    state: EntrantState
    score: int
    strengths: list[int]
    facts: dict[str, dict[str, int]]
    is_held: bool
    measured_at: datetime


COLUMNS = """s.entrant_id, COALESCE(n.subject, '') AS subject, n.label, n.state, s.strengths,
    s.facts, s.measured_at, (SELECT true FROM quarantines q
        WHERE q.workspace_id = $1 AND q.contest_id = $2 AND q.entrant_id = s.entrant_id
            AND q.released_at IS NULL) IS TRUE AS is_held"""
# In the order of the index, and each entrant by their key: statistics cannot make it a sort of all.
LIST = f"""
SELECT s.score, {COLUMNS} FROM entrant_signals s
CROSS JOIN LATERAL (SELECT n.subject, n.label, n.state FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = s.entrant_id
        AND ($7::text IS NULL OR n.state = $7)
    OFFSET 0) n
WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.score >= $3
    AND (s.score, s.entrant_id) < ($4, $5)
    AND ($6::integer IS NULL OR s.strengths[$6] > 0)
ORDER BY s.score DESC, s.entrant_id DESC LIMIT $8
"""
READ = f"""
SELECT s.score, {COLUMNS} FROM entrant_signals s
JOIN entrants n ON n.workspace_id = s.workspace_id AND n.contest_id = s.contest_id
    AND n.id = s.entrant_id
WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.entrant_id = $3
"""


class Seek(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of scores begins: behind this entrant with this score."""

    score: int = 101
    entrant_id: UUID = AFTER_ALL


async def list_page(
    conn: Connection,
    contest: Contest,
    *,
    at_least: int,
    signal: str | None,
    state: EntrantState | None,
    after: Seek,
    limit: int,
) -> list[Scored]:
    """List entrants by their scores, highest first."""
    place = None if signal is None else _place(signal)
    args = (at_least, after.score, after.entrant_id, place, state, limit)
    rows = await conn.fetch(LIST, contest.workspace_id, contest.id, *args)
    return [_scored(row) for row in rows]


async def read(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> Scored | None:
    row = await conn.fetchrow(READ, workspace_id, contest_id, entrant_id)
    return None if row is None else _scored(row)


def _place(signal: str) -> int:
    """A signal's place in stored strengths, from 1."""
    return list(scores.BY_NAME).index(signal) + 1


def _scored(row: Any) -> Scored:
    return msgspec.convert({**dict(row), "facts": _facts.decode(row["facts"])}, Scored)


# What if ------------------------------------------------------------------------------------------

FALLING = f"""
SELECT signal_score(s.strengths, $3::smallint[]) AS score, {COLUMNS} FROM entrant_signals s
JOIN entrants n ON n.workspace_id = s.workspace_id AND n.contest_id = s.contest_id
    AND n.id = s.entrant_id AND n.state = 'valid'
WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.entrant_id > $5 AND s.facts <> '{{}}'
    AND signal_score(s.strengths, $3::smallint[]) >= $4
ORDER BY s.entrant_id LIMIT $6
"""


async def falling(
    conn: Connection,
    contest: Contest,
    *,
    weights: Sequence[int],
    threshold: int,
    after: UUID | None,
    limit: int,
) -> list[Scored]:
    """List who counts now and would not, if all from a threshold on were held, by their ids."""
    args = (weights, threshold, after or BEFORE_ALL, limit)
    rows = await conn.fetch(FALLING, contest.workspace_id, contest.id, *args)
    return [_scored(row) for row in rows]


class Fall(msgspec.Struct, frozen=True, kw_only=True):
    """How many count now, and how many of them would fall by a threshold.

    Of all entrants `unmeasured` have no score. `signals` is how many of the falling each signal
    says something about; `new` are accounts that were younger than so many days at the opening.
    """

    valid: int
    unmeasured: int
    falling: int
    new: int
    new_falling: int
    signals: dict[str, int]


_SIGNAL_COUNTS = ", ".join(
    f"count(*) FILTER (WHERE m.falls AND m.strengths[{place}] > 0) AS {name}"
    for place, name in enumerate(scores.BY_NAME, 1)
)
# Most stand out in nothing and are not new: of them nothing has to be looked up or computed.
COUNT_FALLING = f"""
WITH chosen AS (
    SELECT s.strengths, s.age_days,
        s.facts <> '{{}}' AND signal_score(s.strengths, $3::smallint[]) >= $4 AS falls
    FROM entrant_signals s
    JOIN entrants n ON n.workspace_id = s.workspace_id AND n.contest_id = s.contest_id
        AND n.id = s.entrant_id AND n.state = 'valid'
    WHERE s.workspace_id = $1 AND s.contest_id = $2
        AND (s.facts <> '{{}}' OR s.age_days < $5)
)
SELECT (SELECT count(*) FROM entrant_signals s
        WHERE s.workspace_id = $1 AND s.contest_id = $2) AS measured,
    count(*) FILTER (WHERE m.falls) AS falling,
    count(*) FILTER (WHERE m.age_days < $5) AS new,
    count(*) FILTER (WHERE m.age_days < $5 AND m.falls) AS new_falling, {_SIGNAL_COUNTS}
FROM chosen m
"""


async def count_falling(
    conn: Connection, contest: Contest, *, weights: Sequence[int], threshold: int, new_days: int
) -> Fall:
    """Count who would fall by a threshold and weights."""
    key = (contest.workspace_id, contest.id)
    tallied = tallies.by_state(await tallies.of_contest(conn, *key))
    row = await conn.fetchrow(COUNT_FALLING, *key, weights, threshold, new_days)
    if row is None:
        raise AssertionError("an aggregate has a row")
    return Fall(
        valid=tallied.get(EntrantState.VALID, 0),
        unmeasured=max(0, sum(tallied.values()) - row["measured"]),
        falling=row["falling"],
        new=row["new"],
        new_falling=row["new_falling"],
        signals={name: row[name] for name in scores.BY_NAME},
    )


# The report ---------------------------------------------------------------------------------------


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """How many entrants have a score from `least` to `most`, and how many of them are held."""

    least: int
    most: int
    entrants: int
    held: int


class Ages(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts whose age is known, and those of them that were new when the contest opened."""

    known: int
    new: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All scores of a contest at a glance; `signals` counts whom each says something about."""

    bands: list[Band]
    flagged: int
    signals: dict[str, int]
    ages: Ages
    ages_held: Ages


_ALL_SIGNALS = ", ".join(
    f"count(*) FILTER (WHERE s.strengths[{place}] > 0) AS {name}"
    for place, name in enumerate(scores.BY_NAME, 1)
)
REPORT = f"""
SELECT LEAST(s.score / 10, 9) AS band, count(*) AS entrants, count(q.entrant_id) AS held,
    count(s.age_days) AS known, count(*) FILTER (WHERE s.age_days < $3) AS new,
    count(s.age_days) FILTER (WHERE q.entrant_id IS NOT NULL) AS known_held,
    count(*) FILTER (WHERE s.age_days < $3 AND q.entrant_id IS NOT NULL) AS new_held,
    count(*) FILTER (WHERE s.score >= $4) AS flagged, {_ALL_SIGNALS}
FROM entrant_signals s
LEFT JOIN quarantines q ON q.workspace_id = s.workspace_id AND q.contest_id = s.contest_id
    AND q.entrant_id = s.entrant_id AND q.released_at IS NULL
WHERE s.workspace_id = $1 AND s.contest_id = $2
GROUP BY band ORDER BY band
"""


async def report(conn: Connection, contest: Contest, *, threshold: int, new_days: int) -> Report:
    """Sum up all scores; an account is new that was younger than `new_days` at the opening."""
    rows = await conn.fetch(REPORT, contest.workspace_id, contest.id, new_days, threshold)
    found = {row["band"]: row for row in rows}

    def total(column: str) -> int:
        return sum(row[column] for row in found.values())

    def band(number: int) -> Band:
        row = found.get(number, {"entrants": 0, "held": 0})
        most = 100 if number == 9 else number * 10 + 9
        return Band(least=number * 10, most=most, entrants=row["entrants"], held=row["held"])

    return Report(
        bands=[band(number) for number in range(10)],
        flagged=total("flagged"),
        signals={name: total(name) for name in scores.BY_NAME},
        ages=Ages(known=total("known"), new=total("new")),
        ages_held=Ages(known=total("known_held"), new=total("new_held")),
    )
