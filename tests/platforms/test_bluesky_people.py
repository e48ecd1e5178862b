"""Who follows, who can be seen, and what a block or a takedown hides, on the real network."""

from collections.abc import Sequence

import pytest
from network.fixture import Network
from network.people import Person, Post

from contest_service.domain.accounts import Standing
from contest_service.domain.evidence import Action, Asked
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from platforms.conftest import Community


async def follows(adapter: PlatformAdapter, accounts: Sequence[str]) -> list[Asked]:
    target = await adapter.community_target()
    return [asked async for asked in adapter.ask(target, Action.FOLLOW, accounts)]


def strangers(count: int) -> list[str]:
    """Accounts that nobody has ever heard of."""
    return [f"did:plc:{number:a>24}" for number in range(count)]


async def test_each_account_that_is_asked_about_gets_exactly_one_answer(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    follow = {person.did: person.follow(community.person) for person in people[:3]}
    undone = people[3].follow(community.person)
    people[3].undo(undone)
    network.settle()
    accounts = [*strangers(40), *(person.did for person in people), people[0].did]

    answers = await follows(adapter, accounts)

    assert len(answers) == 2
    present = {seen.account: seen.ref for each in answers for seen in each.present}
    absent = [did for each in answers for did in each.absent]
    assert present == follow
    assert all(seen.at is None for each in answers for seen in each.present)
    assert sorted(absent) == sorted(set(accounts) - set(follow))
    assert all(not each.hidden for each in answers)
    assert all(each.body for each in answers)


async def test_nobody_is_asked_about_when_there_is_nobody(adapter: PlatformAdapter) -> None:
    assert await follows(adapter, []) == []
    assert await adapter.standing([]) == {}
    assert await adapter.profiles([]) == []


def take_part(person: Person, post: Post) -> None:
    person.like(post)
    person.repost(post)
    person.reply(post, "hello")


async def test_what_a_block_and_a_takedown_hide_is_known_as_hidden(
    network: Network, people: list[Person]
) -> None:
    community = Community(network, "blocked")
    blocks, blocked, taken_down, visible = network.people(4, "hider")
    post = community.person.post("Who sees this?")
    for person in (blocks, blocked, taken_down, visible):
        take_part(person, post)
    network.settle()
    async with community.opened() as adapter:
        before = await adapter.counters(await adapter.find_post(post.uri))
    blocks.block(community.person)
    community.person.block(blocked)
    network.take_down(taken_down)
    network.settle()

    async with community.opened() as adapter:
        target = await adapter.find_post(post.uri)
        shown = {
            action: {
                seen.account
                async for page in adapter.scan(target, action, None)
                for seen in page.sightings
            }
            for action in (Action.LIKE, Action.REPOST, Action.COMMENT)
        }
        assert shown[Action.LIKE] == {visible.did}
        assert shown[Action.COMMENT] == {visible.did}
        assert shown[Action.REPOST] == {visible.did, blocks.did, blocked.did}
        assert await adapter.counters(target) == before
        assert await adapter.standing(
            [blocks.did, blocked.did, taken_down.did, visible.did, *strangers(1)]
        ) == {
            blocks.did: Standing.BLOCKS_US,
            blocked.did: Standing.BLOCKED_BY_US,
            taken_down.did: Standing.UNAVAILABLE,
            visible.did: Standing.VISIBLE,
            strangers(1)[0]: Standing.UNAVAILABLE,
        }
        network.put_back(taken_down)
        assert (await adapter.standing([taken_down.did]))[taken_down.did] is Standing.VISIBLE


async def test_profiles_tell_what_the_platform_shows(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    plain = people[4]
    old = network.person("old")
    old.introduce("Old", created_at="2020-01-01T00:00:00Z")
    accounts = [community.person.did, *strangers(30), plain.did, old.did]
    network.settle()
    found = {profile.account: profile for profile in await adapter.profiles(accounts)}
    assert set(found) == {community.person.did, plain.did, old.did}
    assert found[old.did].created_at == 1577836800
    shop = found[community.person.did]
    assert (shop.handle, shop.name) == (community.person.handle, "The Shop")
    assert shop.has_picture is True
    assert shop.created_at is not None
    assert found[plain.did].has_picture is False
    assert found[plain.did].created_at is None


async def test_what_the_platform_cannot_tell_is_unsupported(adapter: PlatformAdapter) -> None:
    target = await adapter.community_target()
    with pytest.raises(PlatformError) as failure:
        adapter.scan(target, Action.FOLLOW, None)
    assert failure.value.kind is FailureKind.UNSUPPORTED
    with pytest.raises(PlatformError) as failure:
        adapter.ask(target, Action.LIKE, ["did:plc:a"])
    assert failure.value.kind is FailureKind.UNSUPPORTED
