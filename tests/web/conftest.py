"""Pages as people see them: the running application over a real database, by HTTP on loopback, and
a real browser that looks at it.

`site` is the running application, `visit` opens one of its pages; both fit `stage` and the clients
of `api.conftest`. Whoever wants screenshots names a folder for them in CONTEST_SCREENSHOTS.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import uvicorn
from api.conftest import api as api
from api.conftest import (  # noqa: F401 # fixtures
    auditor,
    clients,
    editor,
    lent,
    owner,
    settings_for,
    stage,
    stranger,
)
from browsers import chromium
from litestar import Litestar
from playwright.async_api import Browser, async_playwright

from contest_service.settings import Settings
from web.visits import Seen, open_page

Visit = Callable[..., Awaitable[Seen]]


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """The running application, and where it is."""

    app: Litestar
    url: str


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of its own, which is taken before anybody is told its number."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def settings(database: str, redis_url: str, tmp_path: Path, listener: socket.socket) -> Settings:
    """As the API's, but that links lead to the running site."""
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return msgspec.structs.replace(settings_for(database, redis_url, tmp_path), public_url=address)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    async with lent(settings) as app:
        yield app


@pytest.fixture
async def site(app: Litestar, settings: Settings, listener: socket.socket) -> AsyncIterator[Site]:
    """The application behind a real server."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws="none", timeout_keep_alive=1)
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 # uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield Site(app=app, url=settings.public_url)
    server.should_exit = server.force_exit = True
    await serving


class _Server(uvicorn.Server):
    def capture_signals(self) -> contextlib.AbstractContextManager[None]:
        """Leave the signals to the tests."""
        return contextlib.nullcontext()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium())
        yield running
        await running.close()


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Visit]:
    """Opens a page: `visit("/contests/…", phone=True, scripts=False, language="ru", dark=True)`.

    At the end of the test nothing may have broken the policy, or failed in a script.
    """
    seen: list[Seen] = []

    async def begin(path: str, **how: bool | str) -> Seen:
        opened = await open_page(browser, site.url, path, **how)  # type: ignore[arg-type] # as the test gave them
        seen.append(opened)
        return opened

    yield begin
    complaints = [each for opened in seen for each in opened.complaints]
    for opened in seen:
        await opened.page.context.close()
    assert complaints == []
