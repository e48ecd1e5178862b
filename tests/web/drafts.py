"""Drafts by HTTP: an editor's browser, and what is needed to make one."""

from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in

NEW: dict[str, Any] = {
    "title": "Win a mug",
    "organiser": "The pottery",
    "language": "en",
    "zone": "Europe/Moscow",
}
STEPS = ("post", "conditions", "conditions/one?to=/rules", "time")


@pytest.fixture
async def place(connection: Connection) -> UUID:
    workspace, _ = await ensure_first_workspace(connection)
    return workspace.id


@pytest.fixture
async def desk(app: Litestar, connection: Connection, place: UUID) -> Desk:
    """Ann's browser, who edits."""
    ann = await person(connection, place, Role.EDITOR, name="Ann")
    return await signed_in(app, connection, ann)


async def made(desk: Desk, place: UUID, **fields: Any) -> str:
    """Make a draft; return the address of its steps."""
    await desk.open(f"/w/{place}/contests/new")
    await desk.send(**NEW | fields)
    assert desk.page.status_code == 200, desk.text
    return desk.here.partition("/edit/")[0] + "/edit"


async def contest_of(connection: Connection) -> Any:
    """The only contest, as its row is."""
    return await connection.fetchrow("SELECT * FROM contests")


def berlin(**changes: str) -> dict[str, Any]:
    """Times that can be, by the clocks of Berlin, over the night in which they go forward."""
    times = {
        "zone": "Europe/Berlin",
        "opens_at": "2031-03-20T10:00",
        "closes_at": "2031-03-29T20:00",
        "draw_at": "2031-03-31T20:00",
    }
    return times | changes
