"""Deliveries of the practice VK over real HTTP: what comes back, and what is no answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from contest_service.courier import LARGEST_ANSWER, open_courier
from contest_service.sandbox.vk.callback import DeliveryError

Received = list[bytes]


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[tuple[str, Received]]:
    """Answer every request with the same bytes; yield the URL and what was received."""
    received: Received = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length")
        )
        received.append(head + await reader.readexactly(length))
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/callbacks/vk/x", received


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    fields = {"content-length": str(len(body)), "connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_body_arrives_and_the_answer_comes_back() -> None:
    answer = http("503 Busy", b"later", Retry_After="7")
    async with server(answer) as (url, received), open_courier() as deliver:
        told = await deliver(url, body=b'{"type": "x"}', headers={"x-retry-counter": "2"})
    assert (told.status, told.body, told.headers["retry-after"]) == (503, b"later", "7")
    (request,) = received
    assert request.startswith(b"POST /callbacks/vk/x HTTP/1.1\r\n")
    assert b"x-retry-counter: 2" in request.lower()
    assert request.endswith(b'{"type": "x"}')


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with server(b"") as (elsewhere, visited):
        answer = http("302 Found", location=elsewhere)
        async with server(answer) as (url, _), open_courier() as deliver:
            assert (await deliver(url, body=b"{}", headers={})).status == 302
        assert visited == []


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", http("200 OK", b"x" * (LARGEST_ANSWER + 1))]
)
async def test_what_is_no_answer_is_a_failed_delivery(answer: bytes) -> None:
    async with server(answer) as (url, _), open_courier() as deliver:
        with pytest.raises(DeliveryError):
            await deliver(url, body=b"{}", headers={})


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "http://[", ""])
async def test_an_address_that_leads_nowhere_is_a_failed_delivery(url: str) -> None:
    async with open_courier() as deliver:
        with pytest.raises(DeliveryError):
            await deliver(url, body=b"{}", headers={})
