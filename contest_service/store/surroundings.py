"""What fraud signals compare accounts with, and what is known of each: read for a whole contest.

Sets are read as sets, each table once, since everybody is measured: by the key of each account it
would take ten times as long. Nothing here is written.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.signals.base import Trace
from contest_service.domain.signals.groups import MOST_CONTESTS, TOGETHER, Coming
from contest_service.domain.signals.paces import Minute, Place
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.rows import Connection

# A like that was heard live, or that two scans a moment apart have between them, has a minute
# although the platform tells no time.
WHEN = """COALESCE(a.at, CASE WHEN a.heard OR a.seen_at - a.absent_at <= interval '2 minutes'
        THEN a.seen_at END)"""
PACES = f"""
SELECT w.place, floor(date_part('epoch', m.at) / 60)::bigint AS minute, count(*)::integer AS count
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (target_id, action, place)
CROSS JOIN LATERAL (SELECT {WHEN} AS at FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = w.target_id AND a.action = w.action
    OFFSET 0) m
WHERE m.at IS NOT NULL
GROUP BY w.place, minute
"""


async def paces(
    conn: Connection, contest: Contest, watched: Sequence[Watched]
) -> dict[tuple[Place, Minute], int]:
    """How much was done in each minute, by the place in `watched`, from 1."""
    args = ([each.target_id for each in watched], [each.action.value for each in watched])
    rows = await conn.fetch(PACES, contest.workspace_id, *args)
    return {(row["place"], row["minute"]): row["count"] for row in rows}


NUMBERS = """
SELECT account_of(n.subject) AS account FROM entrants n
WHERE n.workspace_id = $1 AND n.contest_id = $2 AND platform_of(n.subject) = $3
    AND account_of(n.subject) ~ '^[0-9]{1,18}$'
"""


async def numbers(conn: Connection, contest: Contest) -> list[int]:
    """The ids of all entrants on the platform that numbers its accounts."""
    key = (contest.workspace_id, contest.id, Platform.VK.value)
    return [int(row["account"]) for row in await conn.fetch(NUMBERS, *key)]


# Others that ran in the half year before this one closes; practice is compared with practice.
OTHERS = """
SELECT c.id, EXISTS (SELECT FROM contest_evidence e WHERE e.workspace_id = c.workspace_id
        AND e.contest_id = c.id AND e.action IN ('repost', 'quote')) AS asks_for_reposts
FROM contests c
WHERE c.workspace_id = $1 AND c.id <> $2 AND c.practice = $3 AND c.terms_version > 0
    AND c.opens_at <= $4 AND c.opens_at >= $4 - interval '180 days'
    AND c.status NOT IN ('draft', 'scheduled')
ORDER BY c.opens_at DESC, c.id DESC LIMIT 50
"""


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another contest of the workspace."""

    id: UUID
    asks_for_reposts: bool


async def others(conn: Connection, contest: Contest) -> list[Other]:
    """The workspace's other contests of the last half year, newest first."""
    key = (contest.workspace_id, contest.id, contest.practice, contest.closes_at)
    return [Other(**dict(row)) for row in await conn.fetch(OTHERS, *key)]


# Who was only seen by a scan came at some time before it, and with nobody for all that is known.
COMINGS = f"""
WITH came AS (
    SELECT r.number, a.account, min({WHEN}) AS at
    FROM unnest($2::uuid[]) WITH ORDINALITY AS r (contest_id, number)
    JOIN contest_posts p ON p.workspace_id = $1 AND p.contest_id = r.contest_id
    JOIN actions a ON a.workspace_id = $1 AND a.target_id = p.target_id
        AND a.action IN ('like', 'repost', 'quote', 'comment')
    GROUP BY r.number, a.account
    HAVING min({WHEN}) IS NOT NULL
), regulars AS (
    SELECT account FROM came GROUP BY account HAVING count(*) >= $3 AND min(number) = 1
)
SELECT c.account, c.number::integer AS contest,
    floor(date_part('epoch', c.at) / $4)::bigint AS stretch
FROM regulars r JOIN came c USING (account)
"""


async def comings(
    conn: Connection, contest: Contest, others: Sequence[Other], *, least: int
) -> list[Coming]:
    """When those came who took part here and in `least` contests in all: the newest ones."""
    ids = [contest.id, *(each.id for each in others)][:MOST_CONTESTS]
    if len(ids) < least:
        return []
    rows = await conn.fetch(COMINGS, contest.workspace_id, ids, least, TOGETHER)
    return [Coming(*row) for row in rows]


