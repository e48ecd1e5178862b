"""The platforms as the contract's tests see them: one community, one post, and what disturbs both.

VK stands on the practice VK, Bluesky on the real network, with short pages. All that adapters ask
passes detours, where answers can be changed, replaced and lost.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from network.detour import Answer, Detour, Request, detour
from network.fixture import Network
from network.people import Person
from patience import PATIENCE
from sandbox.vk.stage import NOW, WALL

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import FailureKind
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter
from contest_service.sandbox.vk import acts, walls
from contest_service.sandbox.vk.churn import Change
from contest_service.sandbox.vk.people import Crowd
from platforms import loopback
from platforms.conftest import Community, Keeper
from platforms.vk_facing import Gates, vk_at
from platforms.vk_practice import Practice, practice

Opened = AbstractAsyncContextManager[PlatformAdapter]
Failure = Callable[[Request], Answer]


@dataclass(kw_only=True)
class Subject:
    """A platform, and what the contract needs of it."""

    platform: Platform
    open: Callable[[], Opened]
    open_poorest: Callable[[], Opened]
    """With the credential that tells least."""
    post: str
    """The post's address."""
    fans: frozenset[str]
    """Who likes it: more than fit on two pages."""
    liking: Callable[[], Awaitable[set[str]]]
    """Who likes it by now."""
    stir: Callable[[], None]
    """From now on the list changes in both directions after each of its pages."""
    remove: Callable[[], Awaitable[None]]
    """Delete the post."""
    published: Callable[[], Awaitable[int]]
    """How many publications of the community stand under the post."""
    now: Callable[[], datetime]
    reading: Detour
    writing: Detour
    write: str
    """The request that publishes."""
    unknown: Mapping[bytes, bytes]
    """What puts fields into answers that nobody has heard of."""
    missing: Mapping[str, Mapping[bytes, bytes]]
    """By a required field: what takes it out of answers."""
    endless: Callable[[Request], Answer | None]
    """A list that never ends by itself."""
    failures: Mapping[FailureKind, Failure]
    """Servers' refusals, which repeat the credential where they can."""
    cannot_list: frozenset[Action]
    secrets: Callable[[], tuple[str, ...]]


def fail(subject: Subject, kind: FailureKind) -> None:
    """Let every further request fail in this way."""
    for road in (subject.reading, subject.writing):
        road.answer_itself = subject.failures[kind]


def _said(value: Any, status: int = 200) -> Answer:
    return Answer(
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(value).encode(),
    )


def _garbage(request: Request) -> Answer:
    return Answer(status=200, headers={}, body=f"<html>{_told(request)}</html>".encode())


def _told(request: Request) -> str:
    """What a careless server may repeat."""
    return f"{request.headers.get('authorization', '')} {request.body.decode()}"


def _vk_error(code: int) -> Failure:
    def answer(request: Request) -> Answer:
        error = {"error_code": code, "error_msg": _told(request), "redirect_uri": ""}
        params = [{"key": "access_token", "value": request.headers.get("authorization", "")}]
        return _said({"error": {**error, "request_params": params}})

    return answer


_VK_FAILURES = {
    FailureKind.RATE_LIMITED: _vk_error(29),
    FailureKind.UNREACHABLE: _vk_error(10),
    FailureKind.CREDENTIAL_REJECTED: _vk_error(5),
    FailureKind.FORBIDDEN: _vk_error(15),
    FailureKind.GONE: _vk_error(210),
    FailureKind.UNSUPPORTED: _vk_error(3),
    FailureKind.MALFORMED: _vk_error(8),
}


@contextlib.asynccontextmanager
async def on_vk() -> AsyncIterator[Subject]:
    """VK, with three tokens, and at the poorest with the community's own."""
    async with practice() as vk, detour(vk.vk.url) as way:
        vk.vk.world.people.gather(Crowd(first=2001, count=2_600))
        fans = range(2001, 2001 + 2_600)
        acts.like_in_bulk(vk.post, fans, at=NOW)
        yield _vk_subject(vk, way, frozenset(map(str, fans)))


