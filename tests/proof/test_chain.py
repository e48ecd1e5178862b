"""Which event may follow which, to the second."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from contest_service.proof.beacon import QUICKNET
from contest_service.proof.canonical import lines
from contest_service.proof.chain import MAX_WINNERS, VOID_AFTER, Chain, State
from contest_service.proof.entries import EntryList
from contest_service.proof.errors import ProofError
from contest_service.proof.events import (
    Anchor,
    Body,
    Dq,
    EventType,
    Freeze,
    FrozenEntries,
    Result,
    Void,
    line,
    next_event,
    parse,
)
from proof import contests
from proof.contests import (
    CLOSES,
    CONTEST,
    DRAWS,
    GENESIS,
    ROUND,
    ROUND_TIME,
    append,
    disqualify,
    drawn,
    entry_list,
    frozen,
    running,
    sign,
)
from proof.given import WHOLE, Case

STRANGER = "00" * 32
FIRST = entry_list([1, 1, 1]).commitment(0).hex()


def refused(chain: Chain, type_: EventType, at: int, body: Body) -> str:
    """Return the code with which an event is refused, having seen that nothing changed."""
    before = snapshot(chain)
    with pytest.raises(ProofError) as refusal:
        append(chain, type_, at, body)
    assert snapshot(chain) == before
    return refusal.value.code


def snapshot(chain: Chain) -> tuple[Any, ...]:
    return (
        chain.state,
        chain.head,
        chain.rules_hash,
        chain.freeze,
        chain.result,
        chain.void,
        dict(chain.disqualified),
        chain.initial,
        chain.final,
    )


def voided() -> Chain:
    chain = running()
    append(chain, EventType.VOID, GENESIS, Void(reason="missed"))
    return chain


def closed() -> Chain:
    chain = voided()
    append(chain, EventType.CLOSE, GENESIS, "done")
    return chain


def empty() -> Chain:
    return Chain(CONTEST, entry_list([1, 1, 1]), practice=True)


def bodies(chain: Chain) -> dict[EventType, tuple[int, Body]]:
    """Return an event of every type that would do if the state allows it, with its time."""
    rules = contests.rules()
    freeze = chain.freeze_body() if chain.state is State.RUNNING else frozen().freeze
    result = drawn().result
    assert freeze is not None
    assert result is not None
    return {
        EventType.RULES: (GENESIS, rules),
        EventType.AMEND: (GENESIS, rules),
        EventType.FREEZE: (CLOSES, freeze),
        EventType.DQ: (CLOSES, Dq(commit=FIRST, reason="bot")),
        EventType.RESULT: (ROUND_TIME, result),
        EventType.VOID: (CLOSES, Void(reason="missed")),
        EventType.CLOSE: (ROUND_TIME, "done"),
    }


MAKERS = {
    State.EMPTY: empty,
    State.RUNNING: running,
    State.FROZEN: frozen,
    State.DRAWN: drawn,
    State.VOID: voided,
    State.CLOSED: closed,
}
ALLOWED = {
    (State.EMPTY, EventType.RULES): State.RUNNING,
    (State.RUNNING, EventType.AMEND): State.RUNNING,
    (State.RUNNING, EventType.FREEZE): State.FROZEN,
    (State.RUNNING, EventType.VOID): State.VOID,
    (State.FROZEN, EventType.DQ): State.FROZEN,
    (State.FROZEN, EventType.RESULT): State.DRAWN,
    (State.FROZEN, EventType.VOID): State.VOID,
    (State.DRAWN, EventType.DQ): State.DRAWN,
    (State.DRAWN, EventType.CLOSE): State.CLOSED,
    (State.VOID, EventType.CLOSE): State.CLOSED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("type_", EventType)
def test_only_these_events_may_stand_in_these_states(state: State, type_: EventType) -> None:
    chain = MAKERS[state]()
    at, body = bodies(chain)[type_]
    if (state, type_) in ALLOWED:
        append(chain, type_, at, body)
        assert chain.state is ALLOWED[state, type_]
    else:
        assert refused(chain, type_, at, body) == f"{type_}_not_allowed"


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_producing_a_given_contest_gives_its_bytes(case: Case) -> None:
    given_events = [parse(one) for one in lines([case.events])]
    chain = Chain(given_events[0].contest, EntryList.parse(case.entries))
    for event in given_events:
        body = event.body
        if isinstance(body, Freeze):
            body = chain.freeze_body()
        if isinstance(body, Result):
            body = chain.result_body(body.signature)
        assert line(append(chain, event.type, event.at, body)) == line(event)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"contest": "another"}, "foreign_event"),
        ({"seq": 0}, "bad_seq"),
        ({"seq": 2}, "bad_seq"),
        ({"prev": "00" * 32}, "bad_prev"),
        ({"at": GENESIS - 1}, "time_goes_back"),
    ],
)
def test_an_event_continues_the_chain(change: dict[str, Any], code: str) -> None:
    chain = running()
    event = next_event(chain.head, EventType.AMEND, contests.rules(), at=GENESIS)
    with pytest.raises(ProofError) as refusal:
        chain.extend(msgspec.structs.replace(event, **change))
    assert refusal.value.code == code
    chain.extend(event)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opens_at": CLOSES + 1}, "bad_schedule"),
        ({"closes_at": DRAWS + 1}, "bad_schedule"),
        ({"draws": contests.draws([MAX_WINNERS], [1])}, "too_many_winners"),
        ({"beacon": QUICKNET, "min_lead": 599}, "short_lead"),
        ({"beacon": contests.practice_beacon(period=4), "min_lead": -1}, "bad_integer"),
    ],
)
def test_rules_that_do_not_hold_are_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(empty(), EventType.RULES, GENESIS, contests.rules(**changes)) == code
    if "beacon" not in changes:
        assert refused(running(), EventType.AMEND, GENESIS, contests.rules(**changes)) == code


def test_tier_ids_are_unique_in_a_draw_and_only_there() -> None:
    [twice] = contests.draws([1, 1])
    tiers = (twice.tiers[0], twice.tiers[0])
    rules = contests.rules(draws=(msgspec.structs.replace(twice, tiers=tiers),))
    assert refused(empty(), EventType.RULES, GENESIS, rules) == "tier_twice"
    append(empty(), EventType.RULES, GENESIS, contests.rules(draws=contests.draws([1], [1])))


def test_a_contest_may_open_close_and_draw_in_one_second() -> None:
    rules = contests.rules(opens_at=DRAWS, closes_at=DRAWS)
    append(empty(), EventType.RULES, GENESIS, rules)


def test_a_real_contest_refuses_a_practice_beacon() -> None:
    chain = Chain(CONTEST, entry_list([1]))
    assert refused(chain, EventType.RULES, GENESIS, contests.rules()) == "foreign_beacon"
    append(chain, EventType.RULES, GENESIS, contests.rules(beacon=QUICKNET))
    assert not chain.is_practice
    assert running().is_practice


def test_rules_may_be_amended_until_the_draw_time_in_force() -> None:
    chain = running()
    later = contests.rules(draw_at=DRAWS + 100)
    append(chain, EventType.AMEND, DRAWS - 1, later)
    append(chain, EventType.AMEND, DRAWS + 99, later)
    assert refused(chain, EventType.AMEND, DRAWS + 100, later) == "late_amend"


def test_an_amendment_keeps_the_beacon() -> None:
    other = contests.rules(beacon=contests.practice_beacon(period=4))
    assert refused(running(), EventType.AMEND, GENESIS, other) == "beacon_amended"


def freeze_with(chain: Chain, **changes: Any) -> Freeze:
    return msgspec.structs.replace(chain.freeze_body(), **changes)


def test_the_list_is_frozen_between_the_close_and_the_lead() -> None:
    chain = running()
    latest = ROUND_TIME - 600
    assert refused(chain, EventType.FREEZE, CLOSES - 1, freeze_with(chain)) == "early_freeze"
    assert refused(chain, EventType.FREEZE, latest + 1, freeze_with(chain)) == "late_freeze"
    append(chain, EventType.FREEZE, latest, freeze_with(chain))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rules": STRANGER}, "foreign_rules"),
        ({"round": ROUND + 1}, "bad_round"),
        ({"round": ROUND - 1}, "bad_round"),
        ({"entries": FrozenEntries.of(entry_list([1, 1]).summary)}, "other_entries"),
        ({"anchor": Anchor(round=ROUND, signature=sign(ROUND))}, "late_anchor"),
        ({"anchor": Anchor(round=300, signature=sign(301))}, "bad_signature"),
        ({"anchor": Anchor(round=668, signature=sign(668))}, "late_anchor"),
    ],
)
def test_a_freeze_that_does_not_hold_is_refused(changes: dict[str, Any], code: str) -> None:
    chain = running()
    assert refused(chain, EventType.FREEZE, CLOSES, freeze_with(chain, **changes)) == code


def test_an_anchor_may_be_as_late_as_the_freeze() -> None:
    chain = running()
    round_ = contests.BEACON.first_round_at(CLOSES + 1) - 1
    anchor = Anchor(round=round_, signature=sign(round_))
    append(chain, EventType.FREEZE, CLOSES, chain.freeze_body(anchor=anchor, evidence="ab" * 32))
    assert chain.freeze is not None
    assert chain.freeze.evidence is not None


def test_an_entry_may_weigh_as_much_as_the_rules_allow() -> None:
    frozen([1, 5])
    chain = running([1, 6])
    assert refused(chain, EventType.FREEZE, CLOSES, chain.freeze_body()) == "over_max_weight"


def test_tickets_are_limited_over_all_draws() -> None:
    heavy = {"draws": contests.draws([1], [1]), "max_weight": 10**7}
    frozen([5 * 10**6], **heavy)
    chain = running([5 * 10**6, 1], **heavy)
    assert refused(chain, EventType.FREEZE, CLOSES, chain.freeze_body()) == "too_many_tickets"


def test_a_dq_before_the_result_stands_before_the_round() -> None:
    disqualify(frozen(), FIRST, ROUND_TIME - 1)
    late = Dq(commit=FIRST, reason="bot")
    assert refused(frozen(), EventType.DQ, ROUND_TIME, late) == "late_dq"
    disqualify(drawn(), FIRST, ROUND_TIME)


def test_only_a_frozen_entry_is_disqualified_and_only_once() -> None:
    chain = drawn()
    disqualify(chain, FIRST, ROUND_TIME)
    again, unknown = Dq(commit=FIRST, reason="bot"), Dq(commit=STRANGER, reason="bot")
    assert refused(chain, EventType.DQ, ROUND_TIME, again) == "second_dq"
    assert refused(chain, EventType.DQ, ROUND_TIME, unknown) == "unknown_dq"


def test_a_disqualified_winner_is_succeeded_and_the_others_stay() -> None:
    chain = drawn([1] * 6, draws=contests.draws([1, 2]))
    assert chain.initial is not None
    [before] = chain.initial
    assert before[1].commit is not None
    disqualify(chain, before[1].commit, ROUND_TIME)
    assert chain.final is not None
    [after] = chain.final
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1].tier == before[1].tier
    assert after[1].commit not in {slot.commit for slot in before}
    assert chain.initial == (before,)


def result_with(chain: Chain, **changes: Any) -> Result:
    return msgspec.structs.replace(chain.result_body(sign(ROUND)), **changes)


def test_the_result_stands_at_its_round_or_later() -> None:
    chain = frozen()
    assert refused(chain, EventType.RESULT, ROUND_TIME - 1, result_with(chain)) == "early_result"
    append(chain, EventType.RESULT, ROUND_TIME + 30 * 86400, result_with(chain))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"round": ROUND + 1, "signature": sign(ROUND + 1)}, "bad_round"),
        ({"signature": sign(ROUND + 1)}, "bad_signature"),
        ({"signature": ""}, "bad_encoding"),
        ({"randomness": STRANGER}, "bad_randomness"),
        ({"draws": ()}, "other_slots"),
        ({"draws": ((),)}, "other_slots"),
    ],
)
def test_a_result_that_does_not_hold_is_refused(changes: dict[str, Any], code: str) -> None:
    chain = frozen()
    body = result_with(chain, **changes)
    assert refused(chain, EventType.RESULT, ROUND_TIME, body) == code


def test_slots_in_another_order_or_of_another_entry_are_refused() -> None:
    chain = frozen()
    body = result_with(chain)
    [[first, second]] = body.draws
    disqualified = msgspec.structs.replace(first, commit=STRANGER)
    for slots in ([second, first], [disqualified, second], [first], [first, second, second]):
        other = msgspec.structs.replace(body, draws=(tuple(slots),))
        assert refused(chain, EventType.RESULT, ROUND_TIME, other) == "other_slots"


def test_a_frozen_contest_is_void_before_its_round_or_a_week_after_it() -> None:
    missed = Void(reason="missed")
    append(frozen(), EventType.VOID, ROUND_TIME - 1, missed)
    append(frozen(), EventType.VOID, ROUND_TIME + VOID_AFTER, missed)
    for late in (ROUND_TIME, ROUND_TIME + VOID_AFTER - 1):
        assert refused(frozen(), EventType.VOID, late, missed) == "late_void"
    append(running(), EventType.VOID, ROUND_TIME, missed)


@pytest.mark.parametrize("make", [empty, running, drawn, voided, closed])
def test_a_result_is_computed_of_a_frozen_contest_only(make: Callable[[], Chain]) -> None:
    with pytest.raises(ProofError, match="not frozen"):
        make().result_body(sign(ROUND))


def test_a_contest_with_nobody_in_it_draws_empty_slots() -> None:
    chain = drawn([])
    assert chain.final == chain.initial
    assert chain.initial is not None
    assert [slot.commit for slot in chain.initial[0]] == [None, None]
