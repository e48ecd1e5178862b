"""Events: what may stand in each, their bytes, hash and log leaf (section 4).

Shapes only: which event may follow which is `chain`'s question. Hex strings inside events, bytes
from functions.
"""

import enum
import struct
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from contest_service.proof.beacon import Beacon
from contest_service.proof.canonical import (
    MAX_INT,
    MAX_LINE,
    VERSION,
    Value,
    decode,
    encode,
    sha256,
    tag,
)
from contest_service.proof.entries import MAX_WEIGHT, Summary
from contest_service.proof.errors import CanonicalError, EventError
from contest_service.proof.shapes import Count, Hash, Name, Positive, Reason, Shape, Time, Version

_EVENT_TAG = tag("event")


class EventType(enum.StrEnum):
    """What happened."""

    RULES = "rules"
    AMEND = "amend"
    FREEZE = "freeze"
    DQ = "dq"
    RESULT = "result"
    VOID = "void"
    CLOSE = "close"


class Tier(Shape, frozen=True, kw_only=True):
    """Prizes of one kind."""

    id: Name
    prize: Name
    winners: Positive


class DrawRules(Shape, frozen=True, kw_only=True):
    """One draw: its tiers in the order in which they are filled."""

    tiers: Annotated[tuple[Tier, ...], msgspec.Meta(min_length=1)]

    @property
    def winners(self) -> int:
        """How many slots this draw has."""
        return sum(tier.winners for tier in self.tiers)


class Rules(Shape, frozen=True, kw_only=True):
    """Body of `rules` and `amend`: what the contest is bound to. Times in unix seconds."""

    title: Name
    organiser: Name
    opens_at: Time
    closes_at: Time
    draw_at: Time
    min_lead: Count
    """Least seconds between the freeze and its round."""
    beacon: Beacon
    draws: Annotated[tuple[DrawRules, ...], msgspec.Meta(min_length=1)]
    max_weight: Annotated[int, msgspec.Meta(ge=1, le=MAX_WEIGHT)]
    terms_sha256: Hash


class Anchor(Shape, frozen=True, kw_only=True):
    """An earlier round: proof that the freeze is not older than it."""

    round: Positive
    signature: str


class EvidenceHash(Shape, frozen=True, kw_only=True):
    """The dispute evidence as it stood at the freeze."""

    sha256: Hash


class FrozenEntries(Shape, frozen=True, kw_only=True):
    """What the freeze says of `entries.bin`."""

    count: Count
    weight: Count
    root: Hash
    sha256: Hash

    @classmethod
    def of(cls, summary: Summary) -> "FrozenEntries":
        """Say a summary in an event's words."""
        return cls(
            count=summary.count, weight=summary.weight, root=summary.root, sha256=summary.sha256
        )


