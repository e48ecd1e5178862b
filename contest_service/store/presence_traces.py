"""Evidence about persons: presences, profiles, raw answers; and what still needs it.

Evidence of a target is needed by every contest that rests on it and has not ended. Whoever removes
some holds the target's watches, and notes on them that absence from an earlier scan proves nothing
any more.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey
from contest_service.domain.evidence import Action
from contest_service.store.entrant_traces import affected, keyed
from contest_service.store.rows import Connection, many

EVERY_ACTION = [each.value for each in Action]
WRITTEN = [Action.COMMENT.value, Action.QUOTE.value, Action.REPOST.value]
"""Actions that may hold a text."""

# Each target is asked by the key of its presences.
TARGETS_OF = """
SELECT t.id FROM targets t
WHERE t.workspace_id = $1 AND EXISTS (
    SELECT FROM unnest($2::text[], $3::text[], $4::text[]) AS k (platform, instance, account)
    CROSS JOIN unnest($5::text[]) AS n (action)
    WHERE k.platform = t.platform AND k.instance = t.instance
        AND (EXISTS (SELECT FROM actions a WHERE a.workspace_id = $1 AND a.target_id = t.id
                AND a.action = n.action AND a.account = k.account)
            OR EXISTS (SELECT FROM absences b WHERE b.workspace_id = $1 AND b.target_id = t.id
                AND b.action = n.action AND b.account = k.account)))
ORDER BY t.id
"""
NEEDED_BY = """
SELECT DISTINCT e.contest_id FROM contest_evidence e
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
WHERE e.workspace_id = $1 AND e.target_id = $2
    AND c.status NOT IN ('completed', 'cancelled', 'void')
ORDER BY e.contest_id
"""


async def targets_of(
    conn: Connection, workspace_id: UUID, accounts: Sequence[AccountKey]
) -> list[UUID]:
    """Targets on which some accounts did something, or were asked about."""
    rows = await conn.fetch(TARGETS_OF, workspace_id, *keyed(accounts), EVERY_ACTION)
    return [row["id"] for row in rows]


async def needed_by(conn: Connection, workspace_id: UUID, target_id: UUID) -> list[UUID]:
    """The contests that have not ended and rest on a target."""
    rows = await conn.fetch(NEEDED_BY, workspace_id, target_id)
    return [row["contest_id"] for row in rows]


LOCK = "SELECT FROM watches WHERE workspace_id = $1 AND target_id = $2 ORDER BY id FOR UPDATE"
SET_FORGOTTEN = """
UPDATE watches SET forgotten_at = $3 WHERE workspace_id = $1 AND target_id = $2
"""


async def lock_target(conn: Connection, workspace_id: UUID, target_id: UUID) -> None:
    """Let no pass over a target end until the transaction does."""
    await conn.execute(LOCK, workspace_id, target_id)


async def set_forgotten(
    conn: Connection, workspace_id: UUID, target_id: UUID, *, at: datetime
) -> None:
    """Note that presences of a target are not known any more that scans saw until now."""
    await conn.execute(SET_FORGOTTEN, workspace_id, target_id, at)


FORGET_PRESENCES = """
DELETE FROM actions a
USING targets t, unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND a.workspace_id = $1 AND a.target_id = $2 AND a.action = ANY ($6) AND a.account = k.account
"""
FORGET_ABSENCES = """
DELETE FROM absences a
USING targets t, unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND a.workspace_id = $1 AND a.target_id = $2 AND a.action = ANY ($6) AND a.account = k.account
"""
# That somebody's comments were answered.
FORGET_ANSWERED = """
DELETE FROM answered_comments c
USING targets t, unnest($3::text[], $4::text[], $5::text[]) AS k (platform, instance, account)
WHERE t.workspace_id = $1 AND t.id = $2 AND k.platform = t.platform AND k.instance = t.instance
    AND c.workspace_id = $1 AND c.target_id = $2 AND c.account = k.account
"""


async def forget_presences(
    conn: Connection, workspace_id: UUID, target_id: UUID, accounts: Sequence[AccountKey]
) -> int:
    """Delete all that some accounts did on a target; return how many rows that were."""
    key = (workspace_id, target_id, *keyed(accounts))
    await conn.execute(FORGET_ANSWERED, *key)
    args = (*key, EVERY_ACTION)
    gone = affected(await conn.execute(FORGET_PRESENCES, *args))
    return gone + affected(await conn.execute(FORGET_ABSENCES, *args))


# Texts of others that speak of somebody -----------------------------------------------------------


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where texts are: a kind of action on a target."""

    target_id: UUID
    action: Action


