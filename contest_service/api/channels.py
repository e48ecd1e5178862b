"""`/v1/communities/{id}/channel`: how a community's live events come in."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.domain.errors import NotFoundError
from contest_service.store import channels, communities
from contest_service.store.channels import Channel


@get(
    "/communities/{community_id:uuid}/channel",
    **read("read_channel", "Read how a community's live events come in", 404),
)
async def read_channel(
    community_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Channel:
    """It is set up by itself, soon after the community was connected."""
    async with rt.pool.acquire() as conn:
        community = await communities.read(conn, actor.workspace_id, community_id)
        channel = await channels.read(conn, actor.workspace_id, community_id)
    if community is None:
        raise NotFoundError("There is no such community in this workspace.")
    if channel is None:
        raise NotFoundError(
            "This community has no live events: its platform has none, or it was connected just "
            "now. Scans alone tell what happens."
        )
    return channel
