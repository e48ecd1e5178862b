"""Invitations, as whoever was invited sees them: what they join, and in which role."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.flows import invitations as flow
from contest_service.flows.invitations import Newcomer
from contest_service.flows.sessions import is_wellformed
from contest_service.store.sessions import Session
from contest_service.store.ways_in import Invitation
from contest_service.web.fault_words import say_conflict, take_faults
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, count_apart, go, request_id_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.role_words import say_role
from contest_service.web.sign_in import enter, origin_of, visit_page

_IN_A_MINUTE = 30

Text = Annotated[str, msgspec.Meta(max_length=300)]


class NewcomerForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text
    email: Text
    password: Text


@get("/invitations/{secret:str}", operation_id="page_invitation")
async def page_invitation(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """Say what somebody is invited to; opening it accepts nothing."""
    invitation = await _find(request, secret)
    email = invitation.email if invitation is not None else None
    return _show(request, secret, invitation, form=blank(email=email))


@post("/invitations/{secret:str}", operation_id="accept_invitation", status_code=200)
async def accept_invitation(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    invitation = await _find(request, secret)
    if invitation is None:
        return _show(request, secret, None, form=blank())
    session = _signed_in(request)
    if session is not None:
        return await _join(request, secret, invitation, session=session)
    form: Form[NewcomerForm] = await read_form(request, NewcomerForm)
    if form.filled is not None:
        await count_apart(
            request, "invitation", secret, of_address=_IN_A_MINUTE, of_all=_IN_A_MINUTE
        )
        newcomer = Newcomer(
            name=form.filled.name,
            email=form.filled.email.strip(),
            password=form.filled.password,
        )
        words = words_of(request)
        try:
            joined, begun = await flow.accept_as_new(
                runtime_of(request), secret, newcomer, origin=origin_of(request)
            )
        except InvalidError as error:
            take_faults(form, error, words)
        except ConflictError as error:
            form.add("email", say_conflict(error, words))
        else:
            return enter(request, begun, f"/w/{joined.workspace_id}/people?note=joined")
    return _show(request, secret, invitation, form=form, status_code=422)


async def _join(
    request: AnyRequest, secret: str, invitation: Invitation, *, session: Session
) -> Response[bytes]:
    rt = runtime_of(request)
    try:
        async with rt.pool.acquire() as conn, conn.transaction():
            await flow.accept(
                conn, secret, session, request_id=request_id_of(request), now=rt.clock()
            )
    except ConflictError as error:
        form = blank()
        form.add("", say_conflict(error, words_of(request)))
        return _show(request, secret, invitation, form=form, status_code=409)
    return go(f"/w/{invitation.workspace_id}/people?note=joined")


async def _find(request: AnyRequest, secret: str) -> Invitation | None:
    if not is_wellformed(secret):
        return None
    rt = runtime_of(request)
    async with rt.pool.acquire() as conn:
        return await flow.find(conn, secret, now=rt.clock())


def _show(
    request: AnyRequest,
    secret: str,
    invitation: Invitation | None,
    *,
    form: object,
    status_code: int = 200,
) -> Response[bytes]:
    role = "" if invitation is None else say_role(invitation.role, words_of(request))
    return visit_page(
        request,
        "invitation.html",
        status_code=404 if invitation is None else status_code,
        invitation=invitation,
        role=role,
        form=form,
        secret=secret,
        is_signed_in=_signed_in(request) is not None,
    )


def _signed_in(request: AnyRequest) -> Session | None:
    session: Session | None = request.scope["state"].get("session")
    return None if session is None or session.waits_for_code else session