WRITTEN_ON = """
SELECT target_id, action FROM watches WHERE workspace_id = $1 AND action = ANY ($2)
ORDER BY target_id, action
"""
SPEAKS = """
SELECT EXISTS (SELECT FROM actions
    WHERE workspace_id = $1 AND target_id = $2 AND action = $3
        AND (text ~* $4 OR mentions && $5::text[]))
"""
EMPTY_TEXTS = """
UPDATE actions SET text = '', tags = '{}', mentions = '{}'
WHERE workspace_id = $1 AND target_id = $2 AND action = $3
    AND (text ~* $4 OR mentions && $5::text[])
"""


async def spots(conn: Connection, workspace_id: UUID) -> list[Spot]:
    """All places of a workspace where people write."""
    return many(await conn.fetch(WRITTEN_ON, workspace_id, WRITTEN), Spot)


async def speaks(
    conn: Connection, workspace_id: UUID, spot: Spot, *, pattern: str, ids: Sequence[str]
) -> bool:
    """Whether any text there speaks of somebody, or mentions one of these ids."""
    key = (workspace_id, spot.target_id, spot.action)
    return bool(await conn.fetchval(SPEAKS, *key, pattern, ids))


async def empty_texts(
    conn: Connection, workspace_id: UUID, spot: Spot, *, pattern: str, ids: Sequence[str]
) -> int:
    """Empty the texts there that speak of somebody; that they were written stays known."""
    key = (workspace_id, spot.target_id, spot.action)
    return affected(await conn.execute(EMPTY_TEXTS, *key, pattern, ids))


# Raw answers --------------------------------------------------------------------------------------

# Of the scans on which a contest rests that has not ended, every answer stays.
KEPT_BODIES = """
SELECT s.id FROM scans s
WHERE s.workspace_id = $1 AND s.closing AND s.state <> 'running'
    AND EXISTS (SELECT FROM scan_pages p WHERE p.workspace_id = $1 AND p.scan_id = s.id
        AND p.body IS NOT NULL)
    AND NOT EXISTS (SELECT FROM contest_evidence e
        JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
        WHERE e.workspace_id = $1 AND s.id IN (e.closing_scan_id, e.recheck_scan_id)
            AND c.status NOT IN ('completed', 'cancelled', 'void'))
ORDER BY s.id
"""
BODIES = """
SELECT seq, body FROM scan_pages
WHERE workspace_id = $1 AND scan_id = $2 AND seq > $3 AND body IS NOT NULL ORDER BY seq LIMIT $4
"""
FORGET_BODIES = """
UPDATE scan_pages SET body = NULL
WHERE workspace_id = $1 AND scan_id = $2 AND seq = ANY ($3) AND body IS NOT NULL
"""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A compressed answer, by its number in its scan."""

    seq: int
    body: bytes


async def scans_with_bodies(conn: Connection, workspace_id: UUID) -> list[UUID]:
    """Scans whose answers are kept, and that no contest rests on which has not ended."""
    return [row["id"] for row in await conn.fetch(KEPT_BODIES, workspace_id)]


async def bodies(
    conn: Connection, workspace_id: UUID, scan_id: UUID, *, after: int, limit: int
) -> list[Body]:
    """List the answers of a scan that are still kept."""
    return many(await conn.fetch(BODIES, workspace_id, scan_id, after, limit), Body)


async def forget_bodies(
    conn: Connection, workspace_id: UUID, scan_id: UUID, seqs: Sequence[int]
) -> int:
    """Delete answers; their digests and sizes stay."""
    return affected(await conn.execute(FORGET_BODIES, workspace_id, scan_id, seqs))


# Profiles -----------------------------------------------------------------------------------------

# A page stages what it read together with the profiles on it, while it holds its work: with all
# scans' work held, whoever is about to be needed is staged already.
LOCK_SCANS = """
SELECT FROM work WHERE workspace_id = $1 AND kind = 'scan' ORDER BY id FOR UPDATE
"""
# `$5` are contests that still have their entrants, `$6` targets that still have presences. Of each
# only the range between the first and the last account is read, through its key.
FORGET_PROFILES = """
WITH bounds AS MATERIALIZED (
    SELECT min(n.account) AS first, max(n.account) AS last,
        min(subject_of($2, $3, n.account)) AS first_subject,
        max(subject_of($2, $3, n.account)) AS last_subject
    FROM unnest($4::text[]) AS n (account)
)
DELETE FROM accounts k
WHERE k.workspace_id = $1 AND k.platform = $2 AND k.instance = $3 AND k.account = ANY ($4)
    AND subject_of($2, $3, k.account) NOT IN (SELECT x.subject FROM unnest($5::uuid[]) AS c (id)
        CROSS JOIN LATERAL (SELECT x.subject FROM entrants x
            WHERE x.workspace_id = $1 AND x.contest_id = c.id
                AND x.subject >= (SELECT first_subject FROM bounds)
                AND x.subject <= (SELECT last_subject FROM bounds)
            OFFSET 0) x)
    AND k.account NOT IN (SELECT a.account FROM unnest($6::uuid[]) AS t (id)
        CROSS JOIN unnest($7::text[]) AS n (action)
        CROSS JOIN LATERAL (SELECT a.account FROM actions a
            WHERE a.workspace_id = $1 AND a.target_id = t.id AND a.action = n.action
                AND a.account >= (SELECT first FROM bounds)
                AND a.account <= (SELECT last FROM bounds)
            OFFSET 0) a)
    AND k.account NOT IN (SELECT unnest(p.accounts::text[]) FROM scan_staging p
        WHERE p.workspace_id = $1)
