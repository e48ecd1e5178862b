"""The draw against the given facts, a naive oracle, and chance itself."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.canonical import lines
from contest_service.proof.draw import Ranking, Slots, draw_slots, seed, ticket
from contest_service.proof.entries import EntryList
from contest_service.proof.events import Slot, event_hash, parse
from proof import contests
from proof.given import VECTORS, WHOLE, Case

SEED = hashlib.sha256(b"a seed").digest()

lists = st.lists(st.integers(1, 6), max_size=12).map(contests.entry_list)


@pytest.mark.parametrize("given_ticket", VECTORS["primitives"]["ticket"])
def test_gives_the_given_tickets(given_ticket: dict[str, object]) -> None:
    seed_, commitment = (bytes.fromhex(str(given_ticket[key])) for key in ("seed", "commit"))
    weight = given_ticket["weight"]
    assert isinstance(weight, int)
    assert ticket(seed_, commitment, weight).hex() == given_ticket["ticket"]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_gives_the_expected_seeds_and_order(case: Case) -> None:
    events = [parse(line) for line in lines([case.events])]
    freeze = next(event for event in events if event.type == "freeze")
    entries = EntryList.parse(case.entries)
    for number, order in enumerate(case.expected["ranking"]):
        seed_ = seed(bytes.fromhex(case.expected["randomness"]), event_hash(freeze), number)
        assert seed_.hex() == case.expected["seeds"][number]
        ranking = Ranking(entries, seed_)
        got = [[ranked.ticket.hex(), ranked.commitment.hex()] for ranked in ranking]
        assert got == order


def naive_order(entries: EntryList, seed_: bytes) -> list[tuple[bytes, bytes]]:
    """Section 6, as it is written there."""
    order = []
    for commitment, weight in entries:
        tickets = [
            hashlib.sha256(
                b"drawproof/1 ticket\0" + seed_ + commitment + j.to_bytes(4, "big")
            ).digest()
            for j in range(weight)
        ]
        order.append((min(tickets), commitment))
    return sorted(order)


@given(lists, st.integers(0, 20))
def test_the_order_is_the_naive_one_however_much_is_expected(
    entries: EntryList, expect: int
) -> None:
    ranking = Ranking(entries, SEED, expect=expect)
    got = [(ranked.ticket, ranked.commitment) for ranked in ranking]
    assert got == naive_order(entries, SEED)
    for outside in (-1, len(entries)):
        with pytest.raises(IndexError):
            ranking[outside]


def test_a_long_order_is_found_in_steps() -> None:
    entries = contests.entry_list([1] * 700)
    ranking = Ranking(entries, SEED)
    order = naive_order(entries, SEED)
    for place in (0, 1, 70, 400, 699):
        assert (ranking[place].ticket, ranking[place].commitment) == order[place]


def naive_slots(
    tiers: Sequence[int], order: Sequence[bytes], before: Sequence[bytes], after: Sequence[bytes]
) -> list[bytes | None]:
    """Slots after all disqualifications, by scanning the whole order each time."""
    out, used = set(before), set()

    def best() -> bytes | None:
        for commitment in order:
            if commitment not in out and commitment not in used:
                used.add(commitment)
                return commitment
        return None

    slots = [best() for _ in range(sum(tiers))]
    for commitment in after:
        out.add(commitment)
        if commitment in slots:
            slots[slots.index(commitment)] = best()
    return slots


@given(lists, st.lists(st.integers(1, 3), min_size=1, max_size=3), st.data())
def test_slots_and_succession_are_the_naive_ones(
    entries: EntryList, tiers: list[int], data: st.DataObject
) -> None:
    order = [commitment for _, commitment in naive_order(entries, SEED)]
    out = data.draw(st.lists(st.sampled_from(order), unique=True)) if order else []
    cut = data.draw(st.integers(0, len(out)))
    [rules] = contests.draws(tiers)
    gone = out[:cut]
    slots = Slots(rules, Ranking(entries, SEED), disqualified=gone)
    for commitment in out[cut:]:
        gone.append(commitment)
        slots.disqualify(commitment, gone)
    expected = naive_slots(tiers, order, out[:cut], out[cut:])
    listed = slots.listed()
    assert [slot.commit and bytes.fromhex(slot.commit) for slot in listed] == expected
    assert [slot.tier for slot in listed] == [
        f"tier{number}" for number, winners in enumerate(tiers) for _ in range(winners)
    ]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_the_order_does_not_depend_on_where_an_entry_stands(
    held: list[int],
) -> None:
    entries = contests.entry_list(held)
    whole = [(r.ticket, r.commitment) for r in Ranking(entries, SEED)]
    kept = EntryList.parse(
        b"".join(bytes(entries.data[at : at + 36]) for at in range(0, 36 * len(entries), 72))
    )
    remaining = {commitment for commitment, _ in kept}
    assert [(r.ticket, r.commitment) for r in Ranking(kept, SEED)] == [
        ranked for ranked in whole if ranked[1] in remaining
    ]


def test_draws_are_independent_and_one_entry_may_win_in_each() -> None:
    entries = contests.entry_list([1])
    both = draw_slots(
        contests.draws([1], [1]),
        entries,
        randomness=SEED,
        freeze_hash=SEED,
        disqualified=(),
    )
    [first], [second] = (slots.listed() for slots in both)
    assert first.commit == second.commit
    assert first.ticket != second.ticket


def test_too_few_entries_leave_empty_slots() -> None:
    [slots] = draw_slots(
        contests.draws([1, 1]),
        contests.entry_list([1]),
        randomness=SEED,
        freeze_hash=SEED,
        disqualified=(),
    )
    holder, empty = slots.listed()
    assert holder.commit
    assert empty == Slot(tier="tier1")
