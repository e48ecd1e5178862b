"""Events: their bytes, hashes and leaves, and what may stand in them."""

import json
from typing import Any

import msgspec
import pytest

from contest_service.proof.canonical import MAX_LINE, decode, encode, lines
from contest_service.proof.errors import CanonicalError, EventError, ProofError
from contest_service.proof.events import (
    Dq,
    EventType,
    Head,
    Void,
    event_hash,
    line,
    log_leaf,
    longest_result,
    next_event,
    parse,
)
from proof import contests
from proof.given import CASES, WHOLE, Case


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_gives_the_expected_hashes_and_log_leaves(case: Case) -> None:
    events = [parse(one) for one in lines([case.events])]
    hashes = [event_hash(event) for event in events]
    assert [hash_.hex() for hash_ in hashes] == case.expected["event_hashes"]
    leaves = [log_leaf(e.contest, e.seq, hash_) for e, hash_ in zip(events, hashes, strict=True)]
    assert [leaf.hex() for leaf in leaves] == case.expected["log_leaves"]


@pytest.mark.parametrize("case", [c for c in CASES if c.exit != 1], ids=lambda case: case.name)
def test_writes_the_bytes_that_it_read(case: Case) -> None:
    for one in lines([case.events]):
        assert line(parse(one)) == one


def test_the_next_event_continues_the_chain_and_never_goes_back_in_time() -> None:
    first = next_event(Head.start("c"), EventType.RULES, contests.rules(), at=100)
    second = next_event(Head.of(first), EventType.VOID, Void(reason="missed"), at=99)
    assert (first.seq, first.prev, first.at) == (0, "0" * 64, 100)
    assert (second.seq, second.prev, second.at) == (1, event_hash(first).hex(), 100)


EVENTS: dict[str, dict[str, Any]] = {
    event.type: json.loads(line(event))
    for event in (parse(one) for case in WHOLE for one in lines([case.events]))
}
EVENTS["freeze"]["body"]["anchor"] = {"round": 1, "signature": ""}
EVENTS["freeze"]["body"]["evidence"] = {"sha256": "0" * 64}
EVENTS["void"] = EVENTS["close"] | {"type": "void", "body": {"reason": "missed"}}
EVENTS["amend"] = EVENTS["rules"] | {"type": "amend"}

# Where an object stands, and which of its keys may be absent.
OBJECTS = [
    *((type_, (), ()) for type_ in EVENTS),
    ("rules", ("body",), ()),
    ("amend", ("body",), ()),
    ("rules", ("body", "beacon"), ()),
    ("rules", ("body", "draws", 0), ()),
    ("rules", ("body", "draws", 0, "tiers", 0), ()),
    ("freeze", ("body",), ("anchor", "evidence")),
    ("freeze", ("body", "entries"), ()),
    ("freeze", ("body", "anchor"), ()),
    ("freeze", ("body", "evidence"), ()),
    ("dq", ("body",), ()),
    ("result", ("body",), ()),
    ("result", ("body", "draws", 0, 0), ()),
    ("void", ("body",), ()),
]


def changed(type_: str, path: tuple[Any, ...], change: Any) -> bytes:
    """Return an event's bytes with the object at `path` changed in place."""
    event = decode(encode(EVENTS[type_]))
    target: Any = event
    for step in path:
        target = target[step]
    change(target)
    return encode(event)


@pytest.mark.parametrize(("type_", "path", "optional"), OBJECTS, ids=str)
def test_an_object_has_exactly_its_keys(
    type_: str, path: tuple[Any, ...], optional: tuple[str, ...]
) -> None:
    parse(changed(type_, path, lambda target: None))
    with pytest.raises(EventError):
        parse(changed(type_, path, lambda target: target.update(extra=1)))
    target: Any = EVENTS[type_]
    for step in path:
        target = target[step]
    for key in target:
        without = changed(type_, path, lambda target, key=key: target.pop(key))
        if key in optional:
            parse(without)
        else:
            with pytest.raises(EventError):
                parse(without)


