"""Quarantine: hold entrants for checking, and let them go, by a person and with a reason.

Only where the published terms say that the organiser may, and only until the list is fixed. Nothing
is final before: whoever is held can be let go, one by one or all of a decision. The verdict is the
judge's, who is told.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from contest_service.domain.contest import STARTED
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.domain.holding import HoldReason, ReleaseReason
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.domain.signals import scores
from contest_service.flows.measure import judge_again
from contest_service.store import audit, contests, quarantines, signals
from contest_service.store.contests import Contest
from contest_service.store.quarantines import Decision
from contest_service.store.rows import Connection

MOST_ENTRANTS = 1000
"""Entrants that are named in one request."""
LONGEST_NOTE = 500
_AT_ONCE = 5000


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision changed: how many are held by it, or let go. It is undone by its `batch`."""

    batch: UUID
    entrants: int


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who counts and reaches a threshold by some weights.

    `expected` is how many that were in the preview that somebody looked at.
    """

    threshold: int
    weights: dict[str, int]
    expected: int


async def hold(
    conn: Connection,
    actor: Actor,
    contest_id: UUID,
    entrants: Sequence[UUID],
    *,
    reason: HoldReason,
    note: str,
    now: datetime,
) -> Done:
    """Hold some entrants. Raises InvalidError, NotFoundError, and ConflictError.

    Who is held already, or is no entrant of the contest, is left out of the count.
    """
    if faults := [*_entrant_faults(entrants), *_note_faults(note)]:
        raise InvalidError(faults)
    contest = await _open(conn, actor, contest_id)
    decision = _decision(actor, reason, note, now=now)
    held = await quarantines.hold(conn, contest, entrants, decision)
    return await _done(conn, actor, contest, decision, changed=held, action="quarantine.held")


async def hold_all(
    conn: Connection,
    actor: Actor,
    contest_id: UUID,
    bulk: Bulk,
    *,
    reason: HoldReason,
    note: str,
    now: datetime,
) -> Done:
    """Hold everybody who would fall by a threshold, as it was previewed.

    Raises ConflictError if it would be others than the preview counted, too.
    """
    faults = [
        *scores.threshold_faults(bulk.threshold, "/threshold"),
        *scores.weight_faults(bulk.weights, "/weights"),
        *_note_faults(note),
    ]
    if faults:
        raise InvalidError(faults)
    contest = await _open(conn, actor, contest_id)
    found = await _falling(conn, contest, bulk)
    if len(found) != bulk.expected:
        raise ConflictError(
            f"It would be {len(found)} entrants now, and not {bulk.expected}: look at the preview "
            "again, and send the number that it shows.",
            code="preview_outdated",
        )
    decision = _decision(actor, reason, note, now=now)
    held = await quarantines.hold(conn, contest, found, decision)
    detail = {"threshold": bulk.threshold, "weights": bulk.weights}
    return await _done(
        conn, actor, contest, decision, changed=held, action="quarantine.held", detail=detail
    )


async def _falling(conn: Connection, contest: Contest, bulk: Bulk) -> list[UUID]:
    weights = scores.in_order(bulk.weights)
    found: list[UUID] = []
    while True:
        page = await signals.falling(
            conn,
            contest,
            weights=weights,
            threshold=bulk.threshold,
            after=found[-1] if found else None,
            limit=_AT_ONCE,
        )
        found += [each.entrant_id for each in page]
        if len(page) < _AT_ONCE:
            return found


async def release(
    conn: Connection,
    actor: Actor,
    contest_id: UUID,
    entrants: Sequence[UUID],
    *,
    reason: ReleaseReason,
    note: str,
    now: datetime,
) -> Done:
    """Let some entrants go, also those whom the published rule holds: it holds them no more.

    Raises InvalidError, NotFoundError, and ConflictError.
    """
    if faults := [*_entrant_faults(entrants), *_note_faults(note)]:
        raise InvalidError(faults)
    contest = await _open(conn, actor, contest_id)
    decision = _decision(actor, reason, note, now=now)
    gone = await quarantines.release(conn, contest, entrants=entrants, decision=decision)
    return await _done(conn, actor, contest, decision, changed=gone, action="quarantine.released")


async def undo(
    conn: Connection,
    actor: Actor,
    contest_id: UUID,
    batch: UUID,
    *,
    reason: ReleaseReason,
    note: str,
    now: datetime,
) -> Done:
    """Let all go whom one decision holds. Raises InvalidError, NotFoundError, and ConflictError."""
    if faults := _note_faults(note):
        raise InvalidError(faults)
    contest = await _open(conn, actor, contest_id)
    decision = msgspec.structs.replace(_decision(actor, reason, note, now=now), batch=batch)
    gone = await quarantines.release(conn, contest, entrants=None, decision=decision)
    return await _done(conn, actor, contest, decision, changed=gone, action="quarantine.released")


async def _open(conn: Connection, actor: Actor, contest_id: UUID) -> Contest:
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status not in STARTED:
        raise ConflictError(
            "Entrants are held, and let go, from the start of a contest until its list is fixed.",
            code="not_open",
        )
    if contest.definition.holding is None:
        raise ConflictError(
            "The published terms do not say that accounts may be held for checking. Amend the "
            "contest with `holding` first, or exclude by an override, with a second person.",
            code="not_in_terms",
        )
    return contest


def _decision(
    actor: Actor, reason: HoldReason | ReleaseReason, note: str, *, now: datetime
) -> Decision:
    if actor.person_id is None:
        raise AssertionError("only persons hold somebody by themselves")
    return Decision(
        batch=uuid4(), reason=reason.value, note=note.strip(), person_id=actor.person_id, at=now
    )


async def _done(
    conn: Connection,
    actor: Actor,
    contest: Contest,
    decision: Decision,
    *,
    changed: Sequence[UUID],
    action: str,
    detail: dict[str, object] | None = None,
) -> Done:
    # How many, not who: what the audit log never held, no erasure has to take out of it.
    told = {"entrants": len(changed), "reason": decision.reason, "batch": str(decision.batch)}
    await audit.record(
        conn, actor, action, subject=contest.id, at=decision.at, detail={**told, **(detail or {})}
    )
    if changed:
        await judge_again(conn, contest, changed, now=decision.at)
    return Done(batch=decision.batch, entrants=len(changed))


def _entrant_faults(entrants: Sequence[UUID]) -> list[Fault]:
    if 1 <= len(entrants) <= MOST_ENTRANTS:
        return []
    return [Fault(pointer="/entrants", detail=f"give 1 to {MOST_ENTRANTS} ids of entrants")]


def _note_faults(note: str) -> list[Fault]:
    if not note.strip():
        return []
    return text_faults(note.strip(), "/note", longest=LONGEST_NOTE, lines=True)
