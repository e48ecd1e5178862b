"""Wraps the whole application: every request has an id, and leaves one line in the log.

Stands outside the router, so that an unknown address is logged and answered with an id too. Header
fields that belong on every answer, errors too, are left in the request's state as `fields`.
"""

import re
import time
from typing import Any
from uuid import uuid4

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_SECRET_PATH = re.compile(r"^(/callbacks/[^/]*/|/sign-in/link/|/invitations/).+", re.DOTALL)
"""Whoever knows the rest of such an address may be the platform, or the person."""
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})


def request_id_of(scope: Any) -> str:
    """The id of a request that came through the envelope."""
    found: str = scope["state"]["request_id"]
    return found


class Envelope:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or uuid4().hex
        scope["state"]["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def send_labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                fields: dict[str, str] = scope["state"].get("fields", {})
                MutableScopeHeaders(message).update(fields | {"X-Request-Id": request_id})
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_labelled)
            finally:
                _write_line(scope, status, time.perf_counter() - started)


def _given_id(scope: HTTPScope) -> str | None:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _ACCEPTABLE.fullmatch(given) else None


def _write_line(scope: HTTPScope, status: int, seconds: float) -> None:
    """Log the path alone: a query may hold a person's name."""
    if scope["path"] in _QUIET:
        return
    actor = scope["state"].get("actor")
    client = scope.get("client")
    log.info(
        "request",
        method=scope["method"],
        path=_SECRET_PATH.sub(r"\1…", scope["path"]),
        status=status,
        milliseconds=round(seconds * 1000, 1),
        address=client[0] if client else None,
        workspace_id=str(actor.workspace_id) if actor else None,
        token_id=str(actor.token_id) if actor and actor.token_id else None,
    )
