"""Live: a stream of pings to each open page of a contest (Server-Sent Events).

A ping names what changed; the page fetches those parts again. It holds nothing of anybody, so the
public stream and the organiser's are one.
"""

import asyncio
import secrets
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import TooManyRequestsException
from litestar.params import FromPath, SkipValidation
from litestar.types import ASGIApp, Receive, Scope, Send

from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.flows.runtime import Runtime
from contest_service.limits import by_address
from contest_service.pings import Ping, Pings, Reader, TooManyStreamsError
from contest_service.store import contests
from contest_service.web.gate import actor_of

HEARTBEAT = 20.0
"""Seconds without a ping after which a comment is sent, lest somebody between us hangs up."""
PATIENCE = 30.0
"""Seconds for which a page may leave unread what it was sent."""
_RETRY = (2000, 4000)
"""Milliseconds between which a page comes back, so that not all do at once."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]
_UNPUBLISHED = frozenset({Status.DRAFT, Status.SCHEDULED})

AnyRequest = Request[Any, Any, Any]
GivenRuntime: TypeAlias = NamedDependency[SkipValidation[Runtime]]


@get(
    "/contests/{contest_id:uuid}/live",
    operation_id="follow_public_contest",
    include_in_schema=False,
)
async def follow_public_contest(
    contest_id: FromPath[UUID],
    request: AnyRequest,
    rt: GivenRuntime,
) -> ASGIApp:
    """Follow a contest that is public."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read_public(conn, contest_id)
    if contest.status in _UNPUBLISHED or not contest.terms_version:
        raise NotFoundError("There is no such contest.")
    return _Stream(request, contest.workspace_id, contest.id)


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/live",
    operation_id="follow_contest",
    include_in_schema=False,
)
async def follow_contest(
    workspace_id: FromPath[UUID], contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> ASGIApp:
    """Follow a contest of the workspace."""
    actor = actor_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
    return _Stream(request, contest.workspace_id, contest.id)


class _Stream:
    """Sends a reader's pings until the page is left, too slow, or the process ends."""

    def __init__(self, request: AnyRequest, workspace_id: UUID, contest_id: UUID) -> None:
        self._pings: Pings = request.app.state.pings
        self._key = (workspace_id, contest_id)
        self._address = by_address(request.client.host if request.client else None)
        given = request.query_params.get("since", "")
        self._since = request.headers.get("last-event-id", given)

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._pings.open(*self._key, address=self._address, since=self._since) as reader:
                await _serve(reader, receive, send)
        except TooManyStreamsError as error:
            raise TooManyRequestsException(str(error)) from error


async def _serve(reader: Reader, receive: Receive, send: Send) -> None:
    leaving = asyncio.create_task(_left(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, _hello())
        while not leaving.done() and not reader.is_over:
            await _write(send, _said(await _next(reader, leaving)))
        if not leaving.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        # Whoever does not read comes back, and is told the difference.
        return
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _next(reader: Reader, leaving: "asyncio.Task[None]") -> Ping | None:
    """Wait for the next ping; None if it is time to send anything, or to look who is still here."""
    woken = asyncio.create_task(reader.woken.wait())
    try:
        await asyncio.wait([woken, leaving], timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        woken.cancel()
    return reader.next()


async def _write(send: Send, text: str) -> None:
    """Send a piece. Raises TimeoutError if nobody takes it."""
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _hello() -> str:
    first, last = _RETRY
    return f"retry: {first + secrets.randbelow(last - first)}\n\n"


def _said(ping: Ping | None) -> str:
    """A ping as the standard has it; one that names nothing only tells its id."""
    if ping is None:
        return ":\n\n"
    if not ping.sides:
        return f"id: {ping.id}\n\n"
    return f"id: {ping.id}\nevent: changed\ndata: {' '.join(ping.sides)}\n\n"
