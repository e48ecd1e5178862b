"""The line against the order itself, worked out the naive way."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.draw import Ranking, Slots, ticket
from contest_service.proof.entries import EntryList, leaf
from contest_service.proof.events import DrawRules, Tier
from contest_service.proof.line import BANDS, MOST_DOTS, NEAR, Held, Line, Mark, Positions, line_of

SEED = hashlib.sha256(b"a seed").digest()
WHOLE = 2**256

weights = st.lists(st.integers(1, 4), max_size=60)


def listed(each_weight: Sequence[int]) -> EntryList:
    commitments = sorted(hashlib.sha256(b"%d" % n).digest() for n in range(len(each_weight)))
    leaves = [leaf(c, w) for c, w in zip(commitments, each_weight, strict=True)]
    return EntryList.parse(b"".join(leaves))


def naive_order(entries: EntryList) -> list[tuple[bytes, bytes]]:
    """Every entry's lowest ticket and its commitment, in order."""
    return sorted((ticket(SEED, commitment, weight), commitment) for commitment, weight in entries)


def share(ticket_: bytes) -> float:
    return int.from_bytes(ticket_, "big") / WHOLE


def held(entries: EntryList, winners: int, out: Sequence[bytes] = ()) -> Held:
    """Who holds `winners` prizes after everybody in `out` fell one after the other."""
    rules = DrawRules(tiers=(Tier(id="a", prize="A", winners=winners),))
    slots = Slots(rules, Ranking(entries, SEED), disqualified=())
    drawn = [slot for slot in slots.listed() if slot.commit and slot.ticket]
    for number in range(len(out)):
        slots.disqualify(out[number], out[: number + 1])
    return Held(
        initial={bytes.fromhex(slot.commit) for slot in drawn if slot.commit},
        final={bytes.fromhex(slot.commit) for slot in slots.listed() if slot.commit},
        out=set(out),
        cut=max((bytes.fromhex(slot.ticket) for slot in drawn if slot.ticket), default=None),
    )


def everything(line: Line) -> int:
    stretches = [line.whole] + ([line.enlarged] if line.enlarged else [])
    return len(line.near) + sum(len(each.dots) + len(each.bands) for each in stretches)


@given(weights, st.integers(1, 20), st.data())
def test_places_are_the_order_of_the_protocol(
    each_weight: list[int], winners: int, data: st.DataObject
) -> None:
    entries = listed(each_weight)
    order = naive_order(entries)
    positions = Positions(entries, SEED)
    line = line_of(positions, held(entries, winners))
    assert [near.commitment for near in line.near] == [c.hex() for _, c in order[:NEAR]]
    assert line.whole.dots == pytest.approx([share(t) for t, _ in order], rel=1e-15)
    if order:
        place = data.draw(st.integers(0, len(order) - 1))
        own = positions.own(order[place][1])
        assert own is not None
        assert (own.place, own.ticket) == (place + 1, order[place][0].hex())


@given(weights, st.integers(1, 20), st.integers(0, 5))
def test_all_winners_and_nobody_else_stand_left_of_the_cut_off(
    each_weight: list[int], winners: int, fallen: int
) -> None:
    entries = listed(each_weight)
    order = naive_order(entries)
    out = [commitment for _, commitment in order[:fallen]]
    line = line_of(Positions(entries, SEED), held(entries, winners, out))
    won = min(winners, len(order))
    assert line.winners == won
    assert (line.cut is None) == (won == 0)
    for near in line.near:
        is_left = line.cut is not None and near.share <= line.cut
        assert is_left == (near.place <= won)
        match near.mark:
            case Mark.WINNER:
                assert is_left
            case Mark.SUCCESSOR | Mark.ALTERNATE:
                assert not is_left
            case Mark.OUT:
                assert bytes.fromhex(near.commitment) in out
    holding = [near for near in line.near if near.mark in (Mark.WINNER, Mark.SUCCESSOR)]
    assert len(holding) == min(won, len(order) - len(out))


@pytest.mark.parametrize("count", [0, 1, 10, MOST_DOTS, MOST_DOTS + 1, 30_000])
def test_every_entry_is_counted_once_and_the_picture_stays_small(count: int) -> None:
    entries = listed([1] * count)
    order = naive_order(entries)
    line = line_of(Positions(entries, SEED), held(entries, 3))
    assert line.whole.count == line.count == count
    for stretch in (line.whole, line.enlarged):
        if stretch is None:
            continue
        inside = [t for t, _ in order if share(t) <= stretch.end]
        assert stretch.count == len(inside)
        assert (len(stretch.dots) or sum(stretch.bands)) == stretch.count
        assert bool(stretch.bands) == (stretch.count > MOST_DOTS)
        assert len(stretch.bands) in (0, BANDS)
    assert everything(line) <= 2 * MOST_DOTS + NEAR


def test_many_winners_make_the_enlarged_end_a_density_too() -> None:
    entries = listed([1] * 8_000)
    line = line_of(Positions(entries, SEED), held(entries, 1_000))
    assert line.enlarged is not None
    assert line.enlarged.bands
    assert sum(line.enlarged.bands) == line.enlarged.count
    assert line.enlarged.count > line.winners


def test_who_is_not_in_the_list_has_no_place() -> None:
    assert Positions(listed([1] * 5), SEED).own(bytes(32)) is None


def test_tickets_alike_in_their_first_bytes_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("contest_service.proof.line._prefix", lambda ticket_: ticket_[0] >> 4)
    entries = listed([1] * 200)
    positions = Positions(entries, SEED)
    for place, (_, commitment) in enumerate(naive_order(entries), start=1):
        own = positions.own(commitment)
        assert own is not None
        assert own.place == place
