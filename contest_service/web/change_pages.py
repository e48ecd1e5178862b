"""End a contest, or change what it promised: quiet, and what cannot be undone in a sentence."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.contest import EDITABLE, ENDED, STARTED, Status
from contest_service.domain.errors import ConflictError
from contest_service.domain.people import Role
from contest_service.domain.schedule import moment
from contest_service.domain.texts import CANCELLED, say_void_reason
from contest_service.flows import claims, life
from contest_service.store import contests, disqualifications, versions
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import next_step, say_status
from contest_service.web.fault_words import say_conflict
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

PAGE = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/change"
_CANCELLABLE = frozenset(Status) - ENDED - {Status.DRAWN, Status.ANNOUNCED}


class CancelForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why it ends, by its code, and that whoever sends it knows what that means."""

    reason: Annotated[str, msgspec.Meta(max_length=40)]
    is_sure: bool = False


class SureForm(msgspec.Struct, frozen=True, kw_only=True):
    is_sure: bool = False


@get(PAGE, operation_id="page_change")
async def page_change(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show(request, contest_id, form=blank())


@post(f"{PAGE}/cancel", operation_id="cancel_by_hand", status_code=200)
async def cancel_by_hand(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """End a contest without a draw, for good."""
    form: Form[CancelForm] = await read_form(request, CancelForm)
    words, filled = words_of(request), form.filled
    if filled is not None and filled.reason not in CANCELLED:
        form.add("reason", words.gettext("Choose one that is offered."))
    if filled is None or not _is_sure(request, form) or form.faults:
        return await _show(request, contest_id, form=form, status_code=422)
    rt, actor = runtime_of(request), actor_of(request)
    try:
        async with submission(request) as sent:
            await life.cancel_contest(
                sent.conn, rt, actor, contest_id, reason=filled.reason, now=sent.now
            )
            return await sent.go(f"{root_of(workspace_id, contest_id)}/change?note=cancelled")
    except ConflictError as error:
        form.add("", say_conflict(error, words))
        return await _show(request, contest_id, form=form, status_code=409)


@post(f"{PAGE}/complete", operation_id="complete_by_hand", status_code=200)
async def complete_by_hand(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Close a contest whose winners stand, for good."""
    form: Form[SureForm] = await read_form(request, SureForm)
    if form.filled is None or not _is_sure(request, form):
        return await _show(request, contest_id, form=form, status_code=422)
    try:
        async with submission(request) as sent:
            await life.complete_contest(sent.conn, actor_of(request), contest_id, now=sent.now)
            return await sent.go(f"{root_of(workspace_id, contest_id)}/change?note=completed")
    except ConflictError as error:
        form.add("", say_conflict(error, words_of(request)))
        return await _show(request, contest_id, form=form, status_code=409)


def _is_sure(request: AnyRequest, form: Form[Any]) -> bool:
    """Whether the box is ticked that says so; notes the fault if not."""
    if form.filled is not None and form.filled.is_sure:
        return True
    form.add("is_sure", words_of(request).gettext("Tick this if you mean it."))
    return False


async def _show(
    request: AnyRequest, contest_id: UUID, *, form: Form[Any], status_code: int = 200
) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        known = await versions.of_contest(conn, contest)
        waits = await _waits(conn, contest)
    return render(
        request,
        "change.html",
        status_code=status_code,
        contest=contest,
        zone=contest.definition.schedule.zone,
        root=root_of(actor.workspace_id, contest_id),
        status=say_status(contest.status, words),
        next=next_step(contest, words),
        now=rt.clock(),
        form=form,
        note=note_of(request),
        is_owner=actor.role is Role.OWNER,
        versions=[
            (each, moment(each.in_force_at), each.changes.get(words.language.value, ()))
            for each in reversed(known)
        ],
        may_amend=bool(contest.terms_version) and contest.status in STARTED | EDITABLE,
        may_edit=not contest.terms_version and contest.status in EDITABLE,
        may_cancel=contest.status in _CANCELLABLE,
        may_complete=contest.status is Status.ANNOUNCED,
        void=say_void_reason(contest.void_reason or "", words.language),
        reasons=[(code, say_void_reason(code, words.language)) for code in CANCELLED],
        **waits,
    )


async def _waits(conn: Connection, contest: Contest) -> dict[str, Any]:
    """What the completion of an announced contest waits for, and when it comes by itself."""
    if contest.status is not Status.ANNOUNCED:
        return {"unclaimed": 0, "proposed": 0, "completes_at": None}
    return {
        "unclaimed": len(await claims.unclaimed(conn, contest)),
        "proposed": len(await disqualifications.open_ones(conn, contest)),
        "completes_at": await life.completion_time(conn, contest),
    }
