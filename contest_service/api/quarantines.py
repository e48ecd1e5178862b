"""`/v1/contests/{id}/quarantines`: whom the organiser holds for checking, up to the freeze."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.holding import HoldReason, ReleaseReason
from contest_service.flows import quarantine as flow
from contest_service.flows.quarantine import Bulk, Done
from contest_service.store import contests, quarantines
from contest_service.store.quarantines import Quarantine

IsHeld = Annotated[
    bool | None,
    QueryParameter(name="held", description="Only those who are still held, or who are not."),
]
OfEntrant = Annotated[
    UUID | None, QueryParameter(name="entrant", description="Only this entrant, by their id.")
]


class QuarantinePage(Page[Quarantine], frozen=True, kw_only=True):
    """A page of who was held, oldest first."""


class NewQuarantine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to hold, at most 1000 of them, and why; `note` is for your team alone."""

    entrants: list[UUID]
    reason: HoldReason
    note: str = ""


class NewQuarantines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold everybody whom the preview with this threshold and these weights shows.

    `expected` is the number of the falling in that preview: if it is another by now, nobody is
    held. Signals that are not named have their usual weight.
    """

    threshold: int
    weights: dict[str, int] = {}
    expected: int
    reason: HoldReason
    note: str = ""


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to let go, at most 1000 of them, and why."""

    entrants: list[UUID]
    reason: ReleaseReason
    note: str = ""


class Undoing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why all go whom one decision holds."""

    reason: ReleaseReason
    note: str = ""


@get(
    "/contests/{contest_id:uuid}/quarantines",
    **read("list_quarantines", "List who is held for checking, and who was", 404),
)
async def list_quarantines(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    is_held: IsHeld = None,
    entrant: OfEntrant = None,
    limit: Limit = 50,
    after: After = None,
) -> QuarantinePage:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await quarantines.list_page(
            conn, contest, is_held=is_held, entrant_id=entrant, after=after, limit=limit + 1
        )
    return page_of(QuarantinePage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/quarantines",
    status_code=200,
    **write("hold_entrants", "Hold entrants for checking", 404),
)
async def hold_entrants(
    contest_id: FromPath[UUID], data: JSONBody[NewQuarantine], write: GivenWrite
) -> Response[Done]:
    """Only where the published terms have `holding`, and until the list is fixed."""
    async with write.transaction(rings=True) as tx:
        done = await flow.hold(
            tx.conn,
            write.actor,
            contest_id,
            data.entrants,
            reason=data.reason,
            note=data.note,
            now=tx.now,
        )
        return await tx.reply(done)


@post(
    "/contests/{contest_id:uuid}/quarantines/by-score",
    status_code=200,
    **write("hold_by_score", "Hold everybody whom a preview shows", 404),
)
async def hold_by_score(
    contest_id: FromPath[UUID], data: JSONBody[NewQuarantines], write: GivenWrite
) -> Response[Done]:
    """All or nobody. It is undone as a whole by its `batch`, or for some by releasing them."""
    async with write.transaction(rings=True) as tx:
        done = await flow.hold_all(
            tx.conn,
            write.actor,
            contest_id,
            Bulk(threshold=data.threshold, weights=data.weights, expected=data.expected),
            reason=data.reason,
            note=data.note,
            now=tx.now,
        )
        return await tx.reply(done)


@post(
    "/contests/{contest_id:uuid}/quarantines/release",
    status_code=200,
    **write("release_entrants", "Let entrants go who are held", 404),
)
async def release_entrants(
    contest_id: FromPath[UUID], data: JSONBody[Release], write: GivenWrite
) -> Response[Done]:
    """Also those whom the published threshold holds: it does not hold them again."""
    async with write.transaction(rings=True) as tx:
        done = await flow.release(
            tx.conn,
            write.actor,
            contest_id,
            data.entrants,
            reason=data.reason,
            note=data.note,
            now=tx.now,
        )
        return await tx.reply(done)


@post(
    "/contests/{contest_id:uuid}/quarantines/batches/{batch_id:uuid}/undo",
    status_code=200,
    **write("undo_quarantine", "Let all go whom one decision holds", 404),
)
async def undo_quarantine(
    contest_id: FromPath[UUID], batch_id: FromPath[UUID], data: JSONBody[Undoing], write: GivenWrite
) -> Response[Done]:
    async with write.transaction(rings=True) as tx:
        done = await flow.undo(
            tx.conn,
            write.actor,
            contest_id,
            batch_id,
            reason=data.reason,
            note=data.note,
            now=tx.now,
        )
        return await tx.reply(done)
