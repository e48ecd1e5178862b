"""Receipts of a large frozen list: many, one after the other and side by side, in one process.

As a program it freezes and signs one contest, or makes receipts of it. Openings are read by their
entrants, as for somebody who has shown that an account is theirs.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

from benchmarks import drawing, fresh
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import FREEZE_AT, LIKED, Scene, read_contest, set_scene
from benchmarks.table import Line
from contest_service.flows.freeze import freeze
from contest_service.flows.log import sign_head
from contest_service.flows.receipt import Receipts
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import Answer, Signer, UnreachableError
from contest_service.log_keys import FileMemory, seeds
from contest_service.proof.entries import LEAF_SIZE
from contest_service.proof.outline import BLOCK
from contest_service.proof.receipts import check_held, parse_held
from contest_service.store import entrants, receipts
from contest_service.store.contests import Contest
from contest_service.store.log import Log

FULL_SIZE = 1_000_000
COUNT = 10_000
AT_ONCE = 4
A_SECOND = 2000
"""Receipts that one process has to make at least."""
_SOME = """
SELECT entrant_id FROM openings WHERE workspace_id = $1 AND contest_id = $2
ORDER BY sha256(commitment) LIMIT $3
"""

_Make = Callable[[UUID], Awaitable[object]]


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure the first receipt of a list, and many more."""
    count = COUNT if size >= FULL_SIZE else min(COUNT // 10, size // 2)
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with connection(url) as conn:
            await drawing.judge(conn, scene, size)
        given = {
            "url": url,
            "folder": str(ground.folder),
            "workspace": scene.workspace_id,
            "contest": scene.contest_id,
        }
        await fresh.measure("receipts", count=0, **given)
        runs = [await fresh.measure("receipts", count=count, **given) for _ in range(ground.runs)]
    return _table(runs, size, count)


def _table(runs: Sequence[fresh.Measured], size: int, count: int) -> list[Line]:
    entries = f"{size:,} entries"
    rate = max(count / run.values["many"] for run in runs)
    return [
        Line(
            what="the first receipt of a list",
            size=entries,
            seconds=[run.values["first"] for run in runs],
            peak=max(run.peak for run in runs),
            note="the outline of the list is made and kept",
        ),
        Line(
            what=f"{count:,} more, {AT_ONCE} at once",
            size=entries,
            seconds=[run.values["many"] for run in runs],
            target=count / A_SECOND if size >= FULL_SIZE else None,
            floor=min(run.values["floor"] for run in runs),
            floor_is="the opening and the block of each entry, read by their keys in the same way, "
            "and the SHA-256 of as many hashes as a block's tree has",
            note=f"{rate:,.0f} receipts a second in the best run",
        ),
    ]


async def _nobody(url: str, _body: bytes, *, content_type: str) -> Answer:
    raise UnreachableError(f"{url} ({content_type})")


def _with_signer(rt: Runtime, folder: Path) -> Runtime:
    signer = Signer(
        seeds=seeds(bytes(32)),
        base="benchmark/log",
        is_named=True,
        memory=FileMemory(folder),
        post=_nobody,
    )
    return dataclasses.replace(rt, signer=signer)


async def _freeze(rt: Runtime, folder: Path, scene: Scene) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        await freeze(conn, rt, await read_contest(conn, scene), now=FREEZE_AT)
    # What it logs is no part of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        await sign_head(_with_signer(rt, folder), Log.PRACTICE)


async def _many(make: _Make, ids: Sequence[UUID]) -> float:
    """Make something of each, `AT_ONCE` at a time; returns the seconds."""
    left = iter(ids)

    async def work() -> None:
        for id_ in left:
            await make(id_)

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return time.perf_counter() - start


async def _measure(rt: Runtime, contest: Contest, count: int) -> None:
    key = (contest.workspace_id, contest.id)
    async with rt.pool.acquire() as conn:
        ids = [row["entrant_id"] for row in await conn.fetch(_SOME, *key, count + 1)]
    made = Receipts(rt)

    async def receipt(id_: UUID) -> bytes:
        held = await made.make(contest, id_)
        assert held is not None
        return held

    async def bare(id_: UUID) -> None:
        async with rt.pool.acquire() as conn:
            await conn.fetchrow(entrants.OPENING_OF, *key, id_)
            place = (id_.int % 20_000) * LEAF_SIZE
            await conn.fetchval(receipts.SLICE, *key, 0, place + 1, BLOCK * LEAF_SIZE)
        for _ in range(2 * BLOCK - 1):
            hashlib.sha256(message).digest()

    message = bytes(65)
    start = time.perf_counter()
    held = await receipt(ids[0])
    first = time.perf_counter() - start
    check_held(parse_held(held))
    many = await _many(receipt, ids[1:])
    fresh.answer(first=first, many=many, floor=await _many(bare, ids[1:]))


async def _main() -> None:
    given = fresh.arguments()
    folder = Path(given["folder"])
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    async with open_runtime(given["url"], folder, at=FREEZE_AT) as rt:
        if not given["count"]:
            await _freeze(rt, folder, scene)
            fresh.answer(done=True)
            return
        async with rt.pool.acquire() as conn:
            contest = await read_contest(conn, scene)
        await _measure(rt, contest, given["count"])


if __name__ == "__main__":
    asyncio.run(_main())
