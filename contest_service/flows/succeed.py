"""Succeed: a winner is disqualified, and the next of the same order takes that prize.

Nothing is ever drawn twice: the order was fixed by the one draw.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.judging import EntrantState
from contest_service.domain.people import Actor
from contest_service.flows import announce
from contest_service.flows.announce import Slot
from contest_service.flows.judge import judge_some
from contest_service.flows.ledger import append, frozen_entries, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.errors import ProofError
from contest_service.proof.events import Dq, EventType, Rules
from contest_service.store import announcements, audit, contests, entrants, notices
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

_DISQUALIFIABLE = frozenset({Status.FROZEN, Status.DRAWN, Status.ANNOUNCED})


async def disqualify(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    entry: UUID,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Take an entry out after the freeze, for a reason code; its prize goes to the next in order.

    It is of the time at which nobody else changes the contest any more, and not before `now`.
    Raises ConflictError between the round and the result, or for an entry that is out already.
    """
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    now = max(now, rt.clock())
    if contest.status not in _DISQUALIFIABLE:
        raise ConflictError("An entry can be disqualified between the freeze and the completion.")
    opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entry)
    if opening is None:
        raise NotFoundError("There is no such entry in this contest's frozen list.")
    chain = await load_chain(conn, contest)
    before = await _named(conn, contest, chain)
    body = Dq(commit=opening.commitment.hex(), reason=reason)
    try:
        event = await append(conn, contest, chain, EventType.DQ, body=body, now=now)
    except ProofError as error:
        raise ConflictError(str(error)) from error
    await notices.withdraw(conn, contest, entry)
    if changed := _changed(before, await _named(conn, contest, chain)):
        await announce.enqueue_succession(
            conn,
            rt,
            contest,
            former=changed[0][0],
            successors=[successor for _, successor in changed],
            reason=reason,
            seq=event.seq,
            now=now,
        )
    await audit.record(
        conn,
        actor,
        "contest.entry_disqualified",
        subject=contest.id,
        at=now,
        detail={"entry": str(entry), "reason": reason},
    )


async def _named(conn: Connection, contest: Contest, chain: Chain) -> list[list[Slot]]:
    """The slots, once a text that names their holders is published, or on its way."""
    rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    is_named = any(row.kind is AnnouncementKind.RESULT for row in rows)
    return await name_slots(conn, contest, chain) if is_named else []


def _changed(
    before: Sequence[Sequence[Slot]], after: Sequence[Sequence[Slot]]
) -> list[tuple[Slot, Slot]]:
    return [
        (former, successor)
        for row_before, row_after in zip(before, after, strict=True)
        for former, successor in zip(row_before, row_after, strict=True)
        if former.commitment != successor.commitment
    ]


async def name_slots(
    conn: Connection, contest: Contest, chain: Chain, *, initial: bool = False
) -> list[list[Slot]]:
    """The slots per draw with the names of their holders, as far as these may be shown."""
    draws = (chain.initial if initial else chain.final) or ()
    return await name_held(conn, contest, chain.rules, draws)


async def name_held(
    conn: Connection, contest: Contest, rules: Rules, draws: Sequence[Sequence[events.Slot]]
) -> list[list[Slot]]:
    """Name the holders of slots that are known without the whole chain."""
    held = [bytes.fromhex(slot.commit) for slots in draws for slot in slots if slot.commit]
    openings = await entrants.openings(conn, contest.workspace_id, contest.id, held)
    named = []
    for drawn, slots in zip(rules.draws, draws, strict=True):
        prizes = {tier.id: tier.prize for tier in drawn.tiers}
        row = []
        for slot in slots:
            opening = openings.get(bytes.fromhex(slot.commit)) if slot.commit else None
            shown = opening if contest.definition.naming else None
            row.append(
                Slot(
                    tier=slot.tier,
                    prize=prizes[slot.tier],
                    entry=opening.entrant_id if opening else None,
                    label=shown.label if shown else "",
                    subject=shown.subject if shown else "",
                    commitment=slot.commit,
                    ticket=slot.ticket,
                )
            )
        named.append(row)
    return named


async def recheck_winners(conn: Connection, contest: Contest, *, now: datetime) -> int:
    """Judge the winners once more over the scans made after the draw; returns how many fell.

    Somebody falls whose conditions surely no longer hold; what cannot be known is no reason. The
    next in order are judged alike. In the caller's transaction.
    """
    entries = await frozen_entries(conn, contest)
    chain = await load_chain(conn, contest, entries=entries)
    judged: set[bytes] = set()
    fallen = 0
    while waiting := [held for held in _held(chain) if held not in judged]:
        for commitment in await _failing(conn, contest, waiting):
            body = Dq(commit=commitment.hex(), reason="conditions-no-longer-hold")
            await append(conn, contest, chain, EventType.DQ, body=body, now=now)
            fallen += 1
        judged.update(waiting)
    return fallen


def _held(chain: Chain) -> list[bytes]:
    return [
        bytes.fromhex(slot.commit) for slots in chain.final or () for slot in slots if slot.commit
    ]


async def _failing(conn: Connection, contest: Contest, commitments: Sequence[bytes]) -> list[bytes]:
    openings = await entrants.openings(conn, contest.workspace_id, contest.id, commitments)
    by_subject = {opening.subject: opening for opening in openings.values()}
    accounts = await entrants.accounts_of(
        conn, contest.workspace_id, contest.id, [o.entrant_id for o in openings.values()]
    )
    judged = await judge_some(conn, contest, accounts, recheck=True)
    return [
        by_subject[subject].commitment
        for subject, judgement in judged
        if subject in by_subject and judgement.state is EntrantState.INVALID
    ]
