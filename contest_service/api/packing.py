"""Packs what everybody may have, for clients that accept it.

Only answers that hold nothing secret (`packs` in the request's state): where a secret stands beside
what a stranger chose, the packed length tells of it. What is sent piece by piece, or is packed
already, stays as it is.
"""

import asyncio
import gzip
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

_TYPES = frozenset(
    {
        "text/html",
        "text/plain",
        "application/json",
        "application/jsonl",
        "application/json+oembed",
        "application/problem+json",
    }
)
_LEAST = 500
"""Bytes that are worth it."""
_LARGE = 1 << 16
"""Bytes for which others should not wait."""
_LEVEL = 6


class Packing:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        held: HTTPResponseStartEvent | None = None

        async def send_packed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None:
                start, held = held, None
                if message["type"] == "http.response.body" and scope["state"].get("packs"):
                    message["body"] = await _packed(scope, start, message)
                await send(start)
            await send(message)

        await self._app(scope, receive, send_packed)


async def _packed(scope: Any, start: HTTPResponseStartEvent, message: Any) -> bytes:
    """The body as it is sent; the header says how that is."""
    headers = MutableScopeHeaders(start)
    body: bytes = message["body"]
    if not _may_be_packed(headers, message):
        return body
    vary = headers.get("vary", "")
    headers["Vary"] = f"Accept-Encoding, {vary}" if vary else "Accept-Encoding"
    if not _accepts_gzip(scope) or len(body) < _LEAST:
        return body
    if len(body) > _LARGE:
        body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
    else:
        body = gzip.compress(body, _LEVEL, mtime=0)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    if headers.get("etag", "").startswith('"'):
        # Other bytes of the same content (RFC 9110, section 8.8.1).
        headers["ETag"] = f"W/{headers['etag']}"
    return body


def _may_be_packed(headers: MutableScopeHeaders, message: Any) -> bool:
    type_ = headers.get("content-type", "").partition(";")[0].strip()
    return (
        type_ in _TYPES
        and "content-encoding" not in headers
        and not message.get("more_body", False)
    )


def _accepts_gzip(scope: Any) -> bool:
    if scope["method"] == "HEAD":
        return False
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    for each in accepted.decode("latin-1").lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
