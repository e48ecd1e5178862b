"""Delivers the practice VK's callbacks: posts one body to one URL, and reads what comes back.

Owns the request alone. What is delivered when, and what an answer means, is the sandbox's business
(`sandbox.vk.callback`), which has no HTTP client of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from contest_service.platforms.transport import authorities
from contest_service.sandbox.vk.callback import Deliver, Delivered, DeliveryError

PATIENCE = 10.0
"""Seconds that a server has to answer; the answer is expected within one."""
LARGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer; it is a word."""


@asynccontextmanager
async def open_courier() -> AsyncIterator[Deliver]:
    """Open the client that delivers; its connections close with the context."""
    async with httpx.AsyncClient(
        follow_redirects=False, trust_env=False, timeout=PATIENCE, verify=authorities()
    ) as client:

        async def deliver(url: str, *, body: bytes, headers: Mapping[str, str]) -> Delivered:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await _post(client, url, body=body, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                raise DeliveryError(str(error) or type(error).__name__) from None

        yield deliver


async def _post(
    client: httpx.AsyncClient, url: str, *, body: bytes, headers: Mapping[str, str]
) -> Delivered:
    async with client.stream("POST", url, content=body, headers=dict(headers)) as response:
        answer = b""
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > LARGEST_ANSWER:
                raise DeliveryError("the answer is too long")
        # httpx has the names in lower case.
        return Delivered(status=response.status_code, headers=response.headers, body=answer)
