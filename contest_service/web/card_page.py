"""`/contests/{id}/card/{shape}.png`: the result as a picture, for posts, stories and links."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.domain.errors import NotFoundError
from contest_service.flows.announce import Slot
from contest_service.flows.line import Lines
from contest_service.flows.outcome import Outcome
from contest_service.flows.runtime import Runtime
from contest_service.proof.line import Line
from contest_service.store.contests import Contest
from contest_service.web.card import Said, Shape, Winner, draw_card, names_on
from contest_service.web.contest_page import SHARED, GivenRuntime
from contest_service.web.drawn import read_drawn, read_frozen
from contest_service.web.language import Words, words_of
from contest_service.web.qr import qr_of
from contest_service.web.visitors import started, tag_of, unchanged

AnyRequest = Request[Any, Any, Any]

_HEADERS = {**SHARED, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
_MOST_KEPT = 100


class Cards:
    """Draws cards, each once, and keeps the newest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._drawing = asyncio.Lock()

    async def draw(self, tag: str, said: Said, shape: Shape) -> bytes:
        """Return the card of just these facts, which `tag` stands for."""
        async with self._drawing:
            if tag not in self._kept:
                self._kept[tag] = await asyncio.to_thread(draw_card, said, shape)
            self._kept.move_to_end(tag)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[tag]


@get("/contests/{contest_id:uuid}/card/{file:str}", operation_id="show_card")
async def show_card(
    contest_id: FromPath[UUID], file: FromPath[str], request: AnyRequest, rt: GivenRuntime
) -> Response[bytes]:
    shape = next((each for each in Shape if f"{each}.png" == file), None)
    if shape is None:
        raise NotFoundError("There is no such picture: it may be wide, square or story.")
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        freeze = await read_frozen(conn, contest)
        outcome = await read_drawn(conn, contest)
    if outcome is None or freeze is None:
        raise NotFoundError("Nothing is drawn yet in this contest.")
    lines: Lines = request.app.state.lines
    drawn = await lines.read(contest, outcome, freeze.hash)
    line = drawn[0].line if drawn else None
    said = _said(contest, outcome, line, rt, words=words_of(request), shape=shape)
    tag = tag_of(shape, said)
    cards: Cards = request.app.state.cards
    return unchanged(request, tag, _HEADERS) or Response(
        await cards.draw(tag, said, shape),
        media_type="image/png",
        headers={**_HEADERS, "ETag": tag},
    )


def _said(
    contest: Contest,
    outcome: Outcome,
    line: Line | None,
    rt: Runtime,
    *,
    words: Words,
    shape: Shape,
) -> Said:
    held = [slot for slots in outcome.final for slot in slots if slot.commitment]
    more = len(held) - names_on(shape)
    link = f"{rt.public_url}/contests/{contest.id}/certificate"
    definition = contest.definition
    return Said(
        organiser=definition.organiser,
        title=definition.title,
        heading=words.ngettext("The winner", "The %(num)s winners", len(held))
        if held
        else words.gettext("Nobody took part."),
        winners=tuple(_winner(slot, words) for slot in held[: names_on(shape)]),
        more=words.ngettext("and %(num)s more", "and %(num)s more", more) if more > 0 else "",
        when=words.gettext(
            "Drawn %(when)s", when=words.time(outcome.drawn_at, definition.schedule.zone)
        ),
        link=link.partition("://")[2],
        practice=words.gettext("Practice: there is nothing to win") if contest.practice else "",
        line=line,
        qr=qr_of(link),
    )


def _winner(slot: Slot, words: Words) -> Winner:
    entry = words.gettext("entry %(short)s…", short=(slot.commitment or "")[:8])
    return Winner(name=slot.label or slot.subject or entry, otherwise=slot.subject or entry)
