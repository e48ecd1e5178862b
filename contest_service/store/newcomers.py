"""Newcomers: entrants who are judged for the first time, packed for the tables that know them.

Nearly all entrants of a large contest are written like this once. Those who are valid come with the
opening of their entry and its first promise.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.store import packed, promises, tallies
from contest_service.store.entrants import OPENING_COLUMNS, WRITTEN
from contest_service.store.packed import (
    HASH,
    ID,
    large_number,
    moment,
    number,
    size,
    text,
)
from contest_service.store.rows import Connection
from contest_service.store.tallies import Arrival, Change, Kind, kind_of

_KEY = ("workspace_id", "contest_id")
ENTRANTS = (*_KEY, *WRITTEN, "judged_at")


class Newcomers(msgspec.Struct, frozen=True, kw_only=True):
    """Packed rows of three tables, and what they add to the tallies."""

    workspace_id: UUID
    contest_id: UUID
    change: Change
    entrants: bytearray
    openings: bytearray
    promises: bytearray


class _Alike:
    """Entrants of one kind with as many tickets: what their rows share, and how many they are.

    `given` is when, as it stands in the table of promises.
    """

    def __init__(self, kind: Kind, tickets: int, *, given: bytes) -> None:
        _, state, reason, marks = kind
        held = number(tickets)
        self.decided = text(state) + text(reason) + held
        self.counted = text(marks) + large_number(kind_of(*kind))
        self.promised = held + given
        self.entrants = 0


class Packer:
    """Packs the first verdicts of one contest, given at one time.

    `key` is the ids of workspace and contest.
    """

    def __init__(self, key: tuple[UUID, UUID], *, at: datetime) -> None:
        self._key = key
        self._judged = packed.head(len(ENTRANTS), key) + ID
        self._opened = packed.head(len(OPENING_COLUMNS), key) + ID
        self._promise = packed.head(len(promises.COLUMNS), key) + ID
        self._now = int(at.timestamp())
        self._time, self._given = moment(at), large_number(self._now)
        self._entrants, self._openings, self._promises = bytearray(), bytearray(), bytearray()
        self._alike: dict[tuple[Kind, int], _Alike] = {}
        self._arrived: list[Arrival] = []

    def add(
        self,
        id_: bytes,
        named: tuple[str, str],
        kind: Kind,
        *,
        tickets: int,
        record: tuple[bytes, bytes, bytes],
        entered_at: int,
        opening: tuple[bytes, bytes] | None,
    ) -> None:
        """Pack the verdict on an entry.

        `named` is its subject and its label; `record` is the bytes that are kept, their salt and
        their digest; `opening`, of whoever is valid, is the commitment and its salt. `entered_at`
        is as `domain.marks` makes it.
        """
        alike = self._alike.get((kind, tickets))
        if alike is None:
            alike = self._alike[kind, tickets] = _Alike(kind, tickets, given=self._given)
        alike.entrants += 1
        self._arrived.append((kind[0], entered_at or self._now))
        subject, label = named[0].encode(), named[1].encode()
        who = b"".join((size(len(subject)), subject, size(len(label)), label))
        kept, salt, digest = record
        self._entrants += b"".join(
            (
                self._judged,
                id_,
                who,
                alike.decided,
                size(len(kept)),
                kept,
                HASH,
                salt,
                HASH,
                digest,
                alike.counted,
                self._time,
            )
        )
        if opening is not None:
            commitment, hidden = opening
            self._openings += b"".join(
                (self._opened, id_, HASH, commitment, HASH, hidden, who, self._time)
            )
            self._promises += b"".join(
                (self._promise, id_, _FIRST, HASH, commitment, alike.promised)
            )

    def packed(self) -> Newcomers:
        """All of them."""
        kinds = {key: alike.entrants for key, alike in self._alike.items()}
        return Newcomers(
            workspace_id=self._key[0],
            contest_id=self._key[1],
            change=tallies.count(kinds, Counter(self._arrived)),
            entrants=self._entrants,
            openings=self._openings,
            promises=self._promises,
        )


_FIRST = number(0)


async def write(conn: Connection, new: Newcomers) -> None:
    """Write newcomers. None of them may be known yet."""
    await packed.copy(conn, "entrants", new.entrants, columns=ENTRANTS)
    await packed.copy(conn, "openings", new.openings, columns=OPENING_COLUMNS)
    await packed.copy(conn, "promises", new.promises, columns=promises.COLUMNS)
    await tallies.add(conn, new.workspace_id, new.contest_id, new.change)
