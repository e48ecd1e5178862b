"""Signing in and out: by a password and a code, or by a link that works once.

A link is used by its button, never by being opened, since mail and chat programs open links.
"""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.flows import sign_in as flow
from contest_service.flows.sessions import (
    BegunSession,
    Origin,
    find_session,
    is_wellformed,
    make_secret,
)
from contest_service.store.sessions import Session
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import (
    AnyRequest,
    Cookie,
    cookie_of,
    count_apart,
    csrf_of,
    go,
    keep_cookie,
    own_path,
    places_in,
    request_id_of,
    runtime_of,
)
from contest_service.web.language import words_of
from contest_service.web.page import render

_OF_ADDRESS, _OF_ACCOUNT = 30, 10
"""Attempts in a minute."""
_FROM_EVERYWHERE = 300
"""Attempts at one account in a minute, of all networks together: whoever knows somebody's address
must not keep them out."""

Text = Annotated[str, msgspec.Meta(max_length=300)]


class SignInForm(msgspec.Struct, frozen=True, kw_only=True):
    email: Text
    password: Text
    next: str = ""


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Text
    next: str = ""


class NextForm(msgspec.Struct, frozen=True, kw_only=True):
    next: str = ""


@get("/", operation_id="page_start")
async def page_start(request: AnyRequest) -> Response[bytes]:
    """Go to the first workspace of whoever is signed in."""
    places = places_in(request)
    return go(f"/w/{places[0].workspace.id}" if places else "/workspaces")


@get("/sign-in", operation_id="page_sign_in")
async def page_sign_in(request: AnyRequest) -> Response[bytes]:
    session = _session(request)
    wanted = _wanted(request)
    if session is not None and not session.waits_for_code:
        return go(wanted or "/")
    return visit_page(request, "sign-in.html", form=blank(), next=wanted)


@post("/sign-in", operation_id="sign_in", status_code=200)
async def sign_in(request: AnyRequest) -> Response[bytes]:
    form = await read_form(request, SignInForm)
    wanted = own_path(str(form.value("next")))
    filled = form.filled
    if filled is not None:
        await count_apart(
            request,
            "sign-in",
            filled.email,
            of_address=_OF_ADDRESS,
            of_network=_OF_ACCOUNT,
            of_all=_FROM_EVERYWHERE,
        )
        begun = await flow.sign_in(
            runtime_of(request), filled.email, filled.password, origin=origin_of(request)
        )
        if begun is not None:
            return enter(request, begun, wanted or "/")
        form.add("", words_of(request).gettext("The address or the password is not right."))
    return visit_page(request, "sign-in.html", form=form, next=wanted, status_code=422)


@get("/sign-in/code", operation_id="page_code")
async def page_code(request: AnyRequest) -> Response[bytes]:
    session = _session(request)
    if session is None or not session.waits_for_code:
        return go("/sign-in")
    return visit_page(request, "code.html", form=blank(), next=_wanted(request))


@post("/sign-in/code", operation_id="show_code", status_code=200)
async def show_code(request: AnyRequest) -> Response[bytes]:
    session = _session(request)
    if session is None or not session.waits_for_code:
        return go("/sign-in")
    form: Form[CodeForm] = await read_form(request, CodeForm)
    wanted = own_path(str(form.value("next")))
    if form.filled is not None:
        await count_apart(
            request, "code", str(session.person_id), of_address=_OF_ADDRESS, of_all=_OF_ACCOUNT
        )
        begun = await flow.show_code(
            runtime_of(request), session, form.filled.code, origin=origin_of(request)
        )
        if begun is not None:
            return enter(request, begun, wanted or "/")
        form.add(
            "code",
            words_of(request).gettext(
                "This code is not right, or was used. Wait for the next one. After ten wrong "
                "codes none is taken for a quarter of an hour."
            ),
        )
    return visit_page(request, "code.html", form=form, next=wanted, status_code=422)


@get("/sign-in/link/{secret:str}", operation_id="page_link")
async def page_link(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """Show the button that uses a link; opening it uses nothing."""
    rt = runtime_of(request)
    is_open = False
    if is_wellformed(secret):
        async with rt.pool.acquire() as conn:
            is_open = await flow.is_link_open(conn, secret, now=rt.clock())
    return visit_page(request, "link.html", is_open=is_open, status_code=200 if is_open else 404)


@post("/sign-in/link/{secret:str}", operation_id="use_link", status_code=200)
async def use_link(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    rt = runtime_of(request)
    begun = session = None
    if is_wellformed(secret):
        async with rt.pool.acquire() as conn, conn.transaction():
            begun = await flow.use_link(conn, secret, origin_of(request), now=rt.clock())
            if begun is not None:
                session = await find_session(conn, begun.secret, now=rt.clock())
    if begun is None or session is None:
        return visit_page(request, "link.html", is_open=False, status_code=404)
    return enter(request, begun, "/" if session.has_password else "/me/password?next=/")


@post("/sign-out", operation_id="sign_out", status_code=200)
async def sign_out(request: AnyRequest) -> Response[bytes]:
    session = _session(request)
    if session is not None:
        rt = runtime_of(request)
        async with rt.pool.acquire() as conn, conn.transaction():
            await flow.sign_out(conn, session, request_id=request_id_of(request), now=rt.clock())
    return keep_cookie(request, go("/sign-in"), Cookie.SESSION, secret="")


# What other pages of this kind need ---------------------------------------------------------------


def visit_page(
    request: AnyRequest, template: str, *, status_code: int = 200, **context: object
) -> Response[bytes]:
    """Make a page whose form belongs to the visit, where there is no session for it yet."""
    state = request.scope["state"]
    secret = ""
    if not state["csrf"]:
        secret = make_secret()
        state["csrf"] = csrf_of(secret)
    page = render(request, template, status_code=status_code, headers=None, framed=False, **context)
    if secret and not cookie_of(request, Cookie.VISIT):
        keep_cookie(request, page, Cookie.VISIT, secret=secret)
    return page


def enter(request: AnyRequest, begun: BegunSession, address: str) -> Response[bytes]:
    """Let the browser keep the session, and go on: to the step for the code where it waits."""
    if begun.waits_for_code:
        address = f"/sign-in/code?{urlencode({'next': address})}"
    return keep_cookie(request, go(address), Cookie.SESSION, secret=begun.secret)


def origin_of(request: AnyRequest) -> Origin:
    """Where a request comes from."""
    return Origin(
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        request_id=request_id_of(request),
    )


def _session(request: AnyRequest) -> Session | None:
    session: Session | None = request.scope["state"].get("session")
    return session


def _wanted(request: AnyRequest) -> str:
    return own_path(request.query_params.get("next", ""))
