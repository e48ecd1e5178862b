"""Connecting communities of the real AT-protocol network, and posts of theirs."""

import secrets
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from network.fixture import Network
from network.people import Person

from api.answers import created, done, faults, items, problem
from api.staged import definition
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings

pytestmark = pytest.mark.xdist_group("network")


@pytest.fixture
def settings(settings: Settings, network: Network) -> Settings:
    hosts = AllowedHosts.parse([*network.hosts, "127.0.0.1:1"])
    return msgspec.structs.replace(settings, allowed_hosts=hosts)


@pytest.fixture(scope="module")
def shop(network: Network) -> Person:
    return network.person("shop")


def request_for(network: Network, person: Person, **changes: Any) -> dict[str, Any]:
    credential = {
        "identifier": person.handle,
        "app_password": person.make_app_password(secrets.token_hex(4)),
    }
    return {
        "platform": "bluesky",
        "endpoints": network.endpoints,
        "credential": credential | changes,
    }


async def test_a_community_is_connected_and_shows_no_secret(
    owner: httpx.AsyncClient, network: Network, shop: Person, app: Litestar
) -> None:
    body = request_for(network, shop)
    answer = await owner.post("/v1/communities", json=body)
    community = created(answer)
    assert (community["handle"], community["account"]) == (shop.handle, shop.did)
    assert community["health"] == "healthy"
    assert community["instance"] == network.instance
    secret = body["credential"]["app_password"]
    audit = await owner.get("/v1/audit", params={"subject": community["id"]})
    assert [each["action"] for each in items(audit)] == ["community.connected"]
    listed = await owner.get("/v1/communities")
    assert secret not in answer.text + audit.text + listed.text
    async with app.state.rt.pool.acquire() as conn:
        row = await conn.fetchrow("SELECT credential, session FROM communities")
    assert secret.encode() not in row["credential"]
    assert secret.encode() in app.state.rt.vault.open(row["credential"])
    assert row["session"] is not None
    problem(await owner.post("/v1/communities", json=body), 409, "already_connected")


async def test_connecting_again_revives_a_removed_community(
    owner: httpx.AsyncClient, network: Network, shop: Person
) -> None:
    body = request_for(network, shop)
    first = created(await owner.post("/v1/communities", json=body))
    assert (await owner.delete(f"/v1/communities/{first['id']}")).status_code == 204
    problem(await owner.post(f"/v1/communities/{first['id']}/check"), 404, "not_found")
    assert created(await owner.post("/v1/communities", json=body))["id"] == first["id"]


async def test_a_connection_that_is_repeated_signs_in_once(
    owner: httpx.AsyncClient, network: Network, shop: Person
) -> None:
    body, key = request_for(network, shop), {"Idempotency-Key": "connect"}
    first = created(await owner.post("/v1/communities", json=body, headers=key))
    again = await owner.post("/v1/communities", json=body, headers=key)
    assert created(again) == first
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_rejected_credential_is_a_fault_of_the_input(
    owner: httpx.AsyncClient, network: Network, shop: Person
) -> None:
    for wrong in ({"app_password": "wrong"}, {"identifier": "nobody.test"}):
        answer = await owner.post("/v1/communities", json=request_for(network, shop, **wrong))
        problem(answer, 422, "invalid")
        assert set(faults(answer)) == {"/credential"}
    answer = await owner.post(
        "/v1/communities",
        json={"platform": "bluesky", "endpoints": network.endpoints, "credential": {"a": "b"}},
    )
    assert set(faults(answer)) == {"/credential"}
    assert items(await owner.get("/v1/communities")) == []


async def test_servers_outside_the_allow_list_are_refused_each(
    owner: httpx.AsyncClient, network: Network, shop: Person
) -> None:
    body = request_for(network, shop) | {
        "endpoints": {
            "pds": "https://evil.example",
            "appview": "http://169.254.169.254/latest",
            "plc": "ftp://x",
            "moon": network.pds,
        }
    }
    answer = await owner.post("/v1/communities", json=body)
    problem(answer, 422, "invalid")
    assert set(faults(answer)) == {
        "/endpoints/pds",
        "/endpoints/appview",
        "/endpoints/plc",
        "/endpoints/moon",
    }


