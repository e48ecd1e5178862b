"""Going on though closing scans saw too little: two persons or a public delay, and never less."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.evidence import Action
from contest_service.domain.overrides import OverrideKind
from contest_service.domain.reasons import PRACTICE_DELAY
from contest_service.flows.decisions import DecidedBy
from contest_service.flows.outcome import read_freeze
from contest_service.flows.set_aside import pending_overrides
from contest_service.store.contests import Contest
from contest_service.store.overrides import OverrideState
from flows.agreed import member
from flows.made_up import advance, advance_until, connected, see, started
from flows.overruled import go_on, propose_coverage, take_back
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=1)
DELAY = timedelta(seconds=PRACTICE_DELAY)


async def _claim(stage: Stage, number: int) -> None:
    """Let the platform's counter be this."""
    async with stage.transaction() as conn:
        await conn.execute("UPDATE scans SET claimed = $1 WHERE state = 'complete'", number)


async def _closing(stage: Stage, **changes: Any) -> Contest:
    """A closing contest of whose four likes one was seen."""
    contest = await started(stage, await connected(stage), **changes)
    contest = await advance_until(stage, contest, contest.closes_at + SOON)
    await see(stage, contest, ["ann"])
    await _claim(stage, 4)
    return contest


async def test_two_persons_go_on_and_nothing_is_postponed(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _closing(stage)
        done = await go_on(stage, contest, other)
        assert (done.kind, done.least, done.state) == (
            OverrideKind.COVERAGE,
            25,
            OverrideState.EFFECTIVE,
        )
        frozen = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (frozen.status, frozen.postponements) == (Status.FROZEN, 0)
        async with pool.acquire() as conn:
            (told,) = (await read_freeze(conn, frozen)).overrides
        assert (told.kind, told.reason, told.by) == (
            OverrideKind.COVERAGE,
            "The counter is wrong.",
            DecidedBy.SECOND_PERSON,
        )


async def test_whoever_is_alone_waits_and_so_does_the_freeze(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage)
        stage.pass_time(contest.freeze_at - SOON * 5)
        proposal = await propose_coverage(stage, contest)
        assert proposal.due_at == proposal.proposed_at + DELAY
        async with pool.acquire() as conn:
            (shown,) = await pending_overrides(conn, contest)
        assert (shown.kind, shown.commitment) == (OverrideKind.COVERAGE, None)

        # The freeze is later than the delay ends, and the draw as much later than that.
        waiting = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (waiting.status, waiting.postponements) == (Status.CLOSING, 1)
        assert waiting.freeze_at > proposal.due_at
        assert waiting.draw_at - waiting.freeze_at == contest.draw_at - contest.freeze_at
        await see(stage, contest, ["ann"])
        await _claim(stage, 4)
        frozen = await advance_until(stage, waiting, waiting.freeze_at + SOON)
        assert (frozen.status, frozen.postponements) == (Status.FROZEN, 1)
        async with pool.acquire() as conn:
            (told,) = (await read_freeze(conn, frozen)).overrides
        assert told.by is DecidedBy.DELAY


async def test_what_sees_even_less_is_not_gone_on_with(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _closing(stage)
        await go_on(stage, contest, other)
        await _claim(stage, 5)
        waiting = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (waiting.status, waiting.postponements) == (Status.CLOSING, 1)
        await see(stage, contest, ["ann"])
        await _claim(stage, 5)
        assert (await go_on(stage, contest, other)).least == 20
        frozen = await advance_until(stage, waiting, waiting.freeze_at + SOON)
        assert frozen.status is Status.FROZEN


async def test_what_was_withdrawn_or_is_not_approved_excuses_nothing(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _closing(stage)
        done = await go_on(stage, contest, other)
        await take_back(stage, contest, done, other)
        await propose_coverage(stage, contest)
        with pytest.raises(ConflictError) as refused:
            await propose_coverage(stage, contest)
        assert refused.value.code == "already_proposed"
        waiting = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (waiting.status, waiting.postponements) == (Status.CLOSING, 1)


async def test_only_a_closing_contest_that_saw_too_little_goes_on(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        with pytest.raises(ConflictError, match="closing"):
            await propose_coverage(stage, contest)
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        await see(stage, contest, ["ann"])
        with pytest.raises(ConflictError) as refused:
            await propose_coverage(stage, contest)
        assert refused.value.code == "not_below"
        with pytest.raises(InvalidError):
            await propose_coverage(stage, contest, reason=" ")


async def test_each_action_has_its_own_threshold(pool: Any, tmp_path: Path) -> None:
    rules = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(
            stage, await connected(stage), rules=rules, coverage={"like": 20, "repost": 50}
        )
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        for action in (Action.LIKE, Action.REPOST):
            await see(stage, contest, ["ann"], action=action)
        await _claim(stage, 4)
        waiting = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert waiting.postponements == 1
        assert "25 % of the reposts" in waiting.obstacle
        assert "ask for 50 %" in waiting.obstacle
        for action in (Action.LIKE, Action.REPOST):
            await see(stage, contest, ["ann"], action=action)
        await advance(stage, contest)
        async with stage.transaction() as conn:
            await conn.execute(
                """UPDATE scans s SET claimed = CASE w.action WHEN 'like' THEN 4 ELSE 2 END
                FROM watches w WHERE w.id = s.watch_id AND s.state = 'complete'"""
            )
        frozen = await advance_until(stage, waiting, waiting.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
