"""Announcements: an outbox. The row is written with what it announces, and published after."""

import enum
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, exactly, many
from contest_service.store.targets import StoredTarget


class AnnouncementKind(enum.StrEnum):
    FREEZE = "freeze"
    RESULT = "result"
    SUCCESSION = "succession"
    AMENDMENT = "amendment"
    VOID = "void"
    CORRECTION = "correction"
    """About the same event as what it corrects."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A text for a community. `key` is the platform's idempotency key, `created_at` its time.

    `number` tells the corrections of one event apart, from 1, and is 0 for all others.
    """

    workspace_id: UUID
    id: UUID
    contest_id: UUID
    target_id: UUID
    kind: AnnouncementKind
    seq: int
    number: int
    key: str
    created_at: datetime
    text: str
    link: str
    state: str
    published_ref: str | None
    published_url: str | None
    published_at: datetime | None
    failure: str | None


COLUMNS = """workspace_id, id, contest_id, target_id, kind, seq, number, key, created_at, text,
    link, state, published_ref, published_url, published_at, failure"""

ADD = """
INSERT INTO announcements (workspace_id, contest_id, target_id, kind, seq, number, key, created_at,
    text, link)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT announcements_once DO NOTHING
RETURNING id
"""


async def add(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    target_id: UUID,
    *,
    kind: AnnouncementKind,
    seq: int,
    number: int = 0,
    key: str,
    created_at: datetime,
    text: str,
    link: str,
) -> UUID | None:
    """Put an announcement into the outbox; None if this one is there already.

    `seq` is the number of the event that it announces.
    """
    id_: UUID | None = await conn.fetchval(
        ADD, workspace_id, contest_id, target_id, kind, seq, number, key, created_at, text, link
    )
    return id_


READ = f"SELECT {COLUMNS} FROM announcements WHERE workspace_id = $1 AND id = $2"
OF_CONTEST = f"""
SELECT {COLUMNS} FROM announcements WHERE workspace_id = $1 AND contest_id = $2 ORDER BY seq, id
"""


async def read(conn: Connection, workspace_id: UUID, id_: UUID) -> Announcement:
    return exactly(await conn.fetchrow(READ, workspace_id, id_), Announcement)


async def of_contest(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Announcement]:
    return many(await conn.fetch(OF_CONTEST, workspace_id, contest_id), Announcement)


# A contest has few, and the kind of what announces an event is not known here.
OF_EVENT = f"""
SELECT {COLUMNS}
FROM (SELECT * FROM announcements WHERE workspace_id = $1 AND contest_id = $2 OFFSET 0) a
WHERE a.seq = $3 AND EXISTS (
    SELECT FROM targets t WHERE t.workspace_id = $1 AND t.id = a.target_id
        AND t.platform = $4 AND t.instance = $5)
ORDER BY id
"""


async def of_event(
    conn: Connection, contest_id: UUID, seq: int, target: StoredTarget
) -> list[Announcement]:
    """What announces an event on a target's network."""
    rows = await conn.fetch(
        OF_EVENT, target.workspace_id, contest_id, seq, target.platform, target.instance
    )
    return many(rows, Announcement)


PUBLISHED = """
UPDATE announcements
SET state = 'published', published_ref = $3, published_url = $4, published_at = $5, failure = NULL
WHERE workspace_id = $1 AND id = $2 AND state <> 'published'
"""
FAILED = """
UPDATE announcements SET state = $3, failure = $4
WHERE workspace_id = $1 AND id = $2 AND state <> 'published'
"""


async def set_published(
    conn: Connection, announcement: Announcement, *, ref: str, url: str, at: datetime
) -> None:
    await conn.execute(PUBLISHED, announcement.workspace_id, announcement.id, ref, url, at)


async def set_failure(
    conn: Connection, announcement: Announcement, failure: str, *, permanent: bool
) -> None:
    """Note why publishing failed; a permanent failure waits for a person."""
    state = "failed" if permanent else "due"
    await conn.execute(FAILED, announcement.workspace_id, announcement.id, state, failure)


RETRY = """
UPDATE announcements SET state = 'due'
WHERE workspace_id = $1 AND contest_id = $2 AND id = $3 AND state = 'failed'
"""


async def retry(conn: Connection, workspace_id: UUID, contest_id: UUID, id_: UUID) -> bool:
    """Let a failed announcement be tried again; False if it is not a failed one."""
    return str(await conn.execute(RETRY, workspace_id, contest_id, id_)) == "UPDATE 1"


CORRECTIONS = """
SELECT COALESCE(max(number), 0) FROM announcements
WHERE workspace_id = $1 AND contest_id = $2 AND kind = 'correction' AND seq = $3
"""


async def corrections(conn: Connection, workspace_id: UUID, contest_id: UUID, seq: int) -> int:
    """How many corrections were made of what announces an event."""
    return int(await conn.fetchval(CORRECTIONS, workspace_id, contest_id, seq))
