"""A quiz on the practice VK: answers in real comments, edited and deleted ones, to the result."""

from pathlib import Path
from typing import Any

from sandbox.vk.stage import BORIS, DARYA, EGOR, GLEB, VERA

from contest_service.domain.contest import Status
from contest_service.flows import quiz
from contest_service.store import entrants
from contest_service.store.contests import Contest
from flows.live import MOMENT
from flows.lives import Life
from flows.stage import Stage
from flows.vk_town import connected, drafted, pass_time, started, town

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "answered", "quiz": "beans", "question": "Сколько зёрен?", "hashtag": "ответ"},
    ],
}


async def _judged(stage: Stage, contest: Contest) -> dict[str, str]:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {each.subject.rpartition(":")[2]: each.reason for each in page}


async def test_a_quiz_on_vk_is_answered_judged_after_the_close_and_drawn(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        contest = await drafted(stage, vk, await connected(stage, vk), rules=RULES)
        async with stage.transaction() as conn:
            await quiz.seal_answers(
                conn,
                stage.rt,
                stage.actor,
                contest.id,
                "beans",
                answers=["сорок", "40"],
                now=stage.now(),
            )
        lived = Life(stage, await started(stage, contest), None, None, {})
        said = {
            GLEB: "Думаю, СОРОК! #ответ",
            BORIS: "пятьдесят #ответ",
            VERA: "40 #ответ",
            DARYA: "сорок",
            EGOR: "сорок #ответ",
        }
        written = {}
        for person, text in said.items():
            await vk.act("like", person)
            written[person] = (await vk.act("comment", person, text=text))["id"]
        await stage.work()
        sealed = "answered.answers_sealed"
        before = await _judged(stage, contest)
        assert before == {
            str(GLEB): sealed,
            str(BORIS): sealed,
            str(VERA): sealed,
            str(EGOR): sealed,
            str(DARYA): "answered.hashtag_missing",
        }
        pass_time(stage, vk, stage.now() + MOMENT)
        await vk.act("edit_comment", BORIS, comment_id=written[BORIS], text="сорок #ответ")
        await vk.act("erase", VERA, comment_id=written[VERA])
        for moment in ("closes_at", "freeze_at", "draw_at"):
            ended = await lived.until(moment)
        assert ended.status is Status.ANNOUNCED
        assert await _judged(stage, contest) == {
            str(GLEB): "all_conditions_hold",
            str(EGOR): "all_conditions_hold",
            str(BORIS): "answered.wrong_answer",
            str(VERA): "answered.undone",
            str(DARYA): "answered.hashtag_missing",
        }
