"""Settle: let an override that was proposed take effect, or end it, before the freeze.

An owner who is another person approves it, and both have to have been there when the contest
started; or the time of its public delay is over. A verdict is never written here: the judge judges
anew, with what is in force. Every step locks the contest first.
"""

from datetime import datetime
from uuid import UUID

from contest_service.domain.contest import STARTED
from contest_service.domain.errors import ConflictError, ForbiddenError, NotFoundError
from contest_service.domain.overrides import OverrideKind
from contest_service.domain.people import Actor, Role
from contest_service.flows.measure import judge_again
from contest_service.flows.runtime import Runtime
from contest_service.flows.second_person import person_of, require_other
from contest_service.store import audit, contests, members, overrides, proof, work
from contest_service.store.contests import Contest
from contest_service.store.overrides import Override, OverrideState
from contest_service.store.rows import Connection


async def approve(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    override_id: UUID,
    *,
    now: datetime,
) -> Override:
    """Agree to a proposal of somebody else, which takes effect by that.

    Raises ForbiddenError for whoever proposed it or came after the start, and ConflictError if it
    is decided already.
    """
    contest = await running(conn, actor, contest_id)
    now, person_id = max(now, rt.clock()), person_of(actor)
    proposal = await _find(conn, contest, override_id)
    _require_state(proposal, OverrideState.PROPOSED)
    require_other(person_id, proposed_by=proposal.proposed_by)
    if person_id not in await approvers_of(conn, contest, besides=proposal.proposed_by):
        raise ForbiddenError(
            "Only an owner may approve, and both that person and whoever proposed it have to have "
            "belonged to the workspace since before the contest started. Let two such persons "
            "propose and approve it, or wait for the public delay.",
            code="not_there_at_start",
        )
    return await _take_effect(conn, actor, contest, proposal, approved_by=person_id, now=now)


async def withdraw(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    override_id: UUID,
    *,
    now: datetime,
) -> Override:
    """Take back a proposal, or an override in force, before the list is fixed.

    Raises ForbiddenError for an editor who did not propose it, or where it is in force already.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now, person_id = max(now, rt.clock()), person_of(actor)
    override = await _find(conn, contest, override_id)
    is_in_force = override.state is OverrideState.EFFECTIVE
    if actor.role is not Role.OWNER and (is_in_force or person_id != override.proposed_by):
        raise ForbiddenError(
            "Whoever proposed it may withdraw a proposal; an owner that, and what is in force."
        )
    require_running(contest)
    _require_state(override, OverrideState.PROPOSED, OverrideState.EFFECTIVE)
    done = await overrides.withdraw(conn, contest, override, person_id=person_id, at=now)
    if is_in_force:
        await contests.override(
            conn,
            contest,
            "withdrawn",
            reason=override.reason,
            person_id=person_id,
            entrant_id=override.entrant_id,
            at=now,
        )
        await _judge_anew(conn, contest, done, now=now)
    await record(conn, actor, contest, done, action="withdrawn", now=now)
    return done


async def carry_out_due(rt: Runtime, contest: Contest, actor: Actor) -> datetime | None:
    """Let all take effect whose public delay is over; returns when the next one's is.

    `actor` is the service. Each is a transaction of its own.
    """
    async with rt.pool.acquire() as conn:
        waiting = await overrides.open_ones(conn, contest)
    now = rt.clock()
    later: list[datetime] = []
    for proposal in waiting:
        if proposal.due_at is None:
            continue
        if proposal.due_at > now:
            later.append(proposal.due_at)
            continue
        async with rt.pool.acquire() as conn, conn.transaction():
            current = await contests.read_locked(conn, contest.workspace_id, contest.id)
            found = await overrides.find(conn, current, proposal.id)
            is_open = found is not None and found.state is OverrideState.PROPOSED
            if is_open and current.status in STARTED:
                await _take_effect(conn, actor, current, proposal, approved_by=None, now=now)
    return min(later, default=None)


async def _take_effect(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    proposal: Override,
    *,
    approved_by: UUID | None,
    now: datetime,
) -> Override:
    done = await overrides.take_effect(
        conn,
        contest,
        proposal,
        approved_by=approved_by,
        approved_role=None if approved_by is None else actor.role,
        at=now,
    )
    await contests.override(
        conn,
        contest,
        done.kind,
        reason=done.reason,
        person_id=done.proposed_by,
        entrant_id=done.entrant_id,
        at=now,
    )
    if done.kind is OverrideKind.COVERAGE:
        await ring(conn, contest, now)
    else:
        await _judge_anew(conn, contest, done, now=now)
    await record(conn, actor, contest, done, action="effective", now=now)
    return done


async def _judge_anew(
    conn: Connection, contest: Contest, override: Override, *, now: datetime
) -> None:
    """Let the judge see what is in force now, before the freeze in any case."""
    about = [] if override.entrant_id is None else [override.entrant_id]
    await judge_again(conn, contest, about, now=now)
    await ring(conn, contest, now)


async def _find(conn: Connection, contest: Contest, override_id: UUID) -> Override:
    found = await overrides.find(conn, contest, override_id)
    if found is None:
        raise NotFoundError("There is no such override in this contest.")
    return found


def _require_state(override: Override, *states: OverrideState) -> None:
    if override.state not in states:
        raise ConflictError(
            f"This override is {override.state} already; that cannot be changed any more.",
            code="already_decided",
        )


async def running(conn: Connection, actor: Actor, contest_id: UUID) -> Contest:
    """The contest, locked. Raises ConflictError unless its rules are public and no list fixed."""
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    require_running(contest)
    return contest


def require_running(contest: Contest) -> None:
    if contest.status not in STARTED:
        raise ConflictError(
            "Something can be set aside between a contest's start and the moment at which its "
            "list is fixed. After that an entry can be disqualified."
        )


async def approvers_of(conn: Connection, contest: Contest, *, besides: UUID) -> list[UUID]:
    """Who may approve what a person proposed.

    Neither of the two may have joined after the start, or one alone could bring the other.
    """
    since = await proof.started_at(conn, contest)
    return await members.other_owners(conn, contest.workspace_id, besides=besides, since=since)


async def ring(conn: Connection, contest: Contest, at: datetime) -> None:
    await work.plan(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=at)


async def record(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    override: Override,
    *,
    action: str,
    now: datetime,
) -> None:
    about = {} if override.entrant_id is None else {"entrant": str(override.entrant_id)}
    await audit.record(
        conn,
        actor,
        f"contest.override_{action}",
        subject=contest.id,
        at=now,
        detail={
            "override": str(override.id),
            "kind": override.kind,
            "reason": override.reason,
            **about,
        },
    )
