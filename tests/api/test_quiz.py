"""`/v1/contests/{id}/quizzes`: answers go in, and come out for everybody at once."""

import json

import httpx

from api.answers import done, faults, items, problem
from api.conftest import Clients
from api.staged import Stage
from contest_service.flows import quiz
from contest_service.store.contests import Contest

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "answered", "quiz": "capital", "question": "The capital of France?"},
    ],
}
ANSWERS = {"answers": ["Париж", "Paris"]}


def url(contest: Contest, code: str = "") -> str:
    return f"/v1/contests/{contest.id}/quizzes{code}"


async def test_answers_are_given_and_never_told_before_the_close(
    stage: Stage, owner: httpx.AsyncClient, clients: Clients
) -> None:
    anonymous = await clients.open(None)
    contest = await stage.draft(rules=RULES)
    refused = await owner.post(f"/v1/contests/{contest.id}/start")
    problem(refused, 422, "invalid")
    assert list(faults(refused)) == ["/definition/rules/of/1/quiz"]
    wrong = await owner.put(url(contest, "/capital"), json={"answers": ["?", "a\u202e"]})
    assert set(faults(wrong)) == {"/answers/0", "/answers/1"}
    problem(await owner.put(url(contest, "/No-Code"), json=ANSWERS), 404, "not_found")

    key = {"Idempotency-Key": "once"}
    kept = done(await owner.put(url(contest, "/capital"), json=ANSWERS, headers=key))
    again = done(await owner.put(url(contest, "/capital"), json=ANSWERS, headers=key))
    assert kept["commitment"] != again["commitment"], "no digest of the answers is kept"
    assert (again["answers"], again["salt"], again["promised_at"]) == (None, None, None)
    assert "Paris" not in json.dumps([kept, again])

    contest = await stage.start(contest)
    (listed,) = items(await owner.get(url(contest)))
    assert listed["answers"] is None
    assert listed["promised_at"] is not None
    problem(await owner.put(url(contest, "/capital"), json=ANSWERS), 409, "conflict")
    problem(await owner.delete(url(contest, "/capital")), 409, "conflict")
    public = f"/public/contests/{contest.id}"
    shown = done(await anonymous.get(public))["quizzes"]
    assert shown == [
        {
            "quiz": "capital",
            "question": "The capital of France?",
            "commitment": again["commitment"],
            "opened_at": None,
            "answers": None,
            "url": None,
        }
    ]
    file = f"{public}/quiz/{again['commitment']}.json"
    problem(await anonymous.get(file), 404, "not_found")
    (terms,) = done(await anonymous.get(public))["terms"]
    text = await anonymous.get(f"{public}/terms/{terms['sha256']}.json")
    assert again["commitment"] in text.text
    assert "Paris" not in text.text

    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE contests SET status = 'closing' WHERE id = $1", contest.id)
    await quiz.open_answers(stage.rt, await stage.contest(contest.id))
    (opened,) = done(await anonymous.get(public))["quizzes"]
    assert opened["answers"] == ANSWERS["answers"]
    told = await anonymous.get(file)
    assert told.json()["answers"] == ANSWERS["answers"]
    assert told.headers["access-control-allow-origin"] == "*"
    assert items(await owner.get(url(contest)))[0]["salt"] == told.json()["salt"]


async def test_answers_can_be_taken_back_before_the_start(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    contest = await stage.draft(rules=RULES)
    problem(await owner.delete(url(contest, "/capital")), 404, "not_found")
    done(await owner.put(url(contest, "/capital"), json=ANSWERS))
    assert (await owner.delete(url(contest, "/capital"))).status_code == 204
    assert items(await owner.get(url(contest))) == []


async def test_versions_say_what_changed_in_both_languages(
    stage: Stage, owner: httpx.AsyncClient, clients: Clients
) -> None:
    contest = await stage.start(await stage.draft())
    definition = done(await owner.get(f"/v1/contests/{contest.id}"))["definition"]
    amended = {
        "definition": definition | {"rules": {"kind": "liked"}},
        "reason": "Too much was asked.",
    }
    done(await owner.post(f"/v1/contests/{contest.id}/amend", json=amended))
    first, second = items(await owner.get(f"/v1/contests/{contest.id}/versions"))
    assert (first["version"], first["reason"], first["changes"]) == (1, "", {})
    assert (second["version"], second["reason"]) == (2, "Too much was asked.")
    assert second["changes"] == {
        "en": ["No longer required: “Follow the community at the close”"],
        "ru": ["Больше не нужно: «Будьте подписаны на сообщество в момент закрытия»"],
    }
    assert second["in_force_from"] >= first["in_force_from"]
    anonymous = await clients.open(None)
    assert done(await anonymous.get(f"/public/contests/{contest.id}"))["terms"] == [first, second]
