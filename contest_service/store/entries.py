"""Entries: the entrants who count, with their commitments."""

from uuid import UUID

import msgspec

from contest_service.store.rows import BEFORE_ALL, Connection, many


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant who counts. `commitment` is in hex, as `entries.bin` and events have it.

    Of somebody who was erased, `subject` and `label` are empty.
    """

    id: UUID
    subject: str
    label: str
    tickets: int
    commitment: str


# Each opening is looked up by its key: a join would be of the whole contest, for one page of it.
LIST = """
SELECT n.id, COALESCE(n.subject, '') AS subject, n.label, n.tickets,
    encode(o.commitment, 'hex') AS commitment
FROM entrants n
CROSS JOIN LATERAL (SELECT o.commitment FROM openings o
    WHERE o.workspace_id = $1 AND o.contest_id = $2 AND o.entrant_id = n.id
    OFFSET 0) o
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state = 'valid' AND n.id > $3
ORDER BY n.id LIMIT $4
"""


async def list_page(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[Entry]:
    """List entries, oldest first: from the freeze on they are the frozen list's."""
    rows = await conn.fetch(LIST, workspace_id, contest_id, after or BEFORE_ALL, limit)
    return many(rows, Entry)
