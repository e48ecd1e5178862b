"""Entrants of a database that had no kinds are of the kinds that its tallies count."""

from uuid import UUID

from flows.counted import require_counted

from contest_service.store import tallies
from contest_service.store.migrate import load_migrations, migrate
from contest_service.store.pool import connect

KEPT = 32
"""The migration from which on entrants keep their kinds."""
WORKSPACE, ERASED, WHOLE = (UUID(int=number) for number in (1, 2, 3))
ADD = """
INSERT INTO entrants (workspace_id, contest_id, subject, label, state, reason, marks, tickets,
    record, record_salt, record_digest, judged_at, erased_at)
SELECT $1, $2, $3::text, '', 'valid', 'all_conditions_hold', 'h', 2,
    CASE WHEN $3 <> '' THEN '{}' END, CASE WHEN $3 <> '' THEN ''::bytea END, '', now(),
    CASE WHEN $3 IS NULL THEN now() END
"""
COUNT = """
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
VALUES ($1, $2, $3, 'valid', 'all_conditions_hold', 'h', 1, 2)
"""


async def test_every_entrant_keeps_the_kind_that_it_is_counted_as(empty_database: str) -> None:
    connection = await connect(empty_database)
    try:
        await migrate(connection, load_migrations()[: KEPT - 1])
        await connection.execute("SET session_replication_role = replica")  # there is no contest
        for contest, now, before in (
            (ERASED, "vk:1", "vk"),
            (ERASED, None, "vk"),
            (ERASED, "did:plc:ann", "bluesky"),
            (WHOLE, "did:plc:ann", "bluesky"),
            (WHOLE, "import:1", "import"),
        ):
            await connection.execute(ADD, WORKSPACE, contest, now)
            await connection.execute(COUNT, WORKSPACE, contest, before)
        await migrate(connection)
        await require_counted(connection)
        for contest, platforms in (
            (ERASED, ["", "bluesky", "vk"]),
            (WHOLE, ["bluesky", "import"]),
        ):
            found = await tallies.of_contest(connection, WORKSPACE, contest)
            assert [each.platform for each in found] == platforms
    finally:
        await connection.close()
