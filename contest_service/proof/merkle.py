"""RFC 6962 Merkle trees: root, inclusion and consistency.

Leaf `H(00|data)`, node `H(01|left|right)`, `H("")` for none. The root is computed as leaves come,
with one hash kept per level; proofs take leaf hashes. Knows nothing about what the leaves mean.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_sha256 = hashlib.sha256
_BLOCK = 1024
"""Leaves hashed level by level at once: a power of two, so that a full block is a full subtree."""

EMPTY_ROOT = _sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf's data."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them."""
    return _sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the tree hash over leaf data, read once and never held as a whole."""
    tree = RootBuilder()
    iterator = iter(leaves)
    while block := list(islice(iterator, _BLOCK)):
        tree.extend(block)
    return tree.root()


def peak_sizes(size: int) -> list[int]:
    """Return how many leaves each perfect subtree of a tree of `size` leaves has, left to right.

    One for each bit of `size` that is set, the highest first.
    """
    return [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, from left to right."""
    if not peaks:
        return EMPTY_ROOT
    *hashes, right = peaks
    while hashes:
        right = node_hash(hashes.pop(), right)
    return right


class RootBuilder:
    """Computes a root while leaves arrive. Memory: one block of leaves and one hash per level."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Begin with no leaf, or after `size` leaves of which only the subtrees are known.

        Raises ValueError unless there is one hash for each of `peak_sizes(size)`.
        """
        self._peaks = list(zip(peak_sizes(size), peaks, strict=True))
        """Full subtrees from left to right, each (leaves, hash), leaves strictly falling."""
        self._pending: list[bytes] = []
        self._unaligned = -size % _BLOCK
        """Leaves until the next block begins."""

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf data."""
        self._pending.extend(leaves)
        singly = min(self._unaligned, len(self._pending))
        for leaf in self._pending[:singly]:
            self._push(1, leaf_hash(leaf))
        self._unaligned -= singly
        full = len(self._pending) - (len(self._pending) - singly) % _BLOCK
        for start in range(singly, full, _BLOCK):
            self._push(_BLOCK, _fold(self._pending[start : start + _BLOCK]))
        del self._pending[:full]

    def root(self) -> bytes:
        """Return the root of what was appended so far."""
        hashes = [subtree for _, subtree in self._peaks]
        if self._pending:
            hashes.append(_fold(self._pending))
        return root_of_peaks(hashes)

    def peaks(self) -> list[bytes]:
        """Return the perfect subtrees of what was appended so far, from left to right."""
        hashes = [subtree for _, subtree in self._peaks]
        start = 0
        for size in peak_sizes(len(self._pending)):
            hashes.append(_fold(self._pending[start : start + size]))
            start += size
        return hashes

    def _push(self, leaves: int, subtree: bytes) -> None:
        while self._peaks and self._peaks[-1][0] == leaves:
            subtree = node_hash(self._peaks.pop()[1], subtree)
            leaves *= 2
        self._peaks.append((leaves, subtree))


def _fold(leaves: Sequence[bytes]) -> bytes:
    """Return the root over a few leaves, level by level.

    An odd last node moves up unchanged, which yields RFC 6962's shape: the left subtree is always
    the largest power of two below the size.
    """
    level = [_sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [_sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def _combine(hashes: Sequence[bytes]) -> bytes:
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(*pair) for pair in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path from leaf `index` to the root over `hashes`, nearest sibling first.

    RFC 6962, section 2.1.1. Raises IndexError if there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    if len(hashes) == 1:
        return []
    half = _half(len(hashes))
    left, right = hashes[:half], hashes[half:]
    if index < half:
        return [*inclusion_proof(left, index), _combine(right)]
    return [*inclusion_proof(right, index - half), _combine(left)]


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether `path` leads from the hash `leaf` at `index` to the root of `size` leaves.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the tree over the first `old_size` of `hashes` became the whole tree.

    RFC 6962, section 2.1.2. Empty where the old tree is empty or the same. Raises IndexError if the
    old tree is larger.
    """
    if not 0 <= old_size <= len(hashes):
        raise IndexError(old_size)
    if old_size == 0:
        return []
    return list(_subproof(hashes, old_size, is_old_root=True))


def _subproof(hashes: Sequence[bytes], old: int, *, is_old_root: bool) -> Iterator[bytes]:
    if old == len(hashes):
        if not is_old_root:
            yield _combine(hashes)
        return
    half = _half(len(hashes))
    if old <= half:
        yield from _subproof(hashes[:half], old, is_old_root=is_old_root)
        yield _combine(hashes[half:])
    else:
        yield from _subproof(hashes[half:], old - half, is_old_root=False)
        yield _combine(hashes[:half])


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether a tree of `old_size` leaves became one of `size` by appending only.

    RFC 9162, section 2.1.4.2.
    """
    if old_size == 0 or old_size == size:
        old_is_right = old_root == (EMPTY_ROOT if old_size == 0 else root)
        return old_is_right and not proof and 0 <= old_size <= size
    if not 0 < old_size < size:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old, new = path[0], path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _half(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
