"""Who holds the prizes of a contest: told or not, claimed or until when, delivered, and who next.

The page and the part that is fetched at each ping are made of the same.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.domain.reasons import SystemReason
from contest_service.domain.recheck import asked_again
from contest_service.domain.texts import say_void_reason
from contest_service.flows.line import Lines
from contest_service.flows.outcome import FrozenList, Outcome
from contest_service.flows.prize_view import (
    Holding,
    Person,
    Standing,
    people,
    places,
    read_holdings,
    standings,
)
from contest_service.proof.line import alternates
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.access import EDITORS
from contest_service.web.contest_tabs import root_of
from contest_service.web.contest_words import next_step, say_status
from contest_service.web.drawn import read_drawn, read_frozen
from contest_service.web.gate import AnyRequest, actor_of, pings_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.winner_words import Fact, say_claim, say_proposal, say_telling

_PAGE = 50
_ALTERNATES = 10


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A prize with its holder, and how far that is; the facts are None where nobody holds it."""

    holding: Holding
    standing: Standing | None = None
    told: Fact | None = None
    claim: Fact | None = None
    proposal: Fact | None = None
    may_retry: bool = False


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the drawn order who holds nothing; `place` counts from 1."""

    place: int
    person: Person


class Rechecked(msgspec.Struct, frozen=True, kw_only=True):
    """What had to hold still at the draw, in sentences, and how many lost their prize by that."""

    sentences: list[str]
    fallen: int


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/winners", operation_id="page_winners")
async def page_winners(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    # Asked before the rest, so that nothing that changes meanwhile goes unnoticed.
    since = await pings_of(request).since(workspace_id, contest_id)
    context = await _context(request, workspace_id, contest_id)
    return render(request, "winners.html", since=since, note=note_of(request), **context)


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/winners/now", operation_id="part_winners")
async def part_winners(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """What of the page moves."""
    return render(request, "winners-now.html", **await _context(request, workspace_id, contest_id))


async def _context(request: AnyRequest, workspace_id: UUID, contest_id: UUID) -> dict[str, Any]:
    rt, words, start = runtime_of(request), words_of(request), _start(request)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        freeze = await read_frozen(conn, contest)
        outcome = await read_drawn(conn, contest)
        rows = await _rows(conn, contest, outcome, start=start)
    now = rt.clock()
    return {
        "contest": contest,
        "zone": contest.definition.schedule.zone,
        "root": root_of(workspace_id, contest_id),
        "status": say_status(contest.status, words),
        "next": next_step(contest, words),
        "now": now,
        "may_write": actor_of(request).role in EDITORS,
        "rows": [said(contest, holding, held, words=words, now=now) for holding, held in rows],
        "count": 0 if outcome is None else places(outcome),
        "start": start,
        "page": _PAGE,
        "draws": len(contest.definition.draws),
        "nobody": _why_nobody(contest, words),
        "recheck": rechecked(contest, outcome, words),
        "next_ones": await next_ones(request, contest, outcome, freeze=freeze, most=_ALTERNATES),
    }


async def _rows(
    conn: Connection, contest: Contest, outcome: Outcome | None, *, start: int
) -> list[tuple[Holding, Standing | None]]:
    if outcome is None:
        return []
    found = await read_holdings(conn, contest, outcome, start=start, limit=_PAGE)
    held = await standings(conn, contest, [each.holder for each in found if each.holder])
    return [
        (each, held[each.holder.commitment] if each.holder is not None else None) for each in found
    ]


def said(
    contest: Contest, holding: Holding, standing: Standing | None, *, words: Words, now: datetime
) -> Row:
    """Say a prize and how far its holder is."""
    if standing is None:
        return Row(holding=holding)
    return Row(
        holding=holding,
        standing=standing,
        told=say_telling(standing, words),
        claim=say_claim(contest, standing.claim, words=words, now=now),
        proposal=None if standing.proposal is None else say_proposal(standing.proposal, words),
    )


async def next_ones(
    request: AnyRequest,
    contest: Contest,
    outcome: Outcome | None,
    *,
    freeze: FrozenList | None,
    most: int,
) -> list[list[Next]]:
    """Of each draw the next in the drawn order who hold nothing in it."""
    if outcome is None or freeze is None:
        return []
    lines: Lines = request.app.state.lines
    found = [
        alternates(each.line, most) for each in await lines.read(contest, outcome, freeze.hash)
    ]
    async with runtime_of(request).pool.acquire() as conn:
        known = await people(conn, contest, {near.commitment for row in found for near in row})
    return [
        [Next(place=near.place, person=known[near.commitment]) for near in row] for row in found
    ]


def rechecked(contest: Contest, outcome: Outcome | None, words: Words) -> Rechecked | None:
    """What was looked at once more after the draw; None if nothing is."""
    definition = contest.definition
    asked = asked_again(definition.rules, recheck_winners=definition.recheck_winners)
    if not asked:
        return None
    out = [] if outcome is None else outcome.disqualified
    lost = SystemReason.CONDITIONS_NO_LONGER_HOLD
    return Rechecked(
        sentences=[each.sentence(words.language) for each in asked],
        fallen=sum(each.reason == lost for each in out),
    )


def _why_nobody(contest: Contest, words: Words) -> str:
    """Why nobody wins; empty if somebody may, or does."""
    if contest.status is Status.CANCELLED:
        return words.gettext("The contest was cancelled before its start.")
    if contest.status is Status.VOID:
        return words.gettext(
            "The contest ended without a draw: %(why)s.",
            why=say_void_reason(contest.void_reason or "", words.language),
        )
    return ""


def _start(request: AnyRequest) -> int:
    """The first prize that is shown, from 0."""
    given = request.query_params.get("from", "")
    return int(given[:5]) if given.isascii() and given.isdecimal() else 0
