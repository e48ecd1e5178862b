"""Succeed: an entry is taken out, and the next of the same order takes what it held.

Nothing is ever drawn twice: the order was fixed by the one draw. Who decides that somebody is out,
and why, is not known here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from contest_service.domain.amendments import Applied
from contest_service.domain.case import Verdict
from contest_service.domain.judging import Judgement
from contest_service.domain.reasons import SystemReason
from contest_service.domain.recheck import is_lost, is_rechecked
from contest_service.domain.rules import Judged
from contest_service.flows import announce
from contest_service.flows.announce import Slot
from contest_service.flows.judge import judge_some
from contest_service.flows.ledger import append, frozen_entries, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.flows.versions import counting
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.events import Dq, Event, EventType, Rules
from contest_service.store import (
    announcements,
    contests,
    disqualifications,
    entrants,
    folded,
    notices,
    winners,
)
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


async def take_out(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    chain: Chain,
    commitments: Sequence[bytes],
    *,
    reason: str,
    now: datetime,
) -> list[Event]:
    """Take entries out after the freeze, in this order; their prizes go to the next in order.

    The successors are checked as the first winners were, and announced together where a text that
    names the holders is published or on its way. Returns the events of the given entries. Raises
    ProofError if an event may not stand there. The contest has to be locked.
    """
    before = chain.final or ()
    written = [
        await _write(conn, contest, chain, each, reason=reason, now=now) for each in commitments
    ]
    if await _is_rechecked(conn, contest):
        await _recheck(conn, contest, chain, judged=_commitments(before), now=now)
    if not await _is_announced(conn, contest):
        return written
    changed = _changed(
        await name_held(conn, contest, chain.rules, before),
        await name_slots(conn, contest, chain),
    )
    if changed:
        await announce.enqueue_succession(
            conn,
            rt,
            contest,
            formers=[former for former, _ in changed],
            successors=[successor for _, successor in changed],
            reason=reason,
            seq=written[-1].seq,
            now=now,
        )
    return written


async def _is_announced(conn: Connection, contest: Contest) -> bool:
    """Whether a text that names the holders is published, or on its way."""
    rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    return any(row.kind is AnnouncementKind.RESULT for row in rows)


async def _is_rechecked(conn: Connection, contest: Contest) -> bool:
    """Whether the first winners were checked once more, so that all others have to be too."""
    if contest.rechecked_at is None or not await rechecks(conn, contest):
        return False
    overrides = await contests.overrides(conn, contest.workspace_id, contest.id)
    return not any(override.kind == "recheck" for override in overrides)


async def _write(
    conn: Connection,
    contest: Contest,
    chain: Chain,
    commitment: bytes,
    *,
    reason: str,
    now: datetime,
) -> Event:
    body = Dq(commit=commitment.hex(), reason=reason)
    event = await append(conn, contest, chain, EventType.DQ, body=body, now=now)
    if reason in set(SystemReason):
        await disqualifications.overtake(conn, contest, commitment=commitment, at=now)
    opened = await entrants.openings(conn, contest.workspace_id, contest.id, [commitment])
    for opening in opened.values():
        await notices.withdraw(conn, contest, opening.entrant_id)
    return event


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


async def rechecks(conn: Connection, contest: Contest) -> bool:
    """Whether the rules, in a version that counts, let winners be checked after the draw."""
    asked = contest.definition.recheck_winners
    return any(
        is_rechecked(each.rules, recheck_winners=asked) for each in await counting(conn, contest)
    )


async def recheck_winners(conn: Connection, contest: Contest, *, now: datetime) -> int:
    """Judge the winners once more over the scans made after the draw; returns how many fell.

    Somebody falls who surely lost what has to hold still; what cannot be known is no reason. The
    next in order are judged alike. In the caller's transaction.
    """
    entries = await frozen_entries(conn, contest)
    chain = await load_chain(conn, contest, entries=entries)
    return await _recheck(conn, contest, chain, judged=(), now=now)


async def _recheck(
    conn: Connection, contest: Contest, chain: Chain, *, judged: Collection[bytes], now: datetime
) -> int:
    """Judge all holders but those who were judged, and whoever takes over from them."""
    done = set(judged)
    fallen = 0
    while waiting := [held for held in _commitments(chain.final or ()) if held not in done]:
        for commitment in await _failing(conn, contest, waiting):
            reason = SystemReason.CONDITIONS_NO_LONGER_HOLD
            await _write(conn, contest, chain, commitment, reason=reason, now=now)
            fallen += 1
        done.update(waiting)
    return fallen


def _commitments(draws: Sequence[Sequence[events.Slot]]) -> list[bytes]:
    return [bytes.fromhex(slot.commit) for slots in draws for slot in slots if slot.commit]


async def _failing(conn: Connection, contest: Contest, commitments: Sequence[bytes]) -> list[bytes]:
    openings = await entrants.openings(conn, contest.workspace_id, contest.id, commitments)
    by_subject = {opening.subject: opening for opening in openings.values()}
    found = await folded.of_entrants(
        conn, contest.workspace_id, contest.id, [o.entrant_id for o in openings.values()]
    )
    records = {subject: msgspec.json.decode(record) for subject, record in found.items()}
    whole = contest.definition.recheck_winners
    shown = await winners.read_between(
        conn,
        contest,
        [opening.entrant_id for opening in openings.values()],
        since=contest.draw_at,
        until=contest.rechecked_at,
    )
    lost = []
    for applied in await counting(conn, contest):
        theirs = {
            subject: record
            for subject, record in records.items()
            if record["terms_version"] == applied.version and subject in by_subject
        }
        if not theirs:
            continue
        accounts = await entrants.accounts_of(
            conn,
            contest.workspace_id,
            contest.id,
            [by_subject[subject].entrant_id for subject in theirs],
        )
        judged = await judge_some(
            conn, contest, accounts, recheck=True, terms_version=applied.version
        )
        lost += [
            by_subject[subject].commitment
            for subject, judgement in judged
            if subject in theirs
            and _is_lost(
                applied,
                theirs[subject],
                judgement.findings if subject in shown else _but_profile(judgement),
                whole=whole,
            )
        ]
    return lost


def _but_profile(judgement: Judgement) -> list[Judged]:
    """What was found of somebody whose profile was not read when the winners were checked."""
    return [each for each in judgement.findings if not each.condition.fact]


def _is_lost(
    applied: Applied, record: dict[str, Any], again: Sequence[Judged], *, whole: bool
) -> bool:
    """Whether a holder surely lost, since the freeze, what has to hold after the draw.

    `whole` lets everything that had to hold at the close be looked at once more.
    """
    sealed = {found["at"]: Verdict(found["verdict"]) for found in record["conditions"]}
    return is_lost(applied.rules, sealed, again, recheck_winners=whole)
