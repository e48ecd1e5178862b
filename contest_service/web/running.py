"""One contest for those who run it: is all well, how many, who, and what is next.

The page and the part that is fetched at each ping are made of the same.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.accounts import Platform
from contest_service.domain.coverage import needed
from contest_service.domain.evidence import Action
from contest_service.flows.figures import Figures, Series, figures_of
from contest_service.flows.questions import SaidQuestion, find_questions
from contest_service.store import communities, contests, stuck
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.contest_words import (
    next_step,
    say_action,
    say_code,
    say_entrant,
    say_platform,
    say_status,
)
from contest_service.web.gate import AnyRequest, pings_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render

_QUESTIONS = 5
_COMMUNITIES = 200


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}", operation_id="page_running")
async def page_running(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    # Asked before the rest, so that nothing that changes meanwhile goes unnoticed.
    since = await pings_of(request).since(workspace_id, contest_id)
    return render(
        request,
        "running.html",
        since=since,
        note=note_of(request),
        **await _context(request, workspace_id, contest_id),
    )


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/now", operation_id="part_running")
async def part_running(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """What of the page moves."""
    context = await _context(request, workspace_id, contest_id)
    return render(request, "running-now.html", **context)


async def _context(request: AnyRequest, workspace_id: UUID, contest_id: UUID) -> dict[str, Any]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        figures = await figures_of(conn, contest, words.language)
        asking = await _questions(conn, contest, figures)
        connected = await communities.list_page(conn, workspace_id, after=None, limit=_COMMUNITIES)
        waiting = await stuck.of_contest(conn, contest)
    threshold = contest.definition.coverage
    return {
        "contest": contest,
        "zone": contest.definition.schedule.zone,
        "root": f"/w/{workspace_id}/contests/{contest_id}",
        "status": say_status(contest.status, words),
        "next": next_step(contest, words),
        "now": rt.clock(),
        "figures": figures,
        "states": [(say_entrant(s, words), s, n) for s, n in figures.by_state.items()],
        "reasons": [(each, say_code(each.reason, words)) for each in figures.reasons[:12]],
        "platforms": [(say_platform(p, words), p, n) for p, n in figures.by_platform.items()],
        "chart": _chart(figures.arrivals, words),
        "covered_rows": [
            (each, needed(threshold, each.action, each.platform)) for each in figures.coverage
        ],
        "action_names": {each: say_action(each, words) for each in Action},
        "platform_names": {each: say_platform(each.value, words) for each in Platform},
        "questions": asking,
        "stuck": waiting,
        "unwell": [each for each in connected if each.health != "healthy"],
    }


async def _questions(conn: Connection, contest: Contest, figures: Figures) -> list[SaidQuestion]:
    """Comments that ask something and wait for an answer, some of the newest."""
    posts = {each.target_id for each in figures.scans if each.action == "comment"}
    return await find_questions(
        conn, contest, sorted(posts), is_answered=False, after=None, limit=_QUESTIONS
    )


def _chart(series: Series, words: Words) -> str:
    """What the chart is drawn from, as JSON: seconds, and a line for each platform."""
    lines = [
        {"name": say_platform(platform, words), "counts": counts}
        for platform, counts in series.counts.items()
    ]
    times = [int(at.timestamp()) for at in series.times]
    return msgspec.json.encode({"times": times, "lines": lines}).decode()
