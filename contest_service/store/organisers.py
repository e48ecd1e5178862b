"""What is counted and listed of all contests of a workspace whose rules became public.

Practice and real contests are never counted together. A contest's own numbers come from its keys;
who won, claimed and got what they won are few beside who took part.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.rows import AFTER_ALL, Connection, exactly, many


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How many contests are in a state; `changed` of them have more than one version of rules."""

    practice: bool
    status: Status
    void_reason: str
    contests: int
    changed: int


ENDINGS = """
SELECT practice, status, COALESCE(void_reason, '') AS void_reason, count(*) AS contests,
    count(*) FILTER (WHERE terms_version > 1) AS changed
FROM contests WHERE workspace_id = $1 AND terms_version > 0
GROUP BY practice, status, void_reason
"""


async def endings(conn: Connection, workspace_id: UUID) -> list[Ending]:
    """Where the contests of a workspace stand, and why those ended that have no winners."""
    return many(await conn.fetch(ENDINGS, workspace_id), Ending)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """How many real contests were drawn, and how many of them when it was first promised."""

    drawn: int
    on_time: int


# Each contest is looked up by its own key, as everywhere where some of many are counted.
DRAWN = """
SELECT count(*) AS drawn,
    count(*) FILTER (WHERE e.at <= extract(epoch FROM c.promised_draw_at) + $2) AS on_time
FROM (SELECT id, promised_draw_at FROM contests
    WHERE workspace_id = $1 AND NOT practice AND terms_version > 0
    OFFSET 0) c
CROSS JOIN LATERAL (SELECT e.at FROM events e
    WHERE e.workspace_id = $1 AND e.contest_id = c.id AND e.type = 'result'
    OFFSET 0) e
"""


async def drawn(conn: Connection, workspace_id: UUID, *, late_after: int) -> Drawn:
    """Count draws; one is on time up to `late_after` seconds after its first promised time."""
    return exactly(await conn.fetchrow(DRAWN, workspace_id, late_after), Drawn)


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """Winners that were announced, and how many of them claimed, and got, what they won."""

    winners: int
    claimed: int
    delivered: int


HANDED = """
SELECT COALESCE(sum(n.winners), 0)::bigint AS winners,
    COALESCE(sum(x.claimed), 0)::bigint AS claimed,
    COALESCE(sum(d.delivered), 0)::bigint AS delivered
FROM (SELECT id FROM contests
    WHERE workspace_id = $1 AND NOT practice AND terms_version > 0
    OFFSET 0) c
CROSS JOIN LATERAL (SELECT count(DISTINCT n.commitment) AS winners FROM namings n
    WHERE n.workspace_id = $1 AND n.contest_id = c.id) n
CROSS JOIN LATERAL (SELECT count(*) AS claimed FROM claims x
    WHERE x.workspace_id = $1 AND x.contest_id = c.id) x
CROSS JOIN LATERAL (SELECT count(*) AS delivered FROM deliveries d
    WHERE d.workspace_id = $1 AND d.contest_id = c.id AND d.undone_at IS NULL) d
"""


async def handed(conn: Connection, workspace_id: UUID) -> Handed:
    """Count who won in real contests, and how far their prizes came."""
    return exactly(await conn.fetchrow(HANDED, workspace_id), Handed)


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """How many winners of a contest lost their place for a reason."""

    contest_id: UUID
    reason: str
    winners: int


# Whoever stood in the result, or was announced as a successor, before they were taken out.
LOST = """
SELECT d.contest_id, d.reason, count(*) AS winners
FROM (SELECT e.workspace_id, e.contest_id, e.seq, b.body ->> 'reason' AS reason,
        b.body ->> 'commit' AS commitment
    FROM events e JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id,
        LATERAL (SELECT convert_from(e.line, 'UTF8')::jsonb -> 'body' AS body) b
    WHERE e.workspace_id = $1 AND e.type = 'dq' AND NOT c.practice) d
WHERE EXISTS (SELECT FROM events r
        WHERE r.workspace_id = d.workspace_id AND r.contest_id = d.contest_id
            AND r.type = 'result' AND r.seq < d.seq
            AND position(convert_to(d.commitment, 'UTF8') IN r.line) > 0)
    OR EXISTS (SELECT FROM namings n
        WHERE n.workspace_id = d.workspace_id AND n.contest_id = d.contest_id
            AND n.commitment = decode(d.commitment, 'hex') AND n.seq < d.seq)
GROUP BY d.contest_id, d.reason ORDER BY winners DESC, d.reason
"""


