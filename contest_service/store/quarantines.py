"""Quarantines: whom the organiser, or the published threshold, holds for checking, and since when.

A row is one time of being held. It is decided twice, when somebody is held and when they are let
go, and is never removed; only the notes go when a person is erased.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.holding import BELOW_AGAIN, BY_RULE, Cause
from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import affected
from contest_service.store.rows import BEFORE_ALL, Connection, many


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """One time of being held. `score` is the one at that moment, null where nothing was measured.

    All of one decision share a `batch`, by which it is undone. `cause` is `rule` where the
    published threshold holds and nobody decided.
    """

    id: UUID
    entrant_id: UUID
    subject: str
    label: str
    batch: UUID
    cause: Cause
    reason: str
    note: str
    score: int | None
    held_by: UUID | None
    held_at: datetime
    released_by: UUID | None
    released_at: datetime | None
    release_reason: str | None
    release_note: str


COLUMNS = """q.id, q.entrant_id, COALESCE(n.subject, '') AS subject, n.label, q.batch, q.cause,
    q.reason, q.note, q.score, q.held_by, q.held_at, q.released_by, q.released_at,
    q.release_reason, q.release_note"""
LIST = f"""
SELECT {COLUMNS} FROM quarantines q
JOIN entrants n ON n.workspace_id = q.workspace_id AND n.contest_id = q.contest_id
    AND n.id = q.entrant_id
WHERE q.workspace_id = $1 AND q.contest_id = $2 AND q.id > $3
    AND ($4::boolean IS NULL OR (q.released_at IS NULL) = $4)
    AND ($5::uuid IS NULL OR q.entrant_id = $5)
ORDER BY q.id LIMIT $6
"""


async def list_page(
    conn: Connection,
    contest: Contest,
    *,
    is_held: bool | None = None,
    entrant_id: UUID | None = None,
    after: UUID | None,
    limit: int,
) -> list[Quarantine]:
    """List who was held, oldest first: those still held, those released, or all."""
    args = (contest.workspace_id, contest.id, after or BEFORE_ALL, is_held, entrant_id, limit)
    return many(await conn.fetch(LIST, *args), Quarantine)


# An account that was linked to another entry is held as ever, though the entry has it now.
HELD = """
SELECT CASE WHEN platform_of(n.subject) = 'import' THEN n.subject ELSE account_of(n.subject) END
    AS account, q.cause
FROM quarantines q
JOIN entrants n ON n.workspace_id = $1 AND n.contest_id = $2 AND n.id = q.entrant_id
    AND n.subject IS NOT NULL
WHERE q.workspace_id = $1 AND q.contest_id = $2 AND q.released_at IS NULL
"""


async def held(conn: Connection, contest: Contest) -> dict[str, Cause]:
    """Who is held now, and by whom: by stable id, an entrant without an account by its subject."""
    rows = await conn.fetch(HELD, contest.workspace_id, contest.id)
    return {row["account"]: Cause(row["cause"]) for row in rows}


# Whoever is held already, or is not there any more, is left out.
HOLD = """
INSERT INTO quarantines (workspace_id, contest_id, entrant_id, batch, cause, reason, note, score,
    held_by, held_at)
SELECT $1, $2, n.id, $4, 'person', $5, $6,
    (SELECT s.score FROM entrant_signals s
     WHERE s.workspace_id = $1 AND s.contest_id = $2 AND s.entrant_id = n.id), $7, $8
FROM unnest($3::uuid[]) AS k (id)
JOIN entrants n ON n.workspace_id = $1 AND n.contest_id = $2 AND n.id = k.id
    AND n.erased_at IS NULL
ON CONFLICT (workspace_id, contest_id, entrant_id) WHERE released_at IS NULL DO NOTHING
RETURNING entrant_id
"""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Why a person holds somebody, or lets them go."""

    batch: UUID
    reason: str
    note: str
    person_id: UUID
    at: datetime


async def hold(
    conn: Connection, contest: Contest, entrants: Sequence[UUID], decision: Decision
) -> list[UUID]:
    """Hold entrants; return those who were not held yet."""
    rows = await conn.fetch(
        HOLD,
        contest.workspace_id,
        contest.id,
        entrants,
        decision.batch,
        decision.reason,
        decision.note,
        decision.person_id,
        decision.at,
    )
    return [row["entrant_id"] for row in rows]


