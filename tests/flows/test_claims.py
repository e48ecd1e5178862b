"""Prizes that have to be claimed: whose clock runs when, and who takes over when it is over."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.domain.people import Actor, system
from contest_service.flows import claims, life
from contest_service.flows.claims import Claim
from contest_service.flows.decisions import DecidedBy, decisions
from contest_service.proof.events import Dq
from contest_service.store import announcements, contests, disqualifications, notices, work
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.claims import ClaimedHow
from contest_service.store.contests import Contest
from contest_service.store.disqualifications import ProposalState
from flows.agreed import member, propose
from flows.drawn import announced, checked, drawn, order, outbox, publish, types, winners, written
from flows.made_up import advance, advance_until, reread, somebody_waits
from flows.stage import Stage, open_stage

DAY = 86_400
SECOND = timedelta(seconds=1)
FOUR = ["ann", "bob", "eve", "kim"]
TWO_MUGS = [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 2}]}]


async def _claims(stage: Stage, contest: Contest) -> list[Claim]:
    async with stage.rt.pool.acquire() as conn:
        return await claims.read_claims(conn, contest)


async def _only(stage: Stage, contest: Contest) -> Claim:
    (claim,) = await _claims(stage, contest)
    return claim


async def _ends(stage: Stage, contest: Contest) -> datetime:
    """The last second of the only clock."""
    claim_by = (await _only(stage, contest)).claim_by
    assert claim_by is not None
    return claim_by


async def _claim(
    stage: Stage,
    contest: Contest,
    entry: UUID,
    *,
    how: ClaimedHow = ClaimedHow.NOTED,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Claim:
    async with stage.transaction() as conn:
        return await claims.claim(
            conn,
            contest,
            entry,
            how=how,
            actor=actor or stage.actor,
            now=now or stage.now(),
        )


async def _complete(stage: Stage, contest: Contest) -> None:
    async with stage.transaction() as conn:
        await life.complete_contest(conn, stage.actor, contest.id, now=stage.now())


async def _out(stage: Stage, contest: Contest) -> list[str]:
    return [each.body.reason for each in await written(stage, contest) if isinstance(each.body, Dq)]


async def test_the_time_to_claim_begins_with_the_publication(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await drawn(stage, claim_within=DAY)
        waiting = await _only(stage, contest)
        assert (waiting.named_at, waiting.claim_by) == (None, None)
        stage.pass_time(stage.now() + timedelta(days=3))
        at = stage.now().replace(microsecond=250_000)
        await publish(stage, contest, at=at)
        named = await _only(stage, contest)
        assert named.named_at == at
        # Of whole seconds, in the winner's favour.
        assert named.claim_by == at.replace(microsecond=0) + SECOND + timedelta(seconds=DAY)


async def test_a_text_that_is_published_on_one_of_two_posts_starts_no_clock(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        await _ends(stage, contest)
        async with stage.transaction() as conn:
            # As it stands for a contest with a second post.
            await conn.execute(
                "INSERT INTO targets SELECT workspace_id, uuidv7(), community_id, platform,"
                " instance, kind, ref || '2', pin, author, url FROM targets WHERE kind = 'post'"
                " RETURNING id"
            )
            await conn.execute(
                "INSERT INTO announcements (workspace_id, contest_id, target_id, kind, seq, key,"
                " created_at, text, link) SELECT a.workspace_id, a.contest_id, t.id, a.kind,"
                " a.seq, a.key || '2', a.created_at, a.text, a.link FROM announcements a"
                " JOIN targets t ON t.kind = 'post' AND t.id <> a.target_id"
                " WHERE a.kind = 'result'"
            )
        assert (await _only(stage, contest)).claim_by is None


async def test_whoever_does_not_claim_is_succeeded_by_rule(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        (first, _), (second, _) = await order(stage, contest)
        last = await _ends(stage, contest)
        await advance_until(stage, contest, last)
        assert await winners(stage, contest) == [first]
        await advance_until(stage, contest, last + SECOND)
        assert await winners(stage, contest) == [second]
        assert await types(stage, contest) == ["rules", "freeze", "result", "dq"]
        (decision,) = (await decisions(pool, contest)).values()
        assert (decision.by, decision.reason) == (DecidedBy.SYSTEM, "claim-expired")
        (said,) = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
        assert "the prize was not claimed in" in said.text
        assert "To be claimed within 1 day" in said.text
        # With a clock of its own, which begins when that is published.
        waiting = await _only(stage, contest)
        assert (waiting.entry, waiting.seq, waiting.claim_by) == (second, 3, None)
        stage.pass_time(stage.now() + timedelta(days=2))
        await publish(stage, contest)
        assert await _ends(stage, contest) > stage.now() + timedelta(hours=23)
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


async def test_prizes_that_nobody_claims_are_vacant_in_the_end_and_the_contest_completes(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        for _ in range(2):
            await advance_until(stage, contest, await _ends(stage, contest) + SECOND)
            await publish(stage, contest)
            await advance(stage, contest)
        assert await winners(stage, contest) == []
        assert await _claims(stage, contest) == []
        over = contest.draw_at + timedelta(days=life.OBJECTION_DAYS + 1)
        assert (await advance_until(stage, contest, over)).status is Status.COMPLETED
        assert (await types(stage, contest))[-3:] == ["dq", "dq", "close"]
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


@pytest.mark.parametrize("late", [timedelta(0), SECOND])
async def test_the_last_second_still_counts(pool: Any, tmp_path: Path, late: timedelta) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        last, (entry,) = await _ends(stage, contest), await winners(stage, contest)
        moment = last + late + timedelta(microseconds=-1 if late else 999_999)
        claimed = await _claim(stage, contest, entry, now=moment)
        assert claimed.claimed_at == moment


async def test_the_second_after_it_is_too_late(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        last, (entry,) = await _ends(stage, contest), await winners(stage, contest)
        with pytest.raises(ConflictError) as refused:
            await _claim(stage, contest, entry, now=last + SECOND)
        assert refused.value.code == "claim_expired"
        assert (await _only(stage, contest)).claimed_at is None


async def test_a_claim_in_the_last_second_that_had_to_wait_counts(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        last, (entry,) = await _ends(stage, contest), await winners(stage, contest)
        stage.pass_time(last)
        async with stage.transaction() as conn:
            await contests.read_locked(conn, contest.workspace_id, contest.id)
            waits = asyncio.ensure_future(_claim(stage, contest, entry, now=last))
            await somebody_waits(pool)
            stage.pass_time(last + timedelta(minutes=1))
        assert (await waits).claimed_at == last
        await advance_until(stage, contest, stage.now())
        assert await winners(stage, contest) == [entry]


async def test_a_claim_that_waits_while_the_prize_goes_on_comes_too_late(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        last, (entry,) = await _ends(stage, contest), await winners(stage, contest)
        stage.pass_time(last + SECOND)
        service = system(contest.workspace_id, "test")
        done = await asyncio.gather(
            claims.expire(stage.rt, contest, service),
            claims.expire(stage.rt, contest, service),
        )
        assert sorted(done) == [False, True]
        with pytest.raises(NotFoundError):
            await _claim(stage, contest, entry, now=last)
        assert await _out(stage, contest) == ["claim-expired"]


async def test_a_claim_ends_the_clock_for_good(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        (entry,) = await winners(stage, contest)
        with pytest.raises(ConflictError) as refused:
            await _complete(stage, contest)
        assert refused.value.code == "claims_open"
        first = await _claim(stage, contest, entry)
        assert (first.how, first.noted_by) == (ClaimedHow.NOTED, stage.actor.person_id)
        await advance_until(stage, contest, stage.now() + timedelta(days=2))
        again = await _claim(stage, contest, entry, how=ClaimedHow.PAGE)
        assert again == first
        assert await winners(stage, contest) == [entry]
        await _complete(stage, contest)


async def test_a_winner_claims_on_a_page_of_their_own(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await drawn(stage, claim_within=DAY)
        (entry,) = await winners(stage, contest)
        service = system(contest.workspace_id, "page")
        # It may be heard of before it is published.
        claimed = await _claim(stage, contest, entry, how=ClaimedHow.PAGE, actor=service)
        assert (claimed.how, claimed.noted_by) == (ClaimedHow.PAGE, None)


async def test_whoever_holds_nothing_claims_nothing(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        _, (second, _) = await order(stage, contest)
        for entry in (second, uuid4()):
            with pytest.raises(NotFoundError):
                await _claim(stage, contest, entry)


async def test_where_nobody_has_to_claim_no_clock_runs(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage)
        claim = await _only(stage, contest)
        assert claim.named_at is not None
        assert claim.claim_by is None
        await advance_until(stage, contest, stage.now() + timedelta(days=20))
        assert "dq" not in await types(stage, contest)
        await _complete(stage, contest)
        assert claim.entry is not None
        with pytest.raises(ConflictError, match="between the announcement and the completion"):
            await _claim(stage, contest, claim.entry)


async def test_a_contest_does_not_complete_while_a_clock_runs(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=30 * DAY)
        await advance_until(stage, contest, await _ends(stage, contest) + SECOND)
        await publish(stage, contest)
        # The days of objection are over, the successor's are not.
        over = contest.draw_at + timedelta(days=life.OBJECTION_DAYS + 10)
        assert (await advance_until(stage, contest, over)).status is Status.ANNOUNCED
        (second,) = await winners(stage, contest)
        await _claim(stage, contest, second)
        # The claim itself lets the contest look again.
        assert (await advance_until(stage, contest, stage.now())).status is Status.COMPLETED


async def test_several_whose_time_is_over_are_succeeded_in_one_text(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, FOUR, draws=TWO_MUGS, claim_within=DAY)
        entries = [entry for entry, _ in await order(stage, contest)]
        (last,) = {each.claim_by for each in await _claims(stage, contest)}
        assert last is not None
        await advance_until(stage, contest, last + SECOND)
        # In the order of the prizes: the first vacant one goes to the best who is left.
        assert await winners(stage, contest) == entries[2:]
        assert await _out(stage, contest) == ["claim-expired"] * 2
        (said,) = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
        assert said.text.count("New winner") == 2
        assert {each.entry for each in await _claims(stage, contest)} == set(entries[2:])
        assert (await checked(stage, contest, tmp_path)).outcome == "result"


async def test_a_claimed_prize_stays_while_another_goes_on(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, FOUR, draws=TWO_MUGS, claim_within=DAY)
        first, second, third, _ = [entry for entry, _ in await order(stage, contest)]
        await _claim(stage, contest, first)
        await advance_until(stage, contest, stage.now() + timedelta(days=1, minutes=1))
        assert await winners(stage, contest) == [first, third]
        told = await _told(stage, contest)
        assert told[second] == ["withdrawn"]
        assert told[third] == ["due"]


async def _told(stage: Stage, contest: Contest) -> dict[UUID, Sequence[str]]:
    async with stage.rt.pool.acquire() as conn:
        found = await notices.list_page(
            conn, contest.workspace_id, contest.id, after=None, limit=50
        )
    told: dict[UUID, list[str]] = {}
    for each in found:
        told.setdefault(each.entrant_id, []).append(each.state.value)
    return dict(told)


async def test_a_succession_that_cannot_be_published_starts_no_clock_and_is_said(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        _, (second, _) = await order(stage, contest)
        await advance_until(stage, contest, await _ends(stage, contest) + SECOND)
        async with stage.transaction() as conn:
            (said,) = await outbox(stage, contest, AnnouncementKind.SUCCESSION)
            await announcements.set_failure(conn, said, "the page is closed", permanent=True)
            key = (contest.workspace_id, work.Kind.ADVANCE, contest.id)
            await work.plan(conn, *key, due_at=stage.now())
        waits = await advance_until(stage, contest, stage.now() + timedelta(days=60))
        assert waits.obstacle == "A succession could not be published: the page is closed"
        assert (waits.status, await winners(stage, contest)) == (Status.ANNOUNCED, [second])
        await publish(stage, contest)
        mended = await advance_until(stage, contest, stage.now())
        assert mended.obstacle == ""
        assert await _ends(stage, contest) > stage.now()


async def test_an_expired_claim_overtakes_a_proposal_about_the_same_entry(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        await member(stage)
        contest = await announced(stage, claim_within=DAY)
        (first,) = await winners(stage, contest)
        proposal = await propose(stage, contest, first)
        await advance_until(stage, contest, await _ends(stage, contest) + SECOND)
        found = await disqualifications.find(pool, contest, proposal.id)
        assert found is not None
        assert (found.state, found.decided_by) == (ProposalState.OVERTAKEN, None)
        assert await _out(stage, contest) == ["claim-expired"]


async def test_a_worker_that_dies_while_a_claim_expires_leaves_nothing_half_done(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        stage.pass_time(await _ends(stage, contest) + SECOND)
        service = system(contest.workspace_id, "test")
        async with stage.transaction() as conn:
            await conn.execute("LOCK TABLE audit_log IN EXCLUSIVE MODE")
            dies = asyncio.ensure_future(claims.expire(stage.rt, contest, service))
            await somebody_waits(pool)
            dies.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dies
        assert await _out(stage, contest) == []
        assert await outbox(stage, contest, AnnouncementKind.SUCCESSION) == []
        await advance_until(stage, contest, stage.now())
        assert await _out(stage, contest) == ["claim-expired"]
        assert (await reread(stage, contest)).status is Status.ANNOUNCED


async def test_claims_and_namings_are_never_changed(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await announced(stage, claim_within=DAY)
        (entry,) = await winners(stage, contest)
        await _claim(stage, contest, entry)
        for change in (
            "DELETE FROM claims",
            "UPDATE claims SET claimed_at = now()",
            "DELETE FROM namings",
            "UPDATE namings SET seq = 0",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
                await pool.execute(change)
