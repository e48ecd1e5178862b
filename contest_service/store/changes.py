"""Changes: whose evidence, profile, standing or place changed since a contest was last judged.

Whoever writes anything that a case is made of (`store.cases`) notes it here, in the same
transaction; without that nobody judges it anew until the rules change or the contest closes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from contest_service.store import arrays
from contest_service.store.rows import Connection

MOST = 50_000
"""Accounts that are noted by name; with more of them everybody is looked at."""

NOTE = """
INSERT INTO evidence_changes (workspace_id, platform, instance, target_id, accounts, seen_at)
VALUES ($1, $2, $3, $4, $5::text::text[], $6)
"""
NOTE_ENTRANTS = """
INSERT INTO evidence_changes (workspace_id, contest_id, entrants) VALUES ($1, $2, $3)
"""
# Who has no account is looked for among those that are due.
NOTE_IMPORTED = """
UPDATE imported_entries SET due = true
WHERE workspace_id = $1 AND contest_id = $2 AND id = ANY ($3) AND NOT due
"""


async def note(
    conn: Connection,
    workspace_id: UUID,
    accounts: Collection[str] | None,
    *,
    platform: str,
    instance: str,
    target_id: UUID | None = None,
    seen_at: datetime | None = None,
) -> None:
    """Note that what is known of accounts changed, or of everybody (None), in every contest.

    With a `target_id` only contests that rest on it are meant. `seen_at` is the latest time at
    which any of their actions was seen, where it is about actions.
    """
    if accounts is not None and not accounts:
        return
    named = None
    if accounts is not None and len(accounts) <= MOST:
        named = arrays.texts(sorted(set(accounts)))
    await conn.execute(NOTE, workspace_id, platform, instance, target_id, named, seen_at)


async def note_entrants(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrants: Collection[UUID] | None
) -> None:
    """Note that something else changed for entrants of one contest, or for all of them (None)."""
    if entrants is None or entrants:
        named = None if entrants is None or len(entrants) > MOST else sorted(entrants)
        await conn.execute(NOTE_ENTRANTS, workspace_id, contest_id, named)
        if named is not None:
            await conn.execute(NOTE_IMPORTED, workspace_id, contest_id, named)


# What was written by a transaction that was not over when all were last judged; and what was seen
# since everybody was last asked about, if that is later by now. `accounts` is NULL for everybody.
# A transaction that is yet to come was one of the database that this one was restored from.
SINCE = """
SELECT CASE WHEN c.entrants IS NULL THEN c.accounts ELSE ARRAY(
    SELECT x.account FROM unnest(c.entrants) AS k (id)
    CROSS JOIN LATERAL (SELECT x.account FROM entrant_accounts x
        WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.id
        OFFSET 0) x
) END AS accounts
FROM evidence_changes c
WHERE c.workspace_id = $1 AND (c.contest_id IS NULL OR c.contest_id = $2)
    AND (c.target_id IS NULL OR EXISTS (SELECT FROM contest_evidence e
        WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.target_id = c.target_id))
    AND ((c.xid < pg_snapshot_xmax(pg_current_snapshot())
            AND NOT pg_visible_in_snapshot(c.xid, $3::text::pg_snapshot))
        OR c.seen_at > to_timestamp($4::bigint))
"""


async def since(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    snapshot: str,
    *,
    asked_since: int | None,
) -> set[str] | None:
    """Whom changes concern that a snapshot does not show; None for everybody.

    With `asked_since`, in unix seconds, also whoever was seen to do anything since then.
    """
    rows = await conn.fetch(SINCE, workspace_id, contest_id, snapshot, asked_since)
    if any(row["accounts"] is None for row in rows):
        return None
    return {account for row in rows for account in row["accounts"]}


# What no contest that is judged needs any more: all of them have seen it, and have asked about
# everybody in it since. While one is judged for the first time, here or where the database was
# restored, it has not said yet what it sees.
FORGET = """
DELETE FROM evidence_changes c
WHERE c.workspace_id = $1 AND NOT EXISTS (
    SELECT FROM benches b
    JOIN contests k ON k.workspace_id = b.workspace_id AND k.id = b.contest_id
        AND k.status IN ('running', 'closing')
    WHERE b.workspace_id = $1 AND (b.snapshot IS NULL
        OR b.cluster <> (SELECT system_identifier FROM pg_control_system())
        OR (c.xid < pg_snapshot_xmax(pg_current_snapshot())
            AND NOT pg_visible_in_snapshot(c.xid, b.snapshot))
        OR c.seen_at > to_timestamp(b.asked_since)))
"""


async def forget(conn: Connection, workspace_id: UUID) -> None:
    """Delete what all contests of a workspace that are judged have seen."""
    await conn.execute(FORGET, workspace_id)


# A row that named somebody means everybody from then on.
UNNAME = """
UPDATE evidence_changes SET accounts = NULL WHERE workspace_id = $1 AND accounts && $2::text[]
"""


async def unname(conn: Connection, workspace_id: UUID, accounts: Sequence[str]) -> None:
    """Let no change name these accounts any more: everybody is looked at instead."""
    await conn.execute(UNNAME, workspace_id, accounts)
