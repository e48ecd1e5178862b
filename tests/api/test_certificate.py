"""The certificate: one public piece that says everything about a draw, for ever."""

from typing import Any

import asyncpg
import httpx

from api.answers import done, problem
from api.staged import Stage
from api.test_outcomes import drawn
from api.test_quiz import ANSWERS, RULES
from contest_service.flows.certificate import read_certificate
from contest_service.flows.quiz import open_answers
from contest_service.proof.quiz import commit_quiz
from contest_service.store import proof


async def certificate_of(api: httpx.AsyncClient, contest: str) -> dict[str, Any]:
    answer = await api.get(f"/public/contests/{contest}/certificate.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    certificate: dict[str, Any] = done(answer)
    return certificate


async def test_there_is_none_before_the_result(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann")
    await stage.freeze(contest)
    answer = await api.get(f"/public/contests/{contest.id}/certificate.json")
    problem(answer, 404, "not_found")


async def test_it_says_what_was_promised_frozen_and_drawn(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob", "eve")
    certificate = await certificate_of(api, contest)
    assert certificate["practice"] is True
    assert certificate["freeze"] == done(await owner.get(f"/v1/contests/{contest}/freeze"))
    assert certificate["outcome"] == done(await owner.get(f"/v1/contests/{contest}/draw"))
    public = done(await api.get(f"/public/contests/{contest}"))
    assert [each["sha256"] for each in certificate["terms"]] == [
        each["sha256"] for each in public["terms"]
    ]
    (valid,) = certificate["totals"]
    assert (valid["state"], valid["entrants"], valid["tickets"]) == ("valid", 3, 3)
    assert "verify.py" in [each["name"] for each in certificate["verifiers"]]
    ((winner,),) = certificate["outcome"]["initial"]
    assert certificate["cut_offs"] == [winner["ticket"]]
    assert certificate["successions"] == certificate["claims"] == []
    assert certificate["closed_at"] is None


async def test_the_events_are_read_once_however_much_is_said_about_them(
    stage: Stage, connection: "asyncpg.Connection[Any]"
) -> None:
    contest = await stage.contest(await drawn(stage, "ann", "bob"))
    read = []
    with connection.query_logger(lambda query: read.append(query.query)):
        await read_certificate(connection, contest)
    assert read.count(proof.LINES) == 1


async def test_whoever_lost_a_prize_stays_on_it_with_the_reason_and_the_successor(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann", "bob", "eve")
    before = await certificate_of(api, contest)
    ((winner,),) = before["outcome"]["final"]
    await stage.disqualify(contest, winner["entry"], reason="staff")
    after = await certificate_of(api, contest)
    ((heir,),) = after["outcome"]["final"]
    assert after["outcome"]["initial"] == before["outcome"]["initial"]
    (succession,) = after["successions"]
    assert (succession["former"], succession["successor"]) == (winner, heir)
    assert (succession["reason"], succession["draw"], succession["slot"]) == ("staff", 0, 0)
    assert after["cut_offs"] == before["cut_offs"]
    (decision,) = after["decisions"]
    assert (decision["seq"], decision["reason"]) == (succession["seq"], "staff")
    assert decision["commitment"] == winner["commitment"]


async def test_a_prize_without_anybody_left_is_told_too(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await drawn(stage, "ann")
    ((winner,),) = (await certificate_of(api, contest))["outcome"]["final"]
    await stage.disqualify(contest, winner["entry"], reason="staff")
    (succession,) = (await certificate_of(api, contest))["successions"]
    assert succession["successor"]["commitment"] is None


async def test_publications_lead_to_the_community_s_own_page(
    api: httpx.AsyncClient, stage: Stage, connection: "asyncpg.Connection[Any]"
) -> None:
    contest = await drawn(stage, "ann")
    assert (await certificate_of(api, contest))["publications"] == []
    await connection.execute(
        "UPDATE announcements SET state = 'published', published_ref = 'x',"
        " published_url = 'https://example.org/1', published_at = now() WHERE kind = 'freeze'"
    )
    (publication,) = (await certificate_of(api, contest))["publications"]
    assert (publication["kind"], publication["url"]) == ("freeze", "https://example.org/1")


async def test_opened_answers_stand_on_it_with_what_they_were_bound_by(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft(rules=RULES)
    sealed = done(await owner.put(f"/v1/contests/{contest.id}/quizzes/capital", json=ANSWERS))
    contest = await stage.start(contest)
    await stage.judged(contest, "ann")
    frozen = await stage.freeze(contest)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE contests SET status = 'closing' WHERE id = $1", contest.id)
        await open_answers(stage.rt, await stage.contest(contest.id))
        await conn.execute("UPDATE contests SET status = 'frozen' WHERE id = $1", contest.id)
    await stage.draw(await stage.contest(frozen.id))
    (told,) = (await certificate_of(api, str(contest.id)))["quizzes"]
    assert (told["quiz"], told["question"]) == ("capital", "The capital of France?")
    assert told["answers"] == ANSWERS["answers"]
    assert told["opened_at"] is not None
    bound = commit_quiz(
        contest=str(contest.id),
        quiz=told["quiz"],
        answers=told["answers"],
        salt=bytes.fromhex(told["salt"]),
    )
    assert bound.hex() == told["commitment"] == sealed["commitment"]
