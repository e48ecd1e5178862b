"""Imports: bring in entries of people without accounts, and take an import back.

The rules have to say that one may enter so. An entry is brought in while the contest runs, and is
judged like all others; who brought it in, when, and from which line of which file is its evidence.
Until the list is frozen an import can be undone, as a whole and with a reason: its entries stay on
record, and do not count.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contest_service.domain.contest import STARTED, Status
from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.evidence import Action
from contest_service.domain.imports import (
    COLUMNS,
    NewEntry,
    PlacedEntry,
    Pointer,
    entry_faults,
    in_lines,
    in_request,
    read_entries,
)
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.domain.rules import conditions
from contest_service.domain.spreadsheet import first_of, read_lines
from contest_service.flows.runtime import Runtime
from contest_service.store import audit, contests, imports, work
from contest_service.store.contests import Contest
from contest_service.store.imports import Import, Source
from contest_service.store.rows import Connection

MOST_ENTRIES = 1000
"""Of one request; a file may hold more."""
LONGEST_REASON = 500
_POINTERS = {Source.CSV: in_lines, Source.API: in_request}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Entries that were read, with what is wrong with them, and what they were read from."""

    entries: Sequence[PlacedEntry]
    faults: Sequence[Fault]
    source: Source
    sha256: bytes
    size: int
    at: Pointer


async def prepare_request(
    rt: Runtime, actor: Actor, contest_id: UUID, entries: Sequence[NewEntry], *, data: bytes
) -> Prepared:
    """Read the entries of a request, whose body is `data`. Raises NotFoundError."""
    placed = [
        PlacedEntry(
            line=number,
            reference=each.reference.strip(),
            label=each.label.strip(),
            entered_at=each.entered_at,
        )
        for number, each in enumerate(entries, 1)
    ]
    faults = []
    if not 1 <= len(entries) <= MOST_ENTRIES:
        detail = f"give 1 to {MOST_ENTRIES} entries, and more of them as a file"
        placed, faults = [], [Fault(pointer="/entries", detail=detail)]
    read = (placed, faults)
    return await _prepare(rt, actor, contest_id, lambda: read, data=data, source=Source.API)


async def prepare_file(rt: Runtime, actor: Actor, contest_id: UUID, data: bytes) -> Prepared:
    """Read the entries of a CSV file. Raises NotFoundError."""

    def read() -> tuple[list[PlacedEntry], list[Fault]]:
        lines, faults = read_lines(data, COLUMNS)
        entries, more = read_entries(lines)
        return entries, faults + more

    return await _prepare(rt, actor, contest_id, read, data=data, source=Source.CSV)


async def _prepare(
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    read: Callable[[], tuple[list[PlacedEntry], list[Fault]]],
    *,
    data: bytes,
    source: Source,
) -> Prepared:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
    at, now = _POINTERS[source], rt.clock()

    def look_through() -> Prepared:
        entries, faults = read()
        faults += entry_faults(entries, at, opens_at=contest.opens_at, now=now)
        digest = hashlib.sha256(data).digest()
        return Prepared(
            entries=entries, faults=faults, source=source, sha256=digest, size=len(data), at=at
        )

    # A hundred thousand lines take a second, in which others are served.
    return await asyncio.to_thread(look_through)


async def import_entries(
    conn: Connection, actor: Actor, contest_id: UUID, new: Prepared, *, now: datetime
) -> Import:
    """Bring entries in, all of them or none.

    Raises InvalidError with the faults of all entries, NotFoundError, and ConflictError unless the
    contest runs by rules that let people enter without an account.
    """
    if actor.person_id is None:
        raise AssertionError("only persons bring entries in")
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    _require_running(contest, now)
    taken = await imports.taken(conn, contest, [each.reference for each in new.entries])
    detail = "has entered already: one reference is one entry, so leave it out"
    again = [
        Fault(pointer=new.at(each.line, "reference"), detail=detail)
        for each in new.entries
        if each.reference in taken
    ]
    if new.faults or again:
        raise InvalidError(first_of([*new.faults, *again]))
    made = await imports.create(
        conn,
        contest,
        new.entries,
        source=new.source,
        sha256=new.sha256,
        size=new.size,
        person_id=actor.person_id,
        at=now,
    )
    await work.plan(conn, contest.workspace_id, work.Kind.JUDGE, contest.id, due_at=now)
    # How many, not who: what the audit log never held, no erasure has to take out of it.
    told = {"import": str(made.id), "entries": made.entries, "sha256": made.sha256}
    await audit.record(conn, actor, "entries.imported", subject=contest.id, at=now, detail=told)
    return made


def _require_running(contest: Contest, now: datetime) -> None:
    asks = any(
        condition.action is Action.ENTRY for _, condition in conditions(contest.definition.rules)
    )
    if not asks:
        raise ConflictError(
            "The rules of this contest let nobody enter without an account. Add the condition "
            "`entered` to them, as an alternative to what others have to do.",
            code="no_entry_without_account",
        )
    if contest.status is not Status.RUNNING or not contest.opens_at <= now < contest.closes_at:
        raise ConflictError(
            "Entries are brought in while the contest runs: from its opening to its close.",
            code="not_running",
        )


async def undo_import(
    conn: Connection, actor: Actor, contest_id: UUID, import_id: UUID, *, why: str, now: datetime
) -> Import:
    """Take an import back before the list is frozen, with the reason why.

    Raises InvalidError, NotFoundError, and ConflictError after the freeze or if it was undone.
    """
    if actor.person_id is None:
        raise AssertionError("only persons take imports back")
    if faults := text_faults(why, "/reason", longest=LONGEST_REASON, lines=True):
        raise InvalidError(faults)
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if await imports.read(conn, contest.workspace_id, contest.id, import_id) is None:
        raise NotFoundError("There is no such import in this contest.")
    if contest.status not in STARTED:
        raise ConflictError(
            "The list of entries is fixed; an import cannot be undone any more. Propose to "
            "disqualify entries that must not win.",
            code="frozen",
        )
    undone = await imports.undo(
        conn, contest, import_id, why=why.strip(), person_id=actor.person_id, at=now
    )
    if undone is None:
        raise ConflictError("This import was undone already.", code="already_undone")
    await contests.judge_anew(conn, contest)
    kind = work.Kind.ADVANCE if contest.status is Status.CLOSING else work.Kind.JUDGE
    await work.plan(conn, contest.workspace_id, kind, contest.id, due_at=now)
    told = {"import": str(import_id), "entries": undone.entries}
    await audit.record(conn, actor, "entries.undone", subject=contest.id, at=now, detail=told)
    return undone
