"""Newcomers: their packed rows are what the same verdicts are when they are written one by one."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from contest_service.flows import promise
from contest_service.store import entrants, newcomers
from contest_service.store.entrants import JudgedRow, OpeningRow
from contest_service.store.newcomers import Newcomers, Packer
from contest_service.store.rows import Connection
from flows.made_up import connected, started
from flows.stage import open_stage

TABLES = {
    "entrants": "SELECT * FROM entrants ORDER BY id",
    "openings": "SELECT * FROM openings ORDER BY entrant_id",
    "promises": "SELECT * FROM promises ORDER BY entrant_id",
    "entrant_tallies": """SELECT platform, state, reason, marks, entrants, tickets
        FROM entrant_tallies ORDER BY reason""",
}
LONG = "Ж" * 3000
ROWS = [
    ("valid", "all_conditions_hold", 7, "vk", "@анна", '{"said":"да 🎉"}'),
    ("valid", "admitted_unverified", 100, "bluesky", "", LONG),
    ("invalid", "liked.not_seen", 0, "vk", "@bob", "{}"),
    ("cannot_verify", "follows.not_read_yet", 0, "", "Cid", "{}"),
]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _verdicts() -> tuple[list[JudgedRow], list[OpeningRow]]:
    rows = [
        JudgedRow(
            id=UUID(int=number + 1),
            subject=f"{platform or 'import'}:{number}",
            label=label,
            state=state,
            reason=reason,
            tickets=tickets,
            record=record.encode(),
            record_salt=_hash(f"salt {number}"),
            record_digest=_hash(record),
            platform=platform,
            marks="hfu",
            entered_at=0,
        )
        for number, (state, reason, tickets, platform, label, record) in enumerate(ROWS)
    ]
    openings = [
        OpeningRow(
            entrant_id=row.id,
            commitment=_hash(row.subject),
            salt=_hash(row.label),
            subject=row.subject,
            label=row.label,
        )
        for row in rows
        if row.state == "valid"
    ]
    return rows, openings


def _packed(packer: Packer, rows: list[JudgedRow], openings: list[OpeningRow]) -> Newcomers:
    opened = {each.entrant_id: (each.commitment, each.salt) for each in openings}
    for row in rows:
        packer.add(
            row.id.bytes,
            (row.subject, row.label),
            row.counted_as,
            tickets=row.tickets,
            record=(row.record, row.record_salt, row.record_digest),
            entered_at=row.entered_at,
            opening=opened.get(row.id),
        )
    return packer.packed()


async def _written(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables; then they are empty again."""
    found = {
        table: [tuple(row) for row in await conn.fetch(query)] for table, query in TABLES.items()
    }
    await conn.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    return found


async def test_packed_rows_are_what_is_written_one_by_one(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        rows, openings = _verdicts()
        at = stage.rt.clock().replace(microsecond=123_457)
        key = (contest.workspace_id, contest.id)
        async with pool.acquire() as conn, conn.transaction():
            await newcomers.write(conn, _packed(Packer(key, at=at), rows, openings))
            packed = await _written(conn)
            await entrants.write(conn, *key, rows, openings=openings, at=at)
            await promise.give(conn, contest, rows, openings=openings, at=at)
            assert packed == await _written(conn)
        assert {table: len(found) for table, found in packed.items()} == {
            "entrants": 4,
            "openings": 2,
            "promises": 2,
            "entrant_tallies": 4,
        }


async def test_nobody_is_written_where_nobody_is_new(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        packer = Packer((contest.workspace_id, contest.id), at=stage.rt.clock())
        async with pool.acquire() as conn, conn.transaction():
            await newcomers.write(conn, packer.packed())
            assert not any((await _written(conn)).values())
