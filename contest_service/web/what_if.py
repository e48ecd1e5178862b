"""What if: who would fall by a threshold of fraud scores, and holding exactly those."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ForbiddenError, InvalidError
from contest_service.domain.holding import HoldReason
from contest_service.flows import quarantine
from contest_service.flows import signals as flow
from contest_service.store import signals
from contest_service.store.signals import Settings
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import say_entrant
from contest_service.web.decision_frame import framed
from contest_service.web.decision_pages import REFUSED
from contest_service.web.decision_words import hold_choices
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import submission

_DIGITS = 3
"""Of a threshold, at most."""
_FALLING = 20
_NEW_DAYS = 30

Score = Annotated[int, msgspec.Meta(ge=1, le=100)]


class HoldAllForm(msgspec.Struct, frozen=True, kw_only=True):
    threshold: Score
    expected: Annotated[int, msgspec.Meta(ge=0)]
    reason: HoldReason
    note: Annotated[str, msgspec.Meta(max_length=quarantine.LONGEST_NOTE)] = ""


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/what-if", operation_id="page_what_if")
async def page_what_if(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """What would follow if all from a score on were held; looking holds nobody."""
    asked = request.query_params.get("threshold", "")
    return await _show(request, contest_id, blank(threshold=asked))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/what-if",
    operation_id="hold_all_above",
    status_code=200,
)
async def hold_all_above(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """Hold everybody whom the page showed, if they are as many as it said."""
    form: Form[HoldAllForm] = await read_form(request, HoldAllForm)
    status = 422
    if form.filled is not None:
        given, actor = form.filled, actor_of(request)
        try:
            async with submission(request) as sent:
                settings = await signals.settings(sent.conn, actor.workspace_id)
                bulk = quarantine.Bulk(
                    threshold=given.threshold, weights=settings.weights, expected=given.expected
                )
                await quarantine.hold_all(
                    sent.conn,
                    actor,
                    contest_id,
                    bulk,
                    reason=given.reason,
                    note=given.note,
                    now=sent.now,
                )
                held = f"{root_of(workspace_id, contest_id)}/decisions/held"
                return await sent.go(f"{held}?note=held")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
        except REFUSED as error:
            form.add("", words_of(request).refusal(error.message))
            status = 403 if isinstance(error, ForbiddenError) else 409
    return await _show(request, contest_id, form, status_code=status)


async def _show(
    request: AnyRequest, contest_id: UUID, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest, frame = await framed(conn, request, contest_id, here="/held")
        settings = _asked(form, await signals.settings(conn, contest.workspace_id))
        found = await flow.preview(
            conn, contest, settings, new_days=_NEW_DAYS, after=None, limit=_FALLING
        )
    return render(
        request,
        "what-if.html",
        status_code=status_code,
        **frame,
        form=form,
        threshold=settings.threshold,
        fall=found.fall,
        falling=[(each, say_entrant(each.state, words)) for each in found.falling],
        may_hold=contest.definition.holding is not None,
        choices=hold_choices(words),
    )


def _asked(form: Form[Any], settings: Settings) -> Settings:
    """The workspace's settings with the threshold that somebody asks for, where it is one."""
    asked = str(form.value("threshold"))
    threshold = int(asked) if asked.isdecimal() and len(asked) <= _DIGITS else 0
    if 1 <= threshold <= 100:
        return msgspec.structs.replace(settings, threshold=threshold)
    return settings
