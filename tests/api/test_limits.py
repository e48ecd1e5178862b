"""Rate limits are shared through Redis, and gone without it rather than in the way."""

import httpx
import msgspec
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from api.answers import done, problem
from api.conftest import Clients, new_member, running
from contest_service.app import create_app
from contest_service.limits import by_address
from contest_service.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, rate_limit=6)


async def test_a_token_that_asks_too_often_has_to_wait(
    owner: httpx.AsyncClient, clients: Clients, app: Litestar
) -> None:
    answers = [await owner.get("/v1/me") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == [*"543210", "0"]
    problem(answers[-1], 429, "rate_limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[0].headers["ratelimit-limit"] == "6"


async def test_an_error_says_what_is_left_too(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/lists", json={})
    problem(answer, 422, "invalid")
    assert answer.headers["ratelimit-remaining"] == "5"


async def test_whoever_has_no_token_is_counted_by_address(clients: Clients) -> None:
    guess = "cst_" + "A" * 43
    one = await clients.open(address="198.51.100.1")
    other = await clients.open(address="198.51.100.2")
    guessing = await clients.open(guess, address="198.51.100.1")
    for client in (one, guessing) * 3:
        problem(await client.get("/v1/me"), 401, "unauthenticated")
    problem(await guessing.get("/v1/me"), 429, "rate_limited")
    problem(await other.get("/v1/me"), 401, "unauthenticated")


async def test_one_token_does_not_use_up_another_s(
    owner: httpx.AsyncClient, clients: Clients
) -> None:
    editor = await clients.open(await new_member(owner, "editor"))
    for _ in range(4):
        done(await owner.get("/v1/me"))
    problem(await owner.get("/v1/me"), 429, "rate_limited")
    done(await editor.get("/v1/me"))


async def test_probes_are_never_limited(api: httpx.AsyncClient) -> None:
    for _ in range(10):
        done(await api.get("/livez"))
        done(await api.get("/readyz"))


async def test_processes_share_the_count(owner: httpx.AsyncClient, settings: Settings) -> None:
    for _ in range(6):
        done(await owner.get("/v1/me"))
    async with running(create_app(settings)) as second:
        transport = httpx.ASGITransport(second)
        async with httpx.AsyncClient(
            transport=transport, base_url=str(owner.base_url), headers=owner.headers
        ) as there:
            problem(await there.get("/v1/me"), 429, "rate_limited")


async def test_without_redis_nobody_is_limited_and_writes_go_on(
    owner: httpx.AsyncClient, settings: Settings
) -> None:
    away = msgspec.structs.replace(settings, redis_url="redis://127.0.0.1:1")
    async with running(create_app(away)) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url=str(owner.base_url), headers=owner.headers
        ) as client:
            for number in range(8):
                answer = await client.post("/v1/lists", json={"name": f"List {number}"})
                assert answer.status_code == 201
                assert "ratelimit-limit" not in answer.headers
            ready = done(await client.get("/readyz"))
            assert (ready["is_ready"], ready["redis"]) == (True, False)


async def test_windows_end(owner: httpx.AsyncClient, redis_url: str) -> None:
    done(await owner.get("/v1/me"))
    async with Redis.from_url(redis_url) as redis:
        keys = await redis.keys("limit:*")
        assert keys
        assert all([0 < await redis.ttl(key) <= 60 for key in keys])


def test_addresses_are_counted_by_what_one_subscriber_has() -> None:
    assert by_address("203.0.113.7") == "address:203.0.113.7"
    assert by_address("2001:db8:1:2:3:4:5:6") == by_address("2001:db8:1:2::1")
    assert by_address("2001:db8:1:2::1") != by_address("2001:db8:1:3::1")
    assert by_address(None) == by_address("not an address") == "address:unknown"
