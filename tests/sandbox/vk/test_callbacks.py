"""The Callback API: confirmation, events in VK's shapes, retries, repeats, removal."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from patience import PATIENCE

from contest_service.sandbox.vk.server import serve
from sandbox.clock import Clock
from sandbox.vk import schema
from sandbox.vk.receiver import Deliverer, Receiver, receiving
from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, NOW, PAGE, WALL, Refused, Stage
from sandbox.vk.waiting import until


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def stage(receiver: Receiver) -> AsyncIterator[Stage]:
    """A practice VK that delivers; its clock is the test's."""
    clock, ticks = Clock(NOW), Clock(1000)
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as outgoing,
        serve(clock=clock, ticks=ticks, deliver=Deliverer(outgoing)) as vk,
        httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
    ):
        stage = Stage(vk, client, clock, ticks)
        await stage.build()
        yield stage


async def _status(stage: Stage, server_id: int = 1) -> str:
    servers = await stage.call("groups.getCallbackServers", stage.page, group_id=PAGE)
    return str({item["id"]: item["status"] for item in servers["items"]}[server_id])


async def _until(stage: Stage, status: str) -> None:
    await until(lambda: stage.vk.site.events.outlet(PAGE).servers[0].status == status)
    assert await _status(stage) == status


async def _code(stage: Stage) -> str:
    told = await stage.call("groups.getCallbackConfirmationCode", stage.page, group_id=PAGE)
    return str(told["code"])


async def _connect(stage: Stage, receiver: Receiver, **kinds: int) -> int:
    """Set a server up, as an integrator does."""
    receiver.code = await _code(stage)
    server = {"url": receiver.url, "title": "contests", "secret_key": "s3cret"}
    made = await stage.call("groups.addCallbackServer", stage.page, group_id=PAGE, **server)
    await _until(stage, "ok")
    settings = {"group_id": PAGE, "server_id": made["server_id"], "api_version": "5.199"}
    await stage.call("groups.setCallbackSettings", stage.page, **settings, **kinds)
    return int(made["server_id"])


async def _settled(stage: Stage) -> list[Any]:
    """Wait until nothing can be sent before time passes; return what waits then."""
    async with asyncio.timeout(PATIENCE):
        while True:
            (server,) = (await stage.look("events", group_id=PAGE))["servers"]
            if all(pending["due"] > stage.clock.now for pending in server["waiting"]):
                return list(server["waiting"])
            await asyncio.sleep(0.01)


async def test_a_server_confirms_itself_with_the_code(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver)
    (asked,) = receiver.came
    assert (asked["type"], asked["group_id"], asked["secret"]) == ("confirmation", PAGE, "s3cret")
    assert "object" not in asked


async def test_a_wrong_code_fails_and_nothing_is_sent(stage: Stage, receiver: Receiver) -> None:
    receiver.code = "wrong"
    given = {"group_id": PAGE, "url": receiver.url, "title": "contests"}
    made = await stage.call("groups.addCallbackServer", stage.page, **given)
    await _until(stage, "failed")
    await stage.call("groups.setCallbackSettings", stage.page, group_id=PAGE, like_add=1, **made)
    await stage.act("like", GLEB)
    assert await _settled(stage) == []


async def test_editing_a_server_changes_the_code_and_asks_again(
    stage: Stage, receiver: Receiver
) -> None:
    server_id = await _connect(stage, receiver)
    server = {"group_id": PAGE, "server_id": server_id, "url": receiver.url, "title": "new"}
    await stage.call("groups.editCallbackServer", stage.page, **server)
    await _until(stage, "failed")  # it answered with the old code
    receiver.learn = lambda: _code(stage)
    await stage.call("groups.editCallbackServer", stage.page, **server)
    await _until(stage, "ok")
    assert await _code(stage) != receiver.code


async def test_a_community_has_ten_servers_at_most(stage: Stage, receiver: Receiver) -> None:
    given = {"group_id": PAGE, "url": receiver.url, "title": "contests"}
    for _ in range(10):
        await stage.call("groups.addCallbackServer", stage.page, **given)
    with pytest.raises(Refused) as refused:
        await stage.call("groups.addCallbackServer", stage.page, **given)
    assert refused.value.code == 2000
    await stage.call("groups.deleteCallbackServer", stage.page, group_id=PAGE, server_id=3)
    made = await stage.call("groups.addCallbackServer", stage.page, **given)
    assert made == {"server_id": 11}


@pytest.mark.parametrize(
    "change", [{"title": "x" * 15}, {"secret_key": "x" * 51}, {"url": "ftp://x"}, {"title": ""}]
)
async def test_a_server_is_described_within_vk_s_limits(
    stage: Stage, change: dict[str, str]
) -> None:
    given = {"group_id": PAGE, "url": "http://127.0.0.1:1/", "title": "contests", **change}
    with pytest.raises(Refused) as refused:
        await stage.call("groups.addCallbackServer", stage.page, **given)
    assert refused.value.code == 100