def _vk_subject(vk: Practice, way: Detour, fans: frozenset[str]) -> Subject:
    tokens = {"community": vk.page, "service": vk.service, "user": vk.anna}

    def opened(*kinds: str) -> Opened:
        given = {f"{kind}_token": tokens[kind] for kind in kinds or tokens}
        return vk_at(way.url, gates=Gates(), community="coffee", **given)

    def stir() -> None:
        vk.vk.site.churn.changes["likes"] = Change(arrivals=3, removals=2)

    async def liking() -> set[str]:
        return set(map(str, vk.post.reactions.likes))

    async def remove() -> None:
        walls.delete(vk.vk.world, vk.post, at=NOW)

    async def published() -> int:
        return len([each for each in vk.vk.world.comments.values() if each.from_id == WALL])

    return Subject(
        platform=Platform.VK,
        open=opened,
        open_poorest=lambda: opened("community"),
        post=f"https://vk.com/wall{WALL}_{vk.post_id}",
        fans=fans,
        liking=liking,
        stir=stir,
        remove=remove,
        published=published,
        now=lambda: datetime.fromtimestamp(NOW, UTC),
        reading=way,
        writing=way,
        write="wall.createComment",
        unknown={
            b'"items":': b'"novel":{"of":[1,null]},"items":',
            b'{"response"': b'{"x":0,"response"',
        },
        missing={
            "items": {b'"items":': b'"renamed":'},
            "count": {b'"count":': b'"renamed":'},
        },
        endless=_endless_vk,
        failures=_VK_FAILURES,
        cannot_list=frozenset({Action.QUOTE, Action.ENTRY}),
        secrets=lambda: tuple(tokens.values()),
    )


def _endless_vk(request: Request) -> Answer | None:
    """One page that comes again at each offset of a list of a million."""
    page = {"count": 1_000_000, "items": list(range(1, 1001))}
    if request.name == "execute":
        return _said({"response": [page] * request.body.count(b"API.")})
    return _said({"response": page}) if request.name == "likes.getList" else None


def _xrpc_error(status: int, name: str) -> Failure:
    def answer(request: Request) -> Answer:
        return _said({"error": name, "message": _told(request)}, status)

    return answer


_BLUESKY_FAILURES = {
    FailureKind.RATE_LIMITED: _xrpc_error(429, "RateLimitExceeded"),
    FailureKind.UNREACHABLE: _xrpc_error(502, "UpstreamFailure"),
    FailureKind.CREDENTIAL_REJECTED: _xrpc_error(401, "AuthenticationRequired"),
    FailureKind.FORBIDDEN: _xrpc_error(403, "Forbidden"),
    FailureKind.GONE: _xrpc_error(404, "NotFound"),
    FailureKind.UNSUPPORTED: _xrpc_error(501, "MethodNotImplemented"),
    FailureKind.MALFORMED: _garbage,
}
_SHORT = 1
"""Likes on a page."""


@dataclass
class _Crowd:
    """Who likes a post on the network, and who comes and goes while the list is read."""

    network: Network
    people: list[Person]
    post: Any
    likes: dict[str, tuple[Person, str]] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    is_stirred: bool = False

    def like(self, person: Person) -> None:
        self.likes[person.did] = (person, person.like(self.post))
        self.ever.add(person.did)

    def move(self) -> None:
        """Let somebody come who was never here, and with each later page somebody leave."""
        new = [person for person in self.people if person.did not in self.ever]
        if new:
            self.like(new[0])
        else:
            person, like = self.likes.pop(list(self.likes)[-2])
            person.undo(like)
        self.network.settle()


