"""Versions: what each version of a contest's terms was made from, and what it changed."""

import msgspec

from contest_service.domain.contest import Definition
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the terms. `in_force_at` is the time of its event, in unix seconds.

    `changes` are sentences by language; there are none in the first version.
    """

    version: int
    definition: Definition
    in_force_at: int
    reason: str
    changes: dict[str, tuple[str, ...]]


KEEP = """
INSERT INTO versions (workspace_id, contest_id, version, definition, in_force_at, reason, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def keep(conn: Connection, contest: Contest, version: Version) -> None:
    """Write a version beside its terms, once."""
    await conn.execute(
        KEEP,
        contest.workspace_id,
        contest.id,
        version.version,
        msgspec.to_builtins(version.definition),
        version.in_force_at,
        version.reason,
        msgspec.to_builtins(version.changes),
    )


LIST = """
SELECT version, definition, in_force_at, reason, changes FROM versions
WHERE workspace_id = $1 AND contest_id = $2 ORDER BY version
"""


async def of_contest(conn: Connection, contest: Contest) -> list[Version]:
    """All versions that are known, oldest first.

    Of contests that began before versions were kept, those before the newest one are missing.
    """
    return many(await conn.fetch(LIST, contest.workspace_id, contest.id), Version)
