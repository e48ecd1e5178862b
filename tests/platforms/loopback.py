"""A server on loopback that answers just as a test says, however wrong that is."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as it came in."""

    method: str
    path: str
    parameters: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What to send back; `pause` in seconds comes between the head and the body."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes = b""
    pause: float = 0.0


Respond = Callable[[Asked], Answer | Awaitable[Answer]]


def as_json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(status=status, headers=headers or {}, body=json.dumps(value).encode())


class Loopback:
    """The running server: where it is, and what it was asked."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.asked: list[Asked] = []
        self.url = ""
        self._serving: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection."""
        task = asyncio.ensure_future(self.serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """Give up on what is still being answered."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request on each connection."""
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone, which is its right
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        self.asked.append(asked)
        answer = self.respond(asked)
        if not isinstance(answer, Answer):
            answer = await answer
        head = [f"HTTP/1.1 {answer.status} Said So", "Connection: close"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        if "Content-Length" not in answer.headers:
            head.append(f"Content-Length: {len(answer.body)}")
        writer.write("\r\n".join([*head, "", ""]).encode())
        await writer.drain()
        if answer.pause:
            await asyncio.sleep(answer.pause)
        writer.write(answer.body)
        await writer.drain()


@contextlib.asynccontextmanager
async def serving(respond: Respond) -> AsyncIterator[Loopback]:
    """Run a server that answers with `respond` until the block ends."""
    loopback = Loopback(respond)
    server = await asyncio.start_server(loopback.accept, "127.0.0.1", 0)
    loopback.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with server:
            yield loopback
    finally:
        await loopback.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    split = urlsplit(target)
    return Asked(
        method=method,
        path=split.path,
        parameters=parse_qs(split.query),
        headers=headers,
        body=body,
    )
