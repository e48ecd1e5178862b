"""RFC 6962 trees against the reference values and a naive oracle."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof import merkle
from contest_service.proof.merkle import (
    RootBuilder,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from proof.given import VECTORS, WHOLE, Case

REFERENCE = VECTORS["external"]["rfc6962"]
LEAVES = [bytes.fromhex(leaf) for leaf in REFERENCE["leaves"]]

trees = st.integers(1, 70).map(lambda size: [f"leaf {at}".encode() for at in range(size)])


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    both = naive_root(leaves[:half]) + naive_root(leaves[half:])
    return hashlib.sha256(b"\x01" + both).digest()


@pytest.mark.parametrize("size", range(9))
def test_gives_the_reference_roots(size: int) -> None:
    assert root(LEAVES[:size]).hex() == REFERENCE["roots"][size]


def test_hashes_leaves_and_nodes_as_the_reference_does() -> None:
    assert leaf_hash(b"").hex() == REFERENCE["empty_leaf_hash"]
    assert leaf_hash(b"L123456").hex() == REFERENCE["leaf_L123456"]
    assert node_hash(b"N123", b"N456").hex() == REFERENCE["node_N123_N456"]


@pytest.mark.parametrize("size", [*range(20), 1023, 1024, 1025, 2048, 3000, 5121])
def test_gives_the_naive_root_at_every_size(size: int) -> None:
    leaves = [at.to_bytes(4, "big") for at in range(size)]
    assert root(iter(leaves)) == naive_root(leaves)


@given(st.lists(st.integers(0, 1500), max_size=5))
def test_the_root_does_not_depend_on_how_leaves_arrive(sizes: list[int]) -> None:
    tree = RootBuilder()
    leaves: list[bytes] = []
    for size in sizes:
        more = [at.to_bytes(4, "big") for at in range(len(leaves), len(leaves) + size)]
        tree.extend(more)
        leaves += more
        assert tree.root() == root(leaves)


@given(trees, st.data())
def test_an_inclusion_proof_leads_to_the_root_and_only_from_its_leaf(
    leaves: list[bytes], data: st.DataObject
) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(-1, len(leaves) + 1))
    path = inclusion_proof(hashes, index)
    top = naive_root(leaves)

    def leads(at: int, *, leaf: bytes = hashes[index], path: list[bytes] = path) -> bool:
        return verify_inclusion(leaf, index=at, size=len(leaves), path=path, root=top)

    assert leads(index)
    assert leads(other) == (other == index)
    assert not leads(index, leaf=bytes(32))
    assert not leads(index, path=[*path, bytes(32)])
    assert not path or not leads(index, path=path[:-1])


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_gives_the_expected_inclusion_paths(case: Case) -> None:
    hashes = [leaf_hash(case.entries[at : at + 36]) for at in range(0, len(case.entries), 36)]
    for expected in case.expected["inclusion"]:
        path = [bytes.fromhex(step) for step in expected["proof"]]
        assert inclusion_proof(hashes, expected["index"]) == path


@given(trees, st.data())
def test_a_consistency_proof_shows_that_leaves_were_only_appended(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(0, len(leaves)))
    proof = consistency_proof([leaf_hash(leaf) for leaf in leaves], old_size)
    old, new = naive_root(leaves[:old_size]), naive_root(leaves)

    def holds(*, old: bytes = old, new: bytes = new, proof: list[bytes] = proof) -> bool:
        return verify_consistency(
            old_size=old_size, old_root=old, size=len(leaves), root=new, proof=proof
        )

    assert holds()
    assert not holds(old=bytes(32))
    assert not holds(new=bytes(32)) or old_size == 0
    assert not holds(proof=[*proof, bytes(32)])
    assert not proof or not holds(proof=proof[:-1])


def test_there_is_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(IndexError):
        inclusion_proof([], 0)
    with pytest.raises(IndexError):
        consistency_proof([merkle.EMPTY_ROOT], 2)
