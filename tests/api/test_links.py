"""Links over HTTP: read what is agreed to, link with both secrets, see it as the owner, part."""

from typing import Any
from uuid import uuid4

import httpx

from api.answers import created, done, problem
from api.conftest import Clients
from api.staged import Stage
from contest_service.api.links import OF_ADDRESS
from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Network

NETWORK = {"platform": "bluesky", "instance": "localhost:2582"}
ANN, BOB = "did:plc:ann", "did:plc:bob"


async def entered(stage: Stage) -> Contest:
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann", "bob")
    return contest


async def shown(
    api: httpx.AsyncClient, stage: Stage, contest: Contest, account: str
) -> dict[str, str]:
    """An ownership whose code was seen."""
    url = f"/public/contests/{contest.id}/ownerships"
    begun = created(await api.post(url, json={"account": account}))
    network = Network(workspace_id=contest.workspace_id, **NETWORK)
    said = [Said(account=account, text=begun["code"])]
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        assert await own.notice(conn, network, said, at=stage.rt.clock()) == 1
    return {"id": begun["id"], "secret": begun["secret"]}


async def consent(api: httpx.AsyncClient, contest: Contest, language: str = "en") -> dict[str, Any]:
    url = f"/public/contests/{contest.id}/links/consent"
    return done(await api.get(url, headers={"Accept-Language": language}))


async def link(
    api: httpx.AsyncClient, contest: Contest, *owned: dict[str, str], version: int = 1
) -> httpx.Response:
    agreed = {"version": version, "language": "en"}
    body = {"ownerships": list(owned), "consent": agreed}
    return await api.post(f"/public/contests/{contest.id}/links", json=body)


async def look(api: httpx.AsyncClient, contest: Contest, owned: dict[str, str]) -> dict[str, Any]:
    url = f"/public/contests/{contest.id}/ownerships/{owned['id']}"
    return done(await api.get(url, headers={"Ownership-Secret": owned["secret"]}))


async def part(api: httpx.AsyncClient, contest: Contest, owned: dict[str, str]) -> httpx.Response:
    url = f"/public/contests/{contest.id}/ownerships/{owned['id']}/link"
    return await api.delete(url, headers={"Ownership-Secret": owned["secret"]})


async def test_the_text_is_given_in_the_reader_s_language(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    english, russian = [await consent(api, contest, each) for each in ("en", "ru-RU, en;q=0.5")]
    assert (english["version"], english["language"]) == (1, "en")
    assert "one entry" in english["text"]
    assert (russian["version"], russian["language"]) == (1, "ru")
    assert "как один участник" in russian["text"]


async def test_two_accounts_are_linked_seen_by_their_owner_and_parted(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await entered(stage)
    ann, bob = [await shown(api, stage, contest, each) for each in (ANN, BOB)]
    assert (await look(api, contest, ann))["linked"] == []
    answer = await link(api, contest, bob, ann)
    entry = created(answer)
    assert {each.rpartition(":")[2] for each in entry["accounts"]} == {"ann", "bob"}
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert created(await link(api, contest, bob, ann)) == entry
    for owned in (ann, bob):
        seen = await look(api, contest, owned)
        assert (seen["linked"], seen["check"]) == (entry["accounts"], entry["check"])
    public = done(await api.get(f"/public/contests/{contest.id}"))
    assert "did:plc" not in str(public)
    assert (await part(api, contest, ann)).status_code == 204
    assert (await look(api, contest, bob))["linked"] == []
    problem(await part(api, contest, ann), 404, "not_found")
    problem(await link(api, contest, bob, ann), 409, "conflict")


async def test_all_that_is_missing_is_told_at_once(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    ann = await shown(api, stage, contest, ANN)
    wrong = {"id": str(uuid4()), "secret": ann["secret"]}
    told = problem(await link(api, contest, ann, wrong, version=9), 422, "invalid")
    assert [each["pointer"] for each in told["faults"]] == ["/ownerships/1", "/consent/version"]
    problem(await link(api, contest, ann), 422, "invalid")
    problem(await link(api, contest, ann, ann, ann), 422, "invalid")
    told = problem(await part(api, contest, wrong), 404, "not_found")
    assert ann["secret"] not in str(told)


async def test_whoever_tries_too_often_has_to_wait(clients: Clients, stage: Stage) -> None:
    contest = await entered(stage)
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    guess = {"id": str(uuid4()), "secret": "guess"}
    for _ in range(OF_ADDRESS):
        problem(await link(one, contest, guess, guess), 422, "invalid")
    problem(await link(one, contest, guess, guess), 429, "rate_limited")
    problem(await part(one, contest, guess), 429, "rate_limited")
    problem(await part(other, contest, guess), 404, "not_found")
