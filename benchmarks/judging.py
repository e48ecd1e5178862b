"""Judging: verdicts on a whole contest, when all are new, none has changed, and 1 % has.

The evidence comes from passes over four kinds of action on VK, as scans leave it, with profiles. As
a program it makes that evidence, changes some of it, or judges.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import crowd, fresh, memory
from benchmarks.ground import START, Ground, connection, open_runtime
from benchmarks.scanning import Passes
from benchmarks.scene import (
    CLOSES_AT,
    FREEZE_AT,
    INSTANCE,
    LIKED,
    VK_COMMUNITY,
    Scene,
    later,
    owner_of,
    read_contest,
    set_scene,
    watch_of,
)
from benchmarks.table import Line
from contest_service.domain.accounts import AccountKey, Platform, Profile
from contest_service.domain.evidence import Action, Sighting
from contest_service.domain.schedule import unix
from contest_service.flows import lists
from contest_service.flows.judge import judge_all
from contest_service.flows.scan import BATCH
from contest_service.store import accounts, entrants
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

FULL_SIZE = 1_000_000
FIRST_TARGET, AGAIN_TARGET = 30.0, 3.0
MEMORY_TARGET = 400 << 20
CHANGED = 200
"""One in so many took their like back, and one in so many is new: one per cent changed."""
_SKIPS = {Action.LIKE: 0, Action.REPOST: 11, Action.COMMENT: 7, Action.FOLLOW: 5}
"""One in so many did not do it."""
_CITIES = ("Москва", "Казань", "Орёл", "Тверь", "")
_STAFF = 1000
"""One in so many stands on the list of those who may not take part."""


def _conditions(staff: UUID) -> tuple[dict[str, Any], ...]:
    """Ten of them, of every kind that a VK profile, or what people did, can answer."""
    return (
        LIKED,
        {"kind": "reposted"},
        {"kind": "commented", "words": 3, "hashtag": "mug", "mentions": 1},
        {"kind": "follows"},
        {"kind": "age", "least": 18},
        {"kind": "has_picture"},
        {"kind": "profile_open"},
        {"kind": "active"},
        {"kind": "any_of", "of": [{"kind": "city", "names": ["Москва", "Казань", "Орёл"]}]},
        {"kind": "not_listed", "list_id": str(staff), "name": "staff"},
    )


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure three judgements of the same contest, one after the other."""
    runs: dict[str, list[fresh.Measured]] = {"first": [], "none": [], "some": []}
    async with ground.database() as evidence:
        async with open_runtime(evidence, ground.folder) as rt:
            async with rt.pool.acquire() as conn, conn.transaction():
                actor, _ = await owner_of(conn)
                staff = await lists.create_list(conn, actor, "Staff", now=START)
            scene = await set_scene(rt, _conditions(staff.id), platform=Platform.VK)
        given = {
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
            "size": size,
        }
        await fresh.measure("judging", url=evidence, part="evidence", staff=staff.id, **given)
        for _ in range(ground.runs):
            async with ground.database(evidence) as url:
                runs["first"].append(await fresh.measure("judging", url=url, part="", **given))
                runs["none"].append(await fresh.measure("judging", url=url, part="", **given))
                await fresh.measure("judging", url=url, part="change", **given)
                runs["some"].append(await fresh.measure("judging", url=url, part="", **given))
    is_full = size >= FULL_SIZE
    return [
        Line(
            what=what,
            size=f"{size:,} entrants",
            seconds=[run.values["seconds"] for run in runs[key]],
            peak=max(run.values["peak"] or run.peak for run in runs[key]),
            target=target if is_full else None,
            most_memory=MEMORY_TARGET if is_full else None,
            note=_note(runs[key], size),
        )
        for what, key, target in (
            ("judge, 10 conditions", "first", FIRST_TARGET),
            ("the same, none changed", "none", None),
            ("the same, 1 % changed", "some", AGAIN_TARGET),
        )
    ]


def _note(runs: list[fresh.Measured], size: int) -> str:
    best = min(runs, key=lambda run: float(run.values["seconds"]))
    rate = size / best.values["seconds"]
    return (
        f"{rate:,.0f} entrants a second; PostgreSQL's largest process {best.values['server']} MiB"
    )


