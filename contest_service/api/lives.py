"""`/v1/contests/{id}/…`: what persons decide about a contest's life. The rest happens by itself."""

from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody

from contest_service.api.contests import DEFINITION
from contest_service.api.describe import write
from contest_service.api.given import GivenWrite
from contest_service.api.pointers import within
from contest_service.domain.contest import Definition
from contest_service.flows import life
from contest_service.proof.shapes import Reason
from contest_service.store.contests import Contest


class Cancellation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a contest ends without a draw: a code that becomes public after the start."""

    reason: Reason


class Amendment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole new definition of a contest that runs, and why; both become public."""

    definition: Definition
    reason: str


@post(
    "/contests/{contest_id:uuid}/start",
    status_code=200,
    **write("start_contest", "Start: lock the rules and make them public", 404),
)
async def start_contest(contest_id: FromPath[UUID], write: GivenWrite) -> Response[Contest]:
    """The contest runs at once, or from its opening if that is later."""
    async with write.transaction(rings=True) as tx:
        with within(DEFINITION):
            contest = await life.start_contest(
                tx.conn, write.rt, write.actor, contest_id, now=tx.now
            )
        return await tx.reply(contest)


@post(
    "/contests/{contest_id:uuid}/cancel",
    status_code=200,
    **write("cancel_contest", "End a contest without a draw", 404),
)
async def cancel_contest(
    contest_id: FromPath[UUID], data: JSONBody[Cancellation], write: GivenWrite
) -> Response[Contest]:
    """Silently before its start, publicly after it; never after the round is out."""
    async with write.transaction(rings=True) as tx:
        contest = await life.cancel_contest(
            tx.conn, write.rt, write.actor, contest_id, reason=data.reason, now=tx.now
        )
        return await tx.reply(contest)


@post(
    "/contests/{contest_id:uuid}/amend",
    status_code=200,
    **write("amend_contest", "Change locked rules in public, with a reason", 404),
)
async def amend_contest(
    contest_id: FromPath[UUID], data: JSONBody[Amendment], write: GivenWrite
) -> Response[Contest]:
    """Until the freeze, and before the draw time in force. It is announced."""
    async with write.transaction(rings=True) as tx:
        with within(DEFINITION, beside=("/reason",)):
            contest = await life.amend_contest(
                tx.conn,
                write.rt,
                write.actor,
                contest_id,
                data.definition,
                reason=data.reason,
                now=tx.now,
            )
        return await tx.reply(contest)


@post(
    "/contests/{contest_id:uuid}/complete",
    status_code=200,
    **write("complete_contest", "Close a contest whose result is announced", 404),
)
async def complete_contest(contest_id: FromPath[UUID], write: GivenWrite) -> Response[Contest]:
    """No winner can be replaced after this; it waits for open claims and proposals.

    It happens by itself 30 days after the draw time or the result, whichever is later.
    """
    async with write.transaction(rings=True) as tx:
        contest = await life.complete_contest(tx.conn, write.actor, contest_id, now=tx.now)
        return await tx.reply(contest)
