"""One winner, or anybody else of the fixed list: what they hold, were told and did about it.

Everything that is done about them by hand is a form here: note a claim or a delivery, tell them
again, propose that they lose what they hold, approve that or take it back.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, ForbiddenError, NotFoundError
from contest_service.domain.reasons import PersonReason
from contest_service.flows import approve, claims, deliver
from contest_service.flows.outcome import Outcome
from contest_service.flows.prize_view import held_by, standings
from contest_service.flows.prize_view import people as named
from contest_service.flows.retry import retry_notice as retry
from contest_service.flows.waiting import May, may_approve, may_withdraw
from contest_service.store import contests, disqualifications, entrants, members
from contest_service.store.claims import ClaimedHow
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification, ProposalState
from contest_service.store.rows import Connection
from contest_service.web.access import EDITORS
from contest_service.web.contest_tabs import root_of
from contest_service.web.decision_words import say_may
from contest_service.web.drawn import read_drawn, read_frozen
from contest_service.web.fault_words import say_conflict
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, person_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import Submission, submission
from contest_service.web.winner_words import (
    Fact,
    reason_choices,
    say_claim,
    say_delay,
    say_notice,
    say_proposal,
)
from contest_service.web.winners import next_ones, rechecked

ADDRESS = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/winners/{entry:uuid}"
_CHANGEABLE = frozenset({Status.FROZEN, Status.DRAWN, Status.ANNOUNCED})


class OutForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: PersonReason


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal to take this entry out: who made and decided it, and what the reader may do."""

    id: UUID
    said: Fact
    proposer: str
    decider: str
    is_own: bool
    may_approve: bool
    may_not: str
    """Why the reader may not approve it, where somebody has to."""
    may_withdraw: bool


@get(ADDRESS, operation_id="page_winner")
async def page_winner(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
) -> Response[bytes]:
    return await _show(request, contest_id, entry, form=blank())


