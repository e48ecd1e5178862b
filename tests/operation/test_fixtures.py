"""The fixtures that every other test stands on."""

from typing import Any

import asyncpg
import pytest
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
