"""`token`: makes a token for a person, for when all tokens of a workspace are lost."""

import argparse
import asyncio
from datetime import UTC, datetime
from uuid import UUID

from contest_service.cli.surroundings import Commands, add_command, reachable_servers
from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Role

REQUEST = "command line"
"""What the audit log has in the place of a request's id."""
_PAGE = 1000


def add_commands(commands: Commands) -> None:
    parser = add_command(
        commands, "token", help="make a token and print it once, for lost ones", run=_make
    )
    parser.add_argument("--workspace", type=UUID, help="by default the oldest one")
    parser.add_argument("--person", type=UUID, help="by default the workspace's first owner")
    parser.add_argument("--name", default="command line", help="what the token is for")


def _make(options: argparse.Namespace) -> int:
    with reachable_servers() as settings:
        print(asyncio.run(_issue(settings.database_url or "", options)))
    return 0


async def _issue(database_url: str, options: argparse.Namespace) -> str:
    from contest_service.domain.people import system
    from contest_service.flows.bootstrap import ensure_first_workspace
    from contest_service.flows.tokens import issue_token
    from contest_service.store.members import list_members, read_member
    from contest_service.store.migrate import require_current
    from contest_service.store.pool import connect

    connection = await connect(database_url)
    try:
        await require_current(connection)
        if options.workspace is None:
            workspace, secret = await ensure_first_workspace(connection)
            if secret is not None:
                return secret
            workspace_id = workspace.id
        else:
            workspace_id = options.workspace
        if options.person is None:
            members = await list_members(connection, workspace_id, after=None, limit=_PAGE)
            owners = [member for member in members if member.role is Role.OWNER]
            if not owners:
                raise NotFoundError(f"There is no workspace {workspace_id}, or it has no owner.")
            member = owners[0]
        else:
            member = await read_member(connection, workspace_id, options.person)
        async with connection.transaction():
            issued = await issue_token(
                connection,
                system(workspace_id, REQUEST),
                person_id=member.id,
                name=options.name,
                role=member.role,
                expires_at=None,
                now=datetime.now(UTC),
            )
        return issued.secret
    finally:
        await connection.close()
