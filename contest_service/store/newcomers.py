"""Newcomers: entrants who are judged for the first time, packed for the tables that know them.

Nearly all entrants of a large contest are written like this once. Those who are valid come with the
opening of their entry and its first promise.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from contest_service.store import packed, promises, tallies
from contest_service.store.entrants import OPENING_COLUMNS, WRITTEN, JudgedRow, OpeningRow
from contest_service.store.packed import (
    HASH,
    ID,
    decided,
    large_number,
    moment,
    number,
    size,
    text,
)
from contest_service.store.rows import Connection
from contest_service.store.tallies import Change, Kind, kind_of

_KEY = ("workspace_id", "contest_id")
ENTRANTS = (*_KEY, *WRITTEN, "judged_at")


class Newcomers(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Packed rows of three tables, and what they add to the tallies."""

    workspace_id: UUID
    contest_id: UUID
    change: Change

    entrants: bytes
    openings: bytes
    promises: bytes


def pack(
    key: tuple[UUID, UUID],
    rows: Iterable[JudgedRow],
    openings: Mapping[str, OpeningRow],
    *,
    at: datetime,
) -> Newcomers:
    """Pack the first verdicts of one contest, given at one time.

    `key` is the ids of workspace and contest; `openings`, by subject, are of those who are valid.
    """
    judged = packed.head(len(ENTRANTS), key) + ID
    opened = packed.head(len(OPENING_COLUMNS), key) + ID
    promise = packed.head(len(promises.COLUMNS), key) + ID
    now = int(at.timestamp())
    time, first, given_at = moment(at), number(0), large_number(now)
    entrants: list[bytes] = []
    sealed: list[bytes] = []
    promised: list[bytes] = []
    kinds: list[tuple[Kind, int]] = []
    arrivals: list[tuple[str, int]] = []
    for row in rows:
        id_, named, record = row.id.bytes, text(row.subject) + text(row.label), row.record
        kind, outcome = row.counted_as, decided(row.state, row.reason, row.tickets)
        entrants += (judged, id_, named, outcome, size(len(record)), record, HASH, row.record_salt)
        entrants += (HASH, row.record_digest, _counted(kind), time)
        kinds.append((kind, row.tickets))
        arrivals.append((kind[0], row.entered_at or now))
        if opening := openings.get(row.subject):
            commitment = HASH + opening.commitment
            sealed += (opened, id_, commitment, HASH, opening.salt, named, time)
            promised += (promise, id_, first, commitment, number(row.tickets), given_at)
    return Newcomers(
        workspace_id=key[0],
        contest_id=key[1],
        change=tallies.count(kinds, arrivals),
        entrants=b"".join(entrants),
        openings=b"".join(sealed),
        promises=b"".join(promised),
    )


@lru_cache(maxsize=4096)
def _counted(kind: Kind) -> bytes:
    """The marks of a kind, and its number: many are alike."""
    marks = kind[-1]
    return text(marks) + large_number(kind_of(*kind))


async def write(conn: Connection, new: Newcomers) -> None:
    """Write newcomers. None of them may be known yet."""
    await packed.copy(conn, "entrants", new.entrants, columns=ENTRANTS)
    await packed.copy(conn, "openings", new.openings, columns=OPENING_COLUMNS)
    await packed.copy(conn, "promises", new.promises, columns=promises.COLUMNS)
    await tallies.add(conn, new.workspace_id, new.contest_id, new.change)
