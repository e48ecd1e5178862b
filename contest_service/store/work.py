"""Due work: every step that a worker has to take is a row here until it is done.

Whoever takes a row holds its lease; while the lease runs, `due_at` says only what became due
meanwhile, so that a wish that arrives during the work is never lost. A lease that ran out means
that its holder died: the row is due again.
"""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from contest_service.store.rows import Connection, many, one

LEASE = 30.0
"""Seconds after which a holder that says nothing counts as dead."""


class Kind(enum.StrEnum):
    """What is to be done; the subject is a watch, a contest, a contest, an announcement, a
    community, a community, a notice, contests, an erasure, and a contest."""

    SCAN = "scan"
    JUDGE = "judge"
    ADVANCE = "advance"
    ANNOUNCE = "announce"
    HEAR = "hear"
    """Work in the live events that came in."""
    TEND = "tend"
    """Keep its channel for them up."""
    NOTIFY = "notify"
    SIGN = "sign"
    """Let its events stand in a signed checkpoint of the log."""
    VOUCH = "vouch"
    """Gather who vouches for that from outside."""
    LOOK = "look"
    """Look for codes that people write under its posts."""
    ERASE = "erase"
    """Erase a person, or what is personal of a contest that is old enough."""
    MEASURE = "measure"
    """Let the fraud signals look at everybody."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A taken piece of work. `attempts` counts this one."""

    workspace_id: UUID
    id: UUID
    kind: Kind
    subject: UUID
    attempts: int
    lease: UUID


