"""The table of a contest's entrants: by everything that can be asked together, and as a file."""

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from contest_service.domain.conditions import Language
from contest_service.domain.judging import EntrantState
from contest_service.domain.spreadsheet import Separator
from contest_service.flows.entrant_files import export_chosen
from contest_service.flows.entrant_view import Found, Wanted, find_entrants
from contest_service.flows.figures import Figures, figures_of
from contest_service.store import contests, tallies
from contest_service.web.contest_words import say_code, say_entrant, say_platform
from contest_service.web.decision_frame import framed
from contest_service.web.downloads import attachment
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render

_PAGE = 50
_REASONS = 60
"""Reasons that are offered, the most frequent."""
_SCORES = (1, 30, 50, 70, 90)
_NAMES = ("state", "reason", "missing", "source", "score", "search", "order")
"""What an address may ask for."""


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
        contest, frame = await framed(conn, request, contest_id, here="")
        tallied = await tallies.of_contest(conn, workspace_id, contest_id)
        found = await find_entrants(conn, contest, wanted, tallied)
        figures = await figures_of(conn, contest, words.language)
    asked = {name: request.query_params.get(name, "") for name in _NAMES}
    chosen = {name: value for name, value in asked.items() if value}
    return render(
        request,
        "entrants.html",
        **frame,
        rows=[
            (each, say_entrant(each.state, words), say_code(each.reason, words))
            for each in found.rows
        ],
        found=found,
        pages={name: urlencode({**chosen, "at": cursor}) for name, cursor in _pages(found).items()},
        file=urlencode({**chosen, "separator": _separator(words)}),
        form=blank(**asked),
        is_chosen=bool(chosen),
        has_more=bool({"missing", "source", "score", "order"} & chosen.keys()),
        choices=_choices(figures, words),
        may_hold=contest.definition.holding is not None,
    )


@get(
    "/w/{workspace_id:uuid}/contests/{contest_id:uuid}/entrants/file",
    operation_id="download_entrants",
)
async def download_entrants(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Stream:
    """Everybody whom the table's choice holds, as CSV."""
    rt, words = runtime_of(request), words_of(request)
    asked = request.query_params.get("separator", "")
    separator = next((each for each in Separator if each.value == asked), Separator.COMMA)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
    pieces = export_chosen(
        rt, contest, _wanted(request), language=words.language, separator=separator
    )
    return attachment(pieces, f"entrants-{contest_id}")


def _separator(words: Words) -> str:
    """What spreadsheets in the reader's language expect between cells."""
    is_russian = words.language is Language.RUSSIAN
    return (Separator.SEMICOLON if is_russian else Separator.COMMA).value


def _wanted(request: AnyRequest) -> Wanted:
    """What of the table is asked for; what cannot be read is not."""
    given = {
        name: request.query_params.get(name, "").strip()[:200].replace("\0", "")
        for name in (*_NAMES, "at")
    }
    state, _, reason = given["reason"].partition("/")
    state = given["state"] or state
    cursor = _read_cursor(request.query_params.get("at", ""))
    missing, score = given["missing"], given["score"]
    return Wanted(
        state=next((each for each in EntrantState if each.value == state), None),
        reason=reason,
        missing=int(missing[:4]) if missing.isdecimal() else None,
        platform=given["source"],
        least=min(100, int(score[:4])) if score.isdecimal() else 0,
        search=given["search"],
        by_name=given["order"] == "name",
        start=() if cursor is None else tuple(cursor.start),
        is_back=cursor is not None and cursor.is_back,
        limit=_PAGE,
    )


def _pages(found: Found) -> dict[str, str]:
    """The cursors of the pages before and behind, as far as there are any."""
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


def _choices(figures: Figures, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Everything that may be asked for, by name, with how many there are of it alone."""
    any_ = ("", words.gettext("any"))
    everybody = _counted(words.gettext("Everybody"), figures.entrants, words)
    return {
        "state": [("", everybody), *_states(figures, words)],
        "reason": [any_, *_reasons(figures, words)],
        "missing": [
            any_,
            *(
                (str(each.place), _counted(each.sentence, each.only_missing, words))
                for each in figures.funnel
                if each.only_missing
            ),
        ],
        "source": [
            any_,
            *(
                (platform, _counted(say_platform(platform, words), count, words))
                for platform, count in figures.by_platform.items()
            ),
        ],
        "score": [
            any_,
            *((str(least), words.gettext("%(least)s or more", least=least)) for least in _SCORES),
        ],
        "order": [("", words.gettext("newest first")), ("name", words.gettext("by name"))],
    }


def _states(figures: Figures, words: Words) -> Iterator[tuple[str, str]]:
    for state, count in figures.by_state.items():
        yield state.value, _counted(say_entrant(state, words).word, count, words)


def _reasons(figures: Figures, words: Words) -> Iterator[tuple[str, str]]:
    for each in figures.reasons[:_REASONS]:
        said = f"{say_entrant(each.state, words).word}: {say_code(each.reason, words)}"
        yield f"{each.state.value}/{each.reason}", _counted(said, each.entrants, words)


def _counted(text: str, count: int, words: Words) -> str:
    return f"{text} · {words.number(count)}"
