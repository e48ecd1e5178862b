"""The fixtures that every other test stands on."""

import threading
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from holder import wait_until_unused
from redis.asyncio import Redis


@pytest.mark.parametrize("time", [1, 2])
async def test_each_test_has_a_database_of_its_own(
    connection: "asyncpg.Connection[Any]", time: int
) -> None:
    await connection.execute("CREATE TABLE only_here (n integer)")
    assert await connection.fetchval("SELECT count(*) FROM schema_migrations") >= 1


async def test_a_pool_speaks_utc_and_plain_values(pool: "asyncpg.Pool[Any]") -> None:
    value = {"a": [1, None, "ж"]}
    assert await pool.fetchval("SELECT $1::jsonb", value) == value
    assert await pool.fetchval("SHOW timezone") == "UTC"


@pytest.mark.parametrize("time", [1, 2])
async def test_each_test_has_an_empty_doorbell_of_its_own(redis_url: str, time: int) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("key", time)


async def test_an_empty_database_is_empty(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        assert await connection.fetchval("SELECT to_regclass('schema_migrations')") is None
    finally:
        await connection.close()


def test_servers_are_waited_for_though_their_holder_is_late_to_see_that_they_are_unused(
    tmp_path: Path,
) -> None:
    addresses = tmp_path / "addresses.json"
    addresses.touch()
    late = threading.Timer(0.2, addresses.unlink)
    late.start()
    wait_until_unused(tmp_path)
    assert not addresses.exists()
    late.join()
