"""Disqualifications that persons propose: kept for ever, decided once."""

import enum
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one


class ProposalState(enum.StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    """By a second person; it waits for the result."""
    EFFECTIVE = "effective"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """The entry was taken out by the published rules before, or the contest ended."""


class Disqualification(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that an entry wins nothing, and what became of it.

    `due_at` is when it takes effect by itself, and null where a second person has to approve it.
    `decided_by` is who approved or withdrew it, and null where the time decided. `seq` is the
    number of its event.
    """

    id: UUID
    entry: UUID
    commitment: str
    reason: str
    state: ProposalState
    proposed_by: UUID
    proposed_at: datetime
    due_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None
    seq: int | None
    effective_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in (ProposalState.PROPOSED, ProposalState.APPROVED)


COLUMNS = """id, entry, encode(commitment, 'hex') AS commitment, reason, state, proposed_by,
    proposed_at, due_at, decided_by, decided_at, seq, effective_at"""

PROPOSE = f"""
INSERT INTO disqualifications
    (workspace_id, contest_id, entry, commitment, reason, proposed_by, proposed_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING {COLUMNS}
"""


async def propose(
    conn: Connection,
    contest: Contest,
    entry: UUID,
    *,
    commitment: bytes,
    reason: str,
    person_id: UUID,
    at: datetime,
    due_at: datetime | None,
) -> Disqualification:
    """Write a proposal. There has to be no other open one about the entry."""
    row = await conn.fetchrow(
        PROPOSE,
        contest.workspace_id,
        contest.id,
        entry,
        commitment,
        reason,
        person_id,
        at,
        due_at,
    )
    return exactly(row, Disqualification)


READ = f"""
SELECT {COLUMNS} FROM disqualifications WHERE workspace_id = $1 AND contest_id = $2 AND id = $3
"""
LIST = f"""
SELECT {COLUMNS} FROM disqualifications
WHERE workspace_id = $1 AND contest_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
OF_ENTRY = f"""
SELECT {COLUMNS} FROM disqualifications
WHERE workspace_id = $1 AND contest_id = $2 AND commitment = $3 ORDER BY id
"""
OPEN = f"""
SELECT {COLUMNS} FROM disqualifications
WHERE workspace_id = $1 AND contest_id = $2 AND state IN ('proposed', 'approved') ORDER BY id
"""
OPEN_PAGE = f"""
SELECT {COLUMNS} FROM disqualifications
WHERE workspace_id = $1 AND contest_id = $2 AND state IN ('proposed', 'approved') AND id > $3
ORDER BY id LIMIT $4
"""
EFFECTIVE = f"""
SELECT {COLUMNS} FROM disqualifications
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'effective' ORDER BY seq
"""


async def find(conn: Connection, contest: Contest, id_: UUID) -> Disqualification | None:
    row = await conn.fetchrow(READ, contest.workspace_id, contest.id, id_)
    return one(row, Disqualification)


async def list_page(
    conn: Connection, contest: Contest, *, after: UUID | None, limit: int
) -> list[Disqualification]:
    """List all that were ever proposed in a contest, oldest first."""
    key = (contest.workspace_id, contest.id)
    return many(await conn.fetch(LIST, *key, after or BEFORE_ALL, limit), Disqualification)


async def of_entry(conn: Connection, contest: Contest, commitment: bytes) -> list[Disqualification]:
    """All that were ever proposed about an entry, oldest first."""
    key = (contest.workspace_id, contest.id, commitment)
    return many(await conn.fetch(OF_ENTRY, *key), Disqualification)


async def open_ones(conn: Connection, contest: Contest) -> list[Disqualification]:
    """Those that are neither effective nor given up, oldest first."""
    return many(await conn.fetch(OPEN, contest.workspace_id, contest.id), Disqualification)


async def open_page(
    conn: Connection, contest: Contest, *, after: UUID | None, limit: int
) -> list[Disqualification]:
    """List those that are neither effective nor given up, oldest first."""
    key = (contest.workspace_id, contest.id)
    return many(await conn.fetch(OPEN_PAGE, *key, after or BEFORE_ALL, limit), Disqualification)


async def effective(conn: Connection, contest: Contest) -> list[Disqualification]:
    """Those that have an event, in the order of these."""
    return many(await conn.fetch(EFFECTIVE, contest.workspace_id, contest.id), Disqualification)


DECIDE = f"""
UPDATE disqualifications SET state = $4, decided_by = $5, decided_at = $6
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state = 'proposed'
RETURNING {COLUMNS}
"""


async def decide(
    conn: Connection,
    contest: Contest,
    proposal: Disqualification,
    *,
    state: ProposalState,
    person_id: UUID,
    at: datetime,
) -> Disqualification:
    """Note that a person approved or withdrew a proposal."""
    row = await conn.fetchrow(
        DECIDE, contest.workspace_id, contest.id, proposal.id, state, person_id, at
    )
    return exactly(row, Disqualification)


TAKE_EFFECT = f"""
UPDATE disqualifications
SET state = 'effective', seq = $4, effective_at = $5, decided_at = COALESCE(decided_at, $5)
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state IN ('proposed', 'approved')
RETURNING {COLUMNS}
"""


async def take_effect(
    conn: Connection, contest: Contest, proposal: Disqualification, *, seq: int, at: datetime
) -> Disqualification:
    """Note the event of a proposal that somebody approved, or whose public delay is over."""
    row = await conn.fetchrow(TAKE_EFFECT, contest.workspace_id, contest.id, proposal.id, seq, at)
    return exactly(row, Disqualification)


OVERTAKE = """
UPDATE disqualifications SET state = 'overtaken', decided_by = NULL, decided_at = $4
WHERE workspace_id = $1 AND contest_id = $2 AND state IN ('proposed', 'approved')
    AND ($3::bytea IS NULL OR commitment = $3)
"""


async def overtake(
    conn: Connection, contest: Contest, *, commitment: bytes | None, at: datetime
) -> None:
    """End the open proposals about an entry, or about any, that have nothing left to decide."""
    await conn.execute(OVERTAKE, contest.workspace_id, contest.id, commitment, at)
