"""What persons set aside before the freeze, in the stage's workspace."""

from typing import Any
from uuid import UUID

from contest_service.domain.overrides import OverrideKind, OverrideReason
from contest_service.domain.people import Actor
from contest_service.flows import overrule, settle
from contest_service.flows.judge import judge_all
from contest_service.store import entrants
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.overrides import Override
from flows.made_up import reread
from flows.stage import Stage


async def propose(
    stage: Stage,
    contest: Contest,
    entrant_id: UUID,
    *,
    kind: OverrideKind = OverrideKind.ADMIT,
    reason: OverrideReason = OverrideReason.PLATFORM_FAULT,
    actor: Actor | None = None,
) -> Override:
    """Propose that a verdict is set aside, by default by the stage's owner."""
    async with stage.transaction() as conn:
        return await overrule.propose_verdict(
            conn,
            stage.rt,
            actor or stage.actor,
            contest.id,
            entrant_id,
            kind=kind,
            reason=reason,
            now=stage.now(),
        )


async def propose_coverage(
    stage: Stage, contest: Contest, *, reason: str = "The counter is wrong."
) -> Override:
    async with stage.transaction() as conn:
        return await overrule.propose_coverage(
            conn, stage.rt, stage.actor, contest.id, reason=reason, now=stage.now()
        )


async def agree(stage: Stage, contest: Contest, override: Override, actor: Actor) -> Override:
    async with stage.transaction() as conn:
        return await settle.approve(conn, stage.rt, actor, contest.id, override.id, now=stage.now())


async def take_back(stage: Stage, contest: Contest, override: Override, actor: Actor) -> Override:
    async with stage.transaction() as conn:
        return await settle.withdraw(
            conn, stage.rt, actor, contest.id, override.id, now=stage.now()
        )


async def go_on(stage: Stage, contest: Contest, other: Actor) -> Override:
    """Go on below the coverage: the stage's owner proposes it, another one agrees."""
    return await agree(stage, contest, await propose_coverage(stage, contest), other)


async def judge(stage: Stage, contest: Contest) -> None:
    """Judge a running contest as it stands."""
    await judge_all(stage.rt, await reread(stage, contest))


async def entrant(stage: Stage, contest: Contest, name: str) -> Entrant:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    (found,) = (each for each in page if each.subject.rpartition(":")[2] == name)
    return found


async def verdict(stage: Stage, contest: Contest, name: str) -> tuple[str, str, int]:
    """State, reason and tickets."""
    found = await entrant(stage, contest, name)
    return found.state.value, found.reason, found.tickets


async def rows(stage: Stage, sql: str, *args: Any) -> list[Any]:
    async with stage.rt.pool.acquire() as conn:
        return list(await conn.fetch(sql, *args))
