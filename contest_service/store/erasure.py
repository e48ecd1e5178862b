"""Erasures: what is to be erased and why, what it waits for, and what was done.

While a request is open its accounts stand in `erasure_accounts`, and entries without accounts in
`erasure_entries`; when it is done they go, and only counts and addresses of publications are left.
"""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.errors import NotFoundError
from contest_service.store.entrant_traces import Entry
from contest_service.store.rows import AFTER_ALL, Connection, exactly, many


class Cause(enum.StrEnum):
    REQUEST = "request"
    """Somebody asked for a person to be erased."""
    RETENTION = "retention"
    """A contest has been over for so long that all that is personal of it goes."""
    BODIES = "bodies"
    """The same for the raw answers of platforms, earlier."""


class ErasureState(enum.StrEnum):
    DUE = "due"
    WAITING = "waiting"
    """The rest is needed by contests that have not ended."""
    DONE = "done"


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """A contest that has to end first. `draw_at` is when its draw is planned."""

    contest_id: UUID
    title: str
    draw_at: datetime


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure without whom it is about.

    `counts` is how many rows lost what was personal, by kind; `urls` are publications that name the
    person, or anybody who won, and that only their publisher can delete.
    """

    workspace_id: UUID
    id: UUID
    cause: Cause
    contest_id: UUID | None
    reason: str
    removes_from_lists: bool
    requested_by: UUID | None
    created_at: datetime
    state: ErasureState
    waits_for: list[Waited]
    counts: dict[str, int]
    urls: list[str]
    done_at: datetime | None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is to be erased, and by which names others may speak of it."""

    platform: Platform
    instance: str
    account: str
    names: list[str]

    @property
    def key(self) -> AccountKey:
        return AccountKey(platform=self.platform, instance=self.instance, id=self.account)


ASK = """
INSERT INTO erasures (workspace_id, cause, reason, removes_from_lists, requested_by, created_at)
VALUES ($1, 'request', $2, $3, $4, $5) RETURNING id
"""


async def ask(
    conn: Connection,
    workspace_id: UUID,
    *,
    reason: str,
    removes_from_lists: bool,
    person_id: UUID | None,
    at: datetime,
) -> UUID:
    """Note a request to erase a person; whom, `add_accounts` says."""
    id_: UUID = await conn.fetchval(ASK, workspace_id, reason, removes_from_lists, person_id, at)
    return id_


ADD_ACCOUNTS = """
INSERT INTO erasure_accounts AS a (workspace_id, erasure_id, platform, instance, account)
SELECT $1, $2, k.* FROM unnest($3::text[], $4::text[], $5::text[]) AS k
ON CONFLICT DO NOTHING
"""
ACCOUNTS = """
SELECT platform, instance, account, names FROM erasure_accounts
WHERE workspace_id = $1 AND erasure_id = $2 ORDER BY platform, instance, account
"""
SET_NAMES = """
UPDATE erasure_accounts SET names = $6
WHERE workspace_id = $1 AND erasure_id = $2 AND platform = $3 AND instance = $4 AND account = $5
"""


async def add_accounts(
    conn: Connection, workspace_id: UUID, id_: UUID, accounts: Sequence[AccountKey]
) -> None:
    """Say whom a request is about; accounts that are there already stay."""
    columns = [
        [each.platform.value for each in accounts],
        [each.instance for each in accounts],
        [each.id for each in accounts],
    ]
    await conn.execute(ADD_ACCOUNTS, workspace_id, id_, *columns)


async def accounts(conn: Connection, workspace_id: UUID, id_: UUID) -> list[Named]:
    """Whom a request is about; nobody once it is done."""
    return many(await conn.fetch(ACCOUNTS, workspace_id, id_), Named)


async def set_names(
    conn: Connection, workspace_id: UUID, id_: UUID, names: Mapping[AccountKey, Sequence[str]]
) -> None:
    """Remember how accounts are called, for as long as the request is open."""
    await conn.executemany(
        SET_NAMES,
        [
            (workspace_id, id_, key.platform.value, key.instance, key.id, list(names[key]))
            for key in names
        ],
    )


