"""Correct an announcement in the open: shown as it will look, and then published."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.flows import correct, outbox
from contest_service.flows.retry import find_announcement
from contest_service.store import contests
from contest_service.web.announcement_pages import PAGE
from contest_service.web.announcement_words import say_kind, say_state
from contest_service.web.contest_tabs import root_of
from contest_service.web.fault_words import say_conflict, take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

_ADDRESS = f"{PAGE}/{{announcement_id:uuid}}/correct"


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said; `step` shows it first, and publishes it then."""

    said: Annotated[str, msgspec.Meta(min_length=1, max_length=correct.LONGEST)]
    step: Literal["show", "publish"]


@get(_ADDRESS, operation_id="page_correction")
async def page_correction(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    announcement_id: FromPath[UUID],
) -> Response[bytes]:
    return await _show(request, (contest_id, announcement_id), form=blank())


@post(_ADDRESS, operation_id="publish_correction", status_code=200)
async def publish_correction(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    announcement_id: FromPath[UUID],
) -> Response[bytes]:
    """Show a correction as it will look, or publish it."""
    form: Form[CorrectionForm] = await read_form(request, CorrectionForm)
    ids, filled = (contest_id, announcement_id), form.filled
    if filled is None:
        return await _show(request, ids, form=form, status_code=422)
    if filled.step == "show":
        return await _show(request, ids, form=form, said=filled.said)
    rt, actor = runtime_of(request), actor_of(request)
    try:
        async with submission(request) as sent:
            await correct.correct_announcement(
                sent.conn, rt, actor, *ids, said=filled.said, now=sent.now
            )
            root = root_of(workspace_id, contest_id)
            return await sent.go(f"{root}/announcements?note=corrected")
    except InvalidError as error:
        take_faults(form, error, words_of(request))
        return await _show(request, ids, form=form, status_code=422)
    except ConflictError as error:
        form.add("", say_conflict(error, words_of(request)))
        return await _show(request, ids, form=form, status_code=409)


async def _show(
    request: AnyRequest,
    ids: tuple[UUID, UUID],
    *,
    form: Form[Any],
    said: str = "",
    status_code: int = 200,
) -> Response[bytes]:
    """The announcement `ids` of a contest, and how a correction would look."""
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, ids[0])
        found = await find_announcement(conn, actor.workspace_id, *ids)
        pages = await outbox.pages_of(conn, contest)
        (corrected,) = await outbox.published(conn, [found])
    root, link = root_of(actor.workspace_id, contest.id), rt.contest_link(contest.id)
    text = correct.correction_of(contest, found, said)
    return render(
        request,
        "correction.html",
        status_code=status_code,
        contest=contest,
        zone=contest.definition.schedule.zone,
        language=contest.definition.language.value,
        root=root,
        here=f"{root}/announcements/{found.id}/correct",
        title=say_kind(found.kind, words),
        corrected=corrected,
        state_said=say_state(found, words),
        now=rt.clock(),
        form=form,
        longest=correct.LONGEST,
        previews=[outbox.shown(text, link, page) for page in pages] if said else [],
    )
