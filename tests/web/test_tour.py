"""The tour through a practice contest: seen step by step, kept, put away and brought back."""

from uuid import UUID, uuid4

import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in

SEEN = "Seen: {} of 5."
PLACES = {
    "coverage": "/w/{workspace}/contests/{contest}",
    "reason": "/w/{workspace}/contests/{contest}",
    "freeze": "/contests/{contest}/draw",
    "line": "/contests/{contest}/draw",
    "bundle": "/w/{workspace}/contests/{contest}/bundles",
}


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    return await stage.start(await stage.draft(title="Practice with mugs"))


async def desk_of(app: Litestar, connection: Connection, workspace_id: UUID, role: Role) -> Desk:
    name = f"{role} {uuid4().hex}"
    return await signed_in(app, connection, await person(connection, workspace_id, role, name=name))


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR])
async def test_each_step_leads_to_its_place_and_is_remembered(
    app: Litestar, connection: Connection, contest: Contest, role: Role
) -> None:
    desk = await desk_of(app, connection, contest.workspace_id, role)
    home = f"/w/{contest.workspace_id}"
    await desk.open(home)
    assert "Practice with mugs" in desk.text
    for count, (step, place) in enumerate(PLACES.items()):
        await desk.open(home)
        assert SEEN.format(count) in desk.text
        await desk.send(f"{home}/tour/{step}")
        assert desk.page.status_code == 200
        path = desk.here.partition("#")[0]
        assert path == place.format(workspace=contest.workspace_id, contest=contest.id)
        assert f'id="{desk.page.url.fragment.replace("line-1", "fixed")}"' in desk.page.text
    await desk.open(home)
    assert SEEN.format(5) in desk.text
    await desk.send(f"{home}/tour/coverage")
    await desk.open(home)
    assert SEEN.format(5) in desk.text


async def test_it_is_put_away_and_comes_back_from_one_s_own_page(
    app: Litestar, connection: Connection, contest: Contest
) -> None:
    desk = await desk_of(app, connection, contest.workspace_id, Role.EDITOR)
    other = await desk_of(app, connection, contest.workspace_id, Role.EDITOR)
    home = f"/w/{contest.workspace_id}"
    await desk.open(home)
    await desk.send(f"{home}/tour/reason")
    await desk.open(home)
    await desk.send(f"{home}/tour")
    assert "The tour is put away." in desk.text
    assert "A short tour" not in desk.text
    await other.open(home)
    assert SEEN.format(0) in other.text
    await desk.open("/me")
    await desk.send("/me/tour")
    assert desk.here == home
    assert SEEN.format(0) in desk.text


async def test_without_a_practice_contest_there_is_no_tour(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    workspace_id = await stage.workspace()
    desk = await desk_of(app, connection, workspace_id, Role.OWNER)
    await desk.open(f"/w/{workspace_id}")
    assert "A short tour" not in desk.text
    await desk.open("/me")
    await desk.send(f"/w/{workspace_id}/tour/coverage")
    assert desk.page.status_code == 404
    assert "There is no practice contest in this workspace any more." in desk.text
    await desk.open("/me")
    await desk.send(f"/w/{workspace_id}/tour/elsewhere")
    assert desk.page.status_code == 404
