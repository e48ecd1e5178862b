"""The application as its clients see it: real HTTP semantics, a database and a doorbell of its own.

`api` is a client without a token; `owner`, `editor`, `auditor` are clients of one workspace,
`stranger` is the owner of another.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar

from api.staged import Stage
from contest_service.app import connected, create_app
from contest_service.assembly import BEACON_FOLDER
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import LogSettings, Settings
from contest_service.vault import generate_key

BASE = "http://contest.test"


def settings_for(database: str, redis_url: str, folder: Path) -> Settings:
    """Settings as an operator might have them, without limits that tests would meet."""
    return Settings(
        database_url=database,
        redis_url=redis_url,
        data=folder,
        public_url=BASE,
        secret_keys=(generate_key(),),
        has_sandbox=True,
        # Nothing that a test does by mistake reaches a real network, or somebody's sandbox.
        sandbox_vk_port=1,
        allowed_hosts=AllowedHosts.parse(["localhost:1"]),
        rate_limit=100_000,
        log=LogSettings(key="ab" * 32, origin="contest.test/log"),
    )


@pytest.fixture
def settings(database: str, redis_url: str, tmp_path: Path) -> Settings:
    return settings_for(database, redis_url, tmp_path)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    async with lent(settings) as app:
        yield app


@asynccontextmanager
async def lent(settings: Settings) -> AsyncIterator[Litestar]:
    """The one application of this process, connected as the settings say.

    Making one takes half a second. Whoever gives it routes, or needs two at once, makes another by
    `create_app`.
    """
    app = _application(settings.body_limit)
    assert not app.state, "somebody has it already"
    routes = list(app.routes)
    try:
        async with _held(connected(app, settings)):
            yield app
    finally:
        app.state.clear()
        if app.routes != routes:
            _application.cache_clear()
            pytest.fail("It got further routes: make an application for them by create_app.")


@cache
def _application(body_limit: int) -> Litestar:
    nothing = settings_for("", "", Path())
    return create_app(msgspec.structs.replace(nothing, body_limit=body_limit))


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[Litestar]:
    """Run an application's lifespan."""
    async with _held(app.lifespan()):
        yield app


@asynccontextmanager
async def _held(context: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
    """Hold a context in a task of its own, as a server does."""
    started, stopping = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with context:
            started.set()
            await stopping.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(live())
        await started.wait()
        try:
            yield
        finally:
            stopping.set()


@pytest.fixture
async def clients(app: Litestar) -> AsyncIterator["Clients"]:
    async with AsyncExitStack() as stack:
        yield Clients(app, stack)


class Clients:
    """Makes clients, one for each token."""

    def __init__(self, app: Litestar, stack: AsyncExitStack) -> None:
        self._app = app
        self._stack = stack

    async def open(
        self, token: str | None = None, *, address: str = "203.0.113.7"
    ) -> httpx.AsyncClient:
        """A client that sends `token`, from `address`."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=(address, 1))
        client = httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)
        return await self._stack.enter_async_context(client)


@pytest.fixture
async def api(clients: Clients) -> httpx.AsyncClient:
    return await clients.open()


@pytest.fixture
async def owner(clients: Clients, connection: "asyncpg.Connection[Any]") -> httpx.AsyncClient:
    _, token = await ensure_first_workspace(connection)
    return await clients.open(token)


@pytest.fixture
async def editor(clients: Clients, owner: httpx.AsyncClient) -> httpx.AsyncClient:
    return await clients.open(await new_member(owner, "editor"))


@pytest.fixture
async def auditor(clients: Clients, owner: httpx.AsyncClient) -> httpx.AsyncClient:
    return await clients.open(await new_member(owner, "auditor"))


@pytest.fixture
async def stranger(clients: Clients, owner: httpx.AsyncClient) -> httpx.AsyncClient:
    made = await owner.post("/v1/workspaces", json={"name": "Elsewhere"})
    return await clients.open(made.json()["token"]["secret"])


@pytest.fixture
def stage(app: Litestar, owner: httpx.AsyncClient, settings: Settings) -> Stage:
    """Brings the owner's contests forward."""
    return Stage(app.state.rt, owner, settings.data / BEACON_FOLDER)


async def new_member(owner: httpx.AsyncClient, role: str) -> str:
    """Add a person with this role, and return a token of theirs."""
    person = await owner.post("/v1/persons", json={"name": f"An {role}", "role": role})
    assert person.status_code == 201, person.text
    token = await owner.post(
        "/v1/tokens", json={"name": "desk", "role": role, "person_id": person.json()["id"]}
    )
    assert token.status_code == 201, token.text
    secret: str = token.json()["secret"]
    return secret
