"""Deliver: note that a winner has what they won.

It proves nothing and moves nothing: the organiser says so, and may take it back. Both stay on
record. One delivery is for all that an entry wins, as one claim is.
"""

from datetime import datetime
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.people import Actor
from contest_service.flows.claims import Claim, read_claims
from contest_service.store import audit, contests, deliveries
from contest_service.store.contests import Contest
from contest_service.store.deliveries import Delivery
from contest_service.store.rows import Connection

_DELIVERABLE = frozenset({Status.ANNOUNCED, Status.COMPLETED})


async def note_delivery(
    conn: Connection, actor: Actor, contest_id: UUID, entry: UUID, *, now: datetime
) -> Delivery:
    """Note that an entry has all that it won; a second time changes nothing.

    Raises NotFoundError for an entry that holds nothing, and ConflictError before the announcement
    or where the prize has to be claimed first.
    """
    contest, held = await _held(conn, actor, contest_id, entry)
    if contest.definition.claim_within is not None and held.claimed_at is None:
        raise ConflictError(
            "This prize has not been claimed yet. Note the claim first, then the delivery.",
            code="unclaimed",
        )
    for each in await deliveries.of_contest(conn, contest):
        if each.commitment == held.commitment:
            return each
    commitment = bytes.fromhex(held.commitment)
    noted = await deliveries.note(conn, contest, commitment, by=actor.person_id, at=now)
    await _record(conn, actor, contest, entry, action="delivered", now=now)
    return noted


async def undo_delivery(
    conn: Connection, actor: Actor, contest_id: UUID, entry: UUID, *, now: datetime
) -> None:
    """Take back that an entry has its prize. Raises NotFoundError where nobody noted that."""
    contest, held = await _held(conn, actor, contest_id, entry)
    commitment = bytes.fromhex(held.commitment)
    if not await deliveries.undo(conn, contest, commitment, by=actor.person_id, at=now):
        raise NotFoundError("Nobody noted that this prize was delivered.")
    await _record(conn, actor, contest, entry, action="delivery_undone", now=now)


async def _held(
    conn: Connection, actor: Actor, contest_id: UUID, entry: UUID
) -> tuple[Contest, Claim]:
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status not in _DELIVERABLE:
        raise ConflictError("Prizes are delivered after the winners were announced.")
    for each in await read_claims(conn, contest):
        if each.entry == entry:
            return contest, each
    raise NotFoundError("This entry holds no prize that was announced, or lost it.")


async def _record(
    conn: Connection, actor: Actor, contest: Contest, entry: UUID, *, action: str, now: datetime
) -> None:
    await audit.record(
        conn,
        actor,
        f"contest.prize_{action}",
        subject=contest.id,
        at=now,
        detail={"entry": str(entry)},
    )
