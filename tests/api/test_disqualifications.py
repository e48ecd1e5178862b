"""Who takes an entry out after the freeze, as the API's clients meet it; and who claims a prize."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar

from api.answers import created, done, faults, items, problem
from api.conftest import Clients, new_member
from api.staged import Stage
from api.test_outcomes import PRACTICE_HOLDS, VERIFIER, drawn, verdict
from contest_service.cli.verify import verify
from contest_service.domain.reasons import PersonReason
from contest_service.flows import announce
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots


@pytest.fixture
async def second(clients: Clients, owner: httpx.AsyncClient) -> httpx.AsyncClient:
    """Another owner, who was there all along."""
    return await clients.open(await new_member(owner, "owner"))


async def winner_of(owner: httpx.AsyncClient, contest: str) -> dict[str, Any]:
    ((winner,),) = done(await owner.get(f"/v1/contests/{contest}/draw"))["final"]
    held: dict[str, Any] = winner
    return held


def proposing(winner: dict[str, Any], reason: str = "staff") -> dict[str, Any]:
    return {"entry": winner["entry"], "reason": reason}


async def test_what_two_persons_agree_to_gives_the_prize_to_the_next(
    owner: httpx.AsyncClient,
    second: httpx.AsyncClient,
    api: httpx.AsyncClient,
    stage: Stage,
    tmp_path: Path,
) -> None:
    contest = await drawn(stage, "ann", "bob", "eve")
    where = f"/v1/contests/{contest}"
    before = done(await owner.get(f"{where}/draw"))
    assert before["initial"] == before["final"]
    winner = await winner_of(owner, contest)
    assert winner["label"] in ("ann", "bob", "eve")
    proposal = created(await owner.post(f"{where}/disqualifications", json=proposing(winner)))
    assert (proposal["state"], proposal["due_at"]) == ("proposed", None)
    assert done(await owner.get(f"{where}/draw")) == before
    approval = f"{where}/disqualifications/{proposal['id']}/approve"
    effective = done(await second.post(approval))
    assert (effective["state"], effective["seq"]) == ("effective", 3)
    after = done(await owner.get(f"{where}/draw"))
    assert after["initial"] == before["initial"]
    assert (await winner_of(owner, contest))["entry"] != winner["entry"]
    (out,) = after["disqualified"]
    assert (out["commitment"], out["reason"]) == (winner["commitment"], "staff")
    assert items(await owner.get(f"{where}/disqualifications")) == [effective]
    problem(await second.post(approval), 409, "already_decided")
    again = await owner.post(f"{where}/disqualifications", json=proposing(winner))
    problem(again, 409, "already_out")
    unknown = {"entry": str(uuid4()), "reason": "staff"}
    problem(await owner.post(f"{where}/disqualifications", json=unknown), 404, "not_found")
    (decision,) = (await public(api, contest, "disqualifications"))["decided"]
    assert decision["by"] == "second_person"
    assert decision["proposed_at"] == proposal["proposed_at"]
    assert (decision["commitment"], decision["seq"]) == (winner["commitment"], 3)
    await verifies(api, contest, tmp_path)


async def public(api: httpx.AsyncClient, contest: str, what: str) -> dict[str, Any]:
    """What everybody may read of it: no person's id is in it."""
    answer = await api.get(f"/public/contests/{contest}/{what}.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert not {"proposed_by", "decided_by", "noted_by"} & set(_names(answer.json()))
    return done(answer)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    parts = value.values() if isinstance(value, dict) else value
    for each in parts if isinstance(value, dict | list) else ():
        yield from _names(each)


async def verifies(api: httpx.AsyncClient, contest: str, folder: Path) -> None:
    """Require that both verifiers accept the contest's public bundle."""
    answer = await api.get(f"/public/contests/{contest}/bundle.zip")
    file = folder / "bundle.zip"
    file.write_bytes(answer.content)
    assert verdict(VERIFIER, file) == PRACTICE_HOLDS
    assert verify(file, practice=True).verdict.exit_status == PRACTICE_HOLDS


async def test_what_a_lonely_organiser_proposes_is_public_at_once(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    winner = await winner_of(owner, contest)
    proposal = created(await owner.post(where, json=proposing(winner, "fraud")))
    assert await public(api, contest, "disqualifications") == {
        "decided": [],
        "pending": [
            {
                "commitment": winner["commitment"],
                "reason": "fraud",
                "proposed_at": proposal["proposed_at"],
                "effective_at": proposal["due_at"],
            }
        ],
    }


async def test_what_a_second_person_has_not_confirmed_is_not_public(
    owner: httpx.AsyncClient, second: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    created(await owner.post(where, json=proposing(await winner_of(owner, contest))))
    seen = await public(api, contest, "disqualifications")
    assert (seen, bool(second)) == ({"decided": [], "pending": []}, True)


async def test_a_draft_has_nothing_public(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.draft()
    for what in ("disqualifications", "claims"):
        problem(await api.get(f"/public/contests/{contest.id}/{what}.json"), 404, "not_found")


async def test_two_tokens_of_one_person_are_one_person(
    owner: httpx.AsyncClient, second: httpx.AsyncClient, clients: Clients, stage: Stage
) -> None:
    assert second
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    me = done(await owner.get("/v1/me"))["person"]["id"]
    body = {"name": "another", "role": "owner", "person_id": me}
    token = created(await owner.post("/v1/tokens", json=body))["secret"]
    proposal = created(await owner.post(where, json=proposing(await winner_of(owner, contest))))
    other = await clients.open(token)
    refused = problem(await other.post(f"{where}/{proposal['id']}/approve"), 403, "same_person")
    assert "another token" in refused["detail"]


async def test_an_owner_s_token_of_an_editor_does_not_approve(
    owner: httpx.AsyncClient, second: httpx.AsyncClient, clients: Clients, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    proposal = created(await owner.post(where, json=proposing(await winner_of(owner, contest))))
    me = done(await second.get("/v1/me"))["person"]["id"]
    body = {"name": "desk", "role": "editor", "person_id": me}
    token = created(await second.post("/v1/tokens", json=body))["secret"]
    lesser = await clients.open(token)
    problem(await lesser.post(f"{where}/{proposal['id']}/approve"), 403, "forbidden")


async def test_a_person_added_after_the_freeze_does_not_approve(
    owner: httpx.AsyncClient, clients: Clients, stage: Stage, app: Litestar
) -> None:
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    app.state.rt = dataclasses.replace(
        app.state.rt, clock=lambda: datetime.now(UTC) + timedelta(hours=1)
    )
    straw_man = await clients.open(await new_member(owner, "owner"))
    proposal = created(await owner.post(where, json=proposing(await winner_of(owner, contest))))
    # The organiser is as alone as before.
    assert proposal["due_at"] is not None
    approval = f"{where}/{proposal['id']}/approve"
    refused = problem(await straw_man.post(approval), 403, "not_there_at_freeze")
    assert "public delay" in refused["detail"]


async def test_a_reason_is_one_of_the_published_ones(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann")
    where = f"/v1/contests/{contest}/disqualifications"
    winner = await winner_of(owner, contest)
    for reason in ("house-rule-7", "claim-expired", "conditions-no-longer-hold", ""):
        answer = await owner.post(where, json=proposing(winner, reason))
        problem(answer, 422, "invalid")
        assert set(faults(answer)) == {"/reason"}
    for reason in PersonReason:
        made = created(await owner.post(where, json=proposing(winner, reason)))
        problem(await owner.post(where, json=proposing(winner)), 409, "already_proposed")
        assert done(await owner.post(f"{where}/{made['id']}/withdraw"))["state"] == "withdrawn"
    assert len(items(await owner.get(where))) == len(PersonReason)
    first = done(await owner.get(where, params={"limit": 4}))
    assert len(items(await owner.get(where, params={"after": first["next"]}))) == 3


async def test_an_editor_proposes_and_withdraws_what_is_theirs(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    winner = await winner_of(owner, contest)
    theirs = created(await editor.post(where, json=proposing(winner)))
    assert theirs["due_at"] is None
    assert done(await editor.post(f"{where}/{theirs['id']}/withdraw"))["state"] == "withdrawn"
    other = created(await owner.post(where, json=proposing(winner)))
    problem(await editor.post(f"{where}/{other['id']}/withdraw"), 403, "forbidden")
    problem(await editor.post(f"{where}/{other['id']}/approve"), 403, "forbidden")
    problem(await owner.post(f"{where}/{uuid4()}/approve"), 404, "not_found")
    problem(await owner.post(f"{where}/{uuid4()}/withdraw"), 404, "not_found")


async def test_two_requests_at_once_approve_once(
    owner: httpx.AsyncClient, second: httpx.AsyncClient, clients: Clients, stage: Stage
) -> None:
    third = await clients.open(await new_member(owner, "owner"))
    contest = await drawn(stage, "ann", "bob")
    where = f"/v1/contests/{contest}/disqualifications"
    proposal = created(await owner.post(where, json=proposing(await winner_of(owner, contest))))
    answers = await asyncio.gather(
        *(who.post(f"{where}/{proposal['id']}/approve") for who in (second, third))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    events = items(await owner.get(f"/v1/contests/{contest}/events"))
    assert [each["type"] for each in events].count("dq") == 1


async def test_nobody_is_disqualified_before_the_freeze(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    (entry,) = await stage.judged(contest, "ann")
    body = {"entry": str(entry), "reason": "staff"}
    where = f"/v1/contests/{contest.id}/disqualifications"
    problem(await owner.post(where, json=body), 409, "conflict")


async def announced(
    stage: Stage, connection: "asyncpg.Connection[Any]", *names: str, **changes: Any
) -> str:
    """A contest whose result has just been published."""
    id_ = await drawn(stage, *names, **changes)
    contest = await stage.contest(id_)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        chain = await load_chain(conn, contest)
        await announce.enqueue_result(
            conn,
            stage.rt,
            contest,
            await name_slots(conn, contest, chain),
            entries=len(chain.entries),
            round_=contest.round or 0,
            seq=chain.head.seq,
            now=stage.rt.clock(),
        )
    await connection.execute("UPDATE contests SET status = 'announced'")
    await connection.execute(
        "UPDATE announcements SET state = 'published', published_ref = 'x', published_at = now()"
    )
    return id_


async def test_claims_are_noted_once_until_their_time_is_over(
    owner: httpx.AsyncClient,
    editor: httpx.AsyncClient,
    api: httpx.AsyncClient,
    stage: Stage,
    connection: "asyncpg.Connection[Any]",
) -> None:
    contest = await announced(stage, connection, "ann", "bob", claim_within=3600)
    where = f"/v1/contests/{contest}"
    (waiting,) = items(await owner.get(f"{where}/claims"))
    winner = await winner_of(owner, contest)
    assert (waiting["entry"], waiting["label"]) == (winner["entry"], winner["label"])
    assert (waiting["claimed_at"], waiting["how"]) == (None, None)
    named, until = (datetime.fromisoformat(waiting[each]) for each in ("named_at", "claim_by"))
    assert timedelta(hours=1) <= until - named < timedelta(hours=1, seconds=1)
    refused = problem(await owner.post(f"{where}/complete"), 409, "claims_open")
    assert "Note their claims" in refused["detail"]
    claimed = done(await editor.post(f"{where}/claims", json={"entry": winner["entry"]}))
    assert claimed["how"] == "noted"
    again = await owner.post(f"{where}/claims", json={"entry": winner["entry"]})
    assert done(again) == claimed == items(await owner.get(f"{where}/claims"))[0]
    clocks = [
        {
            "commitment": winner["commitment"],
            "seq": 2,
            **{name: claimed[name] for name in ("named_at", "claim_by", "claimed_at")},
        }
    ]
    assert (await public(api, contest, "claims"))["claims"] == clocks
    assert (await public(api, contest, "certificate"))["claims"] == clocks
    nobody = await owner.post(f"{where}/claims", json={"entry": str(uuid4())})
    problem(nobody, 404, "not_found")
    done(await owner.post(f"{where}/complete"))


async def test_a_late_claim_is_refused(
    owner: httpx.AsyncClient,
    stage: Stage,
    app: Litestar,
    connection: "asyncpg.Connection[Any]",
) -> None:
    contest = await announced(stage, connection, "ann", "bob", claim_within=3600)
    winner = await winner_of(owner, contest)
    app.state.rt = dataclasses.replace(
        app.state.rt, clock=lambda: datetime.now(UTC) + timedelta(hours=2)
    )
    late = await owner.post(f"/v1/contests/{contest}/claims", json={"entry": winner["entry"]})
    refused = problem(late, 409, "claim_expired")
    assert "next in order" in refused["detail"]


async def test_a_contest_with_an_open_proposal_is_not_completed(
    owner: httpx.AsyncClient,
    stage: Stage,
    connection: "asyncpg.Connection[Any]",
) -> None:
    contest = await announced(stage, connection, "ann", "bob")
    where = f"/v1/contests/{contest}"
    body = proposing(await winner_of(owner, contest))
    proposal = created(await owner.post(f"{where}/disqualifications", json=body))
    refused = problem(await owner.post(f"{where}/complete"), 409, "proposal_open")
    assert "withdraw" in refused["detail"]
    done(await owner.post(f"{where}/disqualifications/{proposal['id']}/withdraw"))
    done(await owner.post(f"{where}/complete"))
    problem(await owner.post(f"{where}/disqualifications", json=body), 409, "conflict")


async def test_how_long_a_prize_can_be_claimed_is_set_and_taken_back(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft(claim_within=259_200)
    where = f"/v1/contests/{contest.id}"
    assert done(await owner.get(where))["definition"]["claim_within"] == 259_200
    wrong = await owner.patch(where, json={"definition": {"claim_within": 10**9}})
    assert set(faults(wrong)) == {"/definition/claim_within"}
    changed = done(await owner.patch(where, json={"definition": {"claim_within": None}}))
    assert changed["definition"]["claim_within"] is None
