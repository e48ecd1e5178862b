"""Where a command's settings and servers come from.

A command that needs the database uses the given one, or the embedded one of a running `up`, or
starts the embedded servers for as long as it takes.
"""

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn, TypeAlias

import msgspec

from contest_service.domain.errors import ContestError
from contest_service.settings import Settings, read_settings

TERMINATED = 143

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(commands: Commands, name: str, **described: Any) -> argparse.ArgumentParser:
    """Add a command; `help` and `run` describe it."""
    run = described.pop("run")
    parser = commands.add_parser(
        name, description=described["help"], allow_abbrev=False, **described
    )
    parser.set_defaults(run=run)
    return parser


def serving_settings() -> Settings:
    """Read the settings of a process that serves, with logging set up.

    On the embedded default it joins the servers of a running `up`. Raises ContestError.
    """
    from contest_service.embedded import find_announced

    settings = logging_settings(is_serving=True)
    if not settings.is_embedded:
        return settings
    announced = find_announced(settings.data)
    if announced is None:
        raise ContestError(
            f"Nothing runs on the data folder {settings.data}. `contest-service up` runs all "
            "there is; for one process alone, set DATABASE_URL and REDIS_URL."
        )
    return with_keys(_at(settings, announced.database_url, announced.redis_url))


def logging_settings(*, is_serving: bool) -> Settings:
    """Read the settings and set up logging. Raises SettingsError."""
    from contest_service.logs import configure_logs

    settings = read_settings(os.environ, is_serving=is_serving)
    configure_logs(log_format=settings.log_format, level=settings.log_level)
    return settings


def with_keys(settings: Settings) -> Settings:
    """Give the embedded default its keys from their files, as far as no others are given."""
    from contest_service.key_file import read_or_create_keys
    from contest_service.log_keys import read_or_create_seed

    if not settings.is_embedded:
        return settings
    log = settings.log
    if not log.key:
        log = msgspec.structs.replace(log, key=read_or_create_seed(settings.log_key_file))
    if log.witness_of and not log.witness_key:
        witness_key = read_or_create_seed(settings.witness_key_file)
        log = msgspec.structs.replace(log, witness_key=witness_key)
    keys = settings.secret_keys or read_or_create_keys(settings.key_file)
    return msgspec.structs.replace(settings, secret_keys=keys, log=log)


@contextlib.contextmanager
def reachable_servers(*, alone: bool = False) -> Iterator[Settings]:
    """Yield settings with both servers' addresses, whoever runs the servers.

    With `alone`, a running `up` on the same folder is refused. Raises SettingsError, EmbeddedError.
    """
    from contest_service.embedded import find_announced, running_servers

    settings = read_settings(os.environ, is_serving=False)
    if not settings.is_embedded:
        yield settings
        return
    announced = None if alone else find_announced(settings.data)
    if announced is not None:
        yield _at(settings, announced.database_url, announced.redis_url)
        return
    leave_politely()
    with running_servers(settings.data) as servers:
        addresses = servers.addresses
        yield _at(settings, addresses.database_url, addresses.redis_url)


def leave_politely() -> None:
    """Make SIGTERM unwind the program as Ctrl-C does, so that servers are stopped."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, leave)


async def wait_for_signal() -> None:
    """Wait until somebody asks this process to stop."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


def _at(settings: Settings, database_url: str, redis_url: str) -> Settings:
    return msgspec.structs.replace(settings, database_url=database_url, redis_url=redis_url)
