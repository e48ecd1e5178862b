"""The practice beacon over HTTP, as drand's relays answer.

Owns the paths, bodies, statuses and cache headers of drand's two public APIs: v1 as a drand node
serves it (drand/drand, handler/http/server.go), v2 as the relays of drand.sh do (drand/http-relay,
routes_handler.go). Where they differ, so does this: a future round is 404 in v1 and 425 in v2. The
very next round is held back in v2 until it is out. This relay's only chain is also what v1 paths
without a chain hash mean. Holds no state: time comes from the clock that it is given.
"""

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
import uvicorn

from contest_service.proof.beacon import Beacon
from contest_service.proof.canonical import sha256
from contest_service.sandbox.beacon import SandboxBeacon

BEACON_ID = "practice"

Clock = Callable[[], float]
"""The present time in unix seconds."""
Asgi = Callable[
    [Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]

_FOREVER = "public, max-age=604800, immutable"
_NEVER = "must-revalidate, no-cache, max-age=0"
_TICK = 0.05
"""Seconds between two looks at the clock while a request is held."""


class _Answer(msgspec.Struct, frozen=True):
    status: int
    body: Any
    """A string is sent as plain text, anything else as JSON."""
    cache: str | None = None


def app(beacon: SandboxBeacon, clock: Clock) -> Asgi:
    """Return the ASGI application of one practice beacon; a round is out when `clock` says so."""

    async def answer_request(
        scope: Any,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["method"] in {"GET", "HEAD"}:
            answer = await _answer(beacon, clock, scope["path"])
        else:
            answer = _Answer(405, "Method Not Allowed\n")
        is_text = isinstance(answer.body, str)
        body = answer.body.encode() if is_text else msgspec.json.encode(answer.body)
        kind = b"text/plain; charset=utf-8" if is_text else b"application/json"
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"access-control-allow-origin", b"*"),
        ]
        if answer.cache is not None:
            headers.append((b"cache-control", answer.cache.encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})

    return answer_request


@contextlib.asynccontextmanager
async def serve(
    beacon: SandboxBeacon, *, port: int = 0, clock: Clock = time.time
) -> AsyncIterator[str]:
    """Answer on loopback, in this loop, while the block runs; yield the relay's base URL.

    The URL is what CONTEST_BEACON_RELAYS takes. Port 0 takes a free one; OSError if another is
    taken. Leaves the process's signals alone.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(
            app(beacon, clock),
            access_log=False,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        server = _Server(config)
        # Whoever connects before the server accepts waits in the socket's queue.
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program that this server is a part of."""
        yield


async def _answer(beacon: SandboxBeacon, clock: Clock, path: str) -> _Answer:
    chain = beacon.public.chain
    match path.split("/")[1:]:
        case ["chains"]:
            return _Answer(200, [chain], "max-age=300")
        case ["v2", "chains"]:
            return _Answer(200, [chain])
        case ["v2", "beacons"]:
            return _Answer(200, [BEACON_ID])
        case ["v2", "chains", name, *rest]:
            return await _v2(beacon, clock, rest if name.lower() == chain else None)
        case ["v2", "beacons", name, *rest]:
            return await _v2(beacon, clock, rest if name == BEACON_ID else None)
        case [name, *rest] if name.lower() == chain:
            return _v1(beacon, clock(), rest)
        case rest:
            return _v1(beacon, clock(), rest)


def _v1(beacon: SandboxBeacon, now: float, path: list[str]) -> _Answer:
    public = beacon.public
    latest = _latest(public, now)
    match path:
        case ["info"]:
            return _Answer(200, _info_v1(public), _FOREVER)
        case ["health"]:
            return _health(latest)
        case ["public", text]:
            round_ = 0 if text == "latest" else _round(text)
        case _:
            return _Answer(404, "404 page not found\n")
    if round_ is None:
        return _Answer(400, "Failed to parse round\n")
    if round_ == 0:
        return _published(beacon, latest, _until_next(public, now), v1=True)
    if round_ > latest + 1:
        wait = int(public.time_of(round_) - now)
        return _Answer(404, "", f"public, must-revalidate, max-age={wait}")
    if round_ > latest:
        return _Answer(404, "", _NEVER)
    return _published(beacon, round_, _FOREVER, v1=True)


