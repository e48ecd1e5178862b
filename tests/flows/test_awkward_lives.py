"""Lives that do not go as planned, on the real network, with a clock that can be moved."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.flows import life
from contest_service.store import entrants
from contest_service.store.announcements import AnnouncementKind
from flows.agreed import member
from flows.lives import LIKED, living
from flows.overruled import go_on
from flows.stage import definition


async def test_a_contest_with_nobody_in_it_freezes_and_draws_empty_slots(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, fans=0) as lived:
        for moment in ("closes_at", "freeze_at", "draw_at"):
            contest = await lived.until(moment)
        assert contest.status is Status.ANNOUNCED
        assert await lived.holders() == [None]


async def test_a_missed_freeze_makes_the_contest_void_in_public(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        contest = await lived.until("draw_at")
        assert (contest.status, contest.void_reason) == (Status.VOID, "missed")
        assert await lived.events() == ["rules", "void", "close"]
        assert await lived.announced() == [AnnouncementKind.VOID]


async def test_a_coverage_that_is_too_low_postpones_until_an_owner_goes_on(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        await lived.until("closes_at")
        async with pool.acquire() as conn:
            await conn.execute("UPDATE scans SET claimed = 10 WHERE state = 'complete'")
        planned = await lived.contest()
        postponed = await lived.until("freeze_at")
        assert postponed.status is Status.CLOSING
        assert postponed.draw_at > planned.draw_at
        assert "30 %" in postponed.obstacle
        assert await lived.events() == ["rules", "amend"]
        # The new closing scan saw what there is; what the platform claims is made poor again.
        async with pool.acquire() as conn:
            await conn.execute("UPDATE scans SET claimed = 10 WHERE state = 'complete'")
        await go_on(lived.stage, postponed, await member(lived.stage))
        assert (await lived.until("freeze_at")).status is Status.FROZEN
        assert (await lived.until("draw_at")).status is Status.ANNOUNCED


async def test_a_late_beacon_is_waited_for_and_the_round_stays(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        for moment in ("closes_at", "freeze_at"):
            frozen = await lived.until(moment)
        rt = lived.stage.rt
        answers = rt.fetch_round
        late = True

        async def fetch(beacon: Any, round_: int) -> Any:
            return None if late else await answers(beacon, round_)

        object.__setattr__(rt, "fetch_round", fetch)
        waiting = await lived.until("draw_at")
        assert waiting.status is Status.FROZEN
        assert str(frozen.round) in waiting.obstacle
        late = False
        lived.stage.pass_time(lived.stage.now() + timedelta(hours=1))
        await lived.stage.work()
        drawn = await lived.contest()
        assert (drawn.status, drawn.round) == (Status.ANNOUNCED, frozen.round)


async def test_a_disqualified_winner_is_succeeded_by_the_next_in_order(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        for moment in ("closes_at", "freeze_at", "draw_at"):
            await lived.until(moment)
        (winner,) = await lived.holders()
        await lived.disqualify(winner)
        (successor,) = await lived.holders()
        assert successor in set(await lived.entries()) - {winner}
        assert (await lived.announced())[-1] is AnnouncementKind.SUCCESSION
        with pytest.raises(ConflictError):
            await lived.disqualify(winner)
        assert await lived.events() == ["rules", "freeze", "result", "dq"]


async def test_an_entry_that_is_out_before_the_round_wins_nothing(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, fans=2) as lived:
        for moment in ("closes_at", "freeze_at"):
            await lived.until(moment)
        out, stays = await lived.entries()
        await lived.disqualify(out)
        await lived.until("draw_at")
        assert await lived.holders() == [stays]
        assert await lived.events() == ["rules", "freeze", "dq", "result"]


async def test_winners_who_undid_it_after_the_freeze_are_succeeded_before_the_announcement(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, recheck_winners=True) as lived:
        for moment in ("closes_at", "freeze_at"):
            await lived.until(moment)
        stays, *others = lived.likes
        for person in others:
            person.undo(lived.likes[person])
        network.settle()
        contest = await lived.until("draw_at")
        assert contest.status is Status.ANNOUNCED
        (holder,) = await lived.holders()
        async with pool.acquire() as conn:
            winner = await entrants.read(conn, contest.workspace_id, contest.id, holder)
        assert winner is not None
        assert winner.subject.endswith(stays.did)
        assert await lived.announced() == [AnnouncementKind.FREEZE, AnnouncementKind.RESULT]


async def test_a_cancelled_contest_is_void_in_public_and_nothing_more_happens(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        contest = await lived.contest()
        async with lived.stage.transaction() as conn:
            await life.cancel_contest(
                conn,
                lived.stage.rt,
                lived.stage.actor,
                contest.id,
                reason="cancelled",
                now=lived.stage.now(),
            )
        await lived.stage.work()
        assert (await lived.until("draw_at")).status is Status.VOID
        assert await lived.events() == ["rules", "void", "close"]


async def test_an_amendment_moves_the_close_and_is_announced(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path) as lived:
        before = await lived.until("closes_at")
        assert before.status is Status.CLOSING
        async with lived.stage.transaction() as conn:
            await life.amend_contest(
                conn,
                lived.stage.rt,
                lived.stage.actor,
                before.id,
                definition(lived.stage, rules=LIKED),
                reason="More people should have a chance",
                now=lived.stage.now(),
            )
        await lived.stage.work()
        amended = await lived.contest()
        assert amended.status is Status.RUNNING
        assert amended.closes_at > before.closes_at
        assert await lived.announced() == [AnnouncementKind.AMENDMENT]
        for moment in ("closes_at", "freeze_at", "draw_at"):
            amended = await lived.until(moment)
        assert amended.status is Status.ANNOUNCED
        assert await lived.events() == ["rules", "amend", "freeze", "result"]
