"""Decisions: who decided on each disqualification, as everybody may know it for ever.

No person is named. A proposal that a second person still has to approve is nobody's business yet;
one that takes effect by itself is public from its first moment.
"""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from contest_service.domain.reasons import SystemReason
from contest_service.domain.schedule import moment
from contest_service.proof import events
from contest_service.proof.events import Dq, Event
from contest_service.store import disqualifications, proof
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification, ProposalState
from contest_service.store.rows import Connection


class DecidedBy(enum.StrEnum):
    SYSTEM = "system"
    """The published rules."""
    SECOND_PERSON = "second_person"
    DELAY = "delay"
    """The organiser was alone, and it was public before it took effect."""
    ONE_PERSON = "one_person"
    """One owner alone, by a release that asked for no approval yet."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How it came to the dq event `seq`. `proposed_at` is null where nobody had to propose it."""

    seq: int
    commitment: str
    by: DecidedBy
    reason: str
    proposed_at: datetime | None
    effective_at: datetime


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A disqualification that will take effect: at `effective_at`, or else with the result."""

    commitment: str
    reason: str
    proposed_at: datetime
    effective_at: datetime | None


async def decisions(conn: Connection, contest: Contest) -> Mapping[int, Decision]:
    """The decision behind each of a contest's dq events, by the event's number."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    return await decisions_of(conn, contest, map(events.parse, lines))


async def decisions_of(
    conn: Connection, contest: Contest, parsed: Iterable[Event]
) -> Mapping[int, Decision]:
    """The same, from the contest's events."""
    proposed = {each.seq: each for each in await disqualifications.effective(conn, contest)}
    return {
        event.seq: Decision(
            seq=event.seq,
            commitment=event.body.commit,
            by=_by(event.body, proposed.get(event.seq)),
            reason=event.body.reason,
            proposed_at=proposed[event.seq].proposed_at if event.seq in proposed else None,
            effective_at=moment(event.at),
        )
        for event in parsed
        if isinstance(event.body, Dq)
    }


def _by(dq: Dq, proposal: Disqualification | None) -> DecidedBy:
    if proposal is not None:
        return DecidedBy.DELAY if proposal.decided_by is None else DecidedBy.SECOND_PERSON
    return DecidedBy.SYSTEM if dq.reason in set(SystemReason) else DecidedBy.ONE_PERSON


async def pending(conn: Connection, contest: Contest) -> list[Pending]:
    """What is decided, or shown in public before it is, and not effective yet; oldest first."""
    return [
        Pending(
            commitment=each.commitment,
            reason=each.reason,
            proposed_at=each.proposed_at,
            effective_at=None if each.state is ProposalState.APPROVED else each.due_at,
        )
        for each in await disqualifications.open_ones(conn, contest)
        if each.state is ProposalState.APPROVED or each.due_at is not None
    ]
