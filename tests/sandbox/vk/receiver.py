"""A callback server of a test: takes what the practice VK posts, and answers as it is told.

`deliver` is the HTTP client that the practice VK is given.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx
import uvicorn

from contest_service.sandbox.vk.callback import Delivered, DeliveryError
from sandbox.vk.waiting import until


class Receiver:
    """What came, in order, and what to answer: by default the code, then `ok`."""

    def __init__(self) -> None:
        self.url = ""
        self.code = ""
        self.learn: Callable[[], Awaitable[str]] | None = None
        """Asks for the code anew each time, instead of keeping it."""
        self.came: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, str], str]] = []
        """Answers to the next events, before `ok`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        event = json.loads(body)
        self.came.append(event)
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        status, headers, text = 200, dict[str, str](), self.code
        if event["type"] == "confirmation" and self.learn is not None:
            text = await self.learn()
        elif event["type"] != "confirmation":
            status, headers, text = self.answers.pop(0) if self.answers else (200, {}, "ok")
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": text.encode()})

    @property
    def events(self) -> list[dict[str, Any]]:
        """What came besides requests for confirmation."""
        return [event for event in self.came if event["type"] != "confirmation"]

    async def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many events have come."""
        await until(lambda: len(self.events) >= count)
        return self.events


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Take callbacks on loopback while the block runs."""
    receiver = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver.url = f"http://127.0.0.1:{listener.getsockname()[1]}/vk"
        config = uvicorn.Config(
            receiver, interface="asgi3", lifespan="off", log_config=None, ws="none"
        )
        server = _Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield receiver
        finally:
            server.should_exit = True
            await running


class Deliverer:
    """Posts over HTTP."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Delivered:
        try:
            answer = await self._client.post(url, content=body, headers=dict(headers), timeout=5)
        except httpx.HTTPError as error:
            raise DeliveryError(str(error)) from error
        return Delivered(
            status=answer.status_code, headers=dict(answer.headers), body=answer.content
        )