class Freeze(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """Body of `freeze`: the list, and the round that decides."""

    rules: Hash
    """The event in force."""
    round: Positive
    entries: FrozenEntries
    anchor: Anchor | None = None
    evidence: EvidenceHash | None = None


class Dq(Shape, frozen=True, kw_only=True):
    """Body of `dq`: an entry that wins nothing."""

    commit: Hash
    reason: Reason


class Slot(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """One prize and who holds it: both `commit` and `ticket`, or neither if nobody is left."""

    tier: str
    commit: Hash | None = None
    ticket: Hash | None = None


class Result(Shape, frozen=True, kw_only=True):
    """Body of `result`: the round's output and the slots that follow from it, per draw."""

    round: Positive
    signature: str
    randomness: Hash
    draws: tuple[tuple[Slot, ...], ...]


class Void(Shape, frozen=True, kw_only=True):
    """Body of `void`: there will be no result."""

    reason: Reason


Body = Rules | Freeze | Dq | Result | Void | Value
"""By type of event; the body of `close` is any value."""

_BODIES: dict[EventType, Any] = {
    EventType.RULES: Rules,
    EventType.AMEND: Rules,
    EventType.FREEZE: Freeze,
    EventType.DQ: Dq,
    EventType.RESULT: Result,
    EventType.VOID: Void,
    EventType.CLOSE: Any,
}


class Event(Shape, frozen=True, kw_only=True):
    """One line of `events.jsonl`."""

    v: Version
    contest: Name
    seq: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
    prev: Hash
    type: EventType
    at: Time
    body: Any
    """A `Body`."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a chain: all that the next event needs to know."""

    contest: str
    seq: int
    """Of the last event; -1 before the first."""
    hash: bytes
    """Of the last event; 32 zero bytes before the first."""
    at: int

    @classmethod
    def start(cls, contest: str) -> "Head":
        """Return the head of a chain that has no event yet."""
        return cls(contest=contest, seq=-1, hash=bytes(32), at=0)

    @classmethod
    def of(cls, event: Event) -> "Head":
        """Return the head of a chain that ends in `event`."""
        return cls(contest=event.contest, seq=event.seq, hash=event_hash(event), at=event.at)


def next_event(head: Head, type_: EventType, body: Body, *, at: int) -> Event:
    """Build the event after `head`, at `at` (unix seconds) or at the head's time if that is later.

    Whether it may stand there is for `Chain.extend` to say.
    """
    return Event(
        v=VERSION,
        contest=head.contest,
        seq=head.seq + 1,
        prev=head.hash.hex(),
        type=type_,
        at=max(at, head.at),
        body=body,
    )


def parse(line: bytes) -> Event:
    """Read an event from its canonical bytes, without the LF.

    Raises CanonicalError or EventError.
    """
    try:
        event = msgspec.convert(decode(line), Event)
        body = msgspec.convert(event.body, _BODIES[event.type])
    except msgspec.ValidationError as error:
        raise EventError("bad_event", f"An event has another shape: {error}.") from error
    if isinstance(body, Result):
        _require_whole_slots(body.draws)
    return msgspec.structs.replace(event, body=body)


def line(event: Event) -> bytes:
    """Return an event's canonical bytes, without the LF.

    Raises CanonicalError if it is outside the profile or longer than a line may be.
    """
    data = encode(event)
    if len(data) > MAX_LINE:
        raise CanonicalError("long_line", f"An event is longer than {MAX_LINE} bytes.")
    return data


def event_hash(event: Event) -> bytes:
    """Return the hash that the next event and the log hold: 32 bytes."""
    return hash_of_line(line(event))


def hash_of_line(data: bytes) -> bytes:
    """Return the event hash of an event's canonical bytes."""
    return sha256(_EVENT_TAG + data)


def log_leaf(contest: str, seq: int, hash_: bytes) -> bytes:
    """Return an event's leaf data in the global log: 68 bytes."""
    return sha256(contest.encode()) + struct.pack(">I", seq) + hash_


def longest_result(contest: str, rules: Rules) -> int:
    """Return the size of the longest line that a result under these rules can have, in bytes.

    A producer refuses rules for which this exceeds MAX_LINE: their result could not be written.
    """
    body = Result(round=MAX_INT, signature="0" * 96, randomness="0" * 64, draws=())
    frame = Event(
        v=VERSION,
        contest=contest,
        seq=2**32 - 1,
        prev="0" * 64,
        type=EventType.RESULT,
        at=MAX_INT,
        body=body,
    )
    brackets = 3 * len(rules.draws)
    slots = sum(
        tier.winners * (len(encode(Slot(tier=tier.id, commit="0" * 64, ticket="0" * 64))) + 1)
        for draw in rules.draws
        for tier in draw.tiers
    )
    return len(encode(frame)) + brackets + slots


def _require_whole_slots(draws: Sequence[Sequence[Slot]]) -> None:
    for slot in (slot for draw in draws for slot in draw):
        if (slot.commit is None) != (slot.ticket is None):
            raise EventError(
                "bad_slot", "A slot has a commitment without a ticket, or the reverse."
            )
