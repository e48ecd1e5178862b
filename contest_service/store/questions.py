"""Comments that ask something, and which of them somebody has answered.

What asks is what `domain.questions` says, which the database knows as `asks_something`. That a
comment is answered belongs to the comment, whichever contest its post serves.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import affected
from contest_service.store.rows import Connection, many


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """Which comment is meant."""

    target_id: UUID
    account: str
    ref: str


class Question(Comment, frozen=True, kw_only=True):
    """A comment that asks something, and when it was written, or else first seen.

    `entrant_id` is null for somebody who is no entrant of the contest (yet).
    """

    platform: Platform
    post_url: str
    text: str
    at: datetime
    entrant_id: UUID | None
    label: str
    answered_by: UUID | None
    answered_at: datetime | None


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place in the order of questions: that of one of them."""

    at: datetime
    account: str
    ref: str


# Each post's questions off their index, those of the community itself left out; then the page's
# people one by one.
LIST = """
SELECT q.*, t.platform, t.url AS post_url, n.entrant_id, COALESCE(n.label, '') AS label
FROM unnest($3::uuid[]) k (target_id)
CROSS JOIN LATERAL (SELECT t.platform, t.instance, t.url, t.author FROM targets t
    WHERE t.workspace_id = $1 AND t.id = k.target_id OFFSET 0) t
CROSS JOIN LATERAL (SELECT a.target_id, a.account, a.ref, a.text, COALESCE(a.at, a.seen_at) AS at,
        w.answered_by, w.answered_at
    FROM actions a
    LEFT JOIN answered_comments w ON w.workspace_id = $1 AND w.target_id = k.target_id
        AND w.account = a.account AND w.ref = a.ref
    WHERE a.workspace_id = $1 AND a.target_id = k.target_id AND a.action = 'comment'
        AND a.gone_at IS NULL AND asks_something(a.text) AND a.account <> t.author
        AND (COALESCE(a.at, a.seen_at), a.account, a.ref)
            < (COALESCE($4::timestamptz, 'infinity'), $5, $6)
        AND ($7::boolean IS NULL OR (w.answered_at IS NOT NULL) = $7)
    ORDER BY COALESCE(a.at, a.seen_at) DESC, a.account DESC, a.ref DESC LIMIT $8) q
LEFT JOIN LATERAL (SELECT n.id AS entrant_id, n.label FROM entrants x
    JOIN entrants n ON n.workspace_id = $1 AND n.contest_id = $2
        AND n.id = COALESCE(x.entry_id, x.id)
    WHERE x.workspace_id = $1 AND x.contest_id = $2
        AND x.subject = subject_of(t.platform, t.instance, q.account) OFFSET 0) n ON true
ORDER BY q.at DESC, q.account DESC, q.ref DESC LIMIT $8
"""


async def list_page(
    conn: Connection,
    contest: Contest,
    target_ids: Sequence[UUID],
    *,
    is_answered: bool | None,
    after: Place | None,
    limit: int,
) -> list[Question]:
    """List the comments on some posts that ask something, newest first."""
    place = (None, "", "") if after is None else (after.at, after.account, after.ref)
    key = (contest.workspace_id, contest.id, list(target_ids))
    return many(await conn.fetch(LIST, *key, *place, is_answered, limit), Question)


# A post of the contest, and a comment on it that is still there.
IS_THERE = """
SELECT EXISTS (SELECT FROM contest_evidence e
    JOIN actions a ON a.workspace_id = $1 AND a.target_id = e.target_id AND a.action = 'comment'
        AND a.account = $4 AND a.ref = $5 AND a.gone_at IS NULL
    WHERE e.workspace_id = $1 AND e.contest_id = $2 AND e.target_id = $3 AND e.action = 'comment')
"""
ANSWER = """
INSERT INTO answered_comments (workspace_id, target_id, account, ref, answered_by, answered_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
REOPEN = """
DELETE FROM answered_comments
WHERE workspace_id = $1 AND target_id = $2 AND account = $3 AND ref = $4
"""


async def is_there(conn: Connection, contest: Contest, comment: Comment) -> bool:
    """Whether a comment stands under a post of the contest."""
    key = (contest.workspace_id, contest.id)
    where = (comment.target_id, comment.account, comment.ref)
    return bool(await conn.fetchval(IS_THERE, *key, *where))


async def answer(
    conn: Connection, workspace_id: UUID, comment: Comment, *, person_id: UUID, at: datetime
) -> bool:
    """Note that a comment is answered; False if it was noted before."""
    where = (workspace_id, comment.target_id, comment.account, comment.ref)
    return affected(await conn.execute(ANSWER, *where, person_id, at)) == 1


async def reopen(conn: Connection, workspace_id: UUID, comment: Comment) -> bool:
    """Take that back; False if it was not noted."""
    where = (workspace_id, comment.target_id, comment.account, comment.ref)
    return affected(await conn.execute(REOPEN, *where)) == 1
