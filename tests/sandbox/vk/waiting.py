"""Waiting in tests for what another task brings about, with an end."""

import asyncio
from collections.abc import Callable

from patience import PATIENCE


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so. Raises TimeoutError where it never is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)
