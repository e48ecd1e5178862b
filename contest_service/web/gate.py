"""The gate before every page: who is signed in, may they, and did they mean it.

A page without a row in the table of pages (`access`) does not start. What changes something has to
come from a page of ours: the browser says so (Origin, Sec-Fetch-Site), and the form has the token
that belongs to the session's secret, or, before there is a session, to a cookie of the visit. Of
workspaces that somebody is not in nothing is said.
"""

import base64
import enum
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import TooManyRequestsException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from contest_service.domain.errors import ContestError, ForbiddenError, NotFoundError
from contest_service.domain.people import Actor, Role
from contest_service.flows.runtime import Runtime
from contest_service.flows.sessions import actor_in, find_session, is_wellformed, network_of
from contest_service.limits import Allowance, by_address
from contest_service.pings import Pings
from contest_service.store.sessions import Place, Session, places_of
from contest_service.web.access import PAGES, Who
from contest_service.web.forms import fields_of

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STATIC = "/static/"

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]


class SignedOutError(ContestError):
    """Nobody is signed in, where somebody has to be."""

    code = "unauthenticated"


class TotpMissingError(ContestError):
    """The workspace opens only to those who have a second factor."""

    code = "totp_missing"


class Cookie(enum.StrEnum):
    """What the browser keeps for us."""

    SESSION = "session"
    VISIT = "visit"


async def pass_gate(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A guard for every page.

    Raises SignedOutError, NotFoundError for another's workspace, ForbiddenError for a role or a
    form, TotpMissingError, and TooManyRequestsException.
    """
    state = connection.scope["state"]
    state["actor"] = state["session"] = None
    state["places"], state["csrf"] = [], ""
    if connection.scope["path"].startswith(_STATIC):
        return
    who = PAGES[_operation_of(handler)]
    is_write = connection.scope.get("method") not in _SAFE
    if is_write:
        _require_own_origin(connection)
    if who is Who.EVERYBODY:
        state["packs"] = True
        await _count(connection, by_address(_host(connection)))
        return
    secret = cookie_of(connection, Cookie.SESSION)
    session = await _find(connection, secret)
    state["session"] = session
    state["csrf"] = csrf_of(secret if session else cookie_of(connection, Cookie.VISIT))
    await _count(connection, f"session:{session.id}" if session else by_address(_host(connection)))
    if who is not Who.VISITOR and (session is None or session.waits_for_code):
        raise SignedOutError("Sign in first.")
    if is_write:
        await _require_token(connection, state["csrf"])
    if session is not None and not session.waits_for_code:
        await _place(connection, session, who)


async def _place(connection: AnyConnection, session: Session, who: frozenset[Role] | Who) -> None:
    """Find out in which of their workspaces somebody is, and whether they may what they ask."""
    state = connection.scope["state"]
    async with runtime_of(connection).pool.acquire() as conn:
        places = await places_of(conn, session.person_id)
    state["places"] = places
    if isinstance(who, Who):
        return
    place = _find_place(places, connection.path_params.get("workspace_id"))
    if place.requires_totp and not session.has_totp:
        raise TotpMissingError(
            "This workspace asks everybody for a code of an authenticator. Set one up first."
        )
    actor = actor_in(session, place, request_id_of(connection))
    state["actor"] = actor
    if actor.role not in who:
        raise ForbiddenError(f"Your role is {actor.role}, which does not allow this.")


def _find_place(places: list[Place], workspace_id: object) -> Place:
    for each in places:
        if each.workspace.id == workspace_id:
            return each
    raise NotFoundError("There is no such workspace of yours.")


async def _find(connection: AnyConnection, secret: str) -> Session | None:
    if not secret:
        return None
    rt = runtime_of(connection)
    async with rt.pool.acquire() as conn:
        return await find_session(conn, secret, now=rt.clock())


# Did they mean it --------------------------------------------------------------------------------


def _require_own_origin(connection: AnyConnection) -> None:
    """Refuse what the browser says comes from elsewhere; one that says nothing has the token."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    own = {
        _site_of(runtime_of(connection).public_url),
        connection.headers.get("host", ""),
    } - {""}
    is_own = site in (None, "same-origin", "none") and (origin is None or _site_of(origin) in own)
    if not is_own:
        raise ForbiddenError("This form was sent from another site than ours.")


def _site_of(address: str) -> str:
    """Host and port of an address, whatever somebody sent as one."""
    return address.partition("//")[2].partition("/")[0]


async def _require_token(connection: AnyConnection, expected: str) -> None:
    request = connection if isinstance(connection, Request) else None
    given: object = connection.headers.get("x-csrf", "")
    if not given and request is not None:
        await request.body()  # read once and kept, for the handler reads the form again
        given = (await fields_of(request)).get("csrf", "")
    if not expected or not isinstance(given, str):
        raise ForbiddenError("This form is too old, or was not made by us.")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForbiddenError("This form is too old, or was not made by us.")


