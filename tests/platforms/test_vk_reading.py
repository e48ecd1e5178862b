"""Reading posts, likes, reposts and members of the practice VK, while they change."""

import json
import time
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from redis.asyncio import Redis
from sandbox.vk.stage import ANNA, BORIS, DARYA, EGOR, GLEB, NOW, PAGE, VERA, WALL

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.evidence import Action, TargetKind
from contest_service.platforms.base import Missing, Remains
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import open_adapter
from contest_service.platforms.vk.lanes import Lanes
from contest_service.quota import RedisLimiter
from contest_service.sandbox.vk import acts, societies, walls
from contest_service.sandbox.vk.churn import Change
from contest_service.sandbox.vk.people import Crowd
from platforms.conftest import Keeper
from platforms.loopback import as_json
from platforms.vk_facing import HOSTS, POST, Refused, Vk, facing_vk
from platforms.vk_practice import Practice, pages, practice

FIRST = 2001


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        yield opened


def crowd(vk: Practice, count: int) -> list[int]:
    """Let so many people exist."""
    vk.vk.world.people.gather(Crowd(first=FIRST, count=count))
    return list(range(FIRST, FIRST + count))


async def test_a_post_is_found_by_its_address_and_counted(vk: Practice) -> None:
    await vk.act("like", GLEB)
    await vk.act("repost", GLEB)
    await vk.act("forward", DARYA)
    await vk.act("comment", EGOR, text="hi")
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        counts = (await adapter.counters(target)).counts
    assert target.platform is Platform.VK
    assert target.kind is TargetKind.POST
    assert (target.ref, target.author, target.pin) == (f"{WALL}_1", str(WALL), "")
    assert target.instance == vk.vk.url.removeprefix("http://")
    # A post that somebody sent in a message is not on their wall.
    assert counts == {Action.LIKE: 1, Action.REPOST: 1, Action.COMMENT: 1}
    assert AccountKey(platform=Platform.VK, id=target.author).subject == f"vk:{WALL}"


async def test_a_post_that_is_deleted_is_gone(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        await vk.act("like", GLEB)
        walls.delete(vk.vk.world, vk.post, at=NOW)
        for action in (Action.LIKE, Action.REPOST, Action.COMMENT):
            with pytest.raises(PlatformError) as failure:
                await pages(adapter, target, action)
            assert failure.value.kind is FailureKind.GONE
        for asked in (adapter.counters(target), vk.target(adapter)):
            with pytest.raises(PlatformError) as failure:
                await asked
            assert failure.value.kind is FailureKind.GONE


async def test_a_community_token_alone_takes_a_post_on_trust(vk: Practice) -> None:
    async with vk.adapter("community") as adapter:
        target = await vk.target(adapter)
        assert (await adapter.counters(target)).counts == {}
        assert (await adapter.community_target()).ref == str(WALL)


@pytest.mark.parametrize("kinds", [("service",), ("user",), ()])
async def test_likes_are_listed_with_communities_among_them(
    vk: Practice, kinds: tuple[str, ...]
) -> None:
    acts.like_in_bulk(vk.post, [-PAGE, GLEB, DARYA], at=NOW)
    async with vk.adapter(*kinds) as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.LIKE)
    assert [each.account for page in read for each in page.sightings] == [
        str(DARYA),
        str(GLEB),
        str(-PAGE),
    ]
    assert {(each.ref, each.at) for each in read[0].sightings} == {("", None)}
    assert read[0].next is None
    assert read[0].body.startswith(b"{")
    assert b"items" in read[0].body


@pytest.mark.parametrize("change", [(0, 0), (3, 0), (0, 3), (5, 5), (40, 1), (0, 30)])
async def test_a_long_list_that_changes_loses_nobody(vk: Practice, change: tuple[int, int]) -> None:
    people = crowd(vk, 12_000)
    acts.like_in_bulk(vk.post, people, at=NOW)
    arrivals, removals = change
    vk.vk.site.churn.changes["likes"] = Change(arrivals=arrivals, removals=removals)
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.LIKE)
    accounts = [each.account for page in read for each in page.sightings]
    stayed = set(people) & set(vk.post.reactions.likes)
    assert stayed <= set(map(int, accounts))
    assert len(accounts) == len(set(accounts))


