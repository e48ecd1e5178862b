"""What a community's credential can and cannot do, and its quota, by the API on a practice VK."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from api.answers import done, faults, problem
from api.practice import Practice, practising
from contest_service.domain.errors import ConflictError
from contest_service.domain.people import system
from contest_service.flows.credentials import keep_change, try_change
from contest_service.flows.due import read_standings
from contest_service.platforms.hosts import AllowedHosts
from contest_service.quota import RedisLimiter
from contest_service.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(settings, allowed_hosts=hosts)


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        yield practice


@pytest.fixture
async def page(practice: Practice) -> dict[str, Any]:
    """The page, connected by its own token alone."""
    return await practice.connect(community_token=practice.world.page)


async def test_each_part_says_what_it_can_tell_and_what_another_would_add(
    owner: httpx.AsyncClient, practice: Practice, page: dict[str, Any]
) -> None:
    answer = await owner.get(f"/v1/communities/{page['id']}/credential")
    told = done(answer)
    assert practice.world.page not in answer.text
    (part,) = told["parts"]
    assert part["part"] == "community"
    assert part["given_at"] == page["credential_parts"]["community"]
    assert part["able"] == told["together"]
    assert told["together"]["conditions"]["liked"] == "live"
    assert told["together"]["conditions"]["quoted"] == "never"
    assert "entered" not in told["together"]["conditions"]
    assert told["together"]["deeds"] == ["comment", "message", "events", "bans"]
    assert any("Likes are known only" in spot["note"]["en"] for spot in told["blind_spots"])
    assert told["missing"]["service"]["conditions"]["liked"] == "listed"
    assert "reposted" not in told["missing"]["service"]["conditions"]
    assert told["missing"]["user"]["conditions"]["reposted"] == "listed"
    assert told["missing"]["user"]["deeds"] == ["post", "picture"]


async def test_a_part_is_changed_and_the_others_stay(
    owner: httpx.AsyncClient, practice: Practice, page: dict[str, Any]
) -> None:
    where = f"/v1/communities/{page['id']}/credential"
    changed = done(
        await owner.patch(where, json={"credential": {"service_token": practice.world.service}})
    )
    assert changed["credential_parts"]["community"] == page["credential_parts"]["community"]
    assert changed["credential_parts"]["service"] > page["credential_parts"]["community"]
    problem(await owner.patch(where, json={"credential": {"service_token": "no"}}), 422, "invalid")
    changed = done(await owner.patch(where, json={"credential": {"community_token": None}}))
    assert list(changed["credential_parts"]) == ["service"]
    answer = await owner.patch(where, json={"credential": {"service_token": None}})
    assert set(faults(answer)) == {"/credential"}
    assert [part["part"] for part in done(await owner.get(where))["parts"]] == ["service"]


async def test_what_was_changed_meanwhile_is_left_alone(
    practice: Practice, page: dict[str, Any]
) -> None:
    rt = practice.rt
    async with rt.pool.acquire() as conn:
        workspace = await conn.fetchval("SELECT workspace_id FROM communities")
    actor = system(workspace, "test")
    changes = {"service_token": practice.world.service}
    changed = await try_change(rt, actor, page["id"], changes)
    async with rt.pool.acquire() as conn:
        await conn.execute("UPDATE communities SET credential = 'of somebody else'")
        with pytest.raises(ConflictError) as refused:
            await keep_change(conn, actor, page["id"], changed, now=rt.clock())
    assert refused.value.code == "credential_changed"


async def test_health_says_since_when(
    owner: httpx.AsyncClient, practice: Practice, page: dict[str, Any]
) -> None:
    assert page["health_since"] == page["created_at"]
    where = f"/v1/communities/{page['id']}/check"
    well = done(await owner.post(where))
    assert well["health_since"] == page["health_since"]
    assert well["checked_at"] > page["checked_at"]
    async with practice.rt.pool.acquire() as conn:
        sealed = practice.rt.vault.seal(b'{"community_token": "revoked"}')
        await conn.execute("UPDATE communities SET credential = $1", sealed)
    sick = done(await owner.post(where))
    again = done(await owner.post(where))
    assert sick["health_since"] == sick["checked_at"] > well["checked_at"]
    assert again["health_since"] == sick["health_since"]


async def test_a_credential_that_no_key_opens_is_said_to_be_unreadable(
    owner: httpx.AsyncClient, practice: Practice, page: dict[str, Any]
) -> None:
    async with practice.rt.pool.acquire() as conn:
        await conn.execute("UPDATE communities SET credential = 'sealed with another key'")
    for what in ("credential", "quota"):
        answer = await owner.get(f"/v1/communities/{page['id']}/{what}")
        problem(answer, 409, "credential_unreadable")


async def test_a_practice_community_needs_a_practice_world_and_a_name(
    owner: httpx.AsyncClient,
) -> None:
    answer = await owner.post("/v1/communities/practice", json={"name": "Mine"})
    problem(answer, 502, "platform_unreachable")
    answer = await owner.post("/v1/communities/practice", json={"name": " "})
    assert set(faults(answer)) == {"/name"}


async def test_nobody_knows_the_quota_while_redis_is_away(
    owner: httpx.AsyncClient, practice: Practice, page: dict[str, Any]
) -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as away:
        practice.rt.lanes.limiter = RedisLimiter(away)
        answer = await owner.get(f"/v1/communities/{page['id']}/quota")
        problem(answer, 502, "platform_unreachable")
        async with practice.rt.pool.acquire() as conn:
            workspace = await conn.fetchval("SELECT workspace_id FROM communities")
            told = await read_standings(conn, practice.rt, workspace, after=None, limit=10)
    assert not told.is_quota_known
    assert [each.due for each in told.found] == [[]]
