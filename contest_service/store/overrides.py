"""Overrides that persons propose before the freeze: decided once, kept for ever."""

import enum
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.overrides import OverrideKind, Overruling
from contest_service.domain.people import Role
from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import affected
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one


class OverrideState(enum.StrEnum):
    PROPOSED = "proposed"
    EFFECTIVE = "effective"
    WITHDRAWN = "withdrawn"
    """Before it took effect or, where there is an `effective_at`, after."""
    LAPSED = "lapsed"
    """The list was fixed, or the contest ended, before it was decided."""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal to set something aside before the freeze, and what became of it.

    `entrant_id` is whose verdict it is about, `least` the per cent down to which coverage is set
    aside; the other is null. `due_at` is when it takes effect by itself, and null where a second
    person has to approve it. `ended_by` is who withdrew it. `note` is for the team alone, and empty
    once the entrant was erased.
    """

    id: UUID
    kind: OverrideKind
    entrant_id: UUID | None
    least: int | None
    reason: str
    note: str
    state: OverrideState
    proposed_by: UUID
    proposed_role: Role
    proposed_at: datetime
    due_at: datetime | None
    approved_by: UUID | None
    approved_role: Role | None
    effective_at: datetime | None
    ended_by: UUID | None
    ended_at: datetime | None


class NewOverride(msgspec.Struct, frozen=True, kw_only=True):
    """An override that somebody proposes."""

    kind: OverrideKind
    entrant_id: UUID | None = None
    least: int | None = None
    reason: str
    note: str = ""


COLUMNS = """id, kind, entrant_id, least, reason, note, state, proposed_by, proposed_role,
    proposed_at, due_at, approved_by, approved_role, effective_at, ended_by, ended_at"""

PROPOSE = f"""
INSERT INTO override_proposals (workspace_id, contest_id, kind, entrant_id, least, reason, note,
    proposed_by, proposed_role, proposed_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING {COLUMNS}
"""


async def propose(
    conn: Connection,
    contest: Contest,
    new: NewOverride,
    *,
    person_id: UUID,
    role: Role,
    at: datetime,
    due_at: datetime | None,
) -> Override:
    """Write a proposal. There has to be no other one, open or in force, about the same."""
    row = await conn.fetchrow(
        PROPOSE,
        contest.workspace_id,
        contest.id,
        new.kind,
        new.entrant_id,
        new.least,
        new.reason,
        new.note,
        person_id,
        role,
        at,
        due_at,
    )
    return exactly(row, Override)


READ = f"""
SELECT {COLUMNS} FROM override_proposals WHERE workspace_id = $1 AND contest_id = $2 AND id = $3
"""
LIST = f"""
SELECT {COLUMNS} FROM override_proposals
WHERE workspace_id = $1 AND contest_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
OF_ENTRANT = f"""
SELECT {COLUMNS} FROM override_proposals
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3
    AND state IN ('proposed', 'effective')
"""
OPEN = f"""
SELECT {COLUMNS} FROM override_proposals
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'proposed' ORDER BY id
"""
OPEN_PAGE = f"""
SELECT {COLUMNS} FROM override_proposals
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'proposed' AND id > $3
ORDER BY id LIMIT $4
"""
COVERAGE_OPEN = """
SELECT EXISTS (SELECT FROM override_proposals
    WHERE workspace_id = $1 AND contest_id = $2 AND kind = 'coverage' AND state = 'proposed')
"""
IN_FORCE = f"""
SELECT {COLUMNS} FROM override_proposals
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'effective' ORDER BY id
"""


async def find(conn: Connection, contest: Contest, id_: UUID) -> Override | None:
    row = await conn.fetchrow(READ, contest.workspace_id, contest.id, id_)
    return one(row, Override)


async def list_page(
    conn: Connection, contest: Contest, *, after: UUID | None, limit: int
) -> list[Override]:
    """List all that were ever proposed in a contest, oldest first."""
    key = (contest.workspace_id, contest.id)
    return many(await conn.fetch(LIST, *key, after or BEFORE_ALL, limit), Override)


async def of_entrant(conn: Connection, contest: Contest, entrant_id: UUID) -> Override | None:
    """The override of an entrant's verdict that is proposed or in force."""
    row = await conn.fetchrow(OF_ENTRANT, contest.workspace_id, contest.id, entrant_id)
    return one(row, Override)


async def open_ones(conn: Connection, contest: Contest) -> list[Override]:
    """Those that are not decided, oldest first."""
    return many(await conn.fetch(OPEN, contest.workspace_id, contest.id), Override)


async def open_page(
    conn: Connection, contest: Contest, *, after: UUID | None, limit: int
) -> list[Override]:
    """List those that are not decided, oldest first."""
    key = (contest.workspace_id, contest.id)
    return many(await conn.fetch(OPEN_PAGE, *key, after or BEFORE_ALL, limit), Override)


async def is_coverage_open(conn: Connection, contest: Contest) -> bool:
    """Whether going on below the coverage is proposed and not decided."""
    found: bool = await conn.fetchval(COVERAGE_OPEN, contest.workspace_id, contest.id)
    return found


async def in_force(conn: Connection, contest: Contest) -> list[Override]:
    """Those that took effect and were not withdrawn, oldest first."""
    return many(await conn.fetch(IN_FORCE, contest.workspace_id, contest.id), Override)


# Each entrant by their key.
RULINGS = """
SELECT n.subject, o.kind, o.reason, floor(date_part('epoch', o.effective_at))::bigint AS at,
    o.proposed_role AS proposed_as, o.approved_role AS approved_as
FROM override_proposals o
CROSS JOIN LATERAL (SELECT n.subject FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.id = o.entrant_id
        AND n.erased_at IS NULL
    OFFSET 0) n
WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.state = 'effective'
    AND o.entrant_id IS NOT NULL
"""


class Ruling(Overruling, frozen=True, kw_only=True):
    """An override of a verdict that is in force, and whose."""

    subject: str


async def rulings(conn: Connection, contest: Contest) -> dict[str, Overruling]:
    """The overrides of verdicts that are in force, by the entrant's subject; they are few."""
    rows = await conn.fetch(RULINGS, contest.workspace_id, contest.id)
    return {each.subject: each for each in many(rows, Ruling)}


TAKE_EFFECT = f"""
UPDATE override_proposals
SET state = 'effective', approved_by = $4, approved_role = $5, effective_at = $6
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state = 'proposed'
RETURNING {COLUMNS}
"""
WITHDRAW = f"""
UPDATE override_proposals SET state = 'withdrawn', ended_by = $4, ended_at = $5
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state IN ('proposed', 'effective')
RETURNING {COLUMNS}
"""
LAPSE = """
UPDATE override_proposals SET state = 'lapsed', ended_at = $3
WHERE workspace_id = $1 AND contest_id = $2 AND state = 'proposed'
"""


async def take_effect(
    conn: Connection,
    contest: Contest,
    proposal: Override,
    *,
    approved_by: UUID | None,
    approved_role: Role | None,
    at: datetime,
) -> Override:
    """Note that a proposal is in force: by a second person, or since its delay is over."""
    key = (contest.workspace_id, contest.id, proposal.id)
    row = await conn.fetchrow(TAKE_EFFECT, *key, approved_by, approved_role, at)
    return exactly(row, Override)


async def withdraw(
    conn: Connection, contest: Contest, override: Override, *, person_id: UUID, at: datetime
) -> Override:
    """Note that a proposal, or an override in force, was taken back."""
    key = (contest.workspace_id, contest.id, override.id)
    return exactly(await conn.fetchrow(WITHDRAW, *key, person_id, at), Override)


async def lapse(conn: Connection, contest: Contest, *, at: datetime) -> None:
    """End the proposals that nobody decided in time."""
    await conn.execute(LAPSE, contest.workspace_id, contest.id, at)


EMPTY_SPEAKING = """
UPDATE override_proposals SET note = $3 WHERE workspace_id = $1 AND note ~* $2
"""


async def empty_speaking(
    conn: Connection, workspace_id: UUID, *, pattern: str, instead: str
) -> int:
    """Replace notes about others that speak of somebody; returns how many did."""
    return affected(await conn.execute(EMPTY_SPEAKING, workspace_id, pattern, instead))
