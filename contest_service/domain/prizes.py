"""Prizes: independent draws, each with tiers of prizes in order."""

import msgspec

from contest_service.domain.errors import Fault

MOST_WINNERS = 10_000


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of prize and how many of it there are."""

    id: str
    prize: str
    winners: int


class Draw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One draw over all entries; a person can win once in it. Tiers are filled in order."""

    tiers: tuple[Tier, ...]


def prize_faults(draws: tuple[Draw, ...]) -> list[Fault]:
    faults: list[Fault] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(Fault(pointer=pointer, detail=detail))

    if not 1 <= len(draws) <= 100:
        fault("/draws", "give 1 to 100 draws; most contests have one")
    for number, draw in enumerate(draws):
        at = f"/draws/{number}/tiers"
        if not 1 <= len(draw.tiers) <= 100:
            fault(at, "give 1 to 100 tiers of prizes")
        if len({tier.id for tier in draw.tiers}) < len(draw.tiers):
            fault(at, "two tiers have the same id; give each its own")
        for place, tier in enumerate(draw.tiers):
            if not 1 <= len(tier.id) <= 64:
                fault(f"{at}/{place}/id", "give an id of 1 to 64 characters")
            if not 1 <= len(tier.prize) <= 500:
                fault(f"{at}/{place}/prize", "name the prize in 1 to 500 characters")
            if not 1 <= tier.winners <= MOST_WINNERS:
                fault(f"{at}/{place}/winners", f"must lie between 1 and {MOST_WINNERS}")
    return faults
