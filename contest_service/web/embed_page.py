"""`/embed/contests/{id}`: a contest within the pages of others: the time left, and then who won.

The only page that may be framed. It sets no cookie, says only what is public, and leads to the
contest's own page for everything else.
"""

import enum
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.store import looks
from contest_service.web.contest_page import GivenRuntime, count_entrants, frame_of
from contest_service.web.drawn import read_drawn, seats_of
from contest_service.web.language import words_of
from contest_service.web.visitors import shared, started

AnyRequest = Request[Any, Any, Any]

_MOST_SEATS = 50
"""Prizes that are told one by one; the certificate tells of all."""
_SOON, _LATER = 20, 300
"""Seconds after which scripts ask again, by whether something is about to happen."""
_ENDED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.VOID})
_MOVING = frozenset({Status.CLOSING, Status.FROZEN, Status.DRAWN})


class Theme(enum.StrEnum):
    """How a widget looks within a page: as the reader prefers, or as that page does."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@get("/embed/contests/{contest_id:uuid}", operation_id="show_embedded")
async def show_embedded(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    """With `?theme=light` or `dark`, and `?lang=`, instead of what the reader prefers."""
    words, now = words_of(request), rt.clock().replace(microsecond=0, second=0)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        counted = await count_entrants(conn, contest)
        outcome = await read_drawn(conn, contest)
        look = await looks.read(conn, contest.workspace_id)
    seats, more = ([], 0) if outcome is None else seats_of(outcome, words, most=_MOST_SEATS)
    again = 0 if contest.status in _ENDED else _SOON if contest.status in _MOVING else _LATER
    shown = {
        **frame_of(contest, words, rt, now=now, look=look),
        "valid": counted.valid,
        "seats": seats,
        "more": more,
        "theme": _theme(request).value,
        "again": again,
        "link": rt.contest_link(contest.id),
    }
    return shared(request, "public/embed.html", shown, framed=True)


def _theme(request: AnyRequest) -> Theme:
    given = request.query_params.get("theme", "")
    return next((each for each in Theme if each.value == given), Theme.AUTO)
