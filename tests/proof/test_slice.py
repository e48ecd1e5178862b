"""The slice of the log: the roots that it gives, and the second freeze that it finds."""

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof import merkle
from contest_service.proof.errors import CanonicalError, SliceError
from contest_service.proof.slice import Slice, check_slice, parse_slice, slice_bytes
from proof import generated
from proof.witnessed import foreign, subtrees

CONTEST = sha256(b"ours").digest()


def own(seq: int) -> bytes:
    return CONTEST + seq.to_bytes(4, "big") + sha256(b"own %d" % seq).digest()


def leaves_of(count: int) -> list[bytes]:
    return [foreign(number) for number in range(count)]


@given(st.integers(0, 5000))
def test_the_sizes_of_the_peaks_are_the_bits_of_the_size(size: int) -> None:
    sizes = merkle.peak_sizes(size)
    assert sum(sizes) == size
    assert sizes == sorted({1 << bit for bit in range(13) if size >> bit & 1}, reverse=True)


@given(st.integers(0, 70), st.integers(0, 70))
def test_peaks_go_on_where_the_leaves_left_off(before: int, after: int) -> None:
    leaves = leaves_of(before + after)
    tree = merkle.RootBuilder(before, subtrees(leaves[:before]))
    for leaf in leaves[before:]:
        tree.extend([leaf])
    assert tree.root() == generated.merkle(leaves)
    assert tree.peaks() == subtrees(leaves)


@pytest.mark.parametrize("before", [1, 1000, 1023, 1024, 1025, 2049, 3000])
@pytest.mark.parametrize("after", [0, 1, 23, 24, 1024, 2100])
def test_peaks_go_on_across_blocks_of_leaves(before: int, after: int) -> None:
    leaves = leaves_of(before + after)
    tree = merkle.RootBuilder(before, subtrees(leaves[:before]))
    tree.extend(leaves[before:])
    assert tree.root() == generated.merkle(leaves)
    assert tree.peaks() == subtrees(leaves)


def test_peaks_of_another_size_are_refused() -> None:
    for size, count in ((3, 1), (4, 2), (0, 1), (7, 2)):
        with pytest.raises(ValueError, match="argument"):
            merkle.RootBuilder(size, [bytes(32)] * count)


class Case:
    """A log in which the contest has its events at `places`, all of it from the first on."""

    def __init__(self, places: Sequence[int] = (5, 6, 9), size: int = 12) -> None:
        self.leaves = leaves_of(size)
        for seq, place in enumerate(places):
            self.leaves[place] = own(seq)
        self.events = [own(seq) for seq in range(len(places))]
        self.first = places[0]
        self.sizes: Sequence[int] = (10, size)
        self.left = subtrees(self.leaves[: self.first])
        self.roots = {at: generated.merkle(self.leaves[:at]) for at in self.sizes}

    def check(self, cut: int = 50) -> list[int]:
        head = Slice(
            v="drawproof/1", first=self.first, left=tuple(hash_.hex() for hash_ in self.left)
        )
        data = b"".join(self.leaves[self.first :])
        checked = check_slice(head, self._chunks(data, cut), roots=self.roots, events=self.events)
        return checked.indices

    def _chunks(self, data: bytes, cut: int) -> Iterator[bytes]:
        return (data[at : at + cut] for at in range(0, len(data), cut))


@pytest.mark.parametrize("cut", [1, 67, 68, 69, 136, 10_000])
def test_tells_where_the_events_stand_however_the_file_is_read(cut: int) -> None:
    assert Case().check(cut) == [5, 6, 9]


@given(st.data())
def test_every_root_in_between_is_the_one_over_all_leaves(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 60))
    first = data.draw(st.integers(0, size - 1))
    case = Case((first,), size)
    sizes = data.draw(st.sets(st.integers(first + 1, size), max_size=8)) | {size}
    case.roots = {at: generated.merkle(case.leaves[:at]) for at in sizes}
    assert case.check(data.draw(st.integers(1, 300))) == [first]
    wrong = data.draw(st.sampled_from(sorted(sizes)))
    case.roots[wrong] = sha256(case.roots[wrong]).digest()
    with pytest.raises(SliceError, match="another root"):
        case.check()


def reroot(case: Case) -> None:
    """Let the operator sign what is there, so that the roots are not what is wrong."""
    sizes = [size for size in case.sizes if size < len(case.leaves)] + [len(case.leaves)]
    case.roots = {at: generated.merkle(case.leaves[:at]) for at in sizes}


