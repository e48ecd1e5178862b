"""The town: people who live around a post by themselves, the same ones from the same seed."""

import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE

from contest_service.sandbox.vk.records import Community, Post
from contest_service.sandbox.vk.saving import pack, unpack
from contest_service.sandbox.vk.server import serve
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.town import Town
from contest_service.sandbox.vk.townsfolk import QUIET, Asked, Season, is_regular, plan
from contest_service.sandbox.vk.walls import delete, publish
from contest_service.sandbox.vk.world import World
from sandbox.clock import Clock
from sandbox.vk.stage import NOW, PAGE, WALL, Stage
from sandbox.vk.waiting import until

ASKED = Asked(reposts=True, joins=True, comments=1, hashtags=("кружка",), mentions=2)
SECONDS = 100.0
SEASON = Season(begins_at=float(NOW), ends_at=NOW + SECONDS)
AFTER = SECONDS + 20
"""When latecomers are through too."""


def make_site(seed: str = "one", people: int = 300, posts: int = 1) -> Site:
    """A page with some posts, and a town around each."""
    site = Site(World(), clock=Clock(NOW), ticks=Clock(0))
    site.world.communities[PAGE] = Community(id=PAGE, name="Кофейня", screen_name="coffee")
    for number in range(posts):
        post = publish(
            site.world, Post(owner_id=WALL, id=0, from_id=WALL, date=NOW, text="Розыгрыш")
        )
        town = Town(
            owner_id=WALL,
            post_id=post.id,
            seed=f"{seed}{number}",
            season=SEASON,
            asked=ASKED,
            first_person=site.world.people.next_id,
            people=people,
        )
        site.towns.settle(site.world, town)
    return site


def lived(site: Site, *moments: float) -> bytes:
    """Let time pass in these steps, in seconds since the start, and write the world down."""
    for moment in (*sorted(moments), AFTER):
        site.towns.advance(site.world, NOW + moment)
    return pack(site)


def first_post(site: Site) -> Post:
    return site.world.posts[WALL, 1]


def history(site: Site) -> list[tuple[int, str, int, int]]:
    return first_post(site).reactions.history.told()


@given(st.lists(st.floats(min_value=0, max_value=AFTER), max_size=12))
def test_the_same_seed_makes_the_same_town_however_often_somebody_looks(
    moments: list[float],
) -> None:
    at_once = lived(make_site(people=15, posts=2))
    assert lived(make_site(people=15, posts=2), *moments) == at_once


def test_another_seed_makes_another_town() -> None:
    assert lived(make_site("one")) != lived(make_site("two"))


def test_what_is_kept_in_the_middle_goes_on_as_if_nothing_had_happened() -> None:
    whole = lived(make_site())
    site = make_site()
    site.towns.advance(site.world, NOW + 33)
    revived = Site(World(), clock=Clock(NOW), ticks=Clock(0))
    unpack(revived, pack(site))
    assert lived(revived) == whole


def test_nothing_happens_before_its_time_and_nothing_twice() -> None:
    site = make_site()
    assert site.towns.advance(site.world, NOW - 1) == 0
    done = site.towns.advance(site.world, NOW + AFTER)
    assert done == len(site.towns.all[0].planned())
    assert site.towns.advance(site.world, NOW + AFTER) == 0


def test_everything_is_done_at_its_own_time_though_somebody_looks_late() -> None:
    site = make_site()
    lived(site)
    times = [at for at, *_ in history(site)]
    assert times == sorted(times)
    assert min(times) < NOW + 5
    assert len(set(times)) > SECONDS / 2


