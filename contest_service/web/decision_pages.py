"""Decisions that take two persons: what waits, what is in force, what became of the rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.coverage import needed
from contest_service.domain.errors import ConflictError, ContestError, ForbiddenError, InvalidError
from contest_service.domain.people import Actor
from contest_service.domain.reasons import delay_of
from contest_service.flows import overrule, settle
from contest_service.flows.runtime import Runtime
from contest_service.flows.waiting import Waiting, lacking_coverage, may_withdraw, waiting_of
from contest_service.store import entrant_table, members, overrides
from contest_service.store.contests import Contest
from contest_service.store.coverage import Coverage
from contest_service.store.overrides import Override
from contest_service.store.rows import Connection
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import Said, say_action
from contest_service.web.decision_frame import framed, id_asked
from contest_service.web.decision_words import (
    say_may,
    say_override_state,
    say_proposal,
    say_why,
)
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, person_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

ROOT = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions"
_PAGE = 50
REFUSED = (ConflictError, ForbiddenError)
"""What a form of decisions is refused with, beside the faults of its fields."""


class GoingOnForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=overrule.LONGEST_REASON)]


@get(ROOT, operation_id="page_decisions")
async def page_decisions(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show(request, contest_id, blank())


@post(ROOT + "/coverage", operation_id="propose_going_on", status_code=200)
async def propose_going_on(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Propose that the list is fixed although too little was seen."""
    form: Form[GoingOnForm] = await read_form(request, GoingOnForm)
    if form.filled is None:
        return await _show(request, contest_id, form, status_code=422)
    try:
        async with submission(request) as sent:
            await overrule.propose_coverage(
                sent.conn,
                runtime_of(request),
                actor_of(request),
                contest_id,
                reason=form.filled.reason,
                now=sent.now,
            )
            return await sent.go(f"{_home(workspace_id, contest_id)}?note=proposed")
    except InvalidError as error:
        take_faults(form, error, words_of(request))
        return await _show(request, contest_id, form, status_code=422)
    except REFUSED as error:
        return await _refuse(request, contest_id, form, error=error)


@post(
    ROOT + "/overrides/{override_id:uuid}/approve",
    operation_id="agree_to_override",
    status_code=200,
)
async def agree_to_override(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    override_id: FromPath[UUID],
) -> Response[bytes]:
    return await _decide(request, contest_id, override_id, decide=settle.approve, note="approved")


@post(
    ROOT + "/overrides/{override_id:uuid}/withdraw",
    operation_id="take_back_override",
    status_code=200,
)
async def take_back_override(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    override_id: FromPath[UUID],
) -> Response[bytes]:
    return await _decide(
        request, contest_id, override_id, decide=settle.withdraw, note="taken-back"
    )


class _Decision(Protocol):
    """What a flow does about an override."""

    async def __call__(
        self,
        conn: Connection,
        rt: Runtime,
        actor: Actor,
        contest_id: UUID,
        override_id: UUID,
        /,
        *,
        now: datetime,
    ) -> object: ...


async def _decide(
    request: AnyRequest, contest_id: UUID, override_id: UUID, *, decide: _Decision, note: str
) -> Response[bytes]:
    """Do it, and go back to what waits."""
    rt, actor = runtime_of(request), actor_of(request)
    try:
        async with submission(request) as sent:
            await decide(sent.conn, rt, actor, contest_id, override_id, now=sent.now)
            return await sent.go(f"{_home(actor.workspace_id, contest_id)}?note={note}")
    except REFUSED as error:
        return await _refuse(request, contest_id, blank(), error=error)


def _home(workspace_id: UUID, contest_id: UUID) -> str:
    return f"{root_of(workspace_id, contest_id)}/decisions"


def _persons(known: Sequence[Override], waiting: Sequence[Waiting]) -> set[UUID]:
    """Everybody who proposed or decided something."""
    asked = {each.proposed_by for each in known} | {each.proposed_by for each in waiting}
    decided = {id_ for each in known for id_ in (each.approved_by, each.ended_by) if id_}
    return asked | decided


async def _refuse(
    request: AnyRequest, contest_id: UUID, form: Form[GoingOnForm], *, error: ContestError
) -> Response[bytes]:
    form.add("", words_of(request).refusal(error.message))
    status = 403 if isinstance(error, ForbiddenError) else 409
    return await _show(request, contest_id, form, status_code=status)


async def _show(
    request: AnyRequest, contest_id: UUID, form: Form[GoingOnForm], *, status_code: int = 200
) -> Response[bytes]:
    rt, actor = runtime_of(request), actor_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="")
        after = id_asked(request, "open")
        waiting = await waiting_of(conn, contest, actor, after=after, limit=_PAGE + 1)
        lacking = await lacking_coverage(conn, contest)
        known = await overrides.list_page(
            conn, contest, after=id_asked(request, "after"), limit=_PAGE + 1
        )
        names = await members.names(conn, _persons(known, waiting))
        about = [each.entrant_id for each in known if each.entrant_id is not None]
        labels = await entrant_table.labels(conn, contest, about)
        is_alone = not await settle.approvers_of(conn, contest, besides=person_of(actor))
    return render(
        request,
        "decisions.html",
        status_code=status_code,
        **frame,
        form=form,
        waiting=[_waiting(request, each) for each in waiting[:_PAGE]],
        next_waiting=waiting[_PAGE - 1].id if len(waiting) > _PAGE else None,
        is_first=after is None,
        lacking=[_lacking(request, contest, each) for each in lacking],
        known=[_known(request, each, labels) for each in known[:_PAGE]],
        newer=known[_PAGE - 1].id if len(known) > _PAGE else None,
        names=names,
        is_alone=is_alone,
        delay=timedelta(seconds=delay_of(practice=contest.practice)),
        now=rt.clock(),
    )


def _waiting(request: AnyRequest, it: Waiting) -> tuple[Waiting, str, str, str]:
    """What waits: what is proposed, why, and why the reader may not approve it."""
    words = words_of(request)
    why = say_why(it.kind, it.reason, words.language)
    return it, say_proposal(it.kind, it.label, words), why, say_may(it.may, words)


def _lacking(request: AnyRequest, contest: Contest, it: Coverage) -> tuple[Coverage, str, int]:
    """What was seen too little of, in words, and how much is needed."""
    what = f"{say_action(it.action, words_of(request))}, {it.platform.label}"
    return it, what, needed(contest.definition.coverage, it.action, it.platform)


def _known(
    request: AnyRequest, it: Override, labels: Mapping[UUID, str]
) -> tuple[Override, str, str, Said, bool]:
    """An override of any state in words, and whether the reader may end it where it is in force."""
    words = words_of(request)
    label = labels.get(it.entrant_id, "") if it.entrant_id else ""
    return (
        it,
        say_proposal(it.kind, label, words),
        say_why(it.kind, it.reason, words.language),
        say_override_state(it.state, words),
        may_withdraw(actor_of(request), proposed_by=it.proposed_by, is_in_force=True),
    )
