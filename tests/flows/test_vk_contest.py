"""A contest on the practice VK from its start to the result under the post, without live events."""

from pathlib import Path
from typing import Any

import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import BORIS, DARYA, EGOR, GLEB, VERA

from contest_service.domain.contest import Status
from contest_service.domain.errors import InvalidError
from contest_service.flows.foresee import foresee
from contest_service.store import entrants
from contest_service.store.contests import Contest
from flows.lives import Life
from flows.stage import Stage, definition
from flows.vk_town import connected, started, town

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "reposted"},
        {"kind": "commented", "hashtag": "хочу", "mentions": 1},
        {"kind": "follows"},
        {"kind": "active"},
    ],
}


async def _enter(vk: Practice, person: int, *, skip: str = "") -> None:
    for do, about in (
        ("like", {}),
        ("repost", {"text": "Я в деле"}),
        ("comment", {"text": "#хочу эту кружку, [id1005|Даша]!"}),
        ("join", {}),
    ):
        if do != skip:
            await vk.act(do, person, **about)


async def _verdicts(stage: Stage, contest: Contest) -> dict[str, str]:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {each.subject.rpartition(":")[2]: each.reason for each in page}


async def test_a_contest_on_vk_is_watched_judged_drawn_and_announced(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await _enter(vk, BORIS)
        await _enter(vk, GLEB)
        await _enter(vk, VERA, skip="repost")
        await _enter(vk, EGOR, skip="repost")
        await _enter(vk, DARYA)
        community = await connected(stage, vk)
        url = f"https://vk.com/wall-501_{vk.post_id}"
        contest = await stage.contest(definition(stage, rules=RULES), community, [url])
        lived = Life(stage, await started(stage, contest), None, None, {})
        await stage.work()
        before = await _verdicts(stage, contest)
        assert before[str(DARYA)] == "commented.too_few_mentions"  # of nobody but herself
        assert before[str(GLEB)] == "all_conditions_hold"

        await vk.act("unrepost", BORIS)
        for moment in ("closes_at", "freeze_at", "draw_at"):
            ended = await lived.until(moment)
        assert ended.status is Status.ANNOUNCED
        assert await _verdicts(stage, contest) == {
            str(BORIS): "reposted.undone",
            str(GLEB): "all_conditions_hold",
            str(VERA): "reposted.not_seen",
            str(EGOR): "reposted.profile_closed",
            str(DARYA): "commented.too_few_mentions",
        }
        assert await lived.events() == ["rules", "freeze", "result"]
        said = await vk.call("wall.getComments", vk.service, owner_id=-501, post_id=vk.post_id)
        ours = [each["text"] for each in said["items"] if each["from_id"] == -501]
        assert len(ours) == 2
        assert "Глеб" in ours[1] or "id1004" in ours[1]


async def test_what_the_tokens_cannot_tell_is_said_before_the_start(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        community = await connected(stage, vk, service_token=vk.service)
        url = f"https://vk.com/wall-501_{vk.post_id}"
        rules = {"kind": "all_of", "of": [{"kind": "reposted"}, {"kind": "quoted"}]}
        contest = await stage.contest(definition(stage, rules=rules), community, [url])
        async with stage.transaction() as conn:
            reposted, quoted = await foresee(conn, stage.rt, contest)
        assert (reposted.at, reposted.is_never) == ("/rules/of/0", False)
        assert "VK ID" in reposted.mend
        assert (quoted.at, quoted.is_never) == ("/rules/of/1", True)
        with pytest.raises(InvalidError) as refused:
            await started(stage, contest)
        assert [fault.pointer for fault in refused.value.faults] == ["/definition/rules/of/1"]


async def test_without_an_administrator_nothing_waits_for_a_list_of_reposts(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await vk.act("like", GLEB)
        community = await connected(stage, vk, service_token=vk.service, community_token=vk.page)
        url = f"https://vk.com/wall-501_{vk.post_id}"
        rules = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
        contest = await stage.contest(definition(stage, rules=rules), community, [url])
        lived = Life(stage, await started(stage, contest), None, None, {})
        for moment in ("closes_at", "freeze_at", "draw_at"):
            ended = await lived.until(moment)
        assert ended.status is Status.ANNOUNCED
        assert await _verdicts(stage, contest) == {str(GLEB): "reposted.not_read_yet"}