def test_many_come_at_the_start_and_some_at_the_last_moment() -> None:
    site = make_site(people=2000)
    lived(site)
    likes = Counter(int(at - NOW) // 10 for at, deed, *_ in history(site) if deed == "like")
    assert likes[0] > 4 * likes[5]
    assert likes[9] > 1.2 * likes[5]


def test_people_do_all_that_they_can_do() -> None:
    site = make_site(people=2000)
    lived(site)
    world, post = site.world, first_post(site)
    deeds = Counter(deed for _, deed, *_ in history(site))
    assert {"like", "unlike", "repost", "unrepost", "forward", "comment", "erase"} <= deeds.keys()
    assert deeds["unrepost"] > 50
    moves = {deed for _, deed, *_ in world.communities[PAGE].history.told()}
    assert moves == {"join", "leave"}
    comments = [said for said in world.comments.values() if not said.is_deleted]
    assert any(said.parent for said in comments)
    assert any(said.edited for said in comments)
    assert Counter(Counter(said.text for said in comments).values())[2] > 0  # copied ones
    assert len(post.reactions.copies) < deeds["repost"]
    described = world.people.described.values()
    assert any(person.is_closed for person in described)
    assert any(person.deactivated for person in described)


def test_most_comments_have_what_is_asked_and_some_lack_it() -> None:
    site = make_site(people=1000)
    lived(site)
    fitting, untagged, alone = 0, 0, 0
    for said in site.world.comments.values():
        named = set(map(int, re.findall(r"(?:\[|@)id(\d+)", said.text))) - {said.from_id}
        assert all(person in site.world.people for person in named)
        has_tag = "#кружка" in said.text.lower().split()
        untagged += not has_tag
        alone += len(named) < ASKED.mentions
        fitting += has_tag and len(named) >= ASKED.mentions
    assert fitting > 4 * untagged > 0
    assert fitting > 4 * alone > 0


@given(st.text(max_size=8), st.integers(0, 5000), st.integers(1, 3), st.floats(3, 1e6))
def test_nobody_does_anything_just_before_the_end(
    seed: str, number: int, comments: int, seconds: float
) -> None:
    season = Season(begins_at=NOW, ends_at=NOW + seconds)
    deeds = plan(seed, number, asked=Asked(comments=comments, reposts=True), season=season)
    assert all(deed.due >= NOW for deed in deeds)
    assert not [deed for deed in deeds if season.ends_at - QUIET + 1e-3 < deed.due < season.ends_at]
    assert {deed.do for deed in deeds if deed.due >= season.ends_at} <= {"comment"}


def test_a_deleted_post_is_left_alone() -> None:
    site = make_site()
    site.towns.advance(site.world, NOW + 10)
    delete(site.world, first_post(site), at=NOW + 10)
    before = len(history(site))
    lived(site)
    assert len(history(site)) == before


def test_regulars_are_members_from_the_start() -> None:
    site = make_site(people=500)
    town = site.towns.all[0]
    regulars = [town.first_person + n for n in range(500) if is_regular(town.seed, n)]
    assert list(site.world.communities[PAGE].members) == regulars
    assert 100 < len(regulars) < 250


async def make_town(stage: Stage, **more: Any) -> Any:
    return await stage.make(
        "towns", owner_id=WALL, post_id=stage.post_id, ends_at=NOW + SECONDS, **more
    )


async def test_a_town_lives_by_the_worlds_clock(stage: Stage) -> None:
    made = await make_town(stage, people=200, seed="s")
    assert made["people"]["count"] == 200
    assert (await stage.likers(stage.service))[:1] == []
    stage.clock.now += AFTER
    (town,) = stage.vk.site.towns.all
    await until(lambda: town.done == len(town.planned()))
    assert [told["done"] for told in (await stage.look("towns"))["towns"]] == [made["deeds"]]
    likers = set(await stage.likers(stage.service, count=1000))
    first = made["people"]["first"]
    assert len(likers) > 100
    assert likers <= set(range(first, first + 200))


async def test_a_town_that_cannot_be_is_refused_with_the_reason(stage: Stage) -> None:
    await make_town(stage)
    wrong = [
        {"post_id": stage.post_id},
        {"post_id": 99},
        {"people": 0},
        {"ends_at": NOW - 1},
        {"hashtag": "x"},
    ]
    for change in wrong:
        body = {"owner_id": WALL, "post_id": stage.post_id, "ends_at": NOW + 9, **change}
        answer = await stage.client.post("/sandbox/towns", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]


def _has_done(town: Town, count: int) -> bool:
    return town.done == count


async def test_a_restarted_server_goes_on_with_its_town(tmp_path: Path) -> None:
    clock = Clock(NOW)
    for seconds in (10, AFTER):
        async with (
            serve(clock=clock, path=tmp_path / "vk.world") as vk,
            httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
        ):
            if seconds == 10:
                stage = Stage(vk, client, clock, Clock(0))
                await stage.build()
                await make_town(stage, people=300, seed="s")
            (town,) = vk.site.towns.all
            before = town.done
            clock.now = NOW + seconds
            due = sum(deed.due <= clock.now for deed in town.planned())
            await until(partial(_has_done, town, due))
            assert due > before
            post = vk.world.posts[WALL, 1]
    assert len([told for told in post.reactions.history.told() if told[1] == "like"]) > 200


@given(st.integers(1, 3), st.integers(0, 4), st.text(max_size=3))
def test_the_smallest_towns_live_too(people: int, mentions: int, seed: str) -> None:
    site = make_site(people=0)
    asked = Asked(comments=2, hashtags=("a", "b"), words=12, mentions=mentions)
    town = Town(
        owner_id=WALL,
        post_id=1,
        seed=seed,
        season=SEASON,
        asked=asked,
        first_person=site.world.people.next_id,
        people=people,
    )
    site.towns.settle(site.world, town)
    lived(site)
    assert town.done == len(town.planned())
