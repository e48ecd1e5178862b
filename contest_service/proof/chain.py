"""The chain: which event may follow which, and what stands after it (section 4).

One state machine serves both sides: the service appends only what `Chain.extend` accepts, and a
checker folds the events of a file through it. An event that may not stand there is refused and
changes nothing. Reads no clock: an event's own time is all it knows.
"""

import enum
from collections.abc import Mapping

from contest_service.proof import beacon, events
from contest_service.proof.draw import Slots, draw_slots
from contest_service.proof.entries import EMPTY, MAX_TICKETS, EntryList
from contest_service.proof.errors import ChainError
from contest_service.proof.events import (
    Anchor,
    Dq,
    Event,
    EventType,
    EvidenceHash,
    Freeze,
    FrozenEntries,
    Head,
    Result,
    Rules,
    Slot,
    Void,
)

VOID_AFTER = 7 * 86400
"""Seconds after its round at which a frozen contest may be void because no signature exists."""
MAX_WINNERS = 10**7


class State(enum.StrEnum):
    """How far a contest has come."""

    EMPTY = "empty"
    RUNNING = "running"
    FROZEN = "frozen"
    DRAWN = "drawn"
    VOID = "void"
    CLOSED = "closed"


_FROM: Mapping[EventType, frozenset[State]] = {
    EventType.RULES: frozenset({State.EMPTY}),
    EventType.AMEND: frozenset({State.RUNNING}),
    EventType.FREEZE: frozenset({State.RUNNING}),
    EventType.DQ: frozenset({State.FROZEN, State.DRAWN}),
    EventType.RESULT: frozenset({State.FROZEN}),
    EventType.VOID: frozenset({State.RUNNING, State.FROZEN}),
    EventType.CLOSE: frozenset({State.DRAWN, State.VOID}),
}


