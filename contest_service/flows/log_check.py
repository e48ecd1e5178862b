"""Check: re-read everything that the log rests on, and say what was altered, dropped or forked.

Reads the database as it is, in one consistent read, and believes none of it: events against their
hashes and each other, leaves against events, stored hashes against leaves, checkpoints against
hashes, and all of it against what is remembered outside. Holds a batch at a time.
"""

from collections.abc import AsyncIterator, Iterator

import msgspec

from contest_service.flows.log_tree import Growth
from contest_service.flows.signer import LogKeyError, Signer, SigningKey
from contest_service.proof import events, notes, timestamps
from contest_service.proof.errors import ProofError
from contest_service.proof.events import EventType
from contest_service.proof.notes import Checkpoint, KeyKind, Note
from contest_service.store import log as store
from contest_service.store import log_rows, vouchers
from contest_service.store.log import Log, Node, Signed
from contest_service.store.log_rows import EventRow, LeafRow
from contest_service.store.rows import Connection


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not as it was written: where, and what."""

    where: str
    what: str


async def check_logs(conn: Connection, signer: Signer | None) -> AsyncIterator[Finding]:
    """Yield whatever is wrong, in the order of the log; nothing if all is as it was.

    Without a signer, the signatures and the files beside the key are left out.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        async for finding in _check_events(conn):
            yield finding
        for log in Log:
            async for finding in _check_log(conn, log, signer):
                yield finding


async def _check_events(conn: Connection) -> AsyncIterator[Finding]:
    """Every contest's chain, and that each event stands in the log once."""
    before: EventRow | None = None
    async for row in log_rows.events(conn):
        if before is not None and before.contest_id != row.contest_id:
            before = None
        for what in _event_faults(row, before):
            yield Finding(where=f"contest {row.contest_id}, event {row.seq}", what=what)
        before = row


def _event_faults(row: EventRow, before: EventRow | None) -> Iterator[str]:
    if row.index is None:
        yield "it does not stand in the log"
    if row.seq != (0 if before is None else before.seq + 1):
        yield "an event before it is gone"
    if events.hash_of_line(row.line) != row.hash:
        yield "its bytes are not those that were hashed"
    try:
        event = events.parse(row.line)
    except ProofError as error:
        yield f"it cannot be read: {error.message}"
        return
    told = (event.contest, event.seq, event.type, event.at)
    if told != (str(row.contest_id), row.seq, row.type, row.at):
        yield "it is not what its row says"
    if event.prev != (bytes(32) if before is None else before.hash).hex():
        yield "it does not follow the event before it"
    if (event.seq == 0) != (event.type is EventType.RULES):
        yield "a contest begins with its rules, and only that"


async def _check_log(conn: Connection, log: Log, signer: Signer | None) -> AsyncIterator[Finding]:
    reading = _Reading(log, signer)
    for finding in reading.recall():
        yield finding
    head = await store.head_size(conn, log)
    extent = await log_rows.extent(conn, log)
    for what in reading.extent_faults(head, extent):
        yield Finding(where=f"{log} log", what=what)
    for start in range(0, max(head, extent.leaves), store.BATCH):
        async for finding in _check_batch(conn, reading, start):
            yield finding
    for finding in reading.finish():
        yield finding


async def _check_batch(conn: Connection, reading: "_Reading", start: int) -> AsyncIterator[Finding]:
    log, end = reading.log, start + store.BATCH
    leaves = await log_rows.leaves(conn, log, start, end)
    checkpoints = await store.checkpoints_between(conn, log, after=start, until=end)
    for finding in reading.leaves(leaves, checkpoints, start):
        yield finding
    for level in range(end.bit_length()):
        row = {"first": start >> level, "end": end >> level}
        stored = await log_rows.hashes(conn, log, level, **row)
        for finding in reading.hashes(level, stored, **row):
            yield finding
    async for finding in _check_vouchers(conn, reading, checkpoints):
        yield finding
    reading.forget()


async def _check_vouchers(
    conn: Connection, reading: "_Reading", checkpoints: list[Signed]
) -> AsyncIterator[Finding]:
    """What witnesses and authorities said of some checkpoints, as it was kept."""
    if not checkpoints:
        return
    limits = {"first": checkpoints[0].size, "last": checkpoints[-1].size}
    texts = {each.size: _text(each) for each in checkpoints}
    for cosignature in await vouchers.cosignatures(conn, reading.log, **limits):
        if not _is_cosigned(texts.get(cosignature.size), cosignature):
            where = reading.place(cosignature.size)
            yield Finding(where=where, what="the cosignature of a witness does not hold")
    for stamp in await vouchers.stamps(conn, reading.log, **limits):
        if not _is_stamped(texts.get(stamp.size), stamp):
            yield Finding(
                where=reading.place(stamp.size), what=f"the timestamp of {stamp.authority} is none"
            )


def _text(signed: Signed) -> bytes | None:
    try:
        return notes.parse_note(signed.note).text
    except ProofError:
        return None


def _is_cosigned(text: bytes | None, cosignature: vouchers.Cosignature) -> bool:
    if text is None:
        return False
    try:
        note = notes.parse_note(text + b"\n" + cosignature.line.encode() + b"\n")
        key = notes.parse_key(cosignature.witness)
        return notes.find_cosignature(note, key) == cosignature.time
    except ProofError:
        return False


def _is_stamped(text: bytes | None, stamp: vouchers.Stamp) -> bool:
    try:
        return text is not None and timestamps.read(stamp.response, text).time == stamp.time
    except ProofError:
        return False