"""
PROFILES = """
DELETE FROM accounts k
WHERE k.workspace_id = $1 AND k.platform = $2 AND k.instance = $3 AND k.account = ANY ($4)
    AND NOT EXISTS (SELECT FROM unnest($5::uuid[]) AS c (id)
        CROSS JOIN LATERAL (SELECT FROM entrant_accounts x
            WHERE x.workspace_id = $1 AND x.contest_id = c.id AND x.platform = $2
                AND x.instance = $3 AND x.account = k.account
            OFFSET 0) x)
    AND NOT EXISTS (SELECT FROM unnest($6::uuid[]) AS t (id)
        CROSS JOIN unnest($7::text[]) AS n (action)
        CROSS JOIN LATERAL (SELECT FROM actions a
            WHERE a.workspace_id = $1 AND a.target_id = t.id AND a.action = n.action
                AND a.account = k.account
            OFFSET 0) a)
    AND k.account NOT IN (SELECT unnest(p.accounts::text[]) FROM scan_staging p
        WHERE p.workspace_id = $1)
"""
PROFILES = """
SELECT account FROM accounts
WHERE workspace_id = $1 AND platform = $2 AND instance = $3 AND account > $4
ORDER BY account LIMIT $5
"""
PEOPLED = """
SELECT c.id FROM contests c
WHERE c.workspace_id = $1 AND c.terms_version > 0
    AND NOT EXISTS (SELECT FROM erasures r WHERE r.workspace_id = $1 AND r.contest_id = c.id
        AND r.cause = 'retention' AND r.state = 'done')
"""
WATCHED = """
SELECT t.id FROM targets t
WHERE t.workspace_id = $1 AND t.platform = $2 AND t.instance = $3
    AND EXISTS (SELECT FROM contest_evidence e
        JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
        WHERE e.workspace_id = $1 AND e.target_id = t.id
            AND NOT EXISTS (SELECT FROM erasures r WHERE r.workspace_id = $1
                AND r.contest_id = c.id AND r.cause = 'retention' AND r.state = 'done'))
"""


async def profiles(
    conn: Connection,
    workspace_id: UUID,
    *,
    platform: str,
    instance: str,
    after: str,
    limit: int,
) -> list[str]:
    """List accounts whose profile is known."""
    rows = await conn.fetch(PROFILES, workspace_id, platform, instance, after, limit)
    return [row["account"] for row in rows]


async def forget_profiles(
    conn: Connection, workspace_id: UUID, accounts: Sequence[str], *, platform: str, instance: str
) -> int:
    """Delete the profiles of accounts about which nothing else is known, and nothing is staged.

    Returns how many that were. No scan stages anything until the transaction ends.
    """
    await conn.execute(LOCK_SCANS, workspace_id)
    contests = [row["id"] for row in await conn.fetch(PEOPLED, workspace_id)]
    targets = [row["id"] for row in await conn.fetch(WATCHED, workspace_id, platform, instance)]
    where = (workspace_id, platform, instance, accounts, contests, targets)
    return affected(await conn.execute(FORGET_PROFILES, *where, EVERY_ACTION))
