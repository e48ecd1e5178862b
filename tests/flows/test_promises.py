"""Promises: given with the first valid verdict, kept whatever follows, and honoured in the list."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contest_service.domain.evidence import Action
from contest_service.domain.schedule import unix
from contest_service.flows import promise
from contest_service.flows.judge import judge_all
from contest_service.flows.signer import LogKeyError
from contest_service.proof.entries import EntryList
from contest_service.proof.errors import NoteError
from contest_service.proof.notes import parse_key
from contest_service.store import proof
from contest_service.store.contests import Contest
from flows import made_up
from flows.live import MOMENT
from flows.owned import claim_of, promised
from flows.stage import Stage, open_stage

BONUS = {
    "base": 1,
    "bonuses": [{"rule": {"kind": "reposted"}, "tickets": 2}],
    "cap": 3,
}


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, []) as stage:
        yield stage


async def started(stage: Stage, **changes: Any) -> Contest:
    return await made_up.started(stage, await made_up.connected(stage), **changes)


async def judged(
    stage: Stage, contest: Contest, likes: list[str], reposts: list[str] | None = None
) -> None:
    """Let complete passes find exactly this, and judge everybody a moment later."""
    stage.pass_time(stage.now() + MOMENT)
    await made_up.see(stage, contest, likes)
    if reposts is not None:
        await made_up.see(stage, contest, reposts, action=Action.REPOST)
    await judge_all(stage.rt, await made_up.reread(stage, contest))


async def weights(stage: Stage, contest: Contest) -> list[tuple[int, int]]:
    """Number and weight of each promise to the only entrant, in order."""
    return [(each.number, each.weight) for each in await promised(stage, contest)]


async def test_whoever_is_valid_first_is_promised_a_place(stage: Stage) -> None:
    contest = await started(stage)
    await judged(stage, contest, ["ann", "bob"])
    given = await promised(stage, contest)
    assert [(each.number, each.weight) for each in given] == [(0, 1), (0, 1)]
    assert all(abs(each.given_at - unix(stage.now())) < 10 for each in given)
    async with stage.rt.pool.acquire() as conn:
        opened = await conn.fetch("SELECT entrant_id, commitment FROM openings")
    assert {(row["entrant_id"], row["commitment"]) for row in opened} == {
        (each.entrant_id, each.commitment) for each in given
    }


async def test_whoever_does_not_count_is_promised_nothing(stage: Stage) -> None:
    rules = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
    contest = await started(stage, rules=rules)
    await judged(stage, contest, ["ann"], [])
    assert await promised(stage, contest) == []


async def test_judging_again_promises_nothing_again(stage: Stage) -> None:
    contest = await started(stage)
    for _ in range(3):
        await judged(stage, contest, ["ann"])
    assert await weights(stage, contest) == [(0, 1)]


async def test_another_weight_is_another_promise_and_the_old_one_stays(stage: Stage) -> None:
    contest = await started(stage, tickets=BONUS)
    await judged(stage, contest, ["ann"], [])
    await judged(stage, contest, ["ann"], ["ann"])
    await judged(stage, contest, ["ann"], [])
    assert await weights(stage, contest) == [(0, 1), (1, 3), (2, 1)]
    first, _, last = await promised(stage, contest)
    assert first.commitment == last.commitment
    assert first.given_at < last.given_at


async def test_whoever_comes_back_with_the_same_weight_holds_the_old_promise(stage: Stage) -> None:
    contest = await started(stage)
    for likes in (["ann"], [], ["ann"]):
        await judged(stage, contest, likes)
    assert await weights(stage, contest) == [(0, 1)]


async def test_whoever_comes_back_with_another_weight_gets_a_new_one(stage: Stage) -> None:
    contest = await started(stage, tickets=BONUS)
    await judged(stage, contest, ["ann"], [])
    await judged(stage, contest, [], ["ann"])
    await judged(stage, contest, ["ann"], ["ann"])
    assert await weights(stage, contest) == [(0, 1), (1, 3)]


@pytest.mark.parametrize(
    "change", ["UPDATE promises SET weight = 9", "DELETE FROM promises"], ids=["changed", "gone"]
)
async def test_what_was_promised_cannot_be_taken_back(stage: Stage, change: str) -> None:
    contest = await started(stage)
    await judged(stage, contest, ["ann"])
    async with stage.rt.pool.acquire() as conn:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await conn.execute(change)


async def test_every_frozen_entry_has_a_promise_of_its_weight(stage: Stage) -> None:
    """And whoever was promised a place and has none has a verdict with a reason."""
    contest = await started(stage, tickets=BONUS)
    people = [f"p{number}" for number in range(40)]
    for turn in range(5):
        likes = [name for place, name in enumerate(people) if (place * 7 + turn) % 5]
        reposts = [name for place, name in enumerate(people) if (place + 3 * turn) % 4 == 0]
        await judged(stage, contest, likes, reposts)
    contest = await _frozen(stage, contest, likes, reposts)
    async with stage.rt.pool.acquire() as conn:
        key = (contest.workspace_id, contest.id)
        pieces = [each async for each in proof.chunks(conn, *key, "entries")]
        verdicts = await conn.fetch("SELECT id, state, reason FROM entrants")
    listed = EntryList.parse(b"".join(pieces))
    latest = {each.entrant_id: each for each in await promised(stage, contest)}
    frozen = {
        each.entrant_id: listed.weight(place)
        for each in latest.values()
        if (place := listed.index(each.commitment)) is not None
    }
    assert 0 < len(frozen) == listed.summary.count < len(latest)
    assert frozen == {id_: latest[id_].weight for id_ in frozen}
    reasons = {row["id"]: row["reason"] for row in verdicts if row["state"] != "valid"}
    assert all(reasons[id_] for id_ in set(latest) - set(frozen))


async def _frozen(stage: Stage, contest: Contest, likes: list[str], reposts: list[str]) -> Contest:
    """Close the contest over passes that find this, and freeze it."""
    contest = await made_up.advance_until(stage, contest, contest.closes_at + MOMENT)
    await made_up.see(stage, contest, likes)
    await made_up.see(stage, contest, reposts, action=Action.REPOST)
    contest = await made_up.advance_until(stage, contest, contest.freeze_at + MOMENT)
    assert contest.status == "frozen", contest.obstacle
    return contest


async def test_a_promise_is_signed_by_the_key_of_the_log(stage: Stage) -> None:
    contest = await started(stage)
    await judged(stage, contest, ["ann"])
    given = await promised(stage, contest)
    async with stage.rt.pool.acquire() as conn:
        (signed,) = await promise.sign(conn, stage.rt, contest, given)
        (again,) = await promise.sign(conn, stage.rt, contest, given)
    assert signed == again
    claim = claim_of(signed)
    assert claim.promised_by is not None
    assert claim.promised_by == parse_key(claim.promised_by.text)
    assert claim.promised_by.name == "example.org/log/practice"
    assert (claim.contest, claim.commitment, claim.weight) == (
        str(contest.id),
        given[0].commitment,
        1,
    )
    with pytest.raises(NoteError):
        claim_of(signed.replace(b'"weight":1', b'"weight":2'))


async def test_without_a_key_a_promise_is_kept_and_not_signed(stage: Stage) -> None:
    contest = await started(stage)
    await judged(stage, contest, ["ann"])
    given = await promised(stage, contest)
    async with stage.rt.pool.acquire() as conn:
        rt = dataclasses.replace(stage.rt, signer=None)
        with pytest.raises(LogKeyError, match="CONTEST_LOG_KEY_FILE"):
            await promise.sign(conn, rt, contest, given)
