"""Live events as they came in, and the presences that they open, close and complete.

An event is kept whole until it is worked in, and is worked in once. Its id stands in a presence
where a scan's would.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform, Standing
from contest_service.domain.evidence import Action, Sighting
from contest_service.store import changes
from contest_service.store.communities import Community
from contest_service.store.rows import Connection, many, storable


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has just come in; `event_id` is the platform's name for it."""

    event_id: str
    body: bytes


class HeardEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that waits to be worked in."""

    id: UUID
    heard_at: datetime
    body: bytes


ADD = """
WITH channel AS (
    UPDATE channels SET heard_at = GREATEST(heard_at, $3)
    WHERE workspace_id = $1 AND community_id = $2
    RETURNING workspace_id, community_id
)
INSERT INTO heard_events (workspace_id, community_id, event_id, heard_at, body)
SELECT c.workspace_id, c.community_id, e.event_id, $3, e.body
FROM channel c
CROSS JOIN unnest($4::text[], $5::bytea[]) WITH ORDINALITY AS e (event_id, body, place)
ORDER BY e.place
ON CONFLICT ON CONSTRAINT heard_events_once DO NOTHING
"""


async def add(
    conn: Connection,
    workspace_id: UUID,
    community_id: UUID,
    arrivals: Sequence[Arrival],
    *,
    at: datetime,
) -> int:
    """Keep what came in on a community's channel; return how many events are new.

    None is kept if the channel is gone.
    """
    done = await conn.execute(
        ADD,
        workspace_id,
        community_id,
        at,
        [storable(each.event_id) for each in arrivals],
        [each.body for each in arrivals],
    )
    return int(str(done).rsplit(" ", 1)[1])


UNMERGED = """
SELECT id, heard_at, body FROM heard_events
WHERE workspace_id = $1 AND community_id = $2 AND merged_at IS NULL
ORDER BY id LIMIT $3
"""
SET_MERGED = """
UPDATE heard_events SET merged_at = $4
WHERE workspace_id = $1 AND community_id = $2 AND id = ANY ($3) AND merged_at IS NULL
"""


async def unmerged(
    conn: Connection, workspace_id: UUID, community_id: UUID, *, limit: int
) -> list[HeardEvent]:
    """List events that wait to be worked in, in the order in which they came."""
    return many(await conn.fetch(UNMERGED, workspace_id, community_id, limit), HeardEvent)


async def set_merged(
    conn: Connection, workspace_id: UUID, community_id: UUID, ids: Sequence[UUID], *, at: datetime
) -> bool:
    """Mark events as worked in; False if somebody else has done it with some of them."""
    done = await conn.execute(SET_MERGED, workspace_id, community_id, ids, at)
    return str(done) == f"UPDATE {len(ids)}"


FORGET = """
DELETE FROM heard_events WHERE (workspace_id, community_id, id) IN (
    SELECT workspace_id, community_id, id FROM heard_events
    WHERE heard_at < $1 AND merged_at IS NOT NULL ORDER BY heard_at LIMIT $2)
