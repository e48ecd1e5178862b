"""`/v1/contests/{id}/deliveries`: which winners have what they won."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import Page
from contest_service.flows import deliver
from contest_service.store import contests, deliveries
from contest_service.store.deliveries import Delivery


class DeliveredEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which holder of a prize it is about."""

    entry: UUID


class DeliveryPage(Page[Delivery], frozen=True, kw_only=True):
    """The deliveries that stand, each of all that an entry won."""


@get(
    "/contests/{contest_id:uuid}/deliveries",
    **read("list_deliveries", "List which winners have what they won", 404),
)
async def list_deliveries(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> DeliveryPage:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await deliveries.of_contest(conn, contest)
    return DeliveryPage(items=found, next=None)


@post(
    "/contests/{contest_id:uuid}/deliveries",
    status_code=200,
    **write("note_delivery", "Note that a winner has what they won", 404),
)
async def note_delivery(
    contest_id: FromPath[UUID], data: JSONBody[DeliveredEntry], write: GivenWrite
) -> Response[Delivery]:
    """From the announcement on, and after the claim where there has to be one."""
    async with write.transaction() as tx:
        noted = await deliver.note_delivery(
            tx.conn, write.actor, contest_id, data.entry, now=tx.now
        )
        return await tx.reply(noted)


@post(
    "/contests/{contest_id:uuid}/deliveries/undo",
    status_code=200,
    **write("undo_delivery", "Take back that a winner has what they won", 404),
)
async def undo_delivery(
    contest_id: FromPath[UUID], data: JSONBody[DeliveredEntry], write: GivenWrite
) -> Response[DeliveryPage]:
    """Both stay on record. Answers with the deliveries that stand."""
    async with write.transaction() as tx:
        await deliver.undo_delivery(tx.conn, write.actor, contest_id, data.entry, now=tx.now)
        contest = await contests.read(tx.conn, write.actor.workspace_id, contest_id)
        found = await deliveries.of_contest(tx.conn, contest)
        return await tx.reply(DeliveryPage(items=found, next=None))
