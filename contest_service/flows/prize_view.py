"""Prizes as the organiser sees them: who holds each, was told of it, claimed it, and who is next.

Names are the entrants' own, whether or not the rules let winners be named in public.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import msgspec

from contest_service.flows.announce import Slot
from contest_service.flows.claims import Claim, read_claims
from contest_service.flows.outcome import Outcome
from contest_service.store import deliveries, disqualifications, entrants, notices
from contest_service.store.contests import Contest
from contest_service.store.deliveries import Delivery
from contest_service.store.disqualifications import Disqualification
from contest_service.store.entrants import Opening
from contest_service.store.notices import Notice
from contest_service.store.rows import Connection


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is behind a commitment; `entry` is None, and the rest empty, where they were erased."""

    commitment: str
    entry: UUID | None
    name: str
    account: str


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A prize and who holds it: nobody (None) if the entries did not suffice.

    `draw` counts from 0, `place` from 1 within the draw. `former` had it at the result.
    """

    draw: int
    place: int
    prize: str
    holder: Person | None
    former: Person | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a holder is: told by these notices, oldest first, claimed, delivered, or proposed to
    lose what they hold.
    """

    notices: list[Notice]
    claim: Claim | None
    delivery: Delivery | None
    proposal: Disqualification | None


def places(outcome: Outcome) -> int:
    """How many prizes there are."""
    return sum(len(slots) for slots in outcome.final)


async def read_holdings(
    conn: Connection, contest: Contest, outcome: Outcome, *, start: int, limit: int
) -> list[Holding]:
    """The prizes from `start` on, counted over all draws, in the order of the terms."""
    found = list(_slots(outcome))[start : start + limit]
    seen = {slot.commitment for *_, now, before in found for slot in (now, before)}
    known = await people(conn, contest, {each for each in seen if each})
    return [
        Holding(
            draw=draw,
            place=place,
            prize=now.prize,
            holder=_person(now.commitment, known),
            former=None if _is_same(now, before) else _person(before.commitment, known),
        )
        for draw, place, now, before in found
    ]


async def held_by(
    conn: Connection, contest: Contest, outcome: Outcome, commitment: str
) -> list[Holding]:
    """The prizes that one entry holds."""
    known = await people(conn, contest, {commitment})
    return [
        Holding(
            draw=draw,
            place=place,
            prize=now.prize,
            holder=_person(commitment, known),
            former=None,
        )
        for draw, place, now, _ in _slots(outcome)
        if now.commitment == commitment
    ]


async def standings(
    conn: Connection, contest: Contest, holders: Iterable[Person]
) -> Mapping[str, Standing]:
    """How far each of some holders is, by commitment."""
    asked = {each.commitment: each.entry for each in holders}
    entries = [entry for entry in asked.values() if entry is not None]
    told = await notices.of_entrants(conn, contest, entries)
    claimed = {each.commitment: each for each in await read_claims(conn, contest)}
    delivered = {each.commitment: each for each in await deliveries.of_contest(conn, contest)}
    open_ones = await disqualifications.open_ones(conn, contest)
    proposed = {each.commitment: each for each in open_ones}
    return {
        commitment: Standing(
            notices=[each for each in told if each.entrant_id == entry],
            claim=claimed.get(commitment),
            delivery=delivered.get(commitment),
            proposal=proposed.get(commitment),
        )
        for commitment, entry in asked.items()
    }


async def people(
    conn: Connection, contest: Contest, commitments: Collection[str]
) -> Mapping[str, Person]:
    """Who is behind some commitments; whoever was erased has no name."""
    wanted = [bytes.fromhex(each) for each in commitments]
    opened = await entrants.openings(conn, contest.workspace_id, contest.id, wanted)
    return {each: _named(each, opened.get(bytes.fromhex(each))) for each in commitments}


def _named(commitment: str, opening: Opening | None) -> Person:
    if opening is None:
        return Person(commitment=commitment, entry=None, name="", account="")
    return Person(
        commitment=commitment,
        entry=opening.entrant_id,
        name=opening.label or opening.subject,
        account=opening.subject,
    )


def _slots(outcome: Outcome) -> Iterable[tuple[int, int, Slot, Slot]]:
    """Draw, place, the slot as it is, and as it was drawn."""
    for draw, rows in enumerate(zip(outcome.final, outcome.initial, strict=True)):
        for place, (now, before) in enumerate(zip(*rows, strict=True), start=1):
            yield draw, place, now, before


def _person(commitment: str | None, known: Mapping[str, Person]) -> Person | None:
    return None if commitment is None else known[commitment]


def _is_same(now: Slot, before: Slot) -> bool:
    return now.commitment == before.commitment
