"""Quizzes: bound before the start, told to nobody while people answer, and judged by after it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from proof.browser import BrowserVerifier
from proof.judges import Judges

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.evidence import Action
from contest_service.flows import quiz
from contest_service.flows.export import export_bundle
from contest_service.flows.judge import judge_all
from contest_service.flows.rotate import rotate_keys
from contest_service.flows.self_check import check_account, check_own
from contest_service.proof.bundle import Edition
from contest_service.proof.quiz import commit_quiz
from contest_service.store import entrants, promises
from contest_service.store import quiz as store
from contest_service.store.contests import Contest
from contest_service.store.quiz import Quiz
from contest_service.vault import Vault, generate_key
from flows import made_up
from flows.drawn import SOON
from flows.live import MOMENT
from flows.stage import Stage, open_stage

ASK: dict[str, Any] = {"kind": "answered", "quiz": "capital", "question": "The capital?"}
RULES: dict[str, Any] = {"kind": "all_of", "of": [{"kind": "liked"}, ASK]}
ANSWERS = ["Париж", "Paris"]
SAID = {"ann": "Наверное, париж!", "bob": "Наверное, Рим!", "eve": "Paris"}


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, []) as stage:
        yield stage


async def drafted(stage: Stage, **changes: Any) -> Contest:
    community = await made_up.connected(stage)
    return await made_up.drafted(stage, community, **{"rules": RULES, **changes})


async def sealed(
    stage: Stage, contest: Contest, answers: Sequence[str] = ANSWERS, code: str = "capital"
) -> Quiz:
    async with stage.transaction() as conn:
        return await quiz.seal_answers(
            conn, stage.rt, stage.actor, contest.id, code, answers=answers, now=stage.now()
        )


async def started(stage: Stage, **changes: Any) -> Contest:
    contest = await drafted(stage, **changes)
    await sealed(stage, contest)
    return await begun(stage, contest)


async def begun(stage: Stage, contest: Contest) -> Contest:
    async with stage.transaction() as conn:
        return await made_up.life.start_contest(
            conn, stage.rt, stage.actor, contest.id, now=stage.now()
        )


async def answered(stage: Stage, contest: Contest, said: Mapping[str, str] = SAID) -> None:
    await made_up.see(stage, contest, said, action=Action.COMMENT)
    await made_up.see(stage, contest, list(said))


async def closed(stage: Stage, contest: Contest, said: Mapping[str, str] = SAID) -> Contest:
    """A contest whose closing scans are through, and what follows from them."""
    stage.pass_time(contest.closes_at + SOON)
    await made_up.advance(stage, contest)
    await answered(stage, contest, said)
    return await made_up.advance_until(stage, contest, stage.now() + SOON)


async def known(stage: Stage, contest: Contest) -> list[Quiz]:
    async with stage.rt.pool.acquire() as conn:
        return await store.of_contest(conn, contest)


async def bundle(stage: Stage, contest: Contest, path: Path) -> Path:
    key = (contest.workspace_id, contest.id)
    with path.open("wb") as file:
        async for piece in export_bundle(stage.rt, *key, Edition.DISPUTE):
            file.write(piece)
    return path


def codes(facts: Mapping[str, Any]) -> list[str]:
    return [each["code"] for each in facts["findings"] if each["code"].startswith("quiz")]


async def test_a_question_without_answers_does_not_start(stage: Stage) -> None:
    contest = await drafted(stage)
    with pytest.raises(InvalidError) as refused:
        await begun(stage, contest)
    (fault,) = refused.value.faults
    assert fault.pointer == "/rules/of/1/quiz"
    assert "/quizzes/capital" in fault.detail
    with pytest.raises(InvalidError):
        await sealed(stage, contest, ["?!", ""])
    with pytest.raises(NotFoundError):
        await sealed(stage, contest, code="No Code")
    first = await sealed(stage, contest)
    second = await sealed(stage, contest)
    assert first.commitment != second.commitment, "another salt each time"
    async with stage.transaction() as conn:
        await quiz.forget_answers(conn, stage.actor, contest.id, "capital", now=stage.now())
    assert await known(stage, contest) == []


async def test_answers_that_do_not_fit_how_the_rules_compare_them_by_now_do_not_start(
    stage: Stage,
) -> None:
    contest = await drafted(stage)
    await sealed(stage, contest)
    numbers = {"kind": "all_of", "of": [{"kind": "liked"}, ASK | {"comparing": "number"}]}
    async with stage.transaction() as conn:
        contest = await made_up.define.update_contest(
            conn,
            stage.actor,
            contest.id,
            made_up.definition(stage, rules=numbers),
            revision=None,
            now=stage.now(),
        )
    with pytest.raises(InvalidError, match="do not fit"):
        await begun(stage, contest)


async def test_nobody_learns_while_it_runs_who_is_right(
    stage: Stage, pool: Any, tmp_path: Path
) -> None:
    """All that can be asked about a right and about a wrong answer is the same but for the name."""
    admits = {"unverified": "admit"}
    contest = await started(stage, **admits)
    stage.pass_time(stage.now() + MOMENT)
    await answered(stage, contest)
    await judge_all(stage.rt, contest)
    told: dict[str, str] = {}
    async with pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=10)
        for each in page:
            name = each.subject.rpartition(":")[2]
            assert await promises.of_entrant(conn, contest, each.id) == []
            checks = [
                await check_account(conn, contest, made_up.account(name), language)
                for language in Language
            ] + [await check_own(conn, contest, each.id, language) for language in Language]
            row = (each.state, each.reason, each.tickets, each.judged_at, each.record, checks)
            text = msgspec.json.encode(row).decode()
            for own in (made_up.account(name), str(each.id)):
                text = text.replace(own, "")
            told[name] = text
        kept = [
            await conn.fetch(query)
            for query in (
                "SELECT * FROM entrants",
                "SELECT * FROM audit_log",
                "SELECT line::text FROM events",
                "SELECT * FROM announcements",
                "SELECT * FROM quizzes",
            )
        ]
    assert told["ann"] == told["bob"] == told["eve"]
    assert "cannot_verify" in told["ann"]
    assert "answered.answers_sealed" in told["ann"]
    assert not any(answer in str(kept) for answer in ANSWERS)
    path = await bundle(stage, contest, tmp_path / "running.zip")
    with BrowserVerifier() as browser:
        facts = Judges(browser).agreed(path, about="running", practice=True)
    assert (facts["verdict"], codes(facts)) == ("pending", ["quiz-sealed"])


async def test_from_the_start_on_the_answers_are_what_they_are(stage: Stage) -> None:
    contest = await started(stage)
    (before,) = await known(stage, contest)
    assert before.promised_at is not None
    assert (before.answers, before.salt) == (None, None)
    with pytest.raises(ConflictError, match="started"):
        await sealed(stage, contest)
    async with stage.transaction() as conn:
        with pytest.raises(ConflictError):
            await quiz.forget_answers(conn, stage.actor, contest.id, "capital", now=stage.now())
    asks_more = {"kind": "all_of", "of": [*RULES["of"], ASK | {"quiz": "river"}]}
    with pytest.raises(InvalidError) as refused:
        await made_up.amended(stage, contest, rules=asks_more)
    assert [each.pointer for each in refused.value.faults] == ["/rules/of/2/quiz"]
    async with stage.rt.pool.acquire() as conn:
        for change in (
            "UPDATE quizzes SET commitment = sha256('x')",
            "UPDATE quizzes SET promised_at = NULL",
            "DELETE FROM quizzes",
        ):
            with pytest.raises(Exception, match="its answers are what they are"):
                await conn.execute(change)
        details = await conn.fetch(
            "SELECT action, detail FROM audit_log WHERE action LIKE '%quiz%'"
        )
    assert [row["detail"] for row in details] == [
        {"quiz": "capital", "commitment": before.commitment}
    ]


async def test_after_the_close_everybody_is_told_and_judged(stage: Stage, tmp_path: Path) -> None:
    contest = await drafted(stage)
    await sealed(stage, contest, ["never asked for"], code="unused")
    await sealed(stage, contest)
    contest = await begun(stage, contest)
    stage.pass_time(contest.closes_at + SOON)
    await made_up.advance(stage, contest)
    assert (await known(stage, contest))[0].opened_at is None, "comments are still being read"
    await answered(stage, contest)
    contest = await made_up.advance_until(stage, contest, stage.now() + SOON)
    opened, unused = await known(stage, contest)
    assert opened.answers == tuple(ANSWERS)
    assert unused.answers is None
    salt = bytes.fromhex(opened.salt or "")
    given: dict[str, Any] = {"contest": str(contest.id), "quiz": "capital", "answers": ANSWERS}
    assert commit_quiz(salt=salt, **given).hex() == opened.commitment
    assert await made_up.states(stage, contest) == {
        "ann": "all_conditions_hold",
        "bob": "answered.wrong_answer",
        "eve": "all_conditions_hold",
    }
    for changes, pointer in (
        ({"schedule": made_up.schedule(stage, closes_at=900, draw_at=1800)}, "/schedule/closes_at"),
        (
            {"rules": {"kind": "all_of", "of": [{"kind": "liked"}, ASK | {"counting": "any"}]}},
            "/rules",
        ),
    ):
        kept = {"schedule": contest.definition.schedule, "rules": RULES} | changes
        with pytest.raises(InvalidError) as refused:
            await made_up.amended(stage, contest, **msgspec.to_builtins(kept))
        assert [each.pointer for each in refused.value.faults] == [pointer]
    contest = await made_up.advance_until(stage, contest, contest.freeze_at + SOON)
    contest = await made_up.advance_until(stage, contest, contest.draw_at + SOON)
    assert contest.status is Status.DRAWN
    path = await bundle(stage, contest, tmp_path / "drawn.zip")
    with BrowserVerifier() as browser:
        facts = Judges(browser).agreed(path, about="drawn", practice=True)
    assert (facts["verdict"], codes(facts)) == ("practice", ["quiz-opened"])


async def test_a_question_that_was_dropped_is_opened_and_binds_who_entered_under_it(
    stage: Stage, tmp_path: Path
) -> None:
    contest = await started(stage, amendments="as_entered")
    stage.pass_time(stage.now() + MOMENT)
    await answered(stage, contest, {"ann": "Париж", "bob": "Рим"})
    await judge_all(stage.rt, contest)
    stage.pass_time(stage.now() + MOMENT)
    dropped = {"rules": {"kind": "liked"}, "amendments": "as_entered"}
    contest = await made_up.amended(stage, contest, **dropped)
    stage.pass_time(stage.now() + MOMENT)
    everybody = {"ann": "Париж", "bob": "Рим", "cem": "Лондон"}
    await answered(stage, contest, {"ann": "Париж", "bob": "Рим"})
    stage.pass_time(stage.now() + MOMENT)
    await answered(stage, contest, everybody)
    contest = await closed(stage, contest, everybody)
    assert await made_up.states(stage, contest) == {
        "ann": "all_conditions_hold",
        "bob": "answered.wrong_answer",
        "cem": "all_conditions_hold",
    }
    later = made_up.schedule(stage, closes_at=900, draw_at=1800)
    with pytest.raises(InvalidError) as refused:
        await made_up.amended(stage, contest, schedule=later, **dropped)
    assert [each.pointer for each in refused.value.faults] == ["/schedule/closes_at"]
    contest = await made_up.advance_until(stage, contest, contest.freeze_at + SOON)
    assert contest.status is Status.FROZEN
    path = await bundle(stage, contest, tmp_path / "frozen.zip")
    with BrowserVerifier() as browser:
        facts = Judges(browser).agreed(path, about="frozen", practice=True)
    assert (facts["verdict"], codes(facts)) == ("pending", ["quiz-opened"])


async def test_answers_that_are_lost_hold_the_freeze_up_until_they_are_back(stage: Stage) -> None:
    contest = await started(stage)
    stage.pass_time(contest.closes_at + SOON)
    async with stage.rt.pool.acquire() as conn:
        kept = await conn.fetchval("SELECT sealed FROM quizzes")
        foreign = Vault([generate_key()]).seal(stage.rt.vault.open(kept))
        await conn.execute("UPDATE quizzes SET sealed = $1", foreign)
    contest = await closed(stage, contest)
    assert "cannot be decrypted" in contest.obstacle
    assert contest.closing_judged_at is None
    postponed = await made_up.advance_until(stage, contest, contest.freeze_at + SOON)
    assert (postponed.status, postponed.postponements) == (Status.CLOSING, 1)
    assert "cannot be decrypted" in postponed.obstacle
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE quizzes SET sealed = $1", kept)
    contest = await made_up.advance_until(stage, postponed, postponed.freeze_at + SOON)
    assert contest.status is Status.FROZEN
    assert (await made_up.states(stage, contest))["ann"] == "all_conditions_hold"


async def test_a_rotation_of_keys_takes_sealed_answers_along(stage: Stage) -> None:
    await started(stage)
    async with stage.rt.pool.acquire() as conn:
        kept = await conn.fetchval("SELECT sealed FROM quizzes")
        secret = stage.rt.vault.open(kept)
        newest = generate_key()
        await conn.execute("UPDATE quizzes SET sealed = $1", Vault([newest]).seal(secret))
        await conn.execute("UPDATE communities SET credential = $1", Vault([newest]).seal(b"x"))
        latest = generate_key()
        assert await rotate_keys(conn, Vault([latest, newest])) == 1
        renewed = await conn.fetchval("SELECT sealed FROM quizzes")
    assert Vault([latest]).open(renewed) == secret


async def test_a_contest_that_ends_before_its_close_keeps_its_answers_sealed(
    stage: Stage, tmp_path: Path
) -> None:
    contest = await started(stage)
    async with stage.transaction() as conn:
        await made_up.life.cancel_contest(
            conn, stage.rt, stage.actor, contest.id, reason="rain", now=stage.now()
        )
    path = await bundle(stage, contest, tmp_path / "void.zip")
    with BrowserVerifier() as browser:
        facts = Judges(browser).agreed(path, about="void", practice=True)
    assert (facts["verdict"], codes(facts)) == ("practice", ["quiz-sealed"])