@pytest.mark.parametrize(
    ("type_", "path", "key", "value"),
    [
        ("rules", (), "v", "drawproof/2"),
        ("rules", (), "v", "drawproof/1\n"),
        ("rules", (), "contest", ""),
        ("rules", (), "seq", True),
        ("rules", (), "seq", 2**32),
        ("rules", (), "prev", "A" * 64),
        ("rules", (), "prev", "0" * 64 + "\n"),
        ("rules", (), "type", "redraw"),
        ("rules", (), "at", "1"),
        ("rules", (), "body", []),
        ("rules", ("body",), "organiser", ""),
        ("rules", ("body",), "title", ""),
        ("rules", ("body",), "opens_at", True),
        ("rules", ("body",), "draws", []),
        ("rules", ("body",), "max_weight", 0),
        ("rules", ("body",), "max_weight", 2**32),
        ("rules", ("body", "beacon"), "period", 0),
        ("rules", ("body", "draws", 0), "tiers", []),
        ("rules", ("body", "draws", 0, "tiers", 0), "winners", 0),
        ("rules", ("body", "draws", 0, "tiers", 0), "prize", ""),
        ("rules", ("body", "draws", 0, "tiers", 0), "id", ""),
        ("freeze", ("body",), "round", 0),
        ("freeze", ("body", "anchor"), "round", 0),
        ("freeze", ("body", "entries"), "root", "0" * 63),
        ("dq", ("body",), "reason", "Free text"),
        ("dq", ("body",), "reason", ""),
        ("dq", ("body",), "reason", "a" * 41),
        ("dq", ("body",), "reason", "bot\n"),
        ("dq", ("body",), "reason", "-bot"),
        ("void", ("body",), "reason", "a_b"),
        ("result", ("body", "draws", 0, 0), "commit", "0"),
        ("result", ("body",), "draws", {}),
    ],
)
def test_refuses_values_of_another_kind(
    type_: str, path: tuple[Any, ...], key: str, value: Any
) -> None:
    with pytest.raises(EventError):
        parse(changed(type_, path, lambda target: target.update({key: value})))


@pytest.mark.parametrize("key", ["commit", "ticket"])
def test_a_slot_is_held_whole_or_empty(key: str) -> None:
    with pytest.raises(EventError) as refusal:
        parse(changed("result", ("body", "draws", 0, 0), lambda slot: slot.pop(key)))
    assert refusal.value.code == "bad_slot"

    def clear(slot: dict[str, Any]) -> None:
        del slot["commit"], slot["ticket"]

    parse(changed("result", ("body", "draws", 0, 0), clear))


@pytest.mark.parametrize("body", ["free", True, 7, [], {"note": "prizes handed over"}])
def test_a_close_may_say_anything_of_the_profile(body: Any) -> None:
    assert parse(encode(EVENTS["close"] | {"body": body})).body == body


def test_a_result_is_never_longer_than_foretold() -> None:
    chain = contests.frozen([1] * 40, draws=contests.draws([3, 20], [12]))
    event = next_event(
        chain.head, EventType.RESULT, chain.result_body(contests.sign(contests.ROUND)), at=2**52
    )
    assert len(line(event)) <= longest_result(contests.CONTEST, chain.rules)
    assert longest_result(contests.CONTEST, chain.rules) < len(line(event)) + 60
    many = contests.rules(draws=contests.draws([6300]))
    assert longest_result(contests.CONTEST, many) > MAX_LINE


def test_an_event_that_cannot_be_a_line_is_not_written() -> None:
    event = next_event(Head.start("c"), EventType.CLOSE, ["a" * 4096] * 256, at=0)
    with pytest.raises(CanonicalError, match="longer"):
        line(event)


def test_an_event_built_outside_its_shape_is_not_read_back() -> None:
    built = next_event(Head.start("c"), EventType.DQ, Dq(commit="0", reason="Ann"), at=0)
    with pytest.raises(ProofError):
        parse(line(built))
    with pytest.raises(ProofError):
        line(msgspec.structs.replace(built, at=-1))
