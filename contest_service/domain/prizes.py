"""Prizes: independent draws, each with tiers of prizes in order."""

import re

import msgspec

from contest_service.domain.errors import Fault
from contest_service.domain.money import Money, money_faults
from contest_service.domain.plain_text import size_of, text_faults

MOST_DRAWS = 100
MOST_TIERS = 200
MOST_PRIZE_BYTES = 64 * 1024
"""Of UTF-8 in all prizes together, so that terms stay below 1 MiB (docs/draw-protocol.md, 8.6)."""
MOST_WINNERS = 4000
"""Over all draws: more slots would not fit the one line of the result event (1 MiB)."""


LONGEST_PICTURE_TEXT = 300

_SHA256 = re.compile(r"[0-9a-f]{64}")


class PrizePicture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture that the workspace keeps, by its SHA-256 in hex, and what it shows, in words."""

    sha256: str
    text: str


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of prize, how many of it there are, and what each is worth, if that is said.

    `picture` shows it.
    """

    id: str
    prize: str
    winners: int
    value: Money | None = None
    picture: PrizePicture | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says in words."""
        return (self.prize,) if self.picture is None else (self.prize, self.picture.text)


class Draw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One draw over all entries; a person can win once in it. Tiers are filled in order."""

    tiers: tuple[Tier, ...]


def prize_faults(draws: tuple[Draw, ...]) -> list[Fault]:
    faults: list[Fault] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(Fault(pointer=pointer, detail=detail))

    if not 1 <= len(draws) <= MOST_DRAWS:
        fault("/draws", f"give 1 to {MOST_DRAWS} draws; most contests have one")
    tiers = [tier for draw in draws for tier in draw.tiers]
    if len(tiers) > MOST_TIERS:
        fault("/draws", f"give at most {MOST_TIERS} tiers of prizes over all draws")
    if size_of(text for tier in tiers for text in tier.texts) > MOST_PRIZE_BYTES:
        fault("/draws", f"describe all prizes in at most {MOST_PRIZE_BYTES // 1024} KiB together")
    if sum(max(0, tier.winners) for tier in tiers) > MOST_WINNERS:
        fault("/draws", f"give at most {MOST_WINNERS} winners over all draws: one result names all")
    for number, draw in enumerate(draws):
        at = f"/draws/{number}/tiers"
        if not draw.tiers:
            fault(at, "give at least one tier of prizes")
        if len({tier.id for tier in draw.tiers}) < len(draw.tiers):
            fault(at, "two tiers have the same id; give each its own")
        for place, tier in enumerate(draw.tiers):
            faults += _tier_faults(tier, f"{at}/{place}")
    return faults


def _tier_faults(tier: Tier, at: str) -> list[Fault]:
    faults = [
        *text_faults(tier.id, f"{at}/id", longest=64),
        *text_faults(tier.prize, f"{at}/prize", longest=500),
    ]
    if not tier.id.isascii() or set('"\\') & set(tier.id):
        detail = "write the id in ASCII, without quotes and backslashes"
        faults.append(Fault(pointer=f"{at}/id", detail=detail))
    if not 1 <= tier.winners <= MOST_WINNERS:
        detail = f"must lie between 1 and {MOST_WINNERS}"
        faults.append(Fault(pointer=f"{at}/winners", detail=detail))
    if tier.value is not None:
        faults += money_faults(tier.value, f"{at}/value")
    if tier.picture is not None:
        faults += _picture_faults(tier.picture, f"{at}/picture")
    return faults


def _picture_faults(picture: PrizePicture, at: str) -> list[Fault]:
    faults = text_faults(picture.text, f"{at}/text", longest=LONGEST_PICTURE_TEXT)
    if _SHA256.fullmatch(picture.sha256):
        return faults
    detail = "give the SHA-256 of a picture that was uploaded, as 64 hexadecimal digits"
    return [Fault(pointer=f"{at}/sha256", detail=detail), *faults]
