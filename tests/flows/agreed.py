"""Persons of the stage's workspace, and what takes two of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contest_service.domain.people import Actor, Role
from contest_service.domain.reasons import PersonReason
from contest_service.flows import approve
from contest_service.store import members
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification
from flows.stage import Stage

ALL_ALONG = datetime(2020, 1, 1, tzinfo=UTC)


async def member(stage: Stage, role: Role = Role.OWNER, *, since: datetime = ALL_ALONG) -> Actor:
    """Somebody else of the workspace, by default an owner who was always there."""
    workspace_id = stage.actor.workspace_id
    async with stage.transaction() as conn:
        person_id = await members.create_person(conn, "Somebody else", None, now=since)
        await members.add_member(conn, workspace_id, person_id, role, now=since)
    return Actor(
        workspace_id=workspace_id, person_id=person_id, token_id=None, role=role, request_id="test"
    )


async def propose(
    stage: Stage,
    contest: Contest,
    entry: UUID,
    *,
    actor: Actor | None = None,
    reason: PersonReason = PersonReason.DECLINED,
    now: Any = None,
) -> Disqualification:
    async with stage.transaction() as conn:
        by, at = actor or stage.actor, now or stage.now()
        return await approve.propose(conn, stage.rt, by, contest.id, entry, reason=reason, now=at)


async def agree(stage: Stage, contest: Contest, proposal: Disqualification, actor: Actor) -> Any:
    async with stage.transaction() as conn:
        return await approve.approve(
            conn, stage.rt, actor, contest.id, proposal.id, now=stage.now()
        )


async def withdraw(stage: Stage, contest: Contest, proposal: Disqualification, actor: Actor) -> Any:
    async with stage.transaction() as conn:
        return await approve.withdraw(
            conn, stage.rt, actor, contest.id, proposal.id, now=stage.now()
        )


async def disqualify(stage: Stage, contest: Contest, entry: UUID) -> Disqualification:
    """Take an entry out: the stage's owner proposes it, another one agrees."""
    other = await member(stage)
    done: Disqualification = await agree(
        stage, contest, await propose(stage, contest, entry), other
    )
    return done
