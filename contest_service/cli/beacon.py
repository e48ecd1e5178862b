"""`beacon`: serves the practice beacon on loopback, for practice contests."""

import argparse
import asyncio
import time

from contest_service.cli.surroundings import (
    Commands,
    add_command,
    logging_settings,
    wait_for_signal,
)
from contest_service.domain.errors import ContestError
from contest_service.settings import Settings


def add_commands(commands: Commands) -> None:
    add_command(commands, "beacon", help="serve the practice beacon on loopback", run=_run)


def _run(_options: argparse.Namespace) -> int:
    asyncio.run(_serve(logging_settings(is_serving=False)))
    return 0


async def _serve(settings: Settings) -> None:
    from contest_service.assembly import BEACON_FOLDER
    from contest_service.sandbox.beacon import open_beacon
    from contest_service.sandbox.relay import serve

    beacon = open_beacon(
        settings.data / BEACON_FOLDER, period=settings.sandbox_period, genesis=int(time.time())
    )
    try:
        async with serve(beacon, port=settings.sandbox_port):
            await wait_for_signal()
    except OSError as error:
        raise ContestError(
            f"The practice beacon cannot listen on port {settings.sandbox_port} "
            f"({error.strerror or error}). Set CONTEST_SANDBOX_PORT to a free one, or "
            "CONTEST_SANDBOX=0."
        ) from None
