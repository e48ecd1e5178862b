"""`/v1/contests/{id}/disqualifications`: who is out after the freeze, and who agreed.

`/public/contests/{id}/disqualifications.json` says of it what everybody may know.
"""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.public import public, started, tagged
from contest_service.api.writes import AnyRequest
from contest_service.domain.reasons import PersonReason
from contest_service.flows import approve
from contest_service.flows.decisions import Decision, Pending, decisions, pending
from contest_service.store import contests, disqualifications
from contest_service.store.disqualifications import Disqualification


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entry should win nothing, and why: one of the published reasons."""

    entry: UUID
    reason: PersonReason


class PublicDisqualifications(msgspec.Struct, frozen=True, kw_only=True):
    """Who is out after the freeze and how that was decided, and who will be; no person is named."""

    decided: list[Decision]
    pending: list[Pending]


class DisqualificationPage(Page[Disqualification], frozen=True, kw_only=True):
    """A page of disqualifications, oldest first."""


@get(
    "/contests/{contest_id:uuid}/disqualifications",
    **read("list_disqualifications", "List all disqualifications that were ever proposed", 404),
)
async def list_disqualifications(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> DisqualificationPage:
    """Who proposed and who decided stays on record for ever; neither is public."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await disqualifications.list_page(conn, contest, after=after, limit=limit + 1)
    return page_of(DisqualificationPage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/disqualifications",
    **write("propose_disqualification", "Propose to take an entry out after the freeze", 404),
)
async def propose_disqualification(
    contest_id: FromPath[UUID], data: JSONBody[Proposal], write: GivenWrite
) -> Response[Disqualification]:
    """Another owner approves it. If no other was there at the freeze, `due_at` says when it takes
    effect by itself, and until then it is public.
    """
    async with write.transaction(rings=True) as tx:
        proposal = await approve.propose(
            tx.conn,
            write.rt,
            write.actor,
            contest_id,
            data.entry,
            reason=data.reason,
            now=tx.now,
        )
        return await tx.reply(proposal)


@post(
    "/contests/{contest_id:uuid}/disqualifications/{disqualification_id:uuid}/approve",
    status_code=200,
    **write("approve_disqualification", "Agree to a disqualification that another proposed", 404),
)
async def approve_disqualification(
    contest_id: FromPath[UUID], disqualification_id: FromPath[UUID], write: GivenWrite
) -> Response[Disqualification]:
    """It takes effect at once, or with the result if the round is near or out.

    The prize goes to the next of the same order; nothing is drawn twice.
    """
    async with write.transaction(rings=True) as tx:
        proposal = await approve.approve(
            tx.conn, write.rt, write.actor, contest_id, disqualification_id, now=tx.now
        )
        return await tx.reply(proposal)


@post(
    "/contests/{contest_id:uuid}/disqualifications/{disqualification_id:uuid}/withdraw",
    status_code=200,
    **write("withdraw_disqualification", "Take a proposed disqualification back", 404),
)
async def withdraw_disqualification(
    contest_id: FromPath[UUID], disqualification_id: FromPath[UUID], write: GivenWrite
) -> Response[Disqualification]:
    """Whoever proposed it may, and every owner, until it is approved or its delay is over."""
    async with write.transaction(rings=True) as tx:
        proposal = await approve.withdraw(
            tx.conn, write.rt, write.actor, contest_id, disqualification_id, now=tx.now
        )
        return await tx.reply(proposal)


@get(
    "/{contest_id:uuid}/disqualifications.json",
    **public("read_public_disqualifications", "Read who is out, and how that was decided"),
)
async def read_public_disqualifications(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[PublicDisqualifications]:
    """What takes effect after a public delay is in it from its first moment."""
    async with rt.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        contest = await started(conn, contest_id)
        decided = await decisions(conn, contest)
        waiting = await pending(conn, contest)
    return tagged(request, PublicDisqualifications(decided=list(decided.values()), pending=waiting))
