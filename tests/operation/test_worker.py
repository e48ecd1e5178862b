"""How a worker process ends."""

import asyncio

import pytest
from patience import PATIENCE

from workers.main import end


async def test_a_task_that_forgets_a_cancellation_is_cancelled_again() -> None:
    forgotten = asyncio.Event()

    async def forget_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            forgotten.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(forget_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        await end(task)
    assert forgotten.is_set()


async def test_what_a_task_failed_with_is_told() -> None:
    async def fail() -> None:
        raise ConnectionError("gone")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(ConnectionError, match="gone"):
        await end(task)