async def _v2(beacon: SandboxBeacon, clock: Clock, path: list[str] | None) -> _Answer:
    public, now = beacon.public, clock()
    latest = _latest(public, now)
    match path:
        case ["info"]:
            return _Answer(200, _info_v2(public))
        case ["health"]:
            return _health(latest)
        case ["rounds", text]:
            round_ = {"latest": 0, "next": latest + 1}.get(text, _round(text))
        case None:
            return _Answer(500, "Failed to get ChainInfo\n", "no-cache")
        case _:
            return _Answer(404, "404 page not found\n")
    if round_ is None:
        return _Answer(400, "Failed to parse round parameter\n", _FOREVER)
    if round_ == 0:
        return _published(beacon, latest, _until_next(public, now), v1=False)
    if round_ > latest + 1:
        wait = math.ceil(public.time_of(latest + 1) - now)
        return _Answer(425, "Requested future beacon\n", f"must-revalidate, public, max-age={wait}")
    if round_ > latest and not await _is_out(public, clock, round_):
        return _Answer(500, "Failed to get beacon\n", "no-cache")
    return _published(beacon, round_, _FOREVER if round_ <= latest else "no-cache", v1=False)


async def _is_out(public: Beacon, clock: Clock, round_: int) -> bool:
    """Wait for the next round; an honest clock has it within one period."""
    patience = asyncio.get_running_loop().time() + public.period
    while (remaining := public.time_of(round_) - clock()) > 0:
        if asyncio.get_running_loop().time() > patience:
            return False
        await asyncio.sleep(min(remaining, _TICK))
    return True


def _published(beacon: SandboxBeacon, round_: int, cache: str, *, v1: bool) -> _Answer:
    if round_ == 0:  # asked for the latest before the genesis
        return _Answer(500, "Failed to get beacon\n", "no-cache")
    signature = beacon.sign(round_)
    if not v1:
        return _Answer(200, {"round": round_, "signature": signature}, cache)
    randomness = sha256(bytes.fromhex(signature)).hex()
    body = {"round": round_, "randomness": randomness, "signature": signature}
    return _Answer(200, body, cache)


def _health(latest: int) -> _Answer:
    return _Answer(200, {"current": latest, "expected": latest}, "no-cache")


def _latest(public: Beacon, now: float) -> int:
    """The newest round that is out; 0 before the genesis."""
    return max(0, 1 + math.floor(now - public.genesis) // public.period)


def _until_next(public: Beacon, now: float) -> str:
    wait = math.ceil(public.time_of(_latest(public, now) + 1) - now)
    return f"public, must-revalidate, max-age={wait}"


def _round(text: str) -> int | None:
    """A round's number, an unsigned integer of 64 bits; 0 means the latest one."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or int(text) >= 1 << 64:
        return None
    return int(text)


def _info_v1(public: Beacon) -> dict[str, Any]:
    return {
        "public_key": public.public_key,
        "period": public.period,
        "genesis_time": public.genesis,
        "hash": public.chain,
        "groupHash": _group_hash(public),
        "schemeID": public.scheme,
        "metadata": {"beaconID": BEACON_ID},
    }


def _info_v2(public: Beacon) -> dict[str, Any]:
    return {
        "public_key": public.public_key,
        "period": public.period,
        "genesis_time": public.genesis,
        "genesis_seed": _group_hash(public),
        "chain_hash": public.chain,
        "scheme": public.scheme,
        "beacon_id": BEACON_ID,
    }


def _group_hash(public: Beacon) -> str:
    """Stand where a real network has the hash of its founding group, which this one lacks."""
    return sha256(bytes.fromhex(public.public_key)).hex()
