"""The way out: nothing leaves for a host that is not listed, and no answer can do harm."""

import asyncio
import gzip
import socket
import time
from typing import Any

import pytest

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.transport import Transport
from platforms.loopback import Answer, Asked, serving

LOOPBACK = AllowedHosts.parse(["127.0.0.1:*", "localhost:*"])


def refused(failure: "pytest.ExceptionInfo[PlatformError]") -> FailureKind:
    return failure.value.kind


async def test_an_answer_comes_back_whole_with_its_status() -> None:
    def respond(asked: Asked) -> Answer:
        return Answer(status=404, headers={"X-Y": "z"}, body=f"{asked.parameters}".encode())

    async with serving(respond) as server, Transport(LOOPBACK) as transport:
        reply = await transport.request(
            "GET", f"{server.url}/a", parameters=[("b", "1"), ("b", "ж&")]
        )
    assert (reply.status, reply.headers["x-y"]) == (404, "z")
    assert reply.body == "{'b': ['1', 'ж&']}".encode()
    assert server.asked[0].headers["user-agent"] == "contest-service"
    assert "ж&" not in repr(reply)


async def test_a_host_outside_the_list_is_never_asked() -> None:
    async with serving(lambda _: Answer()) as server:
        async with Transport(AllowedHosts.parse(["bsky.social"])) as transport:
            with pytest.raises(PlatformError, match="CONTEST_ALLOWED_HOSTS") as failure:
                await transport.request("GET", server.url)
        assert refused(failure) is FailureKind.FORBIDDEN
        assert not server.asked


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"]])
async def test_a_listed_name_that_leads_into_a_private_network_is_never_asked(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    async with serving(lambda _: Answer()) as server:
        port = server.url.rpartition(":")[2]
        hosts = AllowedHosts.parse([f"rebound.example:{port}"])
        async with Transport(hosts) as transport:
            with pytest.raises(PlatformError, match="not on the open internet") as failure:
                await transport.request("GET", f"https://rebound.example:{port}")
        assert refused(failure) is FailureKind.FORBIDDEN
        assert not server.asked


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving(lambda _: Answer(body=b"x")) as server, Transport(LOOPBACK) as transport:
        assert (await transport.request("GET", server.url)).body == b"x"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(lambda _: Answer()) as other:
        answer = Answer(status=status, headers={"Location": other.url})
        async with serving(lambda _: answer) as server, Transport(LOOPBACK) as transport:
            with pytest.raises(PlatformError, match="redirects") as failure:
                await transport.request("GET", server.url)
        assert refused(failure) is FailureKind.MALFORMED
        assert not other.asked


@pytest.mark.parametrize("is_packed", [False, True])
async def test_an_answer_that_is_too_large_is_cut_off(is_packed: bool) -> None:
    body = b"x" * 200_000
    answer = Answer(body=body)
    if is_packed:
        answer = Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(body))
    async with serving(lambda _: answer) as server, Transport(LOOPBACK) as transport:
        assert len((await transport.request("GET", server.url)).body) == len(body)
        with pytest.raises(PlatformError, match="more than 100000 bytes") as failure:
            await transport.request("GET", server.url, largest=100_000)
    assert refused(failure) is FailureKind.MALFORMED


async def test_an_answer_that_is_too_slow_is_given_up() -> None:
    answer = Answer(body=b"x", pause=2.0)
    hurried = Transport(LOOPBACK, whole_patience=0.1)
    async with serving(lambda _: answer) as server, hurried as transport:
        began = time.monotonic()
        with pytest.raises(PlatformError, match="in time") as failure:
            await transport.request("GET", server.url)
        assert time.monotonic() - began < 2.0
    assert refused(failure) is FailureKind.UNREACHABLE


@pytest.mark.parametrize(
    "answer",
    [
        Answer(headers={"Content-Length": "50"}, body=b"too short"),
        Answer(headers={"Content-Encoding": "gzip"}, body=b"not packed"),
        Answer(headers={"Broken\x00": "x"}),
    ],
)
async def test_an_answer_that_breaks_off_or_is_no_http_is_unreachable(answer: Answer) -> None:
    async with serving(lambda _: answer) as server, Transport(LOOPBACK) as transport:
        with pytest.raises(PlatformError) as failure:
            await transport.request("GET", server.url)
    assert refused(failure) is FailureKind.UNREACHABLE


async def test_nobody_listening_is_unreachable_and_tells_no_secret() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with Transport(LOOPBACK) as transport:
            with pytest.raises(PlatformError) as failure:
                await transport.request("GET", url, headers={"Authorization": "Bearer secret"})
    assert refused(failure) is FailureKind.UNREACHABLE
    assert not failure.value.is_permanent
    assert "secret" not in f"{failure.value!r}{failure.value}"


async def test_a_name_that_does_not_exist_is_unreachable() -> None:
    async with Transport(AllowedHosts.parse(["nowhere.invalid"])) as transport:
        with pytest.raises(PlatformError) as failure:
            await transport.request("GET", "https://nowhere.invalid")
    assert refused(failure) is FailureKind.UNREACHABLE
