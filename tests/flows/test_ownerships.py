"""Whose an account is: shown by a code that this very account wrote, and by nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from contest_service.domain.errors import NotFoundError
from contest_service.domain.evidence import Said
from contest_service.flows import own
from contest_service.flows.callbacks import arrival_of
from contest_service.flows.judge import judge_all
from contest_service.flows.own import GOOD_FOR, LOOK_AFTER
from contest_service.platforms.live import read_event
from contest_service.store import ownerships, work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from flows import live, made_up
from flows.live import ANN, BOB
from flows.owned import begin, is_shown, look, write
from flows.stage import Stage, open_stage
from workers import jobs

LIKED = {"kind": "liked"}


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, [live.SERVER]) as stage:
        yield stage


@pytest.fixture
async def page(stage: Stage) -> Community:
    return await live.community(stage)


@pytest.fixture
async def contest(stage: Stage, page: Community) -> Contest:
    """A contest on VK that Ann takes part in."""
    contest = await live.started(stage, page, rules=LIKED)
    await live.hear(stage, page, live.like(ANN))
    await judge_all(stage.rt, contest)
    return contest


def message(who: str, text: str) -> bytes:
    return live.event("message_new", message={"from_id": int(who), "text": text, "peer_id": 7})


class TestWhatShowsIt:
    """The code, written by the account itself, wherever it is heard."""

    @pytest.mark.parametrize("name", [f"https://vk.com/id{ANN}", f"id{ANN}", ANN, f" ID{ANN} "])
    async def test_a_comment_with_the_code(
        self, stage: Stage, page: Community, contest: Contest, name: str
    ) -> None:
        begun = await begin(stage, contest, name)
        await live.hear(stage, page, live.comment(ANN, f"Вот: {begun.code}"))
        found = await look(stage, contest, begun)
        assert found.shown_at is not None
        assert (found.account, found.entrant_id is not None) == (ANN, True)
        assert found.expires_at == found.shown_at + GOOD_FOR

    async def test_a_comment_that_is_edited_to_hold_it(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(ANN, "Хочу кружку"))
        assert not await is_shown(stage, contest, begun)
        edited = live.comment(ANN, f"Хочу кружку {begun.code}", kind="wall_reply_edit")
        await live.hear(stage, page, edited)
        assert await is_shown(stage, contest, begun)

    async def test_a_message_to_the_community(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, message(ANN, begun.code))
        assert await is_shown(stage, contest, begun)

    async def test_a_comment_that_is_deleted_after_it_was_seen(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(ANN, begun.code))
        await live.hear(stage, page, live.delete())
        assert await is_shown(stage, contest, begun)

    async def test_each_of_two_browsers_by_its_own_code(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        one, other = await begin(stage, contest, ANN), await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(ANN, other.code))
        assert [await is_shown(stage, contest, each) for each in (one, other)] == [False, True]


class TestWhatDoesNot:
    """Everything else, by what is wrong with it."""

    async def test_the_code_in_somebody_else_s_comment(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(BOB, begun.code), message(BOB, begun.code))
        assert not await is_shown(stage, contest, begun)

    async def test_another_code(self, stage: Stage, page: Community, contest: Contest) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(ANN, "K7QF-9M2X"))
        assert not await is_shown(stage, contest, begun)

    async def test_a_code_that_comes_too_late(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        stage.pass_time(stage.now() + GOOD_FOR)
        await live.hear(stage, page, live.comment(ANN, begun.code))
        assert not await is_shown(stage, contest, begun)

    async def test_a_code_that_was_used_already(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        await live.hear(stage, page, live.comment(ANN, begun.code))
        before = await look(stage, contest, begun)
        stage.pass_time(stage.now() + GOOD_FOR / 2)
        await live.hear(stage, page, live.comment(ANN, begun.code, id_=10))
        assert await look(stage, contest, begun) == before
        assert await write(stage, contest, ANN, begun.code) == 0

    async def test_a_name_that_nobody_has(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        for name in (BOB, "https://vk.com/nobody", "not a name at all!", "https://[", "x" * 5000):
            begun = await begin(stage, contest, name)
            await live.hear(stage, page, live.comment(BOB, begun.code))
            assert not await is_shown(stage, contest, begun)

    async def test_the_same_number_on_another_network(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        begun = await begin(stage, contest, ANN)
        async with stage.transaction() as conn:
            network = ownerships.Network(
                workspace_id=contest.workspace_id, platform="vk", instance="elsewhere"
            )
            said = [Said(account=ANN, text=begun.code)]
            assert await own.notice(conn, network, said, at=stage.now()) == 0

    async def test_another_secret(self, stage: Stage, contest: Contest) -> None:
        begun = await begin(stage, contest, ANN)
        for id_, secret in ((begun.id, "guess"), (begun.id, begun.code), (uuid4(), begun.secret)):
            async with stage.rt.pool.acquire() as conn:
                with pytest.raises(NotFoundError):
                    await own.read(conn, contest, id_, secret)

    async def test_the_secret_in_another_contest(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        other = await live.started(stage, page, rules=LIKED)
        begun = await begin(stage, contest, ANN)
        async with stage.rt.pool.acquire() as conn:
            with pytest.raises(NotFoundError):
                await own.read(conn, other, begun.id, begun.secret)


class TestWhatIsKept:
    """As little as can be, and not for long."""

    async def test_neither_code_nor_secret(self, stage: Stage, contest: Contest) -> None:
        begun = await begin(stage, contest, ANN)
        async with stage.rt.pool.acquire() as conn:
            row = await conn.fetchrow("SELECT * FROM ownerships")
        kept = repr(dict(row))
        assert begun.code not in kept
        assert begun.secret not in kept
        assert begun.secret not in repr(begun)

    async def test_of_a_message_nothing_but_the_codes(self, page: Community) -> None:
        body = message(ANN, "Мой телефон 89991234567, а код K7QF-9M2X. Спасибо!")
        arrival = arrival_of(page.platform, read_event(page.platform, body), body)
        assert arrival is not None
        told = read_event(page.platform, arrival.body)
        assert told.said == Said(account=ANN, text="K7QF-9M2X")
        assert (told.id, told.community) == (arrival.event_id, live.PAGE)
        assert "89991234567" not in arrival.body.decode()

    @pytest.mark.parametrize(
        "body",
        [
            message(ANN, "Здравствуйте!"),
            message("-501", "K7QF-9M2X"),
            live.event("message_new", message=[]),
            live.event("message_new"),
        ],
        ids=["without a code", "of a community", "of another form", "of none"],
    )
    async def test_of_another_message_nothing(self, page: Community, body: bytes) -> None:
        assert arrival_of(page.platform, read_event(page.platform, body), body) is None

    async def test_it_is_forgotten_an_hour_after_its_end(
        self, stage: Stage, contest: Contest
    ) -> None:
        await begin(stage, contest, ANN)
        for ahead, left in ((GOOD_FOR, 1), (timedelta(hours=2), 0)):
            stage.pass_time(stage.now() + ahead)
            await jobs.tidy({"runtime": stage.rt})
            async with stage.rt.pool.acquire() as conn:
                assert await conn.fetchval("SELECT count(*) FROM ownerships") == left


class TestHandles:
    """Handles change hands; the account is the one that had it last."""

    async def test_a_handle_is_the_one_s_who_was_seen_with_it_last(self, stage: Stage) -> None:
        contest = await made_up.started(stage, await made_up.connected(stage))
        await made_up.see(stage, contest, ["ann", "bob"])
        await judge_all(stage.rt, contest)
        async with stage.transaction() as conn:
            for days, name in ((2, "ann"), (1, "bob")):
                await conn.execute(
                    """INSERT INTO accounts (workspace_id, platform, instance, account, handle,
                        name, profile_at)
                    VALUES ($1, 'bluesky', '127.0.0.1', $2, 'Mug.Test', '', $3)""",
                    contest.workspace_id,
                    made_up.account(name),
                    stage.now() - timedelta(days=days),
                )
            names = ("@mug.test", "https://bsky.app/profile/mug.test", "MUG.test")
            found = [await own.find(conn, contest, name) for name in names]
        assert [each and each.account for each in found] == [made_up.account("bob")] * 3


class TestLooking:
    """Where no event tells, a worker looks, now and then."""

    async def test_nobody_looks_where_events_come_in(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        async with stage.transaction() as conn:
            await conn.execute("UPDATE channels SET state = 'listening'")
        await begin(stage, contest, ANN)
        await _run(stage, contest)
        assert await _planned(stage) == []

    async def test_however_many_begin_nobody_looks_more_often(
        self, stage: Stage, contest: Contest
    ) -> None:
        async with stage.rt.pool.acquire() as conn:
            key = (contest.workspace_id, work.Kind.LOOK, contest.id)
            later = stage.now() + own.GOOD_FOR
            await work.plan(conn, *key, due_at=later)
        for _ in range(3):
            began = stage.now()
            await begin(stage, contest, ANN)
        async with stage.rt.pool.acquire() as conn:
            due_at = await conn.fetchval("SELECT due_at FROM work WHERE kind = 'look'")
        assert began + LOOK_AFTER / 2 < due_at < later

    async def test_nobody_looks_for_a_name_that_nobody_has(
        self, stage: Stage, contest: Contest
    ) -> None:
        await begin(stage, contest, BOB)
        assert len(await _planned(stage)) == 1
        await _run(stage, contest)
        assert await _planned(stage) == []

    async def test_a_page_that_waits_for_events_does_so_for_a_code_too(
        self, stage: Stage, page: Community, contest: Contest
    ) -> None:
        key = (contest.workspace_id, page.id)
        async with stage.rt.pool.acquire() as conn:
            assert not await ownerships.is_awaited(conn, *key, at=stage.now())
        await begin(stage, contest, ANN)
        async with stage.rt.pool.acquire() as conn:
            assert await ownerships.is_awaited(conn, *key, at=stage.now())
            assert not await ownerships.is_awaited(conn, *key, at=stage.now() + GOOD_FOR)


async def _run(stage: Stage, contest: Contest) -> None:
    """Let a worker look."""
    stage.pass_time(stage.now() + LOOK_AFTER)
    async with stage.rt.pool.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM work WHERE kind = 'look'")
    await jobs.work({"runtime": stage.rt}, str(contest.workspace_id), str(id_))


async def _planned(stage: Stage) -> list[msgspec.Raw]:
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch("SELECT id FROM work WHERE kind = $1", work.Kind.LOOK)
    return [row["id"] for row in rows]
