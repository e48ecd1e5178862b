"""Judgings of a database that did not keep how many entrants there were keep it, all together."""

from uuid import UUID

from contest_service.store.migrate import load_migrations, migrate
from contest_service.store.pool import connect

KEPT = 35
"""The migration from which on judgings keep how many entrants there were."""
WORKSPACE, ONE, OTHER = (UUID(int=number) for number in (1, 2, 3))
ADD = """
INSERT INTO judgings (workspace_id, contest_id, began_at, finished_at, is_closing, terms_version,
    scans, appeared, changed)
VALUES ($1, $2, now(), now(), false, 1, '{}', $3, 0)
"""


async def test_a_judging_knows_all_who_appeared_until_it_ended(empty_database: str) -> None:
    connection = await connect(empty_database)
    try:
        await migrate(connection, load_migrations()[: KEPT - 1])
        await connection.execute("SET session_replication_role = replica")  # there is no contest
        for contest, appeared in ((ONE, 5), (OTHER, 100), (ONE, 0), (ONE, 2)):
            await connection.execute(ADD, WORKSPACE, contest, appeared)
        await migrate(connection)
        rows = await connection.fetch("SELECT contest_id, entrants FROM judgings ORDER BY id")
        assert [tuple(row) for row in rows] == [(ONE, 5), (OTHER, 100), (ONE, 5), (ONE, 7)]
    finally:
        await connection.close()