# When somebody joined lies between the scan that did not show them yet and the one that did: the
# earlier one counts, since the first scan of a contest comes with its opening.
# `$3` to `$6` are the minutes of bursts, each with its list of actions; `$7` are other contests
# that asked for reposts, `$8` the days within which leaving is leaving for a close.
TRACES = f"""
WITH bursting AS (
    SELECT subject_of(t.platform, t.instance, a.account) AS subject,
        array_agg(b.place) AS places, array_agg(b.minute) AS minutes
    FROM unnest($3::uuid[], $4::text[], $5::integer[], $6::bigint[])
        AS b (target_id, action, place, minute)
    JOIN targets t ON t.workspace_id = $1 AND t.id = b.target_id
    JOIN actions a ON a.workspace_id = $1 AND a.target_id = b.target_id AND a.action = b.action
        AND floor(date_part('epoch', {WHEN}) / 60)::bigint = b.minute
    GROUP BY t.platform, t.instance, a.account
), copying AS (
    SELECT subject_of(t.platform, t.instance, s.account) AS subject, count(*) AS copies,
        max(c.words) AS words, max(c.writers) AS writers
    FROM comment_sources c
    JOIN comment_sketches s ON s.workspace_id = $1 AND s.contest_id = $2
        AND s.source_id = c.id AND s.account <> c.account
    JOIN targets t ON t.workspace_id = $1 AND t.id = s.target_id
    WHERE c.workspace_id = $1 AND c.contest_id = $2 AND c.writers > 1 AND NOT c.is_common
    GROUP BY t.platform, t.instance, s.account
), reposting AS (
    SELECT subject_of(t.platform, t.instance, a.account) AS subject,
        count(DISTINCT p.contest_id) AS contests
    FROM unnest($7::uuid[]) AS o (contest_id)
    JOIN contest_posts p ON p.workspace_id = $1 AND p.contest_id = o.contest_id
        AND NOT EXISTS (SELECT FROM contest_posts h WHERE h.workspace_id = $1
            AND h.contest_id = $2 AND h.target_id = p.target_id)
    JOIN targets t ON t.workspace_id = $1 AND t.id = p.target_id
    JOIN actions a ON a.workspace_id = $1 AND a.target_id = p.target_id
        AND a.action IN ('repost', 'quote')
    GROUP BY t.platform, t.instance, a.account
), leaving AS (
    SELECT subject_of(t.platform, t.instance, a.account) AS subject, count(*) AS times
    FROM targets t
    JOIN actions a ON a.workspace_id = $1 AND a.target_id = t.id AND a.action = 'follow'
        AND a.gone_why = 'withdrawn'
        AND (a.at IS NOT NULL OR a.heard OR a.absent_at IS NOT NULL)
    WHERE t.workspace_id = $1 AND t.kind = 'community'
        AND EXISTS (SELECT FROM contest_evidence e
            JOIN contests c ON c.workspace_id = $1 AND c.id = e.contest_id
                AND c.terms_version > 0
            WHERE e.workspace_id = $1 AND e.target_id = t.id AND e.action = 'follow'
                AND COALESCE(a.at, CASE WHEN a.heard THEN a.seen_at ELSE a.absent_at END)
                    BETWEEN c.opens_at - interval '1 hour' AND c.closes_at
                AND a.gone_at <= c.closes_at + make_interval(days => $8))
    GROUP BY t.platform, t.instance, a.account
)
SELECT n.entrant_id, n.platform, n.account, k.handle IS NOT NULL AS is_read,
    floor(date_part('epoch', k.created_at))::bigint AS created_at, k.has_picture, k.followers,
    k.is_closed, COALESCE(k.city <> '', false) AS has_city, k.born IS NOT NULL AS has_birthday,
    COALESCE(y.copies, 0) AS copies, COALESCE(y.words, 0) AS copied_words,
    COALESCE(y.writers, 0) AS copied_by, COALESCE(r.contests, 0) AS reposted,
    COALESCE(l.times, 0) AS left, b.places, b.minutes
FROM (SELECT COALESCE(n.entry_id, n.id) AS entrant_id, n.subject,
        platform_of(n.subject) AS platform, instance_of(n.subject) AS instance,
        account_of(n.subject) AS account
    FROM entrants n
    WHERE n.workspace_id = $1 AND n.contest_id = $2 AND n.erased_at IS NULL
        AND platform_of(n.subject) <> 'import'
    OFFSET 0) n
LEFT JOIN accounts k ON k.workspace_id = $1 AND k.platform = n.platform
    AND k.instance = n.instance AND k.account = n.account
LEFT JOIN bursting b ON b.subject = n.subject
LEFT JOIN copying y ON y.subject = n.subject
LEFT JOIN reposting r ON r.subject = n.subject
LEFT JOIN leaving l ON l.subject = n.subject
ORDER BY n.entrant_id
"""
# Nothing is known of how many rows the sets have, and a wrong guess would compare all with all.
JOIN_SETS = "SET LOCAL enable_nestloop = off"
MORE_MEMORY = "SET LOCAL work_mem = '64MB'"
BATCH = 5000


async def traces(
    conn: Connection,
    contest: Contest,
    *,
    watched: Sequence[Watched],
    bursts: Sequence[tuple[Place, Minute]],
    others: Sequence[Other],
    soon: int,
) -> AsyncIterator[list[tuple[UUID, Trace]]]:
    """Yield what is known of all accounts that take part, by entrant, in order of their ids.

    Of an entrant with several accounts each comes by itself. Needs a transaction around it.
    """
    await conn.execute(JOIN_SETS)
    await conn.execute(MORE_MEMORY)
    cursor = await conn.cursor(
        TRACES,
        contest.workspace_id,
        contest.id,
        [watched[place - 1].target_id for place, _ in bursts],
        [watched[place - 1].action.value for place, _ in bursts],
        [place for place, _ in bursts],
        [minute for _, minute in bursts],
        [each.id for each in others if each.asks_for_reposts],
        soon,
    )
    while rows := await cursor.fetch(BATCH):
        yield [(row["entrant_id"], _trace(row)) for row in rows]


def _trace(row: Mapping[str, object]) -> Trace:
    values = {**dict(row), "places": row["places"] or (), "minutes": row["minutes"] or ()}
    del values["entrant_id"]
    return msgspec.convert(values, Trace)
