"""Whatever order people act, link, part and are judged in: the end is that of a fresh judging, and
nobody ever counts twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from api.databases import copy_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.evidence import Action
from contest_service.flows.judge import judge_all
from contest_service.store import proof
from contest_service.store.contests import Contest
from contest_service.store.pool import create_pool
from flows import live
from flows.made_up import schedule
from flows.stage import Stage, open_stage
from flows.two_networks import entrant, link_names, part, see, started

PEOPLE = ("vk:1", "vk:2", "bluesky:a", "bluesky:b")
EXAMPLES = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
ACTS = (Action.LIKE, Action.REPOST)
TICKETS = {"bonuses": [{"rule": {"kind": "reposted"}, "tickets": 2}]}
RULES = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
Step = tuple[str, Any]
person = st.sampled_from(PEOPLE)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(ACTS).map(str), st.sets(person)),
        st.tuples(st.just("judge"), st.none()),
        st.tuples(st.just("link"), st.tuples(person, person)),
        st.tuples(st.just("part"), person),
    ),
    max_size=9,
)
FORGET = "TRUNCATE actions, scan_staging, ownerships"


class Persons:
    """Who is whose account, by what was linked and parted."""

    def __init__(self) -> None:
        self._of = {name: frozenset({name}) for name in PEOPLE}

    def link(self, one: str, other: str) -> None:
        together = self._of[one] | self._of[other]
        self._of |= dict.fromkeys(together, together)

    def part(self, name: str) -> None:
        self._of |= {each: frozenset({each}) for each in self._of[name]}

    def of(self, name: str) -> frozenset[str]:
        return self._of[name]

    def all(self) -> set[frozenset[str]]:
        return set(self._of.values())


async def play(stage: Stage, contest: Contest, history: list[Step]) -> Persons:
    """Let things happen, and see after each that nobody counts twice."""
    persons = Persons()
    for action in ACTS:
        await see(stage, contest, action, *PEOPLE)
    await judge_all(stage.rt, contest)
    for what, about in history:
        match what:
            case "judge":
                await judge_all(stage.rt, contest)
            case "link":
                if persons.of(about[0]) != persons.of(about[1]):
                    await link_names(stage, contest, *about)
                    persons.link(*about)
            case "part":
                if len(persons.of(about)) > 1:
                    await part(stage, contest, about)
                    persons.part(about)
            case _:
                await see(stage, contest, Action(what), *about)
        await verdicts(stage, contest, persons)
    await judge_all(stage.rt, contest)
    return persons


async def verdicts(stage: Stage, contest: Contest, persons: Persons) -> dict[frozenset[str], Any]:
    """Each person's one verdict, which is in the list once if they count."""
    found = {}
    for person in persons.all():
        entries = [await entrant(stage, contest, name) for name in person]
        (standing,) = [each for each in entries if each.reason != "merged"]
        accounts = msgspec.json.decode(standing.record).get("accounts", [])
        assert len(accounts) == (len(person) if len(person) > 1 else 0)
        found[person] = (standing.state, standing.reason, standing.tickets)
    async with stage.transaction() as conn:
        listed = [each async for batch in proof.counted(conn, contest) for each in batch]
    assert sorted(tickets for _, tickets in listed) == sorted(
        tickets for _, _, tickets in found.values() if tickets
    )
    return found


async def afresh(stage: Stage, contest: Contest, persons: Persons) -> Contest:
    """Another contest over the same evidence, in which nothing was ever parted."""
    other = await started(stage, rules=RULES, tickets=TICKETS, schedule=contest.definition.schedule)
    await judge_all(stage.rt, other)
    for person in persons.all():
        first, *others = sorted(person)
        for name in others:
            await link_names(stage, other, first, name)
    return other


@pytest.fixture
def runner(postgres_url: str, template: str, tmp_path: Path) -> Iterator["Runner"]:
    with asyncio.Runner() as loop:
        stages = _opened(postgres_url, template, tmp_path)
        stage = loop.run(stages.__aenter__())
        yield Runner(loop, stage)
        loop.run(stages.__aexit__(None, None, None))


@contextlib.asynccontextmanager
async def _opened(postgres_url: str, template: str, folder: Path) -> AsyncIterator[Stage]:
    async with (
        copy_of(postgres_url, template) as url,
        await create_pool(url) as pool,
        open_stage(pool, folder, [live.SERVER]) as stage,
    ):
        yield stage


class Runner:
    """Plays histories, each in a contest of its own."""

    def __init__(self, loop: asyncio.Runner, stage: Stage) -> None:
        self._loop = loop
        self._stage = stage

    def play(self, history: list[Step]) -> tuple[dict[frozenset[str], Any], ...]:
        return self._loop.run(self._play(history))

    async def _play(self, history: list[Step]) -> tuple[dict[frozenset[str], Any], ...]:
        stage = self._stage
        async with stage.rt.pool.acquire() as conn:
            await conn.execute(FORGET)
        times = schedule(stage, closes_at=3600, draw_at=7200)
        contest = await started(stage, rules=RULES, tickets=TICKETS, schedule=times)
        persons = await play(stage, contest, history)
        other = await afresh(stage, contest, persons)
        return (
            await verdicts(stage, contest, persons),
            await verdicts(stage, other, persons),
        )


def test_the_end_is_that_of_a_fresh_judging(runner: Runner) -> None:
    @EXAMPLES
    @given(steps)
    def check(history: list[Step]) -> None:
        reached, fresh = runner.play(history)
        assert reached == fresh

    check()
