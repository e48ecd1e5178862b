"""Appeals: what entrants ask before the list is fixed, what is known of them, and the answer."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.appeals import LONGEST_TEXT, AppealOutcome, AppealState
from contest_service.domain.errors import ForbiddenError, InvalidError, NotFoundError
from contest_service.flows.appeals import answer_appeal, outcomes_that_are_so
from contest_service.flows.self_check import check_own
from contest_service.store import appeals, entrant_table, entrants, members, overrides
from contest_service.store.appeals import Desk
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import LOOKS, say_code, say_entrant
from contest_service.web.decision_frame import framed, id_asked
from contest_service.web.decision_pages import REFUSED
from contest_service.web.decision_words import say_outcome, say_override_state, say_why
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

ROOT = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions/appeals"
_PAGE = 50


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    outcome: AppealOutcome
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]


@get(ROOT, operation_id="page_appeals")
async def page_appeals(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Those that are open, or those of another state, oldest first."""
    rt, words = runtime_of(request), words_of(request)
    asked = request.query_params.get("state", "")
    state = next((each for each in AppealState if each.value == asked), AppealState.OPEN)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/appeals")
        found = await appeals.list_page(
            conn, contest, state=state, after=id_asked(request, "after"), limit=_PAGE + 1
        )
        shown = found[:_PAGE]
        people = await entrant_table.of_ids(conn, contest, [each.entrant_id for each in shown])
        desk = await appeals.desk(conn, contest)
    known = {each.id: each for each in people}
    return render(
        request,
        "appeals.html",
        **frame,
        rows=[
            (
                each,
                known[each.entrant_id],
                say_entrant(each.former_state, words),
                say_outcome(each.outcome, words) if each.outcome else "",
            )
            for each in shown
            if each.entrant_id in known
        ],
        newer=shown[-1].id if len(found) > _PAGE else None,
        chosen=state.value,
        states=[
            (AppealState.OPEN.value, words.gettext("Not answered yet"), desk.open),
            (AppealState.ANSWERED.value, words.gettext("Answered"), desk.answered),
            (AppealState.UNANSWERED.value, words.gettext("Never answered"), desk.unanswered),
        ],
        pace=_pace(desk, words),
        now=rt.clock(),
    )


@get(ROOT + "/{appeal_id:uuid}", operation_id="page_appeal")
async def page_appeal(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    appeal_id: FromPath[UUID],
) -> Response[bytes]:
    return await _show(request, contest_id, appeal_id, form=blank())


@post(ROOT + "/{appeal_id:uuid}", operation_id="give_answer", status_code=200)
async def give_answer(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    appeal_id: FromPath[UUID],
) -> Response[bytes]:
    """Answer whoever asked, once, where they asked."""
    form: Form[AnswerForm] = await read_form(request, AnswerForm)
    status = 422
    if form.filled is not None:
        try:
            async with submission(request) as sent:
                await answer_appeal(
                    sent.conn,
                    runtime_of(request),
                    actor_of(request),
                    contest_id,
                    appeal_id,
                    outcome=form.filled.outcome,
                    text=form.filled.text,
                    now=sent.now,
                )
                home = f"{root_of(workspace_id, contest_id)}/decisions/appeals"
                return await sent.go(f"{home}?note=answered")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except REFUSED as error:
            form.add("", words_of(request).refusal(error.message))
            status = 403 if isinstance(error, ForbiddenError) else 409
    return await _show(request, contest_id, appeal_id, form=form, status_code=status)


async def _show(
    request: AnyRequest,
    contest_id: UUID,
    appeal_id: UUID,
    *,
    form: Form[Any],
    status_code: int = 200,
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/appeals")
        appeal = await appeals.find(conn, contest, appeal_id)
        key = (contest.workspace_id, contest.id)
        entrant = await entrants.read(conn, *key, appeal.entrant_id) if appeal else None
        if appeal is None or entrant is None:
            raise NotFoundError("There is no such appeal in this contest.")
        check = await check_own(conn, contest, entrant.id, words.language)
        override = await overrides.of_entrant(conn, contest, entrant.id)
        possible = await outcomes_that_are_so(conn, contest, appeal, entrant)
        names = await members.names(conn, [appeal.answered_by] if appeal.answered_by else [])
    return render(
        request,
        "appeal.html",
        status_code=status_code,
        **frame,
        form=form,
        appeal=appeal,
        entrant=entrant,
        former=say_entrant(appeal.former_state, words),
        former_reason=say_code(appeal.former_reason, words),
        present=say_entrant(entrant.state, words),
        present_reason=say_code(entrant.reason, words),
        is_judged_since=AppealOutcome.UNCHANGED in possible or AppealOutcome.CHANGED in possible,
        conditions=check.conditions,
        looks=LOOKS,
        override=override,
        override_said=say_override_state(override.state, words) if override else None,
        override_why=say_why(override.kind, override.reason, words.language) if override else "",
        outcome=say_outcome(appeal.outcome, words) if appeal.outcome else "",
        choices=[(each.value, say_outcome(each, words)) for each in possible],
        names=names,
        now=rt.clock(),
    )


def _pace(desk: Desk, words: Words) -> str:
    """Say how long answers take; empty where there is none yet."""
    if desk.half_within is None or desk.nine_in_ten_within is None:
        return ""
    return words.gettext(
        "Half of the answers came within %(half)s, nine in ten within %(most)s.",
        half=words.span(timedelta(seconds=desk.half_within)),
        most=words.span(timedelta(seconds=desk.nine_in_ten_within)),
    )
