"""`key` makes a key for credentials; `rotate-key` encrypts them all with the newest one."""

import argparse
import asyncio
from collections.abc import Sequence

from contest_service.cli.surroundings import (
    Commands,
    add_command,
    reachable_servers,
    with_keys,
)
from contest_service.domain.errors import ContestError
from contest_service.settings import Settings


def add_commands(commands: Commands) -> None:
    add_command(commands, "key", help="make a key for CONTEST_SECRET_KEY", run=_make)
    add_command(
        commands, "rotate-key", help="encrypt all credentials with the newest key", run=_rotate
    )


def _make(_options: argparse.Namespace) -> int:
    from contest_service.vault import generate_key

    print(generate_key())
    return 0


def _rotate(_options: argparse.Namespace) -> int:
    from contest_service.key_file import write_keys
    from contest_service.vault import generate_key

    # A running `up` would go on with the old key of the file, so it must not run; where the
    # operator gives the keys, the processes have both and may.
    with reachable_servers(alone=True) as settings:
        if settings.secret_keys:
            count = asyncio.run(_renew(settings, settings.secret_keys))
            print(f"{count} communities are encrypted with the first key; the others may go.")
            return 0
        if not settings.is_embedded:
            raise ContestError(
                "CONTEST_SECRET_KEY is needed: a new key first, then the ones in use until now."
            )
        keys = with_keys(settings).secret_keys
        both = (generate_key(), *keys)
        # Both stay in the file until all is encrypted anew, whatever happens in between.
        write_keys(settings.key_file, both)
        count = asyncio.run(_renew(settings, both))
        write_keys(settings.key_file, both[:1])
    print(f"{count} communities are encrypted with a new key in {settings.key_file}.")
    return 0


async def _renew(settings: Settings, keys: Sequence[str]) -> int:
    from contest_service.flows.rotate import rotate_keys
    from contest_service.store.migrate import require_current
    from contest_service.store.pool import connect
    from contest_service.vault import Vault

    connection = await connect(settings.database_url or "")
    try:
        await require_current(connection)
        return await rotate_keys(connection, Vault(keys))
    finally:
        await connection.close()
