"""The draw: from judged entrants in PostgreSQL to the stored result, and the check of its bundle.

As a program it freezes and draws one contest, or exports its bundle. Commitments and digests are
real ones; the beacon answers at once.
"""

import asyncio
import dataclasses
import hashlib
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from benchmarks import crowd, fresh
from benchmarks.ground import Ground, connection, open_runtime, practice_beacon
from benchmarks.scene import DRAW_AT, FREEZE_AT, INSTANCE, LIKED, Scene, read_contest, set_scene
from benchmarks.table import MIB, Line
from contest_service.beacon_client import Fetched
from contest_service.flows.draw import draw
from contest_service.flows.export import export_bundle
from contest_service.flows.freeze import freeze
from contest_service.proof.beacon import Beacon
from contest_service.proof.bundle import Edition
from contest_service.proof.dispute import evidence_digest
from contest_service.proof.entries import Identity, commit
from contest_service.store.rows import Connection
from contest_service.store.tallies import kind_of

TARGET, ANSWER_TARGET, VERIFY_TARGET = 10.0, 1.0, 15.0
MOST_MEMORY = 600 * MIB
FULL_SIZE = 1_000_000
VERIFIER = fresh.ROOT / "contest_service/proof/verify.py"
_BATCH = 20_000
_SALT = 32
_PRACTICE_HOLDS = '"$@"; [ $? -eq 3 ]'
"""The exit status of a practice contest whose proof holds."""

_ENTRANTS = ("workspace_id", "contest_id", "id", "subject", "label", "state", "reason", "tickets",
             "record", "record_salt", "record_digest", "kind", "judged_at")  # fmt: skip
_OPENINGS = ("workspace_id", "contest_id", "entrant_id", "commitment", "salt", "subject", "label",
             "created_at")  # fmt: skip
_JUDGED = """
UPDATE contests SET status = 'closing', closing_judged_at = $3, judged_at = $3
WHERE workspace_id = $1 AND id = $2
"""
_FLOOR = """
SELECT o.commitment, n.tickets FROM entrants n JOIN openings o ON o.entrant_id = n.id
"""


