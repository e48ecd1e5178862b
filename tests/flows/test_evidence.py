"""What scans make of evidence that moves, on the real network."""

from pathlib import Path
from typing import Any

from contest_service.flows import life
from contest_service.store import coverage
from flows.stage import definition, open_stage, verdicts


async def test_an_answer_to_a_deleted_comment_is_not_withdrawn(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    page, regrets, answers = network.people(3, "tree")
    post = page.post("Say something")
    first = regrets.reply(post, "I go")
    answers.reply(first, "I stay")
    network.settle()
    async with open_stage(pool, tmp_path, network.hosts) as stage:
        community = await stage.community(page, network.endpoints)
        rules = {"kind": "commented"}
        contest = await stage.contest(definition(stage, rules=rules), community, [post.uri])
        async with stage.transaction() as conn:
            await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())
        await stage.work()
        async with pool.acquire() as conn:
            (covered,) = await coverage.of_contest(conn, contest.workspace_id, contest.id)
        assert (covered.seen, covered.claimed) == (2, 2)
        regrets.undo(first.uri)
        network.settle()
        stage.pass_time(contest.closes_at)
        await stage.work()
        assert await verdicts(stage, contest) == {
            regrets.did: "commented.undone",
            answers.did: "all_conditions_hold",
        }
