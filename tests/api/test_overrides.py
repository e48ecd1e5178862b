"""What persons set aside before the freeze, and what entrants ask, as the API's clients meet it."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from api.answers import created, done, faults, items, problem
from api.conftest import Clients, new_member
from api.staged import Stage
from contest_service.api.appeals import OF_ADDRESS, OF_CONTEST
from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Network


async def _excluding(owner: httpx.AsyncClient, where: str, entrant: Any) -> httpx.Response:
    body = {"entrant": str(entrant), "kind": "exclude", "reason": "staff"}
    return await owner.post(f"{where}/overrides", json=body)


async def test_two_owners_who_were_there_at_the_start_decide(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, clients: Clients, stage: Stage
) -> None:
    second = await clients.open(await new_member(owner, "owner"))
    contest = await stage.start(await stage.draft())
    (ann,) = await stage.judged(contest, "ann")
    where, public = f"/v1/contests/{contest.id}", f"/public/contests/{contest.id}/overrides.json"
    proposal = created(await _excluding(owner, where, ann))
    assert (proposal["state"], proposal["due_at"]) == ("proposed", None)
    # An accusation that nobody has confirmed is nobody's business.
    assert done(await api.get(public)) == {"decided": [], "pending": []}
    approval = f"{where}/overrides/{proposal['id']}/approve"
    problem(await owner.post(approval), 403, "same_person")
    late = await clients.open(await new_member(owner, "owner"))
    problem(await late.post(approval), 403, "not_there_at_start")
    key = {"Idempotency-Key": "once"}
    effective = done(await second.post(approval, headers=key))
    assert done(await second.post(approval, headers=key)) == effective
    assert (effective["state"], effective["approved_role"]) == ("effective", "owner")
    assert done(await api.get(public))["decided"] == [
        {"kind": "exclude", "reason": "staff", "by": "second_person", "times": 1}
    ]
    assert [each["id"] for each in items(await owner.get(f"{where}/overrides"))] == [proposal["id"]]
    problem(await _excluding(owner, where, ann), 409, "already_overridden")
    shown = done(await owner.get(f"{where}/entrants/{ann}"))
    assert (shown["history"], shown["override"]["id"]) == ([], proposal["id"])
    taken = done(await second.post(f"{where}/overrides/{proposal['id']}/withdraw"))
    assert taken["state"] == "withdrawn"


async def test_whoever_is_alone_is_seen_before_it_takes_effect(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    (ann,) = await stage.judged(contest, "ann")
    where = f"/v1/contests/{contest.id}"
    proposal = created(await _excluding(owner, where, ann))
    (shown,) = done(await api.get(f"/public/contests/{contest.id}/overrides.json"))["pending"]
    assert shown["effective_at"] == proposal["due_at"]
    assert str(ann) not in str(shown)


async def test_faults_of_a_proposal_are_told(owner: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.start(await stage.draft())
    (ann,) = await stage.judged(contest, "ann")
    where = f"/v1/contests/{contest.id}"
    body = {"entrant": str(ann), "kind": "exclude", "reason": "platform-fault"}
    assert set(faults(await owner.post(f"{where}/overrides", json=body))) == {"/reason"}
    body = {"entrant": str(ann), "kind": "recheck", "reason": "bored"}
    assert {"/kind", "/reason"} <= set(faults(await owner.post(f"{where}/overrides", json=body)))
    problem(await _excluding(owner, where, uuid4()), 404, "not_found")
    body = {"entrant": str(ann), "kind": "admit", "reason": "platform-fault"}
    answer = await owner.post(f"{where}/overrides", json=body)
    problem(answer, 409, "nothing_to_override")
    assert set(faults(await owner.post(f"{where}/proceed", json={"reason": ""}))) == {"/reason"}
    assert set(faults(await owner.get(f"{where}/differences?since=today"))) == {"/since"}
    for page in ("0", "99999999999999"):
        answer = await owner.get(f"{where}/scans/{uuid4()}/pages/{page}")
        problem(answer, 404, "not_found")


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    """A contest in which ann takes part."""
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann")
    return contest


async def _shown(api: httpx.AsyncClient, stage: Stage, contest: Contest) -> tuple[str, Any]:
    """The address of ann's ownership, which is shown, and what opens it."""
    where = f"/public/contests/{contest.id}/ownerships"
    begun = created(await api.post(where, json={"account": "did:plc:ann"}))
    network = Network(
        workspace_id=contest.workspace_id, platform="bluesky", instance="localhost:2582"
    )
    said = [Said(account="did:plc:ann", text=begun["code"])]
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        assert await own.notice(conn, network, said, at=stage.rt.clock()) == 1
    return f"{where}/{begun['id']}", {"Ownership-Secret": begun["secret"]}


