"""A practice VK in a process of its own, with one post and whoever liked, reposted, commented.

As a program it builds the world, prints where it is, and answers until its input ends. What is
built there follows from the sizes alone.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec

from benchmarks import fresh
from contest_service.sandbox.vk import acts, walls
from contest_service.sandbox.vk.control_world import (
    NewCommunity,
    NewCrowd,
    NewPerson,
    NewPost,
    NewToken,
    People,
    add_community,
    add_people,
    add_post,
    add_token,
)
from contest_service.sandbox.vk.records import Comment, Post
from contest_service.sandbox.vk.server import serve
from contest_service.sandbox.vk.site import Site

ANSWERS_IN_LONG, ANSWERS_IN_SHORT = 15, 2
"""Of a long thread ten come with the comment, and the others cost one more call."""
_PATIENCE = 120.0


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each; comments are those of all levels together."""

    likes: int
    copies: int = 0
    comments: int = 0

    @property
    def long_threads(self) -> int:
        return self.comments // 125

    @property
    def short_threads(self) -> int:
        return self.comments // 25

    @property
    def top_comments(self) -> int:
        """Comments of the post's own level."""
        answers = self.long_threads * ANSWERS_IN_LONG + self.short_threads * ANSWERS_IN_SHORT
        return self.comments - answers

    @property
    def fewest_calls(self) -> int:
        """The fewest calls that show all of it: full pages, and each long thread once."""
        pages = -(-self.likes // 1000) + -(-self.copies // 1000) + -(-self.top_comments // 100)
        return pages + self.long_threads


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Where a practice VK is, its post, and an administrator's token."""

    url: str
    token: str
    owner_id: int
    post_id: int

    @property
    def post(self) -> str:
        """The post's address."""
        return f"https://vk.com/wall{self.owner_id}_{self.post_id}"

    @property
    def query(self) -> dict[str, int]:
        """The post, as the sandbox's own API is asked for it."""
        return {"owner_id": self.owner_id, "post_id": self.post_id}

    async def make(self, path: str, **body: Any) -> Any:
        """Ask the sandbox's own API to do something."""
        async with self._client() as client:
            reply = await client.post(f"/sandbox/{path}", json=body)
        return msgspec.json.decode(reply.raise_for_status().content)

    async def look(self, path: str, **query: Any) -> Any:
        """Ask the sandbox's own API for the truth."""
        async with self._client() as client:
            reply = await client.get(f"/sandbox/{path}", params=query)
        return msgspec.json.decode(reply.raise_for_status().content)

    async def traffic(self) -> dict[str, Any]:
        """What was asked with the token since the traffic was last forgotten."""
        asked: dict[str, Any] = (await self.look("traffic"))["tokens"].get(self.token, {})
        return asked

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=_PATIENCE, trust_env=False)


@contextlib.asynccontextmanager
async def town(sizes: Sizes) -> AsyncIterator[Town]:
    """Run a practice VK beside this process, without limits until they are set."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.vk_town", msgspec.json.encode(sizes).decode()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=fresh.ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            line = await process.stdout.readline()
        opened = msgspec.json.decode(line, type=Town)
        await opened.make("limits", user=0, service=0, group=0)
        yield opened
    finally:
        # It leaves when its input ends.
        process.stdin.close()
        await process.wait()


async def _main() -> None:
    sizes = msgspec.convert(fresh.arguments(), Sizes)
    async with serve() as vk:
        made = _build(vk.site, sizes)
        sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def _build(site: Site, sizes: Sizes) -> Town:
    admin = NewPerson(first_name="Анна", last_name="Белова")
    crowd = NewCrowd(count=max(sizes.likes, sizes.copies, sizes.comments))
    told = add_people(site, People(people=[admin], crowd=crowd))
    (person,) = told["ids"]
    first = told["crowd"]["first"]
    owner_id = -add_community(site, NewCommunity(name="Кофейня", admins={person: "administrator"}))[
        "id"
    ]
    post_id = add_post(site, NewPost(owner_id=owner_id, text="Розыгрыш"))["id"]
    post = site.world.posts[owner_id, post_id]
    acts.like_in_bulk(post, range(first, first + sizes.likes), at=site.now)
    for reposter in range(first, first + sizes.copies):
        walls.repost(site.world, reposter, post, text="", at=site.now)
    _comment(site, post, sizes, iter(range(first, first + sizes.comments)))
    token = add_token(site, NewToken(kind="user", person_id=person))["value"]
    return Town(url=site.world.address, token=token, owner_id=owner_id, post_id=post_id)


def _comment(site: Site, post: Post, sizes: Sizes, people: Iterator[int]) -> None:
    """Let each of the people comment once: on the post, then in threads that are spread evenly."""
    tops = [_say(site, post, next(people)) for _ in range(sizes.top_comments)]
    longs, shorts = sizes.long_threads, sizes.short_threads
    threads = [ANSWERS_IN_LONG] * longs + [ANSWERS_IN_SHORT] * shorts
    for number, answers in enumerate(threads):
        top = tops[number * len(tops) // len(threads)]
        for _ in range(answers):
            _say(site, post, next(people), to=top)


def _say(site: Site, post: Post, person: int, *, to: int = 0) -> int:
    said = Comment(
        owner_id=post.owner_id,
        post_id=post.id,
        id=0,
        from_id=person,
        date=site.now,
        text="Участвую, хочу эту кружку!",
        reply_to_comment=to,
    )
    return acts.comment(site.world, post, said, at=site.now).id


if __name__ == "__main__":
    asyncio.run(_main())