ADD_ENTRY = """
INSERT INTO erasure_entries (workspace_id, erasure_id, contest_id, entrant_id, names)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
ENTRIES = """
SELECT contest_id, entrant_id, names FROM erasure_entries
WHERE workspace_id = $1 AND erasure_id = $2 ORDER BY contest_id, entrant_id
"""


class NamedEntry(Entry, frozen=True, kw_only=True):
    """An entry without an account that is to be erased, and by which names others speak of it."""

    names: list[str]


async def add_entry(
    conn: Connection, workspace_id: UUID, id_: UUID, entry: Entry, *, names: Sequence[str]
) -> None:
    """Say that a request is about somebody who entered without an account."""
    key = (workspace_id, id_, entry.contest_id, entry.entrant_id)
    await conn.execute(ADD_ENTRY, *key, list(names))


async def entries(conn: Connection, workspace_id: UUID, id_: UUID) -> list[NamedEntry]:
    """The entries without accounts that a request is about; none once it is done."""
    return many(await conn.fetch(ENTRIES, workspace_id, id_), NamedEntry)


COLUMNS = """r.workspace_id, r.id, r.cause, r.contest_id, r.reason, r.removes_from_lists,
    r.requested_by, r.created_at, r.state, r.counts, r.urls, r.done_at,
    COALESCE((SELECT json_agg(json_build_object('contest_id', c.id, 'title', c.title,
            'draw_at', c.draw_at) ORDER BY c.draw_at, c.id)
        FROM contests c WHERE c.workspace_id = r.workspace_id AND c.id = ANY (r.waits_for)), '[]')
        ::text AS waits_for"""
READ = f"SELECT {COLUMNS} FROM erasures r WHERE r.workspace_id = $1 AND r.id = $2"
LIST = f"""
SELECT {COLUMNS} FROM erasures r
WHERE r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3
"""
_waited = msgspec.json.Decoder(list[Waited])


def _values(row: Mapping[str, object]) -> dict[str, object]:
    return {**row, "waits_for": _waited.decode(str(row["waits_for"]))}


async def find(conn: Connection, workspace_id: UUID, id_: UUID) -> Erasure | None:
    row = await conn.fetchrow(READ, workspace_id, id_)
    return None if row is None else msgspec.convert(_values(dict(row)), Erasure)


async def read(conn: Connection, workspace_id: UUID, id_: UUID) -> Erasure:
    """Raises NotFoundError."""
    found = await find(conn, workspace_id, id_)
    if found is None:
        raise NotFoundError("There is no such erasure in this workspace.")
    return found


async def list_page(
    conn: Connection, workspace_id: UUID, *, before: UUID | None, limit: int
) -> list[Erasure]:
    """List erasures, newest first."""
    rows = await conn.fetch(LIST, workspace_id, before or AFTER_ALL, limit)
    return [msgspec.convert(_values(dict(row)), Erasure) for row in rows]


# What was counted before a crash is added to, never counted twice: a row that was erased is not
# erased again.
NOTE = """
UPDATE erasures r
SET counts = (SELECT COALESCE(jsonb_object_agg(t.kind, t.total), '{}') FROM (
        SELECT k.kind, sum(k.many) AS total FROM (
            SELECT key AS kind, value::bigint AS many FROM jsonb_each_text(r.counts)
            UNION ALL SELECT key, value::bigint FROM jsonb_each_text($3)) k
        GROUP BY k.kind) t),
    urls = ARRAY(SELECT DISTINCT u FROM unnest(r.urls || $4::text[]) u ORDER BY u)
