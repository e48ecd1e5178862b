"""Notices: what each holder of a prize is told, once. Written with the announcement, told after."""

import enum
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.store.contests import Contest
from contest_service.store.rows import BEFORE_ALL, Connection, exactly, many, one
from contest_service.store.targets import StoredTarget


class NoticeState(enum.StrEnum):
    DUE = "due"
    TOLD = "told"
    UNREACHABLE = "unreachable"
    """Nobody may name this person, and they cannot be written to: it waits for a person."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """The prize went to somebody else before its holder was told."""
    ELSEWHERE = "elsewhere"
    """The same person is told, or was, through another of their accounts."""


class How(enum.StrEnum):
    """How somebody was told: a mention stands under the contest post, a post on the wall."""

    MESSAGE = "message"
    MENTION = "mention"
    POST = "post"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one account is told of an event, and how far that is.

    `key` is the platform's idempotency key, `created_at` its time. `text` is for the person alone;
    `mention` is said in public by the name `label`, and both are empty where nobody may be named,
    and for all accounts of a person but the first. `place` is this account's, from 0, among those
    of a person in the order in which they entered; the next is told where this one cannot be.
    `refused` says that the person cannot be written to. `told_ref` and `told_url` are of the
    publication that names them, and null for a message.
    """

    workspace_id: UUID
    id: UUID
    contest_id: UUID
    seq: int
    entrant_id: UUID
    place: int
    target_id: UUID
    platform: Platform
    instance: str
    account: str
    label: str
    key: str
    created_at: datetime
    text: str
    mention: str
    link: str
    state: NoticeState
    refused: bool
    how: How | None
    told_ref: str | None
    told_url: str | None
    told_at: datetime | None
    failure: str | None


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a prize: an account of theirs, and how the first one is called in public.

    `place` is the account's among theirs, from 0, in the order in which they entered.
    """

    entrant_id: UUID
    label: str
    place: int
    platform: Platform
    instance: str
    account: str


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on its way into the table."""

    entrant_id: UUID
    state: NoticeState
    place: int
    target_id: UUID
    platform: str
    instance: str
    account: str
    label: str
    key: str
    text: str
    mention: str
    link: str


# Whichever entered first was linked to nothing; the others were entrants of their own, numbered as
# they were first judged.
HOLDERS = """
SELECT o.entrant_id, o.label, x.platform, x.instance, x.account, (row_number() OVER (
    PARTITION BY o.entrant_id ORDER BY l.entrant_id NULLS FIRST) - 1)::int AS place
FROM openings o
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = o.entrant_id
    OFFSET 0) x
LEFT JOIN LATERAL (SELECT l.entrant_id, l.into_id FROM links l
    WHERE l.workspace_id = $1 AND l.contest_id = $2 AND l.platform = x.platform
        AND l.instance = x.instance AND l.account = x.account AND l.parted_at IS NULL
    OFFSET 0) l ON l.into_id = o.entrant_id
WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = ANY ($3)
ORDER BY o.entrant_id, place
"""


async def holders(conn: Connection, contest: Contest, entrants: Collection[UUID]) -> list[Holder]:
    """The accounts behind some entries, of each the one that entered first before the others.

    Whoever has none, or was erased, is missing.
    """
    rows = await conn.fetch(HOLDERS, contest.workspace_id, contest.id, list(entrants))
    return many(rows, Holder)


ADD = """
WITH made AS (
    INSERT INTO notices (workspace_id, contest_id, seq, created_at, entrant_id, state, place,
        target_id, platform, instance, account, label, key, text, mention, link)
    SELECT $1, $2, $3, $4, v.*
    FROM unnest($5::uuid[], $6::text[], $7::smallint[], $8::uuid[], $9::text[], $10::text[],
        $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[]) AS v
    ON CONFLICT ON CONSTRAINT notices_once DO NOTHING
    RETURNING id, state
)
SELECT id FROM made WHERE state = 'due'
"""


async def add(
    conn: Connection, contest: Contest, new: Sequence[NewNotice], *, seq: int, at: datetime
) -> list[UUID]:
    """Put notices of an event into the table; returns those due that were not there already."""
    columns = [[getattr(each, name) for each in new] for name in NewNotice.__struct_fields__]
    rows = await conn.fetch(ADD, contest.workspace_id, contest.id, seq, at, *columns)
    return [row["id"] for row in rows]


COLUMNS = """workspace_id, id, contest_id, seq, entrant_id, place, target_id, platform, instance,
    account, label, key, created_at, text, mention, link, state, refused, how, told_ref, told_url,
    told_at, failure"""

