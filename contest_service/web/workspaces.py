"""The workspaces of whoever is signed in, and the settings of one."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain import accent
from contest_service.domain.errors import ForbiddenError, InvalidError
from contest_service.domain.people import Role
from contest_service.flows import people as flow
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import (
    AnyRequest,
    actor_of,
    places_in,
    request_id_of,
    session_of,
)
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.role_words import say_role
from contest_service.web.submissions import submission

Text = Annotated[str, msgspec.Meta(max_length=300)]


class NameForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text


class SettingsForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text
    requires_totp: bool = False


@get("/workspaces", operation_id="page_workspaces")
async def page_workspaces(request: AnyRequest) -> Response[bytes]:
    return _show(request, blank())


@post("/workspaces", operation_id="open_workspace", status_code=200)
async def open_workspace(request: AnyRequest) -> Response[bytes]:
    """Open another workspace; whoever owns one may."""
    if not _may_open(request):
        raise ForbiddenError("Only whoever owns a workspace may open another one.")
    form: Form[NameForm] = await read_form(request, NameForm)
    if form.filled is not None:
        try:
            async with submission(request) as sent:
                opened = await flow.open_workspace(
                    sent.conn,
                    form.filled.name,
                    session_of(request),
                    request_id=request_id_of(request),
                    now=sent.now,
                )
                return await sent.go(f"/w/{opened.id}/settings?note=opened")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
    return _show(request, form, status_code=422)


def _show(request: AnyRequest, form: Form[NameForm], *, status_code: int = 200) -> Response[bytes]:
    words = words_of(request)
    return render(
        request,
        "workspaces.html",
        status_code=status_code,
        form=form,
        may_open=_may_open(request),
        roles={role: say_role(role, words) for role in Role},
    )


def _may_open(request: AnyRequest) -> bool:
    return any(each.role is Role.OWNER for each in places_in(request))


@get("/w/{workspace_id:uuid}/settings", operation_id="page_settings")
async def page_settings(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return show_settings(request)


@post("/w/{workspace_id:uuid}/settings", operation_id="change_settings", status_code=200)
async def change_settings(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    form: Form[SettingsForm] = await read_form(request, SettingsForm)
    filled = form.filled
    if filled is not None and filled.requires_totp and not session_of(request).has_totp:
        form.add(
            "requires_totp",
            words_of(request).gettext("Set up an authenticator of your own first."),
        )
    elif filled is not None:
        try:
            async with submission(request) as sent:
                await flow.change_settings(
                    sent.conn,
                    actor_of(request),
                    filled.name,
                    requires_totp=filled.requires_totp,
                    now=sent.now,
                )
                return await sent.go(f"/w/{workspace_id}/settings?note=saved")
        except InvalidError as error:
            take_faults(form, error, words_of(request))
    return show_settings(request, form=form, status_code=422)


def show_settings(
    request: AnyRequest,
    *,
    form: Form[Any] | None = None,
    accent_form: Form[Any] | None = None,
    logo_form: Form[Any] | None = None,
    status_code: int = 200,
) -> Response[bytes]:
    """Make the page of a workspace's settings; a form that is given has faults."""
    actor = actor_of(request)
    here = next(each for each in places_in(request) if each.workspace.id == actor.workspace_id)
    colour = here.look.accent or accent.DEFAULT
    refused = None if accent_form is None else accent.parse(str(accent_form.value("accent")))
    return render(
        request,
        "settings.html",
        status_code=status_code,
        form=form
        or blank(name=here.workspace.name, requires_totp="1" if here.requires_totp else None),
        accent_form=accent_form or blank(accent=colour),
        logo_form=logo_form or blank(),
        shades=accent.shades(here.look.accent) if here.look.accent else None,
        least=accent.LEAST,
        offer=accent.nearest(refused) if refused else None,
        is_owner=actor.role is Role.OWNER,
        note=note_of(request),
    )
