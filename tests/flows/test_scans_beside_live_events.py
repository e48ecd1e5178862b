"""Passes over a list while live events come in: neither undoes what the other knows better."""

import asyncio
from pathlib import Path
from typing import Any

from contest_service.domain.evidence import Action
from contest_service.flows import merge
from contest_service.store import actions
from contest_service.store.work import Kind
from flows.live import (
    ANN,
    BOB,
    CEM,
    begin,
    bring,
    community,
    hear,
    known,
    like,
    present,
    run,
    see,
    seen,
    started,
    unlike,
)
from flows.made_up import somebody_waits
from flows.stage import open_stage


async def test_a_pass_does_not_take_away_what_appeared_while_it_read(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(BOB))
        await hear(stage, page, like(ANN))
        await this.compare()
        assert this.gone == []
        outcome = await this.merge()
        assert (outcome.appeared, outcome.vanished) == (1, 0)
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
        # It was not on the pass's pages, so it is not among what the pass saw.
        assert outcome.seen == 1


async def test_the_next_pass_takes_away_what_it_does_not_see(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await hear(stage, page, like(ANN))
        await this.compare()
        await this.merge()
        this = await begin(stage, contest, Action.LIKE)
        await this.compare()
        assert [(each.account, each.is_heard) for each in this.gone] == [(ANN, True)]
        await this.merge()
        assert await present(stage, Action.LIKE) == []


async def test_what_was_heard_and_read_is_one_presence_and_counts_as_seen(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await hear(stage, page, like(ANN))
        await this.read(seen(ANN), seen(BOB))
        await this.compare()
        outcome = await this.merge()
        assert (outcome.appeared, outcome.seen) == (1, 2)
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]


async def test_what_appears_after_a_pass_was_compared_is_not_written_twice(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(ANN), seen(BOB))
        await this.compare()
        await hear(stage, page, like(ANN))
        outcome = await this.merge()
        assert (outcome.appeared, outcome.seen) == (1, 2)
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]


async def test_a_comparison_that_is_made_again_forgets_the_first_one(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(ANN))
        # The platform does not answer what is asked after it, and the worker comes back later.
        await this.compare()
        await hear(stage, page, like(ANN))
        await this.compare()
        await this.merge()
        assert await present(stage, Action.LIKE) == [(ANN, "")]


async def test_a_pass_does_not_bring_back_what_vanished_after_it_was_read(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        await see(stage, contest, Action.LIKE, seen(ANN), seen(CEM))
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(ANN), seen(BOB), seen(CEM))
        # One was known before, the other is known from this very pass.
        await hear(stage, page, unlike(ANN), unlike(BOB))
        await this.compare()
        outcome = await this.merge()
        assert await present(stage, Action.LIKE) == [(CEM, "")]
        assert (outcome.appeared, outcome.vanished, outcome.seen) == (0, 0, 1)


async def test_nor_what_vanished_after_it_was_compared(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        await see(stage, contest, Action.LIKE, seen(ANN))
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(BOB))
        await this.compare()
        assert [each.account for each in this.gone] == [ANN]
        await hear(stage, page, unlike(ANN), unlike(BOB))
        heard = await known(stage, Action.LIKE)
        outcome = await this.merge()
        assert outcome.vanished == 0
        # The events said when, and the pass does not move it.
        assert await known(stage, Action.LIKE) == heard
        assert all(each.gone_at for each in heard)


async def test_what_came_back_after_it_vanished_is_seen_anew(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        await see(stage, contest, Action.LIKE, seen(ANN), seen(BOB))
        this = await begin(stage, contest, Action.LIKE)
        await hear(stage, page, unlike(ANN), unlike(BOB))
        # That they came back was told of one of them only.
        await this.read(seen(ANN), seen(BOB))
        await hear(stage, page, like(BOB))
        await this.compare()
        outcome = await this.merge()
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
        assert (outcome.appeared, outcome.seen) == (1, 2)


async def test_a_pass_that_is_broken_off_adds_nothing_twice(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(ANN), seen(BOB), seen(CEM))
        await hear(stage, page, like(ANN), unlike(CEM))
        async with stage.transaction() as conn:
            await merge.abort_scan(
                conn, this.watch, this.target, this.scan, failure="away", at=stage.now()
            )
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]


async def test_while_a_pass_is_written_events_wait_and_whoever_brings_them_does_not(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        this = await begin(stage, contest, Action.LIKE)
        await bring(stage, page, like(ANN))
        async with stage.transaction() as conn:
            # As the end of a pass holds it.
            await conn.execute(actions.LOCK, this.watch.workspace_id, this.watch.id)
            hearing = asyncio.ensure_future(run(stage, Kind.HEAR, page))
            await somebody_waits(pool)
            async with asyncio.timeout(5):
                await bring(stage, page, like(BOB))
            assert not hearing.done()
        await hearing
        assert await present(stage, Action.LIKE) == [(ANN, "")]
        # What came meanwhile is due.
        await run(stage, Kind.HEAR, page)
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