async def test_a_hundred_thousand_likes_cost_about_a_hundred_calls(vk: Practice) -> None:
    acts.like_in_bulk(vk.post, crowd(vk, 100_000), at=NOW)
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.LIKE)
    asked = vk.vk.site.limits.of(vk.service)
    assert sum(len(page.sightings) for page in read) == 100_000
    # The post itself, and the bundles: 8 pages, 25 pages each, and the last ones.
    assert asked.calls["likes.getList"] <= 103
    assert asked.requests <= 9


async def test_people_who_are_hidden_do_not_end_a_list(vk: Practice) -> None:
    acts.like_in_bulk(vk.post, crowd(vk, 5_000), at=NOW)
    vk.vk.world.behaviour.lists_hide_deactivated = True
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.LIKE)
    shown = {int(each.account) for page in read for each in page.sightings}
    world = vk.vk.world
    assert shown == {
        id_ for id_ in vk.post.reactions.likes if (p := world.person(id_)) and not p.deactivated
    }
    assert len(shown) < 5_000


async def test_a_scan_goes_on_from_any_page(vk: Practice) -> None:
    people = crowd(vk, 4_500)
    acts.like_in_bulk(vk.post, people, at=NOW)
    async with vk.adapter("service") as adapter:
        target = await vk.target(adapter)
        read = await pages(adapter, target, Action.LIKE)
        for number, page in enumerate(read[:-1]):
            before = {each.account for each in read[: number + 1] for each in each.sightings}
            rest = await pages(adapter, target, Action.LIKE, page.next)
            after = {each.account for each in rest for each in each.sightings}
            assert {str(id_) for id_ in people} == before | after
            assert len(rest) <= len(read) - number


async def test_reposts_are_listed_with_what_is_shown_of_them(vk: Practice) -> None:
    await vk.act("repost", GLEB, text="Зову [id1005|Дашу] #Кофе")
    vk.clock.now = NOW + 60
    await vk.act("repost", EGOR, text="closed")
    async with vk.adapter() as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.REPOST)
    found = {each.account: each for page in read for each in page.sightings}
    assert set(found) == {str(GLEB), str(EGOR)}
    assert found[str(GLEB)].at == NOW
    assert found[str(GLEB)].tags == ("кофе",)
    assert found[str(GLEB)].mentions == (str(DARYA),)
    # Egor's profile is closed: that he reposted is known, and nothing more.
    assert (found[str(EGOR)].at, found[str(EGOR)].text) == (None, "")
    assert {each.ref for each in found.values()} == {""}


@pytest.mark.parametrize("way", ["empty", "denied"])
async def test_reposts_that_are_not_shown_are_never_an_empty_list(
    vk: Practice, way: Literal["empty", "denied"]
) -> None:
    vk.vk.world.behaviour.refused_copies = way
    await vk.act("repost", GLEB)
    vk.anna = vk.vera
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        with pytest.raises(PlatformError, match="editor") as failure:
            await pages(adapter, target, Action.REPOST)
        assert failure.value.kind is FailureKind.FORBIDDEN


async def test_an_administrator_who_lost_the_role_meanwhile_fails_the_pass(vk: Practice) -> None:
    for person in (GLEB, DARYA, BORIS, VERA):
        await vk.act("repost", person)
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        vk.vk.world.communities[PAGE].admins[ANNA] = "moderator"
        with pytest.raises(PlatformError) as failure:
            await pages(adapter, target, Action.REPOST)
    assert failure.value.kind is FailureKind.FORBIDDEN


async def test_an_empty_list_where_the_post_counts_reposts_is_not_believed() -> None:
    post = {"id": 2, "owner_id": -1, "reposts": {"count": 9, "wall_count": 9}}
    vk = Vk(
        likes__getList=lambda _: {"count": 0, "items": []},
        groups__getById=lambda _: {"groups": [{"id": 1}]},
        wall__getReposts=lambda _: {"items": []},
        wall__getById=lambda _: {"items": [post]},
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await pages(adapter, POST, Action.REPOST)
        assert failure.value.kind is FailureKind.FORBIDDEN
        post["reposts"] = {"count": 9, "wall_count": 0}
        assert len(await pages(adapter, POST, Action.REPOST)) == 1


async def test_reposts_that_are_not_shown_as_posts_are_no_failure() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(15)

    vk = Vk(
        likes__getList=lambda _: {"count": 1, "items": [7]},
        groups__getById=lambda _: {"groups": [{"id": 1, "is_admin": 1, "admin_level": 2}]},
        wall__getReposts=refuse,
    )
    async with facing_vk(vk) as (adapter, _):
        read = await pages(adapter, POST, Action.REPOST)
    assert [each.account for page in read for each in page.sightings] == ["7"]


async def test_many_reposts_are_read_no_further_than_they_tell_something(vk: Practice) -> None:
    for person in crowd(vk, 950):
        acts.repost(vk.vk.world, person, vk.post, at=NOW)
    async with vk.adapter() as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.REPOST)
    found = [each for page in read for each in page.sightings]
    assert len(found) == 950
    shown = [each for each in found if each.at is not None]
    assert len(shown) > 700
    assert vk.vk.site.limits.of(vk.anna).calls["wall.getReposts"] <= 30


