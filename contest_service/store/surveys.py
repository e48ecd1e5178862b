"""Surveys: how the reading of a contest's evidence stands, and which comments ask something."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, TargetKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, many


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a target, its latest scan, and when the next is due.

    `state` is null before the first scan; `failure` is of the latest, or of the work that waits.
    """

    target_id: UUID
    platform: Platform
    kind: TargetKind
    action: Action
    url: str
    is_live: bool
    state: str | None
    started_at: datetime | None
    finished_at: datetime | None
    staged: int | None
    seen: int | None
    failure: str | None
    next_at: datetime | None


OF_CONTEST = """
SELECT e.target_id, t.platform, t.kind, e.action, t.url, e.live AS is_live, s.state, s.started_at,
    s.finished_at, s.staged, s.seen, COALESCE(k.failure, s.failure) AS failure,
    CASE WHEN k.due_at < 'infinity' THEN k.due_at END AS next_at
FROM contest_evidence e
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
LEFT JOIN LATERAL (SELECT l.state, l.started_at, l.finished_at, l.staged, l.seen, l.failure
    FROM scans l WHERE l.workspace_id = $1 AND l.watch_id = w.id
    ORDER BY l.id DESC LIMIT 1) s ON true
LEFT JOIN work k ON k.workspace_id = e.workspace_id AND k.kind = 'scan' AND k.subject = w.id
WHERE e.workspace_id = $1 AND e.contest_id = $2
ORDER BY t.kind DESC, t.id, e.action
"""


async def of_contest(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Survey]:
    """Everything that a contest's rules ask about, its posts' actions first."""
    return many(await conn.fetch(OF_CONTEST, workspace_id, contest_id), Survey)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A comment that asks something."""

    target_id: UUID
    account: str
    text: str
    at: datetime
    url: str


ASKING = """
SELECT q.target_id, q.account, q.text, COALESCE(q.at, q.seen_at) AS at, t.url
FROM unnest($2::uuid[]) k (target_id)
CROSS JOIN LATERAL (SELECT a.target_id, a.account, a.text, a.at, a.seen_at FROM actions a
    WHERE a.workspace_id = $1 AND a.target_id = k.target_id AND a.action = 'comment'
        AND a.text LIKE '%?%' AND a.gone_at IS NULL
    ORDER BY a.seen_at DESC LIMIT $3) q
JOIN targets t ON t.workspace_id = $1 AND t.id = q.target_id
ORDER BY q.seen_at DESC LIMIT $3
"""


async def asking(
    conn: Connection, contest: Contest, target_ids: Sequence[UUID], *, limit: int
) -> list[Question]:
    """The comments on some posts that ask something, the last that were seen first."""
    rows = await conn.fetch(ASKING, contest.workspace_id, list(target_ids), limit)
    return many(rows, Question)
