"""An outline of the frozen list: enough of its tree to prove any entry by a look at 32 of them.

The list is cut into blocks of 32 entries, whole subtrees but for the last. Kept are each block's
first commitment and the hashes from the blocks' roots upwards: 3 bytes an entry, so that a million
of them take 3 MB. Section 8.9 says what a path is for.
"""

import struct
from bisect import bisect_right

import msgspec

from contest_service.proof.entries import LEAF_SIZE
from contest_service.proof.merkle import EMPTY_ROOT, leaf_hash, node_hash
from contest_service.proof.receipts import LeafPath

BLOCK = 32
"""Entries: a power of two, so that a full block is a full subtree."""

_COMMITMENT = 32
_HASH = 32
_WEIGHT = struct.Struct(">I")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands, with its weight."""

    weight: int
    leaf: LeafPath


class OutlineBuilder:
    """Makes an outline of `entries.bin` while its bytes arrive; chunks may be cut anywhere."""

    def __init__(self) -> None:
        self._rest = b""
        self._firsts = bytearray()
        self._roots = bytearray()
        self._count = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        data, size = self._rest + chunk, BLOCK * LEAF_SIZE
        whole = len(data) - len(data) % size
        for start in range(0, whole, size):
            self._take(data[start : start + size])
        self._rest = data[whole:]

    def finish(self) -> "Outline":
        """Return the outline of what was added."""
        if self._rest:
            self._take(self._rest)
        levels = [bytes(self._roots)]
        while len(levels[-1]) > _HASH:
            levels.append(_above(levels[-1]))
        return Outline(self._count, bytes(self._firsts), levels)

    def _take(self, block: bytes) -> None:
        self._firsts += block[:_COMMITMENT]
        self._roots += _levels(block)[-1][0]
        self._count += len(block) // LEAF_SIZE


class Outline:
    """What is known of a frozen list without its entries."""

    def __init__(self, count: int, firsts: bytes, levels: list[bytes]) -> None:
        self.count = count
        self._firsts = firsts
        self._levels = levels

    @property
    def root(self) -> bytes:
        """RFC 6962's hash over all entries."""
        return self._levels[-1] or EMPTY_ROOT

    def block_of(self, commitment: bytes) -> int:
        """Return the number of the only block in which a commitment can stand; -1 for none."""
        blocks = range(len(self._firsts) // _COMMITMENT)
        return bisect_right(blocks, commitment, key=self._first) - 1

    def place(self, commitment: bytes, number: int, block: bytes) -> Place | None:
        """Return where an entry stands, given its block's bytes; None if it does not."""
        inside = _find(block, commitment)
        if inside is None:
            return None
        path = _path([b"".join(level) for level in _levels(block)], inside)
        leaf = LeafPath(index=number * BLOCK + inside, path=path + _path(self._levels, number))
        at = inside * LEAF_SIZE + _COMMITMENT
        return Place(weight=_WEIGHT.unpack_from(block, at)[0], leaf=leaf)

    def _first(self, number: int) -> bytes:
        return self._firsts[number * _COMMITMENT : (number + 1) * _COMMITMENT]


def _find(block: bytes, commitment: bytes) -> int | None:
    for start in range(0, len(block), LEAF_SIZE):
        if block.startswith(commitment, start):
            return start // LEAF_SIZE
    return None


def _levels(block: bytes) -> list[list[bytes]]:
    """The hashes of a block's tree, from its leaves to its root."""
    leaves = range(0, len(block), LEAF_SIZE)
    levels = [[leaf_hash(block[start : start + LEAF_SIZE]) for start in leaves]]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        odd = below[-1:] if len(below) % 2 else []
        levels.append([node_hash(left, right) for left, right in pairs] + odd)
    return levels


def _above(level: bytes) -> bytes:
    """The level above, in which an odd last node stands for itself."""
    pairs = range(0, len(level) - _HASH, 2 * _HASH)
    joined = [
        node_hash(level[start : start + _HASH], level[start + _HASH : start + 2 * _HASH])
        for start in pairs
    ]
    odd = [level[-_HASH:]] if len(level) // _HASH % 2 else []
    return b"".join(joined + odd)


def _path(levels: list[bytes], index: int) -> list[bytes]:
    """The siblings of a node and of those above it, as far as they have one."""
    path = []
    for level in levels[:-1]:
        start = (index ^ 1) * _HASH
        if start < len(level):
            path.append(level[start : start + _HASH])
        index >>= 1
    return path
