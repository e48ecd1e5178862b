"""The draw: seeds, tickets, the order of all entries, slots and succession (section 6).

Computes from the frozen list in place and keeps only as much of the order as was asked for. Knows
neither events nor times.
"""

import hashlib
import heapq
from collections.abc import Collection, Iterator, Sequence

import msgspec

from contest_service.proof.canonical import sha256, tag
from contest_service.proof.entries import EntryList
from contest_service.proof.events import DrawRules, Slot

_SEED_TAG = tag("seed")
_TICKET_TAG = tag("ticket")
_ONE_TICKET = bytes(4)
_ABOVE_ALL = b"\xff" * 33


def seed(randomness: bytes, freeze_hash: bytes, draw: int) -> bytes:
    """Return the seed of draw `draw`, counted from 0: 32 bytes."""
    return sha256(_SEED_TAG + randomness + freeze_hash + draw.to_bytes(4, "big"))


def ticket(seed_: bytes, commitment: bytes, weight: int) -> bytes:
    """Return an entry's ticket, the lowest of its `weight`: 32 bytes."""
    copy = hashlib.sha256(_TICKET_TAG + seed_ + commitment).copy
    lowest = _ABOVE_ALL
    for number in range(weight):
        one = copy()
        one.update(number.to_bytes(4, "big"))
        digest = one.digest()
        if digest < lowest:  # min() would double the time of a million tickets
            lowest = digest
    return lowest


class Ranked(msgspec.Struct, frozen=True):
    """An entry's place in the order is that of its ticket."""

    ticket: bytes
    commitment: bytes


class Ranking:
    """The order of all entries in one draw, ascending by (ticket, commitment).

    Its beginning is computed on demand, in one pass over the list with memory for that beginning
    only; asking further than before costs another pass.
    """

    def __init__(self, entries: EntryList, seed_: bytes, *, expect: int = 0) -> None:
        """`expect` is how many places will be asked for, where that is known."""
        self._entries = entries
        self._seed = seed_
        self._known: list[bytes] = []
        self._next = max(expect, 1)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Ranked:
        """Return the entry at `place`, from 0. Raises IndexError after the last."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        while place >= len(self._known):
            self._extend()
        both = self._known[place]
        return Ranked(both[:32], both[32:])

    def __iter__(self) -> Iterator[Ranked]:
        """Yield all entries in order."""
        return (self[place] for place in range(len(self)))

    def _extend(self) -> None:
        self._known = _lowest(self._entries, self._seed, min(self._next, len(self)))
        self._next = 4 * self._next + 64


def _lowest(entries: EntryList, seed_: bytes, count: int) -> list[bytes]:
    """Return the `count` lowest `ticket | commitment`, ascending."""
    all_ = tickets(entries, seed_)
    return sorted(all_) if count >= len(entries) else heapq.nsmallest(count, all_)


def tickets(entries: EntryList, seed_: bytes) -> Iterator[bytes]:
    """Yield `ticket | commitment` of every entry, in the order of the list."""
    return _light(entries, seed_) if entries.heaviest <= 1 else _weighed(entries, seed_)


def _light(entries: EntryList, seed_: bytes) -> Iterator[bytes]:
    """Yield `ticket | commitment` where every weight is 1: one hash each, nothing else."""
    sha = hashlib.sha256
    start = _TICKET_TAG + seed_
    return (sha(start + commit + _ONE_TICKET).digest() + commit for commit, _ in entries)


def _weighed(entries: EntryList, seed_: bytes) -> Iterator[bytes]:
    return (ticket(seed_, commitment, weight) + commitment for commitment, weight in entries)


def place_of(ranked: Ranked, entries: EntryList, seed_: bytes) -> int:
    """Return the place, from 1, of an entry of the list in the order of all of them."""
    own = ranked.ticket + ranked.commitment
    return 1 + sum(other < own for other in tickets(entries, seed_))


class Slots:
    """The slots of one draw: filled once, then only ever handed on."""

    def __init__(
        self, rules: DrawRules, ranking: Ranking, *, disqualified: Collection[bytes]
    ) -> None:
        """Fill the slots in tier order with the best entries that are not disqualified."""
        self._ranking = ranking
        self._place = 0
        self._tiers = [tier.id for tier in rules.tiers for _ in range(tier.winners)]
        self._holders = [self._take(disqualified) for _ in self._tiers]
        self._slot_of = {
            holder.commitment: at for at, holder in enumerate(self._holders) if holder is not None
        }

    def disqualify(self, commitment: bytes, disqualified: Collection[bytes]) -> None:
        """Hand the slot of `commitment`, if it has one, to the best entry never used so far.

        `disqualified` are all so far, this one among them.
        """
        at = self._slot_of.pop(commitment, None)
        if at is None:
            return
        successor = self._take(disqualified)
        self._holders[at] = successor
        if successor is not None:
            self._slot_of[successor.commitment] = at

    def alternates(self, count: int) -> list[bytes]:
        """Return the commitments of the best entries never used so far, at most so many."""
        end = min(self._place + count, len(self._ranking))
        return [self._ranking[place].commitment for place in range(self._place, end)]

    def listed(self) -> tuple[Slot, ...]:
        """Return the slots as they stand, in the words of an event."""
        return tuple(
            Slot(tier=tier)
            if holder is None
            else Slot(tier=tier, commit=holder.commitment.hex(), ticket=holder.ticket.hex())
            for tier, holder in zip(self._tiers, self._holders, strict=True)
        )

    def _take(self, disqualified: Collection[bytes]) -> Ranked | None:
        # Who was passed over is disqualified for ever, so the place only moves on.
        while self._place < len(self._ranking):
            ranked = self._ranking[self._place]
            self._place += 1
            if ranked.commitment not in disqualified:
                return ranked
        return None


def draw_slots(
    rules: Sequence[DrawRules],
    entries: EntryList,
    *,
    randomness: bytes,
    freeze_hash: bytes,
    disqualified: Collection[bytes],
    spare: int = 0,
) -> list[Slots]:
    """Compute every draw's slots as they stand at the result.

    `disqualified` are the commitments of all dq events before it. `spare` is how many later ones
    to be ready for without another pass; more are possible.
    """
    return [
        Slots(
            draw,
            Ranking(
                entries,
                seed(randomness, freeze_hash, number),
                expect=draw.winners + len(disqualified) + spare,
            ),
            disqualified=disqualified,
        )
        for number, draw in enumerate(rules)
    ]