def _id(number: int) -> str:
    """The id of somebody; those of neighbours are far apart."""
    return str(1_000_000 + number * 683 % 800_000_011)


def _profile(number: int) -> Profile:
    born = "" if number % 13 == 0 else f"{1960 + number % 50}-0{1 + number % 9}-1{number % 9}"
    return Profile(
        account=_id(number),
        handle=f"id{_id(number)}",
        name=f"Person {number}",
        has_picture=number % 17 != 0,
        is_closed=number % 29 == 0,
        is_active=number % 97 != 0,
        city=_CITIES[number % len(_CITIES)],
        born=born,
    )


def _sighting(action: Action, number: int, at: int) -> Sighting:
    """What somebody did, as VK's lists tell of it."""
    account = _id(number)
    match action:
        case Action.COMMENT:
            return Sighting(
                account=account,
                ref=f"{VK_COMMUNITY}_{number}.0",
                at=at - number % 3000,
                text=f"I would so love to win this mug number {number} for my coffee! #mug",
                tags=("mug",),
                mentions=(_id(number + 1),),
            )
        case Action.REPOST:
            ref = f"{account}_{number % 5000}"
            return Sighting(account=account, ref=ref, at=at - number % 3000)
        case _:
            return Sighting(account=account, ref="")


def _did(action: Action, first: int, last: int) -> Iterator[Sighting]:
    at, skip = unix(CLOSES_AT) - 60, _SKIPS[action]
    return (
        _sighting(action, number, at) for number in range(first, last) if not skip or number % skip
    )


async def _make_evidence(given: dict[str, Any], scene: Scene) -> None:
    size = given["size"]
    async with connection(given["url"]) as conn:
        for action in _SKIPS:
            watch, target, _ = await watch_of(conn, scene, action)
            await Passes(conn, watch, platform=Platform.VK).make(_did(action, 0, size), later(60))
        await _keep_profiles(conn, target, range(size))
        actor, _ = await owner_of(conn)
        keys = [
            AccountKey(platform=Platform.VK, instance=INSTANCE, id=_id(number))
            for number in range(0, size, _STAFF)
        ]
        async with conn.transaction():
            await lists.add_accounts(
                conn, actor, UUID(given["staff"]), keys, reason="Staff", now=START
            )
        await conn.execute("VACUUM ANALYZE actions, accounts")


async def _change_some(given: dict[str, Any], scene: Scene) -> None:
    """Another pass over the likes."""
    size, moved = given["size"], given["size"] // CHANGED
    async with connection(given["url"]) as conn:
        watch, target, _ = await watch_of(conn, scene, Action.LIKE)
        await _keep_profiles(conn, target, range(size, size + moved))
        await Passes(conn, watch, platform=Platform.VK).make(
            _did(Action.LIKE, moved, size + moved), later(120)
        )


async def _keep_profiles(conn: Connection, target: StoredTarget, numbers: range) -> None:
    for some in crowd.batches(iter(numbers), BATCH):
        people = [_profile(number) for number in some]
        await accounts.keep_profiles(conn, target, people, at=CLOSES_AT)


async def _judge(given: dict[str, Any], scene: Scene) -> dict[str, float]:
    async with open_runtime(given["url"], Path(given["folder"]), at=FREEZE_AT) as rt:
        async with rt.pool.acquire() as conn:
            contest = await read_contest(conn, scene)
        with memory.watched() as watched:
            start = time.perf_counter()
            await judge_all(rt, contest)
            seconds = time.perf_counter() - start
        async with rt.pool.acquire() as conn:
            counts = await entrants.counts(conn, scene.workspace_id, scene.contest_id)
        assert {count.reason for count in counts} >= {"all_conditions_hold", "follows.not_seen"}
    return {"seconds": seconds, "peak": watched.ours, "server": watched.servers >> 20}


async def _main() -> None:
    given = fresh.arguments()
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    match given["part"]:
        case "evidence":
            await _make_evidence(given, scene)
            fresh.answer(done=True)
        case "change":
            await _change_some(given, scene)
            fresh.answer(done=True)
        case _:
            fresh.answer(**await _judge(given, scene))


if __name__ == "__main__":
    asyncio.run(_main())
