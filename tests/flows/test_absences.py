"""Who was asked about and was absent began what is seen later after that answer."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.store import actions, evidence, scans
from contest_service.store.contests import Contest
from contest_service.store.scans import StagedPage
from flows.made_up import advance, advance_until, connected, see, sighting, started, states, watched
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=1)
RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]}
_CLAIM = "UPDATE scans SET claimed = 10 WHERE state = 'complete'"


async def _ask(
    stage: Stage, contest: Contest, *, present: Sequence[str], absent: Sequence[str]
) -> None:
    """Let a complete pass ask about the followers, and get these answers."""
    watch, target = await watched(stage, contest, Action.FOLLOW)
    now = stage.now()
    answers = {"present": present, "absent": absent}
    async with stage.transaction() as conn:
        begun = await scans.begin(conn, watch, closing=True, at=now)
        staged = [
            StagedPage(seq=0, answer=answer, seen_at=now, sightings=list(map(sighting, people)))
            for answer, people in answers.items()
        ]
        await scans.stage(conn, begun, staged, [], checkpoint=None)
        gone = await actions.compare(conn, watch, begun, asked=True)
        outcome = await actions.merge(
            conn,
            watch,
            begun,
            gone=gone,
            asked=True,
            absent_at=None,
            platform=target.platform,
            instance=target.instance,
            at=now,
        )
        await scans.finish(conn, begun, outcome, at=now, claimed=None)
        await evidence.credit_scan(conn, target, Action.FOLLOW, scan_id=begun.id, started_at=now)


async def _closed(stage: Stage) -> Contest:
    """A contest whose closing scans of likes are in."""
    contest = await started(stage, await connected(stage), rules=RULES)
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    await see(stage, contest, ["ann", "bob"])
    stage.pass_time(stage.now() + SOON)
    return contest


async def test_a_follow_after_the_close_does_not_count_when_closing_scans_are_repeated(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closed(stage)
        await _ask(stage, contest, present=["ann"], absent=["bob"])
        async with stage.transaction() as conn:
            await conn.execute(_CLAIM)
        postponed = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (postponed.status, postponed.postponements) == (Status.CLOSING, 1)
        await see(stage, contest, ["ann", "bob"])
        stage.pass_time(stage.now() + SOON)
        await _ask(stage, contest, present=["ann", "bob"], absent=[])
        frozen = await advance_until(stage, contest, postponed.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
        assert await states(stage, contest) == {
            "ann": "all_conditions_hold",
            "bob": "follows.outside_contest_time",
        }


async def test_who_was_never_asked_about_before_was_not_absent(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closed(stage)
        await _ask(stage, contest, present=["ann", "bob"], absent=["carl"])
        frozen = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
        assert set((await states(stage, contest)).values()) == {"all_conditions_hold"}


async def test_an_answer_from_before_the_close_makes_nobody_late(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage), rules=RULES)
        await see(stage, contest, ["ann"])
        await _ask(stage, contest, present=[], absent=["ann"])
        stage.pass_time(contest.closes_at + SOON)
        await advance(stage, contest)
        await see(stage, contest, ["ann"])
        stage.pass_time(stage.now() + SOON)
        await _ask(stage, contest, present=["ann"], absent=[])
        async with pool.acquire() as conn:
            known = await conn.fetchval("SELECT absent_at FROM actions WHERE action = 'follow'")
        assert known is not None
        assert known < contest.closes_at
        frozen = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
        assert await states(stage, contest) == {"ann": "all_conditions_hold"}
