"""What the tests of real processes share: an installation on the real network."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from network.fixture import Network

pytest.register_assert_rewrite("e2e.processes", "e2e.running", "e2e.trial", "e2e.wholeness")

from e2e.running import Installation  # noqa: E402 - rewritten first
from e2e.trial import Audience, gather_audience  # noqa: E402 - rewritten first


@pytest.fixture(scope="session")
def audience(network: Network) -> Audience:
    """A page and its fans."""
    return gather_audience(network)


@pytest.fixture
async def installation(
    database: str, redis_url: str, network: Network, tmp_path: Path
) -> AsyncIterator[Installation]:
    """The service as processes, not started yet; stopped, and its words looked at, afterwards."""
    made = Installation(
        database_url=database,
        redis_url=redis_url,
        folder=tmp_path,
        # The detours' ports are not known yet.
        hosts=("127.0.0.1:*", *network.hosts),
        workers=2,
    )
    try:
        yield made
    finally:
        await asyncio.to_thread(made.close)
