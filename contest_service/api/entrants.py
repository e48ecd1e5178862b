"""`/v1/contests/{id}/entrants` and `/entries`: who takes part, who counts, and why."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.errors import NotFoundError
from contest_service.domain.judging import EntrantState
from contest_service.store import contests, entrants, entries, history, overrides
from contest_service.store.entrants import Count
from contest_service.store.entries import Entry
from contest_service.store.history import VerdictChange
from contest_service.store.overrides import Override

MOST_CHANGES = 100
"""Of one verdict that are shown."""

WithState = Annotated[
    EntrantState | None,
    QueryParameter(name="state", description="Only entrants with this verdict."),
]
WithReason = Annotated[
    str | None,
    QueryParameter(max_length=200, description="Only this reason code, such as `liked.undone`."),
]
Who = Annotated[
    str | None,
    QueryParameter(max_length=2000, description="A subject or a handle, to the letter."),
]

ScoreAtLeast = Annotated[
    int | None,
    QueryParameter(
        ge=1, le=100, description="Only entrants whose fraud signals add up to so much at least."
    ),
]


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """An entrant and the verdict as last judged.

    Whoever was erased has an empty `subject` and `label`, and a time in `erased_at`.
    """

    id: UUID
    subject: str
    label: str
    state: EntrantState
    reason: str
    tickets: int
    judged_at: datetime
    erased_at: datetime | None


class JudgedEntrant(Entrant, frozen=True, kw_only=True):
    """An entrant with each condition's verdict, its reason, and the evidence it rests on.

    `record` is the evidence record (docs/draw-protocol.md); it is empty once it was erased.
    `history` are the changes of the verdict, newest first, at most 100 of them. `override` is what
    persons proposed about it or have decided; the record of one in force shows what the rules say.
    """

    record: dict[str, Any]
    history: list[VerdictChange]
    override: Override | None


class EntrantPage(Page[Entrant], frozen=True, kw_only=True):
    """A page of entrants."""


class CountPage(Page[Count], frozen=True, kw_only=True):
    """All counts of a contest."""


class EntryPage(Page[Entry], frozen=True, kw_only=True):
    """A page of entries."""


@get(
    "/contests/{contest_id:uuid}/entrants",
    **read("list_entrants", "List entrants with their verdicts", 404),
)
async def list_entrants(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    with_state: WithState = None,
    reason: WithReason = None,
    who: Who = None,
    score_at_least: ScoreAtLeast = None,
    limit: Limit = 50,
    after: After = None,
) -> EntrantPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await entrants.list_page(
            conn,
            actor.workspace_id,
            contest_id,
            state=with_state,
            reason=reason,
            who=who,
            score=score_at_least,
            after=after,
            limit=limit + 1,
        )
    return page_of(EntrantPage, [_summary(each) for each in found], limit=limit, cursor=by_id)


@get(
    "/contests/{contest_id:uuid}/entrants/counts",
    **read("count_entrants", "Count entrants by verdict and reason", 404),
)
async def count_entrants(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> CountPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await entrants.counts(conn, actor.workspace_id, contest_id)
    return CountPage(items=found, next=None)


@get(
    "/contests/{contest_id:uuid}/entrants/{entrant_id:uuid}",
    **read("read_entrant", "Read an entrant with all verdicts and their evidence", 404),
)
async def read_entrant(
    contest_id: FromPath[UUID], entrant_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> JudgedEntrant:
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await entrants.read(conn, actor.workspace_id, contest_id, entrant_id)
        changes = await history.of_entrant(conn, contest, entrant_id, limit=MOST_CHANGES)
        override = await overrides.of_entrant(conn, contest, entrant_id)
    if found is None:
        raise NotFoundError("There is no such entrant in this contest.")
    record = msgspec.json.decode(found.record, type=dict[str, Any])
    summary = msgspec.structs.asdict(_summary(found))
    return JudgedEntrant(**summary, record=record, history=changes, override=override)


@get(
    "/contests/{contest_id:uuid}/entries",
    **read("list_entries", "List the entrants who count, with their tickets", 404),
)
async def list_entries(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> EntryPage:
    """From the freeze on they are the frozen list's."""
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await entries.list_page(
            conn, actor.workspace_id, contest_id, after=after, limit=limit + 1
        )
    return page_of(EntryPage, found, limit=limit, cursor=by_id)


def _summary(entrant: entrants.Entrant) -> Entrant:
    return Entrant(
        id=entrant.id,
        subject=entrant.subject,
        label=entrant.label,
        state=entrant.state,
        reason=entrant.reason,
        tickets=entrant.tickets,
        judged_at=entrant.judged_at,
        erased_at=entrant.erased_at,
    )
