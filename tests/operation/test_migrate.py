"""Migrations: forward only, each whole or not at all, and never silently different."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from operation.snapshot import SNAPSHOT, describe

from contest_service.store.migrate import (
    Migration,
    MigrationError,
    find_pending,
    load_migrations,
    migrate,
    require_current,
)
from contest_service.store.pool import connect

FIRST = Migration(version=1, name="create_a", sql="CREATE TABLE a (n integer NOT NULL)")
SECOND = Migration(version=2, name="create_b", sql="CREATE TABLE b (n integer NOT NULL)")
BROKEN = Migration(version=2, name="create_b", sql="CREATE TABLE b (n integer); SELECT 1/0")


@pytest.fixture
async def empty(empty_database: str) -> Any:
    opened = await connect(empty_database)
    try:
        yield opened
    finally:
        await opened.close()


async def has_table(connection: "asyncpg.Connection[Any]", name: str) -> bool:
    return await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name) is True


async def test_migrations_apply_in_order_and_once(empty: "asyncpg.Connection[Any]") -> None:
    assert await find_pending(empty, [FIRST, SECOND]) == [FIRST, SECOND]
    assert await migrate(empty, [FIRST]) == [FIRST]
    assert await migrate(empty, [FIRST, SECOND]) == [SECOND]
    assert await migrate(empty, [FIRST, SECOND]) == []
    assert await find_pending(empty, [FIRST, SECOND]) == []


async def test_looking_changes_nothing(empty: "asyncpg.Connection[Any]") -> None:
    await find_pending(empty, [FIRST])
    assert not await has_table(empty, "schema_migrations")


async def test_a_failed_migration_leaves_nothing_of_itself_and_all_before_it(
    empty: "asyncpg.Connection[Any]",
) -> None:
    with pytest.raises(MigrationError, match=r"0002_create_b failed and was undone: division"):
        await migrate(empty, [FIRST, BROKEN])
    assert await has_table(empty, "a")
    assert not await has_table(empty, "b")
    assert await migrate(empty, [FIRST, SECOND]) == [SECOND]


async def test_a_changed_migration_is_refused(empty: "asyncpg.Connection[Any]") -> None:
    await migrate(empty, [FIRST])
    changed = Migration(version=1, name="create_a", sql=FIRST.sql + " ")
    with pytest.raises(MigrationError, match=r"0001_create_a was applied .* with another text"):
        await migrate(empty, [changed, SECOND])
    assert not await has_table(empty, "b")


async def test_a_renamed_migration_is_refused(empty: "asyncpg.Connection[Any]") -> None:
    await migrate(empty, [FIRST])
    renamed = Migration(version=1, name="create_c", sql=FIRST.sql)
    with pytest.raises(MigrationError, match="another text"):
        await migrate(empty, [renamed])


async def test_a_database_newer_than_the_program_is_refused(
    empty: "asyncpg.Connection[Any]",
) -> None:
    await migrate(empty, [FIRST, SECOND])
    with pytest.raises(MigrationError, match=r"newer than this program: it has .*0002_create_b"):
        await migrate(empty, [FIRST])


async def test_a_migration_missing_from_the_database_is_refused(
    empty: "asyncpg.Connection[Any]",
) -> None:
    await migrate(empty, [FIRST, SECOND])
    await empty.execute("DELETE FROM schema_migrations WHERE version = 1")
    with pytest.raises(MigrationError, match="has migration 0002_create_b but not number 0001"):
        await migrate(empty, [FIRST, SECOND])


async def test_several_processes_at_once_apply_each_migration_once(empty_database: str) -> None:
    async def once() -> int:
        connection = await connect(empty_database)
        try:
            return len(await migrate(connection, [FIRST, SECOND]))
        finally:
            await connection.close()

    assert sorted(await asyncio.gather(*(once() for _ in range(4)))) == [0, 0, 0, 2]


async def test_a_database_that_lacks_something_is_told_how_to_get_it(
    empty: "asyncpg.Connection[Any]",
) -> None:
    with pytest.raises(MigrationError, match=r"lacks 0001_.*contest-service migrate"):
        await require_current(empty)


@pytest.mark.parametrize("names", [["0002_create_b.sql"], ["0001_a_b.sql", "0001_c_d.sql"]])
def test_gaps_and_doubles_in_the_numbering_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationError, match="not numbered 1, 2, 3"):
        load_migrations(tmp_path)


def test_only_files_named_as_migrations_are_read(tmp_path: Path) -> None:
    for name in ("0001_create_a.sql", "snapshot.sql", "1_x_y.sql", "0002_CREATE_b.sql", "a.py"):
        (tmp_path / name).write_text("SELECT 1")
    assert [migration.title for migration in load_migrations(tmp_path)] == ["0001_create_a"]


def test_every_file_in_the_folder_of_migrations_is_one() -> None:
    files = {path.stem for path in SNAPSHOT.parent.glob("*.sql")} - {SNAPSHOT.stem}
    assert files == {migration.title for migration in load_migrations()}


async def test_all_migrations_together_equal_the_snapshot(database: str) -> None:
    """`make snapshot` writes it; its diff is what a reviewer reads beside a migration."""
    assert await asyncio.to_thread(describe, database) == SNAPSHOT.read_text()
