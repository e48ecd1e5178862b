"""The first start: a workspace, its owner, and a token that is shown once."""

from contest_service.flows.people import create_workspace
from contest_service.store import members, people
from contest_service.store.people import Workspace
from contest_service.store.rows import Connection

WORKSPACE = "My workspace"
OWNER = "Owner"


async def ensure_first_workspace(conn: Connection) -> tuple[Workspace, str | None]:
    """Make the first workspace, or find it.

    Returns the oldest workspace, and its owner's token only if it was made by this call: the secret
    is kept nowhere. Several processes may call this at once; one makes it.
    """
    async with conn.transaction():
        now = await people.take_turn(conn)
        found = await people.first_workspace(conn)
        if found is not None:
            return found, None
        owner = await members.create_person(conn, OWNER, None, now=now)
        made = await create_workspace(conn, WORKSPACE, owner=owner, request_id="first", now=now)
        return made.workspace, made.issued.secret
