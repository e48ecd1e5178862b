"""Entries: the entrants who count, with their commitments."""

from uuid import UUID

import msgspec

from contest_service.store.rows import Connection, many


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant who counts. `commitment` is in hex, as `entries.bin` and events have it."""

    id: UUID
    subject: str
    label: str
    tickets: int
    commitment: str


LIST = """
SELECT n.id, n.subject, n.label, n.tickets, encode(o.commitment, 'hex') AS commitment
FROM entrants n
JOIN openings o ON o.workspace_id = n.workspace_id AND o.contest_id = n.contest_id
    AND o.entrant_id = n.id
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.state = 'valid'
    AND ($3::uuid IS NULL OR n.id > $3)
ORDER BY n.id LIMIT $4
"""


async def list_page(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: UUID | None, limit: int
) -> list[Entry]:
    """List entries, oldest first: from the freeze on they are the frozen list's."""
    return many(await conn.fetch(LIST, workspace_id, contest_id, after, limit), Entry)
