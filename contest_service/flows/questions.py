"""Questions: comments that ask something, where to answer them, and which are answered.

The answer itself is given on the platform; that it was given is noted here, and in the audit log.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contest_service.domain.errors import NotFoundError
from contest_service.domain.evidence import Action
from contest_service.domain.people import Actor
from contest_service.domain.questions import Asks, why_asks
from contest_service.flows.second_person import person_of
from contest_service.platforms.registry import comment_url
from contest_service.store import audit, contests, evidence
from contest_service.store import questions as store
from contest_service.store.contests import Contest
from contest_service.store.questions import Comment, Place, Question
from contest_service.store.rows import Connection


class SaidQuestion(Question, frozen=True, kw_only=True):
    """A question, by which rule it is one, and where a browser opens the comment."""

    why: Asks
    url: str


async def read_posts(conn: Connection, contest: Contest) -> list[UUID]:
    """The posts whose comments are read for a contest; none where its rules ask for none."""
    watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    return sorted({each.target_id for each in watched if each.action is Action.COMMENT})


async def find_questions(
    conn: Connection,
    contest: Contest,
    posts: Sequence[UUID],
    *,
    is_answered: bool | None,
    after: Place | None,
    limit: int,
) -> list[SaidQuestion]:
    """List questions on some posts, newest first: answered ones, those that wait, or all (None)."""
    found = await store.list_page(
        conn, contest, posts, is_answered=is_answered, after=after, limit=limit
    )
    return [
        SaidQuestion(
            **{name: getattr(each, name) for name in Question.__struct_fields__},
            why=why_asks(each.text) or Asks.PHRASE,
            url=comment_url(each.platform, each.post_url, each.ref),
        )
        for each in found
    ]


async def note_answered(
    conn: Connection, actor: Actor, contest_id: UUID, comment: Comment, *, now: datetime
) -> None:
    """Note that a comment is answered. Raises NotFoundError for one that is not there."""
    contest = await contests.read(conn, actor.workspace_id, contest_id)
    await _require_there(conn, contest, comment)
    if await store.answer(conn, contest.workspace_id, comment, person_id=person_of(actor), at=now):
        await _record(conn, actor, contest, "question.answered", now=now)


async def reopen(
    conn: Connection, actor: Actor, contest_id: UUID, comment: Comment, *, now: datetime
) -> None:
    """Let a comment wait for its answer again. Raises NotFoundError as `note_answered` does."""
    contest = await contests.read(conn, actor.workspace_id, contest_id)
    await _require_there(conn, contest, comment)
    if await store.reopen(conn, contest.workspace_id, comment):
        await _record(conn, actor, contest, "question.reopened", now=now)


async def _require_there(conn: Connection, contest: Contest, comment: Comment) -> None:
    if not await store.is_there(conn, contest, comment):
        raise NotFoundError("There is no such comment under the posts of this contest any more.")


async def _record(
    conn: Connection, actor: Actor, contest: Contest, action: str, *, now: datetime
) -> None:
    # That it was done, not whose comment: what the log never held, no erasure has to take out.
    await audit.record(conn, actor, action, subject=contest.id, at=now, detail={})