"""
FORGET_AT_ONCE = 10_000


async def forget(conn: Connection, *, before: datetime) -> None:
    """Delete the events from before a time that were worked in."""
    while await conn.execute(FORGET, before, FORGET_AT_ONCE) == f"DELETE {FORGET_AT_ONCE}":
        pass


# Whom a community banned --------------------------------------------------------------------------

# In the order of accounts, as everywhere. When an account was asked about stays as it is: a closing
# scan asks anew, whatever events told. Of somebody who never did anything nothing is kept, and an
# end of a ban says nothing about an account that is not to be seen for another reason.
SET_STANDINGS = """
WITH told AS (
    SELECT k.account, s.standing FROM accounts k
    JOIN unnest($4::text[], $5::text[]) AS s (account, standing) ON s.account = k.account
    WHERE k.workspace_id = $1 AND k.platform = $2 AND k.instance = $3
        AND k.standing IS DISTINCT FROM s.standing
        AND (s.standing <> 'visible' OR k.standing = 'blocked_by_us')
    ORDER BY k.account FOR UPDATE OF k
)
UPDATE accounts k SET standing = t.standing FROM told t
WHERE k.workspace_id = $1 AND k.platform = $2 AND k.instance = $3 AND k.account = t.account
RETURNING k.account
"""
RESTING_ON = """
SELECT DISTINCT c.id FROM targets t
JOIN contest_evidence e ON e.workspace_id = t.workspace_id AND e.target_id = t.id
JOIN contests c ON c.workspace_id = e.workspace_id AND c.id = e.contest_id
WHERE t.workspace_id = $1 AND t.community_id = $2 AND c.status = 'running'
"""


async def set_standings(
    conn: Connection, community: Community, standings: Mapping[str, Standing]
) -> list[UUID]:
    """Note whom the community banned, or no longer; list the running contests that it changes."""
    changed = await conn.fetch(
        SET_STANDINGS,
        community.workspace_id,
        community.platform,
        community.instance,
        list(standings),
        [each.value for each in standings.values()],
    )
    if not changed:
        return []
    await changes.note(
        conn,
        community.workspace_id,
        [row["account"] for row in changed],
        platform=community.platform,
        instance=community.instance,
    )
    rows = await conn.fetch(RESTING_ON, community.workspace_id, community.id)
    return [row["id"] for row in rows]


# What events are about ---------------------------------------------------------------------------


class Listened(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that events may be about. `absent_at` is when its latest complete scan began."""

    watch_id: UUID
    target_id: UUID
    ref: str
    action: Action
    is_scanning: bool
    absent_at: datetime | None


LOCK = """
SELECT w.id FROM targets t
JOIN watches w ON w.workspace_id = t.workspace_id AND w.target_id = t.id
WHERE t.workspace_id = $1 AND t.platform = $2 AND t.instance = $3 AND t.author = $4
    AND t.ref = ANY ($5)
ORDER BY w.id FOR UPDATE OF w
"""
# An account that is asked about for the first time was never seen absent.
LISTENED = """
SELECT w.id AS watch_id, t.id AS target_id, t.ref, w.action,
    EXISTS (SELECT FROM scans s WHERE s.workspace_id = w.workspace_id AND s.watch_id = w.id
        AND s.state = 'running') AS is_scanning,
    (SELECT s.started_at FROM scans s
     WHERE s.workspace_id = w.workspace_id AND s.watch_id = w.id AND s.state = 'complete'
        AND s.failure IS NULL AND t.kind = 'post'
        AND s.started_at > COALESCE(w.forgotten_at, '-infinity')
     ORDER BY s.id DESC LIMIT 1) AS absent_at
FROM watches w JOIN targets t ON t.workspace_id = w.workspace_id AND t.id = w.target_id
WHERE w.workspace_id = $1 AND w.id = ANY ($2)
ORDER BY w.id
"""


async def lock_listened(
    conn: Connection,
    workspace_id: UUID,
    refs: Sequence[str],
    *,
    platform: Platform,
    instance: str,
    author: str,
) -> list[Listened]:
    """Find what is watched of these targets of an author; no scan of it ends meanwhile."""
    rows = await conn.fetch(LOCK, workspace_id, platform, instance, author, refs)
    if not rows:
        return []
    # Only now is nothing of it being written: what is read is what the lock was waited for.
    found = await conn.fetch(LISTENED, workspace_id, [row["id"] for row in rows])
    return many(found, Listened)


class OpenPresence(msgspec.Struct, frozen=True, kw_only=True):
    """An action that is there as far as is known."""

    account: str
    ref: str
    seen_scan: UUID
    has_time: bool


_OPEN = """
SELECT account, ref, seen_scan, at IS NOT NULL AS has_time FROM actions
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND gone_at IS NULL
"""
OPEN_OF = f"{_OPEN} AND account = ANY ($4)"
# All of the watch's actions are looked through: whose a deleted comment was is not told.
OPEN_LIKE = rf"{_OPEN} AND substring(ref FROM '^.*\.') = ANY ($4)"


