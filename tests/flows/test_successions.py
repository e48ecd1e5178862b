"""What is said of prizes that went to the next in order."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.flows import succeed
from contest_service.flows.ledger import load_chain
from contest_service.store import announcements
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.store.contests import Contest
from flows.made_up import advance, advance_until, connected, entry_of, see, started
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=2)
PEOPLE = ["ann", "bob"]


def _draw(prize: str) -> dict[str, Any]:
    return {"tiers": [{"id": prize, "prize": f"A {prize}", "winners": 1}]}


async def _frozen(stage: Stage, **changes: Any) -> Contest:
    contest = await started(stage, await connected(stage), **changes)
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    await see(stage, contest, PEOPLE)
    return await advance_until(stage, contest, contest.freeze_at + SOON)


async def _drawn(stage: Stage, **changes: Any) -> Contest:
    """A contest whose result waits in the outbox."""
    frozen = await _frozen(stage, **changes)
    drawn = await advance_until(stage, frozen, frozen.draw_at + SOON)
    assert drawn.status is Status.DRAWN
    return drawn


async def _winners(stage: Stage, contest: Contest) -> list[UUID]:
    async with stage.rt.pool.acquire() as conn:
        chain = await load_chain(conn, contest)
    assert chain.final is not None
    held = [slot.commit for slots in chain.final for slot in slots]
    return [await entry_of(stage, contest, commit) for commit in held if commit]


async def _disqualify(stage: Stage, contest: Contest, entry: UUID) -> None:
    async with stage.transaction() as conn:
        await succeed.disqualify(
            conn, stage.rt, stage.actor, contest.id, entry, reason="declined", now=stage.now()
        )


async def _outbox(stage: Stage, contest: Contest, kind: AnnouncementKind) -> list[Announcement]:
    async with stage.rt.pool.acquire() as conn:
        rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    return [row for row in rows if row.kind is kind]


async def test_a_winner_who_stands_in_a_result_on_its_way_is_succeeded_in_public(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _drawn(stage)
        assert len(await _outbox(stage, contest, AnnouncementKind.RESULT)) == 1
        (winner,) = await _winners(stage, contest)
        await _disqualify(stage, contest, winner)
        (said,) = await _outbox(stage, contest, AnnouncementKind.SUCCESSION)
        assert "A mug" in said.text


async def test_a_winner_who_is_out_before_the_result_is_written_stands_in_no_text(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        frozen = await _frozen(stage)
        stage.pass_time(frozen.draw_at + SOON)
        await advance(stage, frozen)
        (winner,) = await _winners(stage, frozen)
        await _disqualify(stage, frozen, winner)
        await advance(stage, frozen)
        assert len(await _outbox(stage, frozen, AnnouncementKind.RESULT)) == 1
        assert not await _outbox(stage, frozen, AnnouncementKind.SUCCESSION)


async def test_every_prize_of_a_disqualified_winner_is_announced(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        # With as many draws one of the two wins several prizes.
        prizes = ["mug", "cup", "jug"]
        contest = await _drawn(stage, draws=[_draw(prize) for prize in prizes])
        winners = await _winners(stage, contest)
        twice = max(winners, key=winners.count)
        await _disqualify(stage, contest, twice)
        said = await _outbox(stage, contest, AnnouncementKind.SUCCESSION)
        lost = [prize for prize, winner in zip(prizes, winners, strict=True) if winner == twice]
        assert len(lost) > 1
        assert all(any(f"A {prize}" in each.text for each in said) for prize in lost)
