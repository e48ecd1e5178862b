"""Holding: who is held for checking, and holding and letting go, of one or of several.

Whoever is chosen, on whatever page, is named once more before it is done.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ContestError, ForbiddenError, InvalidError
from contest_service.domain.holding import HoldReason, ReleaseReason
from contest_service.flows import quarantine
from contest_service.store import entrant_table, members, quarantines
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import say_entrant
from contest_service.web.decision_frame import framed, id_asked
from contest_service.web.decision_pages import REFUSED
from contest_service.web.decision_words import (
    hold_choices,
    release_choices,
    say_hold,
    say_release,
)
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

ROOT = "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/decisions/held"
_PAGE = 50
_MOST = 200
"""Entrants that are chosen at once."""
_SHOWN: dict[str, bool | None] = {"": True, "released": False, "all": None}

Note = Annotated[str, msgspec.Meta(max_length=quarantine.LONGEST_NOTE)]


class HoldForm(msgspec.Struct, frozen=True, kw_only=True):
    entrant: list[UUID]
    reason: HoldReason
    note: Note = ""


class ReleaseForm(msgspec.Struct, frozen=True, kw_only=True):
    entrant: list[UUID]
    reason: ReleaseReason
    note: Note = ""


class UndoForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: ReleaseReason
    note: Note = ""


@get(ROOT, operation_id="page_held")
async def page_held(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show_held(request, contest_id, blank())


@get(ROOT + "/choose", operation_id="page_choice")
async def page_choice(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Name whom somebody chose to hold, or to let go (`do=release`), and ask why."""
    chosen = request.query_params.getall("entrant", [])[:_MOST]
    form = blank(entrant=chosen)
    is_release = request.query_params.get("do") == "release"
    return await _show_choice(request, contest_id, form, is_release=is_release)


@post(ROOT + "/hold", operation_id="hold_chosen", status_code=200)
async def hold_chosen(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[HoldForm] = await read_form(request, HoldForm)
    return await _decide(request, contest_id, form, is_release=False)


@post(ROOT + "/release", operation_id="release_chosen", status_code=200)
async def release_chosen(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[ReleaseForm] = await read_form(request, ReleaseForm)
    return await _decide(request, contest_id, form, is_release=True)


async def _decide(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    is_release: bool,
) -> Response[bytes]:
    """Hold whom the form names, or let them go, or say on its page why that cannot be."""
    given, actor = form.filled, actor_of(request)
    decide = quarantine.release if is_release else quarantine.hold
    if given is not None:
        try:
            async with submission(request) as sent:
                done = await decide(
                    sent.conn,
                    actor,
                    contest_id,
                    given.entrant,
                    reason=given.reason,
                    note=given.note,
                    now=sent.now,
                )
                changed = "released" if is_release else "held"
                note = changed if done.entrants else "nobody-new"
                return await sent.go(f"{_home(actor.workspace_id, contest_id)}?note={note}")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except REFUSED as error:
            return await _refuse(request, contest_id, form, error=error, is_release=is_release)
    return await _show_choice(request, contest_id, form, is_release=is_release, status_code=422)


@post(ROOT + "/batches/{batch_id:uuid}/undo", operation_id="release_batch", status_code=200)
async def release_batch(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    batch_id: FromPath[UUID],
) -> Response[bytes]:
    """Let all go whom one decision holds."""
    form: Form[UndoForm] = await read_form(request, UndoForm)
    if form.filled is not None:
        given = form.filled
        try:
            async with submission(request) as sent:
                await quarantine.undo(
                    sent.conn,
                    actor_of(request),
                    contest_id,
                    batch_id,
                    reason=given.reason,
                    note=given.note,
                    now=sent.now,
                )
                return await sent.go(f"{_home(workspace_id, contest_id)}?note=released")
        except InvalidError as error:
            for fault in error.faults:
                form.add("", words_of(request).refusal(fault.detail))
        except REFUSED as error:
            form.add("", words_of(request).refusal(error.message))
            return await _show_held(request, contest_id, form, status_code=_status(error))
    return await _show_held(request, contest_id, form, status_code=422)


def _home(workspace_id: UUID, contest_id: UUID) -> str:
    return f"{root_of(workspace_id, contest_id)}/decisions/held"


def _status(error: ContestError) -> int:
    return 403 if isinstance(error, ForbiddenError) else 409


async def _refuse(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    error: ContestError,
    is_release: bool,
) -> Response[bytes]:
    form.add("", words_of(request).refusal(error.message))
    status = _status(error)
    return await _show_choice(request, contest_id, form, is_release=is_release, status_code=status)


async def _show_choice(
    request: AnyRequest,
    contest_id: UUID,
    form: Form[Any],
    *,
    is_release: bool,
    status_code: int = 200,
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/held")
        found = await entrant_table.of_ids(conn, contest, _ids(form))
    return render(
        request,
        "holding.html",
        status_code=status_code,
        **frame,
        form=form,
        is_release=is_release,
        may_hold=contest.definition.holding is not None,
        chosen=[(each, say_entrant(each.state, words)) for each in found],
        choices=release_choices(words) if is_release else hold_choices(words),
    )


def _ids(form: Form[Any]) -> list[UUID]:
    found = []
    for each in form.typed.get("entrant", [])[:_MOST]:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


async def _show_held(
    request: AnyRequest, contest_id: UUID, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    show = request.query_params.get("show", "")
    show = show if show in _SHOWN else ""
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/held")
        found = await quarantines.list_page(
            conn, contest, is_held=_SHOWN[show], after=id_asked(request, "after"), limit=_PAGE + 1
        )
        persons = {id_ for each in found for id_ in (each.held_by, each.released_by) if id_}
        names = await members.names(conn, persons)
    return render(
        request,
        "held.html",
        status_code=status_code,
        **frame,
        form=form,
        rows=[
            (
                each,
                say_hold(each.reason, words),
                say_release(each.release_reason, words) if each.release_reason else "",
            )
            for each in found[:_PAGE]
        ],
        next_after=found[_PAGE - 1].id if len(found) > _PAGE else None,
        show=show,
        shows=[
            ("", words.gettext("Held now")),
            ("released", words.gettext("Let go")),
            ("all", words.gettext("Everybody who was ever held")),
        ],
        names=names,
        may_hold=contest.definition.holding is not None,
        reasons=release_choices(words),
    )
