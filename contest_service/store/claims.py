"""Claims: who was named a holder of a prize by which announcement, and who accepted."""

import enum
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class ClaimedHow(enum.StrEnum):
    NOTED = "noted"
    """A person of the organiser noted that the winner answered."""
    PAGE = "page"
    """The winner said so on their own page."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A holder of a prize, as the last event `seq` that gave them one was announced.

    `named_at` is when that announcement was published on all the contest's posts, and null until
    then. `entry` is null for somebody who was erased before.
    """

    commitment: str
    entry: UUID | None
    seq: int
    named_at: datetime | None
    claimed_at: datetime | None
    how: ClaimedHow | None
    noted_by: UUID | None


NAME = """
INSERT INTO namings (workspace_id, contest_id, seq, commitment, entry)
SELECT $1, $2, $3, v.* FROM unnest($4::bytea[], $5::uuid[]) AS v
ON CONFLICT ON CONSTRAINT namings_pkey DO NOTHING
"""


async def name(
    conn: Connection, contest: Contest, entries: Mapping[bytes, UUID | None], *, seq: int
) -> None:
    """Note whom the announcement of an event names: entries by their commitments."""
    await conn.execute(
        NAME, contest.workspace_id, contest.id, seq, list(entries), list(entries.values())
    )


# A contest has few announcements; they are read once for all holders.
HOLDERS = """
SELECT encode(n.commitment, 'hex') AS commitment, n.entry, n.seq, said.named_at,
    c.claimed_at, c.how, c.noted_by
FROM (
    SELECT DISTINCT ON (commitment) commitment, entry, seq FROM namings
    WHERE workspace_id = $1 AND contest_id = $2 AND commitment <> ALL ($3::bytea[])
    ORDER BY commitment, seq DESC) n
LEFT JOIN (
    SELECT seq, CASE WHEN bool_and(state = 'published') THEN max(published_at) END AS named_at
    FROM announcements
    WHERE workspace_id = $1 AND contest_id = $2 AND kind IN ('result', 'succession')
    GROUP BY seq) said USING (seq)
LEFT JOIN claims c ON c.workspace_id = $1 AND c.contest_id = $2 AND c.commitment = n.commitment
ORDER BY n.seq, n.commitment
"""


async def holders(conn: Connection, contest: Contest, *, besides: Collection[bytes]) -> list[Named]:
    """Everybody who was named and is not among `besides`, who lost what they held."""
    rows = await conn.fetch(HOLDERS, contest.workspace_id, contest.id, list(besides))
    return many(rows, Named)


CLAIM = """
INSERT INTO claims (workspace_id, contest_id, commitment, claimed_at, how, noted_by)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def claim(
    conn: Connection,
    contest: Contest,
    commitment: bytes,
    *,
    how: ClaimedHow,
    noted_by: UUID | None,
    at: datetime,
) -> None:
    """Note that an entry claims what it wins. There has to be no claim of it yet."""
    await conn.execute(CLAIM, contest.workspace_id, contest.id, commitment, at, how, noted_by)