@post(f"{ADDRESS}/claim", operation_id="note_winner_claim", status_code=200)
async def note_winner_claim(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        contest = await contests.read(sent.conn, workspace_id, contest_id)
        actor, how = actor_of(request), ClaimedHow.NOTED
        await claims.claim(sent.conn, contest, entry, how=how, actor=actor, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="prize-claimed")


@post(f"{ADDRESS}/delivery", operation_id="note_delivery", status_code=200)
async def note_delivery(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        await deliver.note_delivery(sent.conn, actor_of(request), contest_id, entry, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="prize-delivered")


@post(f"{ADDRESS}/delivery/undo", operation_id="undo_delivery", status_code=200)
async def undo_delivery(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        await deliver.undo_delivery(sent.conn, actor_of(request), contest_id, entry, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="delivery-undone")


@post(f"{ADDRESS}/notices/{{notice_id:uuid}}/retry", operation_id="tell_again", status_code=200)
async def tell_again(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
    notice_id: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        await retry(sent.conn, actor_of(request), contest_id, notice_id, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="telling-again")


@post(f"{ADDRESS}/out", operation_id="propose_out", status_code=200)
async def propose_out(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
) -> Response[bytes]:
    form: Form[OutForm] = await read_form(request, OutForm)
    filled = form.filled
    if filled is None:
        return await _show(request, contest_id, entry, form=form, status_code=422)

    async def change(sent: Submission) -> None:
        await approve.propose(
            sent.conn,
            runtime_of(request),
            actor_of(request),
            contest_id,
            entry,
            reason=filled.reason,
            now=sent.now,
        )

    return await _change(request, (contest_id, entry), change, note="out-proposed", form=form)


@post(f"{ADDRESS}/out/{{proposal_id:uuid}}/approve", operation_id="approve_out", status_code=200)
async def approve_out(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
    proposal_id: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        rt, actor = runtime_of(request), actor_of(request)
        await approve.approve(sent.conn, rt, actor, contest_id, proposal_id, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="out-approved")


@post(f"{ADDRESS}/out/{{proposal_id:uuid}}/withdraw", operation_id="withdraw_out", status_code=200)
async def withdraw_out(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entry: FromPath[UUID],
    proposal_id: FromPath[UUID],
) -> Response[bytes]:
    async def change(sent: Submission) -> None:
        rt, actor = runtime_of(request), actor_of(request)
        await approve.withdraw(sent.conn, rt, actor, contest_id, proposal_id, now=sent.now)

    return await _change(request, (contest_id, entry), change, note="out-withdrawn")


async def _change(
    request: AnyRequest,
    ids: tuple[UUID, UUID],
    change: Callable[[Submission], Awaitable[None]],
    *,
    note: str,
    form: Form[Any] | None = None,
) -> Response[bytes]:
    """Do something about an entry of a contest (`ids`), or say on its page why that cannot be."""
    (contest_id, entry), words = ids, words_of(request)
    here = f"{root_of(actor_of(request).workspace_id, contest_id)}/winners/{entry}"
    try:
        async with submission(request) as sent:
            await change(sent)
            return await sent.go(f"{here}?note={note}")
    except ConflictError as error:
        said, status = say_conflict(error, words), 409
    except ForbiddenError as error:
        said, status = words.refusal(error.message), 403
    form = form or blank()
    form.add("", said)
    return await _show(request, contest_id, entry, form=form, status_code=status)


async def _show(
    request: AnyRequest, contest_id: UUID, entry: UUID, *, form: Form[Any], status_code: int = 200
) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        freeze = await read_frozen(conn, contest)
        opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entry)
        if freeze is None or opening is None:
            raise NotFoundError("There is no such entry in this contest's frozen list.")
        outcome = await read_drawn(conn, contest)
        facts = await _facts(request, conn, contest, outcome, commitment=opening.commitment)
    nexts = await next_ones(request, contest, outcome, freeze=freeze, most=1)
    return render(
        request,
        "winner.html",
        status_code=status_code,
        contest=contest,
        zone=contest.definition.schedule.zone,
        root=root_of(actor.workspace_id, contest_id),
        here=f"{root_of(actor.workspace_id, contest_id)}/winners/{entry}",
        entry=entry,
        now=rt.clock(),
        form=form,
        note=note_of(request),
        may_write=actor.role in EDITORS,
        reasons=reason_choices(words),
        delay=say_delay(contest, words),
        recheck=rechecked(contest, outcome, words),
        takers=[nexts[each.draw][0] for each in facts["held"] if nexts and nexts[each.draw]],
        draws=len(contest.definition.draws),
        **facts,
    )


async def _facts(
    request: AnyRequest,
    conn: Connection,
    contest: Contest,
    outcome: Outcome | None,
    *,
    commitment: bytes,
) -> dict[str, Any]:
    """What is known of an entry, and what may be done about it now."""
    words, now = words_of(request), runtime_of(request).clock()
    key = commitment.hex()
    person = (await named(conn, contest, [key]))[key]
    held = [] if outcome is None else await held_by(conn, contest, outcome, key)
    standing = (await standings(conn, contest, [person]))[key]
    proposals = await _proposals(request, conn, contest, commitment=commitment)
    me = person_of(actor_of(request))
    approvers = await approve.approvers_of(conn, contest, besides=me)
    names = await members.names(conn, approvers)
    is_out = outcome is not None and any(each.commitment == key for each in outcome.disqualified)
    return {
        "person": person,
        "held": held,
        "standing": standing,
        "notices": [(each, say_notice(each, words)) for each in standing.notices],
        "claim": say_claim(contest, standing.claim, words=words, now=now),
        "proposals": proposals,
        "approvers": [names.get(each, "") for each in approvers],
        "is_out": is_out,
        "may_propose": (contest.status in _CHANGEABLE and standing.proposal is None and not is_out),
    }


async def _proposals(
    request: AnyRequest, conn: Connection, contest: Contest, *, commitment: bytes
) -> list[Proposal]:
    found = await disqualifications.of_entry(conn, contest, commitment)
    people = {each.proposed_by for each in found} | {each.decided_by for each in found}
    names = await members.names(conn, [each for each in people if each is not None])
    waiting = [each for each in found if each.state is ProposalState.PROPOSED]
    may = await may_approve(conn, contest, actor_of(request), waiting)
    return [_proposal(request, each, names, may=may.get(each.id)) for each in found]


def _proposal(
    request: AnyRequest, it: Disqualification, names: dict[UUID, str], *, may: May | None
) -> Proposal:
    """`may` is None for a proposal that is decided."""
    actor, words = actor_of(request), words_of(request)
    is_own = it.proposed_by == actor.person_id
    return Proposal(
        id=it.id,
        said=say_proposal(it, words),
        proposer=names.get(it.proposed_by, ""),
        decider="" if it.decided_by is None else names.get(it.decided_by, ""),
        is_own=is_own,
        may_approve=may is May.APPROVE,
        may_not="" if may is None or it.due_at else say_may(may, words),
        may_withdraw=may is not None and may_withdraw(actor, proposed_by=it.proposed_by),
    )