class _Runs(msgspec.Struct, frozen=True, kw_only=True):
    draws: list[fresh.Measured] = []
    exports: list[fresh.Measured] = []
    checks: list[fresh.Run] = []


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure the draw, the export of its public bundle, and verify.py on that."""
    runs = _Runs()
    bundle = ground.folder / "bundle.zip"
    async with ground.database() as judged:
        async with open_runtime(judged, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with connection(judged) as conn:
            await judge(conn, scene, size)
        for _ in range(ground.runs):
            async with ground.database(judged) as url:
                await _run_once(runs, url, ground.folder, scene=scene, bundle=bundle)
    return _table(runs, size)


async def _run_once(runs: _Runs, url: str, folder: Path, *, scene: Scene, bundle: Path) -> None:
    given = {
        "url": url,
        "folder": str(folder),
        "workspace": scene.workspace_id,
        "contest": scene.contest_id,
    }
    runs.draws.append(await fresh.measure("drawing", **given))
    runs.exports.append(await fresh.measure("drawing", bundle=str(bundle), **given))
    verify: list[str | Path] = [
        sys.executable,
        "-I",
        "-S",
        VERIFIER,
        "--practice",
        "--json",
        bundle,
    ]
    runs.checks.append(await fresh.run("/bin/sh", "-c", _PRACTICE_HOLDS, "sh", *verify))


def _table(runs: _Runs, size: int) -> list[Line]:
    is_full = size >= FULL_SIZE
    best = min(runs.draws, key=lambda run: float(sum(run.values["parts"].values())))
    parts = ", ".join(f"{key} {value:.2f} s" for key, value in best.values["parts"].items())
    entries = f"{size:,} entries"
    return [
        Line(
            what="judged rows to stored result",
            size=entries,
            seconds=[sum(run.values["parts"].values()) for run in runs.draws],
            peak=max(run.peak for run in runs.draws),
            target=TARGET if is_full else None,
            most_memory=MOST_MEMORY if is_full else None,
            floor=min(run.values["floor"] for run in runs.draws),
            floor_is="one bare COPY of the same rows and one SHA-256 for each",
            note=f"of the best run: {parts}",
        ),
        Line(
            what="the beacon's answer to stored result",
            size=entries,
            seconds=[run.values["after_answer"] for run in runs.draws],
            target=ANSWER_TARGET if is_full else None,
        ),
        Line(
            what="export of the public bundle",
            size=entries,
            seconds=[run.values["seconds"] for run in runs.exports],
            peak=max(run.peak for run in runs.exports),
        ),
        Line(
            what="verify.py on that bundle",
            size=entries,
            seconds=[run.seconds for run in runs.checks],
            peak=max(run.peak for run in runs.checks),
            target=VERIFY_TARGET if is_full else None,
            note="in a bare interpreter, its start included",
        ),
    ]


async def judge(conn: Connection, scene: Scene, size: int) -> None:
    """Write what a judge would have written of `size` valid entrants."""
    key = (scene.workspace_id, scene.contest_id)
    for numbers in crowd.batches(iter(range(size)), _BATCH):
        rows = list(_verdicts(scene, numbers))
        await conn.copy_records_to_table(
            "entrants", columns=_ENTRANTS, records=[(*key, *entrant) for entrant, _ in rows]
        )
        await conn.copy_records_to_table(
            "openings", columns=_OPENINGS, records=[(*key, *opening) for _, opening in rows]
        )
    await conn.execute(_JUDGED, *key, FREEZE_AT)
    await conn.execute("VACUUM ANALYZE entrants, openings")


def _verdicts(scene: Scene, numbers: Any) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    contest = str(scene.contest_id)
    for number in numbers:
        id_, account = crowd.new_id(number), crowd.did(number)
        subject, label = f"bluesky@{INSTANCE}:{account}", f"@person{number}.bsky.social"
        record = (
            f'{{"conditions":[{{"at":"/of/0","condition":"liked","evidence":[{{"action":"like",'
            f'"at":1767607200,"ref":"","seen_at":1767607260,"target":"{contest}"}}],'
            f'"reason":"seen","verdict":"holds","version":1}}],"contest":"{contest}",'
            f'"entry":"{id_}","reason":"all_conditions_hold","state":"valid",'
            f'"subject":"{subject}","terms_version":1,"tickets":1}}'
        )
        salt, record_salt = secrets.token_bytes(_SALT), secrets.token_bytes(_SALT)
        digest = evidence_digest(record_salt, record.encode())
        identity = Identity(contest=contest, entry=str(id_), label=label, subject=subject)
        sealed, reason = (record, record_salt, digest), "all_conditions_hold"
        kind = kind_of("bluesky", "valid", reason, "")
        yield (
            (id_, subject, label, "valid", reason, 1, *sealed, kind, FREEZE_AT),
            (id_, commit(identity, salt), salt, subject, label, FREEZE_AT),
        )


async def _floor(conn: Connection) -> float:
    """Copy the same rows out, and hash as often as there are entries."""
    received = 0

    async def take(data: bytes) -> None:
        nonlocal received
        received += len(data)

    start = time.perf_counter()
    await conn.copy_from_query(_FLOOR, output=take, format="binary")
    message = bytes(87)
    for _ in range(received // 46):
        hashlib.sha256(message).digest()
    return time.perf_counter() - start


def _answer(folder: Path, round_: int) -> Fetched:
    signature = practice_beacon(folder).sign(round_)
    randomness = hashlib.sha256(bytes.fromhex(signature)).digest()
    return Fetched(signature=signature, randomness=randomness, source="benchmark")


async def _measure(given: dict[str, Any], scene: Scene) -> None:
    folder, clock = Path(given["folder"]), time.perf_counter
    start = clock()
    async with (
        open_runtime(given["url"], folder, at=FREEZE_AT) as rt,
        rt.pool.acquire() as conn,
        conn.transaction(),
    ):
        contest = await read_contest(conn, scene)
        await freeze(conn, rt, contest, now=FREEZE_AT)
    frozen = clock()
    later = DRAW_AT + timedelta(seconds=10)
    async with open_runtime(given["url"], folder, at=later) as rt:
        async with rt.pool.acquire() as conn:
            contest = await read_contest(conn, scene)
        answered = 0.0

        async def answer(beacon: Beacon, round_: int) -> Fetched:
            nonlocal answered
            answered = clock()
            return _answer(folder, round_)

        assert await draw(dataclasses.replace(rt, fetch_round=answer), contest)
        drawn = clock()
        async with rt.pool.acquire() as conn:
            floor = await _floor(conn)
    fresh.answer(
        parts={"freeze": frozen - start, "draw": drawn - frozen},
        after_answer=drawn - answered,
        floor=floor,
    )


async def _export(given: dict[str, Any], scene: Scene) -> None:
    start = time.perf_counter()
    async with open_runtime(given["url"], Path(given["folder"]), at=DRAW_AT) as rt:
        with Path(given["bundle"]).open("wb") as file:
            async for piece in export_bundle(
                rt, scene.workspace_id, scene.contest_id, Edition.PUBLIC
            ):
                file.write(piece)
    fresh.answer(seconds=time.perf_counter() - start)


async def _main() -> None:
    given = fresh.arguments()
    scene = Scene(
        workspace_id=UUID(given["workspace"]), contest_id=UUID(given["contest"]), token=""
    )
    await (_export if "bundle" in given else _measure)(given, scene)


if __name__ == "__main__":
    asyncio.run(_main())
