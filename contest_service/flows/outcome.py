"""Read a contest's public events, its freeze and its outcome, from the ledger's own bytes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.domain.schedule import moment
from contest_service.flows.announce import Slot
from contest_service.flows.ledger import load_chain
from contest_service.flows.set_aside import SetAside, count_set_aside
from contest_service.flows.succeed import name_held, name_slots
from contest_service.proof import events
from contest_service.proof.events import Dq, Event, EventType, Freeze, Result, Rules
from contest_service.store import proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


class PublicEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its hash; `event` is the object that `events.jsonl` holds."""

    seq: int
    type: EventType
    at: datetime
    hash: str
    event: dict[str, Any]


class FrozenList(msgspec.Struct, frozen=True, kw_only=True):
    """What the freeze says. `hash` is the event's own, `sha256` that of `entries.bin`.

    `overrides` are not of the event: how often verdicts, or the coverage, were set aside before it.
    """

    seq: int
    at: datetime
    hash: str
    round: int
    round_at: datetime
    entries: int
    tickets: int
    root: str
    sha256: str
    evidence_sha256: str | None
    overrides: list[SetAside]


class Disqualified(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was taken out after the freeze."""

    seq: int
    at: datetime
    commitment: str
    reason: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result. Slots are per draw, in the order of its tiers: first as drawn, then as now."""

    round: int
    signature: str
    randomness: str
    drawn_at: datetime
    initial: list[list[Slot]]
    final: list[list[Slot]]
    disqualified: list[Disqualified]


async def read_events(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, after: int, limit: int
) -> list[PublicEvent]:
    """Read the events whose number follows `after` (-1 for all)."""
    lines = await proof.event_lines(conn, workspace_id, contest_id)
    return [_published(line) for line in lines[after + 1 : after + 1 + limit]]


def _published(line: bytes) -> PublicEvent:
    event = events.parse(line)
    return PublicEvent(
        seq=event.seq,
        type=event.type,
        at=moment(event.at),
        hash=events.hash_of_line(line).hex(),
        event=msgspec.json.decode(line),
    )


async def read_freeze(conn: Connection, contest: Contest) -> FrozenList:
    """Raises NotFoundError while nothing is frozen."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    return await freeze_of(conn, contest, lines)


async def freeze_of(conn: Connection, contest: Contest, lines: Sequence[bytes]) -> FrozenList:
    """The same, from the contest's events."""
    rules: Rules | None = None
    for line in lines:
        event = events.parse(line)
        if isinstance(event.body, Rules):
            rules = event.body
        if isinstance(event.body, Freeze) and rules is not None:
            overrides = await count_set_aside(conn, contest)
            return _frozen(event, line, rules=rules, overrides=overrides)
    raise NotFoundError("Nothing is frozen yet in this contest.")


def _frozen(event: Event, line: bytes, *, rules: Rules, overrides: list[SetAside]) -> FrozenList:
    freeze: Freeze = event.body
    return FrozenList(
        seq=event.seq,
        at=moment(event.at),
        hash=events.hash_of_line(line).hex(),
        round=freeze.round,
        round_at=moment(rules.beacon.time_of(freeze.round)),
        entries=freeze.entries.count,
        tickets=freeze.entries.weight,
        root=freeze.entries.root,
        sha256=freeze.entries.sha256,
        evidence_sha256=freeze.evidence.sha256 if freeze.evidence else None,
        overrides=overrides,
    )


async def read_outcome(conn: Connection, contest: Contest) -> Outcome:
    """Raises NotFoundError while nothing is drawn."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    parsed = [events.parse(line) for line in lines]
    final = None
    if later_dqs(parsed):
        # Only whoever succeeds needs the whole order, and with it the whole list.
        final = await name_slots(conn, contest, await load_chain(conn, contest))
    return await outcome_of(conn, contest, parsed, final=final)


def later_dqs(parsed: Sequence[Event]) -> list[Event]:
    """The disqualifications after the result."""
    drawn = next((event.seq for event in parsed if event.type is EventType.RESULT), len(parsed))
    return [event for event in parsed if event.type is EventType.DQ and event.seq > drawn]


async def outcome_of(
    conn: Connection,
    contest: Contest,
    parsed: Sequence[Event],
    *,
    final: list[list[Slot]] | None,
) -> Outcome:
    """Make the outcome of a contest's events; `final` is None where no prize changed hands.

    Raises NotFoundError without a result.
    """
    result = next((event for event in parsed if isinstance(event.body, Result)), None)
    if result is None:
        raise NotFoundError("Nothing is drawn yet in this contest.")
    rules = [event.body for event in parsed if isinstance(event.body, Rules)][-1]
    initial = await name_held(conn, contest, rules, result.body.draws)
    return Outcome(
        round=result.body.round,
        signature=result.body.signature,
        randomness=result.body.randomness,
        drawn_at=moment(result.at),
        initial=initial,
        final=initial if final is None else final,
        disqualified=[_disqualified(each) for each in parsed if isinstance(each.body, Dq)],
    )


def _disqualified(event: Event) -> Disqualified:
    body: Dq = event.body
    return Disqualified(
        seq=event.seq, at=moment(event.at), commitment=body.commit, reason=body.reason
    )
