"""What somebody has won, for themselves alone: which prizes, and until when to accept them."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.flows.claims import read_claims
from contest_service.flows.prize_view import held_by
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.drawn import read_drawn

_CLAIMABLE = frozenset({Status.DRAWN, Status.ANNOUNCED})


class Won(msgspec.Struct, frozen=True, kw_only=True):
    """Prizes in words. `claim_by` is null until the announcement is out, or if nobody has to claim.

    `is_asked` says that the prizes have to be claimed, `may_claim` that it can be done now.
    """

    prizes: list[str]
    is_asked: bool
    may_claim: bool
    claim_by: datetime | None
    claimed_at: datetime | None


async def won_by(
    conn: Connection, contest: Contest, entrant_id: UUID, *, now: datetime
) -> Won | None:
    """What an entry holds by an announcement; None for nothing, or while nothing is announced."""
    outcome = await read_drawn(conn, contest)
    if outcome is None:
        return None
    mine = next(
        (each for each in await read_claims(conn, contest) if each.entry == entrant_id), None
    )
    if mine is None:
        return None
    is_asked = contest.definition.claim_within is not None
    is_late = mine.over_at is not None and mine.over_at <= now
    is_open = contest.status in _CLAIMABLE and mine.claimed_at is None and not is_late
    held = await held_by(conn, contest, outcome, mine.commitment)
    return Won(
        prizes=[each.prize for each in held],
        is_asked=is_asked,
        may_claim=is_asked and is_open,
        claim_by=mine.claim_by,
        claimed_at=mine.claimed_at,
    )
