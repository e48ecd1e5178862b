"""The desk of a workspace, what is due next there, and the list of its contests."""

from operator import itemgetter
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.domain.judging import EntrantState
from contest_service.store import contests, coverage, tallies, waiting
from contest_service.store.contests import Contest
from contest_service.store.coverage import Coverage
from contest_service.store.rows import Connection
from contest_service.web.access import EDITORS
from contest_service.web.contest_words import NextStep, Said, next_step, say_status
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.tour import strip_of

_PAGE = 30
_MOST_AT_ONCE = 12
"""Contests of one status on the desk."""
_MOST_DRAFTS = 5
"""On the desk."""
_AT_WORK = (
    *(Status.RUNNING, Status.CLOSING, Status.FROZEN, Status.DRAWN, Status.ANNOUNCED),
    Status.SCHEDULED,
)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A contest on the desk. `coverage` is the least covered action, if anything was scanned."""

    contest: Contest
    status: Said
    next: NextStep | None
    entrants: int
    valid: int
    coverage: Coverage | None


@get("/w/{workspace_id:uuid}", operation_id="page_desk")
async def page_desk(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        found = [
            contest
            for status in _AT_WORK
            for contest in await contests.list_page(
                conn, workspace_id, status=status, before=None, limit=_MOST_AT_ONCE
            )
        ]
        cards = [await card_of(conn, contest, words) for contest in found]
        ids = [contest.id for contest in found]
        waits = await waiting.of_contests(conn, workspace_id, ids)
        tour = await strip_of(conn, request)
        drafts = await contests.list_page(
            conn, workspace_id, status=Status.DRAFT, before=None, limit=_MOST_DRAFTS
        )
        any_ = await contests.list_page(conn, workspace_id, status=None, before=None, limit=1)
    due = sorted(((each.next.at, each) for each in cards if each.next), key=itemgetter(0))
    return render(
        request,
        "desk.html",
        cards=[each for each in cards if not each.contest.practice],
        practice=[each for each in cards if each.contest.practice],
        due=[each for _, each in due[:5]],
        waiting=[(each, waits[each.id]) for each in found if each.id in waits],
        drafts=drafts,
        now=rt.clock(),
        may_edit=actor_of(request).role in EDITORS,
        has_contests=bool(any_),
        note=note_of(request),
        tour=tour,
    )


@get("/w/{workspace_id:uuid}/contests", operation_id="page_contests")
async def page_contests(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    asked = request.query_params.get("status", "")
    status = next((each for each in Status if each.value == asked), None)
    async with rt.pool.acquire() as conn:
        found = await contests.list_page(
            conn, workspace_id, status=status, before=_before(request), limit=_PAGE + 1
        )
        shown = found[:_PAGE]
        cards = [await card_of(conn, contest, words) for contest in shown]
    choices = [(each.value, say_status(each, words).word) for each in Status]
    return render(
        request,
        "contests.html",
        cards=cards,
        older=shown[-1].id if len(found) > _PAGE else None,
        form=blank(status=asked),
        statuses=[("", words.gettext("All")), *choices],
        status="" if status is None else status.value,
        now=rt.clock(),
        may_edit=actor_of(request).role in EDITORS,
        note=note_of(request),
    )


async def card_of(conn: Connection, contest: Contest, words: Words) -> Card:
    """Read what a contest's card says."""
    key = (contest.workspace_id, contest.id)
    counted = tallies.by_state(await tallies.of_contest(conn, *key))
    covered = await coverage.of_contest(conn, *key) if contest.status in _AT_WORK else []
    scanned = [each for each in covered if each.seen is not None]
    return Card(
        contest=contest,
        status=say_status(contest.status, words),
        next=next_step(contest, words),
        entrants=sum(counted.values()),
        valid=counted.get(EntrantState.VALID, 0),
        coverage=min(scanned, key=lambda each: each.per_cent, default=None),
    )


def _before(request: AnyRequest) -> UUID | None:
    try:
        return UUID(request.query_params.get("before", ""))
    except ValueError:
        return None
