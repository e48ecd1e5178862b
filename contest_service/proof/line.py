"""The line: where the tickets of one draw stand between 0 and 2^256, as a picture needs it.

The lowest ticket wins, so the winners stand at the left end, up to the cut-off. Few tickets are
dots, many are a density, and the left end is shown once more, enlarged: however many entries there
are, each of the two stretches has at most 400 dots or 200 bands, and what became of the entry is
told for the 400 lowest. The browser verifier (proof/browser/session.js) draws the same.
"""

import enum
import heapq
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import msgspec

from contest_service.proof.draw import Ranked, place_of, ticket, tickets
from contest_service.proof.entries import EntryList

MOST_DOTS = 400
BANDS = 200
NEAR = MOST_DOTS
"""Places whose entries are told, so that every dot has one."""

_SCALE = 2**64
"""The line in whole numbers: the first 8 bytes of a ticket."""


class Mark(enum.StrEnum):
    """What became of an entry near the left end."""

    WINNER = "winner"
    """Holds a prize since the result."""
    SUCCESSOR = "successor"
    """Holds a prize of somebody who was disqualified."""
    OUT = "out"
    """Disqualified."""
    ALTERNATE = "alternate"
    """Takes over if somebody falls out."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The line from 0 to `end`, a share of the whole, with the entries in it.

    Either `dots`, each a share of the whole line, ascending, or `bands`: how many stand in each of
    so many parts of equal length.
    """

    end: float
    count: int
    dots: tuple[float, ...] = ()
    bands: tuple[int, ...] = ()


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An entry near the left end: its place from 1, and its share of the line."""

    place: int
    share: float
    commitment: str
    mark: Mark


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One entry that somebody looks for: its place from 1, and its share of the line."""

    place: int
    share: float
    ticket: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of one draw. `cut` is where the last ticket stands that won at the result.

    `enlarged` is twice as long as what won; absent where that is half of the line or more.
    """

    count: int
    winners: int
    cut: float | None
    cut_ticket: str | None
    whole: Stretch
    enlarged: Stretch | None
    near: tuple[Near, ...]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds what in one draw: commitments as drawn and as now, and all that are disqualified.

    `cut` is the highest ticket that won at the result.
    """

    initial: Collection[bytes]
    final: Collection[bytes]
    out: Collection[bytes]
    cut: bytes | None


class Positions:
    """Where all tickets of a draw stand: 8 bytes an entry, and the lowest as they are."""

    def __init__(self, entries: EntryList, seed: bytes) -> None:
        """Compute every ticket once: about a second for a million entries."""
        self._entries = entries
        self._seed = seed
        noted: list[int] = []
        self.lowest = [
            Ranked(both[:32], both[32:])
            for both in heapq.nsmallest(NEAR, _noting(tickets(entries, seed), noted))
        ]
        noted.sort()
        self._sorted = array("Q", noted)

    def __len__(self) -> int:
        return len(self._sorted)

    def stretch(self, end: float) -> Stretch:
        """Show the line from 0 to `end`."""
        edge = _SCALE if end >= 1 else int(end * _SCALE) + 1
        count = len(self) if end >= 1 else bisect_left(self._sorted, edge)
        if count <= MOST_DOTS:
            return Stretch(end=end, count=count, dots=tuple(map(_share, self._sorted[:count])))
        edges = [bisect_left(self._sorted, edge * band // BANDS) for band in range(BANDS)]
        edges.append(count)
        bands = tuple(after - before for before, after in pairwise(edges))
        return Stretch(end=end, count=count, bands=bands)

    def own(self, commitment: bytes) -> Own | None:
        """Find one entry; None if it is not in the list."""
        index = self._entries.index(commitment)
        if index is None:
            return None
        mine = ticket(self._seed, commitment, self._entries.weight(index))
        key = _prefix(mine)
        before = bisect_left(self._sorted, key)
        place = before + 1
        if self._sorted[before : before + 2].count(key) > 1:
            place = place_of(Ranked(mine, commitment), self._entries, self._seed)
        return Own(place=place, share=_share(key), ticket=mine.hex())


def line_of(positions: Positions, held: Held) -> Line:
    """Make the picture of a draw as it stands now."""
    cut = None if held.cut is None else _share(_prefix(held.cut))
    reach = 1.0 if cut is None else min(1.0, 2 * cut)
    return Line(
        count=len(positions),
        winners=len(held.initial),
        cut=cut,
        cut_ticket=None if held.cut is None else held.cut.hex(),
        whole=positions.stretch(1.0),
        enlarged=positions.stretch(reach) if 0 < reach < 0.5 else None,
        near=tuple(
            Near(
                place=place,
                share=_share(_prefix(ranked.ticket)),
                commitment=ranked.commitment.hex(),
                mark=_mark(ranked.commitment, held),
            )
            for place, ranked in enumerate(positions.lowest, start=1)
        ),
    )


def alternates(line: Line, most: int) -> Sequence[Near]:
    """The next in order, at most so many, as far as places are known by name."""
    return [near for near in line.near if near.mark is Mark.ALTERNATE][:most]


def _mark(commitment: bytes, held: Held) -> Mark:
    if commitment in held.out:
        return Mark.OUT
    if commitment in held.final:
        return Mark.WINNER if commitment in held.initial else Mark.SUCCESSOR
    return Mark.ALTERNATE


def _noting(all_: Iterator[bytes], noted: list[int]) -> Iterator[bytes]:
    note = noted.append
    for both in all_:
        note(_prefix(both))
        yield both


def _prefix(ticket_: bytes) -> int:
    return int.from_bytes(ticket_[:8], "big")


def _share(prefix: int) -> float:
    return prefix / _SCALE
