"""The grade: what the evidence from outside says of when events existed (section 7.5).

Which events need evidence, until when, and what the evidence that was found comes to. Bytes,
signatures and paths were checked before; this room's one place for the words of a grade.
"""

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from contest_service.proof.events import Event, EventType, Freeze, Rules


class Grade(enum.StrEnum):
    """How well it is shown that a list existed before the draw, and was the only one."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


WORDS: Mapping[Grade, str] = {
    Grade.A: "Independent witnesses show that the list existed before the draw, "
    "and that it was the only one.",
    Grade.B: "Two independent authorities show that the list existed before the draw. "
    "Nothing shows that it was the only one.",
    Grade.C: "One outside authority says that the list existed before the draw. "
    "Nothing shows that it was the only one.",
    Grade.D: "Nothing from outside shows when the list was frozen, or that it was the only one: "
    "the arithmetic holds, on the operator's word alone.",
}
"""What each says to a person."""


class Means(enum.StrEnum):
    """How evidence was given."""

    COSIGNATURE = "cosignature"
    TIMESTAMP = "timestamp"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside saw the log at some size, at some time."""

    operator: str
    means: Means
    size: int
    """Leaves of the log that were there."""
    time: int
    """The latest second at which that can have been, in unix seconds."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """An event that needs evidence, and before what time."""

    seq: int
    type: EventType
    time: int


class EventGrade(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence for one event comes to."""

    seq: int
    type: EventType
    grade: Grade


def deadlines(events: Iterable[Event]) -> Iterator[Deadline]:
    """Yield the events of a sound chain that need evidence, in order."""
    rules: Rules | None = None
    freeze: Freeze | None = None
    for event in events:
        if event.type is EventType.RESULT:
            return
        if event.type is EventType.FREEZE:
            freeze = event.body
        in_force = event.body if rules is None else rules
        round_ = freeze.round if freeze else in_force.beacon.first_round_at(in_force.draw_at)
        time = in_force.beacon.time_of(round_)
        # A void after its round, and the close that follows a void, need no evidence.
        is_late_void = event.type is EventType.VOID and freeze is not None and event.at >= time
        if event.type is not EventType.CLOSE and not is_late_void:
            yield Deadline(seq=event.seq, type=event.type, time=time)
        if event.type in {EventType.RULES, EventType.AMEND}:
            rules = event.body


def grade_events(
    needed: Iterable[Deadline], indices: Sequence[int], evidence: Collection[Evidence]
) -> list[EventGrade]:
    """Grade each event that needs evidence; `indices` are the leaves of all events, by `seq`."""
    return [
        EventGrade(
            seq=event.seq,
            type=event.type,
            grade=grade_of(
                one for one in evidence if one.size > indices[event.seq] and one.time < event.time
            ),
        )
        for event in needed
    ]


def grade_of(evidence: Iterable[Evidence]) -> Grade:
    """Return the grade of an event from the evidence that was given for it in time."""
    by_means: dict[Means, set[str]] = {means: set() for means in Means}
    for one in evidence:
        by_means[one.means].add(one.operator)
    witnesses, authorities = by_means[Means.COSIGNATURE], by_means[Means.TIMESTAMP]
    everybody = witnesses | authorities
    if witnesses and len(everybody) > 1:
        return Grade.A
    if len(authorities) > 1:
        return Grade.B
    return Grade.C if everybody else Grade.D


def lowest(graded: Iterable[EventGrade]) -> Grade:
    """Return the grade of a bundle: the lowest among its events, D if there is none."""
    return max((event.grade for event in graded), default=Grade.D)