class _Reading:
    """A log as it is read from its first leaf on: what must stand in the database beside it."""

    def __init__(self, log: Log, signer: Signer | None) -> None:
        self.log = log
        self._signer = signer
        self._growth = Growth(0, [])
        self._computed: dict[Node, bytes] = {}
        """Subtrees that became whole in this batch."""
        self._is_torn = False
        """Whether events are gone, so that nothing can be computed over those behind."""
        self._checkpoint = 0
        """The size of the last checkpoint that was read."""
        self._signed_size = 0
        self._remembered: Checkpoint | None = None
        self._root_then: bytes | None = None
        """The root at the size that is remembered outside."""

    def place(self, size: int) -> str:
        """Name a checkpoint."""
        return f"{self.log} log, checkpoint {size}"

    def recall(self) -> Iterator[Finding]:
        """Look at what is remembered outside the database."""
        try:
            if self._signer is not None:
                self._remembered = self._signer.memory.recall(self.log)
        except LogKeyError as error:
            yield Finding(where=f"{self.log} log", what=error.message)

    def extent_faults(self, head: int, extent: log_rows.Extent) -> Iterator[str]:
        """Compare how far each table reaches."""
        signed = self._signed_size = extent.signed
        if extent.leaves != head:
            yield f"its head says {head} events, and it has {extent.leaves}"
        if extent.hashed != signed or extent.hashes != 2 * signed - signed.bit_count():
            yield f"{signed} events are signed, and others are hashed"
        if signed > extent.leaves:
            yield f"{signed} events were signed, and it has {extent.leaves}"

    def leaves(
        self, rows: list[LeafRow], checkpoints: list[Signed], start: int
    ) -> Iterator[Finding]:
        """Take the next leaves, and the checkpoints that end among them."""
        ending = {each.size: each for each in checkpoints}
        expected = start
        for row in rows:
            where = f"{self.log} log, event {row.index}"
            if row.index != expected:
                self._is_torn = True
                yield Finding(
                    where=where, what=f"what stood before it, from {expected} on, is gone"
                )
            expected = row.index + 1
            yield from (Finding(where=where, what=what) for what in self._leaf_faults(row))
            self._take(row)
            if expected in ending:
                yield from self.checkpoint(ending.pop(expected))
        for size in ending:
            yield Finding(where=self.place(size), what="the log does not reach to it")

    def _take(self, row: LeafRow) -> None:
        if self._is_torn:
            return
        self._computed.update(self._growth.add(row.leaf))
        if self._remembered is not None and self._growth.size == self._remembered.size:
            self._root_then = self._growth.root

    def _leaf_faults(self, row: LeafRow) -> Iterator[str]:
        if row.line is None:
            yield f"event {row.seq} of contest {row.contest_id}, which it stands for, is gone"
            return
        if row.practice is not (self.log is Log.PRACTICE):
            yield f"contest {row.contest_id} belongs into the other log"
        hash_ = events.hash_of_line(row.line)
        if events.log_leaf(str(row.contest_id), row.seq, hash_) != row.leaf:
            yield f"it is not event {row.seq} of contest {row.contest_id}"

    def checkpoint(self, signed: Signed) -> Iterator[Finding]:
        """Compare a checkpoint with the events up to it."""
        where = self.place(signed.size)
        if signed.before != self._checkpoint:
            what = f"the one of {signed.before} events, which was signed before it, is gone"
            yield Finding(where=where, what=what)
        self._checkpoint = signed.size
        if not self._is_torn and signed.root != self._growth.root:
            yield Finding(where=where, what="the events are not those that were signed")
        yield from (Finding(where=where, what=what) for what in self._note_faults(signed))

    def _note_faults(self, signed: Signed) -> Iterator[str]:
        try:
            note = notes.parse_note(signed.note)
            checkpoint = notes.parse_checkpoint(note.text)
        except ProofError as error:
            yield f"it cannot be read: {error.message}"
            return
        if (checkpoint.size, checkpoint.root) != (signed.size, signed.root):
            yield "its note says something else than its row"
        if not self._is_signed(note, checkpoint):
            yield "the log did not sign it"

    def _is_signed(self, note: Note, checkpoint: Checkpoint) -> bool:
        """Whether the log's signature holds, also under a name that it had before.

        Where that name had another key, only that a signature of that name is there.
        """
        if self._signer is None:
            return True
        present = self._signer.key(self.log, checkpoint)
        key = SigningKey(name=checkpoint.origin, private=present.private)
        try:
            if notes.find_log_signature(note, key.verifier(KeyKind.LOG)):
                return True
        except ProofError:
            return False
        names = {line.name for line in note.signatures}
        return checkpoint.origin in names - {present.name}

    def hashes(
        self, level: int, stored: dict[int, bytes], *, first: int, end: int
    ) -> Iterator[Finding]:
        """Compare the stored hashes of one level that became whole in this batch."""
        for index in range(first, end):
            where = f"{self.log} log, hash {index} of level {level}"
            if (index + 1) << level <= self._signed_size and index not in stored:
                yield Finding(where=where, what="it is gone")
                continue
            computed = self._computed.get((level, index))
            if index in stored and stored[index] != computed and not self._is_torn:
                yield Finding(where=where, what="it is not that of its events")

    def forget(self) -> None:
        """Be done with a batch."""
        self._computed.clear()

    def finish(self) -> Iterator[Finding]:
        """Compare with what is remembered outside the database."""
        remembered = self._remembered
        if remembered is None or self._is_torn:
            return
        where = f"{self.log} log, the file beside its key"
        if remembered.size > self._growth.size:
            what = f"{remembered.size} events were signed, and there are {self._growth.size}"
            yield Finding(where=where, what=what)
        elif self._root_then != remembered.root:
            yield Finding(where=where, what=f"other events were signed at {remembered.size}")
        elif remembered.size > self._signed_size:
            yield Finding(where=where, what=f"the checkpoint {remembered.size} is gone")
