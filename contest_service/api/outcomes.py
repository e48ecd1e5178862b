"""`/v1/contests/{id}/freeze`, `/draw`, `/events` and `/bundle`: what was proved, and the proof."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenExports, GivenRuntime
from contest_service.api.pages import Limit, Page, page_of
from contest_service.flows.outcome import (
    FrozenList,
    Outcome,
    PublicEvent,
    read_events,
    read_freeze,
    read_outcome,
)
from contest_service.proof.bundle import Edition
from contest_service.store import contests

AfterSeq = Annotated[
    int | None,
    QueryParameter(
        ge=0, le=2**31 - 1, description="`next` of the page before; none for the first."
    ),
]
WhichEdition = Annotated[
    Edition,
    QueryParameter(description="`dispute` holds all evidence and openings that are still kept."),
]


class EventPage(Page[PublicEvent], frozen=True, kw_only=True):
    """A page of events."""


@get(
    "/contests/{contest_id:uuid}/freeze",
    **read("read_freeze", "Read what was frozen, and the round that decides", 404),
)
async def read_contest_freeze(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> FrozenList:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        return await read_freeze(conn, contest)


@get(
    "/contests/{contest_id:uuid}/draw",
    **read("read_draw", "Read who was drawn, and who holds the prizes now", 404),
)
async def read_contest_draw(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Outcome:
    """Names are missing where the rules do not say that winners are named."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        return await read_outcome(conn, contest)


@get(
    "/contests/{contest_id:uuid}/events",
    **read("list_events", "List the contest's public events", 404),
)
async def list_events(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: AfterSeq = None,
) -> EventPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await read_events(
            conn,
            actor.workspace_id,
            contest_id,
            after=-1 if after is None else after,
            limit=limit + 1,
        )
    return page_of(EventPage, found, limit=limit, cursor=_by_seq)


@get(
    "/contests/{contest_id:uuid}/bundle",
    media_type="application/zip",
    **read("download_bundle", "Download the audit bundle", 404),
)
async def download_bundle(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    exports: GivenExports,
    edition: WhichEdition = Edition.DISPUTE,
) -> Stream:
    """A zip that `contest-service verify` and `verify.py` check offline.

    `Repr-Digest` has its SHA-256; the audit log says who took which one along.
    """
    made = await exports.hand_out(actor, contest_id, edition)
    return Stream(made.pieces, media_type="application/zip", headers=made.headers)


def _by_seq(event: PublicEvent) -> object:
    return event.seq
