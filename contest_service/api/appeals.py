"""`/v1/contests/{id}/appeals`: what entrants ask before the freeze, and the answers.

They ask at `/public/contests/{id}/ownerships/{id}/appeals`, where the answer is told too.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from contest_service.api.describe import read, write
from contest_service.api.gate import count_apart
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.languages import language_of
from contest_service.api.ownerships import PRIVATE, Secret
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.public import public, started
from contest_service.api.writes import AnyRequest
from contest_service.domain.appeals import AppealOutcome, AppealState
from contest_service.flows import own
from contest_service.flows.appeals import answer_appeal, make_appeal
from contest_service.flows.self_check import ToldAppeal, tell_appeal
from contest_service.store import appeals, contests
from contest_service.store.appeals import Appeal, Desk

OF_ADDRESS = 10
"""Appeals of one address in a minute."""
OF_CONTEST = 300
"""Appeals in one contest in a minute."""

WithState = Annotated[
    AppealState | None,
    QueryParameter(name="state", description="Only appeals in this state."),
]


class NewAppeal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the account should be checked again: at most 1000 characters."""

    text: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it, and words to whoever asked: at most 1000 characters.

    `unchanged` and `changed` have to be so, and after another judging; for `override_proposed`
    there has to be an override of this verdict.
    """

    outcome: AppealOutcome
    text: str


class AppealPage(Page[Appeal], frozen=True, kw_only=True):
    """A page of appeals, oldest first, and how all of the contest's are kept up with."""

    desk: Desk


@get(
    "/contests/{contest_id:uuid}/appeals",
    **read("list_appeals", "List what entrants ask, with the time that answers take", 404),
)
async def list_appeals(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    with_state: WithState = None,
    limit: Limit = 50,
    after: After = None,
) -> AppealPage:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await appeals.list_page(
            conn, contest, state=with_state, after=after, limit=limit + 1
        )
        desk = await appeals.desk(conn, contest)
    page = page_of(Page[Appeal], found, limit=limit, cursor=by_id)
    return AppealPage(items=page.items, next=page.next, desk=desk)


@post(
    "/contests/{contest_id:uuid}/appeals/{appeal_id:uuid}/answer",
    status_code=200,
    **write("answer_appeal", "Answer an entrant who asked to be checked again", 404),
)
async def answer_an_appeal(
    contest_id: FromPath[UUID],
    appeal_id: FromPath[UUID],
    data: JSONBody[Answer],
    write: GivenWrite,
) -> Response[Appeal]:
    """Whoever asked reads it where they asked. It cannot be changed."""
    async with write.transaction() as tx:
        done = await answer_appeal(
            tx.conn,
            write.rt,
            write.actor,
            contest_id,
            appeal_id,
            outcome=data.outcome,
            text=data.text,
            now=tx.now,
        )
        return await tx.reply(done)


@post(
    "/{contest_id:uuid}/ownerships/{ownership_id:uuid}/appeals",
    **public("make_appeal", "Ask to be checked again, and say why", 409, 413, 415),
)
async def make_an_appeal(
    contest_id: FromPath[UUID],
    ownership_id: FromPath[UUID],
    data: JSONBody[NewAppeal],
    secret: Secret,
    request: AnyRequest,
    rt: GivenRuntime,
) -> Response[ToldAppeal]:
    """Until the list is fixed, one at a time. The answer stands in the ownership's `check`."""
    await count_apart(request, "appeal", str(contest_id), of_address=OF_ADDRESS, of_all=OF_CONTEST)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await started(conn, contest_id)
        owned = await own.read(conn, contest, ownership_id, secret)
        made = await make_appeal(conn, rt, contest, owned, text=data.text, now=rt.clock())
    told = tell_appeal(made, language_of(request, contest))
    return Response(told, status_code=201, headers=PRIVATE)
