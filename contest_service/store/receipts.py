"""What a receipt rests on: a few bytes of the frozen list, and the checkpoint over the freeze."""

import msgspec

from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.rows import Connection, one

SLICE = """
SELECT substring(bytes FROM $4 FOR $5) FROM frozen_chunks
WHERE workspace_id = $1 AND contest_id = $2 AND kind = 'entries' AND seq = $3
"""


async def entries_slice(
    conn: Connection, contest: Contest, seq: int, *, start: int, size: int
) -> bytes:
    """Read `size` bytes of one piece of the frozen list, from the byte `start` on."""
    key = (contest.workspace_id, contest.id)
    return bytes(await conn.fetchval(SLICE, *key, seq, start + 1, size) or b"")


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """The freeze event as a line without its LF, and where its leaf stands."""

    line: bytes
    log: Log
    index: int


LOGGED = """
SELECT e.line, l.log, l.index FROM events e
JOIN log_leaves l ON l.workspace_id = e.workspace_id AND l.contest_id = e.contest_id
    AND l.seq = e.seq
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.type = 'freeze'
"""


async def logged_freeze(conn: Connection, contest: Contest) -> Logged | None:
    """The contest's freeze in the log; None before it."""
    return one(await conn.fetchrow(LOGGED, contest.workspace_id, contest.id), Logged)


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint with the lines of its witnesses."""

    size: int
    note: bytes
    cosigned: list[str]


# Witnesses do not see every checkpoint: of the first ones the one that most of them saw.
VOUCHED = """
SELECT c.size, c.note, w.cosigned
FROM (SELECT size, note FROM checkpoints
    WHERE log = $1 AND size > $2 ORDER BY size LIMIT 20) c
CROSS JOIN LATERAL (SELECT COALESCE(array_agg(s.line ORDER BY s.witness), '{}') AS cosigned
    FROM cosignatures s WHERE s.log = $1 AND s.size = c.size) w
ORDER BY cardinality(w.cosigned) DESC, c.size LIMIT 1
"""


async def vouched(conn: Connection, log: Log, *, above: int) -> Vouched | None:
    """The best known checkpoint soon after a log had `above` leaves; None if none was signed."""
    return one(await conn.fetchrow(VOUCHED, log, above), Vouched)
