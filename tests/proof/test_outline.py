"""An outline of the frozen list proves every entry, as the whole tree would."""

from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contest_service.proof import merkle
from contest_service.proof.entries import LEAF_SIZE, leaf
from contest_service.proof.outline import BLOCK, Outline, OutlineBuilder

SIZES = (0, 1, 2, 3, 31, 32, 33, 64, 127, 128, 129, 1000, 4097)
MOST_WEIGHT = 2**32 - 1


def digest_of(what: object) -> bytes:
    return sha256(str(what).encode()).digest()


def entries(count: int) -> list[tuple[bytes, int]]:
    """Commitments in order, with weights that differ."""
    commitments = sorted(digest_of(number) for number in range(count))
    return [(each, each[0] + 1) for each in commitments]


def outlined(data: bytes, *, chunk: int = 29_000 * LEAF_SIZE) -> Outline:
    builder = OutlineBuilder()
    for start in range(0, len(data), chunk):
        builder.add(data[start : start + chunk])
    return builder.finish()


def block_of(data: bytes, number: int) -> bytes:
    size = BLOCK * LEAF_SIZE
    return data[number * size : (number + 1) * size]


@pytest.mark.parametrize("count", SIZES)
def test_every_entry_is_placed_as_in_the_whole_tree(count: int) -> None:
    listed = entries(count)
    leaves = [leaf(*each) for each in listed]
    data, root = b"".join(leaves), merkle.root(leaves)
    outline = outlined(data)
    assert (outline.count, outline.root) == (count, root)
    hashes = [merkle.leaf_hash(each) for each in leaves]
    for index in range(0, count, max(1, count // 200)):
        commitment, weight = listed[index]
        number = outline.block_of(commitment)
        place = outline.place(commitment, number, block_of(data, number))
        assert place is not None
        assert (place.leaf.index, place.weight) == (index, weight)
        assert list(place.leaf.path) == merkle.inclusion_proof(hashes, index)


@given(st.sets(st.binary(min_size=32, max_size=32), max_size=300), st.integers(1, 5000))
@example({bytes(32), b"\xff" * 32}, 1)
def test_chunks_may_be_cut_anywhere(commitments: set[bytes], chunk: int) -> None:
    leaves = [leaf(each, MOST_WEIGHT) for each in sorted(commitments)]
    outline = outlined(b"".join(leaves), chunk=chunk)
    assert outline.root == merkle.root(leaves)
    for index, each in enumerate(leaves):
        number = outline.block_of(each[:32])
        place = outline.place(each[:32], number, block_of(b"".join(leaves), number))
        assert place is not None
        assert place.leaf.leads(each, len(leaves), outline.root)
        assert (place.leaf.index, place.weight) == (index, MOST_WEIGHT)


@pytest.mark.parametrize("count", SIZES)
def test_what_is_not_in_the_list_has_no_place(count: int) -> None:
    data = b"".join(leaf(*each) for each in entries(count))
    outline = outlined(data)
    for commitment in (bytes(32), b"\xff" * 32, digest_of("nobody")):
        number = outline.block_of(commitment)
        assert number < 0 or outline.place(commitment, number, block_of(data, number)) is None
