"""What is said of prizes that went to the next in order."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.flows.advance import LOOK_AGAIN, RECHECK_AT_MOST
from contest_service.proof.events import Dq
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from flows.agreed import disqualify
from flows.drawn import (
    SOON,
    checked,
    drawn,
    frozen,
    order,
    outbox,
    publish,
    winners,
    written,
)
from flows.made_up import advance, advance_until, reread, see
from flows.stage import Stage, open_stage

THREE = ["ann", "bob", "eve"]


def _draw(prize: str) -> dict[str, Any]:
    return {"tiers": [{"id": prize, "prize": f"A {prize}", "winners": 1}]}


async def test_a_winner_who_stands_in_a_result_on_its_way_is_succeeded_in_public(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await drawn(stage)
        assert len(await outbox(stage, contest, AnnouncementKind.RESULT)) == 1
        (winner,) = await winners(stage, contest)
        await disqualify(stage, contest, winner)
        (said,) = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
        assert "A mug" in said.text


async def test_a_winner_who_is_out_before_the_result_is_written_stands_in_no_text(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        stage.pass_time(contest.draw_at + SOON)
        await advance(stage, contest)
        (winner,) = await winners(stage, contest)
        await disqualify(stage, contest, winner)
        await advance(stage, contest)
        assert len(await outbox(stage, contest, AnnouncementKind.RESULT)) == 1
        assert not await outbox(stage, contest, AnnouncementKind.SUCCESSION)


async def test_every_prize_of_a_disqualified_winner_is_announced(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        # With as many draws one of the two wins several prizes.
        prizes = ["mug", "cup", "jug"]
        contest = await drawn(stage, draws=[_draw(prize) for prize in prizes])
        held = await winners(stage, contest)
        twice = max(held, key=held.count)
        await disqualify(stage, contest, twice)
        said = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
        lost = [prize for prize, winner in zip(prizes, held, strict=True) if winner == twice]
        assert len(lost) > 1
        assert all(any(f"A {prize}" in each.text for each in said) for prize in lost)


async def _rechecked(stage: Stage, keep: list[int]) -> tuple[Contest, list[UUID]]:
    """An announced contest, and its three entries in order; only some kept their likes."""
    contest = await frozen(stage, THREE, recheck_winners=True)
    stage.pass_time(contest.draw_at + SOON)
    await advance(stage, contest)
    await advance(stage, contest)
    drawn_order = await order(stage, contest)
    await see(stage, contest, [drawn_order[place][1] for place in keep])
    await advance_until(stage, contest, stage.now() + LOOK_AGAIN)
    await publish(stage, contest)
    await advance(stage, contest)
    contest = await reread(stage, contest)
    assert contest.status is Status.ANNOUNCED
    assert await winners(stage, contest) == [drawn_order[0][0]]
    return contest, [entry for entry, _ in drawn_order]


async def test_winners_are_checked_for_what_has_to_hold_still_at_the_draw(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        rules = {"kind": "all_of", "of": [{"kind": "liked", "moment": "draw"}]}
        contest = await frozen(stage, THREE, rules=rules)
        stage.pass_time(contest.draw_at + SOON)
        await advance(stage, contest)
        await advance(stage, contest)
        (first, _), (second, name), _ = await order(stage, contest)
        assert await winners(stage, contest) == [first]
        await see(stage, contest, [name])
        await advance_until(stage, contest, stage.now() + LOOK_AGAIN)
        assert await _reasons(stage, contest) == ["conditions-no-longer-hold"]
        assert await winners(stage, contest) == [second]


async def _reasons(stage: Stage, contest: Contest) -> list[str]:
    return [each.body.reason for each in await written(stage, contest) if isinstance(each.body, Dq)]


async def test_who_takes_over_later_is_checked_as_of_the_same_moment_as_the_winners(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, (first, _, third) = await _rechecked(stage, keep=[0, 2])
        await disqualify(stage, contest, first)
        assert await _reasons(stage, contest) == ["declined", "conditions-no-longer-hold"]
        assert await winners(stage, contest) == [third]
        (said,) = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
        assert said.text.count("New winner") == 1
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


async def test_what_was_undone_after_the_check_takes_nothing_from_a_successor(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, (first, second, _) = await _rechecked(stage, keep=[0, 1, 2])
        stage.pass_time(stage.now() + timedelta(days=1))
        await see(stage, contest, [])
        await disqualify(stage, contest, first)
        assert await _reasons(stage, contest) == ["declined"]
        assert await winners(stage, contest) == [second]


async def test_nobody_is_checked_later_where_the_winners_could_not_be(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage, THREE, recheck_winners=True)
        await advance_until(stage, contest, contest.draw_at + SOON)
        late = await advance_until(stage, contest, contest.draw_at + RECHECK_AT_MOST + SOON)
        assert late.rechecked_at is not None
        (first, _), (second, _), _ = await order(stage, contest)
        await see(stage, contest, [])
        await disqualify(stage, contest, first)
        assert await _reasons(stage, contest) == ["declined"]
        assert await winners(stage, contest) == [second]
