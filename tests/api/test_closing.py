"""What is left of an application that has ended."""

import gc
import weakref
from contextlib import AsyncExitStack

from api.conftest import Clients, running
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