async def open_presences(
    conn: Connection,
    workspace_id: UUID,
    listened: Listened,
    *,
    accounts: Sequence[str],
    prefixes: Sequence[str],
) -> list[OpenPresence]:
    """List what is open of some accounts, or under a `ref` that up to its dot is a prefix."""
    key = (workspace_id, listened.target_id, listened.action)
    rows = await conn.fetch(OPEN_OF, *key, accounts)
    if prefixes:
        rows += await conn.fetch(OPEN_LIKE, *key, prefixes)
    return many(rows, OpenPresence)


class NewPresence(msgspec.Struct, frozen=True, kw_only=True):
    """A presence that an event opened, and maybe another one closed."""

    sighting: Sighting
    event_id: UUID
    seen_at: datetime
    gone_at: datetime | None = None
    gone_by: UUID | None = None


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What an event ends: a presence as it is known."""

    presence: OpenPresence
    event_id: UUID
    at: datetime


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What an event adds to a presence of which no time was known: that, and the text with it."""

    presence: OpenPresence
    sighting: Sighting


INSERT = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, gone_at, gone_scan, gone_why, text, tags, mentions, heard)
VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::bigint), $8, $9, $10, $11,
    CASE WHEN $11::uuid IS NOT NULL THEN 'withdrawn' END, $12, $13, $14, true)
ON CONFLICT DO NOTHING
"""
CLOSE = """
UPDATE actions SET gone_at = $7, gone_scan = $8, gone_why = 'withdrawn'
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account = $4 AND ref = $5
    AND seen_scan = $6 AND gone_at IS NULL
"""
COMPLETE = """
UPDATE actions
SET at = COALESCE(at, to_timestamp($7::bigint)),
    text = CASE WHEN text = '' THEN $8 ELSE text END,
    tags = CASE WHEN text = '' THEN $9::text[] ELSE tags END,
    mentions = CASE WHEN text = '' THEN $10::text[] ELSE mentions END
WHERE workspace_id = $1 AND target_id = $2 AND action = $3 AND account = $4 AND ref = $5
    AND seen_scan = $6
"""
# The end of a pass that is under way was maybe prepared already, and has to be once more.
SET_HEARD = """
UPDATE scans SET heard = true WHERE workspace_id = $1 AND watch_id = $2 AND state = 'running'
"""


async def write(
    conn: Connection,
    workspace_id: UUID,
    listened: Listened,
    *,
    opened: Sequence[NewPresence],
    closed: Sequence[Ending],
    completed: Sequence[Completion],
) -> None:
    """Write what events change of a watch that `lock_listened` holds."""
    key = (workspace_id, listened.target_id, listened.action)
    await conn.executemany(INSERT, [(*key, *_inserted(listened, each)) for each in opened])
    await conn.executemany(
        CLOSE, [(*key, *_name(each.presence), each.at, each.event_id) for each in closed]
    )
    await conn.executemany(
        COMPLETE,
        [(*key, *_name(e.presence), e.sighting.at, *_said(e.sighting)) for e in completed],
    )
    if opened or closed:
        await conn.execute(SET_HEARD, workspace_id, listened.watch_id)


def _name(presence: OpenPresence) -> tuple[str, str, UUID]:
    return presence.account, presence.ref, presence.seen_scan


def _inserted(listened: Listened, new: NewPresence) -> tuple[object, ...]:
    seen = new.sighting
    bounds = (seen.at, listened.absent_at, new.seen_at, new.gone_at, new.gone_by)
    return (seen.account, seen.ref, new.event_id, *bounds, *_said(seen))


def _said(seen: Sighting) -> tuple[str, list[str], list[str]]:
    return (
        storable(seen.text),
        [storable(each) for each in seen.tags],
        [storable(each) for each in seen.mentions],
    )
