"""`/v1/audit`: who did what, when, through which token."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.store import audit
from contest_service.store.audit import AuditEntry

Subject = Annotated[
    UUID | None, QueryParameter(description="Only what was done to this contest, person, …")
]


class AuditPage(Page[AuditEntry], frozen=True, kw_only=True):
    """A page of the audit log."""


@get("/audit", **read("list_audit", "Read the audit log, newest first"))
async def list_audit(
    actor: GivenActor,
    rt: GivenRuntime,
    subject: Subject = None,
    limit: Limit = 50,
    after: After = None,
) -> AuditPage:
    async with rt.pool.acquire() as conn:
        found = await audit.list_page(
            conn, actor.workspace_id, subject=subject, before=after, limit=limit + 1
        )
    return page_of(AuditPage, found, limit=limit, cursor=by_id)
