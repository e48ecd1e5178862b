"""Surveys: how the reading of a contest's evidence stands."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, TargetKind
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
