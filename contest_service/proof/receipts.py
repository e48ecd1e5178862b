"""What an entrant holds: a promise before the freeze, a receipt after it (section 8.9).

Makes both, and checks each by itself. What one comes to beside a bundle is `held`'s question.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from contest_service.proof import events, merkle
from contest_service.proof.canonical import VERSION, decode, encode, tag
from contest_service.proof.entries import MAX_WEIGHT, Opening, leaf, parse_opening
from contest_service.proof.errors import ProofError, ReceiptError
from contest_service.proof.events import Event, EventType
from contest_service.proof.notes import (
    KeyKind,
    Note,
    VerifierKey,
    parse_checkpoint,
    parse_key,
    parse_note,
    public_of,
    require_signed,
    sign,
)
from contest_service.proof.shapes import Count, Hash, Name, Shape, Time, Version

MAX_RECEIPT = 1 << 20
"""Bytes of a promise or a receipt."""

_PROMISE_TAG = tag("promise")
_PROMISED = struct.Struct(">32sIQ")
_Weight = Annotated[int, msgspec.Meta(ge=1, le=MAX_WEIGHT)]


class Promise(Shape, frozen=True, kw_only=True, tag_field="kind", tag="promise"):
    """An entry is valid and will stand in the list, unless a later verdict says otherwise."""

    v: Version
    contest: Name
    commit: Hash
    weight: _Weight
    time: Time
    log: str
    """The verifier key of the operator's log."""
    signature: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{128}\Z")]


class Receipt(Shape, frozen=True, kw_only=True, tag_field="kind", tag="receipt"):
    """An entry stands in the frozen list, and the freeze stands in the log."""

    v: Version
    opening: dict[str, Any]
    weight: _Weight
    index: Count
    path: tuple[Hash, ...]
    freeze: dict[str, Any]
    log_index: Count
    log_path: tuple[Hash, ...]
    checkpoint: Name


_Written = Promise | Receipt
"""Told apart by `kind`."""


class ReadReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt with what lies in it."""

    written: Receipt
    opening: Opening
    event: Event
    event_hash: bytes

    @property
    def weight(self) -> int:
        """The entry's number of tickets, as it says."""
        return self.written.weight


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a promise or a receipt, sound by itself, says."""

    contest: str
    commitment: bytes
    weight: int
    promised_by: VerifierKey | None = None
    """Whose promise it is; None of a receipt."""
    freeze_hash: bytes | None = None
    checkpoint: Note | None = None


class LeafPath(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf's place in a tree, and the path from it to the root."""

    index: int
    path: Sequence[bytes]

    def leads(self, data: bytes, size: int, root: bytes) -> bool:
        """Tell whether leaf data stands here in the tree of this size and root."""
        return merkle.verify_inclusion(
            merkle.leaf_hash(data), index=self.index, size=size, path=self.path, root=root
        )


def make_promise(
    private: bytes, name: str, *, contest: str, commitment: bytes, weight: int, time: int
) -> bytes:
    """Return the bytes of a promise, signed with the seed of the log `name`'s key."""
    signed = sign(private, name, _promised(commitment, weight, time))
    key = VerifierKey(name=name, kind=KeyKind.LOG, public=public_of(private))
    return encode(
        Promise(
            v=VERSION,
            contest=contest,
            commit=commitment.hex(),
            weight=weight,
            time=time,
            log=key.text,
            signature=signed.signature.hex(),
        )
    )


def make_receipt(
    opening: Opening,
    weight: int,
    *,
    entry: LeafPath,
    freeze: Event,
    event: LeafPath,
    checkpoint: Note,
) -> bytes:
    """Return the bytes of a receipt.

    `entry` is the leaf's place in the frozen list, `event` that of the freeze in the log under
    `checkpoint`. Raises CanonicalError if the checkpoint is longer than a string may be.
    """
    return encode(
        Receipt(
            v=VERSION,
            opening=msgspec.to_builtins(opening),
            weight=weight,
            index=entry.index,
            path=tuple(hash_.hex() for hash_ in entry.path),
            freeze=msgspec.to_builtins(freeze),
            log_index=event.index,
            log_path=tuple(hash_.hex() for hash_ in event.path),
            checkpoint=checkpoint.encoded.decode(),
        )
    )


def parse_held(data: bytes) -> Promise | ReadReceipt:
    """Read a promise or a receipt. Raises ProofError for another shape of it or in it."""
    if len(data) > MAX_RECEIPT:
        raise ReceiptError("too_large", f"The receipt has more than {MAX_RECEIPT} bytes.")
    plain = decode(data)
    try:
        written: Promise | Receipt = msgspec.convert(plain, _Written)
    except msgspec.ValidationError as error:
        raise ReceiptError("bad_receipt", f"This is no promise and no receipt: {error}.") from error
    if isinstance(written, Promise):
        return written
    line = encode(written.freeze)
    return ReadReceipt(
        written=written,
        opening=parse_opening(encode(written.opening)),
        event=events.parse(line),
        event_hash=events.hash_of_line(line),
    )


def checkpoint_size(data: bytes) -> int | None:
    """Return how long the log was at a receipt's checkpoint; None for anything else."""
    try:
        held = parse_held(data)
        if isinstance(held, Promise):
            return None
        return parse_checkpoint(parse_note(held.written.checkpoint.encode()).text).size
    except ProofError:
        return None


def check_held(held: Promise | ReadReceipt) -> Claim:
    """Check what a promise or a receipt says by itself. Raises ProofError."""
    return _promise(held) if isinstance(held, Promise) else _receipt(held)


def _promise(promise: Promise) -> Claim:
    key = parse_key(promise.log)
    if key.kind is not KeyKind.LOG:
        raise ReceiptError("other_key_type", "The promise's key is not a log's.")
    commitment = bytes.fromhex(promise.commit)
    message = _promised(commitment, promise.weight, promise.time)
    require_signed(key.public, bytes.fromhex(promise.signature), message)
    return Claim(
        contest=promise.contest,
        commitment=commitment,
        weight=promise.weight,
        promised_by=key,
    )


def _receipt(receipt: ReadReceipt) -> Claim:
    written, opening, event = receipt.written, receipt.opening, receipt.event
    if event.type is not EventType.FREEZE or event.contest != opening.contest:
        raise ReceiptError("other_freeze", "The receipt's event is no freeze of its contest.")
    frozen = event.body.entries
    path = _leaf_path(written.index, written.path)
    data = leaf(opening.commitment, written.weight)
    if not path.leads(data, frozen.count, bytes.fromhex(frozen.root)):
        raise ReceiptError("bad_path", "The path does not lead to the root of the freeze.")
    note = parse_note(written.checkpoint.encode())
    checkpoint = parse_checkpoint(note.text)
    path = _leaf_path(written.log_index, written.log_path)
    data = events.log_leaf(event.contest, event.seq, receipt.event_hash)
    if not path.leads(data, checkpoint.size, checkpoint.root):
        raise ReceiptError("bad_log_path", "The path does not lead to the root of the log.")
    return Claim(
        contest=opening.contest,
        commitment=opening.commitment,
        weight=written.weight,
        freeze_hash=receipt.event_hash,
        checkpoint=note,
    )


def _leaf_path(index: int, path: Iterable[str]) -> LeafPath:
    return LeafPath(index=index, path=[bytes.fromhex(hash_) for hash_ in path])


def _promised(commitment: bytes, weight: int, time: int) -> bytes:
    return _PROMISE_TAG + _PROMISED.pack(commitment, weight, time)
