"""Whole installations of the service on loopback: real applications on databases of their own."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from api.conftest import settings_for

from contest_service.app import create_app
from contest_service.assembly import make_cosigner, make_signer
from contest_service.flows.signer import Witness
from contest_service.log_settings import LogSettings
from contest_service.proof.notes import KeyKind, VerifierKey
from contest_service.settings import Settings
from contest_service.store.log import Log
from flows import made_up
from flows.logged import LogStage
from flows.signing import nobody
from flows.stage import Stage, first_owner

NOWHERE = "redis://127.0.0.1:1"


class Place(msgspec.Struct, kw_only=True):
    """Where an installation will be, before it runs: its address, and its public keys."""

    name: str
    listener: Any
    settings: Settings

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()
        return f"http://{host}:{port}"

    @property
    def logs(self) -> tuple[VerifierKey, ...]:
        """The keys of both of its logs."""
        signer = make_signer(self.settings, nobody)
        assert signer is not None
        return tuple(signer.key(log, None).verifier(KeyKind.LOG) for log in Log)

    @property
    def witness(self) -> Witness:
        """How others ask it to vouch for them."""
        cosigner = make_cosigner(self.vouching_for(self.logs))
        assert cosigner is not None
        return Witness(key=cosigner.key.verifier(KeyKind.WITNESS), url=f"{self.url}/witness")

    def vouching_for(self, logs: Sequence[VerifierKey]) -> Settings:
        log = msgspec.structs.replace(self.settings.log, witness_of=tuple(logs))
        return msgspec.structs.replace(self.settings, log=log)


def place(name: str, database: str, folder: Path) -> Place:
    folder.mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    log = LogSettings(
        key=base64.b64encode(name.encode().ljust(32, b"-")).decode(),
        origin=f"{name}.test/log",
        witness_key=base64.b64encode(name.encode().ljust(32, b"+")).decode(),
        witness_name=f"{name}.test/witness",
    )
    settings = msgspec.structs.replace(settings_for(database, NOWHERE, folder), log=log)
    return Place(name=name, listener=listener, settings=settings)


class Installation:
    """An installation that runs."""

    def __init__(self, place: Place, app: Any, log: LogStage) -> None:
        self.place = place
        self.app = app
        self.log = log

    @property
    def pool(self) -> Any:
        return self.log.stage.rt.pool


@asynccontextmanager
async def running(place: Place, settings: Settings) -> AsyncIterator[Installation]:
    """Serve an installation over HTTP until the context ends."""
    app = create_app(settings)
    config = uvicorn.Config(app, access_log=False, log_config=None, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[place.listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        rt = app.state.rt
        stage = Stage(rt, await first_owner(rt.pool))
        yield Installation(place, app, LogStage(stage, await made_up.connected(stage)))
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def vouching_for_each_other(*places: Place) -> AsyncIterator[list[Installation]]:
    """Run installations of which each is a witness of all others."""
    async with AsyncExitStack() as stack:
        found = []
        for each in places:
            others = [other for other in places if other is not each]
            settings = each.vouching_for([key for other in others for key in other.logs])
            witnesses = tuple(other.witness for other in others)
            log = msgspec.structs.replace(settings.log, witnesses=witnesses)
            settings = msgspec.structs.replace(settings, log=log)
            found.append(await stack.enter_async_context(running(each, settings)))
        yield found
