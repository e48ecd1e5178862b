"""Winners: which accounts hold prizes of a workspace's contests, and since when."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from contest_service.domain.accounts import AccountKey
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Winner(AccountKey, frozen=True, kw_only=True):
    """An account that holds a prize, and when that was written, in unix seconds."""

    won_at: int


# Whoever was named by a result or a succession, unless they were taken out after that. Winners are
# few, so that everything begins with them; whom a contest has erased has no account any more. The
# last time that a contest changes is its end, after which nobody wins anything in it.
WINNERS = """
SELECT x.platform, x.instance, x.account AS id, e.at AS won_at
FROM (SELECT id FROM contests
    WHERE workspace_id = $1 AND id <> $2 AND NOT practice
        AND (status IN ('drawn', 'announced')
            OR status = 'completed' AND updated_at >= to_timestamp($3))
    OFFSET 0) c
CROSS JOIN LATERAL (SELECT n.commitment, n.seq, n.entry FROM namings n
    WHERE n.workspace_id = $1 AND n.contest_id = c.id AND n.entry IS NOT NULL
    OFFSET 0) n
CROSS JOIN LATERAL (SELECT e.at FROM events e
    WHERE e.workspace_id = $1 AND e.contest_id = c.id AND e.seq = n.seq AND e.at >= $3
    OFFSET 0) e
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = c.id AND x.entrant_id = n.entry
    OFFSET 0) x
WHERE NOT EXISTS (SELECT FROM events d
    WHERE d.workspace_id = $1 AND d.contest_id = c.id AND d.type = 'dq'
        AND convert_from(d.line, 'UTF8')::jsonb->'body'->>'commit' = encode(n.commitment, 'hex'))
ORDER BY e.at, x.platform, x.instance, x.account
"""


async def of_others(conn: Connection, contest: Contest, *, since: int) -> list[Winner]:
    """Who holds prizes of the workspace's other real contests, won since then, oldest first.

    `since` is in unix seconds. Whoever was disqualified holds none.
    """
    return many(await conn.fetch(WINNERS, contest.workspace_id, contest.id, since), Winner)


ACCOUNTS = """
SELECT x.platform, x.instance, x.account AS id FROM unnest($3::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = k.id
    OFFSET 0) x
"""


async def accounts_of(
    conn: Connection, contest: Contest, entrant_ids: Collection[UUID]
) -> list[AccountKey]:
    """The accounts behind some entries."""
    rows = await conn.fetch(ACCOUNTS, contest.workspace_id, contest.id, list(entrant_ids))
    return many(rows, AccountKey)


READ_BETWEEN = """
SELECT n.subject FROM unnest($3::uuid[]) AS e (id)
CROSS JOIN LATERAL (SELECT x.platform, x.instance, x.account FROM entrant_accounts x
    WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = e.id
    OFFSET 0) x
JOIN entrants n ON n.workspace_id = $1 AND n.contest_id = $2 AND n.id = e.id
    AND n.subject IS NOT NULL
LEFT JOIN accounts k ON k.workspace_id = $1 AND k.platform = x.platform
    AND k.instance = x.instance AND k.account = x.account
GROUP BY n.subject
HAVING bool_and(COALESCE(k.profile_at BETWEEN $4 AND COALESCE($5::timestamptz, 'infinity'),
        false))
"""


async def read_between(
    conn: Connection,
    contest: Contest,
    entrant_ids: Collection[UUID],
    *,
    since: datetime,
    until: datetime | None,
) -> set[str]:
    """Of some entries, the subjects of those whose profiles were all last read in a time."""
    key = (contest.workspace_id, contest.id, list(entrant_ids))
    return {row["subject"] for row in await conn.fetch(READ_BETWEEN, *key, since, until)}