READ = f"SELECT {COLUMNS} FROM notices WHERE workspace_id = $1 AND id = $2"
FIND = f"""
SELECT {COLUMNS} FROM notices WHERE workspace_id = $1 AND contest_id = $2 AND id = $3
"""
LIST = f"""
SELECT {COLUMNS} FROM notices
WHERE workspace_id = $1 AND contest_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""


async def read(conn: Connection, workspace_id: UUID, id_: UUID) -> Notice:
    """Read a notice that a piece of work is about."""
    return exactly(await conn.fetchrow(READ, workspace_id, id_), Notice)


async def find(conn: Connection, workspace_id: UUID, contest_id: UUID, id_: UUID) -> Notice | None:
    """Look a notice of a contest up."""
    return one(await conn.fetchrow(FIND, workspace_id, contest_id, id_), Notice)


async def list_page(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[Notice]:
    """List a contest's notices, oldest first."""
    rows = await conn.fetch(LIST, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return many(rows, Notice)


# A contest has no more notices than it has accounts of winners.
OF_ENTRANTS = f"""
SELECT {COLUMNS} FROM notices
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = ANY ($3) ORDER BY seq, place, id
"""


async def of_entrants(
    conn: Connection, contest: Contest, entrants: Collection[UUID]
) -> list[Notice]:
    """What some entries were told, or are to be told, in the order of the events."""
    rows = await conn.fetch(OF_ENTRANTS, contest.workspace_id, contest.id, list(entrants))
    return many(rows, Notice)


DUE = """
SELECT id FROM notices
WHERE workspace_id = $1 AND contest_id = $2 AND seq = $3 AND state = 'due'
"""
NAMED = """
SELECT label, account FROM notices
WHERE workspace_id = $1 AND contest_id = $2 AND seq = $3 AND platform = $4 AND instance = $5
    AND label <> ''
"""


async def due(conn: Connection, workspace_id: UUID, contest_id: UUID, seq: int) -> list[UUID]:
    """The notices of an event that nobody has been told yet."""
    return [row["id"] for row in await conn.fetch(DUE, workspace_id, contest_id, seq)]


async def named(
    conn: Connection, contest_id: UUID, seq: int, target: StoredTarget
) -> Mapping[str, str]:
    """Accounts on a target's network that an event gave a prize to, by their public names."""
    rows = await conn.fetch(
        NAMED, target.workspace_id, contest_id, seq, target.platform, target.instance
    )
    return {row["label"]: row["account"] for row in rows}


REFUSED = "UPDATE notices SET refused = true WHERE workspace_id = $1 AND id = $2"
TOLD = """
UPDATE notices
SET state = 'told', how = $3, told_ref = $4, told_url = $5, told_at = $6, failure = NULL
WHERE workspace_id = $1 AND id = $2 AND state <> 'told'
"""
ENDED = """
UPDATE notices SET state = $3, failure = $4 WHERE workspace_id = $1 AND id = $2 AND state = 'due'
"""


async def set_refused(conn: Connection, notice: Notice) -> None:
    """Note that the person cannot be written to, before they are told in public."""
    await conn.execute(REFUSED, notice.workspace_id, notice.id)


async def set_told(
    conn: Connection,
    notice: Notice,
    how: How,
    *,
    ref: str | None,
    url: str | None,
    at: datetime,
) -> None:
    await conn.execute(TOLD, notice.workspace_id, notice.id, how, ref, url, at)


# Whatever failed at another account of theirs needs nobody any more.
SPARED = """
UPDATE notices SET state = 'elsewhere'
WHERE workspace_id = $1 AND contest_id = $2 AND seq = $3 AND entrant_id = $4
    AND state IN ('unreachable', 'failed')
"""
WAKE = """
UPDATE notices SET state = 'due'
WHERE workspace_id = $1 AND contest_id = $2 AND seq = $3 AND entrant_id = $4
    AND state = 'elsewhere' AND place = (
        SELECT min(place) FROM notices
        WHERE workspace_id = $1 AND contest_id = $2 AND seq = $3 AND entrant_id = $4 AND place > $5)
RETURNING id
"""


async def spare_others(conn: Connection, notice: Notice) -> None:
    """Let a person who is told by now be told through no other account of theirs."""
    key = (notice.workspace_id, notice.contest_id, notice.seq, notice.entrant_id)
    await conn.execute(SPARED, *key)


async def wake_next(conn: Connection, notice: Notice) -> UUID | None:
    """Make the notice of the person's next account due, if there is one that is not yet."""
    key = (notice.workspace_id, notice.contest_id, notice.seq, notice.entrant_id)
    woken: UUID | None = await conn.fetchval(WAKE, *key, notice.place)
    return woken


async def set_failure(
    conn: Connection, notice: Notice, failure: str, *, state: NoticeState = NoticeState.DUE
) -> None:
    """Note why nobody was told; in any other state than due it waits for a person."""
    await conn.execute(ENDED, notice.workspace_id, notice.id, state, failure)


WITHDRAW = """
UPDATE notices SET state = 'withdrawn'
WHERE workspace_id = $1 AND contest_id = $2 AND entrant_id = $3 AND state <> 'told'
"""


async def withdraw(conn: Connection, contest: Contest, entrant_id: UUID) -> None:
    """Tell somebody nothing any more who lost their prizes."""
    await conn.execute(WITHDRAW, contest.workspace_id, contest.id, entrant_id)


# Somebody who could not be reached at all may have allowed messages since.
RETRY = """
UPDATE notices SET state = 'due', refused = refused AND state <> 'unreachable'
WHERE workspace_id = $1 AND id = $2 AND state IN ('failed', 'unreachable')
"""


async def retry(conn: Connection, notice: Notice) -> None:
    """Let a notice that waits for a person be tried again."""
    await conn.execute(RETRY, notice.workspace_id, notice.id)
