"""Scans of a post on VK as a worker does them: adapter, limiter, flows, all for real.

As a program it is the worker: it runs every scan that is due at once, in one process and on one
token, and then, if asked to, everything again after some of the likes have changed. That it read
everything is checked in another process (`vk_check`), so that its memory is the worker's own.
"""

import asyncio
import dataclasses
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from benchmarks import fresh
from benchmarks.crowd import batches
from benchmarks.ground import START, open_runtime
from benchmarks.scene import LIKED, definition, later, owner_of
from benchmarks.vk_town import Town
from contest_service.domain.accounts import Platform
from contest_service.flows import connect, define, life
from contest_service.flows.runtime import Runtime
from contest_service.flows.scan import run_scan
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.lanes import INTERVALS
from contest_service.store import work

CHANGED = 200
"""One in so many likes is taken back, and one in so many comes."""
NO_INTERVAL = 0.0001
"""Seconds between departures where VK has no limits: the least that the limiter can tell."""
AGAIN_AT = later(1800)
THREE_LISTS = (LIKED, {"kind": "reposted"}, {"kind": "commented"})
_ACTS_AT_ONCE = 1000


async def set_vk_scene(rt: Runtime, town: Town, conditions: tuple[dict[str, Any], ...]) -> UUID:
    """Connect the town's community and start a contest on its post; returns the workspace."""
    async with rt.pool.acquire() as conn, conn.transaction():
        actor, _ = await owner_of(conn)
    new = await connect.sign_in(
        rt,
        platform=Platform.VK,
        endpoints={"api": town.url, "oauth": town.url},
        credential=msgspec.json.encode(
            {"user_token": town.token, "community": str(-town.owner_id)}
        ),
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        community = await connect.store_community(conn, actor, new, now=START)
        contest = await define.create_contest(
            conn, actor, definition(conditions), practice=True, now=START
        )
    found = await define.look_up_post(rt, actor, community.id, town.post)
    async with rt.pool.acquire() as conn, conn.transaction():
        await define.attach_post(conn, actor, contest.id, found, now=START)
        await life.start_contest(conn, rt, actor, contest.id, now=START)
    return actor.workspace_id


async def scan_all(rt: Runtime, workspace_id: UUID) -> float:
    """Run all scans that are due, at the same time; returns seconds."""
    now = rt.clock()
    async with rt.pool.acquire() as conn:
        due = await work.due_in(conn, workspace_id, now, limit=100)
        taken = [
            await work.take(conn, workspace_id, each.id, now=now)
            for each in due
            if each.kind is work.Kind.SCAN
        ]
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for job in taken:
            assert job is not None
            group.create_task(run_scan(rt, job))
    return time.perf_counter() - start


async def _change(town: Town, size: int) -> None:
    """Let the first who liked take it back, and as many others come."""
    truth = (await town.look("post", **town.query))["likes"]
    moved = size // CHANGED
    leaving = truth[:: len(truth) // moved][:moved] if moved else []
    told = await town.make("people", crowd={"count": max(1, moved)})
    first = told["crowd"]["first"]
    deeds = [("unlike", person) for person in leaving]
    deeds += [("like", person) for person in range(first, first + moved)]
    for some in batches(iter(deeds), _ACTS_AT_ONCE):
        await town.make("acts", acts=[{"do": do, "person": who, **town.query} for do, who in some])


def _at(rt: Runtime, moment: datetime) -> Runtime:
    return dataclasses.replace(rt, clock=lambda: moment)


async def _main() -> None:
    given = fresh.arguments()
    town = msgspec.convert(given["town"], Town)
    if given["free"]:
        INTERVALS.update(dict.fromkeys(Kind, NO_INTERVAL))
    conditions = (LIKED,) if given["free"] else THREE_LISTS
    async with open_runtime(
        given["url"], Path(given["folder"]), redis_url=given["redis_url"]
    ) as rt:
        workspace_id = await set_vk_scene(rt, town, conditions)
        for path, body in given["settings"].items():
            await town.make(path, **body)
        await town.make("traffic")
        first = await scan_all(rt, workspace_id)
        traffic = await town.traffic()
        again = 0.0
        if given["again"]:
            await _change(town, given["again"])
            again = await scan_all(_at(rt, AGAIN_AT), workspace_id)
    fresh.answer(first=first, again=again, traffic=traffic)


if __name__ == "__main__":
    asyncio.run(_main())
