"""Bots Long Poll: waiting for events, the three failures, keys, settings."""

import asyncio
from typing import Any

import pytest
from patience import PATIENCE

from sandbox.vk import schema
from sandbox.vk.stage import DARYA, EGOR, GLEB, PAGE, Refused, Stage


async def _open(stage: Stage, **kinds: int) -> dict[str, str]:
    await stage.call(
        "groups.setLongPollSettings", stage.page, group_id=PAGE, enabled=1, like_add=1, **kinds
    )
    return dict(await stage.call("groups.getLongPollServer", stage.page, group_id=PAGE))


async def _check(stage: Stage, poll: dict[str, Any], wait: int = 0) -> Any:
    given = {"act": "a_check", "key": poll["key"], "ts": poll["ts"], "wait": wait}
    return (await stage.client.get(poll["server"], params=given)).json()


async def test_it_has_to_be_enabled(stage: Stage) -> None:
    with pytest.raises(Refused, match="longpoll for this group is not enabled") as refused:
        await stage.call("groups.getLongPollServer", stage.page, group_id=PAGE)
    assert refused.value.code == 100
    settings = await stage.call("groups.getLongPollSettings", stage.page, group_id=PAGE)
    assert not settings["is_enabled"]
    await _open(stage)
    settings = await stage.call("groups.getLongPollSettings", stage.page, group_id=PAGE)
    assert (settings["is_enabled"], settings["events"]["like_add"]) == (True, 1)
    assert settings["events"]["like_remove"] == 0


async def test_what_happened_since_is_answered_at_once(stage: Stage) -> None:
    poll = await _open(stage)
    await stage.act("like", GLEB)
    await stage.act("unlike", GLEB)  # not set up
    await stage.act("like", DARYA)
    answer = await _check(stage, poll)
    assert answer["ts"] == str(int(poll["ts"]) + 2)
    assert [update["object"]["liker_id"] for update in answer["updates"]] == [GLEB, DARYA]
    assert {update["type"] for update in answer["updates"]} == {"like_add"}
    assert {update["group_id"] for update in answer["updates"]} == {PAGE}
    assert "secret" not in answer["updates"][0]
    if (official := schema.load()) is not None:
        body = answer["updates"][0]["object"]
        assert not official.event_faults("callback_like_add_remove", body)
    assert await _check(stage, poll) == answer  # reading takes nothing away
    poll["ts"] = answer["ts"]
    assert await _check(stage, poll) == {"ts": answer["ts"], "updates": []}


async def test_whoever_asks_waits_for_the_next_event(stage: Stage) -> None:
    poll = await _open(stage)
    asking = asyncio.create_task(_check(stage, poll, wait=25))
    await asyncio.sleep(0.2)
    assert not asking.done()
    await stage.act("like", GLEB)
    async with asyncio.timeout(PATIENCE):
        answer = await asking
    assert [update["object"]["liker_id"] for update in answer["updates"]] == [GLEB]


async def test_several_may_wait(stage: Stage) -> None:
    poll = await _open(stage)
    asking = [asyncio.create_task(_check(stage, poll, wait=25)) for _ in range(3)]
    await asyncio.sleep(0.2)
    await stage.act("like", GLEB)
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*asking)
    assert [len(answer["updates"]) for answer in answers] == [1, 1, 1]


async def test_history_that_is_gone_is_failed_1_with_a_number(stage: Stage) -> None:
    poll = await _open(stage)
    for person in (GLEB, DARYA, EGOR):
        await stage.act("like", person)
    await stage.make("events", do="forget", group_id=PAGE, count=1)
    failed = await _check(stage, poll)
    assert failed == {"failed": 1, "ts": int(poll["ts"]) + 3}
    poll["ts"] = str(failed["ts"])
    await stage.act("unlike", EGOR)
    await stage.act("like", EGOR)
    assert len((await _check(stage, poll))["updates"]) == 1


async def test_an_expired_key_is_failed_2_and_a_new_one_goes_on(stage: Stage) -> None:
    poll = await _open(stage)
    await stage.act("like", GLEB)
    stage.clock.now += 3600
    assert await _check(stage, poll) == {"failed": 2}
    fresh = await stage.call("groups.getLongPollServer", stage.page, group_id=PAGE)
    poll["key"] = fresh["key"]
    assert len((await _check(stage, poll))["updates"]) == 1
    await stage.make("events", do="expire", group_id=PAGE)
    assert await _check(stage, poll) == {"failed": 2}
    assert await _check(stage, {**poll, "key": "wrong"}) == {"failed": 2}


async def test_a_lost_queue_is_failed_3(stage: Stage) -> None:
    poll = await _open(stage)
    await stage.act("like", GLEB)
    asking = asyncio.create_task(_check(stage, {**poll, "ts": str(int(poll["ts"]) + 1)}, wait=25))
    await asyncio.sleep(0.1)
    await stage.make("events", do="lose", group_id=PAGE)
    assert await _check(stage, poll) == {"failed": 3}
    async with asyncio.timeout(PATIENCE):
        assert await asking == {"failed": 3}
    fresh = await stage.call("groups.getLongPollServer", stage.page, group_id=PAGE)
    await stage.act("like", DARYA)
    assert len((await _check(stage, fresh))["updates"]) == 1


async def test_a_strange_number_is_failed(stage: Stage) -> None:
    poll = await _open(stage)
    assert (await _check(stage, {**poll, "ts": "x"}))["failed"] == 3
    assert (await _check(stage, {**poll, "ts": "999"}))["failed"] == 1
