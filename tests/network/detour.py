"""A detour to a server of the network, on which a test holds up, loses or answers what passes."""

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import uvicorn

_PATIENCE = 60.0
_PASSED_ON = ("accept", "authorization", "content-type")
_OF_THE_CONNECTION = {"connection", "content-encoding", "content-length", "keep-alive"}
_OF_THE_CONNECTION |= {"date", "transfer-encoding"}

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request on its way. `name` is the last part of its path: the method of the protocol."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def parameter(self, name: str) -> str:
        """A parameter of the query, or nothing."""
        return parse_qs(self.query).get(name, [""])[0]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    headers: dict[str, str]
    body: bytes


Match = Callable[[Request], bool]


def named(name: str, *, saying: str = "") -> Match:
    """Match the requests of this name, with these words in their body."""
    return lambda request: request.name == name and saying.encode() in request.body


class Barrier:
    """Stops the requests that match until it is opened, or only the first of them.

    One `before` the server is a request that nobody has heard; behind the server it is an answer
    that is on its way back. A client that goes away meanwhile takes its request with it.
    """

    def __init__(self, match: Match, *, before: bool, only_first: bool) -> None:
        self._match = match
        self._before = before
        self._only_first = only_first
        self._reached = asyncio.Event()
        self._opened = asyncio.Event()
        self._deserted = asyncio.Event()
        self._standing = 0

    async def reached(self) -> None:
        """Wait until somebody stands before it."""
        async with asyncio.timeout(_PATIENCE):
            await self._reached.wait()

    async def deserted(self) -> None:
        """Wait until all who stood before it have gone away."""
        async with asyncio.timeout(_PATIENCE):
            await self._deserted.wait()

    def open(self) -> None:
        """Let everybody pass, now and later."""
        self._opened.set()

    def is_closed_for(self, request: Request, *, before: bool) -> bool:
        """Whether a request has to stop here, on this side of the server."""
        if self._opened.is_set() or (self._only_first and self._reached.is_set()):
            return False
        return self._before is before and self._match(request)

    async def stop(self, gone: "asyncio.Future[None]") -> None:
        """Hold a request until the barrier is open or its client is gone."""
        self._reached.set()
        self._deserted.clear()
        self._standing += 1
        opened = asyncio.ensure_future(_until(self._opened))
        await asyncio.wait({opened, gone}, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        self._standing -= 1
        if not self._standing:
            self._deserted.set()


class Detour:
    """The way to `upstream`. `passed` are the requests that reached it, in order."""

    def __init__(self, upstream: str, client: httpx.AsyncClient) -> None:
        self.url = ""
        self.passed: list[Request] = []
        self.changes: dict[bytes, bytes] = {}
        """What is put in the place of what, in every answer."""
        self.answer_itself: Callable[[Request], Answer | None] = lambda _request: None
        self._upstream = upstream
        self._client = client
        self._barriers: list[Barrier] = []

    def bar(self, match: Match | str, *, before: bool = True, only_first: bool = False) -> Barrier:
        """Put up a barrier, for the requests of this name or those that match."""
        chosen = named(match) if isinstance(match, str) else match
        barrier = Barrier(chosen, before=before, only_first=only_first)
        self._barriers.append(barrier)
        return barrier

    def open_all(self) -> None:
        """Open all barriers."""
        for barrier in self._barriers:
            barrier.open()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request as an ASGI application."""
        request = await _read(scope, receive)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            answer = await self._serve(request, gone)
        finally:
            gone.cancel()
        if answer is None:
            return
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(k.encode(), v.encode()) for k, v in answer.headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _serve(self, request: Request, gone: "asyncio.Future[None]") -> Answer | None:
        await self._pass(request, gone, before=True)
        if gone.done():
            return None
        self.passed.append(request)
        answer = self.answer_itself(request) or await self._forward(request)
        await self._pass(request, gone, before=False)
        return None if gone.done() else answer

    async def _pass(self, request: Request, gone: "asyncio.Future[None]", *, before: bool) -> None:
        for barrier in self._barriers:
            if barrier.is_closed_for(request, before=before):
                await barrier.stop(gone)

    async def _forward(self, request: Request) -> Answer:
        reply = await self._client.request(
            request.verb,
            f"{self._upstream}{request.path}",
            params=request.query,
            content=request.body,
            headers={k: v for k, v in request.headers.items() if k in _PASSED_ON},
        )
        body = reply.content
        for old, new in self.changes.items():
            body = body.replace(old, new)
        return Answer(
            status=reply.status_code,
            headers={k: v for k, v in reply.headers.items() if k not in _OF_THE_CONNECTION},
            body=body,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Roads:
    """Detours to all servers of the network."""

    appview: Detour
    pds: Detour
    plc: Detour

    @property
    def endpoints(self) -> dict[str, str]:
        """What a community's `endpoints` must say to take these."""
        return {"appview": self.appview.url, "pds": self.pds.url, "plc": self.plc.url}


@contextlib.asynccontextmanager
async def detour(upstream: str) -> AsyncIterator[Detour]:
    """Lead to `upstream` by way of a server in this loop, while the block runs."""
    async with httpx.AsyncClient(
        timeout=_PATIENCE, headers={"Accept-Encoding": "identity"}
    ) as client:
        way = Detour(upstream, client)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            way.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            server = _Server(_config(way))
            running = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield way
            finally:
                way.open_all()
                server.should_exit = True
                await running


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the tests."""
        yield


def _config(way: Detour) -> uvicorn.Config:
    return uvicorn.Config(
        way,
        access_log=False,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
        ws="none",
    )


async def _read(scope: Mapping[str, Any], receive: Receive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return Request(
        verb=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(),
        headers={name.decode().lower(): value.decode() for name, value in scope["headers"]},
        body=body,
    )


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
