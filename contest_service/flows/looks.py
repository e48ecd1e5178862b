"""How a workspace's pages look: an accent colour that can be read, and a logo."""

from datetime import datetime

from contest_service.domain import accent
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.store import audit, looks
from contest_service.store.pictures import Picture
from contest_service.store.rows import Connection


async def change_accent(
    conn: Connection, actor: Actor, given: str | None, *, now: datetime
) -> str | None:
    """Give the actor's workspace another accent colour, or with None its usual one; return it.

    Raises InvalidError for what is no colour, and for one that is too pale to be read.
    """
    colour = None
    if given is not None:
        colour = accent.parse(given)
        if colour is None:
            detail = "is no colour: write it as # and six digits, such as #1f5f8b"
            raise InvalidError([Fault(pointer="/accent", detail=detail)])
        if not accent.fits(colour):
            detail = f"is too pale to be read; the nearest that can be is {accent.nearest(colour)}"
            raise InvalidError([Fault(pointer="/accent", detail=detail)])
    before = await looks.read(conn, actor.workspace_id)
    if before.accent != colour:
        await looks.set_accent(conn, actor.workspace_id, colour)
        await audit.record(
            conn,
            actor,
            "workspace.accent_changed",
            subject=actor.workspace_id,
            at=now,
            detail={"accent": colour},
        )
    return colour


async def change_logo(
    conn: Connection, actor: Actor, picture: Picture | None, *, now: datetime
) -> None:
    """Make one of the workspace's pictures its logo, or take the logo away."""
    digest = None if picture is None else picture.digest
    before = await looks.read(conn, actor.workspace_id)
    if before.logo == digest:
        return
    await looks.set_logo(conn, actor.workspace_id, digest)
    action = "workspace.logo_removed" if digest is None else "workspace.logo_changed"
    await audit.record(conn, actor, action, subject=actor.workspace_id, at=now)
