"""Coverage: how much of what a platform counts its scans have seen."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action
from contest_service.store.rows import Connection, many


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """One action on one post, in the closing scan or else the latest complete one.

    `claimed` is the platform's own counter; `hidden` people vanished only from our sight, and were
    not seen again, so the counter still has them. None where nothing was scanned, or nothing is
    counted.
    """

    target_id: UUID
    platform: Platform
    action: Action
    url: str
    scanned_at: datetime | None
    seen: int | None
    hidden: int
    claimed: int | None

    @property
    def per_cent(self) -> int:
        """Seen, and known to be hidden, of what is claimed: 0 to 100, rounded down."""
        if self.seen is None:
            return 0
        if not self.claimed:
            return 100
        return min(100, 100 * (self.seen + self.hidden) // self.claimed)


# Of an action that was there more than once, the last time counts. A question for one value is
# never turned into a join, nor are all scans of a watch sorted for its last one.
OF_CONTEST = """
SELECT e.target_id, t.platform, e.action, t.url, s.finished_at AS scanned_at, s.seen, s.claimed,
    (SELECT count(*) FROM actions a
     WHERE a.workspace_id = e.workspace_id AND a.target_id = e.target_id
        AND a.action = e.action AND a.gone_why = 'hidden'
        AND a.seen_at = (SELECT max(o.seen_at) FROM actions o
            WHERE o.workspace_id = a.workspace_id AND o.target_id = a.target_id
                AND o.action = a.action AND o.account = a.account AND o.ref = a.ref)) AS hidden
FROM contest_evidence e
JOIN targets t ON t.workspace_id = e.workspace_id AND t.id = e.target_id
JOIN watches w ON w.workspace_id = e.workspace_id AND w.target_id = e.target_id
    AND w.action = e.action
LEFT JOIN scans s ON s.workspace_id = e.workspace_id AND s.id = COALESCE(e.closing_scan_id, (
    SELECT l.id FROM scans l
    WHERE l.workspace_id = w.workspace_id AND l.watch_id = w.id AND l.state = 'complete'
    ORDER BY l.id DESC LIMIT 1))
WHERE e.workspace_id = $1 AND e.contest_id = $2 AND t.kind = 'post' AND NOT e.live
ORDER BY t.id, e.action
"""


async def of_contest(conn: Connection, workspace_id: UUID, contest_id: UUID) -> list[Coverage]:
    """Coverage of every action that a contest's rules ask about on its posts."""
    return many(await conn.fetch(OF_CONTEST, workspace_id, contest_id), Coverage)
