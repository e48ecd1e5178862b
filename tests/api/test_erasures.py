"""Erasures by the API: who is named, what is answered, and what the lists show afterwards."""

from typing import Any

import httpx
import pytest

from api.answers import created, done, faults, items, problem
from api.staged import Stage
from contest_service.domain.contest import Status
from contest_service.store import contests, work
from contest_service.store.contests import Contest
from workers import jobs

ANN = {"platform": "bluesky", "instance": "localhost:2582", "id": "did:plc:ann"}
WHERE = "/v1/erasures"


async def drawn(stage: Stage, *, ended: bool) -> Contest:
    """A contest that Ann and Bob take part in, after its draw or its end."""
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann", "bob")
    contest = await stage.draw(await stage.freeze(contest))
    if ended:
        async with stage.rt.pool.acquire() as conn:
            await contests.move(conn, contest, Status.COMPLETED, now=stage.rt.clock())
    return contest


async def erase(stage: Stage) -> None:
    """Do what is due of erasures."""
    async with stage.rt.pool.acquire() as conn:
        due = await work.due(conn, stage.rt.clock(), limit=100)
    for each in due:
        if each.kind is work.Kind.ERASE:
            await jobs.work({"runtime": stage.rt}, str(each.workspace_id), str(each.id))


def _commitments(outcome: dict[str, Any]) -> list[list[str]]:
    return [[slot["commitment"] for slot in slots] for slots in outcome["final"]]


async def test_an_erased_entrant_is_listed_without_a_name(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, ended=True)
    of_contest = f"/v1/contests/{contest.id}"
    public = f"/public/contests/{contest.id}"
    before = done(await owner.get(f"{of_contest}/draw"))
    asked = created(await owner.post(WHERE, json={"account": ANN}))
    assert (asked["state"], asked["cause"], asked["reason"]) == ("due", "request", "own-request")
    assert (asked["waits_for"], asked["lists"], asked["contest_id"]) == ([], "keep", None)
    await erase(stage)
    told = done(await owner.get(f"{WHERE}/{asked['id']}"))
    assert (told["state"], told["counts"]["entrants"]) == ("done", 1)
    assert items(await owner.get(WHERE)) == [told]
    assert "did:plc:ann" not in (await owner.get(WHERE)).text

    listed = items(await owner.get(f"{of_contest}/entrants"))
    assert [(each["label"], bool(each["erased_at"])) for each in listed] == [
        ("", True),
        ("bob", False),
    ]
    read = done(await owner.get(f"{of_contest}/entrants/{listed[0]['id']}"))
    assert (read["subject"], read["record"], read["tickets"]) == ("", {}, 1)
    assert items(await owner.get(f"{of_contest}/entrants", params={"who": "ann"})) == []
    entries = items(await owner.get(f"{of_contest}/entries"))
    assert [(each["label"], len(each["commitment"])) for each in entries] == [("", 64), ("bob", 64)]
    after = done(await owner.get(f"{of_contest}/draw"))
    assert _commitments(after) == _commitments(before)
    for address in (public, f"{public}/events.jsonl", f"{public}/certificate.json"):
        answer = await api.get(address)
        assert answer.status_code == 200, address
        assert "plc:ann" not in answer.text
    problem(await owner.post(WHERE, json={"account": ANN}), 404, "not_found")
    entry = {"contest": str(contest.id), "entry": listed[0]["id"]}
    problem(await owner.post(WHERE, json=entry), 404, "not_found")


async def test_a_contest_that_is_not_over_is_waited_for(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, ended=False)
    asked = created(await owner.post(WHERE, json={"account": ANN, "lists": "remove"}))
    await erase(stage)
    told = done(await owner.get(f"{WHERE}/{asked['id']}"))
    assert told["state"] == "waiting"
    (waited,) = told["waits_for"]
    assert waited["contest_id"] == str(contest.id)
    assert waited["title"] == "A mug"
    (ann, _) = items(await owner.get(f"/v1/contests/{contest.id}/entrants"))
    assert (ann["label"], ann["erased_at"]) == ("ann", None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"account": ANN, "contest": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, ""),
        ({"entry": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, ""),
        ({"account": ANN | {"id": ""}}, "/account/id"),
        ({"account": ANN, "reason": "She asked us to."}, "/reason"),
        ({"account": ANN, "lists": "shred"}, "/lists"),
    ],
    ids=["nobody", "two persons", "half an entry", "no id", "a sentence", "no choice"],
)
async def test_who_is_not_named_in_one_way_is_not_erased(
    owner: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    assert set(faults(await owner.post(WHERE, json=body))) == {pointer}


async def test_the_audit_log_tells_that_and_not_whom(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    await drawn(stage, ended=True)
    asked = created(await owner.post(WHERE, json={"account": ANN, "reason": "left-us"}))
    await erase(stage)
    done_, requested = items(await owner.get("/v1/audit", params={"subject": asked["id"]}))
    assert (requested["action"], requested["detail"]) == (
        "erasure.requested",
        {"reason": "left-us"},
    )
    assert (done_["action"], done_["person_id"]) == ("erasure.done", None)
    assert done_["detail"]["counts"]["entrants"] == 1


async def test_the_audit_log_refuses_any_other_change(
    owner: httpx.AsyncClient, connection: Any
) -> None:
    done(await owner.get("/v1/me"))
    changes = (
        "UPDATE audit_log SET detail = '{}'",
        "UPDATE audit_log SET erased_at = now(), action = 'nothing'",
        "UPDATE audit_log SET erased_at = now(), at = at + interval '1 s'",
        "DELETE FROM audit_log",
    )
    assert await connection.fetchval("SELECT count(*) FROM audit_log") > 0
    for change in changes:
        with pytest.raises(Exception, match="written once"):
            await connection.execute(change)
    await connection.execute("UPDATE audit_log SET erased_at = now(), detail = '{}'")
