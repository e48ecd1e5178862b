"""VK's adapter on the practice VK, with a page, its people and a post."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from patience import PATIENCE
from sandbox.clock import Clock
from sandbox.vk.stage import NOW, WALL, Stage

from contest_service.domain.evidence import Action, Page, Target
from contest_service.platforms.vk.adapter import VkAdapter
from contest_service.sandbox.vk.records import Post
from contest_service.sandbox.vk.server import serve
from platforms.conftest import Keeper
from platforms.vk_facing import Gates, vk_at


class Practice(Stage):
    """The stage, and adapters on it."""

    @asynccontextmanager
    async def adapter(self, *kinds: str, keeper: Keeper | None = None) -> AsyncIterator[VkAdapter]:
        """Open an adapter with some kinds of token: all three if none is named."""
        tokens = {"community": self.page, "service": self.service, "user": self.anna}
        given = {f"{kind}_token": tokens[kind] for kind in kinds or tokens}
        async with vk_at(
            self.vk.url, gates=Gates(), keeper=keeper, community="coffee", **given
        ) as adapter:
            yield adapter

    @property
    def post(self) -> Post:
        """The page's first post."""
        return self.vk.world.posts[WALL, self.post_id]

    async def target(self, adapter: VkAdapter) -> Target:
        """The page's first post, as the adapter finds it."""
        return await adapter.find_post(f"https://vk.com/coffee?w=wall{WALL}_{self.post_id}")


@asynccontextmanager
async def practice(
    ticks: Callable[[], float] | None = None,
) -> AsyncIterator[Practice]:
    """A practice VK whose clocks the test holds; rates go by `ticks`, if they are to go on."""
    clock, still = Clock(NOW), Clock(1000)
    async with (
        serve(clock=clock, ticks=ticks or still) as vk,
        httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
    ):
        stage = Practice(vk, client, clock, still)
        await stage.build()
        yield stage


async def pages(
    adapter: VkAdapter, target: Target, action: Action, after: str | None = None
) -> list[Page]:
    """Read a whole list."""
    return [page async for page in adapter.scan(target, action, after)]
