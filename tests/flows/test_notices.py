"""How winners are told on the practice VK: alone where they allow it, else by a mention, once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from platforms.vk_practice import Practice
from sandbox.vk.stage import BORIS, DARYA, GLEB, PAGE, WALL

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.flows import retry
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots
from contest_service.sandbox.vk import acts, societies
from contest_service.sandbox.vk.faults import Fault
from contest_service.sandbox.vk.people import Crowd
from contest_service.store import announcements, contests, notices, work
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.notices import How, Notice, NoticeState
from flows.agreed import disqualify
from flows.stage import Stage
from flows.vk_town import connected, drafted, pass_time, started, town

SOON = timedelta(seconds=2)
LATER = timedelta(minutes=20)
"""After which everything is tried again."""
HOURS = timedelta(hours=2)
"""After which VK remembers neither keys nor random numbers."""
LIKED = {"kind": "liked"}
MANY = range(2001, 2061)
"""More winners than one text can name."""


def _draws(*winners: int) -> dict[str, Any]:
    return {"draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": each}]}
                      for each in winners]}  # fmt: skip


class Scene:
    """A frozen contest whose draw is next, on VK."""

    def __init__(self, stage: Stage, vk: Practice, contest: Contest) -> None:
        self.stage = stage
        self.vk = vk
        self._contest = contest

    async def contest(self) -> Contest:
        async with self.stage.rt.pool.acquire() as conn:
            return await contests.read(conn, self._contest.workspace_id, self._contest.id)

    async def draw(self) -> None:
        """Draw, announce, and tell."""
        contest = await self.contest()
        await self.later(contest.draw_at + SOON - self.stage.now())

    async def later(self, wait: timedelta = LATER) -> None:
        """Let time pass, and do all that is due then."""
        pass_time(self.stage, self.vk, self.stage.now() + wait)
        await self.stage.work()

    async def notices(self) -> list[Notice]:
        async with self.stage.rt.pool.acquire() as conn:
            contest = self._contest
            return await notices.list_page(
                conn, contest.workspace_id, contest.id, after=None, limit=200
            )

    async def only(self) -> Notice:
        (notice,) = await self.notices()
        return notice

    async def result_url(self) -> str | None:
        async with self.stage.rt.pool.acquire() as conn:
            found = await announcements.of_contest(
                conn, self._contest.workspace_id, self._contest.id
            )
        (url,) = [row.published_url for row in found if row.kind is AnnouncementKind.RESULT]
        return url

    async def again(self, notice: Notice) -> None:
        """Lose what was recorded of a notice, as a crash before its transaction does."""
        async with self.stage.transaction() as conn:
            await conn.execute(
                "UPDATE notices SET state = 'due', how = NULL, told_ref = NULL WHERE id = $1",
                notice.id,
            )
            await work.plan(
                conn, notice.workspace_id, work.Kind.NOTIFY, notice.id, due_at=self.stage.now()
            )
        await self.stage.work()

    async def retry(self, notice: Notice) -> None:
        async with self.stage.transaction() as conn:
            actor, now = self.stage.actor, self.stage.now()
            await retry.retry_notice(conn, actor, notice.contest_id, notice.id, now=now)
        await self.stage.work()

    async def disqualify_holder(self) -> None:
        """Let the next in order take the first prize."""
        async with self.stage.transaction() as conn:
            contest = await self.contest()
            (slot, *_), *_ = await name_slots(conn, contest, await load_chain(conn, contest))
        assert slot.entry is not None
        await disqualify(self.stage, contest, slot.entry)
        await self.stage.work()

    def allow(self, *people: int) -> None:
        world = self.vk.vk.world
        for person in people:
            societies.allow_messages(world, person, world.communities[PAGE], at=0)

    def fail(self, method: str, *, times: int = 1, **fault: Any) -> None:
        self.vk.vk.site.faults.orders.append(Fault(method=method, times=times, **fault))

    def mend(self) -> None:
        self.vk.vk.site.faults.orders.clear()

    def dialog(self, person: int) -> list[str]:
        return [each.text for each in self.vk.vk.world.dialogs.get((PAGE, person), [])]

    def comments(self) -> list[str]:
        every = self.vk.vk.world.comments.values()
        return [each.text for each in every if each.from_id == WALL]

    def posts(self) -> list[str]:
        world = self.vk.vk.world
        return [world.posts[WALL, id_].text for id_ in world.wall(WALL).posts if id_ != 1]


@asynccontextmanager
async def frozen(
    pool: Any,
    folder: Path,
    redis_url: str,
    fans: Sequence[int],
    *,
    meanwhile: Callable[[Scene], Awaitable[None]] | None = None,
    **changes: Any,
) -> AsyncIterator[Scene]:
    """A contest that some people take part in, until right before its draw.

    `meanwhile` is done once they were judged, before it closes.
    """
    async with town(pool, folder, redis_url) as (stage, vk):
        vk.vk.world.people.gather(Crowd(first=2001, count=len(MANY), deactivated=0))
        acts.like_in_bulk(vk.post, fans, at=int(vk.clock.now))
        community = await connected(stage, vk)
        draft = await drafted(stage, vk, community, **{"rules": LIKED, **changes})
        scene = Scene(stage, vk, await started(stage, draft))
        await stage.work()
        if meanwhile is not None:
            await meanwhile(scene)
        for moment in ("closes_at", "freeze_at"):
            await scene.later(getattr(await scene.contest(), moment) + SOON - stage.now())
        assert (await scene.contest()).status is Status.FROZEN
        yield scene


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> tuple[Any, Path, str]:
    return pool, tmp_path, redis_url


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "PRACTICE|You have won: A mug"), ("ru", "ТРЕНИРОВКА|Вы выиграли: A mug")],
)
async def test_whoever_allows_messages_is_told_alone(place: Any, language: str, words: str) -> None:
    async with frozen(*place, [GLEB], language=language) as scene:
        scene.allow(GLEB)
        await scene.draw()
        notice = await scene.only()
        assert (notice.state, notice.how) == (NoticeState.TOLD, How.MESSAGE)
        assert (notice.told_ref, notice.told_url, notice.account) == (None, None, str(GLEB))
        (text,) = scene.dialog(GLEB)
        assert all(part in text for part in words.split("|"))
        assert text.endswith(notice.link)
        assert len(scene.comments()) == 2  # the freeze and the result


async def test_whoever_cannot_be_written_to_is_mentioned_by_the_announcement(place: Any) -> None:
    async with frozen(*place, [DARYA]) as scene:
        await scene.draw()
        notice = await scene.only()
        assert (notice.state, notice.how, notice.refused) == (NoticeState.TOLD, How.MENTION, True)
        assert notice.told_url == await scene.result_url()
        assert f"@id{DARYA}" in scene.comments()[1]
        assert (len(scene.comments()), scene.dialog(DARYA)) == (2, [])


@pytest.mark.parametrize("is_closed", [False, True])
async def test_whom_a_long_announcement_leaves_out_is_mentioned_apart(
    place: Any, is_closed: bool
) -> None:
    tiers = [{"id": f"{n}", "prize": f"Prize {n} {'x' * 48}", "winners": 1} for n in MANY]
    async with frozen(*place, MANY, draws=[{"tiers": tiers}]) as scene:
        scene.vk.post.closed_comments = is_closed
        await scene.draw()
        url = await scene.result_url()
        told = await scene.notices()
        assert len(told) == len(MANY)
        assert {each.state for each in told} == {NoticeState.TOLD}
        apart = [each for each in told if each.told_url != url]
        assert 0 < len(apart) < 20
        assert {each.how for each in apart} == {How.POST if is_closed else How.MENTION}
        said = scene.posts() if is_closed else scene.comments()
        result = next(text for text in said if "Winners:" in text)
        for each in told:
            mentions = [text for text in said if f"@id{each.account}, you have won" in text]
            assert len(mentions) == (each in apart)
            assert (f"@id{each.account} – " in result) is (each not in apart)


async def test_whoever_is_not_named_is_told_alone_or_waits_for_a_person(place: Any) -> None:
    async with frozen(*place, [GLEB, DARYA], naming=False, **_draws(2)) as scene:
        scene.allow(GLEB)
        await scene.draw()
        by_account = {each.account: each for each in await scene.notices()}
        assert by_account[str(GLEB)].how is How.MESSAGE
        waiting = by_account[str(DARYA)]
        assert (waiting.state, waiting.mention, waiting.label) == ("unreachable", "", "")
        assert "cannot be written to" in (waiting.failure or "")
        assert not any(str(DARYA) in text for text in scene.comments() + scene.posts())
        scene.allow(DARYA)
        await scene.retry(waiting)
        assert len(scene.dialog(DARYA)) == 1
        assert not any(str(DARYA) in text for text in scene.comments() + scene.posts())


@pytest.mark.parametrize("wait", [timedelta(), HOURS])
async def test_a_crash_after_a_message_does_not_tell_twice(place: Any, wait: timedelta) -> None:
    async with frozen(*place, [GLEB]) as scene:
        scene.allow(GLEB)
        await scene.draw()
        await scene.later(wait)
        await scene.again(await scene.only())
        assert (await scene.only()).how is How.MESSAGE
        assert len(scene.dialog(GLEB)) == 1


@pytest.mark.parametrize("wait", [timedelta(), HOURS])
async def test_a_crash_after_a_comment_does_not_tell_twice(place: Any, wait: timedelta) -> None:
    async with frozen(*place, [DARYA]) as scene:
        # The result stays unpublished, so that the mention is a comment of its own.
        scene.fail("wall.createComment", code=213, times=1)
        scene.fail("wall.post", code=214, times=1)
        await scene.draw()
        told = await scene.only()
        assert (told.state, told.how) == (NoticeState.TOLD, How.MENTION)
        await scene.later(wait)
        scene.allow(DARYA)
        await scene.again(told)
        after = await scene.only()
        assert (after.state, after.told_url) == (NoticeState.TOLD, told.told_url)
        assert scene.dialog(DARYA) == []
        assert len([text for text in scene.comments() if "you have won" in text]) == 1


async def test_a_message_whose_answer_is_lost_is_delivered_once(place: Any) -> None:
    async with frozen(*place, [GLEB]) as scene:
        scene.allow(GLEB)
        scene.fail("messages.send", kind="drop", after=True)
        await scene.draw()
        waiting = await scene.only()
        assert (waiting.state, bool(waiting.failure)) == (NoticeState.DUE, True)
        await scene.later()
        told = await scene.only()
        assert (told.state, told.failure) == (NoticeState.TOLD, None)
        assert len(scene.dialog(GLEB)) == 1


async def test_what_only_a_person_can_mend_fails_and_is_tried_again(place: Any) -> None:
    async with frozen(*place, [DARYA]) as scene:
        scene.fail("wall.createComment", code=213, times=2)
        scene.fail("wall.post", code=214, times=2)
        await scene.draw()
        failed = await scene.only()
        assert (failed.state, failed.how) == (NoticeState.FAILED, None)
        assert "wall" in (failed.failure or "")
        await scene.later()
        assert (await scene.only()).state is NoticeState.FAILED
        await scene.retry(failed)
        told = await scene.only()
        assert (told.state, told.how, told.failure) == (NoticeState.TOLD, How.MENTION, None)
        with pytest.raises(ConflictError, match="told"):
            await scene.retry(told)


async def test_a_token_without_messages_leads_to_a_mention(place: Any) -> None:
    async with frozen(*place, [GLEB]) as scene:
        scene.allow(GLEB)
        scene.fail("messages.getHistory", code=15)
        scene.fail("messages.send", code=15)
        await scene.draw()
        assert (await scene.only()).how is How.MENTION
        assert scene.dialog(GLEB) == []


async def test_nobody_is_told_before_the_announcement(place: Any) -> None:
    async with frozen(*place, [GLEB]) as scene:
        scene.allow(GLEB)
        scene.fail("wall.createComment", code=10, times=100)
        await scene.draw()
        await scene.later()
        assert (await scene.only()).state is NoticeState.DUE
        assert scene.dialog(GLEB) == []
        scene.mend()
        await scene.later()
        assert (await scene.only()).how is How.MESSAGE
        assert len(scene.dialog(GLEB)) == 1


async def test_a_successor_is_told_and_named_by_the_succession(place: Any) -> None:
    async with frozen(*place, [GLEB, DARYA]) as scene:
        scene.allow(GLEB)
        await scene.draw()
        first = await scene.only()
        await scene.disqualify_holder()
        told = await scene.notices()
        assert {each.account for each in told} == {str(GLEB), str(DARYA)}
        assert {each.state for each in told} == {NoticeState.TOLD}
        assert told[1].seq > first.seq
        hows = {each.account: each.how for each in told}
        assert hows == {str(GLEB): How.MESSAGE, str(DARYA): How.MENTION}
        assert len(scene.dialog(GLEB)) == 1


async def test_whoever_loses_the_prize_first_is_not_told_any_more(place: Any) -> None:
    async with frozen(*place, [GLEB, BORIS]) as scene:
        scene.allow(GLEB, BORIS)
        scene.fail("messages.send", code=10, times=100)
        await scene.draw()
        first = await scene.only()
        await scene.disqualify_holder()
        scene.mend()
        await scene.later()
        states = {each.account: each.state for each in await scene.notices()}
        assert states.pop(first.account) is NoticeState.WITHDRAWN
        assert list(states.values()) == [NoticeState.TOLD]
        assert scene.dialog(int(first.account)) == []
        with pytest.raises(ConflictError, match="somebody else"):
            await scene.retry(first)


async def test_several_prizes_are_one_notice_and_vacant_slots_none(place: Any) -> None:
    async with frozen(*place, [GLEB], **_draws(2, 1)) as scene:
        scene.allow(GLEB)
        await scene.draw()
        await scene.only()
        (text,) = scene.dialog(GLEB)
        assert "A mug; A mug" in text