async def test_only_what_was_set_up_is_sent(stage: Stage, receiver: Receiver) -> None:
    server_id = await _connect(stage, receiver, like_add=1, group_join=1)
    asked = {"group_id": PAGE, "server_id": server_id}
    settings = await stage.call("groups.getCallbackSettings", stage.page, **asked)
    assert {kind for kind, is_on in settings["events"].items() if is_on} == {
        "like_add",
        "group_join",
    }
    await stage.call("groups.setCallbackSettings", stage.page, group_join=0, **asked)
    await stage.act("join", GLEB)
    await stage.act("like", GLEB)
    await stage.act("unlike", GLEB)
    await stage.act("like", DARYA)
    events = await receiver.wait(2)
    assert [event["object"]["liker_id"] for event in events] == [GLEB, DARYA]


_DEFINITIONS = {
    "like_add": "callback_like_add_remove",
    "like_remove": "callback_like_add_remove",
    "wall_repost": "callback_wall_repost",
    "wall_post_new": "callback_wall_post_new",
    "wall_reply_new": "callback_wall_reply_new",
    "wall_reply_edit": "callback_wall_reply_edit",
    "wall_reply_delete": "callback_wall_comment_delete",
    "wall_reply_restore": "callback_wall_reply_restore",
    "group_join": "callback_group_join",
    "group_leave": "callback_group_leave",
    "user_block": "callback_user_block",
    "user_unblock": "callback_user_unblock",
    "message_allow": "callback_message_allow",
    "message_deny": "callback_message_deny",
    "message_new": "callback_message_new",
}


async def test_everything_that_happens_is_told_in_vk_s_shapes(
    stage: Stage, receiver: Receiver
) -> None:
    await _connect(stage, receiver, **dict.fromkeys(_DEFINITIONS, 1))
    said = (await stage.act("comment", GLEB, text="Я"))["id"]
    answer = (await stage.act("comment", DARYA, text="И я", comment_id=said))["id"]
    acts: list[tuple[str, dict[str, Any]]] = [
        ("like", {}),
        ("unlike", {}),
        ("like", {"comment_id": answer}),
        ("repost", {"text": "#розыгрыш"}),
        ("edit_comment", {"comment_id": said, "text": "Тоже я"}),
        ("erase", {"comment_id": said}),
        ("restore_comment", {"comment_id": said}),
        ("join", {}),
        ("leave", {}),
        ("join", {}),
        ("block", {"other": ANNA}),
        ("unblock", {"other": ANNA}),
        ("allow", {"key": "widget"}),
        ("deny", {}),
        ("write", {"text": "Здравствуйте"}),
    ]
    for do, what in acts:
        await stage.act(do, GLEB, **what)
    await stage.make("posts", owner_id=WALL, text="Новый")
    events = await receiver.wait(19)
    assert {event["type"] for event in events} == set(_DEFINITIONS)
    assert len({event["event_id"] for event in events}) == len(events)
    for event in events:
        assert (event["group_id"], event["v"], event["secret"]) == (PAGE, "5.199", "s3cret")
        if (official := schema.load()) is not None:
            assert not official.event_faults(_DEFINITIONS[event["type"]], event["object"])
    by_kind = {event["type"]: event["object"] for event in events}
    assert by_kind["like_remove"] == {
        "liker_id": GLEB,
        "object_type": "post",
        "object_owner_id": WALL,
        "object_id": stage.post_id,
        "post_id": 0,
        "thread_reply_id": 0,
    }
    liked = by_kind["like_add"]
    assert (
        liked["object_type"],
        liked["object_id"],
        liked["post_id"],
        liked["thread_reply_id"],
    ) == (
        "comment",
        answer,
        stage.post_id,
        said,
    )
    repost = by_kind["wall_repost"]
    assert (repost["owner_id"], repost["text"]) == (GLEB, "#розыгрыш")
    assert repost["copy_history"][0]["id"] == stage.post_id
    gone = by_kind["wall_reply_delete"]
    assert gone["deleter_id"] == gone["user_id"] == GLEB
    assert by_kind["group_leave"] == {"user_id": GLEB, "self": 0}
    assert by_kind["message_allow"] == {"user_id": GLEB, "key": "widget"}
    assert by_kind["message_new"]["message"]["from_id"] == GLEB


async def test_the_end_of_a_ban_is_told(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver, user_unblock=1)
    until = {"owner_id": GLEB, "end_date": NOW + 60}
    await stage.call("groups.ban", stage.anna, group_id=PAGE, **until)
    stage.clock.now += 60
    await stage.call("users.get", stage.anna)  # the world goes on when it is asked something
    (event,) = await receiver.wait(1)
    assert event["object"] == {"admin_id": ANNA, "user_id": GLEB, "by_end_date": 1}


