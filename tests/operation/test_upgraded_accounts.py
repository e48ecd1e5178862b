"""Accounts that stood in a table of their own take part in the same entries ever after."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from contest_service.store.migrate import load_migrations, migrate
from contest_service.store.pool import connect
from contest_service.store.rows import Connection

DERIVED = 31
"""The migration from which on accounts follow from their entrants."""
WORKSPACE, ONE, OTHER = (UUID(int=number) for number in (1, 2, 3))
ANN = "did:plc:ann"
PEOPLE = {
    (ONE, 1): "vk:1",
    (ONE, 2): ANN,
    (ONE, 3): "vk@localhost:2582:7",
    (ONE, 4): "bluesky@localhost:2582:did:web:bob.test",
    (ONE, 5): "vk:5",
    (ONE, 6): None,
    (ONE, 7): "import:00000000-0000-0000-0000-000000000007",
    (OTHER, 1): "vk:1",
    (OTHER, 2): ANN,
}
"""Entrants by contest and number: those of the first contest that were merged into others are 3 and
4, 5 was and is not any more, 6 was erased, 7 brought in."""
ACCOUNTS = {
    (ONE, "vk", "", "1", 1),
    (ONE, "bluesky", "", ANN, 2),
    (ONE, "vk", "localhost:2582", "7", 2),
    (ONE, "bluesky", "localhost:2582", "did:web:bob.test", 2),
    (ONE, "vk", "", "5", 5),
    (OTHER, "vk", "", "1", 1),
    (OTHER, "bluesky", "", ANN, 1),
}
MERGED = {(ONE, 3): 2, (ONE, 4): 2, (OTHER, 2): 1}

ADD = """
INSERT INTO entrants (workspace_id, contest_id, id, subject, label, state, reason, tickets, record,
    record_salt, record_digest, judged_at, erased_at)
SELECT $1, $2, $3, $4::text, '', 'invalid', 'liked.not_seen', 0, CASE WHEN $4 <> '' THEN '{}' END,
    CASE WHEN $4 <> '' THEN ''::bytea END, '', now(), CASE WHEN $4 IS NULL THEN now() END
"""
ADD_ACCOUNT = """
INSERT INTO entrant_accounts (workspace_id, contest_id, platform, instance, account, entrant_id)
VALUES ($1, $2, $3, $4, $5, $6)
"""
READ = "SELECT contest_id, platform, instance, account, entrant_id FROM entrant_accounts"
MERGED_INTO = "SELECT contest_id, id, entry_id FROM entrants WHERE entry_id IS NOT NULL"


@pytest.fixture
async def upgraded(empty_database: str) -> AsyncIterator[Connection]:
    """A database whose entrants had their accounts in a table, brought forward."""
    connection = await connect(empty_database)
    try:
        await migrate(connection, load_migrations()[: DERIVED - 1])
        for (contest, number), subject in PEOPLE.items():
            await connection.execute(ADD, WORKSPACE, contest, UUID(int=number), subject)
        for contest, platform, instance, account, number in ACCOUNTS:
            key = (platform, instance, account, UUID(int=number))
            await connection.execute(ADD_ACCOUNT, WORKSPACE, contest, *key)
        assert await read(connection) == ACCOUNTS
        await migrate(connection)
        yield connection
    finally:
        await connection.close()


async def read(connection: Connection) -> set[tuple[UUID, str, str, str, int]]:
    """All accounts, with the number of the entry in which each takes part."""
    return {(*place, entry.int) for *place, entry in await connection.fetch(READ)}


async def test_every_account_takes_part_in_the_entry_that_it_did(upgraded: Connection) -> None:
    assert await read(upgraded) == ACCOUNTS


async def test_only_whoever_was_merged_names_another_entry(upgraded: Connection) -> None:
    rows = await upgraded.fetch(MERGED_INTO)
    assert {(row["contest_id"], row["id"].int): row["entry_id"].int for row in rows} == MERGED


async def test_nobody_is_lost(upgraded: Connection) -> None:
    rows = await upgraded.fetch("SELECT contest_id, id, subject FROM entrants")
    assert {(row["contest_id"], row["id"].int): row["subject"] for row in rows} == PEOPLE
