"""`sandbox`: serves the practice beacon and the practice VK on loopback, in one process."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Iterator

from contest_service.cli.surroundings import (
    Commands,
    add_command,
    logging_settings,
    wait_for_signal,
)
from contest_service.domain.errors import ContestError
from contest_service.settings import Settings

WORLD = "vk.world"
"""The practice VK's file in the folder of the sandbox."""


def add_commands(commands: Commands) -> None:
    add_command(commands, "sandbox", help="serve the practice beacon and VK on loopback", run=_run)


def _run(_options: argparse.Namespace) -> int:
    settings = logging_settings(is_serving=False)
    if not settings.has_sandbox:
        raise ContestError(
            "The sandbox is off where DATABASE_URL is set, since nothing in it is real. "
            "CONTEST_SANDBOX=1 switches it on."
        )
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    from contest_service.assembly import BEACON_FOLDER, SANDBOX_FOLDER
    from contest_service.courier import open_courier
    from contest_service.sandbox.beacon import open_beacon
    from contest_service.sandbox.relay import serve as serve_beacon
    from contest_service.sandbox.vk.server import serve as serve_vk

    beacon = open_beacon(
        settings.data / BEACON_FOLDER, period=settings.sandbox_period, genesis=int(time.time())
    )
    world = settings.data / SANDBOX_FOLDER / WORLD
    async with contextlib.AsyncExitStack() as stack:
        deliver = await stack.enter_async_context(open_courier())
        with _taking("CONTEST_SANDBOX_PORT", settings.sandbox_port):
            await stack.enter_async_context(serve_beacon(beacon, port=settings.sandbox_port))
        with _taking("CONTEST_SANDBOX_VK_PORT", settings.sandbox_vk_port):
            await stack.enter_async_context(
                serve_vk(port=settings.sandbox_vk_port, deliver=deliver, path=world)
            )
        await wait_for_signal()


@contextlib.contextmanager
def _taking(name: str, port: int) -> Iterator[None]:
    """Say which setting is meant where a port cannot be had."""
    try:
        yield
    except OSError as error:
        raise ContestError(in_use(name, port, error)) from None


def in_use(name: str, port: int, error: OSError) -> str:
    """Say that a port of the sandbox cannot be had, and what to do about it."""
    return (
        f"The sandbox's port {port} cannot be used ({error.strerror or error}). "
        f"Set {name} to a free port, or CONTEST_SANDBOX=0."
    )
