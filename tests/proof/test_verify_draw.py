"""The standalone verifier's list, tree and draw, against the specification said naively."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proof.generated import load_verifier, merkle, ticket

verifier = load_verifier()
SEED = sha256(b"seed").digest()
WEIGHTS = st.lists(st.integers(1, 6), max_size=40)


def entries_of(weights: list[int]) -> Any:
    leaves = [sha256(b"%d" % n).digest() + w.to_bytes(4, "big") for n, w in enumerate(weights)]
    return verifier.Entries(bytearray(b"".join(sorted(leaves))))


def leaves_of(entries: Any) -> list[bytes]:
    return [bytes(entries.data[k : k + 36]) for k in range(0, len(entries.data), 36)]


def order_of(entries: Any) -> list[tuple[bytes, bytes]]:
    pairs = [(leaf[:32], int.from_bytes(leaf[32:], "big")) for leaf in leaves_of(entries)]
    return sorted((ticket(SEED, commit, weight), commit) for commit, weight in pairs)


@given(WEIGHTS, st.integers(1, 7), st.sets(st.integers(0, 39)))
def test_the_ranking_is_the_sorted_list_whatever_the_batch(
    weights: list[int], batch: int, gone: set[int]
) -> None:
    entries = entries_of(weights)
    excluded = bytearray(int(k in gone) for k in range(entries.count))
    out = {leaves_of(entries)[k][:32] for k in gone if k < entries.count}
    ranking = verifier.Ranking(entries, SEED, excluded, batch)
    expected = [item for item in order_of(entries) if item[1] not in out]
    assert [ranking.next() for _ in expected] == expected
    assert ranking.next() is None


@given(
    WEIGHTS,
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.lists(st.integers(0, 39), unique=True),
)
def test_succession_takes_the_next_of_the_same_order(
    weights: list[int], winners: list[int], dropped: list[int]
) -> None:
    entries = entries_of(weights)
    tiers = [{"id": f"t{k}", "winners": count} for k, count in enumerate(winners)]
    draw = verifier.Draw(entries, SEED, bytearray(entries.count), tiers)
    waiting = [commit.hex() for _, commit in order_of(entries)]
    slots: list[str | None] = [waiting.pop(0) if waiting else None for _ in range(sum(winners))]
    assert [slot.get("commit") for slot in draw.initial] == slots
    later = [leaves_of(entries)[k][:32].hex() for k in dropped if k < entries.count]
    for commit in later:
        if commit in waiting:
            waiting.remove(commit)
        if commit in slots:
            slots[slots.index(commit)] = waiting.pop(0) if waiting else None
    draw.settle([(commit, "x") for commit in later])
    assert [slot.get("commit") for slot in draw.final] == slots
    assert [slot["tier"] for slot in draw.final] == [slot["tier"] for slot in draw.initial]


@pytest.mark.parametrize("block", [1, 2, 8])
@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_tree_in_blocks_is_the_tree_of_the_rfc(block: int, leaves: list[bytes]) -> None:
    blocks = (leaves[k : k + block] for k in range(0, len(leaves), block))
    assert verifier.merkle_root(blocks) == merkle(leaves)


@given(WEIGHTS)
def test_a_commitment_is_found_where_it_stands_and_no_other_is(weights: list[int]) -> None:
    entries = entries_of(weights)
    for index, leaf in enumerate(leaves_of(entries)):
        assert entries.find(leaf[:32]) == index
        assert entries.find(leaf[1:33]) == -1
    assert entries.weight(6) == sum(weights)


@given(WEIGHTS, st.integers(0, 38))
def test_two_entries_in_the_wrong_order_are_refused(weights: list[int], place: int) -> None:
    leaves = leaves_of(entries_of(weights))
    if place + 1 >= len(leaves):
        return
    leaves[place], leaves[place + 1] = leaves[place + 1], leaves[place]
    with pytest.raises(verifier.Refused, match="entries-order"):
        verifier.Entries(bytearray(b"".join(leaves))).weight(6)


@given(st.lists(st.text(max_size=3), max_size=60))
def test_a_repeated_value_is_noticed(values: list[str]) -> None:
    seen = verifier.Distinct()
    for value in values:
        seen.add(value)
    assert (seen.repeated() is not None) == (len(set(values)) < len(values))