async def test_a_server_that_is_away_is_the_platform_s_failure(
    owner: httpx.AsyncClient, network: Network, shop: Person
) -> None:
    body = request_for(network, shop)
    body["endpoints"] = network.endpoints | {"pds": "http://127.0.0.1:1"}
    problem(await owner.post("/v1/communities", json=body), 502, "platform_unreachable")


async def test_a_credential_is_tested_and_replaced(
    owner: httpx.AsyncClient, network: Network, shop: Person, app: Litestar
) -> None:
    community = created(await owner.post("/v1/communities", json=request_for(network, shop)))
    where = f"/v1/communities/{community['id']}"
    assert done(await owner.post(f"{where}/check"))["health"] == "healthy"
    vault = app.state.rt.vault
    broken = vault.seal(b'{"identifier": "%s", "app_password": "gone"}' % shop.handle.encode())
    async with app.state.rt.pool.acquire() as conn:
        await conn.execute("UPDATE communities SET credential = $1", broken)
    sick = done(await owner.post(f"{where}/check"))
    assert sick["health"] == "reconnect"
    assert sick["health_note"]
    fresh = {"credential": request_for(network, shop)["credential"]}
    healed = done(await owner.put(f"{where}/credential", json=fresh))
    assert (healed["health"], healed["health_note"]) == ("healthy", "")
    assert done(await owner.post(f"{where}/check"))["health"] == "healthy"
    other = network.person("other")
    answer = await owner.put(
        f"{where}/credential", json={"credential": request_for(network, other)["credential"]}
    )
    assert other.handle in faults(answer)["/credential"]


async def test_a_key_that_was_dropped_is_said_to_be_missing(
    owner: httpx.AsyncClient, network: Network, shop: Person, app: Litestar
) -> None:
    community = created(await owner.post("/v1/communities", json=request_for(network, shop)))
    async with app.state.rt.pool.acquire() as conn:
        await conn.execute("UPDATE communities SET credential = 'sealed with another key'")
    answer = await owner.post(f"/v1/communities/{community['id']}/check")
    problem(answer, 409, "credential_unreadable")


@pytest.fixture
async def contest(owner: httpx.AsyncClient) -> str:
    body = {"practice": True, "definition": definition()}
    made: str = created(await owner.post("/v1/contests", json=body))["id"]
    return made


async def test_a_post_is_attached_by_its_address_and_pinned(
    owner: httpx.AsyncClient, network: Network, shop: Person, contest: str
) -> None:
    community = created(await owner.post("/v1/communities", json=request_for(network, shop)))
    post = shop.post("Win a mug")
    network.settle()
    where = f"/v1/contests/{contest}/posts"
    body = {"community_id": community["id"], "url": post.uri}
    attached = created(await owner.post(where, json=body))
    assert (attached["ref"], attached["pin"]) == (post.uri, post.cid)
    assert [each["id"] for each in items(await owner.get(where))] == [attached["id"]]
    started = done(await owner.post(f"/v1/contests/{contest}/start"))
    assert started["status"] == "running"


async def test_what_is_no_post_of_the_community_is_a_fault_of_the_address(
    owner: httpx.AsyncClient, network: Network, shop: Person, contest: str
) -> None:
    community = created(await owner.post("/v1/communities", json=request_for(network, shop)))
    foreign = network.person("foreign").post("Mine")
    gone = shop.post("Soon gone")
    shop.undo(gone.uri)
    network.settle()
    for url in (foreign.uri, gone.uri, "https://example.org/", "nonsense", ""):
        body = {"community_id": community["id"], "url": url}
        answer = await owner.post(f"/v1/contests/{contest}/posts", json=body)
        problem(answer, 422, "invalid")
        assert set(faults(answer)) == {"/url"}, url
    assert items(await owner.get(f"/v1/contests/{contest}/posts")) == []


async def test_a_community_of_another_workspace_finds_no_post(
    owner: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    network: Network,
    shop: Person,
    contest: str,
) -> None:
    theirs = created(await stranger.post("/v1/communities", json=request_for(network, shop)))
    body = {"community_id": theirs["id"], "url": "at://x"}
    answer = await owner.post(f"/v1/contests/{contest}/posts", json=body)
    problem(answer, 404, "not_found")
