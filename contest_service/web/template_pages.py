"""Templates of a workspace, and contests made once more: from a template, or from any contest."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.lengths import opens_again
from contest_service.domain.money import say_money
from contest_service.domain.people import Role
from contest_service.domain.rules import sentences
from contest_service.flows import templates as flow
from contest_service.flows.templates import Anew
from contest_service.store import contests, templates
from contest_service.store.contests import Contest
from contest_service.store.templates import Template
from contest_service.web.access import EDITORS
from contest_service.web.fault_words import say_conflict
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import Submission, submission
from contest_service.web.wizard.frame import take_definition_faults
from contest_service.web.wizard.steps import Step, edit_root

Text = Annotated[str, msgspec.Meta(max_length=300)]


class NameForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text


class AnewForm(msgspec.Struct, frozen=True, kw_only=True):
    """`practice` is "1" for a practice contest, "0" for a real one."""

    title: Text
    practice: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A definition in a few words. Durations are as people read them."""

    title: str
    runs: str
    until_draw: str
    zone: str
    conditions: list[str]
    prizes: list[str]


@get("/w/{workspace_id:uuid}/templates", operation_id="page_templates")
async def page_templates(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    words = words_of(request)
    async with runtime_of(request).pool.acquire() as conn:
        found = await templates.list_all(conn, workspace_id)
    return render(
        request,
        "templates/list.html",
        templates=[(each, _say(each.definition, words)) for each in found],
        note=note_of(request),
    )


@get("/w/{workspace_id:uuid}/templates/{template_id:uuid}", operation_id="page_template")
async def page_template(
    request: AnyRequest, workspace_id: FromPath[UUID], template_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show_template(request, template_id)


@post(
    "/w/{workspace_id:uuid}/templates/{template_id:uuid}/name",
    operation_id="rename_template_page",
    status_code=200,
)
async def rename_template(
    request: AnyRequest, workspace_id: FromPath[UUID], template_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[NameForm] = await read_form(request, NameForm)
    here = f"/w/{workspace_id}/templates/{template_id}?note=saved"

    async def rename(sent: Submission, filled: NameForm) -> str:
        await flow.rename_template(
            sent.conn, actor_of(request), template_id, filled.name, now=sent.now
        )
        return here

    return await _done(request, form, rename) or await _show_template(
        request, template_id, naming=form
    )


@post(
    "/w/{workspace_id:uuid}/templates/{template_id:uuid}/delete",
    operation_id="delete_template_page",
    status_code=200,
)
async def delete_template(
    request: AnyRequest, workspace_id: FromPath[UUID], template_id: FromPath[UUID]
) -> Response[bytes]:
    async with submission(request) as sent:
        await flow.delete_template(sent.conn, actor_of(request), template_id, now=sent.now)
        return await sent.go(f"/w/{workspace_id}/templates?note=template-deleted")


@post(
    "/w/{workspace_id:uuid}/templates/{template_id:uuid}/contests",
    operation_id="use_template",
    status_code=200,
)
async def use_template(
    request: AnyRequest, workspace_id: FromPath[UUID], template_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[AnewForm] = await read_form(request, AnewForm)

    async def make(sent: Submission, filled: AnewForm) -> str:
        made = await flow.contest_from_template(
            sent.conn, actor_of(request), template_id, _wish(filled), now=sent.now
        )
        return _first_step(made)

    return await _done(request, form, make) or await _show_template(
        request, template_id, making=form
    )


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/again", operation_id="page_again")
async def page_again(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show_again(request, contest_id)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/again/contest",
    operation_id="clone_contest_page",
    status_code=200,
)
async def clone_contest(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[AnewForm] = await read_form(request, AnewForm)

    async def make(sent: Submission, filled: AnewForm) -> str:
        made = await flow.clone_contest(
            sent.conn, actor_of(request), contest_id, _wish(filled), now=sent.now
        )
        return _first_step(made)

    return await _done(request, form, make) or await _show_again(request, contest_id, making=form)


@post(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/again/template",
    operation_id="keep_contest_page",
    status_code=200,
)
async def keep_contest(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[NameForm] = await read_form(request, NameForm)

    async def keep(sent: Submission, filled: NameForm) -> str:
        kept = await flow.keep_contest(
            sent.conn, actor_of(request), contest_id, filled.name, now=sent.now
        )
        return f"/w/{workspace_id}/templates/{kept.id}?note=template-kept"

    return await _done(request, form, keep) or await _show_again(request, contest_id, naming=form)


async def _done(
    request: AnyRequest,
    form: Form[Any],
    change: Callable[[Submission, Any], Awaitable[str]],
) -> Response[bytes] | None:
    """Do what a form without faults asks for, and go where that says; None if it has faults."""
    words = words_of(request)
    if form.filled is None:
        return None
    try:
        async with submission(request) as sent:
            return await sent.go(await change(sent, form.filled))
    except InvalidError as error:
        take_definition_faults(form, error.faults, _FIELDS, words=words)
    except ConflictError as error:
        form.add("name" if error.code == "name_taken" else "", say_conflict(error, words))
    return None


_FIELDS = {"/title": "title", "/name": "name"}


async def _show_template(
    request: AnyRequest,
    template_id: UUID,
    *,
    making: Form[Any] | None = None,
    naming: Form[Any] | None = None,
) -> Response[bytes]:
    async with runtime_of(request).pool.acquire() as conn:
        template = await templates.read(conn, actor_of(request).workspace_id, template_id)
    return render(
        request,
        "templates/one.html",
        status_code=422 if making or naming else 200,
        kept=template,
        naming=naming or blank(name=template.name),
        note=note_of(request),
        **_shown(request, template, making=making),
    )


async def _show_again(
    request: AnyRequest,
    contest_id: UUID,
    *,
    making: Form[Any] | None = None,
    naming: Form[Any] | None = None,
) -> Response[bytes]:
    async with runtime_of(request).pool.acquire() as conn:
        contest = await contests.read(conn, actor_of(request).workspace_id, contest_id)
    return render(
        request,
        "templates/again.html",
        status_code=422 if making or naming else 200,
        contest=contest,
        naming=naming or blank(name=contest.definition.title),
        **_shown(request, contest, making=making),
    )


def _shown(
    request: AnyRequest, origin: Template | Contest, *, making: Form[Any] | None
) -> dict[str, Any]:
    """What both pages know: what would be made, when it would open, and how it is asked for."""
    words, definition = words_of(request), origin.definition
    role: Role = actor_of(request).role
    return {
        "said": _say(definition, words),
        "making": making or blank(title=definition.title, practice="1" if origin.practice else "0"),
        "opens_at": opens_again(definition.schedule, now=runtime_of(request).clock()),
        "zone": definition.schedule.zone,
        "kinds": [
            ("0", words.gettext("Real: drawn by public randomness")),
            ("1", words.gettext("Practice: proves nothing about chance")),
        ],
        "may_edit": role in EDITORS,
    }


def _say(definition: Definition, words: Words) -> Said:
    schedule = definition.schedule
    tiers = [tier for draw in definition.draws for tier in draw.tiers]
    return Said(
        title=definition.title,
        runs=words.span(schedule.closes_at - schedule.opens_at),
        until_draw=words.span(schedule.draw_at - schedule.closes_at),
        zone=schedule.zone,
        conditions=sentences(definition.rules, words.language),
        prizes=[
            f"{tier.prize}{_worth(tier.value, words.language)} × {words.number(tier.winners)}"
            for tier in tiers
        ],
    )


def _worth(value: Any, language: Language) -> str:
    return f", {say_money(value, language)}" if value else ""


def _wish(filled: AnewForm) -> Anew:
    return Anew(title=filled.title, practice=filled.practice)


def _first_step(contest: Contest) -> str:
    root = edit_root(contest.workspace_id, contest.id)
    return f"{root}/{Step.POST}?note=made-again"
