"""`migrate`: bring the database's schema forward, or say what it lacks."""

import argparse
import asyncio
from collections.abc import Sequence

from contest_service.cli.surroundings import Commands, add_command, reachable_servers


def add_commands(commands: Commands) -> None:
    parser = add_command(
        commands, "migrate", help="bring the database's schema forward", run=_migrate
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; exit with 1 if a migration is lacking",
    )


def _migrate(options: argparse.Namespace) -> int:
    with reachable_servers() as settings:
        titles = asyncio.run(_bring_forward(settings.database_url or "", only_check=options.check))
    if options.check:
        print(f"The database lacks {', '.join(titles)}." if titles else "The database is current.")
        return 1 if titles else 0
    print(f"Applied {', '.join(titles)}." if titles else "The database is current.")
    return 0


async def _bring_forward(database_url: str, *, only_check: bool) -> Sequence[str]:
    from contest_service.store.migrate import find_pending, migrate
    from contest_service.store.pool import connect

    connection = await connect(database_url)
    try:
        act = find_pending if only_check else migrate
        return [migration.title for migration in await act(connection)]
    finally:
        await connection.close()
