"""The practice VK over HTTP, on loopback.

It is VK's API (`/method/…`), its uploads, its long polls (`/lp/…`), VK ID (`/authorize`,
`/oauth2/…`), its pictures and posts (`/wall-501_1`), and beside them `/sandbox/…`, which makes and
moves the world (`control`). In a test:

    async with serve() as vk:  # vk.url, vk.site, vk.world

and from any process over HTTP, with JSON bodies (ids begin at 1001 and 501, and are answered):

    POST /sandbox/people       {"people": [{"first_name": "Анна", "last_name": "Белова"}]}
    POST /sandbox/people       {"crowd": {"count": 100000}}
    POST /sandbox/communities  {"name": "Кофейня", "admins": {"1001": "administrator"}}
    POST /sandbox/posts        {"owner_id": -501, "text": "Розыгрыш", "likes": 100000}
    POST /sandbox/tokens       {"kind": "user", "person_id": 1001}
    POST /sandbox/tokens       {"kind": "group", "group_id": 501}
    POST /sandbox/acts         {"acts": [{"do": "like", "person": 1002, "owner_id": -501,
                                          "post_id": 1}]}
    POST /sandbox/towns        {"owner_id": -501, "post_id": 1, "people": 1000, "ends_at": 1.8e9}
    GET  /sandbox/post?owner_id=-501&post_id=1     who likes, reposted, commented right now
    GET  /sandbox/traffic                          what each token asked, and how fast

Then ask `{url}/method/likes.getList` with the token, as VK is asked. Callbacks are delivered when
`serve` is given a `deliver`. With a `path` the world is loaded from that file and kept in it.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from contest_service.sandbox.vk import (
    control,
    http,
    long_poll,
    oauth,
    photos,
    pictures,
    saving,
    wall_page,
)
from contest_service.sandbox.vk.callback import Courier, Deliver
from contest_service.sandbox.vk.failing import CONNECTION, fail, is_carried_out
from contest_service.sandbox.vk.faults import SOLVED, Fault, error_of
from contest_service.sandbox.vk.methods import refusal, reply
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.world import World

_TOWN_SECONDS = 0.1
"""Between two looks at what the people of towns do."""
Clock = Callable[[], float]
"""The present time in unix seconds."""
Asgi = Callable[
    [Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A running practice VK."""

    url: str
    site: Site

    @property
    def world(self) -> World:
        """Its world."""
        return self.site.world


def app(site: Site) -> Asgi:
    """Return the ASGI application of one practice VK."""

    async def answer_request(scope: Any, receive: http.Receive, send: http.Send) -> None:
        try:
            request = await http.read(scope, receive)
        except http.TooLargeError:
            await http.write(send, http.text("Request Entity Too Large", 413))
            return
        method = request.path.removeprefix("/method/")
        if method == request.path:
            await http.write(send, await _elsewhere(site, request))
            return
        token = _token(request)
        fault = site.faults.take(method, token, is_solved=_is_solved(request))
        answer = await _api(site, method, request, token=token, fault=fault)
        if fault is None or fault.kind == "error":
            await http.write(send, answer)
        else:
            await fail(fault, answer, scope=scope, receive=receive, send=send)

    return answer_request


@contextlib.asynccontextmanager
async def serve(
    *,
    port: int = 0,
    clock: Clock = time.time,
    ticks: Clock = time.monotonic,
    deliver: Deliver | None = None,
    path: Path | None = None,
    save_seconds: float = 5,
) -> AsyncIterator[Served]:
    """Answer on loopback, in this loop, while the block runs.

    Port 0 takes a free one; OSError if another is taken. `path` is where the world is kept: loaded
    at the start, saved every few seconds if it changed, and at the end. Raises WorldFileError for a
    file that is no world's. Leaves the process's signals alone.
    """
    site = Site(World(), clock=clock, ticks=ticks)
    keeper = saving.Keeper(site, path) if path is not None else None
    if keeper is not None:
        keeper.load()
    with socket.create_server(("127.0.0.1", port)) as listener:
        site.world.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = _Server(_config(site))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        chores = [asyncio.create_task(_live(site))]
        if deliver is not None:
            chores.append(asyncio.create_task(Courier(site, deliver).run()))
        if keeper is not None:
            chores.append(asyncio.create_task(keeper.run(save_seconds)))
        try:
            yield Served(url=site.world.address, site=site)
        finally:
            server.should_exit = True
            for chore in chores:
                chore.cancel()
            ended = await asyncio.gather(*chores, return_exceptions=True)
            await running
            if keeper is not None:
                keeper.save()
            for outcome in ended:
                if isinstance(outcome, Exception):
                    raise outcome


async def _live(site: Site) -> None:
    """Let the people of all towns do what has come due, until cancelled."""
    while True:
        site.towns.advance(site.world, site.clock())
        await asyncio.sleep(_TOWN_SECONDS)


def _config(site: Site) -> uvicorn.Config:
    return uvicorn.Config(
        app(site),
        access_log=False,
        http=_Protocol,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        ws="none",
    )


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program that this server is a part of."""
        yield


class _Protocol(HttpToolsProtocol):
    """Answers without delay, and shows each request its connection, so that it can be broken."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # asyncio does this only for sockets that name their protocol, which create_server's do
        # not; without it an answer's body waits 40 ms for its headers to be acknowledged.
        accepted = transport.get_extra_info("socket")
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][CONNECTION] = self.transport


def _token(request: http.Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else request.given.get("access_token", "")


def _is_solved(request: http.Request) -> bool:
    """Whether a call carries the answer to a captcha, in its new form or its old one."""
    return bool(request.given.get("success_token") or request.given.get("captcha_key"))


async def _api(
    site: Site, method: str, request: http.Request, *, token: str, fault: Fault | None
) -> http.Answer:
    """Carry a method out unless it is to fail before, and take the time that it takes."""
    given = request.given
    if is_carried_out(fault):
        done = reply(site, method, given, token=token)
        pause = site.latency.answer + site.latency.inner_call * done.inner_calls
        if pause:
            await asyncio.sleep(pause / 1000)
        answer = http.json(done.body)
    else:
        site.limits.notice(token, method)
        answer = http.Answer()
    if fault is not None and fault.kind == "error":
        return http.json({"error": refusal(error_of(fault, site.world.address), method, given)})
    return answer


async def _elsewhere(site: Site, request: http.Request) -> http.Answer:
    """Answer what is no method of the API."""
    match request.path.split("/")[1:]:
        case ["lp", name] if (group_id := whole(name.removeprefix("wh"))) is not None:
            return await long_poll.check(site, group_id, request.given)
        case ["upload", "wall"] if request.method == "POST":
            return http.json(photos.receive(site, request.files))
        case ["picture", name]:
            return pictures.show(site, name)
        case [name] if name.startswith("wall"):
            return wall_page.show(site.world, name)
        case ["captcha"]:
            return http.page(f"<p>Учебная капча. success_token: <b>{SOLVED}</b></p>")
        case ["sandbox", *path]:
            return await control.answer(site, path, request)
    return oauth.answer(site, request) or http.text("404 Not Found", 404)
