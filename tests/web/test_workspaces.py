"""Pages of a workspace by HTTP: people, tokens, the log and settings, and who may do what there."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows import people as people_flow
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.store import members
from contest_service.store.rows import Connection
from contest_service.web.access import PAGES, Who
from contest_service.web.routes import WORKSPACE
from web.desks import PASSWORD, browser, person, signed_in

PAGES_OF_ALL = ("", "/people", "/tokens", "/log", "/settings")


@pytest.fixture
async def place(connection: Connection) -> UUID:
    workspace, _ = await ensure_first_workspace(connection)
    return workspace.id


@pytest.fixture
async def ann(connection: Connection, place: UUID) -> UUID:
    """An owner."""
    return await person(connection, place, Role.OWNER, name="Ann")


async def test_every_page_of_a_workspace_asks_for_a_role() -> None:
    for handler in WORKSPACE:
        assert "/w/{workspace_id:uuid}" in next(iter(handler.paths))
        assert not isinstance(PAGES[str(handler.operation_id)], Who)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUDITOR])
async def test_whoever_is_no_owner_sees_all_and_changes_nobody(
    app: Litestar, connection: Connection, place: UUID, ann: UUID, role: Role
) -> None:
    bob = await person(connection, place, role, name="Bob")
    desk = await signed_in(app, connection, bob)
    for path in PAGES_OF_ALL:
        page = await desk.open(f"/w/{place}{path}")
        assert page.status_code == 200, path
    await desk.open("/me")
    once = desk.hidden("once")
    csrf = desk.hidden()
    before = await connection.fetchval("SELECT count(*) FROM audit_log")
    for path, fields in (
        ("people", {"role": "owner"}),
        (f"people/{bob}/role", {"role": "owner"}),
        (f"people/{ann}/remove", {}),
        (f"invitations/{uuid4()}/withdraw", {}),
        ("tokens", {"name": "t", "role": "auditor"}),
        (f"tokens/{uuid4()}/end", {}),
        ("settings", {"name": "Mine"}),
    ):
        page = await desk.send(f"/w/{place}/{path}", csrf=csrf, once=once, **fields)
        assert page.status_code == 403, path
    assert await connection.fetchval("SELECT count(*) FROM audit_log") == before


async def test_of_anothers_workspace_nothing_is_said(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    now = datetime.now(UTC)
    eve = await members.create_person(connection, "Eve", None, now=now)
    made = await people_flow.create_workspace(
        connection, "Elsewhere", owner=eve, request_id="test", now=now
    )
    desk = await signed_in(app, connection, ann)
    await desk.open("/me")
    csrf = desk.hidden()
    for path in PAGES_OF_ALL:
        theirs = await desk.client.get(f"/w/{made.workspace.id}{path}")
        nobodys = await desk.client.get(f"/w/{uuid4()}{path}")
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert "Elsewhere" not in theirs.text
    theirs = await desk.send(f"/w/{made.workspace.id}/settings", csrf=csrf, name="Mine")
    assert theirs.status_code == 404
    # A token of another workspace under one's own address is none either.
    token = made.issued.token.id
    assert (await desk.send(f"/w/{place}/tokens/{token}/end", csrf=csrf)).status_code == 404
    assert (await desk.send(f"/w/{place}/people/{eve}/remove", csrf=csrf)).status_code == 404


async def test_whoever_is_signed_out_sees_no_page(app: Litestar, place: UUID) -> None:
    desk = browser(app)
    for path in PAGES_OF_ALL:
        assert (await desk.client.get(f"/w/{place}{path}")).status_code == 303


async def test_an_invitation_from_the_link_to_the_desk(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open(f"/w/{place}/people")
    await desk.send(f"/w/{place}/people", role="editor", email="zoe@mail.test")
    link = desk.page.text.split('data-copy="')[1].split('"')[0]
    path = "/invitations/" + link.rpartition("/")[2]
    zoe = browser(app)
    await zoe.open(path)
    assert "Ann" in zoe.text
    assert "Editor" in zoe.text
    await zoe.send(name="Zoe", email="zoe@mail.test", password="short")
    assert zoe.page.status_code == 422
    assert 'value="Zoe"' in zoe.page.text
    assert "short" not in zoe.page.text
    await zoe.send(name="Zoe", email="zoe@mail.test", password=PASSWORD)
    assert zoe.here == f"/w/{place}/people?note=joined"
    late = browser(app)
    assert (await late.open(path)).status_code == 404
    await desk.open(f"/w/{place}/log?kind=invitation")
    assert "came in by an invitation: Editor" in desk.text


async def test_somebody_signed_in_joins_with_one_button(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    now = datetime.now(UTC)
    eve = await person(connection, place, Role.AUDITOR, name="Eve")
    made = await people_flow.create_workspace(
        connection, "Elsewhere", owner=eve, request_id="test", now=now
    )
    hers = await signed_in(app, connection, eve)
    await hers.open(f"/w/{made.workspace.id}/people")
    await hers.send(f"/w/{made.workspace.id}/people", role="auditor")
    path = "/invitations/" + hers.page.text.split('data-copy="')[1].split('"')[0].split("/")[-1]
    desk = await signed_in(app, connection, ann)
    await desk.open(path)
    await desk.send()
    assert desk.here == f"/w/{made.workspace.id}/people?note=joined"
    # Whoever is removed sees nothing there any more, with the same session.
    await hers.open(f"/w/{made.workspace.id}/people")
    await hers.send(f"/w/{made.workspace.id}/people/{ann}/remove")
    assert (await desk.client.get(f"/w/{made.workspace.id}/people")).status_code == 404
    assert (await desk.client.get(f"/w/{place}/people")).status_code == 200


async def test_the_last_owner_stays(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    first = await members.first_owner(connection, place)
    await desk.open(f"/w/{place}/people")
    await desk.send(f"/w/{place}/people/{first.id}/remove")
    assert desk.here == f"/w/{place}/people?note=person-removed"
    await desk.send(f"/w/{place}/people/{ann}/role", role="auditor")
    assert desk.page.status_code == 409
    assert "only owner" in desk.text


async def test_a_token_is_shown_once_and_works_until_it_is_ended(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open(f"/w/{place}/tokens")
    form = {
        "csrf": desk.hidden(),
        "once": desk.hidden("once"),
        "name": "shop",
        "role": "editor",
        "days": "30",
    }
    first = await desk.client.post(f"/w/{place}/tokens", data=form)
    secret = first.text.split('data-copy="')[1].split('"')[0]
    again = await desk.client.post(f"/w/{place}/tokens", data=form)
    assert (first.status_code, again.status_code) == (200, 303)
    assert await connection.fetchval("SELECT count(*) FROM tokens WHERE name = 'shop'") == 1
    asked = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
    assert (await desk.client.get("/v1/me", headers=asked)).json()["role"] == "editor"
    await desk.open(f"/w/{place}/tokens")
    assert secret not in desk.page.text
    token = await connection.fetchval("SELECT id FROM tokens WHERE name = 'shop'")
    await desk.send(f"/w/{place}/tokens/{token}/end")
    assert (await desk.client.get("/v1/me", headers=asked)).status_code == 401
    row = await connection.fetchrow(
        "SELECT * FROM audit_log WHERE action = 'token.created' AND session_id IS NOT NULL"
    )
    assert row["person_id"] == ann


async def test_a_cookie_opens_no_address_of_programs(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    assert (await desk.client.get("/v1/me")).status_code == 401


async def test_a_workspace_asks_everybody_for_a_second_factor(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open(f"/w/{place}/settings")
    await desk.send(f"/w/{place}/settings", name="Fair", requires_totp="1")
    assert desk.page.status_code == 422  # she has none herself
    await desk.send(f"/w/{place}/settings", name="Fair")
    assert desk.here == f"/w/{place}/settings?note=saved"
    await connection.execute("UPDATE workspaces SET requires_totp = true")
    await desk.open(f"/w/{place}/people")
    assert desk.here == "/me/totp?note=totp-required"


async def test_another_workspace_is_opened_by_whoever_owns_one(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    await desk.open("/workspaces")
    await desk.send("/workspaces", name="Second")
    assert desk.page.url.path.endswith("/settings")
    assert "Second" in desk.text
    bob = await person(connection, place, Role.EDITOR, name="Bob")
    his = await signed_in(app, connection, bob)
    await his.open("/me")
    assert (await his.send("/workspaces", name="His")).status_code == 403


async def test_the_log_says_who_did_what_in_pages(
    app: Litestar, connection: Connection, place: UUID, ann: UUID
) -> None:
    desk = await signed_in(app, connection, ann)
    for number in range(60):
        await connection.execute(
            "INSERT INTO audit_log (workspace_id, at, person_id, action, detail, request_id)"
            " VALUES ($1, now(), $2, 'contest.created', $3, 'test')",
            place,
            ann,
            {"number": number},
        )
    await desk.open(f"/w/{place}/log?person={ann}&kind=contest")
    assert desk.text.count("made a contest") == 50
    older = desk.page.text.split('href="?')[-1].split('"')[0].replace("&amp;", "&")
    await desk.open(f"/w/{place}/log?{older}")
    assert desk.text.count("made a contest") == 10
    await desk.open(f"/w/{place}/log?person=nonsense&kind=drop&before=x")
    assert desk.page.status_code == 200
    await desk.open(f"/w/{place}/log?person={ann}", headers={"Accept-Language": "ru"})
    assert "Ann" in desk.text
