"""The log's Merkle tree over stored hashes: roots, paths and proofs at any size that was signed.

Everything is a handful of perfect subtrees, so nothing here reads leaves.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from contest_service.proof import merkle
from contest_service.store import log as store
from contest_service.store.log import Log, Node
from contest_service.store.rows import Connection

Range: TypeAlias = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


class MissingHashError(Exception):
    """A hash that should be stored is not."""


async def peaks(conn: Connection, log: Log, size: int) -> list[bytes]:
    """The roots of the perfect subtrees of the first `size` leaves, from left to right.

    Raises MissingHashError.
    """
    nodes = list(_nodes((0, size)))
    found = await store.hashes(conn, log, nodes)
    return [_found(found, node) for node in nodes]


async def root(conn: Connection, log: Log, size: int) -> bytes:
    """The root over the first `size` leaves. Raises MissingHashError."""
    return merkle.root_of_peaks(await peaks(conn, log, size))


async def consistency_proof(conn: Connection, log: Log, *, old: int, size: int) -> list[bytes]:
    """RFC 6962's proof that the log of `size` leaves extends that of `old` leaves.

    Empty for an empty old log. Raises MissingHashError.
    """
    ranges = list(_consistency((0, size), old, is_old_root=True)) if 0 < old < size else []
    return await _hashes(conn, log, ranges)


async def inclusion_path(conn: Connection, log: Log, *, index: int, size: int) -> list[bytes]:
    """RFC 6962's path from a leaf to the root over `size` leaves. Raises MissingHashError."""
    return await _hashes(conn, log, list(_inclusion((0, size), index)))


async def _hashes(conn: Connection, log: Log, ranges: Sequence[Range]) -> list[bytes]:
    wanted = [list(_nodes(each)) for each in ranges]
    found = await store.hashes(conn, log, [node for nodes in wanted for node in nodes])
    return [merkle.root_of_peaks([_found(found, node) for node in nodes]) for nodes in wanted]


def _found(found: dict[Node, bytes], node: Node) -> bytes:
    try:
        return found[node]
    except KeyError:
        level, index = node
        raise MissingHashError(f"the hash {index} of level {level}") from None


def _nodes(leaves: Range) -> Iterator[Node]:
    """The perfect subtrees of a range that begins where RFC 6962 may begin one of its length."""
    start, end = leaves
    for size in merkle.peak_sizes(end - start):
        yield size.bit_length() - 1, start // size
        start += size


def _consistency(leaves: Range, old: int, *, is_old_root: bool) -> Iterator[Range]:
    """RFC 6962, section 2.1.2; `old` counts from where the range begins."""
    start, end = leaves
    if old == end - start:
        if not is_old_root:
            yield leaves
        return
    middle = start + _half(end - start)
    if start + old <= middle:
        yield from _consistency((start, middle), old, is_old_root=is_old_root)
        yield (middle, end)
    else:
        yield from _consistency((middle, end), start + old - middle, is_old_root=False)
        yield (start, middle)


def _inclusion(leaves: Range, index: int) -> Iterator[Range]:
    """RFC 6962, section 2.1.1, nearest sibling first."""
    start, end = leaves
    if end - start == 1:
        return
    middle = start + _half(end - start)
    if index < middle:
        yield from _inclusion((start, middle), index)
        yield (middle, end)
    else:
        yield from _inclusion((middle, end), index)
        yield (start, middle)


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


class Growth:
    """Leaves that are added to a log, and the subtrees that become whole by them."""

    def __init__(self, size: int, known: Sequence[bytes]) -> None:
        """Begin after `size` leaves, whose perfect subtrees are `known`."""
        self.size = size
        self._peaks = list(known)

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        return merkle.root_of_peaks(self._peaks)

    def add(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Append a leaf's data; return what is whole now, from the leaf's own hash upwards."""
        hash_, level, index = merkle.leaf_hash(leaf), 0, self.size
        whole = [((level, index), hash_)]
        while index & 1:
            hash_ = merkle.node_hash(self._peaks.pop(), hash_)
            level, index = level + 1, index >> 1
            whole.append(((level, index), hash_))
        self._peaks.append(hash_)
        self.size += 1
        return whole
