"""Verdicts that persons set aside before the freeze: by two of them, or after a public delay."""

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, ForbiddenError, InvalidError
from contest_service.domain.overrides import OverrideKind, OverrideReason
from contest_service.domain.people import Role
from contest_service.domain.reasons import PRACTICE_DELAY
from contest_service.domain.schedule import unix
from contest_service.flows.decisions import DecidedBy
from contest_service.flows.outcome import read_freeze
from contest_service.flows.set_aside import count_set_aside, pending_overrides
from contest_service.flows.succeed import recheck_winners
from contest_service.store import contests, history, overrides
from contest_service.store.contests import Contest
from contest_service.store.overrides import OverrideState
from flows.agreed import member
from flows.drawn import SOON, checked, types, winners
from flows.made_up import advance, advance_until, amended, connected, reread, see, started, states
from flows.overruled import agree, entrant, judge, propose, rows, take_back, verdict
from flows.stage import Stage, open_stage

DELAY = timedelta(seconds=PRACTICE_DELAY)
VALID = ("valid", "all_conditions_hold", 1)
UNDONE = ("invalid", "liked.undone", 0)
ADMITTED = ("valid", "admitted.platform-fault", 1)
EXCLUDED = ("invalid", "excluded.staff", 0)


async def _running(stage: Stage, **changes: Any) -> Contest:
    """A contest in which ann and bob count, and eve does not any more."""
    contest = await started(stage, await connected(stage), **changes)
    await see(stage, contest, ["ann", "bob", "eve"])
    await judge(stage, contest)
    stage.pass_time(stage.now() + SOON)
    await see(stage, contest, ["ann", "bob"])
    await judge(stage, contest)
    assert await verdict(stage, contest, "eve") == UNDONE
    return contest


async def _freeze(stage: Stage, contest: Contest) -> Contest:
    contest = await advance_until(stage, contest, contest.closes_at + SOON)
    await see(stage, contest, ["ann", "bob"])
    return await advance_until(stage, contest, contest.freeze_at + SOON)


async def test_two_persons_admit_one_and_exclude_another_and_it_stands_to_the_end(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _running(stage)
        eve, bob = [await entrant(stage, contest, name) for name in ("eve", "bob")]
        admit = await propose(stage, contest, eve.id)
        exclude = await propose(
            stage, contest, bob.id, kind=OverrideKind.EXCLUDE, reason=OverrideReason.STAFF
        )
        assert (admit.state, admit.due_at) == (OverrideState.PROPOSED, None)
        await judge(stage, contest)
        assert await verdict(stage, contest, "eve") == UNDONE
        for each in (admit, exclude):
            done = await agree(stage, contest, each, other)
            assert (done.state, done.approved_by) == (OverrideState.EFFECTIVE, other.person_id)
        await judge(stage, contest)
        assert await verdict(stage, contest, "eve") == ADMITTED
        assert await verdict(stage, contest, "bob") == EXCLUDED

        # What the rules say stays beside it, and who decided by their roles.
        record = msgspec.json.decode((await entrant(stage, contest, "eve")).record)
        async with pool.acquire() as conn:
            in_force = await overrides.of_entrant(conn, contest, eve.id)
        assert in_force is not None
        assert in_force.effective_at is not None
        assert record["override"] == {
            "at": unix(in_force.effective_at),
            "kind": "admit",
            "reason": "platform-fault",
            "proposed_as": "owner",
            "approved_as": "owner",
            "judged": {"state": "invalid", "reason": "liked.undone", "tickets": 0},
        }
        (found,) = record["conditions"]
        assert found["verdict"] == "withdrawn"

        # Nothing that is judged later takes it back, nor an amendment.
        contest = await amended(stage, contest)
        contest = await _freeze(stage, contest)
        assert contest.status is Status.FROZEN
        assert await verdict(stage, contest, "eve") == ADMITTED
        assert await verdict(stage, contest, "bob") == EXCLUDED
        async with pool.acquire() as conn:
            freeze = await read_freeze(conn, contest)
        assert freeze.entries == 2
        assert [(each.kind, each.reason, each.by, each.times) for each in freeze.overrides] == [
            ("admit", "platform-fault", DecidedBy.SECOND_PERSON, 1),
            ("exclude", "staff", DecidedBy.SECOND_PERSON, 1),
        ]
        # Their promises tell the same: eve was promised a place, and bob one that a verdict took.
        promised = await rows(stage, "SELECT entrant_id FROM promises ORDER BY entrant_id")
        assert {eve.id, bob.id} <= {each["entrant_id"] for each in promised}

        contest = await advance_until(stage, contest, contest.draw_at + SOON)
        assert bob.id not in await winners(stage, contest)
        report = await checked(stage, contest, tmp_path)
        assert report.outcome == "result"
        with zipfile.ZipFile(tmp_path / "bundle.zip") as kept:
            readme = kept.read("README.txt").decode()
            lines = kept.read("dispute/overrides.jsonl").splitlines()
        assert "- admit: platform-fault (second_person), once" in readme
        told = [msgspec.json.decode(line) for line in lines]
        assert [(each["kind"], each["entrant"]) for each in told] == [
            ("admit", str(eve.id)),
            ("exclude", str(bob.id)),
        ]


async def test_whoever_was_admitted_does_not_lose_the_prize_for_what_was_set_aside(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage), recheck_winners=True)
        await see(stage, contest, ["eve"])
        await judge(stage, contest)
        stage.pass_time(stage.now() + SOON)
        await see(stage, contest, [])
        await judge(stage, contest)
        eve = await entrant(stage, contest, "eve")
        other = await member(stage)
        await agree(stage, contest, await propose(stage, contest, eve.id), other)
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        await see(stage, contest, [])
        contest = await advance_until(stage, contest, contest.freeze_at + SOON)
        contest = await advance_until(stage, contest, contest.draw_at + SOON)
        assert await winners(stage, contest) == [eve.id]
        await see(stage, contest, [])
        async with stage.transaction() as conn:
            assert await recheck_winners(conn, contest, now=stage.now()) == 0