class Chain:
    """A contest's events so far. Only extending changes it."""

    state = State.EMPTY
    is_practice = False
    """Whether the rules name a practice beacon."""
    rules: Rules
    """In force; absent before the first event."""
    rules_hash = b""
    freeze: Freeze | None = None
    freeze_hash: bytes | None = None
    result: Result | None = None
    void: Void | None = None
    initial: tuple[tuple[Slot, ...], ...] | None = None
    """Slots per draw as the result gave them."""

    def __init__(
        self,
        contest: str,
        entries: EntryList = EMPTY,
        *,
        practice: bool = False,
        later_dqs: int = 0,
    ) -> None:
        """Begin a chain with no event.

        `entries` is the list that a freeze must name, and is not looked at before. `practice`
        allows a practice beacon. `later_dqs` is how many dq events after the result are known to
        come: it saves passes over the list and changes nothing else.
        """
        self.entries = entries
        self.head = Head.start(contest)
        self.disqualified: dict[bytes, str] = {}
        """Reason by commitment, in order."""
        self._practice_allowed = practice
        self._later_dqs = later_dqs
        self._slots: list[Slots] = []
        self._computed: tuple[bytes, int, list[Slots]] | None = None

    @property
    def contest(self) -> str:
        """The contest's id, the same in every event."""
        return self.head.contest

    @property
    def round_time(self) -> int:
        """When the frozen round is out, in unix seconds. Raises ChainError before the freeze."""
        return self.rules.beacon.time_of(self._frozen().round)

    @property
    def final(self) -> tuple[tuple[Slot, ...], ...] | None:
        """Slots per draw after all dq events so far; None without a result."""
        return tuple(slots.listed() for slots in self._slots) if self.result else None

    def alternates(self, count: int) -> list[bytes]:
        """Return who is next in order in each draw, at most so many each; nobody before the result.

        Those who were disqualified without a prize are among them.
        """
        return [each for slots in self._slots for each in slots.alternates(count)]

    def freeze_body(self, *, evidence: str | None = None, anchor: Anchor | None = None) -> Freeze:
        """Build the body of the freeze of `entries`; `evidence` is its hash in hex."""
        return Freeze(
            rules=self.rules_hash.hex(),
            round=self.rules.beacon.first_round_at(self.rules.draw_at),
            entries=FrozenEntries.of(self.entries.summary),
            anchor=anchor,
            evidence=None if evidence is None else EvidenceHash(sha256=evidence),
        )

    def result_body(self, signature: str) -> Result:
        """Build the body of the result from the round's signature, in hex.

        Raises BeaconError if it is not the frozen round's, ChainError if none can stand now.
        """
        if self.state is not State.FROZEN:
            raise ChainError("result_not_allowed", f"The contest is {self.state}, not frozen.")
        round_ = self._frozen().round
        randomness = beacon.verify(self.rules.beacon, round_, signature)
        return Result(
            round=round_,
            signature=signature,
            randomness=randomness.hex(),
            draws=tuple(slots.listed() for slots in self._compute(randomness)),
        )

    def extend(self, event: Event) -> None:
        """Append an event, however it was built.

        Raises ProofError, and changes nothing, if it is malformed or may not stand here.
        """
        line = events.line(event)
        self.extend_parsed(events.parse(line), events.hash_of_line(line))

    def extend_parsed(self, event: Event, hash_: bytes) -> None:
        """Append an event that `events.parse` returned, with the hash of its line.

        Raises ProofError, and changes nothing, if it may not stand here.
        """
        self._require_link(event)
        match event.type:
            case EventType.RULES:
                self._open(event.body, hash_)
            case EventType.AMEND:
                self._amend(event.body, event.at, hash_)
            case EventType.FREEZE:
                self._freeze(event.body, event.at, hash_)
            case EventType.DQ:
                self._disqualify(event.body, event.at)
            case EventType.RESULT:
                self._draw(event.body, event.at)
            case EventType.VOID:
                self._void(event.body, event.at)
            case EventType.CLOSE:
                self.state = State.CLOSED
        self.head = Head(contest=self.contest, seq=event.seq, hash=hash_, at=event.at)

    def _require_link(self, event: Event) -> None:
        if event.contest != self.contest:
            raise ChainError("foreign_event", "An event is of another contest.")
        if event.seq != self.head.seq + 1:
            raise ChainError("bad_seq", f"Event {self.head.seq + 1} should follow here.")
        if event.prev != self.head.hash.hex():
            raise ChainError("bad_prev", "An event does not name the hash of the one before it.")
        if event.at < self.head.at:
            raise ChainError("time_goes_back", "An event is older than the one before it.")
        if self.state not in _FROM[event.type]:
            raise ChainError(
                f"{event.type}_not_allowed",
                f"A {event.type} event may not stand in a contest that is {self.state}.",
            )

    def _open(self, rules: Rules, hash_: bytes) -> None:
        _require_rules(rules)
        self.is_practice = beacon.require_usable(rules.beacon, practice=self._practice_allowed)
        self._require_lead(rules)
        self.rules, self.rules_hash, self.state = rules, hash_, State.RUNNING

    def _amend(self, rules: Rules, at: int, hash_: bytes) -> None:
        if at >= self.rules.draw_at:
            raise ChainError("late_amend", "The rules were amended when the draw time had come.")
        if rules.beacon != self.rules.beacon:
            raise ChainError("beacon_amended", "An amendment changes the beacon.")
        _require_rules(rules)
        self._require_lead(rules)
        self.rules, self.rules_hash = rules, hash_

    def _require_lead(self, rules: Rules) -> None:
        if not self.is_practice and rules.min_lead < beacon.MIN_LEAD:
            raise ChainError("short_lead", f"min_lead is below {beacon.MIN_LEAD} seconds.")

    def _freeze(self, freeze: Freeze, at: int, hash_: bytes) -> None:
        rules = self.rules
        if freeze.rules != self.rules_hash.hex():
            raise ChainError("foreign_rules", "The freeze does not name the rules in force.")
        if at < rules.closes_at:
            raise ChainError("early_freeze", "The list was frozen before the close.")
        if freeze.round != rules.beacon.first_round_at(rules.draw_at):
            raise ChainError("bad_round", "The round is not the first one at the draw time.")
        if at + rules.min_lead > rules.beacon.time_of(freeze.round):
            raise ChainError("late_freeze", "The list was frozen too close to its round.")
        if freeze.entries.weight * len(rules.draws) > MAX_TICKETS:
            raise ChainError("too_many_tickets", f"There are more than {MAX_TICKETS} tickets.")
        if freeze.entries != FrozenEntries.of(self.entries.summary):
            raise ChainError("other_entries", "The freeze is of another list of entries.")
        if self.entries.heaviest > rules.max_weight:
            raise ChainError("over_max_weight", "An entry is heavier than the rules allow.")
        if freeze.anchor is not None:
            self._require_anchor(freeze.anchor, freeze.round, at)
        self.freeze, self.freeze_hash, self.state = freeze, hash_, State.FROZEN

    def _require_anchor(self, anchor: Anchor, round_: int, at: int) -> None:
        if anchor.round >= round_ or self.rules.beacon.time_of(anchor.round) > at:
            raise ChainError("late_anchor", "The anchor is not a round before the freeze.")
        beacon.verify(self.rules.beacon, anchor.round, anchor.signature)

    def _disqualify(self, dq: Dq, at: int) -> None:
        commitment = bytes.fromhex(dq.commit)
        if commitment not in self.entries:
            raise ChainError("unknown_dq", "The disqualified entry is not in the frozen list.")
        if commitment in self.disqualified:
            raise ChainError("second_dq", "An entry is disqualified twice.")
        if self.state is State.FROZEN and at >= self.round_time:
            raise ChainError("late_dq", "A dq stands between the round and the result.")
        self.disqualified[commitment] = dq.reason
        for slots in self._slots:
            slots.disqualify(commitment, self.disqualified)

    def _draw(self, result: Result, at: int) -> None:
        if at < self.round_time:
            raise ChainError("early_result", "The result is older than its round.")
        if result.round != self._frozen().round:
            raise ChainError("bad_round", "The result is of another round than the frozen one.")
        randomness = beacon.verify(self.rules.beacon, result.round, result.signature)
        if result.randomness != randomness.hex():
            raise ChainError("bad_randomness", "The randomness is not the signature's hash.")
        if [len(slots) for slots in result.draws] != [d.winners for d in self.rules.draws]:
            raise ChainError("other_slots", "The result has another number of slots.")
        computed = self._compute(randomness)
        if result.draws != tuple(slots.listed() for slots in computed):
            raise ChainError("other_slots", "The slots are not the ones that the round gives.")
        self._slots, self.result, self.state = computed, result, State.DRAWN
        self.initial = result.draws
        self._computed = None

    def _void(self, void: Void, at: int) -> None:
        if self.state is State.FROZEN and 0 <= at - self.round_time < VOID_AFTER:
            raise ChainError("late_void", "The contest was voided when its round was out.")
        self.void, self.state = void, State.VOID

    def _compute(self, randomness: bytes) -> list[Slots]:
        # The same once for the producer's body and for the check of its event.
        known = len(self.disqualified)
        if self._computed is None or self._computed[:2] != (randomness, known):
            slots = draw_slots(
                self.rules.draws,
                self.entries,
                randomness=randomness,
                freeze_hash=self.freeze_hash or b"",
                disqualified=self.disqualified,
                spare=self._later_dqs,
            )
            self._computed = (randomness, known, slots)
        return self._computed[2]

    def _frozen(self) -> Freeze:
        if self.freeze is None:
            raise ChainError("not_frozen", "The contest is not frozen.")
        return self.freeze


def _require_rules(rules: Rules) -> None:
    if not rules.opens_at <= rules.closes_at <= rules.draw_at:
        raise ChainError("bad_schedule", "The contest does not open, close and draw in this order.")
    for draw in rules.draws:
        if len({tier.id for tier in draw.tiers}) != len(draw.tiers):
            raise ChainError("tier_twice", "Two tiers of a draw have the same id.")
    if sum(draw.winners for draw in rules.draws) > MAX_WINNERS:
        raise ChainError("too_many_winners", f"There are more than {MAX_WINNERS} winners.")
