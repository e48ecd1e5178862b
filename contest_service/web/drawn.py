"""What is read of a contest's frozen list and draw for people: the draw room, the certificate and
the card say the same of it.
"""

import asyncio
from typing import Any

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.flows.announce import Slot
from contest_service.flows.line import DrawLine, Lines
from contest_service.flows.outcome import FrozenList, Outcome, read_freeze, read_outcome
from contest_service.proof.line import alternates
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.language import Words
from contest_service.web.line import Picture, name_of, picture_of

FROZEN = frozenset({Status.FROZEN, Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED, Status.VOID})
DRAWN = frozenset({Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})
_ALTERNATES = 5
MOST_SHOWN = 500
"""Slots of one draw in words."""


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A prize and who holds it; `former` had it at the result."""

    prize: str
    who: str
    account: str
    commitment: str
    former: str


class DrawShown(msgspec.Struct, frozen=True, kw_only=True):
    """One draw: its seats, how many more there are, the next in order, and its line."""

    seats: list[Seat]
    more: int
    alternates: list[str]
    line: Picture


async def read_frozen(conn: Connection, contest: Contest) -> FrozenList | None:
    """The frozen list; None while there is none."""
    if contest.status not in FROZEN:
        return None
    try:
        return await read_freeze(conn, contest)
    except NotFoundError:
        return None


async def read_drawn(conn: Connection, contest: Contest) -> Outcome | None:
    """The outcome; None while there is none."""
    return await read_outcome(conn, contest) if contest.status in DRAWN else None


def count_held(outcome: Outcome) -> int:
    """How many prizes somebody won at the result."""
    return sum(slot.commitment is not None for slots in outcome.initial for slot in slots)


async def show_draws(
    lines: Lines,
    contest: Contest,
    outcome: Outcome,
    *,
    freeze: FrozenList,
    words: Words,
    own: bytes | None = None,
) -> list[DrawShown]:
    """Say each draw in words and as its line."""
    drawn = await lines.read(contest, outcome, freeze.hash, own=own)
    return await asyncio.to_thread(_show, outcome, drawn, words)


def _show(outcome: Outcome, drawn: list[DrawLine], words: Words) -> list[DrawShown]:
    return [
        DrawShown(
            seats=[
                _seat(slot, before, words)
                for slot, before in zip(final[:MOST_SHOWN], initial, strict=False)
            ],
            more=max(0, len(final) - MOST_SHOWN),
            alternates=[
                name_of(near.commitment, each.names, words)
                for near in alternates(each.line, _ALTERNATES)
            ],
            line=picture_of(each, words),
        )
        for each, initial, final in zip(drawn, outcome.initial, outcome.final, strict=True)
    ]


def seats_of(outcome: Outcome, words: Words, *, most: int) -> tuple[list[Seat], int]:
    """The first seats of all draws as they are held now, and how many more there are."""
    seats = [
        pair
        for final, initial in zip(outcome.final, outcome.initial, strict=True)
        for pair in zip(final, initial, strict=True)
    ]
    shown = [_seat(slot, before, words) for slot, before in seats[:most]]
    return shown, len(seats) - len(shown)


def _seat(slot: Slot, before: Slot, words: Words) -> Seat:
    changed = before.commitment if before.commitment != slot.commitment else None
    return Seat(
        prize=slot.prize,
        who=_who(slot, words),
        account=slot.subject if slot.label else "",
        commitment=slot.commitment or "",
        former=_who(before, words) if changed else "",
    )


def _who(slot: Slot, words: Words) -> str:
    if slot.commitment is None:
        return words.gettext("nobody is left")
    return name_of(slot.commitment, {slot.commitment: slot}, words)


def commitment_in(query: Any) -> bytes | None:
    """The entry that a visitor looks for, by its commitment in hex; None for anything else."""
    given = query.get("entry", "")
    if not (isinstance(given, str) and len(given) == 64):
        return None
    try:
        return bytes.fromhex(given)
    except ValueError:
        return None
