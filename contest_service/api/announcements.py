"""`/v1/contests/{id}/announcements`: what is, or is to be, published on the communities."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import Page
from contest_service.flows.correct import correct_announcement as correct
from contest_service.flows.retry import retry_announcement as retry
from contest_service.store import announcements, contests
from contest_service.store.announcements import Announcement


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is right instead, in the organiser's words and the contest's language."""

    said: str


class AnnouncementPage(Page[Announcement], frozen=True, kw_only=True):
    """All announcements of a contest, in the order of what they announce."""


@get(
    "/contests/{contest_id:uuid}/announcements",
    **read("list_announcements", "List announcements and whether they are published", 404),
)
async def list_announcements(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> AnnouncementPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await announcements.of_contest(conn, actor.workspace_id, contest_id)
    return AnnouncementPage(items=found, next=None)


@post(
    "/contests/{contest_id:uuid}/announcements/{announcement_id:uuid}/retry",
    status_code=200,
    **write("retry_announcement", "Try to publish an announcement again, now", 404),
)
async def retry_announcement(
    contest_id: FromPath[UUID], announcement_id: FromPath[UUID], write: GivenWrite
) -> Response[Announcement]:
    """It still goes out once: what was published after all is found first."""
    async with write.transaction(rings=True) as tx:
        announcement = await retry(tx.conn, write.actor, contest_id, announcement_id, now=tx.now)
        return await tx.reply(announcement)


@post(
    "/contests/{contest_id:uuid}/announcements/{announcement_id:uuid}/correct",
    status_code=200,
    **write("correct_announcement", "Correct a published announcement in the open", 404),
)
async def correct_announcement(
    contest_id: FromPath[UUID],
    announcement_id: FromPath[UUID],
    data: JSONBody[Correction],
    write: GivenWrite,
) -> Response[AnnouncementPage]:
    """What was published stays; the correction goes out on every post, and cannot be taken back."""
    async with write.transaction(rings=True) as tx:
        made = await correct(
            tx.conn,
            write.rt,
            write.actor,
            contest_id,
            announcement_id,
            said=data.said,
            now=tx.now,
        )
        return await tx.reply(AnnouncementPage(items=made, next=None))
