"""Relays on loopback that answer as they are told: right, wrong, late, or not at all.

`relay` runs one and yields it; what it answers is a `Behaviour`, one function from a request to raw
bytes on the wire, so that even what is not HTTP can be sent.
"""

import asyncio
import contextlib
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from contest_service.proof.beacon import QUICKNET

DRAND: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data/drand.json").read_bytes())
ROUNDS: dict[int, str] = {real["round"]: real["signature"] for real in DRAND["quicknet"]["rounds"]}
FORGERIES: list[dict[str, Any]] = DRAND["quicknet"]["must_be_refused"]

V1, V2 = f"/{QUICKNET.chain}/public/", f"/v2/chains/{QUICKNET.chain}/rounds/"
BOTH = (V2, V1)


class Request(msgspec.Struct, frozen=True):
    path: str
    query: str
    headers: dict[str, str]

    @property
    def round(self) -> int:
        return int(self.path.rpartition("/")[2])


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Relay(msgspec.Struct):
    url: str
    asked: list[Request]
    was_asked: asyncio.Event


@contextlib.asynccontextmanager
async def relay(behaviour: Behaviour) -> AsyncIterator[Relay]:
    """Run a relay while the block runs; it keeps what it was asked."""
    asked: list[Request] = []
    was_asked = asyncio.Event()
    busy: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            busy.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            target, *lines = head.split("\r\n")
            path, _, query = target.split(" ")[1].partition("?")
            pairs = (line.partition(": ") for line in lines if line)
            headers = {name.lower(): value for name, _, value in pairs}
            asked.append(Request(path, query, headers))
            was_asked.set()
            try:
                await behaviour(asked[-1], writer)
                await writer.drain()
            finally:
                writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Relay(f"http://127.0.0.1:{port}", asked, was_asked)
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


def response(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def published(round_: int, signature: str, *, randomness: str | None = None) -> bytes:
    body = {"round": round_, "signature": signature}
    if randomness is not None:
        body["randomness"] = randomness
    return response(200, json.dumps(body).encode(), "Content-Type: application/json")


def randomness(signature: str) -> str:
    return hashlib.sha256(bytes.fromhex(signature)).hexdigest()


def serving(rounds: dict[int, str], *, under: tuple[str, ...] = BOTH) -> Behaviour:
    """Answer rightly with `rounds`, under the given paths only."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        base = request.path.rpartition("/")[0] + "/"
        if base not in under or request.round not in rounds:
            writer.write(response(404, b"", "Cache-Control: public, max-age=600"))
            return
        signature = rounds[request.round]
        hashed = randomness(signature) if base == V1 else None
        writer.write(published(request.round, signature, randomness=hashed))

    return behave


def sending(data: bytes) -> Behaviour:
    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return behave


async def silent(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def dribbling(request: Request, writer: asyncio.StreamWriter) -> None:
    """Send a right answer so slowly that no single read ever times out."""
    for byte in published(request.round, ROUNDS[request.round]):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def other_round(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer with a real round, but not with the one that was asked for."""
    other = next(number for number in ROUNDS if number != request.round)
    writer.write(published(other, ROUNDS[other], randomness=randomness(ROUNDS[other])))


async def relabelled(request: Request, writer: asyncio.StreamWriter) -> None:
    """Pass another round's signature off as the one that was asked for."""
    signature = next(ROUNDS[number] for number in ROUNDS if number != request.round)
    writer.write(published(request.round, signature, randomness=randomness(signature)))


async def wrong_randomness(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(published(request.round, ROUNDS[request.round], randomness="00" * 32))


async def shouting(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(published(request.round, ROUNDS[request.round].upper()))


async def packed(request: Request, writer: asyncio.StreamWriter) -> None:
    """Send a bomb that was not asked for: 16 KB that unpack to 16 MB."""
    bomb = gzip.compress(b" " * (16 << 20))
    writer.write(response(200, bomb, "Content-Encoding: gzip"))


async def cut_short(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(published(request.round, ROUNDS[request.round])[:-20])


def other_chain() -> Behaviour:
    real = DRAND["default"]["rounds"][2]

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        signature = real["signature"]
        writer.write(published(request.round, signature, randomness=randomness(signature)))

    return behave


FAILURES: dict[str, tuple[Behaviour, str | None]] = {
    "not_out_404": (sending(response(404, b"", "Cache-Control: public, max-age=600")), None),
    "not_out_425": (sending(response(425, b"Requested future beacon\n")), None),
    "failing": (sending(response(500, b"Failed to get beacon\n")), "bad_status"),
    "limiting": (sending(response(429, b"", "Retry-After: 60")), "bad_status"),
    "empty": (sending(response(200, b"")), "malformed"),
    "no_content": (sending(response(204, b"")), "bad_status"),
    "closing": (sending(b""), "unreachable"),
    "not_http": (sending(b"\x16\x03\x01 this is not HTTP\r\n\r\n"), "unreachable"),
    "page": (sending(response(200, b"<html>maintenance</html>")), "malformed"),
    "list": (sending(response(200, b"[]")), "malformed"),
    "null": (sending(response(200, b'{"round":1000,"signature":null}')), "malformed"),
    "text_round": (sending(response(200, b'{"round":"1000","signature":""}')), "malformed"),
    "nested": (sending(response(200, b'{"a":' * 3000)), "malformed"),
    "not_utf8": (sending(response(200, b'{"round":1000,"signature":"\xff"}')), "malformed"),
    "huge": (sending(response(200, b" " * (1 << 20))), "body_too_large"),
    "endless": (endless, "body_too_large"),
    "packed": (packed, "malformed"),
    "cut_short": (cut_short, "unreachable"),
    "silent": (silent, "unreachable"),
    "dribbling": (dribbling, "unreachable"),
    "other_round": (other_round, "other_round"),
    "relabelled": (relabelled, "bad_signature"),
    "other_chain": (other_chain(), "bad_encoding"),
    "wrong_randomness": (wrong_randomness, "bad_randomness"),
    "shouting": (shouting, "bad_encoding"),
}
"""Every way in which a relay fails, with the reason in the log (None: it is no failure)."""
