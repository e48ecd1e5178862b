"""`/v1/contests/{id}/judgings` and `/differences`: how verdicts came about, and what changed."""

import enum
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.store import contests, history
from contest_service.store.history import Difference, Judging


class Whose(enum.StrEnum):
    """Whose verdicts are compared."""

    CHANGED = "changed"
    """Those of whoever was judged at both times, where they differ."""
    APPEARED = "appeared"
    """Those of whoever was first judged in between."""


Since = Annotated[
    datetime, QueryParameter(description="The earlier time, such as a judging's `finished_at`.")
]
Until = Annotated[
    datetime | None, QueryParameter(description="The later time; now if it is not given.")
]
OfWhom = Annotated[
    Whose, QueryParameter(description="Whose verdict is another, or who was judged first.")
]


class JudgingPage(Page[Judging], frozen=True, kw_only=True):
    """A page of judgings, newest first."""


class DifferencePage(Page[Difference], frozen=True, kw_only=True):
    """A page of differences."""


@get(
    "/contests/{contest_id:uuid}/judgings",
    **read("list_judgings", "List the judgings that gave or changed verdicts", 404),
)
async def list_judgings(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> JudgingPage:
    """Each with the scans whose evidence it saw. Those over the closing scans are always here."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await history.judgings(conn, contest, before=after, limit=limit + 1)
    return page_of(JudgingPage, found, limit=limit, cursor=by_id)


@get(
    "/contests/{contest_id:uuid}/differences",
    **read("list_differences", "Compare all verdicts of two times", 404),
)
async def list_differences(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    since: Since,
    until: Until = None,
    whose: OfWhom = Whose.CHANGED,
    limit: Limit = 50,
    after: After = None,
) -> DifferencePage:
    """Whoever changed and changed back is not listed."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        compare = history.changed if whose is Whose.CHANGED else history.appeared
        found = await compare(
            conn,
            contest,
            since=since,
            until=rt.clock() if until is None else until,
            after=after,
            limit=limit + 1,
        )
    return page_of(DifferencePage, found, limit=limit, cursor=lambda each: each.entrant_id)
