"""Whoever linked accounts is told once, through the first of them that can be reached."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox.vk.stage import DARYA, GLEB

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.consent import VERSION
from contest_service.domain.errors import ConflictError
from contest_service.domain.evidence import Said
from contest_service.flows import link, own
from contest_service.flows.link import Given, Key
from contest_service.store import links
from contest_service.store.notices import How, Notice, NoticeState
from contest_service.store.ownerships import Network
from flows.test_notices import Scene, frozen

BOTH = (GLEB, DARYA)


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> tuple[Any, Path, str]:
    return pool, tmp_path, redis_url


async def link_both(scene: Scene) -> None:
    """Let one person show both accounts, and consent to take part as one."""
    contest, stage = await scene.contest(), scene.stage
    network = Network(
        workspace_id=contest.workspace_id,
        platform=Platform.VK,
        instance=urlsplit(scene.vk.vk.url).netloc,
    )
    keys = []
    async with stage.transaction() as conn:
        for person in BOTH:
            begun = await own.begin(conn, contest, f"https://vk.com/id{person}", now=stage.now())
            said = [Said(account=str(person), text=begun.code)]
            assert await own.notice(conn, network, said, at=stage.now()) == 1
            keys.append(Key(id=begun.id, secret=begun.secret))
        given = Given(version=VERSION, language=Language.ENGLISH)
        await link.link(conn, contest, keys, given, now=stage.now(), request_id="test")


def linked(place: Any, **changes: Any) -> AbstractAsyncContextManager[Scene]:
    """A frozen contest of one person with two accounts."""
    pool, folder, redis_url = place
    return frozen(pool, folder, redis_url, BOTH, meanwhile=link_both, **changes)


async def in_order(scene: Scene) -> tuple[int, int]:
    """The two accounts, the one that entered first before the other."""
    async with scene.stage.rt.pool.acquire() as conn:
        first, other = await links.members(conn, await scene.contest())
    return int(first.key.id), int(other.key.id)


async def notices_of(scene: Scene) -> dict[int, Notice]:
    return {int(each.account): each for each in await scene.notices()}


async def test_the_first_account_is_told_and_the_other_is_not(place: Any) -> None:
    async with linked(place) as scene:
        first, other = await in_order(scene)
        scene.allow(*BOTH)
        await scene.draw()
        await scene.later(timedelta(hours=2))
        found = await notices_of(scene)
        assert (found[first].state, found[first].how) == (NoticeState.TOLD, How.MESSAGE)
        assert (found[other].state, found[other].place) == (NoticeState.ELSEWHERE, 1)
        assert (len(scene.dialog(first)), scene.dialog(other)) == (1, [])
        with pytest.raises(ConflictError, match="another of their accounts"):
            await scene.retry(found[other])


async def test_the_next_account_is_told_where_the_first_cannot_be_reached(place: Any) -> None:
    async with linked(place, naming=False) as scene:
        first, other = await in_order(scene)
        scene.allow(other)
        await scene.draw()
        found = await notices_of(scene)
        assert (found[other].state, found[other].how) == (NoticeState.TOLD, How.MESSAGE)
        assert found[first].state is NoticeState.ELSEWHERE
        assert (scene.dialog(first), len(scene.dialog(other))) == ([], 1)
        # A crash before the last transaction leads to the same message.
        await scene.again(found[other])
        assert (scene.dialog(first), len(scene.dialog(other))) == ([], 1)


async def test_where_no_account_can_be_reached_each_waits_for_a_person(place: Any) -> None:
    async with linked(place, naming=False) as scene:
        first, other = await in_order(scene)
        await scene.draw()
        found = await notices_of(scene)
        assert {each.state for each in found.values()} == {NoticeState.UNREACHABLE}
        scene.allow(*BOTH)
        await scene.retry(found[other])
        assert (scene.dialog(first), len(scene.dialog(other))) == ([], 1)
        found = await notices_of(scene)
        assert (found[first].state, found[other].state) == (
            NoticeState.ELSEWHERE,
            NoticeState.TOLD,
        )


async def test_the_public_name_is_the_first_account_s_alone(place: Any) -> None:
    async with linked(place) as scene:
        first, other = await in_order(scene)
        await scene.draw()
        found = await notices_of(scene)
        assert (found[first].state, found[first].how) == (NoticeState.TOLD, How.MENTION)
        assert found[other].mention == ""
        assert not any(f"@id{other}" in text for text in [*scene.comments(), *scene.posts()])


async def test_what_may_have_arrived_is_told_nowhere_else(place: Any) -> None:
    async with linked(place, naming=False) as scene:
        first, other = await in_order(scene)
        scene.allow(*BOTH)
        scene.fail("messages.send", kind="drop", after=True)
        await scene.draw()
        scene.fail("messages.getHistory", code=15)
        scene.fail("messages.send", code=15)
        await scene.later()
        found = await notices_of(scene)
        assert found[other].state is NoticeState.ELSEWHERE
        assert (len(scene.dialog(first)), scene.dialog(other)) == (1, [])
