"""Approve: no person alone takes an entry out after the freeze.

Somebody proposes it, and another person approves it; then it takes effect in the same transaction.
Both have to have been there when the list was frozen. Where there are no two such persons, it is
public at once and takes effect by itself after a delay, unless it is withdrawn. Every step locks
the contest first, so that of two at once one is the first. What comes up when the round is near or
out waits for the result.
"""

from datetime import datetime, timedelta
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, ForbiddenError, NotFoundError
from contest_service.domain.people import Actor, Role
from contest_service.domain.reasons import PersonReason, delay_of
from contest_service.domain.schedule import moment
from contest_service.flows.draw import awaited
from contest_service.flows.ledger import frozen_entries, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.flows.second_person import person_of, require_other
from contest_service.flows.succeed import take_out
from contest_service.proof import events
from contest_service.proof.events import Dq
from contest_service.store import audit, contests, disqualifications, entrants, members, proof, work
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification, ProposalState
from contest_service.store.rows import Connection

VOUCHED_WITHIN = timedelta(minutes=1)
"""Before the round of a real contest nothing takes effect any more: nobody outside could vouch in
time for when it was written."""

_DISQUALIFIABLE = frozenset({Status.FROZEN, Status.DRAWN, Status.ANNOUNCED})


async def propose(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    entry: UUID,
    *,
    reason: PersonReason,
    now: datetime,
) -> Disqualification:
    """Propose that an entry is taken out, for a published reason.

    Raises NotFoundError for an entry that is not in the frozen list, and ConflictError outside the
    time between freeze and completion, or if the entry is out or has an open proposal already.
    """
    contest = _require_time(await contests.read(conn, actor.workspace_id, contest_id))
    # The list never changes; a long one is not read while the draw might wait for the lock.
    commitment = await _frozen_entry(conn, contest, entry)
    contest = _require_time(await contests.read_locked(conn, contest.workspace_id, contest.id))
    now, person_id = max(now, rt.clock()), person_of(actor)
    await _require_undecided(conn, contest, commitment)
    others = await approvers_of(conn, contest, besides=person_id)
    delay = timedelta(seconds=delay_of(practice=contest.practice))
    due_at = None if others else now + delay
    proposal = await disqualifications.propose(
        conn,
        contest,
        entry,
        commitment=commitment,
        reason=reason,
        person_id=person_id,
        at=now,
        due_at=due_at,
    )
    if due_at is not None:
        await _ring(conn, contest, due_at)
    await _record(conn, actor, contest, proposal, action="proposed", now=now)
    return proposal


async def approve(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    proposal_id: UUID,
    *,
    now: datetime,
) -> Disqualification:
    """Agree to a proposal of somebody else, and let it take effect if that can be now.

    Raises ForbiddenError for whoever proposed it or came after the freeze, and ConflictError if it
    is decided already.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now, person_id = max(now, rt.clock()), person_of(actor)
    proposal = await _undecided(conn, contest, proposal_id)
    require_other(person_id, proposed_by=proposal.proposed_by)
    if person_id not in await approvers_of(conn, contest, besides=proposal.proposed_by):
        raise ForbiddenError(
            "Only an owner may approve, and both that person and whoever proposed it have to have "
            "belonged to the workspace since before the list was frozen. Let two such persons "
            "propose and approve it, or wait for the public delay.",
            code="not_there_at_freeze",
        )
    proposal = await disqualifications.decide(
        conn, contest, proposal, state=ProposalState.APPROVED, person_id=person_id, at=now
    )
    await _record(conn, actor, contest, proposal, action="approved", now=now)
    done = await _take_effect(conn, rt, actor, contest, proposal, now=now)
    await _ring(conn, contest, now)
    return done or proposal


async def withdraw(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    proposal_id: UUID,
    *,
    now: datetime,
) -> Disqualification:
    """Take a proposal back that nobody approved yet and whose delay is not over.

    Raises ForbiddenError for an editor who did not propose it, and ConflictError if it is late.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now, person_id = max(now, rt.clock()), person_of(actor)
    proposal = await _undecided(conn, contest, proposal_id)
    if person_id != proposal.proposed_by and actor.role is not Role.OWNER:
        raise ForbiddenError("Whoever proposed it, or an owner, may withdraw a proposal.")
    if proposal.due_at is not None and proposal.due_at <= now:
        raise ConflictError(
            "The public delay is over; the disqualification takes effect now.", code="delay_over"
        )
    proposal = await disqualifications.decide(
        conn, contest, proposal, state=ProposalState.WITHDRAWN, person_id=person_id, at=now
    )
    # The contest may have waited for it to complete.
    await _ring(conn, contest, now)
    await _record(conn, actor, contest, proposal, action="withdrawn", now=now)
    return proposal


