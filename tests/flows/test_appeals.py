"""Appeals: an account's owner asks to be checked again before the freeze, and is answered."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.appeals import MOST_APPEALS, AppealOutcome, AppealState
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.flows.appeals import answer_appeal, make_appeal
from contest_service.flows.own import Begun
from contest_service.flows.self_check import check_account, check_own
from contest_service.store import appeals
from contest_service.store.appeals import Appeal
from contest_service.store.contests import Contest
from flows.made_up import account, advance_until, connected, see, started
from flows.overruled import entrant, judge, propose
from flows.owned import begin, look, write
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=2)
WHY = "I did like it, look again."


async def _running(stage: Stage) -> tuple[Contest, Begun]:
    """A contest in which eve took her like back, and has shown that the account is hers."""
    contest = await started(stage, await connected(stage))
    for people in (["ann", "eve"], ["ann"]):
        await see(stage, contest, people)
        await judge(stage, contest)
        stage.pass_time(stage.now() + SOON)
    begun = await begin(stage, contest, account("eve"))
    await write(stage, contest, account("eve"), begun.code)
    return contest, begun


async def _ask(stage: Stage, contest: Contest, begun: Begun, text: str = WHY) -> Appeal:
    owned = await look(stage, contest, begun)
    async with stage.transaction() as conn:
        return await make_appeal(conn, stage.rt, contest, owned, text=text, now=stage.now())


async def _answer(
    stage: Stage, contest: Contest, appeal: Appeal, outcome: AppealOutcome, text: str = "So it is."
) -> Appeal:
    async with stage.transaction() as conn:
        return await answer_appeal(
            conn,
            stage.rt,
            stage.actor,
            contest.id,
            appeal.id,
            outcome=outcome,
            text=text,
            now=stage.now(),
        )


async def test_somebody_asks_is_judged_again_and_reads_the_answer(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, begun = await _running(stage)
        appeal = await _ask(stage, contest, begun)
        assert (appeal.state, appeal.former_reason) == (AppealState.OPEN, "liked.undone")
        with pytest.raises(ConflictError) as again:
            await _ask(stage, contest, begun)
        assert again.value.code == "appeal_open"
        with pytest.raises(ConflictError) as early:
            await _answer(stage, contest, appeal, AppealOutcome.UNCHANGED)
        assert early.value.code == "not_judged_yet"

        # Asking has planned another judging; nothing but what it found can be answered.
        stage.pass_time(stage.now() + SOON)
        await stage.work()
        for outcome, code in (
            (AppealOutcome.CHANGED, "other_outcome"),
            (AppealOutcome.OVERRIDE_PROPOSED, "no_override"),
        ):
            with pytest.raises(ConflictError) as refused:
                await _answer(stage, contest, appeal, outcome)
            assert refused.value.code == code
        with pytest.raises(InvalidError):
            await _answer(stage, contest, appeal, AppealOutcome.UNCHANGED, text="")
        done = await _answer(stage, contest, appeal, AppealOutcome.UNCHANGED)
        with pytest.raises(ConflictError):
            await _answer(stage, contest, appeal, AppealOutcome.UNCHANGED)

        async with pool.acquire() as conn:
            own = await check_own(conn, contest, done.entrant_id, Language.RUSSIAN)
            anybody = await check_account(conn, contest, account("eve"), Language.ENGLISH)
            desk = await appeals.desk(conn, contest)
        (told,) = own.appeals
        assert (told.text, told.answer) == (WHY, "So it is.")
        assert told.said == "Вас проверили ещё раз, решение прежнее."
        assert not hasattr(anybody, "appeals")
        assert (desk.open, desk.answered, desk.waiting_since) == (0, 1, None)
        assert desk.half_within is not None
        assert 1 <= desk.half_within <= 30


async def test_whoever_did_it_after_all_is_told_that_the_verdict_changed(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, begun = await _running(stage)
        appeal = await _ask(stage, contest, begun)
        stage.pass_time(stage.now() + SOON)
        await see(stage, contest, ["ann", "eve"])
        await judge(stage, contest)
        with pytest.raises(ConflictError):
            await _answer(stage, contest, appeal, AppealOutcome.UNCHANGED)
        done = await _answer(stage, contest, appeal, AppealOutcome.CHANGED)
        assert done.state is AppealState.ANSWERED


async def test_an_override_may_be_the_answer_and_its_decision_is_told_to_the_owner(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, begun = await _running(stage)
        appeal = await _ask(stage, contest, begun)
        eve = await entrant(stage, contest, "eve")
        override = await propose(stage, contest, eve.id)
        assert override.due_at is not None
        await _answer(stage, contest, appeal, AppealOutcome.OVERRIDE_PROPOSED)
        await advance_until(stage, contest, override.due_at)
        await judge(stage, contest)
        async with pool.acquire() as conn:
            own = await check_own(conn, contest, eve.id, Language.ENGLISH)
            anybody = await check_account(conn, contest, account("eve"), Language.ENGLISH)
        assert own.state == "valid"
        assert own.decision == (
            "The organiser decided that you take part: the platform did not show what was done."
        )
        assert not hasattr(anybody, "decision")


async def test_what_nobody_answered_before_the_freeze_stays_unanswered(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, begun = await _running(stage)
        appeal = await _ask(stage, contest, begun)
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        await see(stage, contest, ["ann"])
        contest = await advance_until(stage, contest, stage.now() + timedelta(seconds=40))
        # What was judged over the closing scans is not judged again: it would be the same.
        ann = await begin(stage, contest, account("ann"))
        await write(stage, contest, account("ann"), ann.code)
        asked = await _ask(stage, contest, ann)
        await _answer(stage, contest, asked, AppealOutcome.UNCHANGED)
        contest = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert contest.status is Status.FROZEN
        async with pool.acquire() as conn:
            found = await appeals.find(conn, contest, appeal.id)
        assert found is not None
        assert found.state is AppealState.UNANSWERED
        with pytest.raises(ConflictError):
            await _answer(stage, contest, appeal, AppealOutcome.NOTHING_TO_DO)
        late = await begin(stage, contest, account("eve"))
        await write(stage, contest, account("eve"), late.code)
        with pytest.raises(ConflictError) as refused:
            await _ask(stage, contest, late)
        assert refused.value.code == "too_late"


async def test_only_the_owner_asks_and_not_without_end(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest, begun = await _running(stage)
        waiting = await begin(stage, contest, account("ann"))
        with pytest.raises(ConflictError) as unseen:
            await _ask(stage, contest, waiting)
        assert unseen.value.code == "not_shown"
        for text in ("", " ", "x" * 1001, "\u202e"):
            with pytest.raises(InvalidError):
                await _ask(stage, contest, begun, text)
        for _ in range(MOST_APPEALS):
            appeal = await _ask(stage, contest, begun)
            await _answer(stage, contest, appeal, AppealOutcome.NOTHING_TO_DO)
        with pytest.raises(ConflictError) as refused:
            await _ask(stage, contest, begun)
        assert refused.value.code == "appeals_used_up"
