"""`/contests/{id}/card/{shape}.png`: a contest as a picture, for posts, stories and links."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.flows.announce import Slot
from contest_service.flows.line import Lines
from contest_service.flows.outcome import Outcome
from contest_service.flows.runtime import Runtime
from contest_service.proof.line import Line
from contest_service.store import looks, pictures
from contest_service.store.contests import Contest
from contest_service.web.card import Said, Shape, Winner, draw_card, names_on
from contest_service.web.contest_page import GivenRuntime
from contest_service.web.drawn import read_drawn, read_frozen
from contest_service.web.language import Words, words_of
from contest_service.web.qr import qr_of
from contest_service.web.visitors import SHARED, started, tag_of, unchanged

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
    """Send the result as a picture, and before there is one what can be won, and until when."""
    shape, words = shape_of(file), words_of(request)
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        freeze = await read_frozen(conn, contest)
        outcome = await read_drawn(conn, contest)
    if outcome is None or freeze is None:
        promised = await _with_prize(_promised(contest, rt, words, shape=shape), rt, contest)
        return await answer_card(request, await dressed(promised, rt, contest.workspace_id), shape)
    lines: Lines = request.app.state.lines
    drawn = await lines.read(contest, outcome, freeze.hash)
    line = drawn[0].line if drawn else None
    said = _said(contest, outcome, line, rt, words=words, shape=shape)
    said = await _with_prize(said, rt, contest)
    return await answer_card(request, await dressed(said, rt, contest.workspace_id), shape)


async def _with_prize(said: Said, rt: Runtime, contest: Contest) -> Said:
    """The same card with the first of the prizes' pictures, if they have any."""
    tiers = [tier for draw in contest.definition.draws for tier in draw.tiers]
    first = next((tier.picture for tier in tiers if tier.picture), None)
    if first is None:
        return said
    async with rt.pool.acquire() as conn:
        found = await pictures.find(conn, bytes.fromhex(first.sha256))
    return msgspec.structs.replace(said, prize=found.bytes if found else b"")


async def dressed(said: Said, rt: Runtime, workspace_id: UUID) -> Said:
    """The same card in the workspace's own colour, and with its logo."""
    async with rt.pool.acquire() as conn:
        look = await looks.read(conn, workspace_id)
        logo = await pictures.find(conn, look.logo) if look.logo else None
    return msgspec.structs.replace(
        said, accent=look.accent or said.accent, logo=logo.bytes if logo else b""
    )


def shape_of(file: str) -> Shape:
    """The shape that a file's name asks for. Raises NotFoundError."""
    shape = next((each for each in Shape if f"{each}.png" == file), None)
    if shape is None:
        raise NotFoundError("There is no such picture: it may be wide, square or story.")
    return shape


async def answer_card(request: AnyRequest, said: Said, shape: Shape) -> Response[bytes]:
    """Send a card, unless the browser has it already."""
    tag = tag_of(shape, said)
    cards: Cards = request.app.state.cards
    return unchanged(request, tag, _HEADERS) or Response(
        await cards.draw(tag, said, shape),
        media_type="image/png",
        headers={**_HEADERS, "ETag": tag},
    )


def _promised(contest: Contest, rt: Runtime, words: Words, *, shape: Shape) -> Said:
    """What the card of a contest says that nobody has won yet, or that nobody will."""
    definition, link = contest.definition, rt.contest_link(contest.id)
    prizes = [
        f"{tier.prize} × {words.number(tier.winners)}" if tier.winners > 1 else tier.prize
        for draw in definition.draws
        for tier in draw.tiers
    ]
    is_over = contest.status in (Status.CANCELLED, Status.VOID)
    shown = [] if is_over else prizes[: names_on(shape)]
    more = 0 if is_over else len(prizes) - len(shown)
    return Said(
        organiser=definition.organiser,
        title=definition.title,
        heading=words.gettext("Ended without winners")
        if is_over
        else words.gettext("What there is to win"),
        winners=tuple(Winner(name=each, otherwise=words.gettext("A prize")) for each in shown),
        more=words.ngettext("and %(num)s more", "and %(num)s more", more) if more else "",
        when="" if is_over else _say_next(contest, words),
        link=link.partition("://")[2],
        practice=_say_practice(contest, words),
        line=None,
        qr=qr_of(link),
    )


def _say_next(contest: Contest, words: Words) -> str:
    zone = contest.definition.schedule.zone
    if contest.status in (Status.CLOSING, Status.FROZEN):
        return words.gettext("Draw: %(when)s", when=words.time(contest.draw_at, zone))
    return words.gettext("Open until %(when)s", when=words.time(contest.closes_at, zone))


def _say_practice(contest: Contest, words: Words) -> str:
    return words.gettext("Practice: there is nothing to win") if contest.practice else ""


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
        practice=_say_practice(contest, words),
        line=line,
        qr=qr_of(link),
    )


def _winner(slot: Slot, words: Words) -> Winner:
    entry = words.gettext("entry %(short)s…", short=(slot.commitment or "")[:8])
    return Winner(name=slot.label or slot.subject or entry, otherwise=slot.subject or entry)
