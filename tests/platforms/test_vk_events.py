"""What VK's events tell, and the ways in which they come: callbacks, and long polls."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sandbox.vk.stage import DARYA, GLEB, PAGE, VERA, WALL

from contest_service.domain.accounts import Standing
from contest_service.domain.evidence import Action, Change, Heard, Sighting
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.adapter import VkAdapter
from contest_service.platforms.vk.addresses import comment_ref
from contest_service.platforms.vk.events import Event, read_event
from contest_service.platforms.vk.long_poll import Heap
from contest_service.sandbox.vk import long_poll
from platforms.loopback import Answer, Asked, as_json
from platforms.vk_facing import Refused, Vk, facing_vk
from platforms.vk_practice import Practice, pages, practice


def event(kind: str, about: Any, **more: Any) -> Event:
    envelope = {"type": kind, "event_id": "e1", "v": "5.199", "group_id": 1, "object": about}
    return read_event(json.dumps({**envelope, **more}).encode())


def heard(change: Change, action: Action, target: str, **sighting: Any) -> Heard:
    return Heard(
        change=change, action=action, target=target, sighting=Sighting(**{"ref": "", **sighting})
    )


LIKE = {"liker_id": 7, "object_type": "post", "object_owner_id": -1, "object_id": 2, "post_id": 0}


def test_likes_of_posts_are_heard() -> None:
    expected = heard(Change.APPEARED, Action.LIKE, "-1_2", account="7")
    assert event("like_add", LIKE).heard == (expected,)
    expected = heard(Change.VANISHED, Action.LIKE, "-1_2", account="7")
    assert event("like_remove", LIKE).heard == (expected,)
    assert event("like_add", {**LIKE, "object_type": "comment"}).heard == ()


def test_a_repost_is_heard_with_what_was_written() -> None:
    post = {
        "id": 9,
        "owner_id": 7,
        "from_id": 7,
        "date": 5,
        "text": "#Приз [club3|они]",
        "copy_history": [{"id": 2, "owner_id": -1, "from_id": -1}],
    }
    expected = heard(
        Change.APPEARED,
        Action.REPOST,
        "-1_2",
        account="7",
        at=5,
        text="#Приз [club3|они]",
        tags=("приз",),
        mentions=("-3",),
    )
    assert event("wall_repost", post).heard == (expected,)
    assert event("wall_repost", {**post, "copy_history": []}).heard == ()


@pytest.mark.parametrize("kind", ["wall_reply_new", "wall_reply_restore"])
def test_a_comment_is_heard(kind: str) -> None:
    comment = {"id": 5, "from_id": 7, "date": 6, "text": "hi", "post_id": 2, "post_owner_id": -1}
    expected = heard(
        Change.APPEARED,
        Action.COMMENT,
        "-1_2",
        account="7",
        ref=comment_ref(-1, 5, "hi"),
        at=6,
        text="hi",
    )
    assert event(kind, comment).heard == (expected,)
    older = {**comment, "owner_id": -1, "post_owner_id": 0}
    assert event(kind, older).heard == (expected,)


def test_an_edited_comment_takes_the_place_of_all_its_versions() -> None:
    comment = {"id": 5, "from_id": 7, "text": "new", "post_id": 2, "owner_id": -1}
    gone, there = event("wall_reply_edit", comment).heard
    assert gone == heard(Change.VANISHED, Action.COMMENT, "-1_2", account="7", ref="-1_5.")
    assert there.sighting.ref == comment_ref(-1, 5, "new")
    assert there.sighting.ref.startswith(gone.sighting.ref)


@pytest.mark.parametrize("by", [{"deleter_id": 3}, {"user_id": 3}, {"deleter_id": 3, "user_id": 3}])
def test_a_deleted_comment_is_heard_whoever_deleted_it(by: dict[str, int]) -> None:
    about = {"owner_id": -1, "id": 5, "post_id": 2, **by}
    expected = heard(Change.VANISHED, Action.COMMENT, "-1_2", account="", ref="-1_5.")
    assert event("wall_reply_delete", about).heard == (expected,)


@pytest.mark.parametrize(
    ("how", "is_member"),
    [("join", True), ("approved", True), ("accepted", True), ("request", False), ("unsure", False)],
)
def test_who_joins_is_heard_once_they_are_members(how: str, is_member: bool) -> None:
    expected = heard(Change.APPEARED, Action.FOLLOW, "-1", account="7")
    found = event("group_join", {"user_id": 7, "join_type": how}).heard
    assert found == ((expected,) if is_member else ())


@pytest.mark.parametrize("by_themselves", [0, 1])
def test_who_leaves_is_heard(by_themselves: int) -> None:
    expected = heard(Change.VANISHED, Action.FOLLOW, "-1", account="7")
    assert event("group_leave", {"user_id": 7, "self": by_themselves}).heard == (expected,)


def test_who_is_banned_and_no_longer_is_told_apart() -> None:
    assert event("user_block", {"user_id": 7}).standings == (("7", Standing.BLOCKED_BY_US),)
    assert event("user_unblock", {"user_id": 7}).standings == (("7", Standing.VISIBLE),)


def test_the_envelope_is_read_and_its_secret_is_not_shown() -> None:
    found = event("like_add", LIKE, secret="s3cret")
    assert (found.id, found.community, found.secret) == ("e1", "-1", "s3cret")
    assert "s3cret" not in repr(found)
    asked = read_event(b'{"type": "confirmation", "group_id": 1}')
    assert asked.is_confirmation
    assert asked.heard == ()


@pytest.mark.parametrize("kind", ["photo_new", "message_new", "wall_post_new", "of_next_year"])
def test_kinds_that_tell_nothing_are_passed_over(kind: str) -> None:
    found = event(kind, {"anything": [1, 2]})
    assert (found.heard, found.standings) == ((), ())


@pytest.mark.parametrize("about", [[], {}, "x", {"liker_id": "seven"}, {"id": 1, "post_id": "x"}])
@pytest.mark.parametrize("kind", ["like_add", "wall_repost", "wall_reply_new", "group_join"])
def test_an_event_of_another_form_tells_nothing(kind: str, about: Any) -> None:
    assert event(kind, about).heard == ()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"type": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(PlatformError) as failure:
        read_event(raw)
    assert failure.value.kind is FailureKind.MALFORMED


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        yield opened


async def take(adapter: VkAdapter, after: str | None, count: int) -> list[Heap]:
    """Take so many heaps; a listener goes on for ever."""
    taken: list[Heap] = []
    listening = adapter.listen(after, wait=1)
    async with asyncio.timeout(20):
        async for heap in listening:
            taken.append(heap)
            if len(taken) == count:
                break
    await listening.aclose()
    return taken


async def test_a_long_poll_tells_what_a_scan_would(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        await adapter.set_up_long_poll()
        await adapter.set_up_long_poll()
        (begun,) = await take(adapter, None, 1)
        assert begun.history_lost
        await vk.act("like", GLEB)
        await vk.act("repost", GLEB, text="#go")
        await vk.act("comment", DARYA, text="hi")
        await vk.act("join", GLEB)
        (heap,) = await take(adapter, begun.ts, 1)
        events = [read_event(update) for update in heap.updates]
        target = await vk.target(adapter)
        told = [each for one in events for each in one.heard]
        for action in (Action.LIKE, Action.REPOST, Action.COMMENT):
            listed = [s for page in await pages(adapter, target, action) for s in page.sightings]
            assert [each.sighting for each in told if each.action is action] == listed
    (joined,) = [each for each in told if each.action is Action.FOLLOW]
    assert (joined.target, joined.sighting.account) == (str(WALL), str(GLEB))
    assert {each.community for each in events} == {str(WALL)}
    assert len({each.id for each in events}) == len(events)


async def test_nothing_is_taken_twice_or_lost_between_two_listeners(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        await adapter.set_up_long_poll()
        (begun,) = await take(adapter, None, 1)
        ts = begun.ts
        for person in (GLEB, DARYA):
            await vk.act("like", person)
            (heap,) = await take(adapter, ts, 1)
            (only,) = heap.updates
            assert read_event(only).heard[0].sighting.account == str(person)
            ts = heap.ts


async def test_lost_events_are_told_of(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        await adapter.set_up_long_poll()
        (begun,) = await take(adapter, None, 1)
        for person in (GLEB, DARYA, VERA):
            await vk.act("like", person)
        long_poll.forget(vk.vk.site, PAGE, 1)
        lost, *_ = await take(adapter, begun.ts, 1)
        assert lost.history_lost
        long_poll.lose(vk.vk.site, PAGE)
        lost, *_ = await take(adapter, lost.ts, 1)
        assert lost.history_lost


async def test_a_key_that_expires_is_renewed_and_nothing_is_lost() -> None:
    keys = ["one", "two"]
    asked: list[str] = []
    vk = Vk(groups__getById=lambda _: {"groups": [{"id": 1}]})

    def respond(request: Asked) -> Answer:
        if request.path != "/poll":
            return vk(request)
        key, ts = request.parameters["key"][0], request.parameters["ts"][0]
        asked.append(f"{key} {ts}")
        if key == "one" and ts == "6":
            return as_json({"failed": 2})
        return as_json({"ts": str(int(ts) + 1), "updates": [{"n": 1}]})

    async with facing_vk(respond) as (adapter, server):
        vk.methods["groups.getLongPollServer"] = lambda _: {
            "key": keys.pop(0),
            "server": f"{server.url}/poll",
            "ts": 6,
        }
        heaps = await take(adapter, "5", 3)
    assert [heap.ts for heap in heaps] == ["6", "7", "8"]
    assert not any(heap.history_lost for heap in heaps)
    assert asked == ["one 5", "one 6", "two 6", "two 7"]


@pytest.mark.parametrize("after", ["7", "70"])
async def test_a_queue_that_was_begun_anew_is_lost_history(after: str) -> None:
    """VK would answer nothing to a number that it has not come to yet."""
    vk = Vk(groups__getById=lambda _: {"groups": [{"id": 1}]})

    def respond(request: Asked) -> Answer:
        if request.path != "/poll":
            return vk(request)
        ts = int(request.parameters["ts"][0])
        return as_json({"ts": str(ts + 1), "updates": []})

    async with facing_vk(respond) as (adapter, server):
        vk.methods["groups.getLongPollServer"] = lambda _: {
            "key": "k",
            "server": f"{server.url}/poll",
            "ts": "6",
        }
        lost, next_ = await take(adapter, after, 2)
        (same, *_) = await take(adapter, "6", 1)
    assert (lost.ts, lost.history_lost) == ("6", True)
    assert (next_.ts, next_.history_lost) == ("7", False)
    assert not same.history_lost


async def test_a_queue_that_was_begun_anew_with_another_key_is_lost_history() -> None:
    answers = [{"failed": 2}, {"ts": "2", "updates": []}]
    numbers = [7, 1]
    vk = Vk(groups__getById=lambda _: {"groups": [{"id": 1}]})

    def respond(request: Asked) -> Answer:
        return as_json(answers.pop(0)) if request.path == "/poll" else vk(request)

    async with facing_vk(respond) as (adapter, server):
        vk.methods["groups.getLongPollServer"] = lambda _: {
            "key": "k",
            "server": f"{server.url}/poll",
            "ts": numbers.pop(0),
        }
        lost, next_ = await take(adapter, "7", 2)
    assert (lost.ts, lost.history_lost) == ("1", True)
    assert next_.ts == "2"


async def test_a_long_poll_server_elsewhere_is_refused() -> None:
    vk = Vk(groups__getById=lambda _: {"groups": [{"id": 1}]})
    vk.methods["groups.getLongPollServer"] = lambda _: {
        "key": "k",
        "server": "http://169.254.169.254/lp",
        "ts": "1",
    }
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await take(adapter, "1", 1)
    assert failure.value.kind is FailureKind.FORBIDDEN


async def test_a_callback_server_is_set_up_once_however_often_it_is_asked_for(
    vk: Practice,
) -> None:
    url = "http://127.0.0.1:9/vk"
    codes: list[str] = []

    async def keep(code: str) -> None:
        codes.append(code)

    async with vk.adapter("community") as adapter:
        first = await adapter.set_up_callback(url, "s3cret", "Contest service", keep=keep)
        second = await adapter.set_up_callback(url, "s3cret", "Contest service", keep=keep)
        assert second.server_id == first.server_id
        assert len(set(codes)) == 1
        codes.clear()
        changed = await adapter.set_up_callback(url, "another", "Contest service", keep=keep)
        assert changed.server_id == first.server_id
        other = await adapter.set_up_callback("http://127.0.0.1:9/else", "s", "x", keep=keep)
        assert other.server_id != first.server_id
    servers = vk.vk.site.events.outlet(PAGE).servers
    assert [(each.url, each.secret_key) for each in servers] == [
        (url, "another"),
        ("http://127.0.0.1:9/else", "s"),
    ]
    assert len(servers[0].title) <= 14
    assert {"like_add", "wall_reply_delete", "group_leave"} <= set(servers[0].kinds)


async def test_too_many_callback_servers_name_the_way_out() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(2000)

    async def keep(_: str) -> None:
        """Nobody asks for it."""

    vk = Vk(
        groups__getById=lambda _: {"groups": [{"id": 1}]},
        groups__getCallbackServers=lambda _: {"count": 0, "items": []},
        groups__getCallbackConfirmationCode=lambda _: {"code": "c"},
        groups__addCallbackServer=refuse,
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError, match="remove one"):
            await adapter.set_up_callback("http://127.0.0.1:9/vk", "s", "x", keep=keep)


async def test_what_a_callback_server_is_to_answer_is_known_before_it_is_asked() -> None:
    story: list[str] = []
    codes = ["one", "one", "two"]
    servers: list[dict[str, object]] = []

    async def keep(code: str) -> None:
        story.append(f"keep {code}")

    def name(_: dict[str, str]) -> object:
        story.append("named")
        servers[:] = [{"id": 1, "url": "http://127.0.0.1:9/vk", "secret_key": "s", "status": "ok"}]
        return {"server_id": 1}

    vk = Vk(
        groups__getById=lambda _: {"groups": [{"id": 1}]},
        groups__getCallbackServers=lambda _: {"count": len(servers), "items": servers},
        groups__getCallbackConfirmationCode=lambda _: {"code": codes.pop(0)},
        groups__addCallbackServer=name,
        groups__editCallbackServer=name,
        groups__setCallbackSettings=lambda _: 1,
    )
    async with facing_vk(vk) as (adapter, _):
        await adapter.set_up_callback("http://127.0.0.1:9/vk", "s", "x", keep=keep)
        await adapter.set_up_callback("http://127.0.0.1:9/vk", "new", "x", keep=keep)
    assert story == ["keep one", "named", "keep one", "keep ", "named", "keep two"]
