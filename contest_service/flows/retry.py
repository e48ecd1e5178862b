"""Let an announcement or a notice be tried again: a person has mended what was in its way."""

from datetime import datetime
from uuid import UUID

from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.people import Actor
from contest_service.store import announcements, audit, contests, notices, work
from contest_service.store.announcements import Announcement
from contest_service.store.notices import Notice, NoticeState
from contest_service.store.rows import Connection


async def retry_announcement(
    conn: Connection, actor: Actor, contest_id: UUID, announcement_id: UUID, *, now: datetime
) -> Announcement:
    """Make an announcement that is not published due. Raises NotFoundError and ConflictError."""
    contest = await contests.read_shared(conn, actor.workspace_id, contest_id)
    found = await find_announcement(conn, actor.workspace_id, contest.id, announcement_id)
    if found.state == "published":
        raise ConflictError("This announcement is published; it goes out once.")
    await announcements.retry(conn, actor.workspace_id, contest.id, found.id)
    await work.plan(conn, actor.workspace_id, work.Kind.ANNOUNCE, found.id, due_at=now)
    await audit.record(
        conn,
        actor,
        "announcement.retried",
        subject=contest.id,
        at=now,
        detail={"announcement": str(found.id), "kind": found.kind.value},
    )
    return await find_announcement(conn, actor.workspace_id, contest.id, announcement_id)


async def find_announcement(
    conn: Connection, workspace_id: UUID, contest_id: UUID, announcement_id: UUID
) -> Announcement:
    """An announcement of a contest. Raises NotFoundError."""
    for each in await announcements.of_contest(conn, workspace_id, contest_id):
        if each.id == announcement_id:
            return each
    raise NotFoundError("There is no such announcement in this contest.")


async def retry_notice(
    conn: Connection, actor: Actor, contest_id: UUID, notice_id: UUID, *, now: datetime
) -> Notice:
    """Make a notice that nobody was told due. Raises NotFoundError and ConflictError."""
    contest = await contests.read_shared(conn, actor.workspace_id, contest_id)
    found = await _find_notice(conn, actor.workspace_id, contest.id, notice_id)
    if found.state is NoticeState.TOLD:
        raise ConflictError("This winner has been told; that is done once.")
    if found.state is NoticeState.WITHDRAWN:
        raise ConflictError("The prize is somebody else's by now, so nobody is told of it here.")
    if found.state is NoticeState.ELSEWHERE:
        raise ConflictError("This winner is told through another of their accounts, and only once.")
    await notices.retry(conn, found)
    await work.plan(conn, actor.workspace_id, work.Kind.NOTIFY, found.id, due_at=now)
    await audit.record(
        conn,
        actor,
        "notice.retried",
        subject=contest.id,
        at=now,
        detail={"notice": str(found.id)},
    )
    return await _find_notice(conn, actor.workspace_id, contest.id, notice_id)


async def _find_notice(
    conn: Connection, workspace_id: UUID, contest_id: UUID, notice_id: UUID
) -> Notice:
    found = await notices.find(conn, workspace_id, contest_id, notice_id)
    if found is None:
        raise NotFoundError("There is no such notice in this contest.")
    return found
