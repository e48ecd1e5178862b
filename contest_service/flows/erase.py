"""Erase: what is personal goes, by request or by age; what was proved stays as it was proved.

A request is about one person in one workspace. What contests that have ended hold of them goes at
once, what others still need goes when these have ended. Every step is a transaction of its own and
does nothing if it was done before, so that a crash in between costs nothing but time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from contest_service.domain.accounts import AccountKey
from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Actor, system
from contest_service.flows import erase_contest, erase_person
from contest_service.flows.runtime import Runtime
from contest_service.store import (
    audit,
    entrant_traces,
    erasure,
    presence_traces,
    spoken_traces,
    work,
)
from contest_service.store.entrant_traces import Entered, Entry
from contest_service.store.erasure import Cause, Erasure, ErasureState
from contest_service.store.rows import Connection
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(hours=1)
"""When it is looked whether the contests have ended that an erasure waits for."""
_NOBODY = "Nothing is known of this account in this workspace; give its stable id, not its handle."
_NO_ENTRANT = "There is no such entrant in this contest, or they were erased before."


async def request(
    conn: Connection,
    actor: Actor,
    who: AccountKey | Entry,
    *,
    reason: str,
    removes_from_lists: bool,
    now: datetime,
) -> Erasure:
    """Note that the person behind an account, or an entrant, is to be erased, and make it due.

    Accounts with which they entered the same contests are theirs too. Raises NotFoundError.
    """
    workspace_id = actor.workspace_id
    brought = await _brought(conn, workspace_id, who)
    accounts = [] if brought else await _accounts(conn, workspace_id, who)
    id_ = await erasure.ask(
        conn,
        workspace_id,
        reason=reason,
        removes_from_lists=removes_from_lists,
        person_id=actor.person_id,
        at=now,
    )
    await erasure.add_accounts(conn, workspace_id, id_, accounts)
    for each in brought:
        await erasure.add_entry(conn, workspace_id, id_, each, names=[each.label])
    person = await erase_person.look_up(conn, await erasure.read(conn, workspace_id, id_))
    await erase_person.note_publications(conn, person)
    await erasure.foresee(conn, workspace_id, id_, await erase_person.waits_for(conn, person))
    await work.plan(conn, workspace_id, work.Kind.ERASE, id_, due_at=now)
    await audit.record(
        conn, actor, "erasure.requested", subject=id_, at=now, detail={"reason": reason}
    )
    return await erasure.read(conn, workspace_id, id_)


async def _brought(
    conn: Connection, workspace_id: UUID, who: AccountKey | Entry
) -> Sequence[Entered]:
    """The entry that is named, if it was brought in without an account."""
    if not isinstance(who, Entry):
        return ()
    return await entrant_traces.brought(conn, workspace_id, [who])


async def _accounts(
    conn: Connection, workspace_id: UUID, who: AccountKey | Entry
) -> list[AccountKey]:
    """The accounts that are named. Raises NotFoundError where nothing is known of them."""
    if isinstance(who, Entry):
        found = sorted(await entrant_traces.accounts_of(conn, workspace_id, [who]))
        if not found:
            raise NotFoundError(_NO_ENTRANT)
        return found
    if not await _is_known(conn, workspace_id, [who]):
        raise NotFoundError(_NOBODY)
    return [who]


async def _is_known(conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]) -> bool:
    return bool(
        await spoken_traces.called(conn, workspace_id, accounts)
        or await spoken_traces.lists_of(conn, workspace_id, accounts)
        or await entrant_traces.entered(conn, workspace_id, accounts)
        or await presence_traces.targets_of(conn, workspace_id, accounts)
    )


async def run_erase(rt: Runtime, job: Work) -> None:
    """Do what is due of an erasure."""
    async with rt.pool.acquire() as conn:
        found = await erasure.find(conn, job.workspace_id, job.subject)
    next_at = None
    if found is not None and found.state is not ErasureState.DONE:
        next_at = await _go_on(rt, found, job)
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=next_at)


async def _go_on(rt: Runtime, found: Erasure, job: Work) -> datetime | None:
    """Erase what can be; returns when the rest is looked at, None if there is none."""
    if found.cause is not Cause.REQUEST:
        if not await erase_contest.erase_contest(rt, found):
            return rt.clock()
    else:
        if await _waits_still(rt, found):
            return rt.clock() + LOOK_AGAIN
        if waits := await erase_person.erase_person(rt, found):
            async with rt.pool.acquire() as conn:
                await erasure.wait(conn, found.workspace_id, found.id, waits)
            return rt.clock() + LOOK_AGAIN
    await _finish(rt, found, job)
    return None


async def _waits_still(rt: Runtime, found: Erasure) -> bool:
    if found.state is not ErasureState.WAITING:
        return False
    awaited = [each.contest_id for each in found.waits_for]
    async with rt.pool.acquire() as conn:
        return not await erasure.has_any_ended(conn, found.workspace_id, awaited)


async def _finish(rt: Runtime, found: Erasure, job: Work) -> None:
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        await erasure.finish(conn, found, at=now)
        done = await erasure.read(conn, found.workspace_id, found.id)
        await audit.record(
            conn,
            system(found.workspace_id, f"work:{job.id}"),
            "erasure.done",
            subject=found.id,
            at=now,
            detail={"cause": found.cause.value, "counts": done.counts},
        )
    log.info("erased", erasure=str(found.id), cause=found.cause, counts=done.counts)


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long after its end what is personal of a contest is kept; None for ever."""

    contests: timedelta | None
    bodies: timedelta | None
    """The raw answers of platforms."""


async def plan_aged(rt: Runtime, retention: Retention) -> None:
    """Make the erasure of contests due that are old enough."""
    now = rt.clock()
    ages = ((Cause.BODIES, retention.bodies), (Cause.RETENTION, retention.contests))
    async with rt.pool.acquire() as conn:
        for cause, age in ages:
            if age is not None:
                await erasure.plan_aged(conn, cause, before=now - age, now=now)
