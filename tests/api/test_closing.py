"""What is left of an application that has ended."""

import gc
import weakref
from contextlib import AsyncExitStack

import pytest
from litestar import get

from api.conftest import Clients, lent, running
from contest_service.app import create_app
from contest_service.settings import Settings


async def test_nothing_keeps_an_application_that_has_ended(settings: Settings) -> None:
    app = create_app(settings)
    async with running(app), AsyncExitStack() as stack:
        limiter = weakref.ref(app.state.limiter)
        client = await Clients(app, stack).open()
        assert (await client.get("/v1/contests")).status_code == 401
        assert (await client.get("/sign-in")).status_code == 200
    del app, client
    gc.collect()
    assert limiter() is None


async def test_nothing_of_a_test_is_left_in_the_application_that_they_share(
    settings: Settings,
) -> None:
    async with lent(settings) as app:
        limiter = weakref.ref(app.state.limiter)
    gc.collect()
    assert limiter() is None
    async with lent(settings) as again:
        assert again is app


async def test_nobody_else_gets_an_application_that_a_test_has_changed(settings: Settings) -> None:
    @get("/more")
    async def more() -> None:
        pass

    with pytest.raises(pytest.fail.Exception, match="further routes"):
        async with lent(settings) as app:
            app.register(more)
    async with lent(settings) as again, AsyncExitStack() as stack:
        client = await Clients(again, stack).open()
        assert (await client.get("/more")).status_code == 404
