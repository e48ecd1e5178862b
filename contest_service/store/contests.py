"""Contests: their definition, status and posts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.contest import Definition, Status
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.store.rows import AFTER_ALL, Connection, exactly, many, one


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """A contest as it stands. `obstacle` says in a sentence what it is waiting for, if anything."""

    workspace_id: UUID
    id: UUID
    practice: bool
    status: Status
    definition: Definition
    opens_at: datetime
    closes_at: datetime
    freeze_at: datetime
    draw_at: datetime
    terms_version: int
    round: int | None
    void_reason: str | None
    obstacle: str
    postponements: int
    judged_at: datetime | None
    closing_judged_at: datetime | None
    rechecked_at: datetime | None
    revision: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


COLUMNS = """workspace_id, id, practice, status, definition, opens_at, closes_at, freeze_at,
    draw_at, terms_version, round, void_reason, obstacle, postponements, judged_at,
    closing_judged_at, rechecked_at, revision, created_by, created_at, updated_at"""

CREATE = f"""
INSERT INTO contests (workspace_id, practice, definition, title, opens_at, closes_at, freeze_at,
    draw_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING {COLUMNS}
"""


async def create(
    conn: Connection,
    workspace_id: UUID,
    definition: Definition,
    *,
    practice: bool,
    created_by: UUID | None,
) -> Contest:
    row = await conn.fetchrow(CREATE, workspace_id, practice, *_defined(definition), created_by)
    return exactly(row, Contest)


def _defined(definition: Definition) -> tuple[Any, ...]:
    schedule = definition.schedule
    return (
        msgspec.to_builtins(definition),
        definition.title,
        schedule.opens_at,
        schedule.closes_at,
        schedule.frozen_at,
        schedule.draw_at,
    )


READ = f"SELECT {COLUMNS} FROM contests WHERE workspace_id = $1 AND id = $2"
READ_PUBLIC = f"SELECT {COLUMNS} FROM contests WHERE id = $1"


async def read(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Contest:
    """Raises NotFoundError."""
    found = one(await conn.fetchrow(READ, workspace_id, contest_id), Contest)
    return _found(found)


async def read_locked(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Contest:
    """Read a contest and keep others from changing it until the transaction ends."""
    found = one(await conn.fetchrow(READ + " FOR UPDATE", workspace_id, contest_id), Contest)
    return _found(found)


async def read_shared(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Contest:
    """Read a contest whose status stays as it is until the transaction ends."""
    found = one(await conn.fetchrow(READ + " FOR SHARE", workspace_id, contest_id), Contest)
    return _found(found)


async def lock_unchanged(conn: Connection, contest: Contest) -> bool:
    """Keep others from changing a contest until the transaction ends.

    False if its status or its definition changed since it was read.
    """
    locked = await read_locked(conn, contest.workspace_id, contest.id)
    return locked.revision == contest.revision


async def read_public(conn: Connection, contest_id: UUID) -> Contest:
    """Read a contest by its public id, which is unique over all workspaces."""
    return _found(one(await conn.fetchrow(READ_PUBLIC, contest_id), Contest))


def _found(contest: Contest | None) -> Contest:
    if contest is None:
        raise NotFoundError("There is no such contest in this workspace.")
    return contest


LIST = f"""
SELECT {COLUMNS} FROM contests
WHERE workspace_id = $1 AND id < $2
ORDER BY id DESC LIMIT $3
"""
LIST_IN = f"""
SELECT {COLUMNS} FROM contests
WHERE workspace_id = $1 AND status = $2 AND id < $3
ORDER BY id DESC LIMIT $4
"""


async def list_page(
    conn: Connection,
    workspace_id: UUID,
    *,
    status: Status | None,
    before: UUID | None,
    limit: int,
) -> list[Contest]:
    """List contests, newest first, those created before `before`."""
    end = before or AFTER_ALL
    if status is None:
        return many(await conn.fetch(LIST, workspace_id, end, limit), Contest)
    return many(await conn.fetch(LIST_IN, workspace_id, status, end, limit), Contest)


REDEFINE = f"""
UPDATE contests SET definition = $3, title = $4, opens_at = $5, closes_at = $6, freeze_at = $7,
    draw_at = $8, obstacle = '', revision = revision + 1, updated_at = $9
WHERE workspace_id = $1 AND id = $2
RETURNING {COLUMNS}
"""


async def redefine(
    conn: Connection, contest: Contest, definition: Definition, *, now: datetime
) -> Contest:
    """Give a contest another definition, and with it another schedule.

    What it was waiting for was so by the one before.
    """
    row = await conn.fetchrow(
        REDEFINE, contest.workspace_id, contest.id, *_defined(definition), now
    )
    return exactly(row, Contest)


MOVE = f"""
UPDATE contests SET status = $4, obstacle = '', revision = revision + 1, updated_at = $5
WHERE workspace_id = $1 AND id = $2 AND revision = $3
RETURNING {COLUMNS}
"""


async def move(conn: Connection, contest: Contest, to: Status, *, now: datetime) -> Contest:
    """Change the status of a contest as it was read.

    Raises ConflictError if its status or its definition changed meanwhile.
    """
    row = await conn.fetchrow(MOVE, contest.workspace_id, contest.id, contest.revision, to, now)
    moved = one(row, Contest)
    if moved is None:
        raise ConflictError("The contest has moved on meanwhile; read it again.")
    return moved


# What the first terms promised stays on record.
SET_TERMS = """
UPDATE contests
SET terms_version = $3, promised_draw_at = COALESCE(promised_draw_at, draw_at)
WHERE workspace_id = $1 AND id = $2
"""
SET_ROUND = "UPDATE contests SET round = $3 WHERE workspace_id = $1 AND id = $2"
SET_VOID = "UPDATE contests SET void_reason = $3 WHERE workspace_id = $1 AND id = $2"
SET_OBSTACLE = "UPDATE contests SET obstacle = $3 WHERE workspace_id = $1 AND id = $2"
SET_JUDGED = "UPDATE contests SET judged_at = $3 WHERE workspace_id = $1 AND id = $2"
SET_RECHECKED = "UPDATE contests SET rechecked_at = $3 WHERE workspace_id = $1 AND id = $2"
SET_CLOSING_JUDGED = """
UPDATE contests SET closing_judged_at = $3, judged_at = COALESCE($3, judged_at)
WHERE workspace_id = $1 AND id = $2 AND revision = $4
"""
COUNT_POSTPONEMENT = """
UPDATE contests SET postponements = postponements + 1 WHERE workspace_id = $1 AND id = $2
"""


async def set_terms_version(conn: Connection, contest: Contest, version: int) -> None:
    await conn.execute(SET_TERMS, contest.workspace_id, contest.id, version)


async def set_round(conn: Connection, contest: Contest, round_: int) -> None:
    await conn.execute(SET_ROUND, contest.workspace_id, contest.id, round_)


async def set_void_reason(conn: Connection, contest: Contest, reason: str) -> None:
    await conn.execute(SET_VOID, contest.workspace_id, contest.id, reason)


async def set_obstacle(conn: Connection, contest: Contest, obstacle: str) -> None:
    """Say what the contest is waiting for; an empty sentence if it is not."""
    await conn.execute(SET_OBSTACLE, contest.workspace_id, contest.id, obstacle)


async def set_judged(conn: Connection, contest: Contest, at: datetime) -> None:
    await conn.execute(SET_JUDGED, contest.workspace_id, contest.id, at)


async def set_closing_judged(conn: Connection, contest: Contest, at: datetime | None) -> None:
    """Note that all entrants were judged over the closing scans; None takes that back.

    Nothing is noted of a contest that was changed since it was read: it is to be judged anew.
    """
    await conn.execute(SET_CLOSING_JUDGED, contest.workspace_id, contest.id, at, contest.revision)


JUDGE_ANEW = """
UPDATE contests SET closing_judged_at = NULL, revision = revision + 1
WHERE workspace_id = $1 AND id = $2
"""


async def judge_anew(conn: Connection, contest: Contest) -> None:
    """Let a judging that is under way come too late, and a closing contest be judged once more."""
    await conn.execute(JUDGE_ANEW, contest.workspace_id, contest.id)


async def set_rechecked(conn: Connection, contest: Contest, at: datetime) -> None:
    await conn.execute(SET_RECHECKED, contest.workspace_id, contest.id, at)


async def count_postponement(conn: Connection, contest: Contest) -> None:
    await conn.execute(COUNT_POSTPONEMENT, contest.workspace_id, contest.id)


DELETE = "DELETE FROM contests WHERE workspace_id = $1 AND id = $2 AND status = 'draft'"


async def delete(conn: Connection, contest: Contest) -> None:
    """Delete a draft with its posts. Raises ConflictError if it is none any more."""
    if str(await conn.execute(DELETE, contest.workspace_id, contest.id)) != "DELETE 1":
        raise ConflictError("Only a draft can be deleted; cancel the contest instead.")


OVERRIDE = """
INSERT INTO overrides (workspace_id, contest_id, kind, reason, person_id, entrant_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def override(
    conn: Connection,
    contest: Contest,
    kind: str,
    *,
    reason: str,
    person_id: UUID | None,
    at: datetime,
    entrant_id: UUID | None = None,
) -> None:
    """Record that a person, or the service, set a check aside, or took that back (`withdrawn`)."""
    key = (contest.workspace_id, contest.id)
    await conn.execute(OVERRIDE, *key, kind, reason, person_id, entrant_id, at)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    reason: str
    person_id: UUID | None
    entrant_id: UUID | None
    at: datetime


OVERRIDES = """
SELECT kind, reason, person_id, entrant_id, at FROM overrides
WHERE workspace_id = $1 AND contest_id = $2 ORDER BY at, id
"""


async def overrides(conn: Connection, workspace_id: UUID, contest_id: UUID) -> Sequence[Override]:
    return many(await conn.fetch(OVERRIDES, workspace_id, contest_id), Override)
