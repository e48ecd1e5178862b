"""Only what changed is judged anew, and that ends where judging everybody does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api.databases import copy_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import AccountKey, Platform, Profile, Standing
from contest_service.domain.evidence import Action
from contest_service.flows import judge, jury, lists
from contest_service.flows.judge import judge_all
from contest_service.flows.merge import LeaseLostError
from contest_service.flows.sitting import LANES
from contest_service.store import accounts, benches, contests
from contest_service.store.contests import Contest
from contest_service.store.pool import create_pool
from flows.made_up import (
    LIKED,
    account,
    amended,
    connected,
    reread,
    see,
    somebody_waits,
    started,
    states,
    watched,
)
from flows.stage import Stage, open_stage

PEOPLE = ("ann", "bob", "cid", "dan")
EXAMPLES = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
SOON = timedelta(seconds=1)
History = list[tuple[str, Any]]
"""What happens, and whom or what it is about."""

_RECORDS = "SELECT subject, record_digest, judged_at FROM entrants ORDER BY subject"
_FORGET = """
TRUNCATE actions, accounts, entrants, entrant_tallies, openings, promises, benches,
    evidence_changes, list_accounts, scan_staging CASCADE;
UPDATE contest_evidence SET closing_scan_id = NULL;
DELETE FROM scan_pages;
DELETE FROM scans
"""
_UNJUDGE = "TRUNCATE entrants, entrant_tallies, openings, promises CASCADE"
_SILENTLY = "UPDATE accounts SET has_picture = false WHERE account = $1"

someone = st.sampled_from(PEOPLE)
some = st.sets(someone, max_size=4)
histories = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("like", "repost", "follow")), some),
        st.tuples(st.just("picture"), st.tuples(someone, st.booleans())),
        st.tuples(st.just("standing"), st.tuples(someone, st.sampled_from(Standing))),
        st.tuples(st.sampled_from(("list", "unlist")), someone),
        st.tuples(st.just("judge"), st.none()),
    ),
    max_size=12,
)


class Scene:
    """A contest whose rules ask for something of every kind."""

    def __init__(self, stage: Stage, contest: Contest, list_id: Any) -> None:
        self.stage = stage
        self.contest = contest
        self._list = list_id

    async def do(self, what: str, about: Any) -> None:
        self.stage.pass_time(self.stage.now() + SOON)
        match what:
            case "like" | "repost" | "follow":
                await see(self.stage, self.contest, sorted(about), action=Action(what))
            case "judge":
                await self.judge()
            case _:
                async with self.stage.transaction() as conn:
                    await self.change(conn, what, about)

    async def change(self, conn: Any, what: str, about: Any) -> None:
        """Change what is known of somebody, in a transaction."""
        now, actor = self.stage.now(), self.stage.actor
        _, post = await watched(self.stage, self.contest, Action.LIKE)
        network = {"platform": post.platform, "instance": post.instance}
        match what:
            case "picture":
                who, has = about
                told = Profile(account=account(who), handle=f"{who}.test", has_picture=has)
                await accounts.keep_profiles(conn, post, [told], at=now)
            case "standing":
                standing = {account(about[0]): about[1]}
                await accounts.set_standing(conn, actor.workspace_id, standing, **network, at=now)
            case "list" | "unlist":
                key = AccountKey(
                    platform=Platform(post.platform), instance=post.instance, id=account(about)
                )
                if what == "list":
                    await lists.add_accounts(conn, actor, self._list, [key], reason="s", now=now)
                else:
                    await lists.remove_accounts(conn, actor, self._list, [key], now=now)

    async def judge(self) -> None:
        self.stage.pass_time(self.stage.now() + SOON)
        await judge_all(self.stage.rt, await reread(self.stage, self.contest))

    async def judge_everybody(self) -> None:
        async with self.stage.rt.pool.acquire() as conn:
            await conn.execute("DELETE FROM benches")
        await self.judge()

    async def records(self) -> list[Any]:
        async with self.stage.rt.pool.acquire() as conn:
            return [tuple(row) for row in await conn.fetch(_RECORDS)]

    async def forget(self) -> None:
        async with self.stage.rt.pool.acquire() as conn:
            await conn.execute(_FORGET)

    async def reasons(self) -> dict[str, str]:
        return await states(self.stage, self.contest)


def rules(list_id: Any) -> dict[str, Any]:
    return {
        "kind": "all_of",
        "of": [
            LIKED,
            {"kind": "any_of", "of": [{"kind": "reposted"}, {"kind": "follows"}]},
            {"kind": "has_picture"},
            {"kind": "not_listed", "list_id": str(list_id), "name": "staff"},
        ],
    }


@asynccontextmanager
async def opened(pool: Any, folder: Path) -> AsyncIterator[Scene]:
    async with open_stage(pool, folder, ()) as stage:
        async with stage.transaction() as conn:
            staff = await lists.create_list(conn, stage.actor, "staff", now=stage.now())
        contest = await started(stage, await connected(stage), rules=rules(staff.id))
        yield Scene(stage, contest, staff.id)


@pytest.fixture
async def scene(pool: Any, tmp_path: Path) -> AsyncIterator[Scene]:
    async with opened(pool, tmp_path) as found:
        yield found


@pytest.fixture
def runner(
    postgres_url: str, template: str, tmp_path: Path
) -> Iterator[tuple[asyncio.Runner, Scene]]:
    with asyncio.Runner() as loop:
        scenes = _alone(postgres_url, template, tmp_path)
        yield loop, loop.run(scenes.__aenter__())
        loop.run(scenes.__aexit__(None, None, None))


@asynccontextmanager
async def _alone(postgres_url: str, template: str, folder: Path) -> AsyncIterator[Scene]:
    async with (
        copy_of(postgres_url, template) as url,
        await create_pool(url) as pool,
        opened(pool, folder) as found,
    ):
        yield found


def test_whatever_happens_judging_everybody_finds_nothing_that_was_missed(
    runner: tuple[asyncio.Runner, Scene],
) -> None:
    loop, scene = runner

    async def play(history: History) -> None:
        await scene.forget()
        for what, about in history:
            await scene.do(what, about)
        await scene.judge()
        found = await scene.records()
        await scene.judge_everybody()
        assert await scene.records() == found

    @EXAMPLES
    @given(histories)
    def check(history: History) -> None:
        loop.run(play(history))

    check()


async def _fulfilled(scene: Scene) -> None:
    for who in PEOPLE:
        await scene.do("picture", (who, True))
    await scene.do("like", set(PEOPLE))
    await scene.do("repost", set(PEOPLE))
    await scene.do("judge", None)
    assert set((await scene.reasons()).values()) == {"all_conditions_hold"}


async def _change_unnoticed(scene: Scene, who: str) -> None:
    """Change what nobody says was changed: whoever is not judged anew stays as judged."""
    async with scene.stage.rt.pool.acquire() as conn:
        await conn.execute(_SILENTLY, account(who))


async def test_who_changed_is_judged_anew_and_nobody_else(scene: Scene) -> None:
    await _fulfilled(scene)
    await _change_unnoticed(scene, "dan")
    await scene.do("picture", ("ann", False))
    await scene.do("like", {"ann", "cid", "dan"})
    await scene.do("judge", None)
    assert await scene.reasons() == {
        "ann": "has_picture.no_picture",
        "bob": "liked.undone",
        "cid": "all_conditions_hold",
        "dan": "all_conditions_hold",
    }
    await scene.judge_everybody()
    assert (await scene.reasons())["dan"] == "has_picture.no_picture"


async def test_what_is_committed_behind_a_judging_is_judged_by_the_next(scene: Scene) -> None:
    await _fulfilled(scene)
    async with scene.stage.transaction() as late:
        await scene.change(late, "picture", ("ann", False))
        await scene.do("picture", ("bob", False))  # begun later, and committed before
        await scene.do("judge", None)
        assert (await scene.reasons())["ann"] == "all_conditions_hold"
    await _change_unnoticed(scene, "dan")
    await scene.do("judge", None)
    assert await scene.reasons() == {
        "ann": "has_picture.no_picture",
        "bob": "has_picture.no_picture",
        "cid": "all_conditions_hold",
        "dan": "all_conditions_hold",
    }


async def test_a_contest_of_a_restored_database_is_judged_as_a_whole(scene: Scene) -> None:
    await _fulfilled(scene)
    await _change_unnoticed(scene, "dan")
    async with scene.stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE benches SET cluster = cluster + 1")
    await scene.do("judge", None)
    assert (await scene.reasons())["dan"] == "has_picture.no_picture"


async def test_amended_rules_are_for_everybody_even_who_did_only_what_they_do_not_ask_for(
    scene: Scene,
) -> None:
    await _fulfilled(scene)
    await scene.do("like", {"ann", "bob", "cid"})
    scene.contest = await amended(
        scene.stage,
        scene.contest,
        rules={"kind": "reposted"},
        schedule=scene.contest.definition.schedule,
    )
    await scene.do("repost", {"bob", "cid"})
    await scene.do("judge", None)
    found = await scene.reasons()
    assert found == {
        "ann": "reposted.undone",
        "bob": "all_conditions_hold",
        "cid": "all_conditions_hold",
        "dan": "reposted.undone",
    }
    scene.contest = await amended(
        scene.stage, scene.contest, schedule=scene.contest.definition.schedule
    )
    await scene.do("judge", None)
    assert (await scene.reasons())["dan"] == "liked.undone"


async def test_an_older_judging_that_ends_and_a_later_one_that_begins_wait_for_no_circle(
    scene: Scene,
) -> None:
    await _fulfilled(scene)
    contest = await reread(scene.stage, scene.contest)
    async with scene.stage.transaction() as later:
        await contests.read_shared(later, contest.workspace_id, contest.id)
        older = asyncio.ensure_future(judge_all(scene.stage.rt, contest))
        await somebody_waits(scene.stage.rt.pool)
        await benches.begin(later, contest)
    with pytest.raises(LeaseLostError):
        await older


@pytest.mark.parametrize("large", [judge.LARGE, 0], ids=["alone", "by a jury"])
async def test_an_older_judging_writes_nothing_once_a_later_one_began(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(judge, "LARGE", large)
    await _fulfilled(scene)
    contest = await reread(scene.stage, scene.contest)
    await scene.do("picture", ("ann", False))
    async with scene.stage.transaction() as conn:
        await conn.execute("LOCK TABLE list_accounts IN ACCESS EXCLUSIVE MODE")  # which it reads
        older = asyncio.ensure_future(judge_all(scene.stage.rt, contest))
        await somebody_waits(scene.stage.rt.pool)
        async with scene.stage.rt.pool.acquire() as other:
            await benches.begin(other, contest)
    with pytest.raises(LeaseLostError):
        await older
    assert (await scene.reasons())["ann"] == "all_conditions_hold"
    await scene.do("judge", None)
    assert (await scene.reasons())["ann"] == "has_picture.no_picture"


async def test_a_jury_that_is_called_off_ends_with_what_it_looks_at(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _fulfilled(scene)
    await scene.do("like", set())
    monkeypatch.setattr(judge, "LARGE", 0)
    monkeypatch.setattr(judge, "AT_ONCE", 1)
    monkeypatch.setattr(jury, "MOST", 1)
    contest = await reread(scene.stage, scene.contest)
    async with scene.stage.transaction() as conn:
        await conn.execute("LOCK TABLE list_accounts IN ACCESS EXCLUSIVE MODE")  # which it reads
        judging = asyncio.ensure_future(judge_all(scene.stage.rt, contest))
        await somebody_waits(scene.stage.rt.pool)
        judging.cancel()
        await asyncio.wait([judging], timeout=0.1)
    with pytest.raises(asyncio.CancelledError):
        await judging
    reasons = Counter((await scene.reasons()).values())
    assert reasons["liked.undone"] <= LANES < reasons.total()


async def test_a_large_contest_is_judged_by_several_processes_in_the_same_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _fulfilled(scene)
    await scene.do("like", {"ann", "cid"})
    await scene.do("list", "cid")
    await scene.do("judge", None)
    reasons, records = await scene.reasons(), await scene.records()
    assert len(set(reasons.values())) == 3
    monkeypatch.setattr(judge, "LARGE", 1)
    monkeypatch.setattr(judge, "SPAN", 1)
    await scene.judge_everybody()
    assert await scene.records() == records
    async with scene.stage.rt.pool.acquire() as conn:
        await conn.execute(_UNJUDGE)
    await scene.judge_everybody()
    assert await scene.reasons() == reasons
    scene.contest = await amended(
        scene.stage,
        scene.contest,
        rules={"kind": "follows"},
        schedule=scene.contest.definition.schedule,
    )
    await scene.do("judge", None)
    assert set((await scene.reasons()).values()) == {"follows.not_read_yet"}


async def test_many_that_changed_are_judged_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "AT_ONCE", 1)
    await _fulfilled(scene)
    await scene.do("like", {"dan"})
    await scene.do("judge", None)
    undone = dict.fromkeys(("ann", "bob", "cid"), "liked.undone")
    assert await scene.reasons() == undone | {"dan": "all_conditions_hold"}


async def test_changes_that_were_judged_are_forgotten(scene: Scene) -> None:
    await _fulfilled(scene)
    async with scene.stage.transaction() as late:
        await scene.change(late, "picture", ("ann", False))
        await scene.do("judge", None)
    async with scene.stage.rt.pool.acquire() as conn:
        kept = await conn.fetch("SELECT accounts FROM evidence_changes")
    assert [row["accounts"] for row in kept] == [[account("ann")]]
