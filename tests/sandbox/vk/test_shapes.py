"""Every method's answer has the shape that VK's official schema gives it."""

from typing import Any

import pytest

from contest_service.sandbox.vk.methods import METHODS
from sandbox.vk import schema
from sandbox.vk.stage import ANNA, GLEB, PAGE, WALL, Stage
from sandbox.vk.test_posting import PNG


@pytest.fixture
def official() -> schema.Schema:
    loaded = schema.load()
    if loaded is None:
        pytest.skip(schema.ABSENT)
    return loaded


class _Recorder:
    """Calls methods, each answer of which `Stage` checks, and remembers which."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.called: set[str] = set()

    async def __call__(self, method: str, token: str, **params: Any) -> Any:
        self.called.add(method)
        return await self.stage.call(method, token, **params)


async def _read_everything(call: _Recorder, said: int) -> None:
    stage = call.stage
    target = {"owner_id": WALL, "post_id": stage.post_id}
    thing = {"type": "post", "owner_id": WALL, "item_id": stage.post_id}
    fields = "bdate,city,country,has_photo,photo_100,followers_count,last_seen,sex,verified,domain"
    for extended in (0, 1):
        shown = {"extended": extended, "fields": fields}
        await call("likes.getList", stage.anna, **thing, **shown)
        await call("likes.getList", stage.anna, filter="copies", **thing, **shown)
        await call("wall.getById", stage.service, posts=f"{WALL}_{stage.post_id}", **shown)
        await call("wall.get", stage.anna, owner_id=WALL, **shown)
        comments = {"thread_items_count": 10, "need_likes": 1, **target, **shown}
        await call("wall.getComments", stage.service, **comments)
        await call("wall.getComment", stage.anna, owner_id=WALL, comment_id=said, **shown)
        member = {"group_id": PAGE, "extended": extended}
        await call("groups.isMember", stage.page, user_id=GLEB, **member)
        await call("groups.isMember", stage.page, user_ids=f"{GLEB},{ANNA}", **member)
    await call("wall.getReposts", stage.anna, **target)
    await call("likes.isLiked", stage.anna, user_id=GLEB, **thing)
    await call("users.get", stage.service, user_ids=f"{ANNA},{GLEB}", fields=fields)
    await call("utils.resolveScreenName", stage.page, screen_name="coffee")
    await call("utils.getServerTime", stage.page)
    for more in ({}, {"fields": fields}, {"filter": "managers"}):
        await call("groups.getMembers", stage.page, group_id=PAGE, **more)
    fields = "members_count,description,verified,wall,can_post,has_photo,fixed_post"
    await call("groups.getById", stage.anna, group_id=PAGE, fields=fields)
    await call("groups.getBanned", stage.page, group_id=PAGE, fields="sex")
    await call("groups.getTokenPermissions", stage.page)


async def _write_everything(call: _Recorder) -> int:
    stage = call.stage
    target = {"owner_id": WALL, "post_id": stage.post_id}
    server = await call("photos.getWallUploadServer", stage.anna, group_id=PAGE)
    uploaded = await stage.client.post(server["upload_url"], files={"photo": ("a.png", PNG)})
    (photo,) = await call("photos.saveWallPhoto", stage.anna, group_id=PAGE, **uploaded.json())
    picture = f"photo{WALL}_{photo['id']}"
    await call("wall.edit", stage.anna, message="Розыгрыш!", attachments=picture, **target)
    made = await call("wall.post", stage.anna, owner_id=WALL, message="Ещё", from_group=1)
    await call("wall.pin", stage.anna, **target)
    await call("wall.unpin", stage.anna, **target)
    await call("wall.repost", stage.gleb, object=f"wall{WALL}_{stage.post_id}")
    await call("wall.delete", stage.anna, owner_id=WALL, post_id=made["post_id"])
    said = (await call("wall.createComment", stage.gleb, message="Я", **target))["comment_id"]
    comment = {"owner_id": WALL, "comment_id": said}
    await call("wall.editComment", stage.gleb, message="И я", **comment)
    await call("wall.deleteComment", stage.gleb, **comment)
    await call("wall.restoreComment", stage.gleb, **comment)
    answer = {"message": "Удачи", "reply_to_comment": said, **target}
    await call("wall.createComment", stage.page, **answer)
    await call("wall.closeComments", stage.page, **target)
    await call("wall.openComments", stage.page, **target)
    await stage.act("allow", GLEB)
    message = {"message": "Привет", "random_id": 0}
    await call("messages.send", stage.page, peer_id=GLEB, **message)
    await call("messages.send", stage.page, peer_ids=f"{GLEB},{ANNA}", **message)
    await call("messages.getHistory", stage.page, peer_id=GLEB)
    allowed = {"group_id": PAGE, "user_id": GLEB}
    await call("messages.isMessagesFromGroupAllowed", stage.page, **allowed)
    return int(said)


async def _set_everything_up(call: _Recorder) -> None:
    stage = call.stage
    page = {"group_id": PAGE}
    await call("groups.getCallbackConfirmationCode", stage.page, **page)
    server = {"url": "http://127.0.0.1:1/", "title": "contests", **page}
    made = await call("groups.addCallbackServer", stage.page, **server)
    await call("groups.editCallbackServer", stage.page, **server, **made)
    await call("groups.setCallbackSettings", stage.page, like_add=1, **page, **made)
    await call("groups.getCallbackSettings", stage.page, **page, **made)
    await call("groups.getCallbackServers", stage.page, **page)
    await call("groups.deleteCallbackServer", stage.page, **page, **made)
    await call("groups.setLongPollSettings", stage.page, enabled=1, **page)
    await call("groups.getLongPollSettings", stage.page, **page)
    await call("groups.getLongPollServer", stage.page, **page)


async def test_every_method_s_answer_is_of_vk_s_shape(
    stage: Stage, official: schema.Schema
) -> None:
    call = _Recorder(stage)
    for act in ("like", "join", "repost"):
        await stage.act(act, GLEB)
    said = await _write_everything(call)
    await call("groups.ban", stage.anna, group_id=PAGE, owner_id=GLEB, reason=1)
    await _read_everything(call, said)
    await call("groups.unban", stage.anna, group_id=PAGE, owner_id=GLEB)
    await _set_everything_up(call)
    assert call.called == set(METHODS)


@pytest.mark.parametrize(
    ("method", "response"),
    [
        ("likes.getList", {"count": "1", "items": []}),
        ("likes.getList", {"items": []}),
        ("likes.isLiked", {"liked": 2, "copied": 0}),
        ("wall.getById", {"items": [{"likes": {"count": 1}}]}),
        ("wall.getComments", {"count": 0, "items": [{"id": 1}]}),
        ("groups.isMember", [{"user_id": 1}]),
        ("groups.getLongPollServer", {"key": "k", "server": "s", "ts": 1}),
        ("users.get", [{"first_name": "И"}]),
    ],
)
def test_the_schema_rejects_what_is_not_of_vk_s_shape(
    official: schema.Schema, method: str, response: Any
) -> None:
    assert official.faults(method, {"response": response})


def test_the_schema_rejects_broken_events_and_errors(official: schema.Schema) -> None:
    assert official.event_faults("callback_group_join", {"user_id": 1, "join_type": "walked"})
    assert official.error_faults({"error_msg": "no code"})
