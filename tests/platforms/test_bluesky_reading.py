"""What the adapter reads of a post, on the real network: everybody once, nobody who undid it."""

import time
from collections import Counter
from collections.abc import Iterable

import pytest
from network.fixture import Network
from network.people import Person

from contest_service.domain.evidence import Action, Page, Target, TargetKind
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.bluesky.reading import Reader
from contest_service.platforms.bluesky.xrpc import Xrpc
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.transport import Transport
from platforms.conftest import Community


async def read(
    adapter: PlatformAdapter, target: Target, action: Action, after: str | None = None
) -> list[Page]:
    return [page async for page in adapter.scan(target, action, after)]


def who(pages: Iterable[Page]) -> Counter[str]:
    return Counter(sighting.account for page in pages for sighting in page.sightings)


def each_of(people: Iterable[Person]) -> Counter[str]:
    return Counter(person.did for person in people)


async def test_likes_reposts_and_quotes_are_read_and_undone_ones_are_not(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Win a cup!")
    likes = [person.like(post) for person in people]
    reposts = [person.repost(post) for person in people]
    quotes = [person.quote(post, "look") for person in people]
    people[0].undo(likes[0])
    people[1].undo(reposts[1])
    people[2].undo(quotes[2].uri)
    network.settle()

    target = await adapter.find_post(post.uri)
    liked = await read(adapter, target, Action.LIKE)
    reposted = await read(adapter, target, Action.REPOST)
    quoted = await read(adapter, target, Action.QUOTE)

    assert who(liked) == each_of(people[1:])
    assert who(reposted) == each_of(people[:1] + people[2:])
    assert who(quoted) == each_of(people[:2] + people[3:])
    assert all(seen.at is not None for page in liked + quoted for seen in page.sightings)
    assert all(seen.at is None for page in reposted for seen in page.sightings)
    assert {seen.ref for page in quoted for seen in page.sightings} == {
        quote.uri for quote in quotes[:2] + quotes[3:]
    }
    assert {profile.handle for page in liked for profile in page.profiles} == {
        person.handle for person in people[1:]
    }


async def test_a_posts_own_counters_are_read(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Count me")
    for act in (
        lambda: people[0].like(post),
        lambda: people[1].like(post),
        lambda: people[0].repost(post),
        lambda: people[0].quote(post, "look"),
        lambda: people[0].reply(post, "hello"),
    ):
        act()
        # One by one: the AppView counts wrongly what it indexes at the same time.
        network.settle()
    counters = await adapter.counters(await adapter.find_post(post.uri))
    assert counters.counts == {
        Action.LIKE: 2,
        Action.REPOST: 1,
        Action.QUOTE: 1,
        Action.COMMENT: 1,
    }


async def test_a_scan_goes_on_from_any_of_its_cursors_with_all_that_was_not_yet_read(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Page by page")
    for person in people:
        person.like(post)
        person.repost(post)
        person.quote(post, "mine")
    network.settle()
    target = await adapter.find_post(post.uri)

    async with Transport(AllowedHosts.parse(network.hosts)) as transport:
        xrpc = Xrpc(transport)
        reader = Reader(
            lambda method, parameters: xrpc.query(network.appview, method, parameters),
            instance=network.instance,
            page=2,
        )
        for scan in (reader.likes, reader.reposts, reader.quotes):
            pages = [page async for page in scan(target, None)]
            assert who(pages) == each_of(people)
            assert pages[-1].next is None
            assert len(pages) >= 3
            for place, page in enumerate(pages[:-1], start=1):
                rest = [page async for page in scan(target, page.next)]
                assert who(rest) == who(pages[place:])


async def test_a_post_is_found_by_every_form_of_its_address(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("Find me")
    network.settle()
    did, key = community.person.did, post.uri.rpartition("/")[2]
    expected = Target(
        platform=(await adapter.community_target()).platform,
        instance=network.instance,
        kind=TargetKind.POST,
        ref=post.uri,
        pin=post.cid,
        author=did,
        url=f"https://bsky.app/profile/{did}/post/{key}",
    )
    for url in (
        f"https://bsky.app/profile/{community.person.handle}/post/{key}",
        f"https://bsky.app/profile/{did}/post/{key}?ref_src=embed",
        f"at://{did}/app.bsky.feed.post/{key}",
        f"at://{community.person.handle}/app.bsky.feed.post/{key}",
    ):
        assert await adapter.find_post(url) == expected


async def test_what_is_no_post_or_not_there_is_told_apart(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("Gone soon")
    network.settle()
    target = await adapter.find_post(post.uri)
    community.person.undo(post.uri)
    network.settle()
    for url, kind in (
        ("https://example.com/profile/a.test/post/3k", FailureKind.MALFORMED),
        (f"https://bsky.app/profile/{community.person.handle}", FailureKind.MALFORMED),
        ("https://bsky.app/profile/nobody-here.test/post/3k2yihcrp6f2c", FailureKind.GONE),
        (post.uri, FailureKind.GONE),
    ):
        with pytest.raises(PlatformError) as failure:
            await adapter.find_post(url)
        assert failure.value.kind is kind
    with pytest.raises(PlatformError) as failure:
        await adapter.counters(target)
    assert failure.value.kind is FailureKind.GONE


async def test_another_version_of_a_post_is_gone(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("First words")
    other = community.person.post("Other words")
    network.settle()
    target = await adapter.find_post(post.uri)
    changed = Target(
        platform=target.platform,
        instance=target.instance,
        kind=target.kind,
        ref=target.ref,
        pin=other.cid,
        author=target.author,
        url=target.url,
    )
    with pytest.raises(PlatformError, match="was changed") as failure:
        await adapter.counters(changed)
    assert failure.value.kind is FailureKind.GONE


async def test_a_time_may_be_too_early_for_a_like_and_never_too_late(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("When?")
    people[0].like(post, created_at="2020-01-01T00:00:00Z")
    people[1].like(post, created_at="2100-01-01T00:00:00Z")
    network.settle()
    [page] = await read(adapter, await adapter.find_post(post.uri), Action.LIKE)
    at = {seen.account: seen.at for seen in page.sightings}
    assert at[people[0].did] == 1577836800
    assert time.time() - 60 < (at[people[1].did] or 0) <= time.time()
