"""The whole tree of replies under a post.

The AppView gives a post with its replies as one nested answer and no cursor. It may cut the tree
off: below a depth (then a post comes without the list of its replies), and in breadth (then the
list is shorter than the post's own counter). Each such post is asked for by itself, as the root of
its own tree, until nothing is cut off any more. A reply that is hidden makes a list shorter too, so
a post is asked for once, and what it does not show then is hidden.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec

from contest_service.domain.accounts import Profile
from contest_service.domain.evidence import Page, Target
from contest_service.platforms.bluesky import wire
from contest_service.platforms.bluesky.addresses import POSTS
from contest_service.platforms.bluesky.reading import Query
from contest_service.platforms.bluesky.xrpc import IN_FLIGHT, XrpcError, decode
from contest_service.platforms.errors import FailureKind, PlatformError

DEPTH = 20
"""Levels of replies in one answer: nesting that every JSON reader can take."""

_METHOD = "app.bsky.feed.getPostThread"
_T = TypeVar("_T")


class _Walk:
    """What one answer adds to what is known of the tree."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._asked: set[str] = set()

    def take(self, top: wire.ThreadNode) -> tuple[list[wire.PostView], list[str]]:
        """Return the replies that are new, and the posts to ask for by themselves."""
        fresh: list[wire.PostView] = []
        cut: list[str] = []
        nodes = deque(top.replies or ())
        while nodes:
            node = nodes.popleft()
            if node.post is None:
                # A placeholder: a reply that is hidden from us.
                continue
            if _add(self._seen, node.post.uri):
                fresh.append(node.post)
            if _is_cut_off(node, node.post) and _add(self._asked, node.post.uri):
                cut.append(node.post.uri)
            nodes.extend(node.replies or ())
        return fresh, cut


async def read_comments(query: Query, target: Target, after: str | None) -> AsyncIterator[Page]:
    """Yield the tree of replies under `target`; a page's `next` lists what is still to be read.

    Raises GONE if the post itself is not there.
    """
    waiting = deque(_read_cursor(after) if after else [target.ref])
    flying: deque[tuple[str, asyncio.Future[tuple[bytes, wire.ThreadNode]]]] = deque()
    walk = _Walk()
    try:
        while waiting or flying:
            while waiting and len(flying) < IN_FLIGHT:
                uri = waiting.popleft()
                is_root = uri == target.ref
                flying.append((uri, asyncio.ensure_future(_fetch(query, uri, is_root=is_root))))
            body, top = await flying[0][1]
            flying.popleft()
            fresh, cut = walk.take(top)
            waiting.extend(cut)
            rest = [uri for uri, _ in flying] + list(waiting)
            yield Page(
                sightings=tuple(wire.sighting_of(post) for post in fresh),
                profiles=_distinct_profiles(fresh),
                next=_write_cursor(rest) if rest else None,
                body=body,
                counted=sum(post.reply_count for post in fresh),
            )
    finally:
        for _, task in flying:
            task.cancel()
        await asyncio.gather(*(task for _, task in flying), return_exceptions=True)


async def _fetch(query: Query, uri: str, *, is_root: bool) -> tuple[bytes, wire.ThreadNode]:
    parameters = [("uri", uri), ("depth", str(DEPTH)), ("parentHeight", "0")]
    try:
        reply = await query(_METHOD, parameters)
    except XrpcError as error:
        if error.kind is FailureKind.GONE and not is_root:
            # A reply that was deleted or hidden since its parent was read: nothing is under it.
            return b"", wire.ThreadNode()
        raise
    top = decode(_METHOD, reply, wire.ThreadAnswer).thread
    if top.post is None and is_root:
        raise PlatformError(FailureKind.GONE, "The post is not there, or it is hidden.")
    return reply.body, top


def _is_cut_off(node: wire.ThreadNode, post: wire.PostView) -> bool:
    # The counter lags behind at times, so where the list is missing it is not asked.
    return node.replies is None or len(node.replies) < post.reply_count


def _read_cursor(text: str) -> list[str]:
    try:
        keys = msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, UnicodeDecodeError):
        keys = []
    uris = [f"at://{did}/{POSTS}/{key}" for did, _, key in (each.partition("/") for each in keys)]
    if not uris:
        raise PlatformError(FailureKind.MALFORMED, "The scan's checkpoint cannot be read.")
    return uris


def _write_cursor(uris: list[str]) -> str:
    return msgspec.json.encode(
        [uri.removeprefix("at://").replace(f"/{POSTS}/", "/") for uri in uris]
    ).decode()


def _distinct_profiles(posts: list[wire.PostView]) -> tuple[Profile, ...]:
    views = {post.author.did: post.author for post in posts}
    return tuple(wire.profile_of(view) for view in views.values())


def _add(known: set[_T], item: _T) -> bool:
    """Add an item; tell whether it is new."""
    if item in known:
        return False
    known.add(item)
    return True
