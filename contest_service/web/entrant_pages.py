"""The table of a contest's entrants, and one of them with everything that is known."""

import base64
import binascii
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.case import Verdict
from contest_service.domain.errors import NotFoundError
from contest_service.flows.entrant_view import Found, Show, Wanted, find_entrants
from contest_service.flows.figures import Figures, figures_of
from contest_service.flows.self_check import check_own
from contest_service.flows.signals import explain
from contest_service.store import contests, entrants, history, signals, tallies
from contest_service.web.contest_words import (
    say_code,
    say_entrant,
    say_platform,
    say_status,
)
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render

_PAGE = 50
_LOOKS = {
    Verdict.HOLDS: "good",
    Verdict.FAILS: "bad",
    Verdict.WITHDRAWN: "bad",
    Verdict.UNKNOWN: "unknown",
}
_CHANGES = 50
_CHOICES = 60
"""Reasons that are offered, the most frequent."""


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins: the row before or behind it."""

    is_back: bool
    start: Annotated[list[str | int], msgspec.Meta(max_length=2)]


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/entrants", operation_id="page_entrants")
async def page_entrants(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    wanted = _wanted(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        tallied = await tallies.of_contest(conn, workspace_id, contest_id)
        found = await find_entrants(conn, contest, wanted, tallied)
        figures = await figures_of(conn, contest, words.language)
    show = request.query_params.get("show", "")
    return render(
        request,
        "entrants.html",
        contest=contest,
        zone=contest.definition.schedule.zone,
        status=say_status(contest.status, words),
        root=f"/w/{workspace_id}/contests/{contest_id}",
        rows=[
            (each, say_entrant(each.state, words), say_code(each.reason, words))
            for each in found.rows
        ],
        found=found,
        pages=_pages(found),
        form=blank(show=show, search=wanted.search, order=wanted.show.value),
        show=show,
        search=wanted.search,
        choices=_choices(figures, words),
    )


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/entrants/{entrant_id:uuid}",
    operation_id="page_entrant",
)
async def page_entrant(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    contest_id: FromPath[UUID],
    entrant_id: FromPath[UUID],
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    key = (workspace_id, contest_id)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, *key)
        entrant = await entrants.read(conn, *key, entrant_id)
        if entrant is None:
            raise NotFoundError("There is no such entrant in this contest.")
        check = await check_own(conn, contest, entrant_id, words.language)
        changes = await history.of_entrant(conn, contest, entrant_id, limit=_CHANGES)
        scored = await signals.read(conn, *key, entrant_id)
        settings = await signals.settings(conn, workspace_id)
    return render(
        request,
        "entrant.html",
        contest=contest,
        zone=contest.definition.schedule.zone,
        root=f"/w/{workspace_id}/contests/{contest_id}",
        entrant=entrant,
        state_said=say_entrant(entrant.state, words),
        looks=_LOOKS,
        reason=say_code(entrant.reason, words),
        check=check,
        changes=[
            (each, say_entrant(each.state, words), say_code(each.reason, words)) for each in changes
        ],
        scored=scored,
        signals=explain(scored, settings.weights, words.language) if scored else [],
    )


def _wanted(request: AnyRequest) -> Wanted:
    """What of the table is asked for: `show` is a kind and its value, as in `missing:2`."""
    given = request.query_params
    search = given.get("search", "").strip()[:200].replace("\0", "")
    kind, _, value = given.get("show", "").partition(":")
    show = next((each for each in Show if each.value == kind), Show.NEWEST)
    cursor = _read_cursor(given.get("at", ""))
    return Wanted(
        show=Show.SEARCH if search else show,
        value=value[:200],
        search=search,
        start=() if cursor is None else tuple(cursor.start),
        is_back=cursor is not None and cursor.is_back,
        limit=_PAGE,
    )


def _pages(found: Found) -> dict[str, str]:
    """The addresses of the pages before and behind, as far as there are any."""
    pages = {}
    if found.first:
        pages["newer"] = _cursor(_Cursor(is_back=True, start=list(found.first)))
    if found.last:
        pages["older"] = _cursor(_Cursor(is_back=False, start=list(found.last)))
    return pages


def _cursor(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _read_cursor(text: str) -> _Cursor | None:
    try:
        packed = base64.urlsafe_b64decode(text[:500] + "=" * (-len(text) % 4))
        return msgspec.json.decode(packed, type=_Cursor)
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None


def _choices(figures: Figures, words: Words) -> list[tuple[str, str]]:
    """Everything that may be shown, with how many there are."""

    def counted(text: str, count: int) -> str:
        return f"{text} · {words.number(count)}"

    states = [
        (f"state:{state.value}", counted(say_entrant(state, words).word, count))
        for state, count in figures.by_state.items()
    ]
    reasons = [
        (
            f"reason:{each.state.value}/{each.reason}",
            counted(
                f"{say_entrant(each.state, words).word}: {say_code(each.reason, words)}",
                each.entrants,
            ),
        )
        for each in figures.reasons[:_CHOICES]
    ]
    missing = [
        (
            f"missing:{each.place}",
            counted(f"{words.gettext('Only this is missing')}: {each.sentence}", each.only_missing),
        )
        for each in figures.funnel
        if each.only_missing
    ]
    platforms = [
        (f"platform:{platform}", counted(say_platform(platform, words), count))
        for platform, count in figures.by_platform.items()
        if platform != "import"
    ]
    scores = [
        (f"score:{least}", words.gettext("Signals add up to %(least)s or more", least=least))
        for least in (1, 30, 50, 70, 90)
    ]
    newest = ("", counted(words.gettext("All, newest first"), figures.entrants))
    by_name = ("label", words.gettext("All, by name"))
    return [newest, by_name, *states, *missing, *reasons, *platforms, *scores]