async def test_a_repost_that_an_event_told_of_is_asked_about(vk: Practice) -> None:
    await vk.act("repost", EGOR)
    gone = Missing(account=str(GLEB), ref="", heard=True)
    there = Missing(account=str(EGOR), ref="", heard=True)
    listed = Missing(account=str(DARYA), ref="", heard=False)
    community = Missing(account="-501", ref="", heard=True)
    missing = [gone, there, listed, community]
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        assert await adapter.look_again(target, Action.REPOST, missing) == {
            gone: Remains.GONE,
            there: Remains.THERE,
            community: Remains.UNKNOWN,
        }
        assert await adapter.look_again(target, Action.LIKE, missing) == {}
    async with vk.adapter("community", "service") as adapter:
        found = await adapter.look_again(target, Action.REPOST, missing)
    assert set(found.values()) == {Remains.UNKNOWN}


@pytest.mark.parametrize("change", [(0, 0), (3, 3), (0, 20), (30, 0)])
async def test_members_are_listed_while_they_come_and_go(
    vk: Practice, change: tuple[int, int]
) -> None:
    people = crowd(vk, 7_500)
    community = vk.vk.world.communities[PAGE]
    societies.join_in_bulk(community, people, at=NOW)
    arrivals, removals = change
    vk.vk.site.churn.changes["members"] = Change(arrivals=arrivals, removals=removals)
    async with vk.adapter("community") as adapter:
        target = await adapter.community_target()
        read = await pages(adapter, target, Action.FOLLOW)
    accounts = [int(each.account) for page in read for each in page.sightings]
    assert set(people) & set(community.members) <= set(accounts)
    assert len(accounts) == len(set(accounts))
    assert read[-1].next is None


async def test_an_older_server_that_answers_posts_as_a_list_is_read_too() -> None:
    vk = Vk(wall__getById=lambda _: [{"id": 2, "owner_id": -1, "likes": {"count": 3}}])
    async with facing_vk(vk) as (adapter, _):
        target = await adapter.find_post("https://m.vk.com/wall-1_2")
        assert (await adapter.counters(target)).counts == {Action.LIKE: 3}


async def test_an_answer_of_another_form_is_malformed_and_names_the_field() -> None:
    vk = Vk(likes__getList=lambda _: {"count": "many", "items": []})
    vk.methods["wall.getById"] = lambda _: {"items": [{"id": 2, "owner_id": -1}]}
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError, match=r"\$\.count") as failure:
            await pages(adapter, POST, Action.LIKE)
    assert failure.value.kind is FailureKind.MALFORMED


async def test_quotes_are_not_told_from_reposts() -> None:
    async with facing_vk(lambda _: as_json({})) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            adapter.scan(POST, Action.QUOTE, None)
    assert failure.value.kind is FailureKind.UNSUPPORTED


async def test_a_scan_keeps_within_vks_pace(redis_url: str) -> None:
    async with practice(ticks=time.monotonic) as vk, Redis.from_url(redis_url) as redis:
        acts.like_in_bulk(vk.post, crowd(vk, 60_000), at=NOW)
        await vk.make("limits", user=3, service=3, group=20)
        credential = {"service_token": vk.service, "community": "coffee"}
        async with open_adapter(
            Platform.VK,
            endpoints={"api": vk.vk.url, "oauth": vk.vk.url},
            credential=json.dumps(credential).encode(),
            session=Keeper(),
            hosts=HOSTS,
            lanes=Lanes(RedisLimiter(redis), HOSTS),
        ) as adapter:
            target = await adapter.find_post(f"https://vk.com/wall{WALL}_1")
            read = [page async for page in adapter.scan(target, Action.LIKE, None)]
        asked = vk.vk.site.limits.of(vk.service)
    assert sum(len(page.sightings) for page in read) == 60_000
    assert asked.requests - asked.refused <= 7
    # One of them may come late, and the next one in time.
    assert asked.most_in_a_second <= 4
