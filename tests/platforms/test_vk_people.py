"""Profiles, memberships and standing on the practice VK."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, NOW, PAGE, WALL

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action, Asked
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.adapter import VkAdapter
from contest_service.sandbox.vk import societies
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import Ban
from platforms.vk_facing import POST, Refused, Vk, facing_vk
from platforms.vk_practice import Practice, practice

NOBODY = "999999"


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        yield opened


async def asked(adapter: VkAdapter, accounts: list[str]) -> list[Asked]:
    target = await adapter.community_target()
    return [each async for each in adapter.ask(target, Action.FOLLOW, accounts)]


@pytest.mark.parametrize("kinds", [("community",), ("service",), ("user",)])
async def test_membership_is_asked_about(vk: Practice, kinds: tuple[str, ...]) -> None:
    await vk.act("join", GLEB)
    async with vk.adapter(*kinds) as adapter:
        answers = await asked(adapter, [str(GLEB), str(DARYA), "-501", "did:plc:x", str(GLEB)])
    assert [each.account for answer in answers for each in answer.present] == [str(GLEB)]
    assert {each for answer in answers for each in answer.absent} == {str(DARYA), "-501"}
    assert {each for answer in answers for each in answer.hidden} == {"did:plc:x"}


async def test_thousands_are_asked_about_five_hundred_at_a_time(vk: Practice) -> None:
    vk.vk.world.people.gather(Crowd(first=2001, count=6_000))
    people = [str(2001 + n) for n in range(6_000)]
    societies.join_in_bulk(vk.vk.world.communities[PAGE], range(2001, 5001), at=NOW)
    async with vk.adapter("community") as adapter:
        answers = await asked(adapter, people)
    named = [each.account for answer in answers for each in answer.present]
    named += [each for answer in answers for each in answer.absent]
    assert sorted(named) == sorted(people)
    assert sum(len(answer.present) for answer in answers) == 3_000
    assert vk.vk.site.limits.of(vk.page).requests <= 2


async def test_whom_vk_leaves_out_or_refuses_to_tell_of_is_hidden() -> None:
    def is_member(parameters: dict[str, str]) -> Any:
        if "13" in parameters["user_ids"].split(","):
            raise Refused(100)
        return [{"user_id": 7, "member": 1}]

    vk = Vk(groups__isMember=is_member)
    async with facing_vk(vk) as (adapter, _):
        (some,) = await asked(adapter, ["7", "8"])
        (none,) = await asked(adapter, ["7", "13"])
    assert some.hidden == ("8",)
    assert none.hidden == ("7", "13")


async def test_only_membership_is_asked_about() -> None:
    async with facing_vk(Vk()) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            adapter.ask(POST, Action.LIKE, ["7"])
    assert failure.value.kind is FailureKind.UNSUPPORTED


async def test_profiles_tell_what_vk_shows(vk: Practice) -> None:
    await vk.make(
        "people",
        people=[
            {
                "first_name": "Зоя",
                "last_name": "Попова",
                "screen_name": "zoya",
                "bdate": "2.3.1991",
                "city": {"id": 60, "title": "Казань"},
                "country": {"id": 1, "title": "Россия"},
                "has_photo": False,
                "followers_count": 12,
            },
            {"first_name": "Гость", "last_name": "", "deactivated": "banned"},
        ],
    )
    zoya, guest = 1007, 1008
    accounts = [str(each) for each in (zoya, guest, EGOR, WALL)]
    async with vk.adapter("service") as adapter:
        found = {each.account: each for each in await adapter.profiles([*accounts, NOBODY, "x"])}
    assert set(found) == set(accounts)
    assert found[str(zoya)] == Profile(
        account=str(zoya),
        handle="zoya",
        name="Зоя Попова",
        has_picture=False,
        followers=12,
        is_closed=False,
        is_active=True,
        city="Казань",
        country="Россия",
        born="1991-03-02",
    )
    assert found[str(guest)].is_active is False
    assert found[str(EGOR)].is_closed is True
    assert (found[str(EGOR)].handle, found[str(EGOR)].born) == (f"id{EGOR}", "")
    assert (found[str(WALL)].handle, found[str(WALL)].name) == ("coffee", "Кофейня")


async def test_fifty_thousand_profiles_are_fifty_calls(vk: Practice) -> None:
    vk.vk.world.people.gather(Crowd(first=2001, count=50_000))
    async with vk.adapter("service") as adapter:
        found = await adapter.profiles([str(2001 + n) for n in range(50_000)])
    assert len(found) == 50_000
    assert vk.vk.site.limits.of(vk.service).calls["users.get"] == 50


async def test_who_cannot_be_seen_is_told_apart(vk: Practice) -> None:
    world = vk.vk.world
    societies.block(world, GLEB, world.communities[PAGE], ban=Ban(by=ANNA, at=NOW))
    societies.change_person(world, world.people.described[EGOR], deactivated="deleted")
    async with vk.adapter() as adapter:
        standing = await adapter.standing([str(GLEB), str(DARYA), str(EGOR), NOBODY, str(WALL)])
    assert standing == {
        str(GLEB): Standing.BLOCKED_BY_US,
        str(DARYA): Standing.VISIBLE,
        str(EGOR): Standing.UNAVAILABLE,
        NOBODY: Standing.UNAVAILABLE,
        str(WALL): Standing.VISIBLE,
    }


async def test_who_blocks_us_and_a_blacklist_that_is_not_shown() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(15)

    vk = Vk(
        users__get=lambda _: [{"id": 7, "blacklisted": 1}, {"id": 8, "blacklisted": 0}],
        groups__getBanned=refuse,
    )
    async with facing_vk(vk) as (adapter, _):
        standing = await adapter.standing(["7", "8"])
    assert standing == {"7": Standing.BLOCKS_US, "8": Standing.VISIBLE}
