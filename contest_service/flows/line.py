"""Line: read the picture of a contest's draws, from the frozen list and the ledger's own bytes.

Where tickets stand never changes after the draw, so a process computes it once and keeps it; who
holds what is read anew, and so are names, since people may be erased.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.flows.announce import Slot
from contest_service.flows.ledger import frozen_entries
from contest_service.flows.outcome import Outcome
from contest_service.flows.runtime import Runtime
from contest_service.proof import draw as drawing
from contest_service.proof.line import Held, Line, Own, Positions, line_of
from contest_service.store.contests import Contest

MOST_ENTRIES = 2_000_000
"""Of the lists that one process keeps at hand, times their draws: about 90 MB."""


class DrawLine(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of one draw; `names` has the slots of present and former holders."""

    line: Line
    names: dict[str, Slot]
    own: Own | None


class Lines:
    """Makes the pictures, and keeps what does not change of them."""

    def __init__(self, rt: Runtime, *, most_entries: int = MOST_ENTRIES) -> None:
        self._rt = rt
        self._most_entries = most_entries
        self._kept: OrderedDict[UUID, list[Positions]] = OrderedDict()
        self._making = asyncio.Lock()

    @property
    def kept(self) -> int:
        """Entries of the lists that are kept, once for each draw."""
        return sum(len(each) for positions in self._kept.values() for each in positions)

    async def read(
        self, contest: Contest, outcome: Outcome, freeze_hash: str, *, own: bytes | None = None
    ) -> list[DrawLine]:
        """Return the picture of each draw; `own` is the commitment of who looks for themselves."""
        positions = await self._positions(contest, outcome, freeze_hash)
        out = {bytes.fromhex(each.commitment) for each in outcome.disqualified}
        return [
            DrawLine(
                line=line_of(each, _held(initial, final, out)),
                names={slot.commitment: slot for slot in (*initial, *final) if slot.commitment},
                own=None if own is None else each.own(own),
            )
            for each, initial, final in zip(positions, outcome.initial, outcome.final, strict=True)
        ]

    async def _positions(
        self, contest: Contest, outcome: Outcome, freeze_hash: str
    ) -> list[Positions]:
        async with self._making:
            if contest.id not in self._kept:
                async with self._rt.pool.acquire() as conn:
                    entries = await frozen_entries(conn, contest)
                randomness, freeze = bytes.fromhex(outcome.randomness), bytes.fromhex(freeze_hash)
                self._kept[contest.id] = [
                    # A second for a million entries, which others should not wait for.
                    await asyncio.to_thread(
                        Positions, entries, drawing.seed(randomness, freeze, number)
                    )
                    for number in range(len(outcome.initial))
                ]
            self._kept.move_to_end(contest.id)
            while len(self._kept) > 1 and self.kept > self._most_entries:
                self._kept.popitem(last=False)
            return self._kept[contest.id]


def _held(initial: Sequence[Slot], final: Sequence[Slot], out: set[bytes]) -> Held:
    tickets = [bytes.fromhex(slot.ticket) for slot in initial if slot.ticket]
    return Held(
        initial=_commitments(initial),
        final=_commitments(final),
        out=out,
        cut=max(tickets, default=None),
    )


def _commitments(slots: Sequence[Slot]) -> set[bytes]:
    return {bytes.fromhex(slot.commitment) for slot in slots if slot.commitment}
