"""Self-checks over HTTP: without login, in somebody's language, and not without end."""

from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from api.answers import done, problem
from api.conftest import Clients
from api.staged import Stage
from contest_service.api.self_check import OF_ADDRESS, OF_CONTEST


async def url_of(stage: Stage) -> str:
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann", "bob")
    return f"/public/contests/{contest.id}/self-check"


async def test_everybody_may_ask_about_an_account(api: httpx.AsyncClient, stage: Stage) -> None:
    answer = await api.get(await url_of(stage), params={"account": "did:plc:ann"})
    check = done(answer)
    assert (check["state"], check["tickets"]) == ("valid", 1)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language"


async def test_the_verdict_is_all_that_is_told(api: httpx.AsyncClient, stage: Stage) -> None:
    check = done(await api.get(await url_of(stage), params={"account": "did:plc:ann"}))
    assert set(check) == {"state", "text", "next", "tickets", "judged_at", "conditions"}
    assert "bob" not in str(check)


async def test_unknown_accounts_and_those_that_did_nothing_look_alike(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    url = await url_of(stage)
    names = ("did:plc:cem", "cem.test", "?", "https://bsky.app/profile/cem.test")
    answers = [await api.get(url, params={"account": name}) for name in names]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert done(answers[0])["state"] == "not_seen"


@pytest.mark.parametrize(
    ("accepted", "word"),
    [
        ("", "takes part"),
        ("ru", "участвует"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "участвует"),
        ("de, en;q=0.3, ru;q=0.2", "takes part"),
        ("ru;q=0, en", "takes part"),
        ("tlh, *;q=0.1", "takes part"),
        ("ru;q=nonsense", "takes part"),
    ],
)
async def test_it_is_said_in_the_language_that_is_asked_for(
    api: httpx.AsyncClient, stage: Stage, accepted: str, word: str
) -> None:
    headers = {"Accept-Language": accepted}
    answer = await api.get(await url_of(stage), params={"account": "did:plc:ann"}, headers=headers)
    assert word in done(answer)["text"]


async def test_without_a_wish_it_is_said_in_the_contest_s_language(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft(language="ru"))
    url = f"/public/contests/{contest.id}/self-check"
    assert "конкурсе" in done(await api.get(url, params={"account": "x"}))["text"]


async def test_a_contest_that_did_not_start_does_not_exist(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft()
    url = f"/public/contests/{contest.id}/self-check"
    problem(await api.get(url, params={"account": "did:plc:ann"}), 404, "not_found")


async def test_a_name_is_needed_and_not_too_long(api: httpx.AsyncClient, stage: Stage) -> None:
    url = await url_of(stage)
    for params in ({}, {"account": ""}, {"account": "x" * 301}):
        problem(await api.get(url, params=params), 422, "invalid")


async def test_whoever_asks_too_often_has_to_wait(clients: Clients, stage: Stage) -> None:
    url = await url_of(stage)
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    for number in range(OF_ADDRESS):
        done(await one.get(url, params={"account": f"name{number}.test"}))
    refused = await one.get(url, params={"account": "did:plc:ann"})
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-limit"] == str(OF_ADDRESS)
    done(await other.get(url, params={"account": "did:plc:ann"}))


async def test_a_contest_is_asked_about_only_so_often_whoever_asks(
    clients: Clients, stage: Stage, redis_url: str
) -> None:
    url = await url_of(stage)
    contest = url.split("/")[3]
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    done(await one.get(url, params={"account": "did:plc:ann"}))
    async with Redis.from_url(redis_url) as redis:
        # As if many others had asked within the same minute.
        assert await redis.incrby(f"limit:check:{contest}", OF_CONTEST - 2) == OF_CONTEST - 1
    done(await one.get(url, params={"account": "did:plc:ann"}))
    refused = await other.get(url, params={"account": "did:plc:ann"})
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-limit"] == str(OF_CONTEST)
    another = url.replace(contest, str(uuid4()))
    problem(await other.get(another, params={"account": "did:plc:ann"}), 404, "not_found")