class Due(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    id: UUID
    kind: Kind


PLAN = """
INSERT INTO work (workspace_id, kind, subject, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, kind, subject)
DO UPDATE SET due_at = LEAST(work.due_at, excluded.due_at), attempts = 0
RETURNING id
"""


async def plan(
    conn: Connection, workspace_id: UUID, kind: Kind, subject: UUID, *, due_at: datetime
) -> Due:
    """Make something due at `due_at` at the latest."""
    id_ = await conn.fetchval(PLAN, workspace_id, kind, subject, due_at)
    return Due(workspace_id=workspace_id, id=id_, kind=kind)


PLAN_ALL = """
INSERT INTO work (workspace_id, kind, subject, due_at)
SELECT $1, $2, s.id, $4 FROM unnest($3::uuid[]) AS s (id)
ON CONFLICT (workspace_id, kind, subject)
DO UPDATE SET due_at = LEAST(work.due_at, excluded.due_at), attempts = 0
"""


async def plan_all(
    conn: Connection,
    workspace_id: UUID,
    kind: Kind,
    subjects: Sequence[UUID],
    *,
    due_at: datetime,
) -> None:
    """Make many things due at `due_at` at the latest; the sweep rings for them."""
    await conn.execute(PLAN_ALL, workspace_id, kind, subjects, due_at)


PLAN_UNSIGNED = """
INSERT INTO work (workspace_id, kind, subject, due_at)
SELECT DISTINCT l.workspace_id, 'sign', l.contest_id, $3::timestamptz FROM log_leaves l
WHERE l.log = $1 AND l.index >= $2
ON CONFLICT DO NOTHING
"""


async def plan_unsigned(conn: Connection, log: str, signed: int, *, due_at: datetime) -> None:
    """Make signing due for each contest with leaves from `signed` on, where it is not planned."""
    await conn.execute(PLAN_UNSIGNED, log, signed, due_at)


REPLAN = """
INSERT INTO work (workspace_id, kind, subject, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, kind, subject) DO UPDATE SET due_at = excluded.due_at, attempts = 0
"""


async def replan(
    conn: Connection, workspace_id: UUID, kind: Kind, subject: UUID, *, due_at: datetime
) -> None:
    """Make something due at `due_at`, later too: its reason to be due earlier is gone."""
    await conn.execute(REPLAN, workspace_id, kind, subject, due_at)


# Two walks, each through its own index. A row whose holder died is due since its lease ran out,
# whatever became due meanwhile: it does not wait behind all others.
DUE = """
SELECT workspace_id, id, kind FROM (
    (SELECT workspace_id, id, kind, due_at AS since FROM work
     WHERE lease IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2)
    UNION ALL
    (SELECT workspace_id, id, kind, lease_until AS since FROM work
     WHERE lease IS NOT NULL AND lease_until < $1 ORDER BY lease_until LIMIT $2)
) due
ORDER BY since LIMIT $2
"""


async def due(conn: Connection, now: datetime, *, limit: int) -> list[Due]:
    """List what somebody should be working on, longest due first."""
    return many(await conn.fetch(DUE, now, limit), Due)


DUE_IN = """
SELECT workspace_id, id, kind FROM work
WHERE workspace_id = $1 AND lease IS NULL AND due_at <= $2 ORDER BY due_at LIMIT $3
"""


async def due_in(conn: Connection, workspace_id: UUID, now: datetime, *, limit: int) -> list[Due]:
    """List what is due in one workspace, oldest first."""
    return many(await conn.fetch(DUE_IN, workspace_id, now, limit), Due)


TAKE = """
UPDATE work
SET lease = $3, lease_until = $4, due_at = 'infinity', attempts = attempts + 1
WHERE workspace_id = $1 AND id = $2
    AND ((lease IS NULL AND due_at <= $5) OR lease_until < $5)
RETURNING workspace_id, id, kind, subject, attempts, lease
"""


async def take(conn: Connection, workspace_id: UUID, id_: UUID, *, now: datetime) -> Work | None:
    """Take a due row for the length of a lease; None if somebody else has it or it is not due."""
    until = now + timedelta(seconds=LEASE)
    return one(await conn.fetchrow(TAKE, workspace_id, id_, uuid4(), until, now), Work)


EXTEND = """
UPDATE work SET lease_until = $4 WHERE workspace_id = $1 AND id = $2 AND lease = $3
"""


async def extend(conn: Connection, work: Work, *, now: datetime) -> bool:
    """Hold a lease for its whole length again; False if it was lost, and the work must stop."""
    until = now + timedelta(seconds=LEASE)
    done = await conn.execute(EXTEND, work.workspace_id, work.id, work.lease, until)
    return str(done) == "UPDATE 1"


COUNT_HELD = """
SELECT count(*) FROM work WHERE kind = $1 AND lease IS NOT NULL
"""


async def count_held(conn: Connection, kind: Kind) -> int:
    """How many pieces of work of a kind are being done, anywhere."""
    return int(await conn.fetchval(COUNT_HELD, kind))


COUNT_FAILED = """
SELECT count(*) FROM work WHERE kind = $1 AND failure IS NOT NULL
"""


async def count_failed(conn: Connection, kind: Kind) -> int:
    """How many pieces of work of a kind failed last, and are to be tried again."""
    return int(await conn.fetchval(COUNT_FAILED, kind))


RELEASE = """
UPDATE work
SET lease = NULL, lease_until = NULL, due_at = LEAST(due_at, COALESCE($4::timestamptz, 'infinity')),
    attempts = 0, failure = NULL
WHERE workspace_id = $1 AND id = $2 AND lease = $3
RETURNING due_at = 'infinity'
"""
REMOVE = """
DELETE FROM work WHERE workspace_id = $1 AND id = $2 AND lease IS NULL AND due_at = 'infinity'
"""


async def finish(conn: Connection, work: Work, *, next_at: datetime | None = None) -> None:
    """Give a row back: due again at `next_at`, or when a wish arrived meanwhile, or not at all."""
    idle = await conn.fetchval(RELEASE, work.workspace_id, work.id, work.lease, next_at)
    if idle:
        await conn.execute(REMOVE, work.workspace_id, work.id)


FAIL = """
UPDATE work SET lease = NULL, lease_until = NULL, due_at = LEAST(due_at, $4), failure = $5
WHERE workspace_id = $1 AND id = $2 AND lease = $3
"""


async def fail(conn: Connection, work: Work, *, failure: str, retry_at: datetime) -> None:
    """Give a row back after a failure, to be tried again at `retry_at`."""
    await conn.execute(FAIL, work.workspace_id, work.id, work.lease, retry_at, failure)


FAILURES = """
SELECT DISTINCT failure FROM work
WHERE workspace_id = $1 AND kind = $2 AND subject = ANY ($3) AND failure IS NOT NULL
ORDER BY failure
"""


async def failures(
    conn: Connection, workspace_id: UUID, kind: Kind, subjects: Sequence[UUID]
) -> list[str]:
    """Why some work has not been done yet, in sentences, each once."""
    rows = await conn.fetch(FAILURES, workspace_id, kind, subjects)
    return [row["failure"] for row in rows]


HURRY = """
UPDATE work SET due_at = LEAST(due_at, $3), attempts = 0
WHERE workspace_id = $1 AND lease IS NULL AND failure IS NOT NULL AND subject IN (
    SELECT s.id FROM targets t CROSS JOIN LATERAL (
        SELECT w.id FROM watches w WHERE w.workspace_id = $1 AND w.target_id = t.id
        UNION ALL
        SELECT a.id FROM announcements a WHERE a.workspace_id = $1 AND a.target_id = t.id
        UNION ALL
        SELECT n.id FROM notices n
        WHERE n.workspace_id = $1 AND n.target_id = t.id AND n.state = 'due') s
    WHERE t.workspace_id = $1 AND t.community_id = $2)
"""


async def hurry(conn: Connection, workspace_id: UUID, community_id: UUID, *, now: datetime) -> None:
    """Make all that failed at a community due at once: its connection was mended."""
    await conn.execute(HURRY, workspace_id, community_id, now)


async def drop(conn: Connection, workspace_id: UUID, kind: Kind, subject: UUID) -> None:
    """Forget something that nobody needs any more."""
    await conn.execute(DROP, workspace_id, kind, subject)


DROP = "DELETE FROM work WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND lease IS NULL"
