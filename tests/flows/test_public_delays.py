"""An organiser who is alone: shown in public first, effective by itself later, exactly once."""

import asyncio
import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.domain.people import system
from contest_service.domain.reasons import PRACTICE_DELAY, PersonReason
from contest_service.flows import approve
from contest_service.flows.decisions import DecidedBy, Pending, decisions, pending
from contest_service.store import contests, disqualifications
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import Disqualification, ProposalState
from flows.agreed import agree, member, propose, withdraw
from flows.drawn import PEOPLE, SOON, announced, checked, frozen, outbox, somebody, types, winners
from flows.made_up import advance_until, connected, schedule, see, somebody_waits, started
from flows.stage import Stage, open_stage

DELAY = timedelta(seconds=PRACTICE_DELAY)


async def _nobody(*_: object) -> None:
    """A beacon that does not answer."""


async def _found(stage: Stage, contest: Contest, proposal: Disqualification) -> Disqualification:
    async with stage.rt.pool.acquire() as conn:
        found = await disqualifications.find(conn, contest, proposal.id)
    assert found is not None
    return found


async def test_it_is_public_at_once_and_effective_after_the_delay(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        (winner,) = await winners(stage, contest)
        proposal = await propose(stage, contest, winner, reason=PersonReason.FRAUD)
        assert proposal.due_at == proposal.proposed_at + DELAY
        assert await pending(pool, contest) == [
            Pending(
                commitment=proposal.commitment,
                reason="fraud",
                proposed_at=proposal.proposed_at,
                effective_at=proposal.due_at,
            )
        ]
        await advance_until(stage, contest, proposal.due_at - SOON)
        assert "dq" not in await types(stage, contest)
        await advance_until(stage, contest, proposal.due_at)
        assert await types(stage, contest) == ["rules", "freeze", "result", "dq"]
        (decision,) = (await decisions(pool, contest)).values()
        assert (decision.by, decision.proposed_at) == (DecidedBy.DELAY, proposal.proposed_at)
        assert decision.effective_at >= proposal.due_at.replace(microsecond=0)
        assert (await _found(stage, contest, proposal)).decided_by is None
        assert await pending(pool, contest) == []
        assert len(await outbox(stage, contest, AnnouncementKind.SUCCESSION)) == 1
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


async def test_a_delay_that_ended_while_no_worker_ran_may_end_after_the_round(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        entry = await somebody(stage, contest)
        await propose(stage, contest, entry)
        await advance_until(stage, contest, contest.draw_at + SOON)
        assert await types(stage, contest) == ["rules", "freeze", "result", "dq"]
        assert entry not in await winners(stage, contest)


async def test_whoever_is_out_before_the_round_is_not_drawn(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        entry = await somebody(stage, contest)
        proposal = await propose(stage, contest, entry)
        assert proposal.due_at is not None
        assert proposal.due_at < contest.draw_at
        await advance_until(stage, contest, proposal.due_at)
        await advance_until(stage, contest, contest.draw_at + SOON)
        assert await types(stage, contest) == ["rules", "freeze", "dq", "result"]
        assert entry not in await winners(stage, contest)


async def test_what_comes_up_between_round_and_result_waits_for_the_result(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await frozen(stage)
        answers = stage.rt.fetch_round
        stage.rt = dataclasses.replace(stage.rt, fetch_round=_nobody)
        await advance_until(stage, contest, contest.draw_at + SOON)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        approved = await agree(stage, contest, proposal, other)
        assert (approved.state, approved.seq) == (ProposalState.APPROVED, None)
        (shown,) = await pending(pool, contest)
        assert shown.effective_at is None
        # Nobody can see the result first and then take back what was decided.
        with pytest.raises(ConflictError, match="approved"):
            await withdraw(stage, contest, proposal, stage.actor)
        await advance_until(stage, contest, stage.now() + SOON * 2)
        assert await types(stage, contest) == ["rules", "freeze"]
        stage.rt = dataclasses.replace(stage.rt, fetch_round=answers)
        await advance_until(stage, contest, stage.now() + SOON * 2)
        assert await types(stage, contest) == ["rules", "freeze", "result", "dq"]
        (decision,) = (await decisions(pool, contest)).values()
        assert decision.by is DecidedBy.SECOND_PERSON
        # It was over before anybody was named.
        assert len(await outbox(stage, contest, AnnouncementKind.RESULT)) == 1
        assert not await outbox(stage, contest, AnnouncementKind.SUCCESSION)


async def test_what_is_withdrawn_in_time_never_takes_effect(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        await withdraw(stage, contest, proposal, stage.actor)
        await advance_until(stage, contest, stage.now() + 2 * DELAY)
        assert "dq" not in await types(stage, contest)
        assert (await _found(stage, contest, proposal)).state is ProposalState.WITHDRAWN


async def test_whoever_withdraws_while_the_delay_ends_comes_too_late(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        assert proposal.due_at is not None
        async with stage.transaction() as conn:
            await contests.read_locked(conn, contest.workspace_id, contest.id)
            waits = asyncio.ensure_future(withdraw(stage, contest, proposal, stage.actor))
            await somebody_waits(pool)
            stage.pass_time(proposal.due_at)
        with pytest.raises(ConflictError) as refused:
            await waits
        assert refused.value.code == "delay_over"
        await advance_until(stage, contest, stage.now())
        assert (await _found(stage, contest, proposal)).state is ProposalState.EFFECTIVE


async def test_somebody_who_qualifies_may_approve_during_the_delay(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        assert proposal.due_at is not None
        # Somebody who was there all along has become an owner.
        done = await agree(stage, contest, proposal, await member(stage))
        assert done.state is ProposalState.EFFECTIVE
        await advance_until(stage, contest, proposal.due_at + SOON)
        assert (await types(stage, contest)).count("dq") == 1
        (decision,) = (await decisions(pool, contest)).values()
        assert decision.by is DecidedBy.SECOND_PERSON


async def test_two_workers_at_once_carry_it_out_once(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        await propose(stage, contest, await somebody(stage, contest))
        stage.pass_time(stage.now() + DELAY)
        service = system(contest.workspace_id, "test")
        await asyncio.gather(*(approve.carry_out_due(stage.rt, contest, service) for _ in range(3)))
        assert (await types(stage, contest)).count("dq") == 1
        assert len(await outbox(stage, contest, AnnouncementKind.SUCCESSION)) <= 1


async def test_a_worker_that_dies_on_the_way_leaves_it_to_the_next(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        stage.pass_time(stage.now() + DELAY)
        service = system(contest.workspace_id, "test")
        async with stage.transaction() as conn:
            # The event is written last but for what its proposal says; there it dies.
            await conn.execute("LOCK TABLE audit_log IN EXCLUSIVE MODE")
            dies = asyncio.ensure_future(approve.carry_out_due(stage.rt, contest, service))
            await somebody_waits(pool)
            dies.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dies
        assert "dq" not in await types(stage, contest)
        assert (await _found(stage, contest, proposal)).state is ProposalState.PROPOSED
        contest = await advance_until(stage, contest, stage.now())
        assert contest.status is Status.ANNOUNCED
        assert (await types(stage, contest)).count("dq") == 1


async def _real(stage: Stage) -> Contest:
    """A frozen contest of the pinned beacon, whose round is more than ten minutes away."""
    times = schedule(stage, closes_at=300, draw_at=1800) | {"min_lead": 600}
    contest = await started(stage, await connected(stage), practice=False, schedule=times)
    stage.pass_time(contest.closes_at + SOON)
    await advance_until(stage, contest, stage.now())
    await see(stage, contest, PEOPLE)
    contest = await advance_until(stage, contest, contest.freeze_at + SOON)
    assert (contest.status, contest.practice) == (Status.FROZEN, False)
    return contest


async def test_a_real_contest_s_delay_is_a_day(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _real(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        assert proposal.due_at == proposal.proposed_at + timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "state"),
    [(75, ProposalState.EFFECTIVE), (55, ProposalState.APPROVED), (5, ProposalState.APPROVED)],
)
async def test_in_the_last_minute_before_a_real_round_nothing_takes_effect(
    pool: Any, tmp_path: Path, before: int, state: ProposalState
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _real(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        stage.pass_time(contest.draw_at - timedelta(seconds=before))
        assert (await agree(stage, contest, proposal, other)).state is state
