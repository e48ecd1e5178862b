"""`api`: one process that serves HTTP."""

import argparse
import asyncio
import contextlib
import socket

from contest_service.cli.surroundings import Commands, add_command, serving_settings
from contest_service.domain.errors import ContestError
from contest_service.loops import run_loop
from contest_service.settings import Settings

BACKLOG = 512
_LOOK_EVERY = 0.2
"""Seconds between two looks whether the process was asked to stop."""
_GRACE = 10
"""Seconds that running requests have when the process is asked to stop."""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "api", help="serve the API and the pages", run=_serve)
    parser.add_argument(
        "--socket", type=int, metavar="NUMBER", help="an inherited listening socket (used by up)"
    )


def _serve(options: argparse.Namespace) -> int:
    settings = serving_settings()
    given = options.socket is not None
    with socket.socket(fileno=options.socket) if given else listen(settings) as listener:
        run_loop(_run(settings, listener))
    return 0


def listen(settings: Settings) -> socket.socket:
    """Take the API's address. Raises ContestError if it cannot be had."""
    address = (settings.host, settings.port)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise ContestError(
            f"The address {settings.host}:{settings.port} cannot be used "
            f"({error.strerror or error}). Stop what uses it, or set CONTEST_PORT to a free port."
        ) from None


async def _run(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from contest_service.app import create_app
    from contest_service.store.migrate import require_current
    from contest_service.store.pool import connect

    connection = await connect(settings.database_url or "")
    with contextlib.closing(listener):
        try:
            await require_current(connection)
        finally:
            await connection.close()
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            access_log=False,
            forwarded_allow_ips=list(settings.trusted_proxies),
            log_config=None,
            proxy_headers=bool(settings.trusted_proxies),
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            ws="none",
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        # Streams never end by themselves, and the server waits for all that is open.
        while not serving.done():
            await asyncio.wait([serving], timeout=_LOOK_EVERY)
            if server.should_exit:
                app.state.pings.close()
        await serving
