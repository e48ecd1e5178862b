"""The log's slice: all leaves from a contest's first event to a checkpoint (section 7.2).

Gives the log's root at every size on the way and shows that the contest's events in the log are
exactly the given ones. Reads the leaves as a stream; whose log it is, is `grade`'s question.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

import msgspec

from contest_service.proof import merkle
from contest_service.proof.canonical import MAX_INT, VERSION, decode, encode
from contest_service.proof.errors import SliceError
from contest_service.proof.shapes import Count, Hash, Shape, Version

LEAF_SIZE = 68
"""Bytes of a log leaf: hash of the contest, number of the event, event hash."""
MAX_SLICE = 360_000_000
"""Bytes of slice.bin."""
MAX_HEAD = 1 << 20
"""Bytes of slice.json."""

_CONTEST_SIZE = 32


class Slice(Shape, frozen=True, kw_only=True):
    """Where the slice begins, and the log before it: the content of slice.json."""

    v: Version
    first: Count
    """The index of the first leaf."""
    left: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=MAX_INT.bit_length())]
    """The roots of the perfect subtrees over the leaves before it, from left to right."""


def slice_bytes(first: int, left: Sequence[bytes]) -> bytes:
    """Return the bytes of slice.json."""
    return encode(Slice(v=VERSION, first=first, left=tuple(hash_.hex() for hash_ in left)))


def parse_slice(data: bytes) -> Slice:
    """Read slice.json. Raises CanonicalError or SliceError."""
    if len(data) > MAX_HEAD:
        raise SliceError("too_large", f"slice.json has more than {MAX_HEAD} bytes.")
    try:
        parsed = msgspec.convert(decode(data), Slice)
    except msgspec.ValidationError as error:
        raise SliceError("bad_slice", f"slice.json has another shape: {error}.") from error
    if len(parsed.left) != len(merkle.peak_sizes(parsed.first)):
        message = "slice.json does not hold one hash for each subtree on the left."
        raise SliceError("bad_left", message)
    return parsed


class CheckedSlice(msgspec.Struct, frozen=True, kw_only=True):
    """What a clean slice says."""

    indices: list[int]
    """Where in the log each of the contest's events stands."""
    root: bytes | None
    """At the further size that was asked for; None where the slice does not reach it."""


def check_slice(
    head: Slice,
    chunks: Iterable[bytes],
    *,
    roots: Mapping[int, bytes],
    events: Sequence[bytes],
    also: int | None = None,
) -> CheckedSlice:
    """Check the leaves of slice.bin.

    `roots` are the checkpoints' by size, at least one; `events` is the leaf data of the contest's
    events, at least one; `also` is a further size at which the root is wanted. Raises SliceError
    unless the slice ends with the largest size, gives every root, and is clean: the contest's
    leaves in it are exactly `events`, in order, the first at its beginning.
    """
    sizes = sorted(roots)
    if sizes[0] <= head.first:
        raise SliceError("early_checkpoint", "A checkpoint ends before the contest begins.")
    wanted = None
    if also is not None and head.first < also <= sizes[-1]:
        sizes = sorted({*sizes, also})
    tree = merkle.RootBuilder(head.first, [bytes.fromhex(hash_) for hash_ in head.left])
    found = _Found(events)
    size = head.first
    for leaves in _cut(_whole(chunks), size, sizes):
        found.search(leaves, size)
        tree.extend(leaves[at : at + LEAF_SIZE] for at in range(0, len(leaves), LEAF_SIZE))
        size += len(leaves) // LEAF_SIZE
        if size in roots and tree.root() != roots[size]:
            raise SliceError("other_root", f"The slice has another root at size {size}.")
        if size == also:
            wanted = tree.root()
    if size != sizes[-1]:
        raise SliceError("other_size", "The slice ends before the largest checkpoint.")
    return CheckedSlice(indices=found.finish(head.first), root=wanted)


class _Found:
    """Finds a contest's leaves among others."""

    def __init__(self, events: Sequence[bytes]) -> None:
        self._events = events
        self._contest = events[0][:_CONTEST_SIZE]
        self._indices: list[int] = []

    def search(self, leaves: bytes, index: int) -> None:
        """Look through whole leaves, of which the first stands at `index` in the log."""
        at = leaves.find(self._contest)
        while at >= 0:
            if at % LEAF_SIZE == 0:
                self._add(leaves[at : at + LEAF_SIZE], index + at // LEAF_SIZE)
            at = leaves.find(self._contest, at + 1)

    def _add(self, leaf: bytes, index: int) -> None:
        known = len(self._indices)
        if known == len(self._events) or self._events[known] != leaf:
            message = f"The log holds an event of the contest at {index} that is not in the chain."
            raise SliceError("not_clean", message)
        self._indices.append(index)

    def finish(self, first: int) -> list[int]:
        """Return where the events stand. Raises SliceError if one is missing."""
        if len(self._indices) != len(self._events):
            raise SliceError("not_clean", "The log does not hold every event of the chain.")
        if self._indices[0] != first:
            raise SliceError(
                "not_clean", "The slice does not begin with the contest's first event."
            )
        return self._indices


def _whole(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole leaves, however the chunks are cut."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % LEAF_SIZE
        rest = data[whole:]
        if whole:
            yield data[:whole]
    if rest:
        raise SliceError("bad_size", f"The slice is not a multiple of {LEAF_SIZE} bytes.")


def _cut(pieces: Iterable[bytes], size: int, sizes: Sequence[int]) -> Iterator[bytes]:
    """Cut leaves, of which the first makes a log larger than `size`, at each of `sizes`."""
    for piece in pieces:
        at = 0
        while at < len(piece):
            place = bisect_right(sizes, size)
            if place == len(sizes):
                raise SliceError("other_size", "The slice goes on after the largest checkpoint.")
            end = min(len(piece), at + (sizes[place] - size) * LEAF_SIZE)
            yield piece[at:end]
            size += (end - at) // LEAF_SIZE
            at = end