RELEASE = """
UPDATE quarantines
SET released_by = $4, released_at = $5, release_reason = $6, release_note = $7
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) AND released_at IS NULL
RETURNING entrant_id
"""
RELEASE_BATCH = """
UPDATE quarantines
SET released_by = $4, released_at = $5, release_reason = $6, release_note = $7
WHERE workspace_id = $1 AND contest_id = $2 AND batch = $3 AND released_at IS NULL
RETURNING entrant_id
"""


async def release(
    conn: Connection,
    contest: Contest,
    *,
    entrants: Sequence[UUID] | None,
    decision: Decision,
) -> list[UUID]:
    """Let entrants go, or all of the decision's batch (None); return those who were held."""
    which = decision.batch if entrants is None else entrants
    rows = await conn.fetch(
        RELEASE_BATCH if entrants is None else RELEASE,
        contest.workspace_id,
        contest.id,
        which,
        decision.person_id,
        decision.at,
        decision.reason,
        decision.note,
    )
    return [row["entrant_id"] for row in rows]


# Whom a person let go, nothing holds again by itself.
HOLD_BY_RULE = f"""
INSERT INTO quarantines (workspace_id, contest_id, entrant_id, batch, cause, reason, score, held_at)
SELECT $1, $2, s.entrant_id, $5, 'rule', '{BY_RULE}', signal_score(s.strengths, $3::smallint[]), $6
FROM entrant_signals s
WHERE s.workspace_id = $1 AND s.contest_id = $2
    AND signal_score(s.strengths, $3::smallint[]) >= $4
    AND NOT EXISTS (SELECT FROM quarantines q WHERE q.workspace_id = $1 AND q.contest_id = $2
        AND q.entrant_id = s.entrant_id
        AND (q.released_at IS NULL OR q.released_by IS NOT NULL))
RETURNING entrant_id
"""
RELEASE_BY_RULE = f"""
UPDATE quarantines q SET released_at = $5, release_reason = '{BELOW_AGAIN}'
FROM entrant_signals s
WHERE q.workspace_id = $1 AND q.contest_id = $2 AND q.cause = 'rule' AND q.released_at IS NULL
    AND s.workspace_id = $1 AND s.contest_id = $2 AND s.entrant_id = q.entrant_id
    AND signal_score(s.strengths, $3::smallint[]) < $4
RETURNING q.entrant_id
"""


async def apply_rule(
    conn: Connection,
    contest: Contest,
    *,
    weights: Sequence[int],
    threshold: int,
    batch: UUID,
    at: datetime,
) -> list[UUID]:
    """Hold whoever reaches a published threshold, and let go whom it does not hold any more.

    Returns all for whom something changed.
    """
    key = (contest.workspace_id, contest.id, weights, threshold)
    released = await conn.fetch(RELEASE_BY_RULE, *key, at)
    held_now = await conn.fetch(HOLD_BY_RULE, *key, batch, at)
    return [row["entrant_id"] for row in (*released, *held_now)]


EMPTY_SPEAKING = """
UPDATE quarantines
SET note = CASE WHEN note ~* $2 THEN $3 ELSE note END,
    release_note = CASE WHEN release_note ~* $2 THEN $3 ELSE release_note END
WHERE workspace_id = $1 AND (note ~* $2 OR release_note ~* $2)
"""


async def empty_speaking(
    conn: Connection, workspace_id: UUID, *, pattern: str, instead: str
) -> int:
    """Take away what notes about others say of somebody; return how many rows that were."""
    return affected(await conn.execute(EMPTY_SPEAKING, workspace_id, pattern, instead))


COUNT = """
SELECT count(*) FROM quarantines
WHERE workspace_id = $1 AND contest_id = $2 AND released_at IS NULL
"""


async def count_held(conn: Connection, contest: Contest) -> int:
    """How many are held now."""
    return int(await conn.fetchval(COUNT, contest.workspace_id, contest.id))
