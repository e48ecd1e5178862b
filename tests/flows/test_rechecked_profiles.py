"""What the profiles of winners still have to show when these are checked after the draw, on VK."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import BORIS, DARYA, GLEB

from contest_service.domain.contest import Status
from contest_service.flows.advance import LOOK_AGAIN, RECHECK_AT_MOST
from contest_service.flows.profiles import read_winners
from contest_service.proof.events import Dq
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from flows.agreed import disqualify
from flows.drawn import SOON, outbox, winners, written
from flows.made_up import reread
from flows.stage import Stage
from flows.vk_town import brisk_lanes, connected, drafted, pass_time, started, town

PEOPLE = (BORIS, GLEB, DARYA)
OPEN = {"kind": "profile_open"}
STILL_OPEN = OPEN | {"moment": "draw"}
Place = tuple[Any, Path, str]


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


async def _frozen(stage: Stage, vk: Practice, *asked: dict[str, Any], **changes: Any) -> Contest:
    """A contest whose list is fixed, with everybody on it."""
    for person in PEOPLE:
        await vk.act("like", person)
        await vk.act("repost", person, text="Я в деле")
    rules = {"kind": "all_of", "of": [{"kind": "liked"}, *asked]}
    contest = await drafted(stage, vk, await connected(stage, vk), rules=rules, **changes)
    contest = await started(stage, contest)
    for moment in ("closes_at", "freeze_at"):
        contest = await _until(stage, vk, contest, moment)
    assert contest.status is Status.FROZEN
    return contest


async def _until(stage: Stage, vk: Practice, contest: Contest, moment: str) -> Contest:
    pass_time(stage, vk, getattr(contest, moment) + SOON)
    await stage.work()
    return await reread(stage, contest)


def _close(vk: Practice, people: Iterable[int] = PEOPLE) -> None:
    """Let people close their profiles."""
    known = vk.vk.world.people
    for id_ in people:
        person = known.get(id_)
        assert person is not None
        known.put(msgspec.structs.replace(person, is_closed=True))


async def _reasons(stage: Stage, contest: Contest) -> list[str]:
    return [each.body.reason for each in await written(stage, contest) if isinstance(each.body, Dq)]


async def test_winners_whose_profiles_show_it_no_longer_are_succeeded(place: Place) -> None:
    async with town(*place) as (stage, vk):
        contest = await _frozen(stage, vk, STILL_OPEN)
        _close(vk)
        ended = await _until(stage, vk, contest, "draw_at")
        assert ended.status is Status.ANNOUNCED
        # Each who came next had closed it, too, and nobody is left.
        assert await _reasons(stage, contest) == ["conditions-no-longer-hold"] * 3
        assert await winners(stage, contest) == []


@pytest.mark.parametrize(
    ("asked", "changes", "fallen"),
    [
        (OPEN, {}, 0),
        (OPEN, {"recheck_winners": True}, 3),
        ({"kind": "has_picture", "moment": "draw"}, {}, 0),
    ],
    ids=["asked at the close", "all asked once more", "something else is asked"],
)
async def test_only_what_has_to_be_shown_still_takes_a_prize(
    place: Place, asked: dict[str, Any], changes: dict[str, Any], fallen: int
) -> None:
    async with town(*place) as (stage, vk):
        contest = await _frozen(stage, vk, asked, **changes)
        _close(vk)
        await _until(stage, vk, contest, "draw_at")
        assert len(await _reasons(stage, contest)) == fallen


async def test_a_repost_behind_a_profile_that_was_closed_since_is_not_undone(place: Place) -> None:
    async with town(*place) as (stage, vk):
        contest = await _frozen(stage, vk, {"kind": "reposted", "moment": "draw"})
        _close(vk)
        for person in PEOPLE:
            await vk.act("unrepost", person)  # as VK's list shows it either way
        ended = await _until(stage, vk, contest, "draw_at")
        assert ended.status is Status.ANNOUNCED
        assert await _reasons(stage, contest) == []


async def test_what_a_profile_shows_after_the_check_takes_nothing_from_a_successor(
    place: Place,
) -> None:
    async with town(*place) as (stage, vk):
        contest = await _frozen(stage, vk, STILL_OPEN)
        announced = await _until(stage, vk, contest, "draw_at")
        (first,) = await winners(stage, contest)
        pass_time(stage, vk, stage.now() + timedelta(hours=1))
        _close(vk)
        assert await read_winners(stage.rt, announced)  # as another contest may read them
        await disqualify(stage, contest, first)
        assert await _reasons(stage, contest) == ["declined"]
        (second,) = await winners(stage, contest)
        assert second != first


async def test_profiles_that_cannot_be_read_are_waited_for_and_take_nothing(place: Place) -> None:
    async with town(*place) as (stage, vk):
        contest = await _frozen(stage, vk, STILL_OPEN)
        _close(vk)
        stage.rt = replace(stage.rt, lanes=brisk_lanes(stage))
        await vk.make("faults", method="users.get", code=10, times=1000)
        waiting = await _until(stage, vk, contest, "draw_at")
        assert (waiting.status, waiting.rechecked_at) == (Status.DRAWN, None)
        pass_time(stage, vk, stage.now() + LOOK_AGAIN + SOON)
        await stage.work()
        assert not await outbox(stage, contest, AnnouncementKind.RESULT)
        pass_time(stage, vk, contest.draw_at + RECHECK_AT_MOST + SOON)
        await stage.work()
        assert (await reread(stage, contest)).rechecked_at is not None
        assert await _reasons(stage, contest) == []
