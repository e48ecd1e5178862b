"""Waiting: decisions that a person has to take or may take back, and who may do what about each.

Who may is what the flows themselves ask when somebody does it (`settle`, `approve`); here it is
said before.
"""

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.coverage import needed
from contest_service.domain.overrides import OverrideKind
from contest_service.domain.people import Actor, Role
from contest_service.flows import approve, settle
from contest_service.flows.second_person import person_of
from contest_service.store import coverage, disqualifications, entrants, overrides
from contest_service.store.contests import Contest
from contest_service.store.coverage import Coverage
from contest_service.store.disqualifications import Disqualification, ProposalState
from contest_service.store.overrides import Override
from contest_service.store.rows import Connection


class May(enum.Enum):
    """Whether somebody may approve a proposal, and if not, why."""

    APPROVE = enum.auto()
    OWN = enum.auto()
    """They proposed it themselves."""
    NO_OWNER = enum.auto()
    CAME_LATER = enum.auto()
    """They, or whoever proposed it, came after the moment that counts."""
    APPROVED = enum.auto()
    """Somebody has, and it waits for the result."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal. `kind` is None for a disqualification, `entrant_id` for one about everybody.

    `due_at` is when it takes effect by itself; None where somebody has to approve it.
    """

    id: UUID
    kind: OverrideKind | None
    entrant_id: UUID | None
    label: str
    reason: str
    note: str
    least: int | None
    proposed_by: UUID
    proposed_at: datetime
    due_at: datetime | None
    may: May
    may_withdraw: bool


async def waiting_of(conn: Connection, contest: Contest, actor: Actor) -> list[Waiting]:
    """Everything of a contest that is proposed and not decided, oldest first."""
    about_lists = await overrides.open_ones(conn, contest)
    about_entries = await disqualifications.open_ones(conn, contest)
    found = [
        *[await _override(conn, contest, actor, each) for each in about_lists],
        *[await _disqualification(conn, contest, actor, each) for each in about_entries],
    ]
    return sorted(found, key=lambda each: each.proposed_at)


async def lacking_coverage(conn: Connection, contest: Contest) -> list[Coverage]:
    """What a closing contest saw less of than its terms ask for; empty for any other contest."""
    if contest.status is not Status.CLOSING:
        return []
    threshold = contest.definition.coverage
    seen = await coverage.of_contest(conn, contest.workspace_id, contest.id)
    return [each for each in seen if each.per_cent < needed(threshold, each.action, each.platform)]


def may_withdraw(actor: Actor, *, proposed_by: UUID, is_in_force: bool = False) -> bool:
    """Whether somebody may take back a proposal, or an override that is in force."""
    if actor.role is Role.OWNER:
        return True
    is_own = actor.person_id == proposed_by and actor.role is Role.EDITOR
    return is_own and not is_in_force


async def _override(
    conn: Connection, contest: Contest, actor: Actor, proposal: Override
) -> Waiting:
    others = await settle.approvers_of(conn, contest, besides=proposal.proposed_by)
    return Waiting(
        id=proposal.id,
        kind=proposal.kind,
        entrant_id=proposal.entrant_id,
        label=await _label(conn, contest, proposal.entrant_id),
        reason=proposal.reason,
        note=proposal.note,
        least=proposal.least,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        due_at=proposal.due_at,
        may=_may(actor, proposal.proposed_by, others),
        may_withdraw=may_withdraw(actor, proposed_by=proposal.proposed_by),
    )


async def _disqualification(
    conn: Connection, contest: Contest, actor: Actor, proposal: Disqualification
) -> Waiting:
    others = await approve.approvers_of(conn, contest, besides=proposal.proposed_by)
    is_approved = proposal.state is ProposalState.APPROVED
    return Waiting(
        id=proposal.id,
        kind=None,
        entrant_id=proposal.entry,
        label=await _label(conn, contest, proposal.entry),
        reason=proposal.reason,
        note="",
        least=None,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        due_at=proposal.due_at,
        may=May.APPROVED if is_approved else _may(actor, proposal.proposed_by, others),
        may_withdraw=not is_approved and may_withdraw(actor, proposed_by=proposal.proposed_by),
    )


def _may(actor: Actor, proposed_by: UUID, others: Sequence[UUID]) -> May:
    person_id = person_of(actor)
    if person_id == proposed_by:
        return May.OWN
    if actor.role is not Role.OWNER:
        return May.NO_OWNER
    return May.APPROVE if person_id in others else May.CAME_LATER


async def _label(conn: Connection, contest: Contest, entrant_id: UUID | None) -> str:
    if entrant_id is None:
        return ""
    found = await entrants.read(conn, contest.workspace_id, contest.id, entrant_id)
    return "" if found is None else found.label or found.subject
