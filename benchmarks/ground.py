"""The ground that is measured on: real servers, a migrated database for every run, a clock.

Owns databases and the composition of a runtime; makes no contests and no evidence.
"""

import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from redis.asyncio import Redis

from contest_service.flows.runtime import Runtime
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.vk.lanes import Lanes
from contest_service.proof.beacon import Beacon
from contest_service.quota import RedisLimiter
from contest_service.sandbox.beacon import SandboxBeacon, open_beacon
from contest_service.store.migrate import migrate
from contest_service.store.pool import connect, create_pool
from contest_service.store.proof import Verifier
from contest_service.store.work import Due
from contest_service.vault import Vault, generate_key

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
"""When every contest of a benchmark starts, by its own clock."""
NOWHERE = "redis://127.0.0.1:9"
PERIOD = 3
"""Seconds between two rounds of the practice beacon."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Servers that run, and a folder for files."""

    database_url: str
    redis_url: str
    folder: Path
    runs: int

    @contextlib.asynccontextmanager
    async def database(self, template: str = "template1") -> AsyncIterator[str]:
        """A database of its own, as a copy of another one; migrated if that is empty."""
        name = f"bench_{uuid.uuid4().hex}"
        source = urlsplit(template).path.lstrip("/") or template
        admin = await connect(self.database_url)
        try:
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
            url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))
            try:
                async with connection(url) as conn:
                    await migrate(conn)
                yield url
            finally:
                await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await admin.close()


@contextlib.asynccontextmanager
async def connection(url: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection, as the service opens it."""
    opened = await connect(url)
    try:
        yield opened
    finally:
        await opened.close()


def practice_beacon(folder: Path) -> SandboxBeacon:
    """The beacon of all contests of one run."""
    return open_beacon(folder, period=PERIOD, genesis=int(START.timestamp()) - 86400)


@contextlib.asynccontextmanager
async def open_runtime(
    url: str, folder: Path, *, at: datetime = START, redis_url: str = NOWHERE
) -> AsyncIterator[Runtime]:
    """What flows need, at a moment that stands still; nothing outside this machine may be asked.

    Without a `redis_url` no platform that has quotas can be asked either.
    """

    async def fetch_nothing(_beacon: Beacon, round_: int) -> None:
        raise LookupError(f"round {round_} should be at hand")

    async def ring(_due: Sequence[Due]) -> None:
        return

    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    verifier = resources.files("contest_service.proof").joinpath("verify.py").read_bytes()
    async with await create_pool(url, largest=4) as pool, Redis.from_url(redis_url) as redis:
        yield Runtime(
            pool=pool,
            database_url=url,
            vault=Vault([generate_key()]),
            hosts=hosts,
            lanes=Lanes(RedisLimiter(redis), hosts),
            fetch_round=fetch_nothing,
            ring=ring,
            clock=lambda: at,
            public_url="http://127.0.0.1:8000",
            verifiers=(Verifier(name="verify.py", bytes=verifier),),
            practice_beacon=practice_beacon(folder).public,
        )
