"""The gate before every operation: who asks, have they asked too often, and may they.

A token implies its workspace and role; the table of operations and roles is `roles`. Whoever comes
without a valid token is counted by address. Guards are coroutines, since Litestar runs any other
function in a thread.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod, ParamType
from litestar.exceptions import TooManyRequestsException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import QueryParameter

from contest_service.api.envelope import request_id_of
from contest_service.api.requests import MalformedError
from contest_service.api.roles import ROLES
from contest_service.domain.errors import ContestError, ForbiddenError
from contest_service.domain.people import Actor
from contest_service.flows.tokens import authenticate, is_wellformed
from contest_service.limits import Allowance, by_address

UNLIMITED = "unlimited"
"""Key in `opt` of operations that the gate leaves alone: probes of the operator."""
LOGIN_FREE = "login_free"
"""Key in `opt` of operations that everybody may do, so that no token is looked at."""

_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class UnauthenticatedError(ContestError):
    """No valid token came with the request."""

    code = "unauthenticated"


async def pass_gate(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A guard for everything: find out who asks, and count the request.

    Raises TooManyRequestsException, and MalformedError for an address that cannot be meant.
    """
    if b"%00" in connection.scope["query_string"]:
        raise MalformedError("The query holds the character U+0000, which no text may have.")
    if handler.opt.get(UNLIMITED):
        return
    is_open = bool(handler.opt.get(LOGIN_FREE))
    connection.scope["state"]["packs"] = is_open
    actor = None if is_open else await _find_actor(connection)
    connection.scope["state"]["actor"] = actor
    connection.scope["state"]["fields"] = {} if is_open else dict(_PRIVATE)
    host = connection.client.host if connection.client else None
    who = f"token:{actor.token_id}" if actor else by_address(host)
    allowance: Allowance | None = await connection.app.state.limiter.count(who)
    if allowance is None:
        return
    connection.scope["state"]["fields"] |= allowance.headers
    if allowance.is_exceeded:
        raise TooManyRequestsException(
            f"More than {allowance.limit} requests in a minute; wait {allowance.reset} s."
        )


async def count_apart(
    connection: AnyConnection, what: str, subject: str, *, of_address: int, of_all: int
) -> None:
    """Count a request once more, against a limit of its own: of its address, and of its subject.

    Without login there is nobody else to count. Raises TooManyRequestsException.
    """
    host = connection.client.host if connection.client else None
    counted = ((f"{what}:{by_address(host)}", of_address), (f"{what}:{subject}", of_all))
    for who, limit in counted:
        allowance: Allowance | None = await connection.app.state.limiter.count(who, limit=limit)
        if allowance is None:
            return
        if allowance.is_exceeded:
            connection.scope["state"]["fields"] |= allowance.headers
            raise TooManyRequestsException(
                f"This was asked too often in a minute; wait {allowance.reset} s."
            )


async def _find_actor(connection: AnyConnection) -> Actor | None:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not is_wellformed(secret):
        return None
    async with connection.app.state.rt.pool.acquire() as conn:
        return await authenticate(
            conn, secret, now=datetime.now(UTC), request_id=request_id_of(connection.scope)
        )


async def require_role(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A guard for what needs a login: a valid token, and a role that the operation's row names.

    Raises UnauthenticatedError and ForbiddenError.
    """
    if connection.scope.get("method") == HttpMethod.OPTIONS:
        return
    actor: Actor | None = connection.scope["state"].get("actor")
    if actor is None:
        raise UnauthenticatedError(
            "Send a token as `Authorization: Bearer cst_…`. If you did, it is not known, has "
            "expired or was revoked: ask an owner of the workspace for another."
        )
    if actor.role not in ROLES[operation_of(handler)]:
        raise ForbiddenError(f"Your role is {actor.role}, which does not allow this.")


def person_of(actor: Actor) -> UUID:
    """The person who asks: every token belongs to one."""
    if actor.person_id is None:
        raise LookupError("a request without a person")
    return actor.person_id


async def know_query(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A guard for everything: a query parameter that nobody reads is a mistake, and told.

    Raises ValidationException with all of them.
    """
    known = _query_names(handler)
    unknown = [name for name in connection.query_params if name not in known]
    if unknown and connection.scope.get("method") != HttpMethod.OPTIONS:
        choice = f"; it may be {', '.join(sorted(known))}" if known else ""
        raise ValidationException(
            extra=[
                {"key": name, "message": f"is not known{choice}", "source": ParamType.QUERY}
                for name in unknown
            ]
        )


def _query_names(handler: BaseRouteHandler) -> frozenset[str]:
    fields = handler.parsed_fn_signature.parameters.items()
    return frozenset(
        field.kwarg_definition.name or name
        for name, field in fields
        if isinstance(field.kwarg_definition, QueryParameter)
    )


def operation_of(handler: BaseRouteHandler) -> str:
    """The operation that a handler is, as the OpenAPI document names it."""
    if isinstance(handler, HTTPRouteHandler) and isinstance(handler.operation_id, str):
        return handler.operation_id
    raise LookupError(f"{handler} has no operation id")