async def test_whoever_asks_to_be_checked_again_reads_the_answer(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage, contest: Contest
) -> None:
    where, secret = await _shown(api, stage, contest)
    text = {"text": "Look again, please."}
    problem(
        await api.post(f"{where}/appeals", json=text, headers={"Ownership-Secret": "x"}),
        404,
        "not_found",
    )
    asked = created(await api.post(f"{where}/appeals", json=text, headers=secret))
    assert (asked["state"], asked["outcome"]) == ("open", None)
    problem(await api.post(f"{where}/appeals", json=text, headers=secret), 409, "appeal_open")
    desk = f"/v1/contests/{contest.id}/appeals"
    page = done(await owner.get(desk, params={"state": "open"}))
    assert [each["text"] for each in page["items"]] == [text["text"]]
    assert page["desk"]["open"] == 1
    assert page["desk"]["waiting_since"] == page["items"][0]["made_at"]
    answer = {"outcome": "unchanged", "text": "You take part."}
    problem(await owner.post(f"{desk}/{asked['id']}/answer", json=answer), 409, "not_judged_yet")
    async with stage.rt.pool.acquire() as conn:
        await contests.set_judged(conn, contest, stage.rt.clock())
    answered = done(await owner.post(f"{desk}/{asked['id']}/answer", json=answer))
    assert answered["state"] == "answered"
    problem(await owner.post(f"{desk}/{asked['id']}/answer", json=answer), 409, "already_answered")
    (told,) = done(await api.get(where, headers=secret))["check"]["appeals"]
    assert (told["answer"], told["outcome"]) == ("You take part.", "unchanged")
    assert items(await owner.get(desk, params={"state": "open"})) == []


async def test_whoever_asks_to_be_checked_too_often_has_to_wait(
    clients: Clients, stage: Stage, contest: Contest
) -> None:
    """Of one address, whether or not they may ask; others are not kept from it."""
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    where, secret = await _shown(other, stage, contest)
    text = {"text": "Look again, please."}
    for _ in range(OF_ADDRESS):
        guess = await one.post(f"{where}/appeals", json=text, headers={"Ownership-Secret": "x"})
        problem(guess, 404, "not_found")
    late = await one.post(f"{where}/appeals", json=text, headers=secret)
    problem(late, 429, "rate_limited")
    assert 1 <= int(late.headers["retry-after"]) <= 60
    created(await other.post(f"{where}/appeals", json=text, headers=secret))


async def test_all_together_may_ask_only_so_often_in_one_contest(
    clients: Clients, stage: Stage, contest: Contest, redis_url: str
) -> None:
    where = f"/public/contests/{contest.id}/ownerships/{uuid4()}/appeals"
    body, guess = {"text": "Look again."}, {"Ownership-Secret": "x"}
    one, other = [await clients.open(address=f"198.51.100.{number}") for number in (1, 2)]
    problem(await one.post(where, json=body, headers=guess), 404, "not_found")
    async with Redis.from_url(redis_url) as redis:
        # As if many others had asked within the same minute.
        assert await redis.incrby(f"limit:appeal:{contest.id}", OF_CONTEST - 1) == OF_CONTEST
    refused = await other.post(where, json=body, headers=guess)
    problem(refused, 429, "rate_limited")
    assert refused.headers["ratelimit-limit"] == str(OF_CONTEST)
