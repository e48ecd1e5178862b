"""Scans: passes over one kind of action of one target, with their pages and staging area."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.evidence import Action, Sighting
from contest_service.store import arrays
from contest_service.store.rows import AFTER_ALL, Connection, exactly, many, one, storable


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    id: UUID
    target_id: UUID
    action: Action


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A pass. `staged` counts what is in its staging area, `claimed` is the platform's counter.

    `counted` is what its pages said there is beyond the post's own counter (answers to comments).
    """

    workspace_id: UUID
    id: UUID
    watch_id: UUID
    closing: bool
    state: str
    started_at: datetime
    finished_at: datetime | None
    checkpoint: str | None
    pages: int
    staged: int
    counted: int
    seen: int | None
    appeared: int | None
    vanished: int | None
    hidden: int | None
    claimed: int | None
    failure: str | None


class StagedPage(msgspec.Struct, frozen=True, kw_only=True):
    """What one page said, on its way into presence intervals; `seq` is the page's number.

    `answer` is `present`, or `absent` or `hidden` for accounts that were asked about.
    """

    seq: int
    answer: str
    seen_at: datetime
    sightings: Sequence[Sighting]


class ReadPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was read: its digest, and its compressed body where it is kept."""

    seq: int
    sha256: bytes
    size: int
    fetched_at: datetime
    body: bytes | None


COLUMNS = """workspace_id, id, watch_id, closing, state, started_at, finished_at, checkpoint, pages,
    staged, counted, seen, appeared, vanished, hidden, claimed, failure"""

READ_WATCH = """
SELECT workspace_id, id, target_id, action FROM watches WHERE workspace_id = $1 AND id = $2
"""
RUNNING = f"""
SELECT {COLUMNS} FROM scans WHERE workspace_id = $1 AND watch_id = $2 AND state = 'running'
"""
LATEST = f"""
SELECT {COLUMNS} FROM scans WHERE workspace_id = $1 AND watch_id = $2 AND state = 'complete'
    AND failure IS NULL AND started_at > (SELECT COALESCE(w.forgotten_at, '-infinity')
        FROM watches w WHERE w.workspace_id = $1 AND w.id = $2)
ORDER BY id DESC LIMIT 1
"""
BEGIN = f"""
INSERT INTO scans (workspace_id, watch_id, closing, started_at) VALUES ($1, $2, $3, $4)
RETURNING {COLUMNS}
"""


async def read_watch(conn: Connection, workspace_id: UUID, watch_id: UUID) -> Watch:
    return exactly(await conn.fetchrow(READ_WATCH, workspace_id, watch_id), Watch)


async def running(conn: Connection, watch: Watch) -> Scan | None:
    """The watch's scan that is under way."""
    return one(await conn.fetchrow(RUNNING, watch.workspace_id, watch.id), Scan)


async def latest_complete(conn: Connection, watch: Watch) -> Scan | None:
    """The last pass that proves what was absent.

    It is complete, was not found to see too little, and what it showed was not erased since.
    """
    return one(await conn.fetchrow(LATEST, watch.workspace_id, watch.id), Scan)


async def begin(conn: Connection, watch: Watch, *, closing: bool, at: datetime) -> Scan:
    return exactly(await conn.fetchrow(BEGIN, watch.workspace_id, watch.id, closing, at), Scan)


CHECKPOINT = """
UPDATE scans SET checkpoint = $3, pages = pages + $4, staged = staged + $5, counted = counted + $6
WHERE workspace_id = $1 AND id = $2 AND state = 'running'
"""
STAGING_COLUMNS = (
    "workspace_id",
    "scan_id",
    "seq",
    "answer",
    "seen_at",
    "size",
    "accounts",
    "refs",
    "times",
    "texts",
    "tags",
    "mentions",
)
PAGE_COLUMNS = ("workspace_id", "scan_id", "seq", "sha256", "size", "fetched_at", "body")
# A crash that takes the last checkpoints takes the unlogged staging area too, and the scan starts
# again; so nothing is gained by waiting for the disk.
NO_WAIT = "SET LOCAL synchronous_commit = off"


async def stage(
    conn: Connection,
    scan: Scan,
    staged: Sequence[StagedPage],
    pages: Sequence[ReadPage],
    *,
    checkpoint: str | None,
    counted: int = 0,
) -> None:
    """Add what was read, and remember where to go on; all in the caller's transaction."""
    key = (scan.workspace_id, scan.id)
    await conn.execute(NO_WAIT)
    await conn.copy_records_to_table(
        "scan_staging",
        columns=STAGING_COLUMNS,
        records=[(*key, *_columns(page)) for page in staged if page.sightings],
    )
    await conn.copy_records_to_table(
        "scan_pages",
        columns=PAGE_COLUMNS,
        records=[(*key, p.seq, p.sha256, p.size, p.fetched_at, p.body) for p in pages],
    )
    size = sum(len(page.sightings) for page in staged)
    await conn.execute(CHECKPOINT, *key, checkpoint, len(pages), size, counted)


