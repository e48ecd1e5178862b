"""`sign-in-link`: makes a link by which a person signs in once, for whoever runs the service."""

import argparse
import asyncio
from datetime import UTC, datetime
from uuid import UUID

from contest_service.cli.surroundings import Commands, add_command, reachable_servers
from contest_service.domain.errors import NotFoundError


def add_commands(commands: Commands) -> None:
    parser = add_command(
        commands,
        "sign-in-link",
        help="make a link by which a person signs in once, within half an hour",
        run=_make,
    )
    parser.add_argument("--workspace", type=UUID, help="by default the oldest one")
    parser.add_argument("--person", type=UUID, help="by default the workspace's first owner")
    parser.add_argument(
        "--forget-authenticator",
        action="store_true",
        help="ask for no code any more, where phone and recovery codes are lost",
    )


def _make(options: argparse.Namespace) -> int:
    with reachable_servers() as settings:
        secret = asyncio.run(_link(settings.database_url or "", options))
        print(f"{settings.public_url}/sign-in/link/{secret}")
    return 0


async def _link(database_url: str, options: argparse.Namespace) -> str:
    from contest_service.flows.sign_in import Rescue, rescue
    from contest_service.store.migrate import require_current
    from contest_service.store.people import first_workspace
    from contest_service.store.pool import connect

    connection = await connect(database_url)
    try:
        await require_current(connection)
        workspace_id = options.workspace
        if workspace_id is None:
            workspace = await first_workspace(connection)
            if workspace is None:
                raise NotFoundError("There is no workspace yet; `contest-service up` makes one.")
            workspace_id = workspace.id
        wanted = Rescue(
            workspace_id=workspace_id,
            person_id=options.person,
            forgets_totp=options.forget_authenticator,
        )
        async with connection.transaction():
            return await rescue(connection, wanted, now=datetime.now(UTC))
    finally:
        await connection.close()
