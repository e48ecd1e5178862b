"""Waiting in tests for what another task brings about, with an end."""

import asyncio
from collections.abc import Callable

SECONDS = 10


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so. Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(SECONDS):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)
