"""Set aside: what persons decided before the freeze, as everybody may know it for ever.

No person is named, neither of the organiser nor an entrant. A proposal that a second person still
has to approve is nobody's business yet; one that takes effect by itself is public from its first
moment.
"""

from collections import Counter
from datetime import datetime

import msgspec

from contest_service.domain.overrides import OverrideKind
from contest_service.flows.decisions import DecidedBy
from contest_service.store import contests, entrants, overrides
from contest_service.store.contests import Contest
from contest_service.store.overrides import Override
from contest_service.store.rows import Connection


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was set aside, for a reason, and decided by whom."""

    kind: OverrideKind
    reason: str
    by: DecidedBy
    times: int


class PendingOverride(msgspec.Struct, frozen=True, kw_only=True):
    """What will be set aside at `effective_at`, unless it is withdrawn.

    `commitment` is that of the entry that it is about, where there is one.
    """

    kind: OverrideKind
    reason: str
    commitment: str | None
    proposed_at: datetime
    effective_at: datetime


async def count_set_aside(conn: Connection, contest: Contest) -> list[SetAside]:
    """Count what is set aside and was not taken back, by kind, reason and who decided."""
    counted = Counter(
        (each.kind, each.reason, _by(each)) for each in await overrides.in_force(conn, contest)
    )
    counted.update(
        (OverrideKind.RECHECK, each.reason, DecidedBy.SYSTEM)
        for each in await contests.overrides(conn, contest.workspace_id, contest.id)
        if each.kind == OverrideKind.RECHECK
    )
    return [
        SetAside(kind=kind, reason=reason, by=by, times=times)
        for (kind, reason, by), times in sorted(counted.items())
    ]


def _by(override: Override) -> DecidedBy:
    if override.approved_by is not None:
        return DecidedBy.SECOND_PERSON
    # By a release that asked for no approval yet.
    return DecidedBy.ONE_PERSON if override.due_at == override.proposed_at else DecidedBy.DELAY


async def pending_overrides(conn: Connection, contest: Contest) -> list[PendingOverride]:
    """What waits for nothing but the end of its public delay, oldest first."""
    return [
        PendingOverride(
            kind=each.kind,
            reason=each.reason,
            commitment=await _commitment(conn, contest, each),
            proposed_at=each.proposed_at,
            effective_at=each.due_at,
        )
        for each in await overrides.open_ones(conn, contest)
        if each.due_at is not None
    ]


async def _commitment(conn: Connection, contest: Contest, override: Override) -> str | None:
    if override.entrant_id is None:
        return None
    key = (contest.workspace_id, contest.id)
    opening = await entrants.opening_of(conn, *key, override.entrant_id)
    return None if opening is None else opening.commitment.hex()
