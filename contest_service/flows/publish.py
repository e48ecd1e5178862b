"""Publish: take an announcement out of the outbox and onto its page, once.

The platform's own idempotency key was made with the row, so a second attempt after a crash finds
the first one's publication.
"""

import structlog

from contest_service.domain.errors import NotFoundError
from contest_service.flows.health import note_failure
from contest_service.flows.outgoing import next_attempt, under_post_or_alone
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import Draft, Publication
from contest_service.platforms.errors import PlatformError
from contest_service.store import announcements, notices, targets, work
from contest_service.store.announcements import Announcement
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Due, Work

log = structlog.get_logger(__name__)


async def run_announce(rt: Runtime, job: Work) -> None:
    """Publish an announcement and note where it stands; the contest moves on after that."""
    async with rt.pool.acquire() as conn:
        announcement = await announcements.read(conn, job.workspace_id, job.subject)
        target = await targets.read(conn, announcement.workspace_id, announcement.target_id)
    if announcement.state == "due":
        try:
            published = await _publish(rt, announcement, target)
        except PlatformError as error:
            await _note_failure(rt, job, announcement, target, error=error)
            return
        except NotFoundError as error:
            await _give_up(rt, job, announcement, error.message)
            return
        async with rt.pool.acquire() as conn:
            await announcements.set_published(
                conn, announcement, ref=published.ref, url=published.url, at=rt.clock()
            )
        log.info("announcement_published", announcement=announcement.kind, url=published.url)
    async with rt.pool.acquire() as conn, conn.transaction():
        due = await _go_on(conn, rt, announcement)
        await work.finish(conn, job)
    await rt.ring([due])


async def _go_on(conn: Connection, rt: Runtime, announcement: Announcement) -> Due:
    """Let the contest move on, and those be told whom the announcement was to name."""
    workspace_id, contest_id, now = announcement.workspace_id, announcement.contest_id, rt.clock()
    told = await notices.due(conn, workspace_id, contest_id, announcement.seq)
    await work.plan_all(conn, workspace_id, work.Kind.NOTIFY, told, due_at=now)
    return await work.plan(conn, workspace_id, work.Kind.ADVANCE, contest_id, due_at=now)


async def _publish(rt: Runtime, announcement: Announcement, target: StoredTarget) -> Publication:
    async with rt.pool.acquire() as conn:
        named = await notices.named(conn, announcement.contest_id, announcement.seq, target)
    draft = Draft(
        key=announcement.key,
        created_at=announcement.created_at,
        text=announcement.text,
        link=announcement.link,
        reply_to=target,
        mentions=named,
    )
    async with adapter_for(rt, announcement.workspace_id, target.community_id) as adapter:
        return await under_post_or_alone(adapter, draft)


async def _note_failure(
    rt: Runtime,
    job: Work,
    announcement: Announcement,
    target: StoredTarget,
    *,
    error: PlatformError,
) -> None:
    now = rt.clock()
    retry_at = next_attempt(error, attempts=job.attempts, now=now)
    log.warning(
        "announcement_failed",
        announcement=announcement.kind,
        failure=error.kind,
        reason=error.message,
        is_final=retry_at is None,
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        await note_failure(conn, target, error, now=now)
        if retry_at is not None:
            await announcements.set_failure(conn, announcement, error.message, permanent=False)
            await work.fail(conn, job, failure=error.message, retry_at=retry_at)
    if retry_at is None:
        await _give_up(rt, job, announcement, error.message)


async def _give_up(rt: Runtime, job: Work, announcement: Announcement, failure: str) -> None:
    """Leave an announcement to a person, and let the contest say so."""
    async with rt.pool.acquire() as conn, conn.transaction():
        await announcements.set_failure(conn, announcement, failure, permanent=True)
        await _go_on(conn, rt, announcement)
        await work.finish(conn, job)