async def carry_out_due(rt: Runtime, contest: Contest, actor: Actor) -> datetime | None:
    """Let all take effect whose delay is over, or that waited for the result; when to look again.

    `actor` is the service. Each is a transaction of its own.
    """
    async with rt.pool.acquire() as conn:
        waiting = await disqualifications.open_ones(conn, contest)
    now = rt.clock()
    later: list[datetime] = []
    for proposal in waiting:
        if _is_due(proposal, now):
            await _carry_out(rt, contest, proposal, actor=actor)
        elif proposal.due_at is not None:
            later.append(proposal.due_at)
    return min(later, default=None)


async def _carry_out(
    rt: Runtime, contest: Contest, proposal: Disqualification, *, actor: Actor
) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        found = await disqualifications.find(conn, contest, proposal.id)
        now = rt.clock()
        if found is not None and _is_due(found, now) and contest.status in _DISQUALIFIABLE:
            await _take_effect(conn, rt, actor, contest, found, now=now)


def _is_due(proposal: Disqualification, now: datetime) -> bool:
    if proposal.state is ProposalState.PROPOSED:
        return proposal.due_at is not None and proposal.due_at <= now
    return proposal.state is ProposalState.APPROVED


async def _take_effect(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest: Contest,
    proposal: Disqualification,
    *,
    now: datetime,
) -> Disqualification | None:
    """Write the event of a proposal; None if that has to wait for the result."""
    if contest.status is Status.FROZEN and now >= await _last_moment(conn, contest):
        return None
    chain = await load_chain(conn, contest)
    out = bytes.fromhex(proposal.commitment)
    (event,) = await take_out(conn, rt, contest, chain, [out], reason=proposal.reason, now=now)
    done = await disqualifications.take_effect(
        conn, contest, proposal, seq=event.seq, at=moment(event.at)
    )
    await audit.record(
        conn,
        actor,
        "contest.entry_disqualified",
        subject=contest.id,
        at=now,
        detail={"entry": str(done.entry), "reason": done.reason, "disqualification": str(done.id)},
    )
    return done


async def _last_moment(conn: Connection, contest: Contest) -> datetime:
    """From when on a frozen contest waits for its result; found without its list."""
    round_ = await awaited(conn, contest)
    round_at = moment(round_.beacon.time_of(round_.round))
    return round_at if contest.practice else round_at - VOUCHED_WITHIN


def _require_time(contest: Contest) -> Contest:
    if contest.status not in _DISQUALIFIABLE:
        raise ConflictError("An entry can be disqualified between the freeze and the completion.")
    return contest


async def _frozen_entry(conn: Connection, contest: Contest, entry: UUID) -> bytes:
    opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entry)
    if opening is None or opening.commitment not in await frozen_entries(conn, contest):
        raise NotFoundError("There is no such entry in this contest's frozen list.")
    return opening.commitment


async def _require_undecided(conn: Connection, contest: Contest, commitment: bytes) -> None:
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    bodies = [events.parse(line).body for line in lines]
    if any(isinstance(body, Dq) and body.commit == commitment.hex() for body in bodies):
        raise ConflictError("This entry is out already.", code="already_out")
    for each in await disqualifications.open_ones(conn, contest):
        if each.commitment == commitment.hex():
            raise ConflictError(
                f"This entry has an open proposal already ({each.id}); approve or withdraw that.",
                code="already_proposed",
            )


async def _undecided(conn: Connection, contest: Contest, proposal_id: UUID) -> Disqualification:
    proposal = await disqualifications.find(conn, contest, proposal_id)
    if proposal is None:
        raise NotFoundError("There is no such proposal in this contest.")
    if proposal.state is not ProposalState.PROPOSED:
        raise ConflictError(
            f"This proposal is {proposal.state} already; nothing about it can be changed.",
            code="already_decided",
        )
    return proposal


async def approvers_of(conn: Connection, contest: Contest, *, besides: UUID) -> list[UUID]:
    """Who may approve what a person proposed.

    Neither of the two may have joined after the list was known, or one alone could bring the other.
    """
    since = moment(await proof.frozen_at(conn, contest))
    return await members.other_owners(conn, contest.workspace_id, besides=besides, since=since)


async def _ring(conn: Connection, contest: Contest, at: datetime) -> None:
    await work.plan(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=at)


async def _record(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    proposal: Disqualification,
    *,
    action: str,
    now: datetime,
) -> None:
    await audit.record(
        conn,
        actor,
        f"contest.disqualification_{action}",
        subject=contest.id,
        at=now,
        detail={
            "disqualification": str(proposal.id),
            "entry": str(proposal.entry),
            "reason": proposal.reason,
        },
    )
