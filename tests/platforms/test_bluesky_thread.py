"""The whole tree of replies, deep and wide, with text, hashtags and mentions."""

from typing import Any

import pytest
from network.fixture import Network
from network.people import Person, Post

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Page, Sighting, Target, TargetKind
from contest_service.platforms.base import Missing, PlatformAdapter, Remains
from contest_service.platforms.bluesky import thread
from contest_service.platforms.bluesky.xrpc import Xrpc
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.transport import Parameters, Reply, Transport
from platforms.conftest import Community
from platforms.loopback import Answer, Asked, as_json, serving


async def comments(
    adapter: PlatformAdapter, target: Target, after: str | None = None
) -> list[Page]:
    return [page async for page in adapter.scan(target, Action.COMMENT, after)]


def seen(pages: list[Page]) -> list[Sighting]:
    return [sighting for page in pages for sighting in page.sightings]


async def test_a_deep_and_wide_tree_is_complete_and_each_reply_comes_once(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Talk to us")
    made: list[Post] = [person.reply(post, "first") for person in people for _ in range(6)]
    deep = made[0]
    for level in range(2 * thread.DEPTH + 3):
        deep = people[level % 2].reply(deep, f"level {level}")
        made.append(deep)
    made += [people[2].reply(deep, "at the bottom") for _ in range(3)]
    network.settle()

    target = await adapter.find_post(post.uri)
    pages = await comments(adapter, target)

    refs = [sighting.ref for sighting in seen(pages)]
    assert sorted(refs) == sorted(reply.uri for reply in made)
    assert pages[-1].next is None
    assert len(pages) == 3
    # The AppView counts while others write, so that its counters may lack some.
    direct = (await adapter.counters(target)).counts[Action.COMMENT]
    assert 0 < direct <= 30
    assert 0 < sum(page.counted for page in pages) <= len(made) - 30
    for place, page in enumerate(pages[:-1], start=1):
        rest = await comments(adapter, target, page.next)
        assert seen(rest) == seen(pages[place:])


async def test_a_reply_tells_its_text_hashtags_and_mentions(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Bring a friend")
    reply = people[0].reply(
        post,
        "Мы здесь",
        tags=("Розыгрыш", "win", "WIN"),
        mentions=(people[1], people[2], people[1]),
    )
    network.settle()
    [page] = await comments(adapter, await adapter.find_post(post.uri))
    [sighting] = page.sightings
    assert sighting.account == people[0].did
    assert sighting.ref == reply.uri
    assert sighting.text.startswith("Мы здесь #Розыгрыш #win")
    assert sighting.tags == ("розыгрыш", "win")
    assert sighting.mentions == (people[1].did, people[2].did)
    assert [profile.account for profile in page.profiles] == [people[0].did]


async def test_a_post_without_replies_has_one_empty_page(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("Silence")
    network.settle()
    [page] = await comments(adapter, await adapter.find_post(post.uri))
    assert page.sightings == ()
    assert page.next is None


async def test_a_deleted_reply_is_gone_and_answers_to_it_with_it(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Say something")
    stays = people[0].reply(post, "I stay")
    goes = people[1].reply(post, "I go")
    people[2].reply(goes, "to you")
    people[1].undo(goes.uri)
    network.settle()
    pages = await comments(adapter, await adapter.find_post(post.uri))
    assert [sighting.ref for sighting in seen(pages)] == [stays.uri]


async def test_an_answer_to_a_deleted_reply_remains_although_the_tree_does_not_show_it(
    network: Network, community: Community, adapter: PlatformAdapter, people: list[Person]
) -> None:
    post = community.person.post("Talk to us")
    deleted = people[0].reply(post, "regretted")
    answer = people[1].reply(deleted, "why?")
    people[0].undo(deleted.uri)
    network.settle()

    target = await adapter.find_post(post.uri)
    gone = Missing(account=people[0].did, ref=deleted.uri)
    left = Missing(account=people[1].did, ref=answer.uri)
    assert seen(await comments(adapter, target)) == []
    found = await adapter.look_again(target, Action.COMMENT, [gone, left])
    assert found == {left: Remains.THERE}
    assert await adapter.look_again(target, Action.LIKE, [gone, left]) == {}


async def test_the_tree_of_a_deleted_post_is_gone(
    network: Network, community: Community, adapter: PlatformAdapter
) -> None:
    post = community.person.post("Not for long")
    network.settle()
    target = await adapter.find_post(post.uri)
    community.person.undo(post.uri)
    network.settle()
    with pytest.raises(PlatformError) as failure:
        await comments(adapter, target)
    assert failure.value.kind is FailureKind.GONE


class Forest:
    """An AppView that cuts trees off: below two levels, and after two replies but at the root."""

    def __init__(self, children: dict[str, list[str]], *, hidden: tuple[str, ...] = ()) -> None:
        self._children = children
        self._hidden = hidden

    def __call__(self, asked: Asked) -> Answer:
        return as_json({"thread": self._node(asked.parameters["uri"][0], depth=3, breadth=9)})

    def _node(self, uri: str, *, depth: int, breadth: int = 2) -> dict[str, Any]:
        key = uri.rpartition("/")[2]
        children = self._children.get(key, [])
        node: dict[str, Any] = {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": {
                "uri": uri,
                "cid": "c",
                "author": {"did": f"did:plc:{key}", "handle": f"{key}.test"},
                "record": {"text": key},
                "indexedAt": "2026-05-01T10:00:00.000Z",
                "replyCount": len(children),
            },
        }
        if depth:
            shown = [child for child in children if child not in self._hidden][:breadth]
            node["replies"] = [self._node(uri_of(child), depth=depth - 1) for child in shown]
        return node


def uri_of(key: str) -> str:
    return f"at://did:plc:{key}/app.bsky.feed.post/{key}"


ROOT = Target(
    platform=Platform.BLUESKY,
    instance="x",
    kind=TargetKind.POST,
    ref=uri_of("root"),
    author="did:plc:root",
    url="",
)


async def read_forest(forest: Forest) -> tuple[list[Page], list[str]]:
    async with serving(forest) as server, Transport(AllowedHosts.parse(["127.0.0.1:*"])) as out:
        xrpc = Xrpc(out)

        async def query(method: str, parameters: Parameters) -> Reply:
            return await xrpc.query(server.url, method, parameters)

        pages = [page async for page in thread.read_comments(query, ROOT, None)]
        return pages, [asked.parameters["uri"][0] for asked in server.asked]


async def test_a_tree_cut_off_in_breadth_is_read_from_where_it_was_cut() -> None:
    children = {"root": ["a", "b", "c"], "a": ["a1", "a2", "a3", "a4"], "a4": ["z1", "z2", "z3"]}
    pages, asked = await read_forest(Forest(children))
    keys = sorted(sighting.text for sighting in seen(pages))
    assert keys == ["a", "a1", "a2", "a3", "a4", "b", "c", "z1", "z2", "z3"]
    assert asked == [uri_of("root"), uri_of("a"), uri_of("a4")]
    assert sum(page.counted for page in pages) == 7


async def test_a_hidden_reply_is_looked_for_once_and_then_let_be() -> None:
    children = {"root": ["a", "b"], "a": ["a1", "a2"]}
    pages, asked = await read_forest(Forest(children, hidden=("a1", "b")))
    assert sorted(sighting.text for sighting in seen(pages)) == ["a", "a2"]
    assert asked == [uri_of("root"), uri_of("a")]
    # What is counted and not seen is coverage's affair.
    assert sum(page.counted for page in pages) == 2
