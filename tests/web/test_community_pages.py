"""The pages of communities: connecting by each way, how one fares, its credential, its removal."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from api.practice import ANNA, GLEB, PAGE, Practice, practising
from litestar import Litestar
from patience import PATIENCE
from playwright.async_api import expect

from contest_service.domain.people import Role
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.vk.lane import key_of
from contest_service.sandbox.vk.world import FIRST_APP
from contest_service.sandbox_client import open_sandbox
from contest_service.settings import Settings
from contest_service.store.rows import Connection
from web.conftest import Site, Visit
from web.desks import Desk, person, signed_in


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(settings, allowed_hosts=hosts, vk_client_id=str(FIRST_APP))


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        await practice.world.make(
            "apps", title="Contests", redirect_uris=[f"{app.state.rt.public_url}/oauth/vk"]
        )
        yield practice


@pytest.fixture
async def place(connection: Connection, owner: httpx.AsyncClient) -> UUID:
    found: UUID = await connection.fetchval("SELECT id FROM workspaces ORDER BY id LIMIT 1")
    return found


@pytest.fixture
async def desk(app: Litestar, connection: Connection, place: UUID) -> Desk:
    """An owner's browser."""
    ann = await person(connection, place, Role.OWNER, name="Ann")
    return await signed_in(app, connection, ann)


def servers(practice: Practice, prefix: str = "") -> dict[str, Any]:
    url = practice.world.vk.url
    return {f"{prefix}api": url, f"{prefix}oauth": url}


async def connected(desk: Desk, place: UUID, practice: Practice, **tokens: str) -> str:
    """Connect the page by the form, and return where its own page is."""
    await desk.open(f"/w/{place}/communities/new/vk")
    given: dict[str, Any] = tokens or {"community_token": practice.world.page}
    await desk.send(**given, **servers(practice))
    assert desk.page.status_code == 200, desk.text
    return desk.page.url.path


