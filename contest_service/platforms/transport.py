"""The one way out to other people's servers: allow-list, limits and clear failures.

Every request goes to a host of the allow-list, over a connection to an address that was checked
after the name was resolved, so that no name can lead into the operator's own network. Redirects are
refused, bodies and waiting times bounded. Knows no platform.
"""

import asyncio
import contextlib
import functools
import ipaddress
import socket
import ssl
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import httpcore
import httpx
import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts, HostRefusedError, IPAddress, host_of

USER_AGENT = "contest-service"
LARGEST_BODY = 32 * 1024 * 1024
"""Bytes of one answer, after decompression. A whole tree of replies is one answer."""

_CONNECT_PATIENCE = 10.0
_READ_PATIENCE = 30.0
_WHOLE_PATIENCE = 60.0
_MOST_CONNECTIONS = 16
_IDLE = 4.0
"""Seconds; many servers close an idle connection after five, maybe just as it is used again."""

Parameters = Sequence[tuple[str, str]]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer, whatever its status."""

    host: str
    status: int
    headers: httpx.Headers
    body: bytes

    def __repr__(self) -> str:
        # The answer to a sign-in is a secret.
        return f"Reply({self.host} {self.status}, {len(self.body)} bytes)"


class Transport:
    """Sends requests to allowed hosts. Use it as a context; it may be shared by many tasks."""

    def __init__(self, hosts: AllowedHosts, *, whole_patience: float = _WHOLE_PATIENCE) -> None:
        """Take `whole_patience` in seconds, for one request from its start to its last byte."""
        self.hosts = hosts
        self._whole_patience = whole_patience
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(hosts),
            # A proxy from the environment would connect for us, past the check.
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_PATIENCE, connect=_CONNECT_PATIENCE),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def request(
        self,
        method: str,
        url: str,
        *,
        parameters: Parameters = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST_BODY,
    ) -> Reply:
        """Send one request and read the whole answer, of at most `largest` bytes.

        Raises PlatformError: FORBIDDEN for a host outside the list, UNREACHABLE if no answer
        comes, MALFORMED for a redirect or an answer that is too large or not HTTP.
        """
        try:
            target = self.hosts.check(url)
        except HostRefusedError as refusal:
            raise PlatformError(FailureKind.FORBIDDEN, str(refusal)) from None
        host = host_of(target)
        request = self._client.build_request(
            method, target.copy_merge_params(list(parameters)), content=body, headers=headers
        )
        with _translated(host):
            async with asyncio.timeout(self._whole_patience):
                return await self._exchange(request, host=host, largest=largest)

    async def _exchange(self, request: httpx.Request, *, host: str, largest: int) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            if response.is_redirect:
                raise PlatformError(
                    FailureKind.MALFORMED,
                    f"{host} redirects elsewhere, which is refused: give the address it leads to.",
                )
            received = bytearray()
            async for part in response.aiter_bytes():
                received += part
                if len(received) > largest:
                    raise PlatformError(
                        FailureKind.MALFORMED,
                        f"{host} answered with more than {largest} bytes, which is refused.",
                    )
        finally:
            await response.aclose()
        return Reply(
            host=host,
            status=response.status_code,
            headers=response.headers,
            body=bytes(received),
        )


@contextlib.contextmanager
def _translated(host: str) -> Iterator[None]:
    """Say what failed in words that hold no header and no body."""
    try:
        yield
    except HostRefusedError as refusal:
        failure = PlatformError(FailureKind.FORBIDDEN, str(refusal))
    except (TimeoutError, httpx.TimeoutException):
        failure = _unreachable(f"{host} did not answer in time.")
    except (httpx.RemoteProtocolError, httpx.DecodingError):
        failure = _unreachable(f"{host} broke off its answer, or sent no proper one.")
    except httpx.TransportError:
        failure = _unreachable(f"No connection to {host} could be made.")
    else:
        return
    raise failure from None


def _unreachable(message: str) -> PlatformError:
    return PlatformError(FailureKind.UNREACHABLE, message)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport, over connections that are checked."""

    def __init__(self, hosts: AllowedHosts) -> None:
        super().__init__(verify=authorities(), trust_env=False)
        # httpx has no parameter for this; the rest of its transport stays as it is.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=authorities(),
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_IDLE,
            network_backend=_GuardedBackend(hosts),
        )


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name, checks what it leads to, and connects to just that."""

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own parameter
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _resolve(host, port, timeout)
        # Before any connection: one bad address of a name condemns all of them.
        for address in addresses:
            self._hosts.check_address(host, port, address)
        failure: httpcore.NetworkError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=timeout,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own parameter
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise HostRefusedError("Sockets of this machine are not spoken to.")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def _resolve(host: str, port: int, patience: float | None) -> list[IPAddress]:
    """Find the addresses of a host, each once, in the system's order of preference."""
    try:
        async with asyncio.timeout(patience):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
            )
    except TimeoutError:
        raise httpcore.ConnectTimeout(f"{host} could not be resolved in time") from None
    except OSError:
        raise httpcore.ConnectError(f"{host} could not be resolved") from None
    # A scope such as in fe80::1%eth0 is no part of the address.
    literals = dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found)
    return [ipaddress.ip_address(literal) for literal in literals]


@functools.cache
def authorities() -> ssl.SSLContext:
    """Load the certificate authorities, once: the environment's (SSL_CERT_FILE) or certifi's."""
    return httpx.create_ssl_context(trust_env=True)
