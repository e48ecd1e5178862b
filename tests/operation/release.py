"""A database as a release left it, with contests in the middle of their lives.

As a program (`make release`) it makes one with the flows as they are and prints it as plain SQL;
that is kept in `releases/` under the release's number when it is published. The beacon's answer for
its contests is archived in it, so that they can be drawn later without the beacon's key.
"""

import asyncio
import hashlib
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import crowd
from benchmarks.ground import connection, open_runtime, practice_beacon
from benchmarks.scene import (
    CLOSES_AT,
    DRAW_AT,
    FREEZE_AT,
    LIKED,
    Scene,
    later,
    set_scene,
    watch_of,
)
from contest_service.domain.evidence import Action
from contest_service.domain.schedule import unix
from contest_service.embedded import running_servers
from contest_service.embedded.account import choose_account, find_programs
from contest_service.flows import freeze
from contest_service.flows.judge import judge_all
from contest_service.flows.runtime import Runtime
from contest_service.store import accounts, actions, contests, scans
from contest_service.store.evidence import Watched
from contest_service.store.migrate import migrate
from contest_service.store.rows import Connection
from contest_service.store.scans import Watch
from contest_service.store.targets import StoredTarget

RELEASES = Path(__file__).parent / "releases"
PEOPLE = 12
_CLOSE = "UPDATE contests SET status = 'closing' WHERE workspace_id = $1 AND id = $2"
_CREDIT = """
UPDATE contest_evidence SET closing_scan_id = $3 WHERE workspace_id = $1 AND contest_id = $2
"""
_ARCHIVE = "INSERT INTO beacon_rounds VALUES ($1, $2, $3, $4, 'release', $5)"


async def make(url: str, folder: Path) -> None:
    """Fill a database: one contest runs, one is closing and judged, one is frozen."""
    async with connection(url) as conn:
        await migrate(conn)
    async with open_runtime(url, folder, at=later(300)) as rt:
        running = await _watched(rt, is_closing=False)
        await judge_all(rt, await _read(rt, running))
    async with open_runtime(url, folder, at=CLOSES_AT + timedelta(minutes=5)) as rt:
        for is_frozen in (False, True):
            scene = await _watched(rt, is_closing=True)
            await judge_all(rt, await _read(rt, scene))
            async with rt.pool.acquire() as conn, conn.transaction():
                contest = await contests.read(conn, scene.workspace_id, scene.contest_id)
                await contests.set_closing_judged(conn, contest, rt.clock())
                if is_frozen:
                    await freeze.freeze(conn, rt, contest, now=FREEZE_AT)
    async with connection(url) as conn:
        await _archive_round(conn, folder)


async def _watched(rt: Runtime, *, is_closing: bool) -> Scene:
    """A contest whose likes were scanned; some people undid theirs between two scans."""
    scene = await set_scene(rt, (LIKED,))
    async with rt.pool.acquire() as conn, conn.transaction():
        _, target, _ = await _watch(conn, scene)
        at = later(60)
        await accounts.keep_profiles(
            conn, target, [crowd.profile(number) for number in range(PEOPLE)], at=at
        )
        await _scan(conn, scene, range(PEOPLE), at=at)
        last = await _scan(conn, scene, range(3, PEOPLE), at=later(120))
        if is_closing:
            key = (scene.workspace_id, scene.contest_id)
            await conn.execute(_CLOSE, *key)
            await conn.execute(_CREDIT, *key, last.id)
    return scene


async def _scan(conn: Connection, scene: Scene, people: range, *, at: datetime) -> scans.Scan:
    watch, _, _ = await _watch(conn, scene)
    scan = await scans.begin(conn, watch, closing=False, at=at)
    likes = (crowd.like(number, unix(CLOSES_AT)) for number in people)
    pages = list(crowd.staged_pages(likes, at))
    await scans.stage(conn, scan, pages, crowd.read_pages(0, len(pages), at), checkpoint="1")
    staged = await scans.running(conn, watch)
    assert staged is not None
    before = await scans.latest_complete(conn, watch)
    gone = await actions.compare(conn, watch, staged, asked=False)
    outcome = await actions.merge(
        conn,
        watch,
        staged,
        gone=gone,
        asked=False,
        absent_at=None if before is None else before.started_at,
        platform="bluesky",
        instance="127.0.0.1",
        at=at,
    )
    await scans.finish(conn, staged, outcome, at=at, claimed=len(people))
    return staged


async def _archive_round(conn: Connection, folder: Path) -> None:
    beacon = practice_beacon(folder)
    round_ = beacon.public.first_round_at(unix(DRAW_AT))
    signature = bytes.fromhex(beacon.sign(round_))
    randomness = hashlib.sha256(signature).digest()
    chain = bytes.fromhex(beacon.public.chain)
    await conn.execute(_ARCHIVE, chain, round_, signature, randomness, DRAW_AT)


async def _watch(conn: Connection, scene: Scene) -> tuple[Watch, StoredTarget, Watched]:
    return await watch_of(conn, scene, Action.LIKE)


async def _read(rt: Runtime, scene: Scene) -> contests.Contest:
    async with rt.pool.acquire() as conn:
        return await contests.read(conn, scene.workspace_id, scene.contest_id)


def dump(url: str) -> str:
    """Say a whole database in statements that need no client of PostgreSQL's own."""
    programs = find_programs(choose_account())
    command = [programs / "pg_dump", "--inserts", "--no-owner", "--no-privileges", url]
    plain = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kept = [line for line in plain.splitlines() if not line.startswith(("--", "\\"))]
    return "\n".join(line for line in kept if line) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="contest-") as name:
        folder = Path(name)
        # PostgreSQL's own account passes through it where root runs this.
        folder.chmod(0o711)
        with running_servers(folder / "data", is_durable=False) as servers:
            asyncio.run(make(servers.addresses.database_url, folder))
            sys.stdout.write(dump(servers.addresses.database_url))