async def test_an_undone_repost_and_a_closed_one_are_not_told(
    stage: Stage, receiver: Receiver
) -> None:
    await _connect(stage, receiver, wall_repost=1, wall_post_new=1)
    await stage.act("repost", EGOR)
    await stage.act("repost", GLEB)
    await stage.act("unrepost", GLEB)
    await stage.make("behaviour", closed_reposts_are_silent=False)
    await stage.act("repost", EGOR)
    events = await receiver.wait(2)
    assert [(event["type"], event["object"]["owner_id"]) for event in events] == [
        ("wall_repost", GLEB),
        ("wall_repost", EGOR),
    ]
    assert (await stage.look("events", group_id=PAGE))["happened"] == 3  # with the confirmation


async def test_an_event_is_sent_again_until_it_is_taken(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver, like_add=1)
    receiver.answers = [(500, {}, ""), (200, {}, "what?")]
    await stage.act("like", GLEB)
    await receiver.wait(1)
    for seconds, count in [(1, 2), (5, 3)]:
        assert len(await _settled(stage)) == 1
        stage.clock.now += seconds
        await receiver.wait(count)
    first, second, third = receiver.events
    assert first == second == third
    counters = [headers.get("x-retry-counter") for headers in receiver.headers[-3:]]
    assert counters == [None, "1", "2"]
    await stage.act("like", DARYA)
    assert (await receiver.wait(4))[3]["object"]["liker_id"] == DARYA


@pytest.mark.parametrize("status", [410, 429, 503])
async def test_a_server_may_ask_for_a_delay(stage: Stage, receiver: Receiver, status: int) -> None:
    await _connect(stage, receiver, like_add=1)
    receiver.answers = [(status, {"retry-after": "600"}, "")]
    await stage.act("like", GLEB)
    await receiver.wait(1)
    assert [pending["due"] for pending in await _settled(stage)] == [NOW + 600]
    stage.clock.now += 599
    await stage.act("like", DARYA)  # others do not wait for it
    assert (await receiver.wait(2))[1]["object"]["liker_id"] == DARYA
    stage.clock.now += 1
    assert (await receiver.wait(3))[2]["object"]["liker_id"] == GLEB


async def test_after_many_failures_nothing_is_sent_for_a_while(
    stage: Stage, receiver: Receiver
) -> None:
    await _connect(stage, receiver, like_add=1)
    await stage.make("patience", failures=2, pause=100, retry_after=[1000])
    receiver.answers = [(500, {}, "")] * 2
    for person in (GLEB, DARYA):
        await stage.act("like", person)
    await receiver.wait(2)
    await _until(stage, "failed")
    await stage.act("like", EGOR)
    stage.clock.now += 99
    await asyncio.sleep(0.1)
    assert len(receiver.events) == 2
    stage.clock.now += 1
    assert (await receiver.wait(3))[2]["object"]["liker_id"] == EGOR
    await _until(stage, "ok")


async def test_an_event_that_nobody_takes_is_given_up(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver, like_add=1)
    await stage.make("patience", retry_after=[1])
    receiver.answers = [(500, {}, "")] * 2
    await stage.act("like", GLEB)
    await receiver.wait(1)
    assert len(await _settled(stage)) == 1
    stage.clock.now += 1
    await receiver.wait(2)
    assert await _settled(stage) == []
    stage.clock.now += 100_000
    await stage.act("like", DARYA)
    assert (await receiver.wait(3))[2]["object"]["liker_id"] == DARYA


async def test_a_delivered_event_can_come_again(stage: Stage, receiver: Receiver) -> None:
    server_id = await _connect(stage, receiver, like_add=1)
    for person in (GLEB, DARYA):
        await stage.act("like", person)
    await receiver.wait(2)
    assert await _settled(stage) == []
    await stage.make("events", do="repeat", group_id=PAGE, server_id=server_id, count=2)
    events = await receiver.wait(4)
    assert events[2:] == events[:2]


async def test_a_server_can_have_itself_removed(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver, like_add=1)
    receiver.answers = [(200, {}, "remove")]
    await stage.act("like", GLEB)
    await until(lambda: not stage.vk.site.events.outlet(PAGE).servers)
    await stage.act("like", DARYA)
    assert len(receiver.events) == 1


async def test_a_server_that_is_not_there_is_tried_again(stage: Stage, receiver: Receiver) -> None:
    await _connect(stage, receiver, like_add=1)
    server = stage.vk.site.events.outlet(PAGE).servers[0]
    address, server.url = server.url, "http://127.0.0.1:1/"
    await stage.act("like", GLEB)
    await until(lambda: server.failures > 0)
    server.url = address
    stage.clock.now += 1
    assert len(await receiver.wait(1)) == 1


async def test_setting_events_up_is_for_administrators(stage: Stage) -> None:
    for token in (stage.boris, stage.gleb):
        with pytest.raises(Refused) as refused:
            await stage.call("groups.getCallbackServers", token, group_id=PAGE)
        assert refused.value.code == 15
    assert (await stage.call("groups.getCallbackServers", stage.anna, group_id=PAGE))["count"] == 0
    with pytest.raises(Refused) as refused:
        await stage.call("groups.getCallbackSettings", stage.anna, group_id=PAGE, server_id=9)
    assert refused.value.code == 104
