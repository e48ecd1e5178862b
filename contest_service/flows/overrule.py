"""Overrule: propose to set a verdict, or the coverage, aside before the freeze.

No person does it alone. Where nobody else could approve it, the proposal is public at once and
takes effect by itself after a delay, unless it is withdrawn (`settle`). Whatever is not decided
when the list is fixed has lapsed.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.coverage import needed
from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.judging import EntrantState
from contest_service.domain.linked import MERGED
from contest_service.domain.overrides import REASONS, OverrideKind, OverrideReason
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.domain.reasons import delay_of
from contest_service.flows.runtime import Runtime
from contest_service.flows.second_person import person_of
from contest_service.flows.settle import approvers_of, record, ring, running
from contest_service.store import coverage, entrants, overrides, proof
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.overrides import NewOverride, Override
from contest_service.store.rows import Connection

LONGEST_REASON = 1000
"""Characters of why the list is fixed below its coverage."""
LONGEST_NOTE = 500
_KEPT_OUT = frozenset({EntrantState.INVALID, EntrantState.CANNOT_VERIFY})


async def propose_verdict(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    entrant_id: UUID,
    *,
    kind: OverrideKind,
    reason: OverrideReason,
    note: str = "",
    now: datetime,
) -> Override:
    """Propose to admit somebody who does not count, or to exclude somebody who does.

    `note` is for whoever approves it. Raises InvalidError for it, and for a reason that is not for
    this, NotFoundError without such an entrant, and ConflictError outside of a contest's run, where
    the terms give no such reason, where there is nothing to override, or where a public delay would
    end after the freeze.
    """
    if faults := [*_reason_faults(kind, reason), *_note_faults(note)]:
        raise InvalidError(faults)
    contest = await running(conn, actor, contest_id)
    now = max(now, rt.clock())
    await _require_published(conn, contest, kind, reason)
    entrant = await entrants.read(conn, contest.workspace_id, contest.id, entrant_id)
    _require_need(entrant, kind)
    if await overrides.of_entrant(conn, contest, entrant_id) is not None:
        raise ConflictError(
            "There is an override of this verdict already, proposed or in force; approve or "
            "withdraw that one.",
            code="already_overridden",
        )
    due_at = await _due_at(conn, contest, person_of(actor), now)
    if due_at is not None and due_at >= contest.freeze_at:
        raise ConflictError(
            "Nobody else could approve it, and the public delay would end after the list is "
            "fixed. Amend the contest with a later freeze first, or let two owners decide who "
            "belonged to the workspace when the contest started.",
            code="too_late",
        )
    new = NewOverride(kind=kind, entrant_id=entrant_id, reason=reason, note=note.strip())
    return await _propose(conn, actor, contest, new, due_at=due_at, now=now)


async def propose_coverage(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    *,
    reason: str,
    now: datetime,
) -> Override:
    """Propose that a closing contest freezes although too little was seen, as it stands now.

    It is good for later closing scans that see no less, and never for incomplete ones; the freeze
    waits while it is not decided. Raises ConflictError if the contest is not closing, or if
    enough was seen.
    """
    if faults := text_faults(reason, "/reason", longest=LONGEST_REASON, lines=True):
        raise InvalidError(faults)
    contest = await running(conn, actor, contest_id)
    now = max(now, rt.clock())
    if contest.status is not Status.CLOSING:
        raise ConflictError("Only a contest that is closing can go on below its coverage.")
    seen = await coverage.of_contest(conn, contest.workspace_id, contest.id)
    threshold = contest.definition.coverage
    low = [
        each.per_cent
        for each in seen
        if each.per_cent < needed(threshold, each.action, each.platform)
    ]
    if not low:
        raise ConflictError(
            "The scans saw as much as the terms ask for; nothing has to be set aside.",
            code="not_below",
        )
    if await overrides.is_coverage_open(conn, contest):
        raise ConflictError(
            "Going on below the coverage is proposed already; approve or withdraw that.",
            code="already_proposed",
        )
    due_at = await _due_at(conn, contest, person_of(actor), now)
    new = NewOverride(kind=OverrideKind.COVERAGE, least=min(low), reason=reason)
    return await _propose(conn, actor, contest, new, due_at=due_at, now=now)


async def accepted_coverage(conn: Connection, contest: Contest) -> int | None:
    """The per cent down to which coverage is set aside; None if it is not."""
    in_force = await overrides.in_force(conn, contest)
    return min((each.least for each in in_force if each.least is not None), default=None)


async def coverage_due_at(conn: Connection, contest: Contest) -> datetime | None:
    """When the public delay of going on below the coverage ends; None if none is under way."""
    waiting = await overrides.open_ones(conn, contest)
    return next((each.due_at for each in waiting if each.kind is OverrideKind.COVERAGE), None)


async def _propose(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    new: NewOverride,
    *,
    due_at: datetime | None,
    now: datetime,
) -> Override:
    proposal = await overrides.propose(
        conn, contest, new, person_id=person_of(actor), role=actor.role, at=now, due_at=due_at
    )
    if due_at is not None:
        await ring(conn, contest, due_at)
    await record(conn, actor, contest, proposal, action="proposed", now=now)
    return proposal


async def _due_at(
    conn: Connection, contest: Contest, person_id: UUID, now: datetime
) -> datetime | None:
    """When a proposal takes effect by itself; None if somebody else can approve it."""
    if await approvers_of(conn, contest, besides=person_id):
        return None
    return now + timedelta(seconds=delay_of(practice=contest.practice))


def _reason_faults(kind: OverrideKind, reason: OverrideReason) -> list[Fault]:
    if reason in REASONS.get(kind, ()):
        return []
    choice = ", ".join(REASONS.get(kind, ()))
    return [Fault(pointer="/reason", detail=f"is not one to {kind}: {choice}")]


def _note_faults(note: str) -> list[Fault]:
    if not note.strip():
        return []
    return text_faults(note.strip(), "/note", longest=LONGEST_NOTE, lines=True)


async def _require_published(
    conn: Connection, contest: Contest, kind: OverrideKind, reason: OverrideReason
) -> None:
    versions = await proof.terms(conn, contest.workspace_id, contest.id)
    terms: dict[str, Any] = msgspec.json.decode(versions[-1].bytes)
    if reason not in terms["rules"].get("overrides", {}).get(kind.value, ()):
        raise ConflictError(
            "The terms in force do not give this reason, since they were published by an earlier "
            "release. Amend the contest first: the new version of its terms will.",
            code="not_in_terms",
        )


def _require_need(entrant: Entrant | None, kind: OverrideKind) -> None:
    if entrant is None or entrant.erased_at is not None:
        raise NotFoundError("There is no such entrant in this contest.")
    if entrant.state is EntrantState.QUARANTINED:
        raise ConflictError(
            "This entrant is in quarantine; release them, or leave them there.",
            code="quarantined",
        )
    is_needed = entrant.state in _KEPT_OUT and entrant.reason != MERGED
    if kind is OverrideKind.EXCLUDE:
        is_needed = entrant.state is EntrantState.VALID
    if not is_needed:
        raise ConflictError(
            f"This entrant is {entrant.state}; there is nothing to {kind}.",
            code="nothing_to_override",
        )
