"""A database with many workspaces, contests and people in it, and names for some of them.

`crowded.sql` says who is there. Nothing is vacuumed or analyzed unless somebody asks for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from contest_service.domain.evidence import Action
from contest_service.store import contests, evidence, scans, targets
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.scans import Scan, Watch
from contest_service.store.targets import StoredTarget

CROWD, SOME = 6_000, 1_000
"""People in the largest contest, and in every other lively one."""

_FILL = (Path(__file__).parent / "crowded.sql").read_text()
_PATIENCE = 120.0
_LEAVE_ALONE = """
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', relation);
    END LOOP;
END
$$
"""
_CONTEST = "SELECT id FROM contests WHERE title = $1"
_IDLE = "SELECT workspace_id FROM contests ORDER BY id LIMIT 1"
_MIDDLE = """
SELECT 'audit_log' AS name, percentile_disc(0.5) WITHIN GROUP (ORDER BY id) AS id
FROM audit_log WHERE workspace_id = $1
UNION ALL SELECT 'communities', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM communities WHERE workspace_id = $1
UNION ALL SELECT 'contests', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM contests WHERE workspace_id = $1
UNION ALL SELECT 'disqualifications', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM disqualifications WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'entrants', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM entrants WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'appeals', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM appeals WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'judgings', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM judgings WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'override_proposals', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM override_proposals WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'imports', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM imports WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'imported_entries', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM imported_entries WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'lists', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM lists WHERE workspace_id = $1
UNION ALL SELECT 'notices', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM notices WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'persons', percentile_disc(0.5) WITHIN GROUP (ORDER BY person_id)
FROM memberships WHERE workspace_id = $1
UNION ALL SELECT 'quarantines', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM quarantines WHERE workspace_id = $1 AND contest_id = $2
UNION ALL SELECT 'scans', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM scans WHERE workspace_id = $1
UNION ALL SELECT 'tokens', percentile_disc(0.5) WITHIN GROUP (ORDER BY id)
FROM tokens WHERE workspace_id = $1
UNION ALL SELECT 'workspaces', percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM workspaces
"""
_ENTRIES = """
SELECT entrant_id, commitment, subject FROM openings
WHERE workspace_id = $1 AND contest_id = $2 ORDER BY commitment LIMIT 100
"""
_TOKEN = "SELECT id, digest FROM tokens WHERE workspace_id = $1 AND person_id = $2 LIMIT 1"
_BUSIEST = """
SELECT workspace_id, id FROM tokens
WHERE person_id = (SELECT id FROM persons ORDER BY id LIMIT 1) ORDER BY id LIMIT 1
"""
_SUBJECT = """
SELECT subject FROM audit_log WHERE workspace_id = $1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1
"""
_DUE = "SELECT id FROM work WHERE workspace_id = $1 ORDER BY due_at LIMIT 1"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Names of what is in the database, nearly all in its first and largest workspace.

    `contest` has the largest crowd; `entrants`, `commitments` and `subjects` are of a hundred of
    its entries, `page` is the community that its rules ask about. `other`, in the same workspace,
    has some people, and `post`, `likes` and `scan`, which is under way, are its. `middle` has an id
    of each table with as many before as after it, `digest` is a token's, `busiest` the token of
    whoever is in most workspaces, `subject` what most was done to, `due` a piece of work. It is
    `now`, whenever a test comes to it.
    """

    now: datetime
    workspace_id: UUID
    idle: UUID
    contest: Contest
    other: Contest
    post: StoredTarget
    page: StoredTarget
    likes: Watch
    scan: Scan
    middle: Mapping[str, UUID]
    entrants: Sequence[UUID]
    commitments: Sequence[bytes]
    subjects: Sequence[str]
    digest: bytes
    busiest: tuple[UUID, UUID]
    subject: UUID
    due: UUID

    @property
    def crowded(self) -> tuple[UUID, UUID]:
        return self.workspace_id, self.contest.id

    @property
    def usual(self) -> tuple[UUID, UUID]:
        return self.workspace_id, self.other.id

    @property
    def accounts(self) -> list[str]:
        return [subject.rpartition("bsky.social:")[2] for subject in self.subjects]


class Crowded(msgspec.Struct, frozen=True, kw_only=True):
    """URLs of two databases with the same rows: `young` was never analyzed, `known` was."""

    young: str
    known: str
    places: Places


async def fill(conn: Connection) -> None:
    """Fill a migrated database, in a few seconds."""
    await conn.execute(_LEAVE_ALONE)
    await conn.execute(_FILL, timeout=_PATIENCE)


async def find(conn: Connection) -> Places:
    """Name some of what is there."""
    contest, other = [
        await contests.read_public(conn, await conn.fetchval(_CONTEST, title))
        for title in ("Contest 3001", "Contest 3002")
    ]
    workspace_id = contest.workspace_id
    likes = await _watch(conn, other, Action.LIKE)
    follows = await _watch(conn, contest, Action.FOLLOW)
    scan = await scans.running(conn, likes)
    assert scan is not None
    middle = {row["name"]: row["id"] for row in await conn.fetch(_MIDDLE, workspace_id, contest.id)}
    entries = await conn.fetch(_ENTRIES, workspace_id, contest.id)
    token = await conn.fetchrow(_TOKEN, workspace_id, middle["persons"])
    return Places(
        now=await conn.fetchval("SELECT now()"),
        workspace_id=workspace_id,
        idle=await conn.fetchval(_IDLE),
        contest=contest,
        other=other,
        post=await targets.read(conn, workspace_id, likes.target_id),
        page=await targets.read(conn, workspace_id, follows.target_id),
        likes=likes,
        scan=scan,
        middle=middle,
        entrants=[row["entrant_id"] for row in entries],
        commitments=[row["commitment"] for row in entries],
        subjects=[row["subject"] for row in entries],
        digest=token["digest"],
        busiest=tuple(await conn.fetchrow(_BUSIEST)),
        subject=await conn.fetchval(_SUBJECT, workspace_id),
        due=await conn.fetchval(_DUE, workspace_id),
    )


async def _watch(conn: Connection, contest: Contest, action: Action) -> Watch:
    watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    (found,) = [each.watch_id for each in watched if each.action is action]
    return await scans.read_watch(conn, contest.workspace_id, found)
