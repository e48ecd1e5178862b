"""What becomes of evidence when a closing scan saw less than the terms ask for."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.accounts import Platform
from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.store import coverage, versions
from contest_service.store.contests import Contest
from flows import two_networks
from flows.made_up import (
    account,
    advance,
    advance_until,
    connected,
    passes,
    reread,
    see,
    started,
    states,
)
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=1)
_BLOCK = """
INSERT INTO accounts (workspace_id, platform, instance, account, handle, name, profile_at, standing)
VALUES ($1, 'bluesky', '127.0.0.1', $2, '', '', now(), 'blocks_us')
"""


async def _claim(stage: Stage, number: int) -> None:
    """Let the platform's counter be this."""
    async with stage.transaction() as conn:
        await conn.execute("UPDATE scans SET claimed = $1 WHERE state = 'complete'", number)


async def _closing(stage: Stage, *people: str, **changes: Any) -> Contest:
    """A closing contest on reposts, which have no times, and in which these people were seen."""
    community = await connected(stage)
    contest = await started(stage, community, rules={"kind": "reposted"}, **changes)
    await see(stage, contest, people, action=Action.REPOST)
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    return contest


async def test_they_take_nobody_out_and_make_nobody_late(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage, "ann", "bob", "undid")
        await see(stage, contest, ["ann"], action=Action.REPOST)
        await _claim(stage, 3)
        postponed = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert (postponed.status, postponed.postponements) == (Status.CLOSING, 1)
        # The platform shows the others again, and somebody whom no scan has shown so far.
        await see(stage, contest, ["ann", "bob", "carl"], action=Action.REPOST)
        frozen = await advance_until(stage, contest, postponed.freeze_at + SOON)
        assert frozen.status is Status.FROZEN
        assert await states(stage, contest) == {
            "ann": "all_conditions_hold",
            "bob": "all_conditions_hold",
            "carl": "all_conditions_hold",
            "undid": "reposted.undone",
        }


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "Less was seen of what people did"), ("ru", "Увидено меньше действий")],
)
async def test_everybody_reads_in_the_contests_language_why_it_is_later(
    pool: Any, tmp_path: Path, language: str, reason: str
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage, "ann", "bob", language=language)
        await see(stage, contest, ["ann"], action=Action.REPOST)
        await _claim(stage, 2)
        await advance_until(stage, contest, contest.freeze_at + SOON)
        async with pool.acquire() as conn:
            _, postponed = await versions.of_contest(conn, contest)
        assert postponed.reason.startswith(reason)


async def test_they_say_why_they_do_not_count(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage, "ann", "bob")
        low = await see(stage, contest, ["ann"], action=Action.REPOST)
        await _claim(stage, 2)
        await advance_until(stage, contest, contest.freeze_at + SOON)
        newest, *_ = await passes(stage, contest)
        assert newest.id == low.id
        assert newest.failure == (await reread(stage, contest)).obstacle


async def test_enough_is_as_final_as_ever(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage, "ann", "undid")
        await see(stage, contest, ["ann"], action=Action.REPOST)
        await _claim(stage, 1)
        await advance_until(stage, contest, contest.freeze_at + SOON)
        assert await states(stage, contest) == {
            "ann": "all_conditions_hold",
            "undid": "reposted.undone",
        }


async def test_who_hides_and_comes_back_is_counted_once(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        await see(stage, contest, ["ann", "bob"])
        async with stage.transaction() as conn:
            await conn.execute(_BLOCK, contest.workspace_id, account("ann"))
        hidden = []
        for people in (["bob"], ["ann", "bob"], ["bob"]):
            stage.pass_time(stage.now() + SOON)
            await see(stage, contest, people)
            async with stage.transaction() as conn:
                (covered,) = await coverage.of_contest(conn, contest.workspace_id, contest.id)
            hidden.append(covered.hidden)
        assert hidden == [1, 0, 1]


_COUNTED_TWICE = """
UPDATE scans s SET claimed = 2 * s.seen FROM watches w
JOIN targets t ON t.workspace_id = w.workspace_id AND t.id = w.target_id
WHERE s.workspace_id = w.workspace_id AND s.watch_id = w.id AND s.closing AND t.platform = $1
"""


@pytest.mark.parametrize("platform", Platform)
async def test_each_platform_has_the_threshold_that_the_terms_give_it(
    pool: Any, tmp_path: Path, platform: Platform
) -> None:
    half = {action: {Platform.VK: 50} for action in (Action.LIKE, Action.REPOST)}
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await two_networks.wholes(stage, coverage=half)
        people = (two_networks.ANN, two_networks.ANN_TOO, two_networks.BOB)
        contest = await two_networks.close(stage, contest, *people)
        async with stage.transaction() as conn:
            await conn.execute(_COUNTED_TWICE, platform)
        contest = await advance_until(stage, contest, contest.freeze_at + SOON)
        if platform is Platform.VK:
            assert contest.status is Status.FROZEN
        else:
            assert (contest.status, contest.postponements) == (Status.CLOSING, 1)
            assert "that Bluesky counts, and the terms ask for 90 %" in contest.obstacle