def signed(change: Callable[[Case], object]) -> Callable[[Case], None]:
    def changed(case: Case) -> None:
        change(case)
        case.left = subtrees(case.leaves[: case.first])
        reroot(case)

    return changed


def second_freeze(case: Case) -> None:
    case.leaves[7] = own(1)[:36] + sha256(b"another list").digest()


def swap(case: Case) -> None:
    case.leaves[5], case.leaves[6] = case.leaves[6], case.leaves[5]


def begin_earlier(case: Case) -> None:
    case.first = 4


def begin_later(case: Case) -> None:
    case.first = 6


DEFECTS: dict[str, tuple[Callable[[Case], object], str]] = {
    "second freeze": (signed(second_freeze), "not_clean"),
    "an event twice": (signed(lambda case: case.leaves.__setitem__(10, own(2))), "not_clean"),
    "an event that the chain does not have": (
        signed(lambda case: case.leaves.__setitem__(11, own(3))),
        "not_clean",
    ),
    "an event missing": (signed(lambda case: case.leaves.__setitem__(9, foreign(1))), "not_clean"),
    "the last event after the end": (signed(lambda case: case.events.append(own(3))), "not_clean"),
    "events swapped": (signed(swap), "not_clean"),
    "begins before the first event": (signed(begin_earlier), "not_clean"),
    "begins after the first event": (signed(begin_later), "not_clean"),
    "a foreign leaf changed": (
        lambda case: case.leaves.__setitem__(7, foreign(99)),
        "other_root",
    ),
    "a wrong subtree on the left": (
        lambda case: case.left.__setitem__(0, bytes(32)),
        "other_root",
    ),
    "subtrees on the left swapped": (lambda case: case.left.reverse(), "other_root"),
    "an earlier checkpoint of another log": (
        lambda case: case.roots.__setitem__(10, bytes(32)),
        "other_root",
    ),
    "a leaf too few": (lambda case: case.leaves.pop(), "other_size"),
    "a leaf too many": (lambda case: case.leaves.append(foreign(50)), "other_size"),
    "half a leaf too many": (lambda case: case.leaves.append(b"x" * 34), "bad_size"),
    "a checkpoint at the first leaf": (
        lambda case: case.roots.__setitem__(5, generated.merkle(case.leaves[:5])),
        "early_checkpoint",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_refuses_a_slice_with_a_defect(defect: str) -> None:
    damage, code = DEFECTS[defect]
    case = Case()
    damage(case)
    with pytest.raises(SliceError) as refused:
        case.check()
    assert refused.value.code == code


def test_an_honest_slice_survives_being_signed_anew() -> None:
    case = Case()
    signed(lambda case: None)(case)
    assert case.check() == [5, 6, 9]


def test_the_hash_of_the_contest_across_two_leaves_is_no_event() -> None:
    case = Case()
    both = bytearray(case.leaves[7] + case.leaves[8])
    both[50:82] = CONTEST
    case.leaves[7:9] = [bytes(both[:68]), bytes(both[68:])]
    reroot(case)
    assert case.check() == [5, 6, 9]


def test_the_head_is_read_as_it_was_written() -> None:
    left = [bytes([n]) * 32 for n in range(3)]
    head = parse_slice(slice_bytes(7, left))
    assert (head.first, head.left) == (7, tuple(hash_.hex() for hash_ in left))
    assert slice_bytes(0, []) == b'{"first":0,"left":[],"v":"drawproof/1"}'


HEAD = {"v": "drawproof/1", "first": 1, "left": ["00" * 32]}
HEAD_DEFECTS = {
    "other version": HEAD | {"v": "drawproof/2"},
    "further key": HEAD | {"more": 1},
    "key missing": {"v": "drawproof/1", "first": 1},
    "first is text": HEAD | {"first": "1"},
    "hash in upper case": HEAD | {"left": ["AA" * 32]},
    "short hash": HEAD | {"left": ["00" * 31]},
    "a subtree too many": HEAD | {"left": ["00" * 32] * 2},
    "a subtree too few": HEAD | {"left": []},
}


@pytest.mark.parametrize("defect", HEAD_DEFECTS)
def test_refuses_a_head_with_a_defect(defect: str) -> None:
    with pytest.raises(SliceError):
        parse_slice(generated.jcs(HEAD_DEFECTS[defect]))


def test_refuses_a_head_that_is_not_canonical() -> None:
    for data in (json.dumps(HEAD).encode(), generated.jcs(HEAD) + b"\n", b"", b"[]x"):
        with pytest.raises(CanonicalError):
            parse_slice(data)
