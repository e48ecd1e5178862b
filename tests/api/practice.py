"""The API with a practice VK behind it: a page is connected over real HTTP, and events come in.

Anna is the page's administrator, Gleb and Darya are readers. Workers are this process, with a clock
that can be moved.
"""

import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from litestar import Litestar
from patience import PATIENCE
from sandbox.clock import Clock
from sandbox.vk.stage import ANNA, BORIS, DARYA, GLEB, PAGE, VERA, WALL
from sandbox.vk.stage import Stage as World

from api.answers import created, done
from api.staged import definition
from contest_service.flows.runtime import Runtime
from contest_service.sandbox.vk.callback import Delivered, DeliveryError
from contest_service.sandbox.vk.server import serve
from contest_service.store import work as store
from contest_service.store.work import Kind
from workers import jobs

__all__ = ["ANNA", "BORIS", "DARYA", "GLEB", "PAGE", "VERA", "WALL", "Practice", "practising"]


class Practice:
    """The practice world, and whoever uses the API."""

    def __init__(self, world: World, app: Litestar, owner: httpx.AsyncClient) -> None:
        self.world = world
        self.owner = owner
        self.ahead = timedelta()
        self.app = app
        self.public_url = app.state.rt.public_url

    @property
    def rt(self) -> Runtime:
        """The workers' outside, at their time."""
        rt: Runtime = self.app.state.rt
        return dataclasses.replace(
            rt, clock=lambda: datetime.now(UTC) + self.ahead, public_url=self.public_url
        )

    async def connect(self, **tokens: str) -> dict[str, Any]:
        """Connect the page with some tokens: by default its own and an administrator's."""
        given = tokens or {"community_token": self.world.page, "user_token": self.world.anna}
        url = self.world.vk.url
        return created(
            await self.owner.post(
                "/v1/communities",
                json={
                    "platform": "vk",
                    "endpoints": {"api": url, "oauth": url},
                    "credential": {"community": str(PAGE), **given},
                },
            )
        )

    async def contest(self, community: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Start a contest on the page's first post."""
        body = {"practice": True, "definition": definition(**changes)}
        contest = created(await self.owner.post("/v1/contests", json=body))
        post = {
            "community_id": community["id"],
            "url": f"https://vk.com/wall{WALL}_{self.world.post_id}",
        }
        url = f"/v1/contests/{contest['id']}"
        created(await self.owner.post(f"{url}/posts", json=post))
        return done(await self.owner.post(f"{url}/start"))

    async def channel(self, community: Mapping[str, Any]) -> dict[str, Any]:
        return done(await self.owner.get(f"/v1/communities/{community['id']}/channel"))

    async def work(self, *kinds: Kind) -> int:
        """Do what is due of some kinds, once; return how much that was."""
        async with self.rt.pool.acquire() as conn:
            due = await store.due(conn, self.rt.clock(), limit=100)
        mine = [each for each in due if each.kind in kinds]
        for each in mine:
            await jobs.work({"runtime": self.rt}, str(each.workspace_id), str(each.id))
        return len(mine)

    async def likers(self) -> list[str]:
        """Whose like is there as far as is known."""
        async with self.rt.pool.acquire() as conn:
            rows = await conn.fetch(
                "SELECT account FROM actions WHERE action = 'like' AND gone_at IS NULL ORDER BY 1"
            )
        return [row["account"] for row in rows]

    async def planned(self, kind: Kind) -> list[datetime]:
        """When work of a kind is due."""
        async with self.rt.pool.acquire() as conn:
            rows = await conn.fetch("SELECT due_at FROM work WHERE kind = $1 ORDER BY 1", kind)
        return [row["due_at"] for row in rows]


class Courier:
    """Delivers what the practice VK posts to the API, wherever its public address is."""

    def __init__(self, app: Litestar, public_url: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=public_url)
        self.is_cut: Callable[[], bool] = lambda: False

    async def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Delivered:
        if self.is_cut():
            raise DeliveryError("nobody is there")
        answer = await self.client.post(url, content=body, headers=dict(headers))
        return Delivered(
            status=answer.status_code, headers=dict(answer.headers), body=answer.content
        )


@asynccontextmanager
async def practising(
    app: Litestar, owner: httpx.AsyncClient, courier: Courier | None = None
) -> AsyncIterator[Practice]:
    """Run a practice VK with a page, its people and a post."""
    async with (
        serve(deliver=courier) as vk,
        httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
    ):
        world = World(vk, client, Clock(time.time()), Clock(0))
        await world.build()
        yield Practice(world, app, owner)