def _columns(page: StagedPage) -> tuple[Any, ...]:
    """Everything from `seq` to `mentions`, the sightings turned into arrays."""
    seen = page.sightings
    refs = [each.ref for each in seen]
    times = [each.at for each in seen]
    texts = [each.text for each in seen]
    tags = [each.tags for each in seen]
    mentions = [each.mentions for each in seen]
    return (
        page.seq,
        page.answer,
        page.seen_at,
        len(seen),
        arrays.texts([each.account for each in seen]),
        arrays.texts(refs) if any(refs) else None,
        None if times.count(None) == len(times) else arrays.numbers(times),
        arrays.texts([storable(text) for text in texts]) if any(texts) else None,
        _nested(tags) if any(tags) else None,
        _nested(mentions) if any(mentions) else None,
    )


def _nested(lists: Sequence[Sequence[str]]) -> str:
    """An array of arrays, which are texts again: as arrays they would all be of one length."""
    return arrays.texts_or_nulls(
        [arrays.texts([storable(text) for text in each]) if each else None for each in lists]
    )


COUNT_STAGED = """
SELECT COALESCE(sum(size), 0) FROM scan_staging WHERE workspace_id = $1 AND scan_id = $2
"""


async def count_staged(conn: Connection, scan: Scan) -> int:
    """How many actions are really staged: fewer than noted after a crash of the database."""
    return int(await conn.fetchval(COUNT_STAGED, scan.workspace_id, scan.id))


FINISH = """
UPDATE scans SET state = $3, finished_at = $4, seen = $5, appeared = $6, vanished = $7,
    hidden = $8, claimed = $9 + counted, failure = $10, checkpoint = NULL
WHERE workspace_id = $1 AND id = $2 AND state = 'running'
"""
CLEAR = "DELETE FROM scan_staging WHERE workspace_id = $1 AND scan_id = $2"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan changed. `hidden` counts presences that only vanished from our sight."""

    seen: int
    appeared: int
    vanished: int
    hidden: int


async def finish(
    conn: Connection,
    scan: Scan,
    outcome: Outcome,
    *,
    at: datetime,
    claimed: int | None,
    failure: str | None = None,
) -> None:
    """End a scan: complete, or aborted if there was a `failure`; its staging area is emptied."""
    state = "complete" if failure is None else "aborted"
    await conn.execute(
        FINISH,
        scan.workspace_id,
        scan.id,
        state,
        at,
        outcome.seen,
        outcome.appeared,
        outcome.vanished,
        outcome.hidden,
        claimed,
        failure,
    )
    await conn.execute(CLEAR, scan.workspace_id, scan.id)


# A page of each watch, and of these the page.
OF_CONTEST = """
SELECT s.workspace_id, s.id, s.watch_id, s.closing, s.state, s.started_at, s.finished_at,
    s.checkpoint, s.pages, s.staged, s.counted, s.seen, s.appeared, s.vanished, s.hidden, s.claimed,
    s.failure
FROM contest_evidence e
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
CROSS JOIN LATERAL (
    SELECT s.workspace_id, s.id, s.watch_id, s.closing, s.state, s.started_at, s.finished_at,
        s.checkpoint, s.pages, s.staged, s.counted, s.seen, s.appeared, s.vanished, s.hidden,
        s.claimed, s.failure
    FROM scans s
    WHERE s.workspace_id = $1 AND s.watch_id = w.id AND s.id < $3
    ORDER BY s.id DESC LIMIT $4) s
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY s.id DESC LIMIT $4
"""


async def of_contest(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, before: UUID | None, limit: int
) -> list[Scan]:
    """List the scans that a contest's verdicts rest on, newest first."""
    rows = await conn.fetch(OF_CONTEST, workspace_id, contest_id, before or AFTER_ALL, limit)
    return many(rows, Scan)


PAGES = """
SELECT seq, sha256, size, fetched_at, body FROM scan_pages
WHERE workspace_id = $1 AND scan_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
"""


async def pages(
    conn: Connection, workspace_id: UUID, scan_id: UUID, *, after: int, limit: int
) -> list[ReadPage]:
    return many(await conn.fetch(PAGES, workspace_id, scan_id, after, limit), ReadPage)
