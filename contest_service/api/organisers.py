"""`/public/organisers/{id}`: an organiser's record, for everybody.

The id is that of the workspace whose contests they are.
"""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from contest_service.api.given import GivenRuntime
from contest_service.api.pages import After, Limit
from contest_service.api.public import public, tagged
from contest_service.api.writes import AnyRequest
from contest_service.flows.organiser import OrganiserRecord, read_record


@get(
    "/{workspace_id:uuid}",
    **public("read_organiser_record", "Read an organiser's record without login"),
)
async def read_organiser_record(
    workspace_id: FromPath[UUID],
    request: AnyRequest,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> Response[OrganiserRecord]:
    """Over all real contests whose rules became public, and a page of them, newest first."""
    async with rt.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        record = await read_record(conn, workspace_id, before=after, limit=limit)
    return tagged(request, record)
