"""Step 2: the rules as sentences in groups, and the tickets. One condition has a page of its own
(`condition_page`)."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain import rule_edits
from contest_service.domain.contest import Definition
from contest_service.domain.errors import NotFoundError
from contest_service.domain.rule_edits import GroupKind
from contest_service.domain.rules import MOST_TICKETS, Unverified
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest
from contest_service.web.language import words_of
from contest_service.web.wizard.draft import Draft, read_draft
from contest_service.web.wizard.frame import leave_if_locked, next_address, save, show_step
from contest_service.web.wizard.rule_view import (
    bonuses_view,
    group_choices,
    notes_at,
    rules_view,
)
from contest_service.web.wizard.steps import Step

Place = Annotated[str, msgspec.Meta(max_length=300)]
Number = Annotated[int, msgspec.Meta(ge=1, le=MOST_TICKETS)]


class EditForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with the conditions at some places, or with the tickets of everybody."""

    do: Literal["tickets", "remove", "group", "regroup", "ungroup"]
    at: list[Place] = []
    kind: GroupKind = GroupKind.ANY_OF
    n: Number = 1
    base: Number = 1
    cap: Number = MOST_TICKETS
    unverified: Unverified = Unverified.EXCLUDE


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/conditions",
    operation_id="page_edit_conditions",
)
async def page_edit_conditions(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    draft = await read_draft(request, contest_id)
    return leave_if_locked(draft) or _show(request, draft, _begun(draft))


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/edit/conditions",
    operation_id="edit_conditions",
    status_code=200,
)
async def edit_conditions(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[EditForm] = await read_form(request, EditForm)
    draft = await read_draft(request, contest_id)
    filled = form.filled
    if filled is not None:
        try:
            answer = await save(
                request,
                contest_id,
                form,
                change=lambda definition: _changed(definition, filled),
                then=next_address(draft, Step.CONDITIONS, form),
                pointers={"/tickets/base": "base", "/tickets/cap": "cap", "/rules": ""},
            )
        except NotFoundError as error:
            form.add("", words_of(request).refusal(error.message))
        else:
            if answer is not None:
                return answer
    draft = await read_draft(request, contest_id)
    return _show(request, draft, _kept(draft, form), status_code=422)


def _changed(definition: Definition, filled: EditForm) -> Definition:
    """What the form asks for. Raises NotFoundError for places that are none."""
    at = filled.at[0] if filled.at else ""
    match filled.do:
        case "tickets":
            tickets = msgspec.structs.replace(definition.tickets, base=filled.base, cap=filled.cap)
            return msgspec.structs.replace(
                definition,
                tickets=tickets,
                unverified=filled.unverified,
            )
        case "remove":
            return rule_edits.removed(definition, at)
        case "group":
            return rule_edits.grouped(definition, filled.at, filled.kind)
        case "regroup":
            return rule_edits.regrouped(definition, at, filled.kind, n=filled.n)
        case "ungroup":
            return rule_edits.ungrouped(definition, at)


def _begun(draft: Draft) -> Form[Any]:
    definition = draft.definition
    return blank(
        base=definition.tickets.base,
        cap=definition.tickets.cap,
        unverified=definition.unverified.value,
    )


def _kept(draft: Draft, form: Form[EditForm]) -> Form[Any]:
    """The form with its faults; of the tickets what was typed, if they were what was sent."""
    if form.value("do") == "tickets":
        return form
    begun = _begun(draft)
    begun.faults = form.faults
    return begun


def _show(
    request: AnyRequest, draft: Draft, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    words = words_of(request)
    return show_step(
        request,
        draft,
        Step.CONDITIONS,
        form=form,
        status_code=status_code,
        rules=rules_view(draft, words),
        bonuses=bonuses_view(draft, words),
        about_all=notes_at(draft, "", words),
        groups=group_choices(words),
        unverified=[
            (Unverified.EXCLUDE.value, words.gettext("They do not take part")),
            (Unverified.ADMIT.value, words.gettext("They take part all the same")),
        ],
        several_posts=len(draft.posts) > 1,
    )