WHERE r.workspace_id = $1 AND r.id = $2
"""
SET_SWEPT = "UPDATE erasures SET swept = $3 WHERE workspace_id = $1 AND id = $2"
SWEPT = "SELECT swept FROM erasures WHERE workspace_id = $1 AND id = $2"
WAIT = """
UPDATE erasures SET state = 'waiting', waits_for = $3 WHERE workspace_id = $1 AND id = $2
"""
FORESEE = "UPDATE erasures SET waits_for = $3 WHERE workspace_id = $1 AND id = $2"
FINISH = """
UPDATE erasures SET state = 'done', waits_for = '{}', swept = '{}', done_at = $3
WHERE workspace_id = $1 AND id = $2
"""
FORGET_ACCOUNTS = "DELETE FROM erasure_accounts WHERE workspace_id = $1 AND erasure_id = $2"
FORGET_ENTRIES = "DELETE FROM erasure_entries WHERE workspace_id = $1 AND erasure_id = $2"


async def note(
    conn: Connection, erasure: Erasure, counts: Mapping[str, int], *, urls: Sequence[str] = ()
) -> None:
    """Add to what was done, in the transaction that does it."""
    some = {kind: many_ for kind, many_ in counts.items() if many_}
    if some or urls:
        await conn.execute(NOTE, erasure.workspace_id, erasure.id, some, list(urls))


async def set_swept(
    conn: Connection, erasure: Erasure, *, platform: str, instance: str, account: str
) -> None:
    """Remember up to which account of a network profiles were looked at."""
    place = [platform, instance, account]
    await conn.execute(SET_SWEPT, erasure.workspace_id, erasure.id, place)


async def swept(conn: Connection, erasure: Erasure) -> tuple[str, str, str]:
    """Up to where profiles were looked at: platform, instance, account; empty at the beginning."""
    platform, instance, account = await conn.fetchval(SWEPT, erasure.workspace_id, erasure.id) or (
        "",
        "",
        "",
    )
    return platform, instance, account


async def wait(conn: Connection, workspace_id: UUID, id_: UUID, contests: Sequence[UUID]) -> None:
    """Note that the rest waits for contests to end."""
    await conn.execute(WAIT, workspace_id, id_, contests)


async def foresee(
    conn: Connection, workspace_id: UUID, id_: UUID, contests: Sequence[UUID]
) -> None:
    """Note for which contests the rest will have to wait."""
    await conn.execute(FORESEE, workspace_id, id_, contests)


async def finish(conn: Connection, erasure: Erasure, *, at: datetime) -> None:
    """Note that all is done, and forget whom it was about."""
    await conn.execute(FORGET_ACCOUNTS, erasure.workspace_id, erasure.id)
    await conn.execute(FORGET_ENTRIES, erasure.workspace_id, erasure.id)
    await conn.execute(FINISH, erasure.workspace_id, erasure.id, at)


# Contests by age ----------------------------------------------------------------------------------

# A contest that never started has nobody in it. Nothing changes a contest that has ended, so that
# `updated_at` is when it did.
PLAN_AGED = """
WITH aged AS (
    SELECT c.workspace_id, c.id FROM contests c
    WHERE c.status IN ('completed', 'cancelled', 'void') AND c.updated_at < $2
        AND c.terms_version > 0
        AND NOT EXISTS (SELECT FROM erasures r WHERE r.workspace_id = c.workspace_id
            AND r.contest_id = c.id AND r.cause = $1)
    ORDER BY c.updated_at LIMIT $4
), made AS (
    INSERT INTO erasures (workspace_id, cause, contest_id, created_at)
    SELECT workspace_id, $1, id, $3 FROM aged
    ON CONFLICT DO NOTHING
    RETURNING workspace_id, id
)
INSERT INTO work (workspace_id, kind, subject, due_at)
SELECT workspace_id, 'erase', id, $3 FROM made
ON CONFLICT DO NOTHING
"""
PLAN_AT_ONCE = 500


async def plan_aged(conn: Connection, cause: Cause, *, before: datetime, now: datetime) -> None:
    """Make the erasure of contests due that ended before a time, some hundred in one call."""
    await conn.execute(PLAN_AGED, cause.value, before, now, PLAN_AT_ONCE)


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """When a contest ended; None if it has not."""

    at: datetime | None


ENDED = """
SELECT CASE WHEN status IN ('completed', 'cancelled', 'void') THEN updated_at END AS at
FROM contests WHERE workspace_id = $1 AND id = $2
"""


async def ended_at(conn: Connection, workspace_id: UUID, contest_id: UUID) -> datetime | None:
    """When a contest ended; None if it has not."""
    return exactly(await conn.fetchrow(ENDED, workspace_id, contest_id), Ended).at


ANY_ENDED = """
SELECT EXISTS (SELECT FROM contests WHERE workspace_id = $1 AND id = ANY ($2)
    AND status IN ('completed', 'cancelled', 'void'))
"""


async def has_any_ended(conn: Connection, workspace_id: UUID, contests: Sequence[UUID]) -> bool:
    return bool(await conn.fetchval(ANY_ENDED, workspace_id, contests))
