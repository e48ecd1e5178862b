"""Nobody alone takes an entry out: it takes a second person, or a public delay."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, ForbiddenError, NotFoundError
from contest_service.domain.people import Role
from contest_service.flows import life
from contest_service.flows.decisions import DecidedBy, decisions, pending
from contest_service.flows.ledger import append, load_chain
from contest_service.proof.events import Dq, EventType
from contest_service.store import audit, disqualifications, members
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import ProposalState
from flows.agreed import agree, disqualify, member, propose, withdraw
from flows.drawn import announced, checked, frozen, somebody, types, winners
from flows.made_up import advance_until, connected, reread, started
from flows.stage import Stage, open_stage


async def _decided(stage: Stage, contest: Contest) -> list[DecidedBy]:
    async with stage.rt.pool.acquire() as conn:
        return [each.by for each in (await decisions(conn, contest)).values()]


async def _audited(stage: Stage, contest: Contest) -> list[tuple[str, Any]]:
    """What the audit log says of disqualifications, oldest first: what, and who."""
    async with stage.rt.pool.acquire() as conn:
        found = await audit.list_page(
            conn, contest.workspace_id, subject=contest.id, before=None, limit=50
        )
    said = [(each.action.partition(".")[2], each.person_id) for each in reversed(found)]
    return [each for each in said if "disqualif" in each[0]]


async def _complete(stage: Stage, contest: Contest) -> Contest:
    async with stage.transaction() as conn:
        return await life.complete_contest(conn, stage.actor, contest.id, now=stage.now())


async def test_what_a_second_person_agrees_to_takes_effect_at_once(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await announced(stage)
        (winner,) = await winners(stage, contest)
        proposal = await propose(stage, contest, winner)
        assert (proposal.due_at, proposal.state) == (None, ProposalState.PROPOSED)
        # What nobody has confirmed is not said in public.
        assert await pending(pool, contest) == []
        done = await agree(stage, contest, proposal, other)
        assert (done.state, done.seq) == (ProposalState.EFFECTIVE, 3)
        assert (done.proposed_by, done.decided_by) == (stage.actor.person_id, other.person_id)
        assert await types(stage, contest) == ["rules", "freeze", "result", "dq"]
        assert winner not in await winners(stage, contest)
        assert await _decided(stage, contest) == [DecidedBy.SECOND_PERSON]
        assert await _audited(stage, contest) == [
            ("disqualification_proposed", stage.actor.person_id),
            ("disqualification_approved", other.person_id),
            ("entry_disqualified", other.person_id),
        ]
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


async def test_another_token_of_the_same_person_is_no_second_person(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        await member(stage)
        contest = await frozen(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        again = msgspec.structs.replace(stage.actor, token_id=uuid4())
        with pytest.raises(ForbiddenError) as refused:
            await agree(stage, contest, proposal, again)
        assert refused.value.code == "same_person"
        assert "dq" not in await types(stage, contest)


async def test_nobody_can_be_added_after_the_freeze_to_approve(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        straw_man = await member(stage, since=stage.now())
        proposal = await propose(stage, contest, await somebody(stage, contest))
        assert proposal.due_at is not None
        with pytest.raises(ForbiddenError) as refused:
            await agree(stage, contest, proposal, straw_man)
        assert refused.value.code == "not_there_at_freeze"


async def test_nobody_can_be_added_after_the_freeze_to_propose_what_the_only_owner_approves(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        straw_man = await member(stage, Role.EDITOR, since=stage.now())
        entry = await somebody(stage, contest)
        proposal = await propose(stage, contest, entry, actor=straw_man)
        assert proposal.due_at is not None
        with pytest.raises(ForbiddenError) as refused:
            await agree(stage, contest, proposal, stage.actor)
        assert refused.value.code == "not_there_at_freeze"


async def test_whoever_left_and_came_back_after_the_freeze_came_after_it(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        assert other.person_id is not None
        contest = await frozen(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        key = (stage.actor.workspace_id, other.person_id)
        async with stage.transaction() as conn:
            await members.remove_member(conn, *key)
            await members.add_member(conn, *key, Role.OWNER, now=stage.now())
        with pytest.raises(ForbiddenError):
            await agree(stage, contest, proposal, other)
        # A proposal that nobody can approve any more is made anew, with a delay.
        await withdraw(stage, contest, proposal, stage.actor)
        again = await propose(stage, contest, proposal.entry)
        assert again.due_at is not None


async def test_an_editor_s_proposal_is_approved_by_the_only_owner(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        editor = await member(stage, Role.EDITOR)
        contest = await frozen(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest), actor=editor)
        assert proposal.due_at is None
        done = await agree(stage, contest, proposal, stage.actor)
        assert done.state is ProposalState.EFFECTIVE


async def test_of_editors_only_the_proposer_may_withdraw(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        one, other = [await member(stage, Role.EDITOR) for _ in range(2)]
        contest = await frozen(stage)
        entry = await somebody(stage, contest)
        for withdrawing in (one, stage.actor):
            proposal = await propose(stage, contest, entry, actor=one)
            with pytest.raises(ForbiddenError):
                await withdraw(stage, contest, proposal, other)
            done = await withdraw(stage, contest, proposal, withdrawing)
            assert (done.state, done.decided_by) == (
                ProposalState.WITHDRAWN,
                withdrawing.person_id,
            )
            with pytest.raises(ConflictError, match="withdrawn"):
                await agree(stage, contest, proposal, stage.actor)
        assert "dq" not in await types(stage, contest)


async def test_two_who_approve_at_once_do_it_once(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        others = [await member(stage) for _ in range(2)]
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        done = await asyncio.gather(
            *(agree(stage, contest, proposal, other) for other in others), return_exceptions=True
        )
        (refused,) = [each for each in done if isinstance(each, ConflictError)]
        assert refused.code == "already_decided"
        assert (await types(stage, contest)).count("dq") == 1


async def test_two_who_propose_the_same_at_once_do_it_once(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await frozen(stage)
        entry = await somebody(stage, contest)
        done = await asyncio.gather(
            *(propose(stage, contest, entry, actor=actor) for actor in (stage.actor, other)),
            return_exceptions=True,
        )
        (refused,) = [each for each in done if isinstance(each, ConflictError)]
        assert refused.code == "already_proposed"


async def test_an_entry_is_out_once(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        entry = await somebody(stage, contest)
        await disqualify(stage, contest, entry)
        with pytest.raises(ConflictError) as refused:
            await propose(stage, contest, entry)
        assert refused.value.code == "already_out"
        with pytest.raises(NotFoundError):
            await propose(stage, contest, uuid4())


async def test_nothing_is_proposed_before_the_freeze(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage))
        with pytest.raises(ConflictError, match="between the freeze and the completion"):
            await propose(stage, contest, uuid4())


async def test_nothing_is_proposed_after_the_completion(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        entry = await somebody(stage, contest)
        await _complete(stage, contest)
        with pytest.raises(ConflictError, match="between the freeze and the completion"):
            await propose(stage, contest, entry)


async def test_a_contest_does_not_complete_while_a_proposal_is_open(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        await member(stage)
        contest = await announced(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        with pytest.raises(ConflictError) as refused:
            await _complete(stage, contest)
        assert refused.value.code == "proposal_open"
        over = contest.draw_at + timedelta(days=life.OBJECTION_DAYS + 1)
        assert (await advance_until(stage, contest, over)).status is Status.ANNOUNCED
        await withdraw(stage, contest, proposal, stage.actor)
        completed = await advance_until(stage, contest, stage.now())
        assert completed.status is Status.COMPLETED
        assert await types(stage, contest) == ["rules", "freeze", "result", "close"]


async def test_a_contest_that_ends_leaves_no_proposal_open(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        proposal = await propose(stage, contest, await somebody(stage, contest))
        async with stage.transaction() as conn:
            await life.cancel_contest(
                conn, stage.rt, stage.actor, contest.id, reason="cancelled", now=stage.now()
            )
            found = await disqualifications.find(conn, contest, proposal.id)
        assert found is not None
        assert found.state is ProposalState.OVERTAKEN
        assert await pending(pool, contest) == []
        assert (await reread(stage, contest)).status is Status.VOID


async def test_what_was_decided_is_never_changed_or_deleted(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        await disqualify(stage, contest, await somebody(stage, contest))
        for change in (
            "UPDATE disqualifications SET decided_by = NULL",
            "UPDATE disqualifications SET state = 'withdrawn', seq = NULL, effective_at = NULL",
            "DELETE FROM disqualifications",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
                await pool.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE disqualifications SET reason = 'staff'",
        "UPDATE disqualifications SET due_at = now()",
        "UPDATE disqualifications SET proposed_by = uuidv7()",
    ],
)
async def test_an_open_proposal_stays_what_was_proposed(
    pool: Any, tmp_path: Path, change: str
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        await propose(stage, contest, await somebody(stage, contest))
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
            await pool.execute(change)


async def test_the_decisions_of_older_releases_are_said_to_be_one_person_s(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await frozen(stage)
        async with stage.transaction() as conn:
            chain = await load_chain(conn, contest)
            commit = chain.entries.commitment(0).hex()
            body = Dq(commit=commit, reason="house-rule-7")
            await append(conn, contest, chain, EventType.DQ, body=body, now=stage.now())
        (decision,) = (await decisions(pool, contest)).values()
        assert (decision.by, decision.proposed_at) == (DecidedBy.ONE_PERSON, None)
        assert (decision.seq, decision.reason) == (2, "house-rule-7")
