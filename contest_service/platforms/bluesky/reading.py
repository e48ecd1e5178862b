"""What the AppView shows of a post: its counters, and the lists of who liked, reposted, quoted.

Reads without signing in, so that it goes on when a credential is revoked. Times are `indexedAt`,
never the client's `createdAt`. For a post that is the AppView's own clock. For a like it is the
earlier of that clock and the client's word, so it can be too early and never too late: a like shown
as later than some moment certainly was.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import (
    Action,
    Counters,
    Page,
    Sighting,
    Target,
    TargetKind,
)
from contest_service.platforms.bluesky import wire
from contest_service.platforms.bluesky.addresses import (
    is_did,
    parse_post_url,
    post_uri,
    post_url,
    profile_url,
)
from contest_service.platforms.bluesky.ahead import ahead, chunks
from contest_service.platforms.bluesky.xrpc import XrpcError, decode
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Parameters, Reply

PAGE = 100
"""The longest that the AppView gives."""
AT_ONCE = 25
"""The most posts that it takes in one question."""

_LIKES = "app.bsky.feed.getLikes"
_REPOSTS = "app.bsky.feed.getRepostedBy"
_QUOTES = "app.bsky.feed.getQuotes"
_POSTS = "app.bsky.feed.getPosts"
_RESOLVE = "com.atproto.identity.resolveHandle"


Query = Callable[[str, Parameters], Awaitable[Reply]]
"""Asks the AppView: a method and its parameters."""


class Reader:
    """Reads posts. `instance` names the network in what is returned, `page` is a list's length."""

    def __init__(self, query: Query, *, instance: str, page: int = PAGE) -> None:
        self._query = query
        self._instance = instance
        self._page = page

    async def find_post(self, url: str) -> Target:
        """Resolve the address of a post to its exact version."""
        address = parse_post_url(url)
        did = await self.find_account(address.owner)
        post = await self.post(post_uri(did, address.key))
        return Target(
            platform=Platform.BLUESKY,
            instance=self._instance,
            kind=TargetKind.POST,
            ref=post.uri,
            pin=post.cid,
            author=post.author.did,
            url=post_url(post.uri),
        )

    async def find_account(self, name: str) -> str:
        """Resolve a handle to its DID; a DID stays. Raises GONE if there is no such account."""
        if is_did(name):
            return name
        try:
            reply = await self._query(_RESOLVE, [("handle", name.lower())])
        except XrpcError as error:
            if error.status in (400, 404):
                raise PlatformError(
                    FailureKind.GONE, f"There is no account @{name} on this network."
                ) from None
            raise
        return decode(_RESOLVE, reply, wire.HandleAnswer).did

    async def post(self, uri: str) -> wire.PostView:
        """Read a post. Raises GONE if it was deleted or is hidden."""
        reply = await self._query(_POSTS, [("uris", uri)])
        for post in decode(_POSTS, reply, wire.PostsAnswer).posts:
            if post.uri == uri:
                return post
        raise PlatformError(
            FailureKind.GONE, "The post is not there: it was deleted, or its account is hidden."
        )

    async def existing(self, uris: Sequence[str]) -> frozenset[str]:
        """Which of these posts exist and are shown."""

        async def ask(some: tuple[str, ...]) -> frozenset[str]:
            reply = await self._query(_POSTS, [("uris", uri) for uri in some])
            return frozenset(post.uri for post in decode(_POSTS, reply, wire.PostsAnswer).posts)

        found: set[str] = set()
        async for some in ahead(ask, chunks(uris, AT_ONCE)):
            found |= some
        return frozenset(found)

    def community(self, did: str) -> Target:
        """The community itself, for follows."""
        return Target(
            platform=Platform.BLUESKY,
            instance=self._instance,
            kind=TargetKind.COMMUNITY,
            ref=did,
            author=did,
            url=profile_url(did),
        )

    async def counters(self, target: Target) -> Counters:
        """Read the post's counters and text; of comments it counts the direct ones only."""
        post = await self.post(target.ref)
        if target.pin and post.cid != target.pin:
            raise PlatformError(
                FailureKind.GONE,
                "The post was changed after it was attached: the version of the rules is gone.",
            )
        return Counters(
            counts={
                Action.LIKE: post.like_count,
                Action.REPOST: post.repost_count,
                Action.QUOTE: post.quote_count,
                Action.COMMENT: post.reply_count,
            },
            text=wire.text_of(post),
        )

    def likes(self, target: Target, after: str | None) -> AsyncIterator[Page]:
        """List who liked. One account has at most one like, which has no name of its own."""

        def read(reply: Reply) -> Page:
            answer = decode(_LIKES, reply, wire.LikesAnswer)
            return Page(
                sightings=tuple(
                    Sighting(account=like.actor.did, ref="", at=int(like.indexed_at.timestamp()))
                    for like in answer.likes
                ),
                profiles=tuple(wire.profile_of(like.actor) for like in answer.likes),
                next=answer.cursor or None,
                body=reply.body,
            )

        return self._pages(_LIKES, target, after, read=read)

    def reposts(self, target: Target, after: str | None) -> AsyncIterator[Page]:
        """List who reposted: without times, and without a name of the repost."""

        def read(reply: Reply) -> Page:
            answer = decode(_REPOSTS, reply, wire.RepostsAnswer)
            return Page(
                sightings=tuple(Sighting(account=each.did, ref="") for each in answer.reposted_by),
                profiles=tuple(wire.profile_of(each) for each in answer.reposted_by),
                next=answer.cursor or None,
                body=reply.body,
            )

        return self._pages(_REPOSTS, target, after, read=read)

    def quotes(self, target: Target, after: str | None) -> AsyncIterator[Page]:
        """List the posts that quote."""

        def read(reply: Reply) -> Page:
            answer = decode(_QUOTES, reply, wire.QuotesAnswer)
            return Page(
                sightings=tuple(wire.sighting_of(post) for post in answer.posts),
                profiles=tuple(wire.profile_of(post.author) for post in answer.posts),
                next=answer.cursor or None,
                body=reply.body,
            )

        return self._pages(_QUOTES, target, after, read=read)

    async def _pages(
        self, method: str, target: Target, after: str | None, *, read: Callable[[Reply], Page]
    ) -> AsyncIterator[Page]:
        """Follow the cursor to its end; the next page is asked for while one is dealt with.

        The AppView's order is fixed by time and content, so a cursor stays good whatever changes.
        A page may be short, or empty, in the middle.
        """

        async def fetch(cursor: str | None) -> Page:
            parameters = [("uri", target.ref), ("limit", str(self._page))]
            if cursor is not None:
                parameters.append(("cursor", cursor))
            page = read(await self._query(method, parameters))
            if page.next is not None and page.next == cursor:
                raise PlatformError(
                    FailureKind.MALFORMED, f"{method} does not get beyond the cursor {cursor}."
                )
            return page

        upcoming = asyncio.ensure_future(fetch(after))
        try:
            while True:
                page = await upcoming
                if page.next is None:
                    yield page
                    return
                upcoming = asyncio.ensure_future(fetch(page.next))
                yield page
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