@contextlib.asynccontextmanager
async def on_bluesky(
    network: Network, community: Community, people: list[Person]
) -> AsyncIterator[Subject]:
    """Bluesky, with its lists in short pages."""
    post = await asyncio.to_thread(community.person.post, "Win a cup!")
    crowd = _Crowd(network, people, post)
    for person in people[:-1]:
        await asyncio.to_thread(crowd.like, person)
    await asyncio.to_thread(network.settle)
    async with httpx.AsyncClient(base_url=network.appview, timeout=PATIENCE) as client:

        async def respond(asked: loopback.Asked) -> loopback.Answer:
            given = {**asked.parameters}
            is_list = asked.path.endswith("getLikes")
            if is_list:
                given["limit"] = [str(_SHORT)]
            reply = await client.get(asked.path, params=given)
            if is_list and crowd.is_stirred:
                await asyncio.to_thread(crowd.move)
            return loopback.Answer(status=reply.status_code, body=reply.content)

        async with (
            loopback.serving(respond) as short,
            detour(short.url) as appview,
            detour(network.pds) as pds,
            detour(network.plc) as plc,
        ):
            for way in (pds, plc):
                way.changes[network.pds.encode()] = pds.url.encode()
            yield _bluesky_subject(community, crowd, appview=appview, pds=pds, plc=plc)


def _bluesky_subject(
    community: Community, crowd: _Crowd, *, appview: Detour, pds: Detour, plc: Detour
) -> Subject:
    network, shop, post = crowd.network, community.person, crowd.post
    keepers: list[Keeper] = []

    def opened() -> Opened:
        keepers.append(Keeper())
        credential = {"identifier": shop.handle, "app_password": community.app_password}
        return open_adapter(
            Platform.BLUESKY,
            endpoints={"pds": pds.url, "appview": appview.url, "plc": plc.url},
            credential=msgspec.json.encode(credential),
            session=keepers[-1],
            hosts=AllowedHosts.parse(["127.0.0.1:*", *network.hosts]),
        )

    def stir() -> None:
        crowd.is_stirred = True

    async def liking() -> set[str]:
        return set(crowd.likes)

    async def remove() -> None:
        await asyncio.to_thread(shop.undo, post.uri)
        await asyncio.to_thread(network.settle)

    async def published() -> int:
        await asyncio.to_thread(network.settle)
        reader = network.reader().app.bsky.feed
        thread = await asyncio.to_thread(reader.get_post_thread, {"uri": post.uri})
        return len([each for each in thread.thread.replies if each.post.author.did == shop.did])

    def secrets() -> tuple[str, ...]:
        kept = [each.session for each in keepers if each.session]
        words = {word for session in kept for word in _words(json.loads(session)) if "." in word}
        return (community.app_password, *(word for word in words if len(word) > 60))

    return Subject(
        platform=Platform.BLUESKY,
        open=opened,
        open_poorest=opened,
        post=post.uri,
        fans=frozenset(crowd.likes),
        liking=liking,
        stir=stir,
        remove=remove,
        published=published,
        now=lambda: datetime.now(UTC),
        reading=appview,
        writing=pds,
        write="com.atproto.repo.createRecord",
        unknown={b'"likes":[{': b'"novel":{"of":[1,null]},"likes":[{"x":{"$type":"new"},'},
        missing={
            "likes": {b'"likes":': b'"renamed":'},
            "indexedAt": {b'"indexedAt":': b'"renamed":'},
        },
        endless=_endless_bluesky,
        failures=_BLUESKY_FAILURES,
        cannot_list=frozenset({Action.FOLLOW, Action.ENTRY}),
        secrets=secrets,
    )


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for each in inner for word in _words(each)]


def _endless_bluesky(request: Request) -> Answer | None:
    """A page that always leads to itself."""
    if request.name != "app.bsky.feed.getLikes":
        return None
    at = "2026-05-01T10:00:00.000Z"
    like = {"actor": {"did": "did:plc:b", "handle": "b.test"}, "indexedAt": at, "createdAt": at}
    return _said({"uri": "x", "likes": [like], "cursor": "again"})