def csrf_of(secret: str) -> str:
    """The token of the forms that belong to a cookie's secret; empty without one."""
    if not secret:
        return ""
    digest = hmac.digest(secret.encode(), b"forms", hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()


# Cookies -----------------------------------------------------------------------------------------


def cookie_of(connection: AnyConnection, cookie: Cookie) -> str:
    """A cookie's secret; empty if there is none that could be ours."""
    found = connection.cookies.get(_name(connection, cookie), "")
    return found if is_wellformed(found) else ""


def keep_cookie(
    request: AnyRequest, response: Response[bytes], cookie: Cookie, *, secret: str
) -> Response[bytes]:
    """Let the browser keep a secret until it ends; an empty one is forgotten at once."""
    response.set_cookie(
        key=_name(request, cookie),
        value=secret,
        max_age=_KEPT[cookie] if secret else 0,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


_KEPT: Mapping[Cookie, int] = {Cookie.SESSION: 30 * 86400, Cookie.VISIT: 86400}
"""Seconds."""


def _name(connection: AnyConnection, cookie: Cookie) -> str:
    return f"__Host-{cookie}" if _is_secure(connection) else cookie.value


def _is_secure(connection: AnyConnection) -> bool:
    return runtime_of(connection).public_url.startswith("https:")


# What handlers ask -------------------------------------------------------------------------------


def runtime_of(connection: AnyConnection) -> Runtime:
    """The outside, as flows see it."""
    rt: Runtime = connection.app.state.rt
    return rt


def pings_of(connection: AnyConnection) -> Pings:
    """What tells open pages that something changed."""
    pings: Pings = connection.app.state.pings
    return pings


def request_id_of(connection: AnyConnection) -> str:
    """The id of a request, as the audit log has it."""
    return str(connection.scope["state"].get("request_id", ""))


def session_of(connection: AnyConnection) -> Session:
    """The session of a page for whoever is signed in."""
    session: Session | None = connection.scope["state"].get("session")
    if session is None:
        raise SignedOutError("Sign in first.")
    return session


def actor_of(connection: AnyConnection) -> Actor:
    """Who asks, on a page of a workspace."""
    actor: Actor | None = connection.scope["state"].get("actor")
    if actor is None:
        raise SignedOutError("Sign in first.")
    return actor


def places_in(connection: AnyConnection) -> list[Place]:
    """The workspaces of whoever is signed in."""
    places: list[Place] = connection.scope["state"].get("places", [])
    return places


def person_of(actor: Actor) -> UUID:
    """The person who asks: every session belongs to one."""
    if actor.person_id is None:
        raise LookupError("a page for nobody")
    return actor.person_id


def _operation_of(handler: BaseRouteHandler) -> str:
    if isinstance(handler, HTTPRouteHandler) and isinstance(handler.operation_id, str):
        return handler.operation_id
    raise LookupError(f"{handler} has no operation id")


# Too often ---------------------------------------------------------------------------------------


async def count_apart(
    connection: AnyConnection,
    what: str,
    subject: str,
    *,
    of_address: int,
    of_all: int,
    of_network: int | None = None,
) -> None:
    """Count a request against limits of its own: of its address, and of its subject.

    With `of_network`, also of its subject from its network: what a stranger uses up there keeps
    nobody out elsewhere. Raises TooManyRequestsException, whoever the subject is.
    """
    await _count(connection, f"{what}:{by_address(_host(connection))}", limit=of_address)
    digest = hashlib.sha256(subject.strip().lower().encode()).hexdigest()[:32]
    if of_network is not None:
        network = network_of(_host(connection) or "")
        await _count(connection, f"{what}:{digest}:{network}", limit=of_network)
    await _count(connection, f"{what}:{digest}", limit=of_all)


async def _count(connection: AnyConnection, who: str, *, limit: int | None = None) -> None:
    allowance: Allowance | None = await connection.app.state.limiter.count(who, limit=limit)
    if allowance is not None and allowance.is_exceeded:
        raise TooManyRequestsException(
            f"This was asked too often in a minute; wait {allowance.reset} s.",
            headers={"Retry-After": str(allowance.reset)},
        )


def _host(connection: AnyConnection) -> str | None:
    return connection.client.host if connection.client else None


# Ways back ---------------------------------------------------------------------------------------


def own_path(address: str) -> str:
    """An address to go to next, if it is a path of ours; else empty."""
    is_path = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_path and address.isascii() and address.isprintable() else ""


def go(address: str) -> Response[bytes]:
    """Send the browser to another page of ours."""
    return Response(
        b"", status_code=303, headers={"Location": address, "Cache-Control": "no-store"}
    )


def go_to_sign_in(request: AnyRequest, _error: SignedOutError) -> Response[bytes]:
    """Ask to sign in, and remember where somebody was."""
    if request.method in _SAFE:
        query = request.scope["query_string"].decode("ascii", "replace")
        back = request.scope["path"] + (f"?{query}" if query else "")
    else:
        came_from = request.headers.get("referer", "")
        site = _site_of(came_from)
        is_ours = site != "" and site == request.headers.get("host")
        back = own_path(came_from.partition(f"//{site}")[2]) if is_ours else "/"
    address = "/sign-in" if back in ("", "/") else f"/sign-in?{urlencode({'next': back})}"
    if "hx-request" in request.headers:
        return Response(b"", status_code=401, headers={"HX-Redirect": address})
    return go(address)


def go_to_totp(_request: AnyRequest, _error: TotpMissingError) -> Response[bytes]:
    """Ask for a second factor, which the workspace wants of everybody."""
    return go("/me/totp?note=totp-required")
