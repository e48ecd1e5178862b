"""`/v1/contests/{id}/notices`: what the holders of prizes are told, and whether they were."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.flows.retry import retry_notice as retry
from contest_service.store import contests, notices
from contest_service.store.notices import Notice


class NoticePage(Page[Notice], frozen=True, kw_only=True):
    """A page of notices, oldest first."""


@get(
    "/contests/{contest_id:uuid}/notices",
    **read("list_notices", "List how winners were told, and who was not", 404),
)
async def list_notices(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> NoticePage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await notices.list_page(
            conn, actor.workspace_id, contest_id, after=after, limit=limit + 1
        )
    return page_of(NoticePage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/notices/{notice_id:uuid}/retry",
    status_code=200,
    **write("retry_notice", "Try to tell a winner again, now", 404),
)
async def retry_notice(
    contest_id: FromPath[UUID], notice_id: FromPath[UUID], write: GivenWrite
) -> Response[Notice]:
    """They are still told once: a message that was delivered after all is found first."""
    async with write.transaction(rings=True) as tx:
        notice = await retry(tx.conn, write.actor, contest_id, notice_id, now=tx.now)
        return await tx.reply(notice)
