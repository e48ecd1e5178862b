"""A stage for flows with the practice VK beside it, and contests on its page's first post."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from platforms.vk_facing import BRISK, Gates
from platforms.vk_practice import Practice, practice

from contest_service.domain.accounts import Platform
from contest_service.flows import connect, life
from contest_service.platforms.vk.lanes import Lanes
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from flows.stage import Stage, definition, open_stage


@asynccontextmanager
async def town(pool: Any, folder: Path, redis_url: str) -> AsyncIterator[tuple[Stage, Practice]]:
    """Open a stage and VK, whose clock is the stage's."""
    async with practice() as vk:
        hosts = [urlsplit(vk.vk.url).netloc]
        async with open_stage(pool, folder, hosts, redis_url=redis_url) as stage:
            vk.clock.now = stage.now().timestamp()
            yield stage, vk


def brisk_lanes(stage: Stage) -> Lanes:
    """Lanes that try again at once."""
    return Lanes(Gates(), stage.rt.hosts, intervals=BRISK, first_pause=0.001)


def pass_time(stage: Stage, vk: Practice, until: datetime) -> None:
    """Move both clocks forward."""
    stage.pass_time(until)
    vk.clock.now = stage.now().timestamp()


async def connected(stage: Stage, vk: Practice, **tokens: str) -> Community:
    """Connect the page: with all three tokens if none is given."""
    given = tokens or {
        "community_token": vk.page,
        "service_token": vk.service,
        "user_token": vk.anna,
    }
    url = vk.vk.url
    new = await connect.sign_in(
        stage.rt,
        platform=Platform.VK,
        endpoints={"api": url, "oauth": url},
        credential=msgspec.json.encode({**given, "community": "coffee"}),
    )
    async with stage.transaction() as conn:
        return await connect.store_community(conn, stage.actor, new, now=stage.now())


async def drafted(stage: Stage, vk: Practice, community: Community, **changes: Any) -> Contest:
    """Define a contest on the page's first post."""
    url = f"https://vk.com/wall-501_{vk.post_id}"
    return await stage.contest(definition(stage, **changes), community, [url])


async def started(stage: Stage, contest: Contest) -> Contest:
    async with stage.transaction() as conn:
        return await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())
