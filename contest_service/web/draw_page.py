"""`/contests/{id}/draw`: everybody watches the draw, and computes it once more.

The page is whole without scripts. With them its part is fetched again when it has changed, and the
visitor's browser computes the winners itself, from the same files that everybody can have.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.flows.line import Lines
from contest_service.store import looks
from contest_service.store.contests import Contest
from contest_service.web.contest_page import GivenRuntime, frame_of
from contest_service.web.drawn import commitment_in, count_held, read_drawn, read_frozen, show_draws
from contest_service.web.language import words_of
from contest_service.web.visitors import SHARED, shared, started

AnyRequest = Request[Any, Any, Any]

_BRIEFLY = {**SHARED, "Cache-Control": "public, max-age=1"}
AT_ONCE = 100_000
"""Entries up to which a browser begins to compute without being asked."""


@get("/contests/{contest_id:uuid}/draw", operation_id="show_draw")
async def show_draw(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    return await _answer(request, rt, contest_id, template="public/draw.html")


@get("/contests/{contest_id:uuid}/draw/now", operation_id="show_draw_now")
async def show_draw_now(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    """Send the part of the page that changes."""
    return await _answer(request, rt, contest_id, template="public/draw-now.html")


async def _answer(
    request: AnyRequest, rt: GivenRuntime, contest_id: UUID, *, template: str
) -> Response[bytes]:
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
    shown = await _shown(request, rt, contest)
    # Not of how much time is left: what was sent keeps it true by itself.
    kept = {name: value for name, value in shown.items() if name not in ("now", "draws")}
    return shared(request, template, shown, known_by=kept, headers=_BRIEFLY)


async def _shown(request: AnyRequest, rt: GivenRuntime, contest: Contest) -> dict[str, Any]:
    words, now = words_of(request), rt.clock().replace(microsecond=0)
    async with rt.pool.acquire() as conn:
        freeze = await read_frozen(conn, contest)
        outcome = await read_drawn(conn, contest)
        look = await looks.read(conn, contest.workspace_id)
    lines: Lines = request.app.state.lines
    draws = []
    if outcome is not None and freeze is not None:
        own = commitment_in(request.query_params)
        draws = await show_draws(lines, contest, outcome, freeze=freeze, words=words, own=own)
    return {
        **frame_of(contest, words, rt, now=now, look=look),
        "freeze": freeze,
        "outcome": outcome,
        "draws": draws,
        "winners": 0 if outcome is None else count_held(outcome),
        "draw_at": contest.draw_at,
        "is_waiting": freeze is not None and outcome is None and now >= contest.draw_at,
        "is_small": freeze is not None and freeze.entries <= AT_ONCE,
        "own": request.query_params.get("entry", "")[:64],
    }
