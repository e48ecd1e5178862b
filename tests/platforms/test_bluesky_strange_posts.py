"""A post that somebody made strange on purpose does not stop anybody's scan."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network.fixture import Network
from network.people import Person

from contest_service.domain.evidence import Action
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.bluesky import wire
from contest_service.platforms.bluesky.nesting import DEEPEST, prune
from platforms.conftest import Community


def nested(depth: int) -> bytes:
    return b'{"a":[' * (depth // 2) + b"1" + b"]}" * (depth // 2)


STRANGE = {
    "nested deeper than any reader goes": b'"odd":%s' % nested(2000),
    "facets of another kind": b'"facets":[{"index":{"byteStart":0,"byteEnd":1},"features":'
    b'[{"$type":"org.example.other","tag":5,"did":{"a":[]}}]}]',
    "an empty hashtag": b'"tags":["", "Ok"]',
    "a time before all times": b'"createdAt":"0001-01-01T00:00:00Z"',
    "a time after all times": b'"createdAt":"9999-12-31T23:59:59Z"',
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
async def test_a_strange_reply_is_read_with_the_others(
    network: Network,
    community: Community,
    adapter: PlatformAdapter,
    people: list[Person],
    strange: bytes,
) -> None:
    post = community.person.post("Anybody?")
    people[0].reply(post, "me")
    people[1].write_raw(
        b'{"$type":"app.bsky.feed.post","text":"x","createdAt":"2026-05-01T10:00:00Z","reply":'
        b'{"root":%(ref)s,"parent":%(ref)s},%(strange)s}'
        % {
            b"ref": json.dumps({"uri": post.uri, "cid": post.cid}).encode(),
            b"strange": strange,
        }
    )
    network.settle()
    target = await adapter.find_post(post.uri)
    accounts = {
        sighting.account
        async for page in adapter.scan(target, Action.COMMENT, None)
        for sighting in page.sightings
    }
    assert accounts == {people[0].did, people[1].did}


@pytest.mark.parametrize(
    "record",
    [
        None,
        5,
        [],
        {},
        {"text": 5, "facets": 5, "tags": 5},
        {
            "text": None,
            "facets": [5, {}, {"features": 5}, {"features": [5, {}]}],
            "tags": [5, None],
        },
        {"facets": [{"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": 5}]}]},
        {"facets": [{"features": [{"$type": "app.bsky.richtext.facet#mention", "did": []}]}]},
    ],
)
def test_a_record_of_any_form_is_read(record: Any) -> None:
    seen = wire.sighting_of(post_with(record))
    assert (seen.text, seen.tags, seen.mentions) == ("", (), ())
    assert wire.reply_root(post_with(record)) is None


def test_text_holds_nothing_that_a_database_refuses() -> None:
    seen = wire.sighting_of(post_with({"text": "a\x00b", "tags": ["c\x00"]}))
    assert (seen.text, seen.tags) == ("a\ufffdb", ("c\ufffd",))


def post_with(record: Any) -> wire.PostView:
    raw = {
        "uri": "at://did:plc:a/app.bsky.feed.post/b",
        "cid": "c",
        "author": {"did": "did:plc:a", "handle": "a.test"},
        "indexedAt": "2026-05-01T10:00:00.000Z",
        "record": record,
    }
    return msgspec.convert(raw, wire.PostView)


VALUES = st.recursive(
    st.none() | st.integers(-99, 99) | st.text('a"\\[]{}é'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('a"\\[]{}'), inner),
)


@given(VALUES)
def test_what_is_not_nested_deeply_stays_as_it_is(value: Any) -> None:
    raw = msgspec.json.encode(value)
    assert prune(raw) == raw


@given(VALUES, st.integers(0, 50))
def test_what_is_nested_deeply_becomes_null_and_the_rest_stays(value: Any, more: int) -> None:
    inner = msgspec.json.encode(value)
    depth = DEEPEST + 1 + more
    raw = b'{"before":%s,"deep":%s%s%s,"after":%s}' % (
        inner,
        b"[" * depth,
        inner,
        b"]" * depth,
        inner,
    )
    pruned = msgspec.json.decode(prune(raw))
    assert (pruned["before"], pruned["after"]) == (value, value)
    deep = pruned["deep"]
    for _ in range(DEEPEST - 1):
        [deep] = deep
    assert deep is None
