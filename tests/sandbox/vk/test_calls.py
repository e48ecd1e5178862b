"""How the practice VK takes calls: transports, versions, tokens, and the errors of each."""

import json
from typing import Any

import httpx
import pytest

from contest_service.sandbox.vk.methods import METHODS
from sandbox.vk import schema
from sandbox.vk.stage import ANNA, GLEB, PAGE, VERSION, WALL, Refused, Stage

_USERS = {"user_ids": str(ANNA), "v": VERSION}


async def _error(answer: httpx.Response) -> Any:
    assert answer.status_code == 200  # VK's errors are answers
    return answer.json()["error"]


async def test_parameters_are_taken_from_the_query_the_form_and_multipart(stage: Stage) -> None:
    given = {**_USERS, "access_token": stage.service}
    url = "/method/users.get"
    answers = [
        await stage.client.get(url, params=given),
        await stage.client.post(url, params=given),
        await stage.client.post(url, data=given),
        await stage.client.post(url, files={name: (None, text) for name, text in given.items()}),
        await stage.client.post(
            url, params={"access_token": stage.service, "v": VERSION}, data=_USERS
        ),
    ]
    for answer in answers:
        assert answer.json()["response"][0]["id"] == ANNA


async def test_json_bodies_are_not_read(stage: Stage) -> None:
    error = await _error(await stage.client.post("/method/users.get", json=_USERS))
    assert error["error_code"] == 8


async def test_a_token_may_come_as_a_bearer(stage: Stage) -> None:
    bearer = {"authorization": f"Bearer {stage.service}"}
    answer = await stage.client.post("/method/users.get", data=_USERS, headers=bearer)
    assert answer.json()["response"][0]["id"] == ANNA


async def test_the_version_is_required_before_the_token(stage: Stage) -> None:
    error = await _error(await stage.client.get("/method/users.get", params={"user_ids": "1"}))
    assert error["error_code"] == 8
    assert error["error_msg"] == "Invalid request: v (version) is required"
    assert error["request_params"] == [
        {"key": "method", "value": "users.get"},
        {"key": "oauth", "value": "1"},
        {"key": "user_ids", "value": "1"},
    ]


@pytest.mark.parametrize("version", ["5.80", "4.0", "five", "5"])
async def test_old_and_odd_versions_are_refused(stage: Stage, version: str) -> None:
    given = {**_USERS, "v": version, "access_token": stage.service}
    assert (await _error(await stage.client.get("/method/users.get", params=given)))[
        "error_code"
    ] == 8


