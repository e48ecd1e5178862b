"""Fixtures for all tests: real servers, once per run; a database and a doorbell of its own for each
test that asks.

`database` is the URL of a migrated clone, `connection` and `pool` are open on it; `redis_url` is an
empty Valkey database. Nothing is started until the first test asks.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from browsers import described
from holder import DATABASES, shared_servers, wait_until_unused
from hypothesis import settings
from redis.asyncio import Redis

from contest_service.embedded import Addresses
from contest_service.store.migrate import migrate
from contest_service.store.pool import connect, create_pool

pytest_plugins = ["network.fixture"]

_FOLDER = "CONTEST_TEST_SERVERS"
_TEMPLATE = "contest_template"
_TEMPLATE_LOCK = 1
_WORKERS = 8  # test processes that Valkey's databases are dealt to
_MEMORY = Path("/dev/shm")  # noqa: S108 # files of programs' own making, by their names
_ROOM = 6 * 2**30  # bytes of it, for all test processes


# An example may take long on a busy machine.
settings.register_profile("patient", settings(deadline=None))
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of the run's servers; test processes inherit the choice."""
    if not hasattr(config, "workerinput"):
        _keep_files_in_memory()
        folder = tempfile.mkdtemp(prefix="contest-tests-")
        # PostgreSQL's own account passes through it where the tests run as root.
        Path(folder).chmod(0o711)
        os.environ[_FOLDER] = folder


def _keep_files_in_memory() -> None:
    """Where there is room: a clone is hundreds of files, and takes ten times as long on a disk."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    if has_room and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_report_header() -> str:
    return described()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Wait for the run's servers to stop, and remove their folder."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(_FOLDER))
        wait_until_unused(folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def servers() -> Iterator[Addresses]:
    """The run's PostgreSQL and Valkey."""
    with shared_servers(Path(os.environ[_FOLDER])) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def postgres_url(servers: Addresses) -> str:
    """The run's PostgreSQL: its maintenance database, shared by all tests."""
    return servers.database_url


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """A migrated database to clone from; made once per run."""
    with asyncio.Runner() as runner:
        runner.run(_make_template(postgres_url))
    return _TEMPLATE


@pytest.fixture
async def empty_database(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database of its own with nothing in it."""
    async with _database(postgres_url, "template1") as url:
        yield url


@pytest.fixture
async def database(postgres_url: str, template: str) -> AsyncIterator[str]:
    """The URL of a migrated database of its own."""
    async with _database(postgres_url, template) as url:
        yield url


@pytest.fixture
async def connection(database: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection, as the service opens it, to `database`."""
    opened = await connect(database)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def pool(database: str) -> "AsyncIterator[asyncpg.Pool[Any]]":
    """A pool, as the service opens it, on `database`."""
    async with await create_pool(database, largest=8) as opened:
        yield opened


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    share = DATABASES // _WORKERS
    return itertools.cycle(range(worker * share, (worker + 1) * share))


@pytest.fixture
async def redis_url(servers: Addresses, _numbers: Iterator[int]) -> str:
    """The URL of an empty Valkey database of its own."""
    url = servers.redis_url.replace("?db=0", f"?db={next(_numbers)}")
    async with Redis.from_url(url) as client:
        await client.flushdb()
    return url


async def _make_template(postgres_url: str) -> None:
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _TEMPLATE):
            return
        # Named only when it is whole, so that no process clones half of it.
        unfinished = f"{_TEMPLATE}_unfinished"
        await admin.execute(f"CREATE DATABASE {unfinished}")
        inside = await connect(_on(postgres_url, unfinished))
        try:
            await migrate(inside)
        finally:
            await inside.close()
        await admin.execute(f"ALTER DATABASE {unfinished} RENAME TO {_TEMPLATE}")
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def _database(postgres_url: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield _on(postgres_url, name)
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


def _on(postgres_url: str, database: str) -> str:
    return urlunsplit(urlsplit(postgres_url)._replace(path=f"/{database}"))
