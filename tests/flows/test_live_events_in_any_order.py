"""Whatever order live events and passes come in: nothing is there twice, and a pass has the last
word."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from api.databases import copy_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.evidence import Action
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.pool import create_pool
from flows.live import (
    Pass,
    begin,
    comment,
    community,
    delete,
    hear,
    like,
    present,
    ref_of,
    see,
    seen,
    started,
)
from flows.stage import Stage, open_stage

PEOPLE = ("1", "2", "3")
TEXTS = ("I go", "I stay")
EXAMPLES = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
History = list[tuple[str, Any]]
"""What happens, and whom or what it is about."""

likes = st.builds(
    lambda who, kind: like(who, kind=kind),
    st.sampled_from(PEOPLE),
    st.sampled_from(("like_add", "like_remove")),
)
comments = st.one_of(
    st.builds(
        lambda who, text, kind: comment(who, text, id_=10 * int(who), kind=kind),
        st.sampled_from(PEOPLE),
        st.sampled_from(TEXTS),
        st.sampled_from(("wall_reply_new", "wall_reply_edit", "wall_reply_restore")),
    ),
    st.builds(lambda who: delete(10 * int(who)), st.sampled_from(PEOPLE)),
)


def histories(events: st.SearchStrategy[bytes]) -> st.SearchStrategy[History]:
    """Batches of events, some of them repeated, and the steps of passes between them."""
    some = st.lists(events, min_size=1, max_size=4)
    repeated = some.flatmap(lambda batch: st.lists(st.sampled_from(batch), min_size=1, max_size=6))
    return st.lists(
        st.one_of(
            st.tuples(st.just("hear"), repeated),
            st.tuples(st.just("read"), st.sets(st.sampled_from(PEOPLE))),
            st.tuples(st.just("compare"), st.none()),
            st.tuples(st.just("merge"), st.none()),
        ),
        max_size=8,
    )


class Scene:
    """One page and one pass at a time."""

    def __init__(self, stage: Stage, page: Community, contest: Contest, action: Action) -> None:
        self._stage = stage
        self._page = page
        self._contest = contest
        self._action = action
        self._pass: Pass | None = None

    async def step(self, what: str, about: Any, *, refs: Mapping[str, str]) -> None:
        if what == "hear":
            await hear(self._stage, self._page, *about)
            return
        if self._pass is None:
            self._pass = await begin(self._stage, self._contest, self._action)
        match what:
            case "read":
                await self._pass.read(*(seen(who, refs[who]) for who in about))
            case "compare":
                await self._pass.compare()
            case "merge":
                await self.end()

    async def end(self) -> None:
        if self._pass is not None:
            await self._pass.compare()
            await self._pass.merge()
            self._pass = None


FORGET = "TRUNCATE actions, heard_events, scan_staging"
END = "UPDATE scans SET state = 'aborted' WHERE state = 'running'"


@pytest.fixture
def runner(postgres_url: str, template: str, tmp_path: Path) -> Iterator["Runner"]:
    with asyncio.Runner() as loop:
        scenes = _opened(postgres_url, template, tmp_path)
        stage, page, contest = loop.run(scenes.__aenter__())
        yield Runner(loop, stage, page, contest)
        loop.run(scenes.__aexit__(None, None, None))


@contextlib.asynccontextmanager
async def _opened(
    postgres_url: str, template: str, folder: Path
) -> AsyncIterator[tuple[Stage, Community, Contest]]:
    async with (
        copy_of(postgres_url, template) as url,
        await create_pool(url) as pool,
        open_stage(pool, folder, ()) as stage,
    ):
        page = await community(stage)
        yield stage, page, await started(stage, page)


class Runner:
    """Plays histories, each on the same page and post as if nothing had been before."""

    def __init__(
        self, loop: asyncio.Runner, stage: Stage, page: Community, contest: Contest
    ) -> None:
        self._loop = loop
        self._stage = stage
        self._page = page
        self._contest = contest

    def play(
        self, action: Action, history: History, *, refs: Mapping[str, str], truth: set[str]
    ) -> list[tuple[str, str]]:
        """Play a history and let a last pass find the truth; return what is there then."""
        return self._loop.run(self._play(action, history, refs=refs, truth=truth))

    async def _play(
        self, action: Action, history: History, *, refs: Mapping[str, str], truth: set[str]
    ) -> list[tuple[str, str]]:
        async with self._stage.rt.pool.acquire() as conn:
            await conn.execute(FORGET)
            await conn.execute(END)
        scene = Scene(self._stage, self._page, self._contest, action)
        for what, about in history:
            await scene.step(what, about, refs=refs)
            found = await present(self._stage, action)
            assert len(found) == len(set(found))
        await scene.end()
        sightings = [seen(who, refs[who]) for who in truth]
        await see(self._stage, self._contest, action, *sightings)
        return await present(self._stage, action)


def test_likes(runner: Runner) -> None:
    @EXAMPLES
    @given(histories(likes), st.sets(st.sampled_from(PEOPLE)))
    def check(history: History, truth: set[str]) -> None:
        refs = dict.fromkeys(PEOPLE, "")
        found = runner.play(Action.LIKE, history, refs=refs, truth=truth)
        assert found == [(who, "") for who in sorted(truth)]

    check()


def test_comments_that_are_written_edited_and_deleted(runner: Runner) -> None:
    @EXAMPLES
    @given(histories(comments), st.sets(st.sampled_from(PEOPLE)), st.sampled_from(TEXTS))
    def check(history: History, truth: set[str], text: str) -> None:
        refs = {who: ref_of(comment(who, text, id_=10 * int(who))) for who in PEOPLE}
        found = runner.play(Action.COMMENT, history, refs=refs, truth=truth)
        assert found == [(who, refs[who]) for who in sorted(truth)]

    check()
