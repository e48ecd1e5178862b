"""Folded records: what many evidence records of a contest have in common is kept once, as a piece.

A record is kept in its canonical bytes, or folded: a piece of it then stands there as a reference,
which is a character that canonical JSON never holds and a name made of the piece's own bytes. A
piece is kept before any record that refers to it. Only this module knows; whoever reads records
gets them whole.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import affected
from contest_service.store.rows import Connection

_MARK = "\x01"
_HASHED, _NAME = 8, 11
"""Bytes of a piece's hash, and signs of its name."""


def reference(piece: bytes) -> bytes:
    """What stands in a folded record instead of a piece."""
    return _MARK.encode() + urlsafe_b64encode(sha256(piece).digest()[:_HASHED])[:_NAME]


# Others may keep the same pieces at the same time: each waits for the one before, never in a ring,
# as long as all do it in the order of names, and in a transaction that does nothing else.
KEEP = """
INSERT INTO record_pieces (workspace_id, contest_id, name, text)
SELECT $1, $2, v.* FROM unnest($3::text[], $4::text[]) AS v
ON CONFLICT DO NOTHING
"""


async def keep(conn: Connection, contest: Contest, pieces: Mapping[bytes, bytes]) -> None:
    """Keep pieces by their references; those that are kept already stay. Not in a transaction."""
    found = sorted((each.decode()[1:], piece.decode()) for each, piece in pieces.items())
    names, texts = [name for name, _ in found], [text for _, text in found]
    await conn.execute(KEEP, contest.workspace_id, contest.id, names, texts)


READ = """
SELECT p.name, p.text FROM unnest($3::text[]) AS s (name)
CROSS JOIN LATERAL (SELECT p.name, p.text FROM record_pieces p
    WHERE p.workspace_id = $1 AND p.contest_id = $2 AND p.name = s.name
    OFFSET 0) p
"""


async def unfold(
    conn: Connection,
    workspace_id: UUID,
    contest_id: UUID,
    records: Sequence[str],
    *,
    known: dict[str, str] | None = None,
) -> list[str]:
    """Make records of a contest whole, in their order.

    `known` are pieces by name that were looked up before; what is looked up now comes to them.
    """
    pieces = {} if known is None else known
    unknown = _named(records) - pieces.keys()
    if unknown:
        rows = await conn.fetch(READ, workspace_id, contest_id, sorted(unknown))
        pieces.update((row["name"], row["text"]) for row in rows)
    return [_whole(record, pieces) for record in records]


def _named(records: Iterable[str]) -> set[str]:
    return {part[:_NAME] for record in records for part in record.split(_MARK)[1:]}


def _whole(record: str, pieces: Mapping[str, str]) -> str:
    begin, *parts = record.split(_MARK)
    return begin + "".join([pieces[part[:_NAME]] + part[_NAME:] for part in parts])


OF_ENTRANTS = """
SELECT subject, record FROM entrants
WHERE workspace_id = $1 AND contest_id = $2 AND id = ANY ($3) AND record IS NOT NULL
"""


async def of_entrants(
    conn: Connection, workspace_id: UUID, contest_id: UUID, entrant_ids: Sequence[UUID]
) -> dict[str, str]:
    """The whole records of some entrants, by subject; whoever was erased has none."""
    key = (workspace_id, contest_id)
    rows = await conn.fetch(OF_ENTRANTS, *key, entrant_ids)
    records = await unfold(conn, *key, [row["record"] for row in rows])
    return dict(zip([row["subject"] for row in rows], records, strict=True))


FORGET = "DELETE FROM record_pieces WHERE workspace_id = $1 AND contest_id = $2"


async def forget(conn: Connection, workspace_id: UUID, contest_id: UUID) -> int:
    """Delete the pieces of a contest of which no record is kept any more; returns how many."""
    return affected(await conn.execute(FORGET, workspace_id, contest_id))
