"""`health`: asks a running API whether it is ready."""

import argparse
import asyncio
import os

from contest_service.cli.surroundings import Commands, add_command
from contest_service.settings import Settings, read_settings

_PATIENCE = 5.0
_READY = 200
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


def add_commands(commands: Commands) -> None:
    add_command(commands, "health", help="exit with 0 if the API here is ready", run=_check)


def _check(_options: argparse.Namespace) -> int:
    settings = read_settings(os.environ, is_serving=False)
    status = asyncio.run(ask(settings, "/readyz"))
    print("ready" if status == _READY else f"not ready ({status or 'no answer'})")
    return 0 if status == _READY else 1


async def ask(settings: Settings, path: str) -> int | None:
    """Ask the API on this machine; give the HTTP status, or None without an answer."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _status_of(_EVERYWHERE.get(settings.host, settings.host), settings, path)
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _status_of(host: str, settings: Settings, path: str) -> int:
    reader, writer = await asyncio.open_connection(host, settings.port)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
