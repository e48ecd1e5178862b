"""Signing in with VK ID, from the API through the practice VK's own page and back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from litestar import Litestar
from sandbox.vk.waiting import until

from api.answers import created, done, items, problem
from api.conftest import Clients, new_member
from api.practice import ANNA, BORIS, GLEB, VERA, Practice, practising
from contest_service.flows.vk_id import GOOD_FOR
from contest_service.platforms.hosts import AllowedHosts
from contest_service.sandbox.vk.world import FIRST_APP
from contest_service.settings import Settings, SettingsError, read_settings
from contest_service.store import communities
from contest_service.store.work import Kind

PUBLIC = "https://contest.test"
BACK = f"{PUBLIC}/oauth/vk"
PROMISES = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(
        settings, allowed_hosts=hosts, public_url=PUBLIC, vk_client_id=str(FIRST_APP)
    )


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        made = await practice.world.make("apps", title="Contests", redirect_uris=[BACK])
        assert made["id"] == FIRST_APP
        yield practice


@pytest.fixture
async def page(practice: Practice) -> dict[str, Any]:
    """The page, connected by its own token alone."""
    return await practice.connect(community_token=practice.world.page)


async def begun(client: httpx.AsyncClient, page: dict[str, Any]) -> str:
    answer = await client.post(f"/v1/communities/{page['id']}/vk-id")
    url: str = created(answer)["url"]
    return url


async def consent(practice: Practice, url: str, person: int | None) -> str:
    """Let somebody agree, or nobody; return where the browser is sent."""
    parts = urlsplit(url)
    shown = await practice.world.client.get(f"{parts.path}?{parts.query}")
    assert shown.status_code == 200, shown.text
    given = dict(parse_qsl(parts.query)) | {"person_id": "" if person is None else str(person)}
    sent = await practice.world.client.post(parts.path, data=given)
    back: str = sent.headers["location"]
    assert back.startswith(f"{BACK}?")
    return back


async def come_back(browser: httpx.AsyncClient, back: str) -> httpx.Response:
    """Open what the browser was sent to; it is a page, whatever happened."""
    answer = await browser.get(back.removeprefix(PUBLIC))
    for name, value in PROMISES.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for word in ("src=", "href=", "<script", "<form", "url("):
        assert word not in answer.text
    return answer


async def stored(practice: Practice, page: dict[str, Any]) -> dict[str, str]:
    """The community's credential as it is kept."""
    async with practice.rt.pool.acquire() as conn:
        workspace_id = await conn.fetchval("SELECT workspace_id FROM communities")
        sealed = await communities.credential(conn, workspace_id, page["id"])
    return msgspec.json.decode(practice.rt.vault.open(sealed or b""), type=dict[str, str])


