"""How a workspace's pages look: its own accent colour and its own logo."""

from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, exactly


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace's accent as `#rrggbb`, and its logo's digest; null where it has none of its own.

    `name` is the workspace's, for whoever cannot see the logo.
    """

    name: str
    accent: str | None
    logo: bytes | None


READ = "SELECT name, accent, logo FROM workspaces WHERE id = $1"
SET_ACCENT = "UPDATE workspaces SET accent = $2 WHERE id = $1"
SET_LOGO = "UPDATE workspaces SET logo = $2 WHERE id = $1"


async def read(conn: Connection, workspace_id: UUID) -> Look:
    """Read how a workspace's pages look."""
    return exactly(await conn.fetchrow(READ, workspace_id), Look)


async def set_accent(conn: Connection, workspace_id: UUID, accent: str | None) -> None:
    """Give a workspace another accent colour, or none of its own."""
    await conn.execute(SET_ACCENT, workspace_id, accent)


async def set_logo(conn: Connection, workspace_id: UUID, logo: bytes | None) -> None:
    """Give a workspace one of its pictures as its logo, or none."""
    await conn.execute(SET_LOGO, workspace_id, logo)
