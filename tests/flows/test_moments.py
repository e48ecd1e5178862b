"""At which moment things happen: by whose clock, and after what else."""

import asyncio
import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.flows import closing, define, life
from contest_service.flows.advance import run_advance
from contest_service.flows.ledger import load_chain
from contest_service.store import announcements, communities, contests, work
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import ProposalState
from flows.agreed import agree, member, propose
from flows.made_up import (
    LIKED,
    advance,
    advance_until,
    connected,
    drafted,
    entry_of,
    reread,
    schedule,
    see,
    somebody_waits,
    started,
)
from flows.stage import Stage, definition, open_stage
from workers import jobs

SOON = timedelta(seconds=2)
BOUNDED = 20.0
_PUBLISHED = """
UPDATE announcements
SET state = 'published', published_ref = 'at://1', published_url = 'http://1', published_at = now()
"""


async def _nobody(*_: object) -> None:
    """A beacon that does not answer."""


async def _closing(stage: Stage) -> Contest:
    contest = await started(stage, await connected(stage))
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    await see(stage, contest, ["ann", "bob"])
    await advance(stage, contest)
    return await reread(stage, contest)


async def _frozen(stage: Stage) -> Contest:
    contest = await _closing(stage)
    frozen = await advance_until(stage, contest, contest.freeze_at + SOON)
    assert frozen.status is Status.FROZEN
    return frozen


