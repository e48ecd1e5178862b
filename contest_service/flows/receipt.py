"""Receipt: show that an entry stands in the frozen list, and that the freeze stands in the log.

A list never changes once it is frozen, so its outline is made once in a process and kept: then an
entry's path takes a look at 32 entries instead of hashing all of them.
"""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from contest_service.flows import log_tree
from contest_service.flows.runtime import Runtime
from contest_service.proof import events, notes
from contest_service.proof.canonical import MAX_STRING
from contest_service.proof.entries import LEAF_SIZE, Opening
from contest_service.proof.events import Event, Freeze
from contest_service.proof.notes import Note
from contest_service.proof.outline import BLOCK, Outline, OutlineBuilder, Place
from contest_service.proof.receipts import LeafPath, make_receipt
from contest_service.store import entrants, proof, receipts
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

MOST_ENTRIES = 20_000_000
"""Of the lists whose outlines one process keeps: about 60 MB."""
FRESH = timedelta(seconds=30)
"""How long a checkpoint is handed out before it is asked whether more witnesses saw one."""


class AlteredListError(Exception):
    """The stored list is not the one that was frozen."""


@dataclass(frozen=True, kw_only=True)
class _List:
    """A frozen list's outline, and where in bytes its stored pieces end."""

    outline: Outline
    ends: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Logged:
    """A freeze, and how it stands in the log."""

    freeze: Event
    leaf: LeafPath
    checkpoint: Note
    read_at: datetime


class Receipts:
    """Makes receipts, and keeps what those of one contest have in common."""

    def __init__(self, rt: Runtime, *, most_entries: int = MOST_ENTRIES) -> None:
        self._rt = rt
        self._most_entries = most_entries
        self._lists: OrderedDict[UUID, _List] = OrderedDict()
        self._logged: OrderedDict[UUID, _Logged] = OrderedDict()
        self._making = asyncio.Lock()

    @property
    def kept(self) -> int:
        """Entries of the lists whose outlines are kept."""
        return sum(each.outline.count for each in self._lists.values())

    async def make(self, contest: Contest, entrant_id: UUID) -> bytes | None:
        """Return the receipt of an entry.

        None while there is no signed freeze, for an entry that is not in the list, and for one
        whose opening was erased. Raises AlteredListError. No connection is held while another
        request reads the list.
        """
        logged = await self._in_log(contest)
        if logged is None:
            return None
        list_ = await self._list(contest, logged.freeze)
        async with self._rt.pool.acquire() as conn:
            key = (contest.workspace_id, contest.id, entrant_id)
            opening = await entrants.opening_of(conn, *key)
            if opening is None:
                return None
            place = await _place(conn, contest, list_, opening.commitment)
        if place is None:
            return None
        return make_receipt(
            _opened(contest, opening),
            place.weight,
            entry=place.leaf,
            freeze=logged.freeze,
            event=logged.leaf,
            checkpoint=logged.checkpoint,
        )

    async def _in_log(self, contest: Contest) -> _Logged | None:
        now = self._rt.clock()
        known = self._logged.get(contest.id)
        if known is not None and now - known.read_at < FRESH:
            return known
        async with self._rt.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
            found = await _read_logged(conn, contest, now=now)
        if found is not None:
            self._logged[contest.id] = found
            self._logged.move_to_end(contest.id)
            if len(self._logged) > 1000:
                self._logged.popitem(last=False)
        return found

    async def _list(self, contest: Contest, freeze: Event) -> _List:
        async with self._making:
            list_ = self._lists.get(contest.id)
            if list_ is None:
                async with self._rt.pool.acquire() as conn:
                    list_ = await _read_list(conn, contest, freeze)
                self._lists[contest.id] = list_
            self._lists.move_to_end(contest.id)
            while len(self._lists) > 1 and self.kept > self._most_entries:
                self._lists.popitem(last=False)
        return list_


async def _place(
    conn: Connection, contest: Contest, list_: _List, commitment: bytes
) -> Place | None:
    """Look for an entry where it has to stand: in one stored piece, or at the end of one."""
    number = list_.outline.block_of(commitment)
    if number < 0:
        return None
    start = number * BLOCK * LEAF_SIZE
    end = min(start + BLOCK * LEAF_SIZE, list_.ends[-1])
    block = b""
    while start < end:
        seq = bisect_right(list_.ends, start)
        begin = list_.ends[seq - 1] if seq else 0
        size = min(end, list_.ends[seq]) - start
        block += await receipts.entries_slice(conn, contest, seq, start=start - begin, size=size)
        start += size
    return list_.outline.place(commitment, number, block)


def _opened(contest: Contest, opening: entrants.Opening) -> Opening:
    return Opening(
        contest=str(contest.id),
        entry=str(opening.entrant_id),
        label=opening.label,
        subject=opening.subject,
        salt=opening.salt.hex(),
    )


async def _read_list(conn: Connection, contest: Contest, freeze: Event) -> _List:
    """Make a list's outline, in a thread, since a million entries take a second."""
    builder, sizes = OutlineBuilder(), []
    async for piece in proof.chunks(conn, contest.workspace_id, contest.id, "entries"):
        await asyncio.to_thread(builder.add, piece)
        sizes.append(len(piece))
    outline = builder.finish()
    frozen: Freeze = freeze.body
    if outline.root.hex() != frozen.entries.root:
        raise AlteredListError(f"the list of contest {contest.id}")
    return _List(outline=outline, ends=tuple(accumulate(sizes)))


async def _read_logged(conn: Connection, contest: Contest, *, now: datetime) -> _Logged | None:
    logged = await receipts.logged_freeze(conn, contest)
    if logged is None:
        return None
    found = await receipts.vouched(conn, logged.log, above=logged.index)
    if found is None:
        return None
    path = await log_tree.inclusion_path(conn, logged.log, index=logged.index, size=found.size)
    return _Logged(
        freeze=events.parse(logged.line),
        leaf=LeafPath(index=logged.index, path=path),
        checkpoint=_cosigned(found),
        read_at=now,
    )


def _cosigned(found: receipts.Vouched) -> Note:
    """The checkpoint with as many lines of witnesses as one string holds."""
    encoded = found.note
    for line in found.cosigned:
        longer = encoded + f"{line}\n".encode()
        encoded = longer if len(longer) <= MAX_STRING else encoded
    return notes.parse_note(encoded)
