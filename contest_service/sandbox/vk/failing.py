"""How an answer goes wrong on its way, when that was ordered.

Owns the failures of transport: pages of HTML in place of JSON, silence, broken connections, half an
answer. What was ordered is in `faults`.
"""

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any

from contest_service.sandbox.vk import http
from contest_service.sandbox.vk.faults import Fault

CONNECTION = "sandbox.connection"
"""Where in the request's state its connection is."""
_HTML = (
    "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr>"
    "<center>kittenx</center></body></html>"
)


def is_carried_out(fault: Fault | None) -> bool:
    """Whether a call takes effect although it fails, or does not fail."""
    return fault is None or fault.after or fault.kind == "truncate"


async def fail(
    fault: Fault, answer: http.Answer, *, scope: Any, receive: http.Receive, send: http.Send
) -> None:
    """Answer as was ordered; `answer` is what would have been sent."""
    connection = scope["state"][CONNECTION]
    match fault.kind:
        case "status":
            page = _HTML.format(title=f"{fault.code} {HTTPStatus(fault.code).phrase}")
            await http.write(send, http.page(page, fault.code))
            return
        case "garbage":
            await http.write(send, http.page(_HTML.format(title="VK")))
            return
        case "hang":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(fault.seconds):
                    await _until_gone(receive)
            connection.abort()
        case "drop":
            connection.abort()
        case "truncate":
            await send(http.start(answer))
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            connection.close()
    # The server finds nothing missing in an answer to nobody.
    await _until_gone(receive)


async def _until_gone(receive: http.Receive) -> None:
    while True:
        if (await receive())["type"] == "http.disconnect":
            return