async def test_the_beacon_is_asked_before_the_list_is_read(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        frozen = await _frozen(stage)
        stage.pass_time(frozen.draw_at + SOON)
        stage.rt = dataclasses.replace(stage.rt, fetch_round=_nobody)
        async with stage.transaction() as conn, asyncio.timeout(BOUNDED):
            # Whoever reads the list waits until this transaction ends.
            await conn.execute("LOCK TABLE frozen_chunks IN ACCESS EXCLUSIVE MODE")
            await advance(stage, frozen)
        waiting = await reread(stage, frozen)
        assert waiting.obstacle == f"Waiting for round {frozen.round} of the beacon."


async def test_a_late_beacon_leaves_the_winners_their_time_of_objection(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        frozen = await _frozen(stage)
        days = timedelta(days=life.OBJECTION_DAYS)
        late = await advance_until(stage, frozen, frozen.draw_at + timedelta(days=3))
        assert late.status is Status.DRAWN
        async with stage.transaction() as conn:
            await conn.execute(_PUBLISHED)
            await work.plan(conn, late.workspace_id, work.Kind.ADVANCE, late.id, due_at=stage.now())
        announced = await advance_until(stage, late, late.draw_at + days + SOON)
        assert announced.status is Status.ANNOUNCED
        still = await advance_until(stage, late, late.draw_at + days + timedelta(days=2))
        assert still.status is Status.ANNOUNCED
        completed = await advance_until(stage, late, late.draw_at + days + timedelta(days=4))
        assert completed.status is Status.COMPLETED


async def test_a_disqualification_is_of_the_moment_at_which_the_contest_was_free(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        frozen = await _frozen(stage)
        async with pool.acquire() as conn:
            chain = await load_chain(conn, frozen)
        entry = await entry_of(stage, frozen, chain.entries.commitment(0).hex())
        other = await member(stage)
        proposal = await propose(stage, frozen, entry)
        async with stage.transaction() as conn:
            await contests.read_locked(conn, frozen.workspace_id, frozen.id)
            waits = asyncio.ensure_future(agree(stage, frozen, proposal, other))
            await somebody_waits(pool)
            stage.pass_time(frozen.draw_at + SOON)
        # Its time is after the round: it is approved, and waits for the result.
        assert (await waits).state is ProposalState.APPROVED


async def test_an_amendment_is_of_the_moment_at_which_the_contest_was_free(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage)
        asked_at = stage.now()
        later = schedule(stage, closes_at=-1, draw_at=7200)
        async with stage.transaction() as conn:
            await contests.read_locked(conn, contest.workspace_id, contest.id)
            waits = asyncio.ensure_future(_amend(stage, contest, later, asked_at))
            await somebody_waits(pool)
            stage.pass_time(contest.draw_at + SOON)
        with pytest.raises(ConflictError, match="draw time in force has come"):
            await waits


async def _amend(stage: Stage, contest: Contest, later: dict[str, Any], now: Any) -> None:
    async with stage.transaction() as conn:
        await life.amend_contest(
            conn,
            stage.rt,
            stage.actor,
            contest.id,
            definition(stage, rules=LIKED, schedule=later),
            reason="Because",
            now=now,
        )


async def test_a_freeze_is_of_the_moment_at_which_the_list_was_stored(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage)
        stage.pass_time(contest.freeze_at + SOON)
        async with stage.transaction() as conn:
            # The list cannot be written until this transaction ends, when it is too late.
            await conn.execute("LOCK TABLE frozen_chunks IN ACCESS EXCLUSIVE MODE")
            freezes = asyncio.ensure_future(closing.step(stage.rt, contest, _job(contest)))
            await somebody_waits(pool)
            stage.pass_time(contest.draw_at - SOON)
        await freezes
        assert (await reread(stage, contest)).status is Status.CLOSING


def _job(contest: Contest) -> work.Work:
    return work.Work(
        workspace_id=contest.workspace_id,
        id=contest.id,
        kind=work.Kind.ADVANCE,
        subject=contest.id,
        attempts=1,
        lease=contest.id,
    )


async def test_a_job_that_is_stopped_has_stopped_its_flow_too(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        stage.pass_time(contest.closes_at + SOON)
        async with pool.acquire() as conn:
            id_ = await conn.fetchval("SELECT id FROM work WHERE kind = 'advance'")
        before = asyncio.all_tasks()
        async with stage.transaction() as conn:
            await contests.read_locked(conn, contest.workspace_id, contest.id)
            job = asyncio.ensure_future(
                jobs.work({"runtime": stage.rt}, str(contest.workspace_id), str(id_))
            )
            await somebody_waits(pool)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            flows = [task for task in asyncio.all_tasks() - before if _is_flow(task)]
            assert not flows


def _is_flow(task: "asyncio.Task[Any]") -> bool:
    return getattr(task.get_coro(), "__qualname__", "") == run_advance.__qualname__


async def test_a_start_that_failed_is_forgotten_when_the_contest_is_changed(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _not_started(stage)
        assert contest.obstacle.startswith("It could not start")
        async with stage.transaction() as conn:
            later = definition(
                stage,
                rules=LIKED,
                schedule=schedule(stage, closes_at=900, draw_at=1800)
                | {"opens_at": stage.now().replace(microsecond=0) + timedelta(minutes=1)},
            )
            changed = await define.update_contest(
                conn, stage.actor, contest.id, later, revision=None, now=stage.now()
            )
        assert changed.obstacle == ""


async def _not_started(stage: Stage) -> Contest:
    """A contest that came to its opening when its close had passed."""
    contest = await drafted(
        stage,
        await connected(stage),
        schedule=schedule(stage, closes_at=900, draw_at=1800)
        | {"opens_at": stage.now().replace(microsecond=0) + timedelta(minutes=1)},
    )
    async with stage.transaction() as conn:
        await define.schedule_contest(conn, stage.actor, contest.id, now=stage.now())
    return await advance_until(stage, contest, contest.closes_at + SOON)


async def test_a_text_for_a_community_that_was_removed_is_given_up(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        community = await connected(stage)
        contest = await started(stage, community)
        async with stage.transaction() as conn:
            await life.cancel_contest(
                conn, stage.rt, stage.actor, contest.id, reason="withdrawn", now=stage.now()
            )
            await communities.remove(conn, community, now=stage.now())
        await stage.work()
        async with pool.acquire() as conn:
            (text,) = await announcements.of_contest(conn, contest.workspace_id, contest.id)
            left = await conn.fetchval("SELECT count(*) FROM work WHERE kind = 'announce'")
        assert (text.state, left) == ("failed", 0)
        assert text.failure is not None
        assert "not connected" in text.failure
