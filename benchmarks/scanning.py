"""Scans: staging a pass over a post with many likes, and merging it into presence intervals.

As a program it measures one pair of passes: everything new, then the same again with one action in
a hundred changed. Both are what `flows.scan` and `flows.merge` do to the database, without the
network; the profiles that come with the pages are measured by themselves.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from benchmarks import crowd, fresh
from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import CLOSES_AT, INSTANCE, LIKED, Scene, later, set_scene, watch_of
from benchmarks.table import Line
from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Sighting
from contest_service.domain.schedule import unix
from contest_service.flows.scan import BATCH
from contest_service.store import accounts, actions, scans
from contest_service.store.actions import Gone
from contest_service.store.rows import Connection
from contest_service.store.scans import Outcome, Scan, Watch
from contest_service.store.targets import StoredTarget

CHANGED = 200
"""One in so many is gone, and one in so many is new: one per cent changed."""
FIRST_TARGET, AGAIN_TARGET = 8.0, 3.0
FULL_SIZE = 1_000_000

_UNLOGGED = """
CREATE UNLOGGED TABLE floor_staging (account text, ref text, at bigint)
"""
_KEPT = "CREATE TABLE floor_kept (account text, ref text, at bigint)"
_ANTI_JOIN = """
INSERT INTO floor_kept SELECT s.* FROM floor_staging s
WHERE NOT EXISTS (SELECT FROM floor_kept k WHERE k.account = s.account AND k.ref = s.ref)
"""


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure both passes."""
    runs, others = [], []
    for _ in range(ground.runs):
        async with ground.database() as url:
            async with open_runtime(url, ground.folder) as rt:
                scene = await set_scene(rt, (LIKED,))
            given = {"url": url, "workspace": scene.workspace_id, "contest": scene.contest_id}
            runs.append(await fresh.measure("scanning", size=size, part="passes", **given))
            others.append(await fresh.measure("scanning", size=size, part="others", **given))
    is_full = size >= FULL_SIZE
    return [
        Line(
            what=what,
            size=f"{size:,} actions",
            seconds=[sum(run.values[key].values()) for run in runs],
            peak=max(run.peak for run in runs),
            target=target if is_full else None,
            floor=min(run.values["floor"][key] for run in others),
            floor_is="one bare COPY into an unlogged table and one bare anti-join insert",
            note=_parts([run.values[key] for run in runs]),
        )
        for what, key, target in (
            ("stage and merge", "first", FIRST_TARGET),
            ("the same, 1 % changed", "again", AGAIN_TARGET),
        )
    ] + [
        Line(
            what=what,
            size=f"{size:,} profiles",
            seconds=[run.values["profiles"][key] for run in others],
        )
        for what, key in (("keep profiles", "first"), ("the same, none changed", "again"))
    ]


def _parts(runs: list[dict[str, float]]) -> str:
    best = min(runs, key=lambda parts: sum(parts.values()))
    return "of the best run: " + ", ".join(f"{key} {value:.2f} s" for key, value in best.items())


class Passes:
    """Makes passes over one post, and takes their time apart."""

    def __init__(
        self, conn: Connection, watch: Watch, *, platform: Platform = Platform.BLUESKY
    ) -> None:
        self._conn = conn
        self._watch = watch
        self._platform = platform

    async def make(
        self, sightings: Iterator[Sighting], at: datetime
    ) -> tuple[Outcome, dict[str, float]]:
        """Stage all rows in the batches of a scan, and merge them; returns the parts' seconds."""
        conn, clock = self._conn, time.perf_counter
        scan = await scans.begin(conn, self._watch, closing=False, at=at)
        staging, pages = 0.0, 0
        for batch in crowd.batches(crowd.staged_pages(sightings, at), BATCH // crowd.PAGE):
            read = crowd.read_pages(pages, len(batch), at)
            pages += len(read)
            start = clock()
            async with conn.transaction():
                await scans.stage(conn, scan, batch, read, checkpoint=str(pages))
            staging += clock() - start
        found = await scans.running(conn, self._watch)
        assert found is not None
        start = clock()
        async with conn.transaction():
            gone = await actions.compare(conn, self._watch, found, asked=False)
        compared = clock()
        async with conn.transaction():
            outcome = await self._merge(found, gone, at)
            merged = clock()
            await scans.finish(conn, found, outcome, at=at, claimed=None)
        parts = {
            "staging": staging,
            "comparing": compared - start,
            "merging": merged - compared,
            "clearing": clock() - merged,
        }
        return outcome, parts

    async def _merge(self, scan: Scan, gone: Sequence[Gone], at: datetime) -> Outcome:
        before = await scans.latest_complete(self._conn, self._watch)
        return await actions.merge(
            self._conn,
            self._watch,
            scan,
            gone=gone,
            asked=False,
            absent_at=None if before is None else before.started_at,
            platform=self._platform,
            instance=INSTANCE,
            at=at,
        )


async def _floor(conn: Connection, size: int) -> dict[str, float]:
    """Copy the same rows at once into a bare table, and insert them with a bare anti-join."""
    await conn.execute(_UNLOGGED)
    await conn.execute(_KEPT)
    seconds = {}
    for key, moved in (("first", 0), ("again", size // CHANGED)):
        rows = [(like.account, like.ref, like.at) for like in _likes(moved, size + moved)]
        await conn.execute("TRUNCATE floor_staging")
        start = time.perf_counter()
        await conn.copy_records_to_table("floor_staging", records=rows)
        await conn.execute(_ANTI_JOIN)
        seconds[key] = time.perf_counter() - start
    await conn.execute("DROP TABLE floor_staging, floor_kept")
    return seconds


async def _profiles(conn: Connection, target: StoredTarget, size: int) -> dict[str, float]:
    seconds = {}
    for key in ("first", "again"):
        seconds[key] = 0.0
        for numbers in crowd.batches(iter(range(size)), BATCH):
            profiles = [crowd.profile(number) for number in numbers]
            start = time.perf_counter()
            await accounts.keep_profiles(conn, target, profiles, at=CLOSES_AT)
            seconds[key] += time.perf_counter() - start
    return seconds


def _likes(first: int, last: int) -> Iterator[Sighting]:
    return (crowd.like(number, unix(CLOSES_AT)) for number in range(first, last))


async def _main() -> None:
    given = fresh.arguments()
    size = given["size"]
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    async with connection(given["url"]) as conn:
        watch, target, _ = await watch_of(conn, scene, Action.LIKE)
        if given["part"] == "others":
            profiles = await _profiles(conn, target, size)
            fresh.answer(profiles=profiles, floor=await _floor(conn, size))
            return
        passes = Passes(conn, watch)
        outcome, first = await passes.make(_likes(0, size), later(60))
        assert outcome.appeared == outcome.seen == size
        moved = size // CHANGED
        outcome, again = await passes.make(_likes(moved, size + moved), later(120))
        assert (outcome.appeared, outcome.vanished, outcome.seen) == (moved, moved, size)
        fresh.answer(first=first, again=again)


if __name__ == "__main__":
    asyncio.run(_main())
