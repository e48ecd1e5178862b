"""Amendments: what changed is told in words, and by which version entrants are judged."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Status
from contest_service.domain.errors import InvalidError
from contest_service.domain.evidence import Action
from contest_service.domain.schedule import unix
from contest_service.flows.advance import LOOK_AGAIN
from contest_service.flows.judge import judge_all
from contest_service.flows.self_check import check_account
from contest_service.proof.bundle import Edition
from contest_service.proof.events import Dq
from contest_service.store import communities, entrants, versions
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.versions import Version
from flows import made_up
from flows.drawn import SOON, order, outbox, winners, written
from flows.exported import exported
from flows.live import MOMENT
from flows.stage import Stage, open_stage

LIKED = {"kind": "liked"}
BOTH = {"kind": "all_of", "of": [LIKED, {"kind": "reposted"}]}
AS_ENTERED = {"amendments": "as_entered"}


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, []) as stage:
        yield stage


async def started(stage: Stage, **changes: Any) -> Contest:
    return await made_up.started(stage, await made_up.connected(stage), **changes)


async def seen(stage: Stage, contest: Contest, **done: list[str]) -> Contest:
    """Let complete passes find exactly these people, and judge everybody a moment later."""
    stage.pass_time(stage.now() + MOMENT)
    for action, people in done.items():
        await made_up.see(stage, contest, people, action=Action(action))
    contest = await made_up.reread(stage, contest)
    await judge_all(stage.rt, contest)
    return contest


async def judged(stage: Stage, contest: Contest) -> dict[str, tuple[str, int, int]]:
    """State, tickets, and the version of the terms by which everybody was judged, by name."""
    async with stage.rt.pool.acquire() as conn:
        rows = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {
        each.subject.rpartition(":")[2]: (
            each.state,
            each.tickets,
            msgspec.json.decode(each.record)["terms_version"],
        )
        for each in rows
    }


async def known(stage: Stage, contest: Contest) -> list[Version]:
    async with stage.rt.pool.acquire() as conn:
        return await versions.of_contest(conn, contest)


async def entered(stage: Stage, **changes: Any) -> Contest:
    """Ann and Bob liked the post, then a repost is asked for, then Cem and Dan liked it, too.

    Bob and Cem reposted it after that.
    """
    contest = await started(stage, **changes)
    await seen(stage, contest, like=["ann", "bob"])
    stage.pass_time(stage.now() + MOMENT)
    contest = await made_up.amended(stage, contest, **{"rules": BOTH, **changes})
    await seen(stage, contest, like=["ann", "bob"], repost=[])
    likes = ["ann", "bob", "cem", "dan"]
    return await seen(stage, contest, like=likes, repost=["bob", "cem"])


async def test_the_newest_version_counts_for_everybody_if_nothing_else_is_said(
    stage: Stage,
) -> None:
    contest = await entered(stage)
    assert await judged(stage, contest) == {
        "ann": ("invalid", 0, 2),
        "bob": ("valid", 1, 2),
        "cem": ("valid", 1, 2),
        "dan": ("invalid", 0, 2),
    }


async def test_whoever_entered_before_keeps_their_conditions_where_the_terms_say_so(
    stage: Stage,
) -> None:
    contest = await entered(stage, **AS_ENTERED)
    assert await judged(stage, contest) == {
        "ann": ("valid", 1, 1),
        "bob": ("valid", 1, 1),
        "cem": ("valid", 1, 2),
        "dan": ("invalid", 0, 2),
    }
    async with stage.rt.pool.acquire() as conn:
        told = {
            name: await check_account(conn, contest, made_up.account(name), Language.ENGLISH)
            for name in ("ann", "dan")
        }
    assert {name: len(each.conditions) for name, each in told.items()} == {"ann": 1, "dan": 2}
    # Nobody is judged by a version that came after they were frozen: the list is as it was judged.
    stage.pass_time(contest.closes_at + SOON)
    await made_up.advance(stage, contest)
    await made_up.see(stage, contest, ["ann", "bob", "cem", "dan"])
    await made_up.see(stage, contest, ["cem"], action=Action.REPOST)
    frozen = await made_up.advance_until(stage, contest, contest.freeze_at + SOON)
    assert frozen.status is Status.FROZEN
    bundle = await exported(stage.rt, frozen, Edition.DISPUTE)
    records = msgspec.json.decode(b"[%s]" % b",".join(bundle.read("dispute/records.jsonl").split()))
    found = {each["record"]["subject"].rpartition(":")[2]: each["record"] for each in records}
    assert {name: each["terms_version"] for name, each in found.items()} == {
        "ann": 1,
        "bob": 1,
        "cem": 2,
        "dan": 2,
    }
    assert {name for name, each in found.items() if each["state"] == "valid"} == {
        "ann",
        "bob",
        "cem",
    }


async def test_tickets_are_those_of_the_version_and_fit_into_the_list(stage: Stage) -> None:
    many, few = {"base": 5, "cap": 5}, {"base": 2, "cap": 2}
    contest = await started(stage, tickets=many, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    contest = await made_up.amended(stage, contest, tickets=few, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    contest = await seen(stage, contest, like=["ann", "bob"])
    assert await judged(stage, contest) == {"ann": ("valid", 5, 1), "bob": ("valid", 2, 2)}
    rules, amended = await written(stage, contest)
    assert (rules.body.max_weight, amended.body.max_weight) == (5, 5)
    newest = await made_up.amended(stage, await started_again(stage, many), tickets=few)
    assert (await written(stage, newest))[-1].body.max_weight == 2


async def started_again(stage: Stage, tickets: Mapping[str, int]) -> Contest:
    async with stage.rt.pool.acquire() as conn:
        (community,) = await communities.list_page(
            conn, stage.actor.workspace_id, after=None, limit=2
        )
    return await made_up.started(stage, community, tickets=tickets)


async def test_winners_are_checked_after_the_draw_by_the_version_they_entered_under(
    stage: Stage,
) -> None:
    """Only the first version asks for a like that is still there at the draw."""
    still = {"kind": "liked", "moment": "draw"}
    contest = await started(stage, rules=still, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    contest = await made_up.amended(stage, contest, rules=LIKED, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    await seen(stage, contest, like=["ann", "bob"])
    stage.pass_time(contest.closes_at + SOON)
    await made_up.advance(stage, contest)
    await made_up.see(stage, contest, ["ann", "bob"])
    contest = await made_up.advance_until(stage, contest, contest.freeze_at + SOON)
    contest = await made_up.advance_until(stage, contest, contest.draw_at + SOON)
    assert await judged(stage, contest) == {"ann": ("valid", 1, 1), "bob": ("valid", 1, 2)}
    # Both undo their like now, which only Ann's rules still ask for.
    await made_up.see(stage, contest, [])
    await made_up.advance_until(stage, contest, stage.now() + LOOK_AGAIN)
    fallen = [
        each.body.commit for each in await written(stage, contest) if isinstance(each.body, Dq)
    ]
    names = {name: entry for entry, name in await order(stage, contest)}
    gone = [await made_up.entry_of(stage, contest, commit) for commit in fallen]
    # Bob never falls; Ann does if she won.
    assert gone in ([], [names["ann"]])
    assert await winners(stage, contest) == [names["bob"]]


async def test_times_are_those_of_the_newest_version_for_everybody(stage: Stage) -> None:
    contest = await started(stage, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    later = made_up.schedule(stage, closes_at=900, draw_at=1800)
    contest = await made_up.amended(stage, contest, schedule=later, **AS_ENTERED)
    await seen(stage, contest, like=["ann"])
    stage.pass_time(contest.opens_at + timedelta(minutes=10))
    contest = await seen(stage, contest, like=["ann", "bob"])
    assert contest.status is Status.RUNNING, "the first close has passed"
    assert await judged(stage, contest) == {"ann": ("valid", 1, 1), "bob": ("valid", 1, 2)}


async def test_for_whom_amendments_count_is_fixed_at_the_start(stage: Stage) -> None:
    contest = await started(stage)
    with pytest.raises(InvalidError) as refused:
        await made_up.amended(stage, contest, **AS_ENTERED)
    assert [each.pointer for each in refused.value.faults] == ["/amendments"]


async def test_what_changed_is_kept_in_words_and_announced(stage: Stage) -> None:
    contest = await started(stage, language="ru")
    times = contest.definition.schedule  # of which nothing is to be said
    contest = await made_up.amended(stage, contest, rules=BOTH, schedule=times, language="ru")
    first, second = await known(stage, contest)
    assert (first.changes, first.reason, second.reason) == ({}, "", "Because")
    said = "Новое условие: «Сделайте репост записи конкурса и сохраните его до закрытия»"
    assert said in second.changes["ru"]
    assert any(line.startswith("New requirement: “Repost") for line in second.changes["en"])
    assert second.definition == contest.definition
    (announced,) = await outbox(stage, contest, AnnouncementKind.AMENDMENT)
    assert said.split(":")[0] in announced.text
    events = await written(stage, contest)
    assert [each.in_force_at for each in (first, second)] == [each.at for each in events]
    assert first.in_force_at <= unix(stage.now())
    bundle = await exported(stage.rt, contest)
    terms = [bundle.read(name) for name in bundle.files.names() if name.startswith("terms/")]
    newest = max((msgspec.json.decode(each) for each in terms), key=lambda each: each["version"])
    assert f"– {said}" in newest["texts"]["ru"]
    assert newest["rules"]["amendments"] == "newest"
