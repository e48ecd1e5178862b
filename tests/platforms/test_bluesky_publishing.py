"""Publishing on the real network: once, in the right thread, with a link that can be clicked."""

import asyncio
import secrets
from datetime import UTC, datetime

import msgspec
import pytest
from network.fixture import Network
from network.people import Person

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Target
from contest_service.platforms.base import Draft, PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import press
from platforms.conftest import Community

LINK = "https://contest.example/c/7"


def draft(text: str, *, reply_to: Target | None = None) -> Draft:
    now = datetime.now(UTC)
    style = press(Platform.BLUESKY)
    return Draft(
        key=style.publication_key(now, secrets.token_bytes(8)),
        created_at=now,
        text=style.fit(text, LINK),
        link=LINK,
        reply_to=reply_to,
    )


async def test_a_post_is_published_with_its_link(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    wanted = draft("🎉 Розыгрыш идёт")
    made = await adapter.publish(wanted)
    network.settle()
    assert made.ref == f"at://{community.person.did}/app.bsky.feed.post/{wanted.key}"
    assert made.url == f"https://bsky.app/profile/{community.person.did}/post/{wanted.key}"
    [shown] = network.reader().app.bsky.feed.get_posts({"uris": [made.ref]}).posts
    assert shown.record.text == f"🎉 Розыгрыш идёт\n{LINK}"
    [facet] = shown.record.facets
    assert facet.features[0].uri == LINK
    inside = shown.record.text.encode()[facet.index.byte_start : facet.index.byte_end]
    assert inside.decode() == LINK
    assert (await adapter.find_post(made.url)).ref == made.ref


async def test_a_reply_hangs_under_the_post_and_on_its_root(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("The contest")
    answer = people[0].reply(post, "Who won?")
    network.settle()
    first = await adapter.publish(draft("1", reply_to=await adapter.find_post(post.uri)))
    second = await adapter.publish(draft("2", reply_to=await adapter.find_post(answer.uri)))
    network.settle()
    shown = network.reader().app.bsky.feed.get_posts({"uris": [first.ref, second.ref]}).posts
    references = [each.record.reply for each in shown]
    assert (first.is_alone, second.is_alone) == (False, False)
    assert [each.root.uri for each in references] == [post.uri, post.uri]
    assert [each.root.cid for each in references] == [post.cid, post.cid]
    assert [each.parent.uri for each in references] == [post.uri, answer.uri]
    assert [each.parent.cid for each in references] == [post.cid, answer.cid]


async def test_names_in_a_text_mention_their_accounts(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    one, other = people[:2]
    text = f"🎉 @{one.handle}, @{other.handle} – кружка; @{one.handle}.example"
    wanted = msgspec.structs.replace(draft(text), mentions={f"@{one.handle}": one.did})
    made = await adapter.publish(wanted)
    network.settle()
    assert made.is_alone
    [shown] = network.reader().app.bsky.feed.get_posts({"uris": [made.ref]}).posts
    [mention] = [each for each in shown.record.facets if hasattr(each.features[0], "did")]
    assert mention.features[0].did == one.did
    inside = shown.record.text.encode()[mention.index.byte_start : mention.index.byte_end]
    assert inside.decode() == f"@{one.handle}"


async def test_nobody_is_written_to(adapter: PlatformAdapter, people: list[Person]) -> None:
    at = datetime.now(UTC)
    assert await adapter.tell(people[0].did, "You have won", key="k", created_at=at) is False


async def test_publishing_again_finds_what_is_there(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    wanted = draft("Only once")
    made = await adapter.publish(wanted)
    async with community.opened() as restarted:
        again = await asyncio.gather(*(restarted.publish(wanted) for _ in range(3)))
    assert again == [made] * 3
    network.settle()
    feed = network.reader().app.bsky.feed.get_author_feed({"actor": community.person.did}).feed
    assert [each.post.uri for each in feed].count(made.ref) == 1


async def test_publishing_at_the_same_time_makes_one_post(
    community: Community, adapter: PlatformAdapter
) -> None:
    wanted = draft("Two workers")
    async with community.opened() as other:
        made = await asyncio.gather(
            *(each.publish(wanted) for each in (adapter, other, adapter, other))
        )
    assert len({each.ref for each in made}) == 1


async def test_nothing_is_published_under_a_post_that_is_gone(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("Deleted")
    network.settle()
    target = await adapter.find_post(post.uri)
    community.person.undo(post.uri)
    network.settle()
    with pytest.raises(PlatformError) as failure:
        await adapter.publish(draft("too late", reply_to=target))
    assert failure.value.kind is FailureKind.GONE
