"""How PostgreSQL answers the hot statements: by their keys, and without looking at much else."""

import importlib
import pkgutil
import re
from collections.abc import Collection, Mapping

import pytest

import contest_service.store
from contest_service.store.rows import Connection
from store import (
    brought,
    decided,
    erased,
    held,
    merged,
    paged,
    recorded,
    signed,
    suspected,
    tabled,
    whole,
)
from store.crowded import Crowded
from store.guards import PAGE, Guard
from store.plans import RUNS, Allowed, Explained, Schema, explained, faults

pytestmark = pytest.mark.xdist_group("plans")

ANY_STATISTICS = (*whole.ANY_STATISTICS, *held.ANY_STATISTICS)
GUARDS = (
    *paged.GUARDS,
    *ANY_STATISTICS,
    *whole.GUARDS,
    *held.GUARDS,
    *erased.GUARDS,
    *decided.GUARDS,
    *brought.GUARDS,
    *suspected.GUARDS,
    *tabled.GUARDS,
    *signed.GUARDS,
    *recorded.GUARDS,
    *merged.GUARDS,
)
PLAINEST = {guard.name: guard for guard in reversed(GUARDS)}


ROOM = contest_service.store.__name__


def statements() -> dict[str, str]:
    """All texts of the store, by module and name."""
    return {
        f"{module.name}.{name}": value
        for module in pkgutil.iter_modules(contest_service.store.__path__)
        for name, value in vars(importlib.import_module(f"{ROOM}.{module.name}")).items()
        if name.isupper() and isinstance(value, str)
    }


STATEMENTS = statements()


def unguarded(texts: Mapping[str, str], guarded: Collection[str]) -> set[str]:
    """Statements that give a page, or one row of many, and have no guard."""
    return {name for name, sql in texts.items() if re.search(r"\bLIMIT\b", sql)} - set(guarded)


def test_every_page_has_a_guard() -> None:
    assert unguarded(STATEMENTS, PLAINEST) == set()


def test_a_page_without_a_guard_is_noticed() -> None:
    new = {"new.LIST": "SELECT id FROM contests ORDER BY id LIMIT $1", "new.PATIENCE": "10s"}
    assert unguarded(STATEMENTS | new, PLAINEST) == {"new.LIST"}


async def found_faults(
    guard: Guard, server: Explained, schema: Schema, crowded: Crowded
) -> set[str]:
    """What is wrong with a call's plans, from that of its first run to the one that is kept."""
    found: set[str] = set()
    count = 0
    plainest = PLAINEST[guard.name]
    for _ in range(0 if plainest is guard else RUNS):
        await server.runs(lambda conn: plainest.call(conn, crowded.places))
    for _ in range(RUNS):
        for run in await server.runs(lambda conn: guard.call(conn, crowded.places)):
            if run.query == STATEMENTS[guard.name]:
                found.update(faults(run.plan, guard.allowed, schema))
                count += 1
    assert count >= RUNS, f"{guard.name} did not run"
    return found


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.title)
async def test_looks_only_at_what_it_is_about(guard: Guard, crowded: Crowded) -> None:
    async with explained(crowded.known) as server:
        assert await found_faults(guard, server, await server.schema(), crowded) == set()


@pytest.mark.parametrize("guard", ANY_STATISTICS, ids=lambda guard: guard.title)
async def test_does_so_without_any_statistics(guard: Guard, crowded: Crowded) -> None:
    async with explained(crowded.young) as server:
        assert await found_faults(guard, server, await server.schema(), crowded) == set()


ALONE = """
SET LOCAL session_replication_role = replica;
DELETE FROM entrants WHERE contest_id <> '{}';
UPDATE entrants SET kind = 1 WHERE state = 'invalid';
ANALYZE entrants
"""
"""One contest is all that there is, with few kinds: to the planner each may be a large one."""
BY_KINDS = [
    guard
    for guard in tabled.GUARDS
    if guard.name.startswith(("entrant_choice.FEW", "entrant_choice.COUNT", "entrant_choice.OF"))
]


@pytest.mark.parametrize("guard", BY_KINDS, ids=lambda guard: guard.title)
async def test_few_of_a_kind_are_found_by_it_however_large_kinds_are(
    guard: Guard, crowded: Crowded
) -> None:
    async def alone(conn: Connection) -> None:
        await conn.execute(ALONE.format(crowded.places.contest.id))
        await guard.call(conn, crowded.places)

    async with explained(crowded.known) as server:
        schema = await server.schema()
        runs = await server.runs(alone)
    plans = [run.plan for run in runs if run.query == STATEMENTS[guard.name]]
    assert [faults(plan, guard.allowed, schema) for plan in plans] == [[]]


BAD = {
    "reads all of entrants": "SELECT id FROM entrants WHERE record_digest = 'x'",
    "reads all of audit_log": "SELECT id FROM audit_log ORDER BY at LIMIT 50",
    "sorts 6000 rows": """
        SELECT id FROM entrants WHERE workspace_id = $1 AND contest_id = $2
        ORDER BY record_digest LIMIT 50""",
    "looks at 6000 rows where 100 are enough": """
        SELECT id FROM entrants WHERE workspace_id = $1 AND contest_id = $2 AND subject LIKE '%x'
        ORDER BY id LIMIT 50""",
    "enters openings_pkey without workspace_id": """
        SELECT salt FROM openings WHERE contest_id = $2 AND entrant_id = $1""",
    "enters entrants_pkey without contest_id": """
        SELECT tickets FROM entrants WHERE workspace_id = $1 AND id = $2""",
    "enters frozen_chunks_pkey past kind": """
        SELECT bytes FROM frozen_chunks WHERE workspace_id = $1 AND contest_id = $2 AND seq = 1""",
    "walks through tokens_digest_once": "SELECT id FROM tokens ORDER BY digest LIMIT 50",
    "looks at 1000000 rows where 100 are enough": """
        SELECT FROM generate_series(1, 1000) a JOIN generate_series(1, 1000) b ON a < -b""",
}
"""By one thing that is wrong with it."""


@pytest.mark.parametrize(("fault", "sql"), BAD.items(), ids=BAD)
async def test_a_bad_statement_is_refused(fault: str, sql: str, crowded: Crowded) -> None:
    given = crowded.places.crowded[: sql.count("$")]
    async with explained(crowded.known) as server:
        runs = await server.runs(lambda conn: conn.fetch(sql, *given))
        found = faults(runs[0].plan, Allowed(rows=2 * PAGE), await server.schema())
    assert fault in found


@pytest.mark.parametrize(
    ("title", "index"),
    [
        ("audit.LIST of a subject first", "audit_log_of_subject"),
        ("evidence.ACTIVE", "contest_evidence_of_target"),
        ("idempotency.FORGET", "idempotency_keys_by_age"),
        ("links.GIVE_BACK", "entrants_merged"),
        ("people.BEARER", "tokens_digest_once"),
        ("scans.LATEST", "scans_of_watch"),
    ],
)
async def test_a_missing_index_is_noticed(title: str, index: str, crowded: Crowded) -> None:
    (guard,) = [guard for guard in GUARDS if guard.title == title]

    async def without(conn: Connection) -> None:
        await conn.execute(f"DROP INDEX {index}")
        await guard.call(conn, crowded.places)

    async with explained(crowded.known) as server:
        schema = await server.schema()
        runs = await server.runs(without)
        assert any(faults(run.plan, guard.allowed, schema) for run in runs)