async def test_an_override_ends_when_it_is_withdrawn_and_stays_on_record(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        editor, owner = await member(stage, Role.EDITOR), await member(stage)
        contest = await _running(stage)
        eve = await entrant(stage, contest, "eve")
        override = await propose(stage, contest, eve.id, actor=editor)
        await agree(stage, contest, override, owner)
        with pytest.raises(ForbiddenError):
            await take_back(stage, contest, override, editor)
        with pytest.raises(ConflictError) as refused:
            await propose(stage, contest, eve.id)
        assert refused.value.code == "already_overridden"
        await judge(stage, contest)
        assert await verdict(stage, contest, "eve") == ADMITTED
        await take_back(stage, contest, override, stage.actor)
        await judge(stage, contest)
        assert await verdict(stage, contest, "eve") == UNDONE
        async with pool.acquire() as conn:
            told = await contests.overrides(conn, contest.workspace_id, contest.id)
            assert await count_set_aside(conn, contest) == []
        assert [(each.kind, each.entrant_id) for each in told] == [
            ("admit", eve.id),
            ("withdrawn", eve.id),
        ]
        with pytest.raises(ConflictError) as late:
            await agree(stage, contest, override, owner)
        assert late.value.code == "already_decided"
        # Somebody may propose it once more.
        assert (await propose(stage, contest, eve.id)).state is OverrideState.PROPOSED


async def test_nobody_decides_alone_nor_with_somebody_brought_along(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _running(stage)
        eve = await entrant(stage, contest, "eve")
        override = await propose(stage, contest, eve.id)
        late = await member(stage, since=stage.now())
        for actor, code in (
            (stage.actor, "same_person"),
            (late, "not_there_at_start"),
            (await member(stage, Role.EDITOR), "not_there_at_start"),
        ):
            with pytest.raises(ForbiddenError) as refused:
                await agree(stage, contest, override, actor)
            assert refused.value.code == code
        assert (await agree(stage, contest, override, other)).state is OverrideState.EFFECTIVE


async def test_only_what_the_terms_list_and_only_where_there_is_something_to_override(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _running(stage)
        eve, ann = [await entrant(stage, contest, name) for name in ("eve", "ann")]
        with pytest.raises(InvalidError, match="shown-otherwise"):
            await propose(stage, contest, eve.id, reason=OverrideReason.FRAUD)
        for found, kind, reason in (
            (ann, OverrideKind.ADMIT, OverrideReason.PLATFORM_FAULT),
            (eve, OverrideKind.EXCLUDE, OverrideReason.FRAUD),
        ):
            with pytest.raises(ConflictError) as refused:
                await propose(stage, contest, found.id, kind=kind, reason=reason)
            assert refused.value.code == "nothing_to_override"
        async with stage.transaction() as conn:
            # As if an earlier release had published them.
            await conn.execute("ALTER TABLE terms DISABLE TRIGGER ALL")
            await conn.execute(
                """UPDATE terms SET bytes = convert_to(
                    (convert_from(bytes, 'UTF8')::jsonb #- '{rules,overrides}')::text, 'UTF8')"""
            )
        with pytest.raises(ConflictError) as unpublished:
            await propose(stage, contest, eve.id)
        assert unpublished.value.code == "not_in_terms"


async def test_whoever_is_alone_waits_in_public(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _running(stage)
        bob = await entrant(stage, contest, "bob")
        override = await propose(
            stage, contest, bob.id, kind=OverrideKind.EXCLUDE, reason=OverrideReason.STAFF
        )
        assert override.due_at == override.proposed_at + DELAY
        async with pool.acquire() as conn:
            (shown,) = await pending_overrides(conn, contest)
        assert shown.commitment is not None
        assert (shown.kind, shown.reason, shown.effective_at) == (
            OverrideKind.EXCLUDE,
            "staff",
            override.due_at,
        )
        assert override.due_at is not None
        await advance_until(stage, contest, override.due_at - SOON)
        await judge(stage, contest)
        assert await verdict(stage, contest, "bob") == VALID
        await advance_until(stage, contest, override.due_at)
        await judge(stage, contest)
        assert await verdict(stage, contest, "bob") == EXCLUDED
        async with pool.acquire() as conn:
            (decided,) = await count_set_aside(conn, contest)
            assert await pending_overrides(conn, contest) == []
        assert decided.by is DecidedBy.DELAY


async def test_a_delay_that_would_end_after_the_freeze_does_not_begin(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _running(stage)
        eve = await entrant(stage, contest, "eve")
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        stage.pass_time(contest.freeze_at - DELAY + SOON)
        with pytest.raises(ConflictError) as refused:
            await propose(stage, contest, eve.id)
        assert refused.value.code == "too_late"


async def test_what_nobody_decided_lapses_at_the_freeze(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _running(stage)
        eve = await entrant(stage, contest, "eve")
        override = await propose(stage, contest, eve.id)
        contest = await _freeze(stage, contest)
        assert contest.status is Status.FROZEN
        async with pool.acquire() as conn:
            found = await overrides.find(conn, contest, override.id)
            assert found is not None
            assert found.state is OverrideState.LAPSED
            assert (await read_freeze(conn, contest)).overrides == []
        with pytest.raises(ConflictError):
            await agree(stage, contest, override, other)
        assert await verdict(stage, contest, "eve") == UNDONE


async def test_what_is_decided_while_everybody_is_judged_at_the_close_is_in_the_list(
    pool: Any, tmp_path: Path
) -> None:
    """A judging at the close that began before does not count as the last one."""
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _running(stage)
        eve = await entrant(stage, contest, "eve")
        override = await propose(stage, contest, eve.id)
        contest = await advance_until(stage, contest, contest.closes_at + SOON)
        await see(stage, contest, ["ann", "bob"])
        stale = await reread(stage, contest)
        await agree(stage, contest, override, other)
        async with stage.transaction() as conn:
            await contests.set_closing_judged(conn, stale, stage.now())
        assert (await reread(stage, contest)).closing_judged_at is None
        await advance(stage, contest)
        assert await states(stage, contest) == {
            "ann": "all_conditions_hold",
            "bob": "all_conditions_hold",
            "eve": "admitted.platform-fault",
        }
        contest = await advance_until(stage, contest, contest.freeze_at + SOON)
        assert await types(stage, contest) == ["rules", "freeze"]


async def test_every_change_of_a_verdict_is_kept_and_two_times_can_be_compared(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        other = await member(stage)
        contest = await _running(stage)
        before = stage.now()
        stage.pass_time(before + SOON)
        eve = await entrant(stage, contest, "eve")
        await agree(stage, contest, await propose(stage, contest, eve.id), other)
        await see(stage, contest, ["ann", "bob", "zoe"])
        await judge(stage, contest)
        async with pool.acquire() as conn:
            told = await history.of_entrant(conn, contest, eve.id, limit=10)
            judgings = await history.judgings(conn, contest, before=None, limit=10)
            window: dict[str, Any] = {"since": before, "until": stage.now(), "limit": 10}
            changed = await history.changed(conn, contest, after=None, **window)
            new = await history.appeared(conn, contest, after=None, **window)
            rest = await history.changed(conn, contest, after=eve.id, **window)
            window["since"] = before - timedelta(days=1)
            everything = await history.changed(conn, contest, after=None, **window)
        assert [(each.former_reason, each.reason, each.tickets) for each in told] == [
            ("liked.undone", "admitted.platform-fault", 1),
            ("all_conditions_hold", "liked.undone", 0),
        ]
        assert [each.judging for each in told] == [each.id for each in judgings[:2]]
        assert [(each.appeared, each.changed) for each in judgings] == [(1, 1), (0, 1), (3, 0)]
        assert all(len(each.scans) == 1 for each in judgings)
        (difference,) = changed
        assert (difference.entrant_id, difference.former_reason, difference.reason) == (
            eve.id,
            "liked.undone",
            "admitted.platform-fault",
        )
        assert [(each.label, each.former_state, each.state) for each in new] == [
            ("", None, "valid")
        ]
        # From valid to valid, for another reason.
        assert [each.former_reason for each in everything] == ["all_conditions_hold"]
        assert rest == []


async def test_whoever_changed_and_changed_back_is_no_difference(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _running(stage)
        before = stage.now()
        for people in (["ann", "eve"], ["ann", "bob"]):
            stage.pass_time(stage.now() + SOON)
            await see(stage, contest, people)
            await judge(stage, contest)
        async with pool.acquire() as conn:
            found = await history.changed(
                conn, contest, since=before, until=stage.now(), after=None, limit=10
            )
        assert found == []
