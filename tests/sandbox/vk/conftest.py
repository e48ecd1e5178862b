"""Fixtures of the practice VK: a running one with a few people, a page and a post."""

from collections.abc import AsyncIterator

import httpx
import pytest
from patience import PATIENCE

from contest_service.sandbox.vk.server import serve
from sandbox.clock import Clock
from sandbox.vk.stage import NOW, Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A practice VK whose clocks the test holds, and a client of it."""
    clock, ticks = Clock(NOW), Clock(1000)
    async with (
        serve(clock=clock, ticks=ticks) as vk,
        httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
    ):
        stage = Stage(vk, client, clock, ticks)
        await stage.build()
        yield stage
