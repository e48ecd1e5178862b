"""History: the judgings of a contest, and the changes of verdicts that came of them.

A change is written by the database itself whenever a verdict is, so that none is missed; the first
verdict leaves none.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.judging import EntrantState
from contest_service.store.contests import Contest
from contest_service.store.rows import AFTER_ALL, BEFORE_ALL, Connection, many


class Judging(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the judge that gave or changed a verdict, or judged over the closing scans.

    `scans` are those whose evidence it saw; live events count up to `began_at`. `appeared` counts
    who was judged for the first time, `changed` the verdicts that changed since the one before.
    """

    id: UUID
    began_at: datetime
    finished_at: datetime
    is_closing: bool
    terms_version: int
    scans: list[UUID]
    appeared: int
    changed: int


# From the judging before it, whose count of entrants is kept; of the changes that is a range of an
# index, with both ends, so that the planner takes it for a short one.
NOTE = """
WITH former AS MATERIALIZED (
    SELECT finished_at, entrants FROM judgings WHERE workspace_id = $1 AND contest_id = $2
    ORDER BY id DESC LIMIT 1
), counted AS (
    SELECT COALESCE((SELECT f.entrants FROM former f), 0) AS known,
        (SELECT count(*) FROM verdict_changes c
            WHERE c.workspace_id = $1 AND c.contest_id = $2
                AND c.at > COALESCE((SELECT f.finished_at FROM former f), '-infinity')
                AND c.at <= $4) AS changed
)
INSERT INTO judgings (workspace_id, contest_id, began_at, finished_at, is_closing, terms_version,
    scans, entrants, appeared, changed)
SELECT $1, $2, $3, $4, $5, $6, ARRAY(
    SELECT COALESCE(e.closing_scan_id, s.id)
    FROM contest_evidence e
    JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
        AND w.action = e.action
    LEFT JOIN LATERAL (
        SELECT l.id FROM scans l
        WHERE l.workspace_id = $1 AND l.watch_id = w.id AND l.state = 'complete'
            AND l.finished_at <= $3
        ORDER BY l.id DESC LIMIT 1) s ON true
    WHERE e.workspace_id = $1 AND e.contest_id = $2
        AND COALESCE(e.closing_scan_id, s.id) IS NOT NULL
    ORDER BY 1), $7, $7 - c.known, c.changed
FROM counted c
WHERE $5 OR $7 > c.known OR c.changed > 0
"""


async def note_judging(
    conn: Connection, contest: Contest, *, began_at: datetime, at: datetime, entrants: int
) -> None:
    """Note that a judging ended, unless it changed nothing and is not one at the close.

    `entrants` is how many there are now.
    """
    await conn.execute(
        NOTE,
        contest.workspace_id,
        contest.id,
        began_at,
        at,
        contest.status is Status.CLOSING,
        contest.terms_version,
        entrants,
    )


JUDGINGS = """
SELECT id, began_at, finished_at, is_closing, terms_version, scans, appeared, changed FROM judgings
WHERE workspace_id = $1 AND contest_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""


async def judgings(
    conn: Connection, contest: Contest, *, before: UUID | None, limit: int
) -> list[Judging]:
    """List judgings, newest first."""
    key = (contest.workspace_id, contest.id)
    return many(await conn.fetch(JUDGINGS, *key, before or AFTER_ALL, limit), Judging)


class VerdictChange(msgspec.Struct, frozen=True, kw_only=True):
    """That an entrant's verdict changed. `judging` is the first that ended after it, if any."""

    at: datetime
    former_state: EntrantState
    former_reason: str
    former_tickets: int
    state: EntrantState
    reason: str
    tickets: int
    judging: UUID | None


OF_ENTRANT = """
SELECT c.at, c.former_state, c.former_reason, c.former_tickets, c.state, c.reason, c.tickets,
    (SELECT j.id FROM judgings j
     WHERE j.workspace_id = $1 AND j.contest_id = $2 AND j.id > c.id
     ORDER BY j.id LIMIT 1) AS judging
FROM verdict_changes c
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.entrant_id = $3
ORDER BY c.id DESC LIMIT $4
"""