async def test_an_administrator_is_connected_beside_the_other_tokens(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    url = await begun(owner, page)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{practice.world.vk.url}/authorize?")
    assert asked["client_id"] == str(FIRST_APP)
    assert asked["redirect_uri"] == BACK
    assert asked["code_challenge_method"] == "s256"
    answer = await come_back(api, await consent(practice, url, ANNA))
    assert answer.status_code == 200
    assert "Анна Белова" in answer.text
    assert "Кофейня" in answer.text
    assert "You can close this window." in answer.text
    assert "Это окно можно закрыть." in answer.text
    kept = await stored(practice, page)
    assert kept["community_token"] == practice.world.page
    assert kept["client_id"] == str(FIRST_APP)
    assert all(kept[name] for name in ("user_token", "refresh_token", "device_id"))
    for secret in (kept["user_token"], kept["refresh_token"]):
        assert secret not in answer.text
    # From now on who likes can be listed.
    spots = (await practice.contest(page, rules={"kind": "liked"}))["id"]
    assert done(await owner.get(f"/v1/contests/{spots}"))["status"] == "running"
    audit = items(await owner.get("/v1/audit", params={"subject": page["id"]}))
    assert [each["action"] for each in audit[:2]] == [
        "community.administrator_connected",
        "community.credential_replaced",
    ]
    assert audit[0]["detail"] == {"account": str(ANNA)}
    assert audit[0]["person_id"] == audit[-1]["person_id"]


async def test_the_tokens_renew_themselves_as_long_as_the_channel_is_tended(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await come_back(api, await consent(practice, await begun(owner, page), ANNA))
    first = (await stored(practice, page))["user_token"]
    await practice.world.make("clock", seconds=7200)
    await practice.work(Kind.TEND)
    community = done(await owner.get(f"/v1/communities/{page['id']}"))
    assert community["health"] == "healthy"
    refused = await practice.world.ask("users.get", first)
    assert refused["error"]["error_code"] == 5
    # The renewed ones are kept: nobody has to sign in again.
    await practice.contest(page, rules={"kind": "liked"})


async def test_a_checkup_goes_on_with_the_tokens_that_were_renewed(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await come_back(api, await consent(practice, await begun(owner, page), ANNA))
    for _ in range(2):
        # What the credential itself holds is used up by the first renewal.
        await practice.world.make("clock", seconds=7200)
        checked = done(await owner.post(f"/v1/communities/{page['id']}/check"))
        assert (checked["health"], checked["health_note"]) == ("healthy", "")
        await practice.work(Kind.TEND)
    checked = done(await owner.post(f"/v1/communities/{page['id']}/check"))
    assert (checked["health"], checked["health_note"]) == ("healthy", "")


async def test_a_second_administrator_takes_the_place_of_the_first(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    tokens = []
    for person in (ANNA, BORIS):
        answer = await come_back(api, await consent(practice, await begun(owner, page), person))
        assert answer.status_code == 200, answer.text
        tokens.append((await stored(practice, page))["user_token"])
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize("person", [GLEB, VERA], ids=["a reader", "a moderator"])
async def test_who_does_not_administer_the_community_is_not_connected(
    practice: Practice,
    page: dict[str, Any],
    owner: httpx.AsyncClient,
    api: httpx.AsyncClient,
    person: int,
) -> None:
    before = await stored(practice, page)
    answer = await come_back(api, await consent(practice, await begun(owner, page), person))
    assert answer.status_code == 400
    assert "sign in as one of its administrators" in answer.text
    assert "войдите как один из его администраторов" in answer.text
    assert await stored(practice, page) == before


async def test_who_does_not_agree_is_told_that_nothing_was_connected(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    answer = await come_back(api, await consent(practice, await begun(owner, page), None))
    assert answer.status_code == 400
    assert "nothing was connected" in answer.text
    assert "ничего не подключено" in answer.text


async def test_a_sign_in_comes_back_once(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    answers = await asyncio.gather(*(come_back(api, back) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert "has come back already" in (await come_back(api, back)).text


async def test_a_sign_in_that_nobody_began_is_not_known(
    practice: Practice, api: httpx.AsyncClient
) -> None:
    strange = ("?", "?code=a&state=b&device_id=c", "?state=%D0%B6&code=%FF", "?error=<script>")
    for query in strange:
        answer = await come_back(api, f"/oauth/vk{query}")
        assert answer.status_code == 400
        assert "not known here" in answer.text
        assert "script" not in answer.text


async def test_who_stays_away_for_long_begins_again(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    async with practice.rt.pool.acquire() as conn:
        await conn.execute("UPDATE sign_ins SET created_at = created_at - $1::interval", GOOD_FOR)
    answer = await come_back(api, back)
    assert answer.status_code == 400
    assert "More than ten minutes have passed" in answer.text


async def test_a_code_that_vk_does_not_take_connects_nobody(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    code = parse_qs(urlsplit(back).query)["code"][0]
    answer = await come_back(api, back.replace("code=", "code=x"))
    assert answer.status_code == 400
    assert "VK did not complete the sign-in" in answer.text
    assert code not in answer.text


async def test_while_vk_is_away_it_says_so(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    async with practice.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE communities SET endpoints = endpoints || $1",
            {"oauth": "http://127.0.0.1:1"},
        )
    answer = await come_back(api, back)
    assert answer.status_code == 400
    assert "VK does not answer" in answer.text


async def test_a_credential_that_was_replaced_meanwhile_is_left_alone(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    credential = {"community_token": practice.world.page, "service_token": practice.world.service}
    await practice.world.make("latency", answer=500)
    coming = asyncio.ensure_future(come_back(api, back))
    # The code is exchanged, and the administrator's token is being tried.
    await until(lambda: bool(practice.world.vk.site.logins.sessions))
    async with practice.rt.pool.acquire() as conn:
        sealed = practice.rt.vault.seal(msgspec.json.encode(credential))
        await conn.execute("UPDATE communities SET credential = $1", sealed)
    answer = await coming
    assert answer.status_code == 400
    assert "changed or removed meanwhile" in answer.text
    assert await stored(practice, page) == credential


async def test_who_was_removed_meanwhile_connects_nobody(
    practice: Practice,
    page: dict[str, Any],
    owner: httpx.AsyncClient,
    api: httpx.AsyncClient,
    clients: Clients,
) -> None:
    editor = await clients.open(await new_member(owner, "editor"))
    back = await consent(practice, await begun(editor, page), ANNA)
    me = done(await editor.get("/v1/me"))["person"]["id"]
    done(await owner.patch(f"/v1/persons/{me}", json={"role": "auditor"}))
    answer = await come_back(api, back)
    assert answer.status_code == 400
    assert "no owner or editor" in answer.text
    assert "user_token" not in await stored(practice, page)


async def test_a_community_that_was_removed_meanwhile_is_not_connected(
    practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    back = await consent(practice, await begun(owner, page), ANNA)
    assert (await owner.delete(f"/v1/communities/{page['id']}")).status_code == 204
    answer = await come_back(api, back)
    assert answer.status_code == 400
    assert "not known here" in answer.text


async def test_the_address_is_shown_once_and_no_secret_is_kept_or_logged(
    practice: Practice,
    page: dict[str, Any],
    owner: httpx.AsyncClient,
    api: httpx.AsyncClient,
    capsys: pytest.CaptureFixture[str],
) -> None:
    request = (f"/v1/communities/{page['id']}/vk-id", {"Idempotency-Key": "one"})
    first = created(await owner.post(request[0], headers=request[1]))
    again = await owner.post(request[0], headers=request[1])
    assert again.json()["url"] is None
    assert again.json()["expires_at"] == first["expires_at"]
    state = parse_qs(urlsplit(first["url"]).query)["state"][0]
    async with practice.rt.pool.acquire() as conn:
        reply = await conn.fetchval("SELECT reply FROM idempotency_keys")
        row = await conn.fetchrow("SELECT state, verifier FROM sign_ins")
    assert state.encode() not in reply + row["state"] + row["verifier"]
    back = await consent(practice, first["url"], ANNA)
    await come_back(api, back)
    written = capsys.readouterr()
    logged = written.out + written.err
    kept = await stored(practice, page)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert "path=/oauth/vk" in logged
    for secret in (state, code, kept["user_token"], kept["refresh_token"], kept["device_id"]):
        assert secret not in logged


async def test_only_a_community_on_vk_can_be_signed_in_to(
    practice: Practice, owner: httpx.AsyncClient
) -> None:
    page = await practice.connect(community_token=practice.world.page)
    async with practice.rt.pool.acquire() as conn:
        await conn.execute("UPDATE communities SET platform = 'bluesky'")
    problem(await owner.post(f"/v1/communities/{page['id']}/vk-id"), 409, "conflict")


class TestWithoutAnApplication:
    """The operator has registered none."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, vk_client_id="")

    async def test_it_says_what_the_operator_has_to_do(
        self, practice: Practice, page: dict[str, Any], owner: httpx.AsyncClient
    ) -> None:
        answer = await owner.post(f"/v1/communities/{page['id']}/vk-id")
        told = problem(answer, 409, "vk_id_not_set_up")
        assert "CONTEST_VK_CLIENT_ID" in told["detail"]
        assert BACK in told["detail"]
        async with practice.rt.pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM sign_ins") == 0


def test_the_operator_names_the_application_by_its_number(tmp_path: Path) -> None:
    given = {"CONTEST_DATA": str(tmp_path)}
    assert read_settings(given).vk_client_id == ""
    assert read_settings(given | {"CONTEST_VK_CLIENT_ID": " 7001 "}).vk_client_id == "7001"
    with pytest.raises(SettingsError, match="CONTEST_VK_CLIENT_ID: “my app” is no application's"):
        read_settings(given | {"CONTEST_VK_CLIENT_ID": "my app"})
