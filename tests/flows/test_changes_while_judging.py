"""What is changed while a worker judges or waits: it never counts as judged, closed or missed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.flows import closing
from contest_service.flows.advance import run_advance
from contest_service.flows.judge import judge_all
from contest_service.store import contests, work
from flows.made_up import (
    LIKED,
    advance,
    advance_until,
    amended,
    connected,
    reread,
    schedule,
    see,
    somebody_waits,
    started,
    states,
)
from flows.stage import Stage, definition, open_stage

SOON = timedelta(seconds=1)
REPOSTED = {"kind": "reposted"}


async def _closing(stage: Stage) -> contests.Contest:
    """A contest whose closing scans are in, before anybody was judged over them."""
    contest = await started(stage, await connected(stage))
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    await see(stage, contest, ["ann", "bob"])
    return await reread(stage, contest)


async def test_a_judgement_under_rules_that_were_amended_meanwhile_does_not_count(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        before = await _closing(stage)
        pictured = {"kind": "all_of", "of": [LIKED, {"kind": "has_picture"}]}
        await amended(stage, before, rules=pictured, schedule=before.definition.schedule)
        # A worker that had read the contest before the amendment.
        await closing.step(stage.rt, before, _job(before))
        assert (await reread(stage, before)).closing_judged_at is None


async def test_a_judgement_begun_before_the_close_does_not_overwrite_the_closing_one(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        await see(stage, contest, ["ann"])
        running = await reread(stage, contest)
        stage.pass_time(contest.closes_at + SOON)
        await advance(stage, contest)
        await see(stage, contest, [])
        await advance(stage, contest)
        assert await states(stage, contest) == {"ann": "liked.undone"}
        async with pool.acquire() as conn:
            await conn.execute(
                "UPDATE actions SET gone_at = NULL, gone_scan = NULL, gone_why = NULL"
            )
            await conn.execute("UPDATE contest_evidence SET closing_scan_id = NULL")
        await judge_all(stage.rt, running)
        assert await states(stage, contest) == {"ann": "liked.undone"}


async def test_a_close_that_is_moved_in_the_last_moment_is_kept(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        stage.pass_time(contest.closes_at + SOON)
        job = await _taken(stage, contest)
        async with stage.transaction() as conn:
            # Advance reads the contest, and waits for the amendment with its move.
            locked = await contests.read_locked(conn, contest.workspace_id, contest.id)
            closes = asyncio.ensure_future(run_advance(stage.rt, job))
            await somebody_waits(pool)
            later = definition(
                stage, rules=LIKED, schedule=schedule(stage, closes_at=900, draw_at=1800)
            )
            await contests.redefine(conn, locked, later, now=stage.now())
        await asyncio.gather(closes, return_exceptions=True)
        assert (await reread(stage, contest)).status is Status.RUNNING


async def test_a_contest_that_is_postponed_in_the_last_moment_is_not_missed(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage)
        later = schedule(stage, closes_at=-1, draw_at=3600)
        amendment = await amended(stage, contest, schedule=later)
        assert amendment.draw_at > contest.draw_at
        # A worker that had read the contest before the amendment, at the old draw time.
        stage.pass_time(contest.draw_at + SOON)
        await closing.step(stage.rt, contest, _job(contest))
        assert (await reread(stage, contest)).status is Status.CLOSING


async def test_a_contest_that_is_postponed_by_its_owner_is_not_postponed_once_more(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        stage.pass_time(contest.closes_at + SOON)
        await advance(stage, contest)
        late = await reread(stage, contest)
        stage.pass_time(late.freeze_at + SOON)
        amendment = await amended(stage, late, schedule=schedule(stage, closes_at=-1, draw_at=3600))
        await closing.step(stage.rt, late, _job(late))
        after = await reread(stage, contest)
        assert (after.draw_at, after.postponements) == (amendment.draw_at, 0)


async def test_who_entered_by_what_the_amended_rules_no_longer_ask_for_is_judged_again(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        either = {"kind": "any_of", "of": [LIKED, REPOSTED]}
        contest = await started(stage, await connected(stage), rules=either)
        await see(stage, contest, ["ann"])
        await see(stage, contest, ["bob"], action=Action.REPOST)
        await judge_all(stage.rt, await reread(stage, contest))
        assert set((await states(stage, contest)).values()) == {"all_conditions_hold"}
        contest = await amended(stage, contest, schedule=contest.definition.schedule)
        stage.pass_time(contest.closes_at + SOON)
        await advance(stage, contest)
        await see(stage, contest, ["ann"])
        frozen = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
        assert await states(stage, contest) == {
            "ann": "all_conditions_hold",
            "bob": "liked.not_seen",
        }


def _job(contest: contests.Contest) -> work.Work:
    return work.Work(
        workspace_id=contest.workspace_id,
        id=contest.id,
        kind=work.Kind.ADVANCE,
        subject=contest.id,
        attempts=1,
        lease=contest.id,
    )


async def _taken(stage: Stage, contest: contests.Contest) -> work.Work:
    async with stage.rt.pool.acquire() as conn:
        due = await work.due(conn, stage.now(), limit=100)
        (mine,) = (each for each in due if each.kind is work.Kind.ADVANCE)
        job = await work.take(conn, mine.workspace_id, mine.id, now=stage.now())
    assert job is not None
    assert job.subject == contest.id
    return job
