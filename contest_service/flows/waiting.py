"""Waiting: decisions that a person has to take or may take back, and who may do what about each.

Who may is what the flows themselves ask when somebody does it (`settle`, `approve`); here it is
said before.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.coverage import needed
from contest_service.domain.overrides import OverrideKind
from contest_service.domain.people import Actor, Role
from contest_service.flows import approve, settle
from contest_service.flows.second_person import person_of
from contest_service.store import coverage, disqualifications, entrant_table, overrides
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


async def waiting_of(
    conn: Connection, contest: Contest, actor: Actor, *, after: UUID | None, limit: int
) -> list[Waiting]:
    """List what of a contest is proposed and not decided, oldest first."""
    about_lists = await overrides.open_page(conn, contest, after=after, limit=limit)
    about_entries = await disqualifications.open_page(conn, contest, after=after, limit=limit)
    ids = {each.entrant_id for each in about_lists} | {each.entry for each in about_entries}
    labels = await entrant_table.labels(conn, contest, [id_ for id_ in ids if id_ is not None])
    others = await _others(conn, contest, about_lists, settle.approvers_of)
    may = await may_approve(conn, contest, actor, about_entries)
    found = [
        *[
            _override(each, actor, others=others[each.proposed_by], labels=labels)
            for each in about_lists
        ],
        *[
            _disqualification(each, actor, may=may[each.id], labels=labels)
            for each in about_entries
        ],
    ]
    return sorted(found, key=lambda each: each.id)[:limit]


async def may_approve(
    conn: Connection, contest: Contest, actor: Actor, proposals: Sequence[Disqualification]
) -> Mapping[UUID, May]:
    """Whether somebody may approve each of some disqualifications that wait, by its id."""
    others = await _others(conn, contest, proposals, approve.approvers_of)
    return {
        each.id: May.APPROVED
        if each.state is ProposalState.APPROVED
        else _may(actor, each.proposed_by, others[each.proposed_by])
        for each in proposals
    }


async def lacking_coverage(conn: Connection, contest: Contest) -> list[Coverage]:
    """What a closing contest saw less of than its terms ask for, where nobody proposed to go on.

    Empty for any other contest.
    """
    if contest.status is not Status.CLOSING or await overrides.is_coverage_open(conn, contest):
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


class _Approvers(Protocol):
    """Who may approve what a person proposed."""

    async def __call__(
        self, conn: Connection, contest: Contest, *, besides: UUID
    ) -> Sequence[UUID]: ...


async def _others(
    conn: Connection,
    contest: Contest,
    proposals: Iterable[Override | Disqualification],
    approvers_of: _Approvers,
) -> Mapping[UUID, Sequence[UUID]]:
    """Who may approve some proposals, by whoever proposed them."""
    proposers = {each.proposed_by for each in proposals}
    return {each: await approvers_of(conn, contest, besides=each) for each in proposers}


def _override(
    proposal: Override, actor: Actor, *, others: Sequence[UUID], labels: Mapping[UUID, str]
) -> Waiting:
    entrant_id = proposal.entrant_id
    return Waiting(
        id=proposal.id,
        kind=proposal.kind,
        entrant_id=entrant_id,
        label="" if entrant_id is None else labels.get(entrant_id, ""),
        reason=proposal.reason,
        note=proposal.note,
        least=proposal.least,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        due_at=proposal.due_at,
        may=_may(actor, proposal.proposed_by, others),
        may_withdraw=may_withdraw(actor, proposed_by=proposal.proposed_by),
    )


def _disqualification(
    proposal: Disqualification, actor: Actor, *, may: May, labels: Mapping[UUID, str]
) -> Waiting:
    return Waiting(
        id=proposal.id,
        kind=None,
        entrant_id=proposal.entry,
        label=labels.get(proposal.entry, ""),
        reason=proposal.reason,
        note="",
        least=None,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        due_at=proposal.due_at,
        may=may,
        may_withdraw=may is not May.APPROVED
        and may_withdraw(actor, proposed_by=proposal.proposed_by),
    )


def _may(actor: Actor, proposed_by: UUID, others: Sequence[UUID]) -> May:
    person_id = person_of(actor)
    if person_id == proposed_by:
        return May.OWN
    if actor.role is not Role.OWNER:
        return May.NO_OWNER
    return May.APPROVE if person_id in others else May.CAME_LATER