async def lost(conn: Connection, workspace_id: UUID) -> list[Lost]:
    """Winners of real contests who lost their place, by contest and reason."""
    return many(await conn.fetch(LOST, workspace_id), Lost)


LIST = f"""
SELECT {contests.COLUMNS} FROM contests
WHERE workspace_id = $1 AND practice = $2 AND terms_version > 0 AND id < $3
ORDER BY id DESC LIMIT $4
"""


async def list_public(
    conn: Connection, workspace_id: UUID, *, practice: bool, before: UUID | None, limit: int
) -> list[Contest]:
    """List contests whose rules are public, newest first, those created before `before`."""
    rows = await conn.fetch(LIST, workspace_id, practice, before or AFTER_ALL, limit)
    return many(rows, Contest)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a contest: when it was drawn, in unix seconds, and how far its prizes are."""

    contest_id: UUID
    promised_draw_at: datetime | None
    drawn_at: int | None
    winners: int
    claimed: int
    delivered: int


FACTS = """
SELECT c.id AS contest_id, c.promised_draw_at,
    (SELECT e.at FROM events e
        WHERE e.workspace_id = $1 AND e.contest_id = c.id AND e.type = 'result') AS drawn_at,
    (SELECT count(DISTINCT n.commitment) FROM namings n
        WHERE n.workspace_id = $1 AND n.contest_id = c.id) AS winners,
    (SELECT count(*) FROM claims x
        WHERE x.workspace_id = $1 AND x.contest_id = c.id) AS claimed,
    (SELECT count(*) FROM deliveries d
        WHERE d.workspace_id = $1 AND d.contest_id = c.id AND d.undone_at IS NULL) AS delivered
FROM contests c WHERE c.workspace_id = $1 AND c.id = ANY ($2)
"""


async def facts(
    conn: Connection, workspace_id: UUID, contest_ids: Collection[UUID]
) -> dict[UUID, Facts]:
    """What came of some contests, by their ids."""
    rows = many(await conn.fetch(FACTS, workspace_id, list(contest_ids)), Facts)
    return {each.contest_id: each for each in rows}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside who saw a contest's freeze in time: a witness, or else an authority."""

    contest_id: UUID
    by: str
    is_witness: bool


# Of each witness and authority the first checkpoint behind the freeze is enough, which is its
# earliest: a log only grows. There are few of them, so they are found by walking from one to the
# next.
SEEN = """
WITH RECURSIVE
witnesses AS (
    SELECT min(witness) AS by FROM cosignatures WHERE log = $4
    UNION ALL SELECT (SELECT min(s.witness) FROM cosignatures s
        WHERE s.log = $4 AND s.witness > w.by) FROM witnesses w WHERE w.by IS NOT NULL),
authorities AS (
    SELECT min(authority) AS by FROM timestamps WHERE log = $4
    UNION ALL SELECT (SELECT min(s.authority) FROM timestamps s
        WHERE s.log = $4 AND s.authority > a.by) FROM authorities a WHERE a.by IS NOT NULL),
frozen AS (
    SELECT f.id, f.before, l.index FROM unnest($2::uuid[], $3::bigint[]) AS f (id, before)
    JOIN events e ON e.workspace_id = $1 AND e.contest_id = f.id AND e.type = 'freeze'
    JOIN log_leaves l ON l.workspace_id = $1 AND l.contest_id = f.id AND l.seq = e.seq)
SELECT f.id AS contest_id, w.by, true AS is_witness FROM frozen f CROSS JOIN witnesses w
CROSS JOIN LATERAL (SELECT s.time FROM cosignatures s
    WHERE s.log = $4 AND s.witness = w.by AND s.size > f.index ORDER BY s.size LIMIT 1) first
WHERE first.time < f.before
UNION ALL
SELECT f.id, a.by, false FROM frozen f CROSS JOIN authorities a
CROSS JOIN LATERAL (SELECT s.time FROM timestamps s
    WHERE s.log = $4 AND s.authority = a.by AND s.size > f.index ORDER BY s.size LIMIT 1) first
WHERE first.time < f.before
"""


async def seen_in_time(
    conn: Connection, workspace_id: UUID, deadlines: dict[UUID, int], log: Log
) -> list[Seen]:
    """Who saw which freeze in a log before its deadline, in unix seconds by contest."""
    rows = await conn.fetch(
        SEEN, workspace_id, list(deadlines), list(deadlines.values()), log.value
    )
    return many(rows, Seen)
