"""What stands behind an entrant's verdict: what their accounts did, and the scans that saw it."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.case import GoneWhy
from contest_service.domain.evidence import Action
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many, one


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One presence of one account on what the contest rests on.

    `seen_scan` first showed it. `scan_id` is the scan that the verdict rests on: the closing scan,
    or else the latest complete one; null where there is none.
    """

    account: str
    target_id: UUID
    url: str
    action: Action
    ref: str
    at: datetime | None
    absent_at: datetime | None
    seen_at: datetime
    heard: bool
    gone_at: datetime | None
    gone_why: GoneWhy | None
    seen_scan: UUID | None
    scan_id: UUID | None


# Each account's rows are read by their key, on each target and for each action.
SEEN = """
SELECT a.account, e.target_id, t.url, e.action, a.ref, a.at, a.absent_at, a.seen_at, a.heard,
    a.gone_at, a.gone_why, s.id AS seen_scan, COALESCE(e.closing_scan_id, (
        SELECT l.id FROM scans l
        WHERE l.workspace_id = $1 AND l.watch_id = w.id AND l.state = 'complete'
        ORDER BY l.id DESC LIMIT 1)) AS scan_id
FROM entrant_accounts x
JOIN contest_evidence e ON e.workspace_id = $1 AND e.contest_id = $2
JOIN targets t ON t.workspace_id = $1 AND t.id = e.target_id AND t.platform = x.platform
    AND t.instance = x.instance
JOIN watches w ON w.workspace_id = $1 AND w.target_id = e.target_id AND w.action = e.action
CROSS JOIN LATERAL (
    SELECT a.account, a.ref, a.at, a.absent_at, a.seen_at, a.heard, a.gone_at, a.gone_why,
        a.seen_scan
    FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = e.target_id AND a.action = e.action
        AND a.account = x.account
    OFFSET 0) a
LEFT JOIN LATERAL (
    SELECT s.id FROM scans s WHERE s.workspace_id = $1 AND s.id = a.seen_scan OFFSET 0) s ON true
WHERE x.workspace_id = $1 AND x.contest_id = $2 AND x.entrant_id = $3
ORDER BY e.action, a.seen_at, a.ref
"""


async def seen(conn: Connection, contest: Contest, entrant_id: UUID) -> list[Seen]:
    """Everything that an entrant's accounts did on what the contest rests on, by action."""
    return many(await conn.fetch(SEEN, contest.workspace_id, contest.id, entrant_id), Seen)


class PageFact(msgspec.Struct, frozen=True, kw_only=True):
    """A page that a scan read: its digest and size as received, and whether its body is kept."""

    seq: int
    sha256: str
    size: int
    fetched_at: datetime
    is_kept: bool


class RestedOn(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that a contest rests on."""

    id: UUID
    closing: bool
    state: str
    started_at: datetime
    finished_at: datetime | None
    pages: int


# The scan of another contest's targets is nobody's business here.
SCAN = """
SELECT s.id, s.closing, s.state, s.started_at, s.finished_at, s.pages
FROM scans s
JOIN watches w ON w.workspace_id = s.workspace_id AND w.id = s.watch_id
WHERE s.workspace_id = $1 AND s.id = $3 AND EXISTS (SELECT FROM contest_evidence e
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.target_id = w.target_id
        AND e.action = w.action)
"""
PAGE_FACTS = """
SELECT seq, encode(sha256, 'hex') AS sha256, size, fetched_at, body IS NOT NULL AS is_kept
FROM scan_pages WHERE workspace_id = $1 AND scan_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
"""
BODY = """
SELECT body FROM scan_pages WHERE workspace_id = $1 AND scan_id = $2 AND seq = $3
"""


async def scan(conn: Connection, contest: Contest, scan_id: UUID) -> RestedOn | None:
    """Read a scan that a contest rests on."""
    return one(await conn.fetchrow(SCAN, contest.workspace_id, contest.id, scan_id), RestedOn)


async def page_facts(
    conn: Connection, contest: Contest, scan_id: UUID, *, after: int, limit: int
) -> list[PageFact]:
    """List a scan's pages whose number follows `after` (-1 for all)."""
    return many(await conn.fetch(PAGE_FACTS, contest.workspace_id, scan_id, after, limit), PageFact)


async def body(conn: Connection, contest: Contest, scan_id: UUID, seq: int) -> bytes | None:
    """The compressed body of a page, while it is kept."""
    found: bytes | None = await conn.fetchval(BODY, contest.workspace_id, scan_id, seq)
    return found
