"""Benches: what each contest was last judged by, and which judging may write verdicts.

A snapshot says which transactions were over when the evidence was looked at. Whether a change was
among them is never in doubt, whatever the clocks say and however late it was committed.
"""

from uuid import UUID

import msgspec

from contest_service.store import changes
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, exactly


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """By what all entrants of a contest were judged before; None everywhere if they never were."""

    run: UUID
    """The judging that begins now: it alone may write from here on."""
    snapshot: str | None
    cluster: int | None
    rests_on: bytes | None
    asked_since: int | None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a transaction sees: the snapshot, and the cluster whose transactions it counts."""

    snapshot: str
    cluster: int


BEGIN = """
INSERT INTO benches AS b (workspace_id, contest_id, run) VALUES ($1, $2, uuidv7())
ON CONFLICT (workspace_id, contest_id) DO UPDATE SET run = excluded.run
RETURNING run, snapshot::text, cluster, rests_on, asked_since
"""
VIEW = """
SELECT pg_current_snapshot()::text AS snapshot,
    (SELECT system_identifier FROM pg_control_system()) AS cluster
"""


async def begin(conn: Connection, contest: Contest) -> Former:
    """Let a new judging of the contest begin: an older one that still works writes nothing more.

    What it looks at has to be looked at after this is committed.
    """
    return exactly(await conn.fetchrow(BEGIN, contest.workspace_id, contest.id), Former)


async def view(conn: Connection) -> View:
    """Tell what the current transaction sees, which has to be a repeatable read."""
    return exactly(await conn.fetchrow(VIEW), View)


HOLD = "SELECT FROM benches WHERE workspace_id = $1 AND contest_id = $2 AND run = $3 FOR SHARE"


async def hold(conn: Connection, contest: Contest, run: UUID) -> bool:
    """Keep later judgings from beginning until the transaction ends; False if one has."""
    return await conn.fetchrow(HOLD, contest.workspace_id, contest.id, run) is not None


FINISH = """
UPDATE benches SET snapshot = $4::text::pg_snapshot, cluster = $5, rests_on = $6, asked_since = $7
WHERE workspace_id = $1 AND contest_id = $2 AND run = $3
"""


async def finish(
    conn: Connection,
    contest: Contest,
    run: UUID,
    *,
    seen: View,
    rests_on: bytes,
    asked_since: int | None,
) -> None:
    """Note that all entrants are judged by what was `seen`."""
    await conn.execute(
        FINISH,
        contest.workspace_id,
        contest.id,
        run,
        seen.snapshot,
        seen.cluster,
        rests_on,
        asked_since,
    )


READ = """
SELECT snapshot::text, has_unread, cluster = (SELECT system_identifier FROM pg_control_system())
    AS is_here
FROM benches WHERE workspace_id = $1 AND contest_id = $2
"""
SET_UNREAD = """
INSERT INTO benches (workspace_id, contest_id, run, has_unread) VALUES ($1, $2, uuidv7(), $3)
ON CONFLICT (workspace_id, contest_id) DO UPDATE SET has_unread = excluded.has_unread
"""


async def unread(conn: Connection, contest: Contest) -> set[str] | None:
    """Whose profiles may be unknown: who is new since all were last judged; None for everybody."""
    key = (contest.workspace_id, contest.id)
    row = await conn.fetchrow(READ, *key)
    if row is None or row["has_unread"] or not row["is_here"]:
        return None
    return await changes.since(conn, *key, row["snapshot"], asked_since=None)


async def set_unread(conn: Connection, contest: Contest, has_unread: bool) -> None:
    """Note whether profiles of some could not be read."""
    await conn.execute(SET_UNREAD, contest.workspace_id, contest.id, has_unread)
