"""Comments that copy what somebody else wrote under another post of the same contest."""

from pathlib import Path
from typing import Any

import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import BORIS, DARYA, GLEB, VERA, WALL

from contest_service.flows.measure import measure
from contest_service.store import entrants, signals
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.signals import Seek
from flows.lives import Life
from flows.stage import Stage, definition
from flows.vk_town import connected, pass_time, started, town

TEXT = "Этот кофе спас мне утро, и теперь без него я из дома не выхожу"
ORIGINAL = {"kind": "commented", "original": True}
COUNTS, COPIED = "all_conditions_hold", "commented.comment_copied"
Place = tuple[Any, Path, str]


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


async def _second_post(vk: Practice) -> int:
    return int((await vk.make("posts", owner_id=WALL, text="Ещё розыгрыш!"))["id"])


async def _started(stage: Stage, community: Community, *posts: int) -> Contest:
    urls = [f"https://vk.com/wall{WALL}_{post}" for post in posts]
    draft = await stage.contest(definition(stage, rules=ORIGINAL), community, urls)
    contest = await started(stage, draft)
    await stage.work()
    return contest


async def _reasons(stage: Stage, contest: Contest) -> dict[int, str]:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {int(each.subject.rpartition(":")[2]): each.reason for each in page}


async def _write(vk: Practice, person: int, post: int, text: str = TEXT) -> None:
    vk.clock.now += 5
    await vk.act("comment", person, post_id=post, text=text)


async def test_a_copy_is_found_under_whatever_post_it_stands(place: Place) -> None:
    async with town(*place) as (stage, vk):
        other = await _second_post(vk)
        await _write(vk, BORIS, vk.post_id)
        await _write(vk, BORIS, other)
        await _write(vk, VERA, other, f"{TEXT}!!!")
        await _write(vk, GLEB, other, "А я пью только чай, но за компанию поучаствую и в этом")
        contest = await _started(stage, await connected(stage, vk), vk.post_id, other)
        assert await _reasons(stage, contest) == {BORIS: COUNTS, VERA: COPIED, GLEB: COUNTS}
        await measure(stage.rt, contest)
        async with stage.rt.pool.acquire() as conn:
            (scored,) = await signals.list_page(
                conn,
                contest,
                at_least=0,
                signal="copied_comments",
                state=None,
                after=Seek(),
                limit=9,
            )
        assert scored.subject.endswith(f":{VERA}")
        assert scored.facts["copied_comments"] == {"copies": 1, "words": 14, "accounts": 2}


async def test_whoever_wrote_first_copied_nobody_though_it_is_read_later(place: Place) -> None:
    async with town(*place) as (stage, vk):
        other = await _second_post(vk)
        await _write(vk, VERA, other)
        await _write(vk, BORIS, vk.post_id)
        contest = await _started(stage, await connected(stage, vk), vk.post_id, other)
        assert await _reasons(stage, contest) == {VERA: COUNTS, BORIS: COPIED}
        # A later one under the first post is one of the same kind, and still no other's copy.
        await _write(vk, VERA, vk.post_id)
        await _write(vk, DARYA, vk.post_id)
        pass_time(stage, vk, stage.now())
        await Life(stage, contest, None, None, {}).until("closes_at")
        assert await _reasons(stage, contest) == {VERA: COUNTS, BORIS: COPIED, DARYA: COPIED}


async def test_what_stands_under_a_post_of_another_contest_is_no_matter(place: Place) -> None:
    async with town(*place) as (stage, vk):
        other = await _second_post(vk)
        await _write(vk, BORIS, vk.post_id)
        await _write(vk, VERA, other)
        await _write(vk, GLEB, other)
        community = await connected(stage, vk)
        one = await _started(stage, community, vk.post_id)
        both = await _started(stage, community, vk.post_id, other)
        alone = await _started(stage, community, other)
        assert await _reasons(stage, one) == {BORIS: COUNTS}
        assert await _reasons(stage, both) == {BORIS: COUNTS, VERA: COPIED, GLEB: COPIED}
        assert await _reasons(stage, alone) == {VERA: COUNTS, GLEB: COPIED}