async def test_errors_repeat_the_parameters_without_the_token(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("likes.getList", stage.service, type="post", owner_id=WALL, item_id=999)
    error = refused.value.error
    assert (error["error_code"], error["error_msg"]) == (
        100,
        "One of the parameters specified was missing or invalid: object not found",
    )
    echoed = {pair["key"]: pair["value"] for pair in error["request_params"]}
    assert echoed["item_id"] == "999"
    assert "access_token" not in echoed
    assert stage.service not in str(error)


@pytest.mark.parametrize("name", ["users.Get", "nothing.here", "users", ""])
async def test_unknown_methods_are_error_3(stage: Stage, name: str) -> None:
    answer = await stage.client.post(f"/method/{name}", data={"v": VERSION})
    assert (await _error(answer))["error_code"] == 3


@pytest.mark.parametrize(
    ("token", "words"),
    [("", "no access_token passed."), ("vk1.a.wrong", "invalid access_token (4).")],
)
async def test_no_token_and_a_wrong_one_are_error_5(stage: Stage, token: str, words: str) -> None:
    with pytest.raises(Refused, match="User authorization failed") as refused:
        await stage.call("users.get", token, user_ids=ANNA)
    assert refused.value.code == 5
    assert refused.value.error["error_msg"].endswith(words)


async def test_a_user_s_token_expires_and_a_community_s_does_not(stage: Stage) -> None:
    short = await stage.token("user", person_id=ANNA, seconds=3600)
    stage.clock.now += 3599
    await stage.call("users.get", short)
    stage.clock.now += 1
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", short)
    assert refused.value.code == 5
    stage.clock.now += 10 * 365 * 86_400
    await stage.call("groups.getById", stage.page)


async def test_a_blocked_person_s_token_is_refused(stage: Stage) -> None:
    await stage.act("deactivate", GLEB)
    with pytest.raises(Refused, match="user is blocked") as refused:
        await stage.call("users.get", stage.gleb)
    assert refused.value.code == 5
    await stage.act("return", GLEB)
    await stage.call("users.get", stage.gleb)


_MATRIX = {
    "user service": "wall.getById wall.get wall.getReposts wall.getComments likes.getList",
    "user group service": "groups.isMember groups.getMembers groups.getById users.get "
    "utils.resolveScreenName utils.getServerTime",
    "user group": "wall.createComment wall.closeComments wall.openComments messages.send "
    "messages.isMessagesFromGroupAllowed messages.getHistory groups.getBanned "
    "groups.getCallbackServers "
    "groups.addCallbackServer groups.getLongPollServer groups.setLongPollSettings",
    "user": "wall.post wall.edit wall.delete wall.pin wall.getComment likes.isLiked "
    "photos.getWallUploadServer photos.saveWallPhoto",
    "group": "groups.getTokenPermissions",
}


async def test_each_method_takes_its_kinds_of_tokens_only(stage: Stage) -> None:
    tokens = {"user": stage.anna, "group": stage.page, "service": stage.service}
    refusals = {"user": 28, "group": 27, "service": 28}
    for kinds, methods in _MATRIX.items():
        for method in methods.split():
            for kind, token in tokens.items():
                body = await stage.ask(method, token)
                code = body.get("error", {}).get("error_code")
                allowed = kind in kinds.split()
                assert (code not in (5, 15, 27, 28)) if allowed else (code == refusals[kind]), (
                    method
                )


def test_every_method_s_kinds_are_the_schema_s() -> None:
    folder = schema.FOLDER
    if schema.load() is None:
        pytest.skip(schema.ABSENT)
    official = {}
    for path in folder.glob("*/methods.json"):
        for method in json.loads(path.read_bytes())["methods"]:
            official[method["name"]] = set(method["access_token_type"])
    assert {name: set(method.kinds.split()) for name, method in METHODS.items()} == {
        name: official[name] for name in METHODS
    }


async def test_a_community_s_token_is_told_what_vk_tells_it(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("wall.getById", stage.page, posts=f"{WALL}_1")
    assert refused.value.error["error_msg"] == (
        "Group authorization failed: method is unavailable with group auth."
    )


async def test_a_token_without_the_right_is_error_15(stage: Stage) -> None:
    poor = await stage.token("user", person_id=ANNA, scopes=[])
    mute = await stage.token("group", group_id=PAGE, scopes=["manage"])
    await stage.call("wall.getById", poor, posts=f"{WALL}_1")
    for token, method in [
        (poor, "wall.post"),
        (mute, "messages.send"),
        (mute, "wall.createComment"),
    ]:
        with pytest.raises(Refused) as refused:
            await stage.call(method, token)
        assert (refused.value.code, refused.value.error["error_subcode"]) == (15, 1133)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "type is undefined"),
        ({"type": "post", "item_id": 1, "owner_id": "me"}, "owner_id not integer"),
        ({"type": "post", "owner_id": WALL}, "item_id is undefined"),
        ({"type": "post", "owner_id": WALL, "item_id": 1, "count": 1001}, "less or equal to 1000"),
        ({"type": "post", "owner_id": WALL, "item_id": 1, "offset": -1}, "greater or equal to 0"),
        ({"type": "post", "owner_id": WALL, "item_id": 1, "filter": "all"}, "filter should be"),
        ({"type": "picture", "owner_id": WALL, "item_id": 1}, "type is incorrect"),
    ],
)
async def test_missing_and_wrong_parameters_are_error_100(
    stage: Stage, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        await stage.call("likes.getList", stage.anna, **params)
    assert refused.value.code == 100


async def test_a_huge_number_is_a_wrong_one(stage: Stage) -> None:
    with pytest.raises(Refused, match="not integer"):
        await stage.call("likes.getList", stage.anna, type="post", owner_id=WALL, item_id="9" * 400)