async def test_a_community_on_vk_is_connected_by_its_token_and_shows_no_secret(
    desk: Desk, place: UUID, practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.open(f"/w/{place}/communities")
    assert "No communities yet" in desk.text
    path = await connected(desk, place, practice)
    assert "The community is connected." in desk.text
    assert "Works" in desk.text
    assert "Likes are known only from live events" in desk.text
    await desk.open(f"/w/{place}/communities")
    assert "Кофейня" in desk.text
    for shown in (path, f"{path}/credential", f"/w/{place}/log"):
        assert practice.world.page not in (await desk.open(shown)).text
    written = capsys.readouterr()
    assert practice.world.page not in written.out + written.err


async def test_what_vk_does_not_accept_is_said_beside_its_field_and_typed_secrets_are_gone(
    desk: Desk, place: UUID, practice: Practice
) -> None:
    path = f"/w/{place}/communities/new/vk"
    await desk.open(path)
    await desk.send()
    assert desk.page.status_code == 422
    assert "Paste the community" in desk.text
    await desk.send(path, service_token="s3cret-service")
    assert "a service token does not tell whose it is" in desk.text
    assert 'value="s3cret' not in desk.page.text
    wrong: dict[str, Any] = {"community_token": "s3cret-token", "community": "coffee"}
    await desk.send(path, **wrong, **servers(practice))
    assert desk.page.status_code == 422
    assert 'id="field-community_token-fault-1"' in desk.page.text
    assert "s3cret" not in desk.page.text
    assert 'value="coffee"' in desk.page.text
    await desk.send(path, community_token="x", api="https://elsewhere.example")
    assert 'id="field-api-fault-1"' in desk.page.text
    nobody: dict[str, Any] = dict.fromkeys(("api", "oauth"), "http://127.0.0.1:1")
    await desk.send(path, community_token="x", **nobody)
    assert desk.page.status_code == 422
    assert "127.0.0.1:1" in desk.text[desk.text.index("needs a look") :][:200]


async def test_a_form_that_is_sent_twice_connects_once(
    desk: Desk, place: UUID, practice: Practice
) -> None:
    path = f"/w/{place}/communities/new/vk"
    await desk.open(path)
    form = {
        "csrf": desk.hidden(),
        "once": desk.hidden("once"),
        "community_token": practice.world.page,
    } | servers(practice)
    first, second = [await desk.client.post(path, data=form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    await desk.open(path)
    await desk.send(path, community_token=practice.world.page, **servers(practice))
    assert desk.page.status_code == 422
    assert "connected already" in desk.text


async def consent(practice: Practice, url: str, person_id: int | None) -> str:
    """Let somebody agree at VK, or nobody; return where the browser is sent."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    given["person_id"] = "" if person_id is None else str(person_id)
    sent = await practice.world.client.post(parts.path, data=given)
    back: str = sent.headers["location"]
    return back


def way(desk: Desk) -> str:
    """The address of VK ID on the page."""
    return (
        desk.page.text.split('rel="noreferrer"')[0]
        .rsplit('href="', 1)[1]
        .split('"')[0]
        .replace("&amp;", "&")
    )


async def test_a_community_is_connected_by_its_administrator_alone(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    form = f"/w/{place}/communities/new/vk-id"
    await desk.open(f"/w/{place}/communities/new/vk")
    await desk.send(form, named="not a name!", **servers(practice, "sign_in_"))
    assert 'id="field-named-fault-1"' in desk.page.text
    for who, said in ((None, "You did not agree"), (GLEB, "cannot be connected to the community")):
        await desk.open(f"/w/{place}/communities/new/vk")
        await desk.send(form, named="vk.com/coffee", **servers(practice, "sign_in_"))
        back = await consent(practice, way(desk), who)
        await desk.open(back.removeprefix(practice.public_url))
        assert said in desk.text
    await desk.open(f"/w/{place}/communities/new/vk")
    await desk.send(form, named="vk.com/coffee", **servers(practice, "sign_in_"))
    url = way(desk)
    back = await consent(practice, url, ANNA)
    await desk.open(back.removeprefix(practice.public_url))
    assert "The administrator is connected." in desk.text
    assert "renewed by itself before" in desk.text
    assert await connection.fetchval("SELECT account FROM communities") == str(-PAGE)
    assert list(await connection.fetchval("SELECT credential_parts FROM communities")) == ["user"]
    await desk.open(f"/w/{place}/communities/new/vk")
    await desk.send(form, named="coffee", **servers(practice, "sign_in_"))
    back = await consent(practice, way(desk), ANNA)
    await desk.open(back.removeprefix(practice.public_url))
    assert "connected already" in desk.text


async def test_parts_of_a_credential_are_added_replaced_and_taken_out(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    path = await connected(desk, place, practice)
    first = await connection.fetchval("SELECT credential_parts FROM communities")
    await desk.open(f"{path}/credential")
    await desk.send()
    assert "Nothing was given" in desk.text
    await desk.send(service_token="s3cret")
    assert desk.page.status_code == 422
    assert "s3cret" not in desk.page.text
    await desk.send(f"{path}/credential", service_token=practice.world.service)
    assert "is kept" in desk.text
    assert "Likes are known only from live events" not in desk.text
    parts = await connection.fetchval("SELECT credential_parts FROM communities")
    assert parts["community"] == first["community"]
    assert parts["service"] > parts["community"]
    await desk.send(f"{path}/vk-id")
    back = await consent(practice, way(desk), ANNA)
    await desk.open(back.removeprefix(practice.public_url))
    assert "The administrator is connected." in desk.text
    await desk.open(f"{path}/credential")
    await desk.send(f"{path}/credential/community/take-out")
    assert "That part was taken out" in desk.text
    assert "Write to winners" in desk.text
    await desk.open(f"{path}/credential")
    await desk.send(f"{path}/credential/user/take-out")
    await desk.open(f"{path}/credential")
    await desk.send(f"{path}/credential/service/take-out")
    assert desk.page.status_code == 422
    assert list(await connection.fetchval("SELECT credential_parts FROM communities")) == [
        "service"
    ]


async def test_how_it_fares_is_looked_at_now_and_what_is_due_leads_on(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    path = await connected(desk, place, practice)
    await connection.execute(
        "UPDATE communities SET credential = $1",
        practice.rt.vault.seal(b'{"community_token": "revoked", "community": "501"}'),
    )
    await desk.send(f"{path}/check")
    assert "It was looked at just now." in desk.text
    assert "Connect it again" in desk.text
    await desk.open(f"/w/{place}/communities")
    assert "The platform does not accept a credential any more." in desk.text
    assert f'href="{path}/credential"' in desk.page.text
    assert "The platform" not in (await desk.open(f"{path}?lang=ru")).text


async def test_a_community_is_removed_once_no_contest_rests_on_it(
    desk: Desk, place: UUID, practice: Practice, owner: httpx.AsyncClient, connection: Connection
) -> None:
    path = await connected(desk, place, practice)
    contest = await practice.contest({"id": path.rpartition("/")[2]}, rules={"kind": "liked"})
    await desk.open(path)
    assert "It has 1 post there." in desk.text
    assert f"{path}/remove" not in desk.page.text
    await desk.send(f"{path}/remove")
    assert desk.page.status_code == 409
    assert "contests rest on it" in desk.text
    url = f"/v1/contests/{contest['id']}/cancel"
    assert (await owner.post(url, json={"reason": "mistake"})).status_code == 200
    await desk.open(path)
    assert "None that has not ended." in desk.text
    await desk.send(f"{path}/remove")
    assert desk.here == f"/w/{place}/communities?note=community-removed"
    assert (await desk.open(path)).status_code == 404
    assert await connection.fetchval("SELECT credential FROM communities") == b""


async def test_without_an_application_and_without_practice_it_is_said_what_an_operator_does(
    desk: Desk, place: UUID, app: Litestar
) -> None:
    app.state.rt = dataclasses.replace(app.state.rt, vk_client_id="", practice_vk=None)
    await desk.open(f"/w/{place}/communities/new/vk")
    assert "CONTEST_VK_CLIENT_ID" in desk.text
    csrf = desk.hidden()
    await desk.send(f"/w/{place}/communities/new/vk-id", named="coffee")
    assert desk.page.status_code == 422
    await desk.open(f"/w/{place}/communities/new")
    assert "CONTEST_SANDBOX=1" in desk.text
    await desk.send(f"/w/{place}/communities/new/practice", csrf=csrf, once="", name="Mine")
    assert desk.page.status_code == 422


async def test_a_practice_community_is_made_by_one_button(
    desk: Desk, place: UUID, practice: Practice, app: Litestar
) -> None:
    async with open_sandbox(practice.world.vk.url) as sandbox:
        app.state.rt = dataclasses.replace(app.state.rt, practice_vk=sandbox)
        await desk.open(f"/w/{place}/communities/new")
        await desk.send(f"/w/{place}/communities/new/practice", name="")
        assert desk.page.status_code == 422
        await desk.send(f"/w/{place}/communities/new/practice", name="Try it")
        assert "The community is connected." in desk.text
        assert "Try it" in desk.text
        assert "practice" in desk.text


READ = ("", "/{id}", "/{id}/quota")
OWNED = ("/new", "/new/vk", "/new/bluesky", "/{id}/credential")
WRITES: dict[str, dict[str, Any]] = {
    "/new/vk": {"community_token": "x"},
    "/new/vk-id": {"named": "coffee"},
    "/new/bluesky": {"identifier": "a.test", "app_password": "x"},
    "/new/practice": {"name": "Mine"},
    "/{id}/credential": {"service_token": "x"},
    "/{id}/credential/community/take-out": {},
    "/{id}/remove": {},
}


async def test_only_owners_hold_credentials_and_editors_look_after_them(
    app: Litestar, connection: Connection, desk: Desk, place: UUID, practice: Practice
) -> None:
    path = await connected(desk, place, practice)
    root, id_ = f"/w/{place}/communities", path.rpartition("/")[2]
    for role, may_check in ((Role.EDITOR, True), (Role.AUDITOR, False)):
        theirs = await signed_in(
            app, connection, await person(connection, place, role, name=f"A{role}")
        )
        for rest in READ:
            assert (await theirs.open(root + rest.format(id=id_))).status_code == 200
        for rest in OWNED:
            assert (await theirs.open(root + rest.format(id=id_))).status_code == 403
        await theirs.open("/me")
        csrf = theirs.hidden()
        for rest, fields in WRITES.items():
            answer = await theirs.send(root + rest.format(id=id_), csrf=csrf, once="", **fields)
            assert answer.status_code == 403, rest
        for rest in ("/{id}/check", "/{id}/resume", "/{id}/vk-id"):
            answer = await theirs.send(root + rest.format(id=id_), csrf=csrf, once="")
            assert answer.status_code == (200 if may_check else 403), rest
    # What nobody has, and what somebody else has, look alike.
    await desk.open("/me")
    csrf = desk.hidden()
    for rest in (*READ[1:], "/{id}/credential"):
        assert (await desk.open(root + rest.format(id=uuid4()))).status_code == 404
    for rest in (
        "/{id}/check",
        "/{id}/resume",
        "/{id}/vk-id",
        "/{id}/credential",
        "/{id}/remove",
    ):
        answer = await desk.send(
            root + rest.format(id=uuid4()), csrf=csrf, once="", service_token="x"
        )
        assert answer.status_code == 404, rest


async def test_the_pages_of_communities_in_a_browser(
    visit: Visit, site: Site, desk: Desk, place: UUID, practice: Practice
) -> None:
    path = await connected(
        desk,
        place,
        practice,
        community_token=practice.world.page,
        service_token=practice.world.service,
    )
    await practice.contest({"id": path.rpartition("/")[2]}, rules={"kind": "liked"})
    cookies = ({"name": "session", "value": desk.client.cookies["session"]},)
    shown = {
        "communities": f"/w/{place}/communities",
        "community": path,
        "community-credential": f"{path}/credential",
        "community-new": f"/w/{place}/communities/new",
        "community-vk": f"/w/{place}/communities/new/vk",
        "community-bluesky": f"/w/{place}/communities/new/bluesky",
    }
    for phone, dark, language in ((True, True, "ru"), (False, False, "en")):
        seen = await visit(
            shown["communities"], phone=phone, dark=dark, language=language, cookies=cookies
        )
        for name, address in shown.items():
            await seen.go(address)
            for each in await seen.page.locator("details").all():
                await each.evaluate("each => each.open = true")
            await seen.shot(name)
            assert await seen.axe() == [], name
            assert not await seen.overflows(), name
    # The quota is read again by itself.
    await seen.go(path)
    key = key_of(practice.world.vk.url, practice.world.page)
    await practice.rt.lanes.limiter.pause(key, 600, why="Used up.")
    await expect(seen.page.locator("#quota ~ div")).to_contain_text(
        "Nothing is asked", timeout=PATIENCE * 1000
    )
    await seen.shot("community-resting")
    assert await seen.axe() == []
    await seen.go(shown["communities"])
    await seen.shot("communities-due")
    assert await seen.axe() == []
