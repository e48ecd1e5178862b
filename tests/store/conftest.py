"""Crowded databases, filled once per run: one that was never analyzed, and one that was."""

import asyncio
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from contest_service.store.pool import connect
from store.crowded import Crowded, fill, find


@pytest.fixture(scope="session")
def crowded(postgres_url: str, template: str) -> Iterator[Crowded]:
    """What a test does there, it undoes."""
    names = [f"{name}_{uuid.uuid4().hex}" for name in ("young", "known")]
    try:
        yield asyncio.run(_make(postgres_url, template, *names))
    finally:
        asyncio.run(_drop(postgres_url, *names))


async def _make(postgres_url: str, template: str, young: str, known: str) -> Crowded:
    urls = [urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}")) for name in (young, known)]
    await _execute(postgres_url, f"CREATE DATABASE {young} TEMPLATE {template}")
    conn = await connect(urls[0])
    try:
        await fill(conn)
        places = await find(conn)
    finally:
        await conn.close()
    await _execute(postgres_url, f"CREATE DATABASE {known} TEMPLATE {young} STRATEGY file_copy")
    await _execute(urls[1], "ANALYZE")
    return Crowded(young=urls[0], known=urls[1], places=places)


async def _drop(postgres_url: str, *names: str) -> None:
    for name in names:
        await _execute(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _execute(url: str, command: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(command)
    finally:
        await conn.close()
