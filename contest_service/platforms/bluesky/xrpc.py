"""One XRPC call: sent within the quota, tried again where that helps, its failure translated.

Knows the AT protocol's HTTP layer and none of its methods.
"""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from contest_service.platforms.bluesky.nesting import prune
from contest_service.platforms.bluesky.quota import Quota, rate_limited, seconds_to_wait
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Parameters, Reply, Transport

IN_FLIGHT = 6
"""Requests of one adapter that wait for an answer at the same time."""

_TRIES = 4
FIRST_PAUSE = 0.25
"""Seconds before a second try."""

_Answer = TypeVar("_Answer")


class XrpcError(PlatformError):
    """A server's refusal, with the name that it gives to it (`ExpiredToken`)."""

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        name: str,
        status: int,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(kind, message, retry_after=retry_after)
        self.name = name
        self.status = status


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    error: str = ""
    message: str = ""


class Xrpc:
    """Calls methods on servers. One for all calls of an adapter, so that they share its quota."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._quota = Quota()
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def query(
        self,
        server: str,
        method: str,
        parameters: Parameters = (),
        *,
        token: str = "",
    ) -> Reply:
        """Read; tried again a few times if the server fails. Raises PlatformError."""
        return await self._read(
            _Request(server=server, method=method, parameters=parameters, token=token)
        )

    async def did_document(self, directory: str, did: str) -> Reply:
        """Read what the directory says of an account (https://web.plc.directory/api)."""
        return await self._read(_Request(server=directory, method="DID", path=f"/{did}"))

    async def procedure(
        self,
        server: str,
        method: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str = "",
        secret: str = "",
    ) -> Reply:
        """Write, once: whether a failed attempt took effect is the caller's to find out.

        `secret` is what of the body may be in no message, should the server repeat it.
        """
        return await self._send(
            _Request(
                server=server,
                method=method,
                verb="POST",
                token=token,
                secret=secret,
                body=None if body is None else msgspec.json.encode(body),
            )
        )

    async def _read(self, request: "_Request") -> Reply:
        pause = FIRST_PAUSE
        for _ in range(_TRIES - 1):
            try:
                return await self._send(request)
            except PlatformError as error:
                if error.kind is not FailureKind.UNREACHABLE:
                    raise
            # Between half the pause and the whole, so that workers do not come back together.
            await asyncio.sleep(pause * (0.5 + secrets.randbelow(501) / 1000))
            pause *= 2
        return await self._send(request)

    async def _send(self, request: "_Request") -> Reply:
        async with self._turns:
            await self._quota.wait_turn(request.server, request.method)
            reply = await self._transport.request(
                request.verb,
                f"{request.server}{request.path or f'/xrpc/{request.method}'}",
                parameters=request.parameters,
                body=request.body,
                headers=request.headers(),
            )
        self._quota.note(request.server, request.method, reply)
        if reply.status == 200:
            return reply
        raise _refusal(request, reply)


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    server: str
    method: str
    verb: str = "GET"
    path: str = ""
    """Where the method is not in its usual place."""
    parameters: Parameters = ()
    token: str = ""
    secret: str = ""
    body: bytes | None = None

    def headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def hide(self, text: str) -> str:
        """Leave out of a server's words what only it and we may know."""
        for secret in filter(None, (self.token, self.secret)):
            text = text.replace(secret, "…")
        return text

    def __repr__(self) -> str:
        # The token and the body may be secrets.
        return f"_Request({self.verb} {self.server} {self.method})"


def decode(method: str, reply: Reply, kind: type[_Answer]) -> _Answer:
    """Read an answer leniently: what is unknown is ignored, what is needed must be there.

    Raises PlatformError MALFORMED that names the field.
    """
    try:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except RecursionError:
            return msgspec.json.decode(prune(reply.body), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlatformError(
            FailureKind.MALFORMED,
            f"{reply.host} answered {method} in a form that is not understood: {error}",
        ) from None


def _refusal(request: _Request, reply: Reply) -> PlatformError:
    if reply.status == 429:
        return rate_limited(reply.host, seconds_to_wait(reply))
    try:
        said = msgspec.json.decode(reply.body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Refusal()
    words = request.hide(said.message or said.error or "no reason given")
    return XrpcError(
        _kind(reply.status, said.error),
        f"{reply.host} refused {request.method} with status {reply.status}: {words[:300]}",
        name=said.error,
        status=reply.status,
    )


def _kind(status: int, name: str) -> FailureKind:
    match status, name:
        case (501, _) | (_, "MethodNotImplemented" | "XRPCNotSupported"):
            return FailureKind.UNSUPPORTED
        case (_, "AccountTakedown" | "AccountDeactivated" | "RepoTakendown"):
            return FailureKind.FORBIDDEN
        case (401, _) | (_, "ExpiredToken" | "InvalidToken" | "AuthMissing"):
            return FailureKind.CREDENTIAL_REJECTED
        case (403, _):
            return FailureKind.FORBIDDEN
        case (404 | 410, _) | (_, "NotFound" | "RecordNotFound" | "RepoNotFound"):
            return FailureKind.GONE
        case _ if status >= 500 or status == 408:
            return FailureKind.UNREACHABLE
        case _:
            return FailureKind.MALFORMED
