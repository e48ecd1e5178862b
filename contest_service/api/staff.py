"""`/v1/communities/{id}/staff`: who helps to run a community, as its platform told it."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.domain.errors import NotFoundError
from contest_service.store import communities, staff
from contest_service.store.staff import KnownStaff


@get(
    "/communities/{community_id:uuid}/staff",
    **read("read_staff", "See who is taken for staff of a community", 404),
)
async def read_community_staff(
    community_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> KnownStaff:
    """It is asked for while a contest runs whose rules exclude staff: at the start, every day, and
    at the close. Null means that the platform does not tell, or was not asked yet."""
    async with rt.pool.acquire() as conn:
        if await communities.read(conn, actor.workspace_id, community_id) is None:
            raise NotFoundError("There is no such community in this workspace.")
        return await staff.read(conn, actor.workspace_id, community_id)
