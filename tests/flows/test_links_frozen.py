"""Linked accounts before others and in the list: nobody learns of them, and nobody counts twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action
from contest_service.flows import link, own, self_check
from contest_service.flows.judge import judge_all, judge_some
from contest_service.flows.link import Key
from contest_service.proof.bundle import Edition
from contest_service.store import contests
from contest_service.store.contests import Contest
from flows import live, made_up
from flows.exported import exported
from flows.stage import Stage, open_stage
from flows.two_networks import (
    AGREED,
    ANN,
    ANN_TOO,
    BOB,
    close,
    entrant,
    freeze,
    halves,
    key,
    link_names,
    part,
    reasons,
    record,
    see,
    show,
    wholes,
)

EN = Language.ENGLISH


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, [live.SERVER]) as stage:
        yield stage


class TestWhatOthersLearn:
    """Nothing: the account that was merged is answered for as if it stood alone."""

    async def test_a_stranger_sees_what_each_account_did(self, stage: Stage) -> None:
        contest = await halves(stage)
        async with stage.rt.pool.acquire() as conn:
            before = await self_check.check_account(conn, contest, key(ANN_TOO).id, EN)
        entry = await link_names(stage, contest, ANN, ANN_TOO)
        async with stage.rt.pool.acquire() as conn:
            after = await self_check.check_account(conn, contest, key(ANN_TOO).id, EN)
            owned = await self_check.check_own(conn, contest, entry, EN)
        assert after == before
        assert (after.state, owned.state) == ("invalid", "valid")
        assert [each.verdict for each in owned.conditions] == ["holds", "holds"]

    async def test_an_ownership_opens_the_one_entry_and_after_parting_its_own(
        self, stage: Stage
    ) -> None:
        contest = await halves(stage)
        shown = await show(stage, contest, ANN_TOO)
        entry = await link_names(stage, contest, ANN, ANN_TOO)
        assert await opened(stage, contest, shown) == entry
        later = await show(stage, contest, ANN_TOO)
        await part(stage, contest, ANN)
        alone = (await entrant(stage, contest, ANN_TOO)).id
        assert await opened(stage, contest, shown) == await opened(stage, contest, later) == alone


async def opened(stage: Stage, contest: Contest, shown: Key) -> UUID | None:
    """The entrant whom a secret opens."""
    async with stage.rt.pool.acquire() as conn:
        found = await own.read(conn, contest, shown.id, shown.secret)
    return found.entrant_id


class TestTheList:
    """Nobody stands in it twice."""

    async def test_a_person_is_frozen_and_drawn_once_and_the_bundle_holds(
        self, stage: Stage
    ) -> None:
        contest = await wholes(stage, draws=draws(3))
        await link_names(stage, contest, ANN, ANN_TOO)
        frozen = await freeze(stage, await close(stage, contest, ANN, ANN_TOO, BOB))
        bundle = await exported(stage.rt, frozen, Edition.DISPUTE)
        assert len(bundle.read("entries.bin")) == 2 * 36
        records = [
            msgspec.json.decode(line) for line in bundle.read("dispute/records.jsonl").splitlines()
        ]
        (merged,) = [each["record"] for each in records if each["record"]["reason"] == "merged"]
        assert merged["merged"]["consent"]["text"]
        opened = [msgspec.json.decode(line) for line in bundle.read("openings.jsonl").splitlines()]
        assert merged["subject"] not in {each["subject"] for each in opened}

    async def test_a_link_at_the_last_moment_counts(self, stage: Stage) -> None:
        contest = await halves(stage)
        closed = await close(stage, contest, ANN, BOB)
        assert closed.closing_judged_at is not None
        await see(stage, contest, Action.REPOST, ANN_TOO)
        assert await reasons(stage, contest, [ANN_TOO, BOB]) == [
            "liked.not_seen",
            "all_conditions_hold",
        ]
        await link_names(stage, contest, ANN, ANN_TOO)
        frozen = await freeze(stage, contest)
        assert (await reasons(stage, frozen, [ANN, ANN_TOO])).count("merged") == 1

    async def test_a_judge_who_began_before_the_link_changes_nothing(
        self, stage: Stage, pool: Any
    ) -> None:
        contest = await wholes(stage)
        await see(stage, contest, Action.REPOST, ANN, BOB)
        async with stage.transaction() as conn:
            keys = [await show(stage, contest, name) for name in (ANN, ANN_TOO)]
            await contests.read_locked(conn, contest.workspace_id, contest.id)
            judges = asyncio.ensure_future(judge_all(stage.rt, contest))
            await made_up.somebody_waits(pool)
            await link.link(conn, contest, keys, AGREED, now=stage.now(), request_id="test")
        await judges
        reached = await reasons(stage, contest, [ANN, ANN_TOO])
        assert sorted(reached) == ["all_conditions_hold", "merged"]

    async def test_an_amendment_is_for_linked_accounts_too(self, stage: Stage) -> None:
        contest = await halves(stage)
        await link_names(stage, contest, ANN, ANN_TOO)
        times = contest.definition.schedule
        await judge_all(stage.rt, await made_up.amended(stage, contest, schedule=times))
        records = [await record(stage, contest, name) for name in (ANN, ANN_TOO)]
        assert [each["terms_version"] for each in records] == [2, 2]
        assert [each["reason"] for each in records] == ["all_conditions_hold", "merged"]
        assert len(records[0]["conditions"]) == 1

    async def test_winners_are_checked_again_by_all_their_accounts(self, stage: Stage) -> None:
        contest = await halves(stage, recheck_winners=True)
        await link_names(stage, contest, ANN, ANN_TOO)
        async with stage.transaction() as conn:
            accounts = [key(ANN).id, key(ANN_TOO).id, key(BOB).id]
            judged = await judge_some(conn, contest, accounts, recheck=True)
        assert {subject: each.state.value for subject, each in judged} == {
            key(ANN).subject: "valid",
            key(BOB).subject: "valid",
        }


def draws(winners: int) -> list[dict[str, Any]]:
    return [{"tiers": [{"id": "mug", "prize": "A mug", "winners": winners}]}]
