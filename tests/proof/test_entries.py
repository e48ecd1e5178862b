"""Commitments, the frozen list and openings."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.canonical import encode, lines, sha256, tag
from contest_service.proof.entries import (
    EntryList,
    Identity,
    Opening,
    SummaryBuilder,
    check_openings,
    commit,
    leaf,
    parse_opening,
)
from contest_service.proof.errors import EntryError, ProofError
from contest_service.proof.merkle import root
from proof import contests
from proof.given import VECTORS, WHOLE, Case

weights = st.lists(st.integers(1, 9), max_size=30)
text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_commits_to_the_given_identity() -> None:
    given_commit = VECTORS["primitives"]["commit"]
    opening = parse_opening(encode(given_commit["opening"]))
    assert opening.commitment.hex() == given_commit["commit"]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_commits_to_every_given_entry(case: Case) -> None:
    opened = [parse_opening(line) for line in lines(case.openings or [])]
    assert [o.commitment.hex() for o in opened] == case.expected["commitments"]


@given(text, text, text | st.just(""), text, st.binary(min_size=32, max_size=32))
def test_a_commitment_is_the_hash_of_its_canonical_identity(
    contest: str, entry: str, label: str, subject: str, salt: bytes
) -> None:
    identity = Identity(contest=contest, entry=entry, label=label, subject=subject)
    plain = {"contest": contest, "entry": entry, "label": label, "subject": subject}
    assert commit(identity, salt) == sha256(tag("entry") + salt + encode(plain))


@pytest.mark.parametrize("label", ["a" * 4096, "\0" * 4096])
def test_a_long_label_is_committed_to_and_a_longer_one_refused(label: str) -> None:
    identity = Identity(contest="c", entry="e", label=label, subject="s")
    commit(identity, bytes(32))
    with pytest.raises(ProofError):
        commit(msgspec.structs.replace(identity, label=label + "a"), bytes(32))


@pytest.mark.parametrize("field", ["contest", "entry", "subject"])
def test_an_identity_has_no_empty_id(field: str) -> None:
    identity = Identity(contest="c", entry="e", label="", subject="s")
    commit(identity, bytes(32))
    with pytest.raises(EntryError, match="not empty"):
        commit(msgspec.structs.replace(identity, **{field: ""}), bytes(32))


def test_a_lone_surrogate_or_a_short_salt_is_refused() -> None:
    with pytest.raises(ProofError, match="surrogate"):
        commit(Identity(contest="c", entry="e", label="\ud800", subject="s"), bytes(32))
    with pytest.raises(EntryError, match="32 bytes"):
        commit(Identity(contest="c", entry="e", label="", subject="s"), bytes(31))


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_summarises_the_given_lists(case: Case) -> None:
    summary = EntryList.parse(case.entries).summary
    assert summary.root == case.expected["root"]
    assert summary.sha256 == case.expected["entries_sha256"]


@given(weights, st.data())
def test_a_summary_does_not_depend_on_how_chunks_are_cut(
    held: list[int], data: st.DataObject
) -> None:
    entries = contests.entry_list(held)
    whole = bytes(entries.data)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    builder = SummaryBuilder()
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        builder.add(whole[start:end])
    summary = builder.finish()
    assert summary == entries.summary
    assert summary.count == len(held)
    assert summary.weight == sum(held)
    assert builder.heaviest == max(held, default=0)
    leaves = [whole[at : at + 36] for at in range(0, len(whole), 36)]
    assert bytes.fromhex(summary.root) == root(leaves)


LOW, HIGH = b"\1" * 32, b"\2" * 32


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (leaf(HIGH, 1) + leaf(LOW, 1), "not_ascending"),
        (leaf(LOW, 1) + leaf(LOW, 1), "not_ascending"),
        (leaf(LOW, 1) + leaf(LOW, 2), "not_ascending"),
        (leaf(LOW, 0), "bad_weight"),
        (leaf(LOW, 1)[:-1], "bad_size"),
        (leaf(LOW, 1) + b"\0", "bad_size"),
        (leaf(LOW, 10**7 + 1), "too_many_tickets"),
        (leaf(LOW, 10**7) + leaf(HIGH, 1), "too_many_tickets"),
    ],
)
@pytest.mark.parametrize("step", [1, 36, 1000])
def test_refuses_a_list_that_does_not_hold(data: bytes, code: str, step: int) -> None:
    def summarise() -> None:
        builder = SummaryBuilder()
        for start in range(0, len(data), step):
            builder.add(data[start : start + step])
        builder.finish()

    with pytest.raises(EntryError) as refusal:
        summarise()
    assert refusal.value.code == code


@given(weights, st.binary(min_size=32, max_size=32))
def test_finds_every_listed_commitment_and_no_other(held: list[int], stranger: bytes) -> None:
    entries = contests.entry_list(held)
    listed = [commitment for commitment, _ in entries]
    assert [entries.index(commitment) for commitment in listed] == list(range(len(held)))
    assert entries.index(stranger) is None
    assert bytes(32) not in entries
    assert b"\xff" * 32 not in entries


def opened(*openings: Opening) -> list[bytes]:
    return [encode(opening) + b"\n" for opening in openings]


def test_any_subset_may_be_opened() -> None:
    entries = contests.entry_list([1, 1, 1])
    first, last = contests.opening(0), contests.opening(2)
    found = check_openings(opened(last, first), contest=contests.CONTEST, entries=entries)
    assert found == {last.commitment: 1, first.commitment: 2}
    assert check_openings([], contest=contests.CONTEST, entries=entries) == {}


def relabelled(number: int, **changes: str) -> Opening:
    return msgspec.structs.replace(contests.opening(number), **changes)


@pytest.mark.parametrize(
    ("openings", "code"),
    [
        ([contests.opening(3)], "unknown_opening"),
        ([relabelled(0, label="Anna")], "unknown_opening"),
        ([relabelled(0, salt="00" * 32)], "unknown_opening"),
        ([relabelled(0, salt="0" * 63)], "bad_salt"),
        ([relabelled(0, salt="A" * 64)], "bad_salt"),
        ([relabelled(0, subject="")], "empty_identity"),
        ([contests.opening(0, contest="another")], "foreign_opening"),
        ([contests.opening(0), contests.opening(0)], "opened_twice"),
        ([contests.opening(0), relabelled(1, entry="e0")], "opened_twice"),
        ([contests.opening(0), relabelled(1, subject="vk:0")], "opened_twice"),
    ],
)
def test_refuses_openings_that_do_not_hold(openings: list[Opening], code: str) -> None:
    with pytest.raises(EntryError) as refusal:
        check_openings(
            opened(*openings), contest=contests.CONTEST, entries=contests.entry_list([1, 1])
        )
    assert refusal.value.code == code


LINE = encode(contests.opening(0))


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"entry"', b'"other"'),
        LINE.replace(b'{"contest"', b'{"a":1,"contest"'),
        LINE.replace(b'"Ann 0"', b'"Ann 0" '),
        LINE.replace(b'"Ann 0"', b"1"),
        LINE.replace(b'"Ann 0"', b"null"),
        LINE.replace(b'"Ann 0"', b'"\\u0041nn 0"'),
        LINE.replace(b'"Ann 0"', b'"' + b"a" * 4097 + b'"'),
        LINE.replace(b'"label"', b'"entry":"x","label"'),
        b"[]",
        b"\xef\xbb\xbf" + LINE,
        b"",
    ],
)
def test_refuses_openings_of_another_shape_or_spelling(line: bytes) -> None:
    with pytest.raises(ProofError):
        parse_opening(line)
