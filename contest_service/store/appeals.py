"""Appeals of entrants before the freeze, and their answers. One of an entrant is open at a time."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.appeals import AppealOutcome, AppealState
from contest_service.domain.errors import ConflictError
from contest_service.domain.judging import EntrantState
from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import affected
from contest_service.store.entrants import Entrant
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal with the verdict that it is against; `ended_at` is when it was answered, or late.

    Of somebody who was erased, `text` and `answer` are empty.
    """

    id: UUID
    entrant_id: UUID
    text: str
    made_at: datetime
    former_state: EntrantState
    former_reason: str
    former_tickets: int
    state: AppealState
    outcome: AppealOutcome | None
    answer: str
    answered_by: UUID | None
    ended_at: datetime | None


COLUMNS = """id, entrant_id, text, made_at, former_state, former_reason, former_tickets, state,
    outcome, answer, answered_by, ended_at"""

MAKE = f"""
INSERT INTO appeals (workspace_id, contest_id, entrant_id, text, made_at, former_state,
    former_reason, former_tickets)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING {COLUMNS}
"""


async def make(
    conn: Connection, contest: Contest, entrant: Entrant, *, text: str, at: datetime
) -> Appeal:
    """Keep an appeal against the present verdict. Raises ConflictError if one is open."""
    verdict = (entrant.state, entrant.reason, entrant.tickets)
    try:
        row = await conn.fetchrow(
            MAKE, contest.workspace_id, contest.id, entrant.id, text, at, *verdict
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "appeals_open_once":
            raise
        raise ConflictError(
            "You have asked already; wait for the answer, which will stand here.",
            code="appeal_open",
        ) from None
    return exactly(row, Appeal)


OF_ENTRANT = f"""
SELECT {COLUMNS} FROM appeals
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3 ORDER BY id
"""
READ = f"SELECT {COLUMNS} FROM appeals WHERE workspace_id = $1 AND contest_id = $2 AND id = $3"
LIST = f"""
SELECT {COLUMNS} FROM appeals
WHERE workspace_id = $1 AND contest_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
LIST_IN = f"""
SELECT {COLUMNS} FROM appeals
WHERE workspace_id = $1 AND contest_id = $2 AND state = $3 AND id > $4 ORDER BY id LIMIT $5
"""


async def of_entrant(conn: Connection, contest: Contest, entrant_id: UUID) -> list[Appeal]:
    """All appeals of an entrant, oldest first; there are only a few."""
    rows = await conn.fetch(OF_ENTRANT, contest.workspace_id, contest.id, entrant_id)
    return many(rows, Appeal)


async def find(conn: Connection, contest: Contest, id_: UUID) -> Appeal | None:
    return one(await conn.fetchrow(READ, contest.workspace_id, contest.id, id_), Appeal)


async def list_page(
    conn: Connection,
    contest: Contest,
    *,
    state: AppealState | None,
    after: UUID | None,
    limit: int,
) -> list[Appeal]:
    """List a contest's appeals, oldest first."""
    key, begin = (contest.workspace_id, contest.id), after or BEFORE_ALL
    if state is None:
        return many(await conn.fetch(LIST, *key, begin, limit), Appeal)
    return many(await conn.fetch(LIST_IN, *key, state, begin, limit), Appeal)


ANSWER = f"""
UPDATE appeals
SET state = 'answered', outcome = $4, answer = $5, answered_by = $6, ended_at = $7
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state = 'open'
RETURNING {COLUMNS}
"""
END = """
UPDATE appeals SET state = 'unanswered', ended_at = $3
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'open'
"""


async def answer(
    conn: Connection,
    contest: Contest,
    appeal: Appeal,
    *,
    outcome: AppealOutcome,
    text: str,
    person_id: UUID,
    at: datetime,
) -> Appeal | None:
    """Answer an open appeal; None if it is not open any more."""
    key = (contest.workspace_id, contest.id, appeal.id)
    return one(await conn.fetchrow(ANSWER, *key, outcome, text, person_id, at), Appeal)


async def end(conn: Connection, contest: Contest, *, at: datetime) -> None:
    """Leave the open appeals unanswered: nothing can be changed any more."""
    await conn.execute(END, contest.workspace_id, contest.id, at)


EMPTY_SPEAKING = """
UPDATE appeals
SET text = CASE WHEN text ~* $2 THEN $3 ELSE text END,
    answer = CASE WHEN answer ~* $2 THEN $3 ELSE answer END
WHERE workspace_id = $1 AND (text ~* $2 OR answer ~* $2)
"""


async def empty_speaking(
    conn: Connection, workspace_id: UUID, *, pattern: str, instead: str
) -> int:
    """Replace what appeals of others, or their answers, say of somebody; returns how many did."""
    return affected(await conn.execute(EMPTY_SPEAKING, workspace_id, pattern, instead))


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """How a contest's appeals are kept up with. Percentiles are of the seconds to an answer, and
    null without one; `waiting_since` is when the oldest that is open was made.
    """

    open: int
    answered: int
    unanswered: int
    half_within: int | None
    nine_in_ten_within: int | None
    waiting_since: datetime | None


DESK = """
SELECT count(*) FILTER (WHERE state = 'open') AS open,
    count(*) FILTER (WHERE state = 'answered') AS answered,
    count(*) FILTER (WHERE state = 'unanswered') AS unanswered,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE state = 'answered')
        AS half_within,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE state = 'answered')
        AS nine_in_ten_within,
    min(made_at) FILTER (WHERE state = 'open') AS waiting_since
FROM (SELECT state, made_at, date_part('epoch', ended_at - made_at)::integer AS seconds
    FROM appeals WHERE workspace_id = $1 AND contest_id = $2) a
"""


async def desk(conn: Connection, contest: Contest) -> Desk:
    """Count a contest's appeals, and say how long their answers took."""
    row = await conn.fetchrow(DESK, contest.workspace_id, contest.id)
    return exactly(row, Desk)
