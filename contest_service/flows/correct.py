"""Correct: say in the open what was wrong in an announcement.

What was published stays, and so do its proof and its link. A correction is an announcement of its
own, in the organiser's words, on every post of the contest.
"""

from datetime import datetime
from uuid import UUID

from contest_service.domain import texts
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.flows import announce
from contest_service.flows.retry import find_announcement
from contest_service.flows.runtime import Runtime
from contest_service.store import announcements, audit, contests
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

LONGEST = 500
"""Characters of a correction."""
MOST = 20
"""Corrections of what announces one event."""


async def correct_announcement(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    announcement_id: UUID,
    *,
    said: str,
    now: datetime,
) -> list[Announcement]:
    """Publish a correction of an announcement on all posts; returns it, once for each post.

    Raises InvalidError for words that cannot be published, NotFoundError, and ConflictError for
    what is not published itself.
    """
    if faults := text_faults(said, "/said", longest=LONGEST, lines=True):
        raise InvalidError(faults)
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    found = await find_announcement(conn, actor.workspace_id, contest.id, announcement_id)
    number = 1 + await _require_correctable(conn, contest, found)
    kind = AnnouncementKind.CORRECTION
    text = correction_of(contest, found, said)
    await announce.enqueue(conn, rt, contest, kind, text, seq=found.seq, number=number, now=now)
    await audit.record(
        conn,
        actor,
        "announcement.corrected",
        subject=contest.id,
        at=now,
        detail={"announcement": str(found.id), "number": number},
    )
    made = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    return [
        each for each in made if (each.kind, each.seq, each.number) == (kind, found.seq, number)
    ]


def correction_of(contest: Contest, corrected: Announcement, said: str) -> str:
    """The text of a correction, before it is made to fit."""
    return texts.correction_text(
        contest.definition.language,
        kind=corrected.kind.value,
        at=(corrected.published_at or corrected.created_at).replace(microsecond=0),
        zone=contest.definition.schedule.zone,
        said=said.strip(),
        practice=contest.practice,
    )


async def _require_correctable(conn: Connection, contest: Contest, found: Announcement) -> int:
    """How many corrections there are already. Raises ConflictError."""
    if found.state != "published":
        raise ConflictError(
            "Only what is published can be corrected. This text has not been published yet."
        )
    count = await announcements.corrections(conn, contest.workspace_id, contest.id, found.seq)
    if count >= MOST:
        raise ConflictError(f"There are {count} corrections of it already, which is the most.")
    return count
