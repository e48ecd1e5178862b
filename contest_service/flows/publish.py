"""Publish: take an announcement out of the outbox and onto its page, once.

The platform's own idempotency key was made with the row, so a second attempt after a crash finds
the first one's publication.
"""

from datetime import timedelta

import msgspec
import structlog

from contest_service.domain.errors import NotFoundError
from contest_service.flows.health import note_failure
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import Draft, PlatformAdapter, Publication
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store import announcements, targets, work
from contest_service.store.announcements import Announcement
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 900.0
"""Seconds between two attempts."""


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
        due = await work.plan(
            conn,
            job.workspace_id,
            work.Kind.ADVANCE,
            announcement.contest_id,
            due_at=rt.clock(),
        )
        await work.finish(conn, job)
    await rt.ring([due])


async def _publish(rt: Runtime, announcement: Announcement, target: StoredTarget) -> Publication:
    draft = Draft(
        key=announcement.key,
        created_at=announcement.created_at,
        text=announcement.text,
        link=announcement.link,
        reply_to=target,
    )
    async with adapter_for(rt, announcement.workspace_id, target.community_id) as adapter:
        return await _under_post_or_alone(adapter, draft)


async def _under_post_or_alone(adapter: PlatformAdapter, draft: Draft) -> Publication:
    """Answer the contest post; if that is gone, publish all the same, as a post of its own."""
    try:
        return await adapter.publish(draft)
    except PlatformError as error:
        if error.kind is not FailureKind.GONE:
            raise
    return await adapter.publish(msgspec.structs.replace(draft, reply_to=None))


async def _note_failure(
    rt: Runtime,
    job: Work,
    announcement: Announcement,
    target: StoredTarget,
    *,
    error: PlatformError,
) -> None:
    now = rt.clock()
    backoff = min(2.0 ** min(job.attempts, 10), _LONGEST_PAUSE)
    pause = timedelta(seconds=max(error.retry_after or 0.0, backoff))
    # A rejected credential is replaced by a person sooner or later, and then it goes out.
    is_final = error.is_permanent and error.kind is not FailureKind.CREDENTIAL_REJECTED
    log.warning(
        "announcement_failed",
        announcement=announcement.kind,
        failure=error.kind,
        reason=error.message,
        is_final=is_final,
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        await note_failure(conn, target, error, now=now)
        if not is_final:
            await announcements.set_failure(conn, announcement, error.message, permanent=False)
            await work.fail(conn, job, failure=error.message, retry_at=now + pause)
    if is_final:
        await _give_up(rt, job, announcement, error.message)


async def _give_up(rt: Runtime, job: Work, announcement: Announcement, failure: str) -> None:
    """Leave an announcement to a person, and let the contest say so."""
    async with rt.pool.acquire() as conn, conn.transaction():
        await announcements.set_failure(conn, announcement, failure, permanent=True)
        await work.plan(
            conn, job.workspace_id, work.Kind.ADVANCE, announcement.contest_id, due_at=rt.clock()
        )
        await work.finish(conn, job)
