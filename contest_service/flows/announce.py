"""Announce: texts for the community's pages, through an outbox.

The row is written in the transaction of what it announces, with the platform's idempotency key; a
worker publishes it afterwards, once, whatever crashes in between. Whoever holds a prize by what is
announced gets a notice of their own with it.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain import texts
from contest_service.domain.changes import changes
from contest_service.domain.contest import Definition
from contest_service.flows.exclusions import note_prizes
from contest_service.flows.notify import enqueue_notices
from contest_service.flows.runtime import Runtime
from contest_service.platforms.registry import press
from contest_service.proof.events import Event, Freeze, event_hash
from contest_service.store import announcements, claims, targets, work
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A prize and who holds it; nobody if the entries did not suffice.

    `label` and `subject` are empty where the holder did not agree to be named, or was erased.
    """

    tier: str
    prize: str
    entry: UUID | None = None
    label: str = ""
    subject: str = ""
    commitment: str | None = None
    ticket: str | None = None


async def enqueue(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    kind: AnnouncementKind,
    text: str,
    *,
    seq: int,
    number: int = 0,
    now: datetime,
) -> None:
    """Put a text into the outbox, once for each contest post; `seq` is the event it announces.

    `number` is a correction's.
    """
    link = rt.contest_link(contest.id)
    for post in await targets.posts(conn, contest.workspace_id, contest.id):
        style = press(post.platform)
        id_ = await announcements.add(
            conn,
            contest.workspace_id,
            contest.id,
            post.id,
            kind=kind,
            seq=seq,
            number=number,
            key=style.publication_key(now, secrets.token_bytes(8)),
            created_at=now,
            text=style.fit(text, link),
            link=link,
        )
        if id_ is not None:
            await work.plan(conn, contest.workspace_id, work.Kind.ANNOUNCE, id_, due_at=now)


async def enqueue_freeze(
    conn: Connection, rt: Runtime, contest: Contest, freeze: Freeze, *, event: Event, now: datetime
) -> None:
    """Announce that the list is fixed: its whole hash, the count, the round and its time."""
    text = texts.freeze_text(
        contest.definition.language,
        entries=freeze.entries.count,
        tickets=freeze.entries.weight,
        freeze_hash=event_hash(event).hex(),
        round_=freeze.round,
        draw_at=contest.draw_at,
        zone=contest.definition.schedule.zone,
        practice=contest.practice,
    )
    await enqueue(conn, rt, contest, AnnouncementKind.FREEZE, text, seq=event.seq, now=now)


async def enqueue_result(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    draws: Sequence[Sequence[Slot]],
    *,
    entries: int,
    round_: int,
    seq: int,
    now: datetime,
) -> None:
    """Announce who holds the prizes, as they stand now, and let each of them be told."""
    text = texts.result_text(
        contest.definition.language,
        title=contest.definition.title,
        tiers=[tier for slots in draws for tier in _tiers(contest, slots)],
        entries=entries,
        round_=round_,
        practice=contest.practice,
        claim_within=contest.definition.claim_within,
    )
    await enqueue(conn, rt, contest, AnnouncementKind.RESULT, text, seq=seq, now=now)
    await _tell(conn, rt, contest, [slot for slots in draws for slot in slots], seq=seq, now=now)


async def _tell(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    slots: Sequence[Slot],
    *,
    seq: int,
    now: datetime,
) -> None:
    """Note whom an announcement names as new holders, and let each of them be told."""
    named = {bytes.fromhex(slot.commitment): slot.entry for slot in slots if slot.commitment}
    await claims.name(conn, contest, named, seq=seq)
    await note_prizes(conn, contest, {entry for entry in named.values() if entry is not None})
    await enqueue_notices(conn, rt, contest, _held(slots), seq=seq, now=now)


def _held(slots: Iterable[Slot]) -> dict[UUID, list[str]]:
    """What each entry holds; slots that are vacant are nobody's."""
    held: dict[UUID, list[str]] = {}
    for slot in slots:
        if slot.entry is not None:
            held.setdefault(slot.entry, []).append(slot.prize)
    return held


def _tiers(contest: Contest, slots: Sequence[Slot]) -> list[texts.TierResult]:
    tiers = []
    for tier in dict.fromkeys(slot.tier for slot in slots):
        mine = [slot for slot in slots if slot.tier == tier]
        held = [_holder(contest, slot) for slot in mine if slot.commitment]
        tiers.append(
            texts.TierResult(prize=mine[0].prize, winners=tuple(held), vacant=len(mine) - len(held))
        )
    return tiers


def _holder(contest: Contest, slot: Slot) -> str:
    entry = str(slot.entry or slot.commitment)
    return texts.label_of(slot.label, entry, naming=contest.definition.naming)


async def enqueue_succession(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    *,
    formers: Sequence[Slot],
    successors: Sequence[Slot],
    reason: str,
    seq: int,
    now: datetime,
) -> None:
    """Announce that prizes went from former winners to the next in order, who are told."""
    text = texts.succession_text(
        contest.definition.language,
        taken=[
            (slot.prize, _holder(contest, slot) if slot.commitment else None) for slot in successors
        ],
        formers=list(dict.fromkeys(_holder(contest, former) for former in formers)),
        reason=reason,
        practice=contest.practice,
        claim_within=contest.definition.claim_within,
    )
    await enqueue(conn, rt, contest, AnnouncementKind.SUCCESSION, text, seq=seq, now=now)
    await _tell(conn, rt, contest, successors, seq=seq, now=now)
    await note_prizes(conn, contest, {each.entry for each in formers if each.entry is not None})


async def enqueue_amendment(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    *,
    before: Definition,
    reason: str,
    seq: int,
    now: datetime,
) -> None:
    """Announce that the rules changed, what changed since the definition `before`, and why."""
    text = texts.amendment_text(
        contest.definition.language,
        title=contest.definition.title,
        version=contest.terms_version,
        reason=reason,
        changes=changes(before, contest.definition, contest.definition.language),
        practice=contest.practice,
    )
    await enqueue(conn, rt, contest, AnnouncementKind.AMENDMENT, text, seq=seq, now=now)


async def enqueue_void(
    conn: Connection, rt: Runtime, contest: Contest, *, reason: str, seq: int, now: datetime
) -> None:
    """Announce that there will be no winners, and why."""
    text = texts.void_text(
        contest.definition.language,
        title=contest.definition.title,
        reason=reason,
        practice=contest.practice,
    )
    await enqueue(conn, rt, contest, AnnouncementKind.VOID, text, seq=seq, now=now)
