"""The persons of a workspace: who is in it, in which role, and who was invited."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.people import Role
from contest_service.flows import invitations
from contest_service.flows import people as flow
from contest_service.store import members, ways_in
from contest_service.web.fault_words import say_conflict, take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.role_words import role_choices, say_role
from contest_service.web.submissions import submission

_MOST = 500
"""Persons that are shown; a workspace with more is run by the API."""

Text = Annotated[str, msgspec.Meta(max_length=300)]


class InviteForm(msgspec.Struct, frozen=True, kw_only=True):
    role: Role
    email: Text | None = None


class RoleForm(msgspec.Struct, frozen=True, kw_only=True):
    role: Role


@get("/w/{workspace_id:uuid}/people", operation_id="page_people")
async def page_people(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return await _show(request, blank(role=Role.EDITOR.value))


@post("/w/{workspace_id:uuid}/people", operation_id="invite_person", status_code=200)
async def invite_person(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Make an invitation, and show its link, this once."""
    form: Form[InviteForm] = await read_form(request, InviteForm)
    if form.filled is not None:
        email = (form.filled.email or "").strip() or None
        try:
            async with submission(request) as sent:
                secret = await invitations.invite(
                    sent.conn, actor_of(request), role=form.filled.role, email=email, now=sent.now
                )
                await sent.remember(f"/w/{workspace_id}/people?note=shown-once")
            link = f"{runtime_of(request).public_url}/invitations/{secret}"
            return await _show(request, blank(role=form.filled.role.value), link=link)
        except InvalidError as error:
            take_faults(form, error, words_of(request))
    return await _show(request, form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/invitations/{invitation_id:uuid}/withdraw",
    operation_id="withdraw_invitation",
    status_code=200,
)
async def withdraw_invitation(
    request: AnyRequest, workspace_id: FromPath[UUID], invitation_id: FromPath[UUID]
) -> Response[bytes]:
    async with submission(request) as sent:
        await invitations.withdraw(sent.conn, actor_of(request), invitation_id, now=sent.now)
        return await sent.go(f"/w/{workspace_id}/people?note=withdrawn")


@post(
    "/w/{workspace_id:uuid}/people/{person_id:uuid}/role",
    operation_id="set_role",
    status_code=200,
)
async def set_role(
    request: AnyRequest, workspace_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[bytes]:
    form: Form[RoleForm] = await read_form(request, RoleForm)
    if form.filled is None:
        return await _show(request, form, status_code=422)
    try:
        async with submission(request) as sent:
            await flow.change_role(
                sent.conn, actor_of(request), person_id, form.filled.role, now=sent.now
            )
            return await sent.go(f"/w/{workspace_id}/people?note=role-changed")
    except ConflictError as error:
        return await _refuse(request, error)


@post(
    "/w/{workspace_id:uuid}/people/{person_id:uuid}/remove",
    operation_id="drop_person",
    status_code=200,
)
async def drop_person(
    request: AnyRequest, workspace_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[bytes]:
    try:
        async with submission(request) as sent:
            await flow.remove_person(sent.conn, actor_of(request), person_id, now=sent.now)
            return await sent.go(f"/w/{workspace_id}/people?note=person-removed")
    except ConflictError as error:
        return await _refuse(request, error)


async def _refuse(request: AnyRequest, error: ConflictError) -> Response[bytes]:
    form = blank(role=Role.EDITOR.value)
    form.add("", say_conflict(error, words_of(request)))
    return await _show(request, form, status_code=409)


async def _show(
    request: AnyRequest, form: object, *, status_code: int = 200, link: str = ""
) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        found = await members.list_members(conn, actor.workspace_id, after=None, limit=_MOST)
        invited = await ways_in.open_invitations(conn, actor.workspace_id, now=rt.clock())
    return render(
        request,
        "people.html",
        status_code=status_code,
        members=found,
        invited=invited,
        form=form,
        link=link,
        is_owner=actor.role is Role.OWNER,
        roles={role: say_role(role, words) for role in Role},
        choices=role_choices(words),
        note=note_of(request),
    )