async def of_entrant(
    conn: Connection, contest: Contest, entrant_id: UUID, *, limit: int
) -> list[VerdictChange]:
    """List the changes of one entrant's verdict, newest first."""
    rows = await conn.fetch(OF_ENTRANT, contest.workspace_id, contest.id, entrant_id, limit)
    return many(rows, VerdictChange)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What an entrant was judged to be at two times; nothing before they were first judged."""

    entrant_id: UUID
    label: str
    former_state: EntrantState | None
    former_reason: str | None
    former_tickets: int | None
    state: EntrantState
    reason: str
    tickets: int


# Of each entrant the first change in the window is looked at, from which the last one is a step
# through the same key. Whoever went there and back again did not change.
CHANGED = """
SELECT c.entrant_id, n.label, c.former_state, c.former_reason, c.former_tickets,
    l.state, l.reason, l.tickets
FROM verdict_changes c
CROSS JOIN LATERAL (
    SELECT o.state, o.reason, o.tickets FROM verdict_changes o
    WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = c.entrant_id
        AND o.at <= $4
    ORDER BY o.id DESC LIMIT 1) l
CROSS JOIN LATERAL (SELECT n.label FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = c.entrant_id
    OFFSET 0) n
WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.at <= $4
    AND (c.at, c.id) > ($5, $6)
    AND NOT EXISTS (SELECT FROM verdict_changes f
        WHERE f.workspace_id = $1 AND f.contest_id = $2 AND f.entrant_id = c.entrant_id
            AND f.id < c.id AND f.at > $3)
    AND (c.former_state, c.former_reason, c.former_tickets)
        IS DISTINCT FROM (l.state, l.reason, l.tickets)
ORDER BY c.at, c.id LIMIT $7
"""
FIRST_OF = """
SELECT at, id FROM verdict_changes
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3 AND at > $4
ORDER BY id LIMIT 1
"""


async def changed(
    conn: Connection,
    contest: Contest,
    *,
    since: datetime,
    until: datetime,
    after: UUID | None,
    limit: int,
) -> list[Difference]:
    """List whose verdict is another at `until` than at `since`, whoever changed first first.

    `after` is the last entrant of the page before.
    """
    key = (contest.workspace_id, contest.id)
    begin = (since, AFTER_ALL)
    if after is not None:
        first = await conn.fetchrow(FIRST_OF, *key, after, since)
        begin = (first["at"], first["id"]) if first else begin
    rows = await conn.fetch(CHANGED, *key, since, until, *begin, limit)
    return many(rows, Difference)


# Whoever was first judged by the end of a judging has a smaller id than it.
ENDED_BY = """
SELECT id FROM judgings
WHERE workspace_id = $1 AND contest_id = $2 AND finished_at <= $3
ORDER BY finished_at DESC LIMIT 1
"""
APPEARED = """
SELECT n.id AS entrant_id, n.label, NULL AS former_state, NULL AS former_reason,
    NULL::integer AS former_tickets, COALESCE(c.former_state, n.state) AS state,
    COALESCE(c.former_reason, n.reason) AS reason, COALESCE(c.former_tickets, n.tickets) AS tickets
FROM entrants n
LEFT JOIN LATERAL (
    SELECT c.former_state, c.former_reason, c.former_tickets FROM verdict_changes c
    WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.entrant_id = n.id AND c.at > $5
    ORDER BY c.id LIMIT 1) c ON true
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id > $3 AND n.id < $4
ORDER BY n.id LIMIT $6
"""


async def appeared(
    conn: Connection,
    contest: Contest,
    *,
    since: datetime,
    until: datetime,
    after: UUID | None,
    limit: int,
) -> list[Difference]:
    """List who was first judged by a judging that ended between two times, by id."""
    key = (contest.workspace_id, contest.id)
    first = after or await conn.fetchval(ENDED_BY, *key, since) or BEFORE_ALL
    end = await conn.fetchval(ENDED_BY, *key, until) or BEFORE_ALL
    return many(await conn.fetch(APPEARED, *key, first, end, until, limit), Difference)
