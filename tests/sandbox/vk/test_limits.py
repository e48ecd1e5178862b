"""Limits and disturbances: rates, daily amounts, failures on demand, delays, changing lists."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from contest_service.sandbox.vk.faults import SOLVED
from sandbox.vk.stage import ANNA, DARYA, GLEB, PAGE, VERSION, WALL, Refused, Stage

_USUAL = {"user": 3, "service": 3, "group": 20}


async def _time(stage: Stage, token: str) -> Any:
    return await stage.ask("utils.getServerTime", token)


async def _accepted(stage: Stage, token: str, count: int) -> int:
    answers = [await _time(stage, token) for _ in range(count)]
    refused = [answer["error"]["error_code"] for answer in answers if "error" in answer]
    assert set(refused) <= {6}
    return count - len(refused)


@pytest.mark.parametrize(("kind", "most"), [("anna", 3), ("service", 3), ("page", 20)])
async def test_a_token_has_so_many_requests_in_any_second(
    stage: Stage, kind: str, most: int
) -> None:
    await stage.make("limits", **_USUAL)
    token = getattr(stage, kind)
    assert await _accepted(stage, token, most - 1) == most - 1
    stage.ticks.now += 0.9
    assert await _accepted(stage, token, 3) == 1
    stage.ticks.now += 0.1  # those of the beginning are a second old now
    assert await _accepted(stage, token, most) == most - 1


async def test_tokens_do_not_share_a_rate(stage: Stage) -> None:
    await stage.make("limits", **_USUAL)
    assert await _accepted(stage, stage.anna, 4) == 3
    assert await _accepted(stage, stage.boris, 4) == 3


async def test_an_execute_is_one_request(stage: Stage) -> None:
    await stage.make("limits", **_USUAL)
    code = f"return [{','.join(['API.utils.getServerTime({})'] * 25)}];"
    bodies = [await stage.ask("execute", stage.anna, code=code) for _ in range(4)]
    assert ["error" in body for body in bodies] == [False, False, False, True]


async def test_a_method_has_its_amount_a_day(stage: Stage) -> None:
    await stage.make("limits", user=0, group=0, service=0, daily={"users.get": 2})
    ask = "return [API.users.get({}), API.users.get({}), API.users.get({})];"
    body = await stage.ask("execute", stage.anna, code=ask)
    assert [answer is False for answer in body["response"]] == [False, False, True]
    assert body["execute_errors"][0]["error_code"] == 29
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", stage.anna)
    assert refused.value.code == 29
    await stage.call("users.get", stage.boris)
    await stage.make("clock", seconds=86_400)
    await stage.call("users.get", stage.anna)


async def test_what_was_asked_is_counted(stage: Stage) -> None:
    await stage.make("traffic")
    await stage.make("limits", user=1)
    for _ in range(3):
        await _time(stage, stage.anna)
    stage.ticks.now += 2
    await stage.ask("execute", stage.anna, code="return [API.users.get({}), API.users.get({})];")
    asked = (await stage.look("traffic"))["tokens"]
    assert asked == {
        stage.anna: {
            "requests": 4,
            "refused": 2,
            "calls": {"utils.getServerTime": 1, "execute": 1, "users.get": 2},
            "most_in_a_second": 3,
        }
    }


async def test_an_error_can_be_ordered_for_a_method_and_a_token(stage: Stage) -> None:
    await stage.make("faults", method="users.get", token=stage.anna, times=2, code=10)
    await stage.make("traffic")
    await stage.call("users.get", stage.boris)
    await _time(stage, stage.anna)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await stage.call("users.get", stage.anna)
        assert refused.value.code == 10
    await stage.call("users.get", stage.anna)
    asked = (await stage.look("traffic"))["tokens"][stage.anna]
    assert (asked["requests"], asked["calls"]["users.get"]) == (4, 3)


async def test_an_ordered_error_happens_inside_an_execute(stage: Stage) -> None:
    await stage.make("faults", method="users.get", code=29)
    body = await stage.ask(
        "execute", stage.anna, code="return [API.users.get({}), API.users.get({})];"
    )
    assert body["response"][0] is False
    assert body["execute_errors"] == [
        {"method": "users.get", "error_code": 29, "error_msg": "Rate limit reached"}
    ]


async def test_a_captcha_carries_what_vk_s_does(stage: Stage) -> None:
    await stage.make("faults", code=14)
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", stage.anna)
    error = refused.value.error
    assert error["error_msg"] == "Captcha needed"
    assert {"captcha_sid", "captcha_img", "redirect_uri"} <= error.keys()
    await stage.make("faults", code=5, subcode=1117, detail="x", extra={"ban_info": {"a": 1}})
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", stage.anna)
    assert refused.value.error["error_subcode"] == 1117
    assert refused.value.error["ban_info"] == {"a": 1}


@pytest.mark.parametrize("solution", [{"success_token": SOLVED}, {"captcha_key": "x"}])
async def test_a_solved_captcha_lets_the_call_through(
    stage: Stage, solution: dict[str, str]
) -> None:
    await stage.make("faults", code=14, times=5)
    with pytest.raises(Refused) as refused:
        await stage.call("users.get", stage.anna)
    page = await stage.client.get(refused.value.error["redirect_uri"])
    assert SOLVED in page.text
    await stage.call("users.get", stage.anna, **solution)


async def test_an_answer_can_be_a_page_of_html(stage: Stage) -> None:
    given = {"v": VERSION, "access_token": stage.anna}
    await stage.make("faults", kind="status", code=502)
    answer = await stage.client.post("/method/users.get", data=given)
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")
    await stage.make("faults", kind="garbage")
    answer = await stage.client.post("/method/users.get", data=given)
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")


@pytest.mark.parametrize("kind", ["drop", "truncate"])
async def test_a_connection_can_break(stage: Stage, kind: str) -> None:
    await stage.make("faults", kind=kind, method="users.get")
    with pytest.raises(httpx.RemoteProtocolError if kind == "truncate" else httpx.TransportError):
        await stage.call("users.get", stage.anna)
    await stage.call("users.get", stage.anna)


async def test_an_answer_can_stay_away(stage: Stage) -> None:
    await stage.make("faults", kind="hang", method="users.get", times=2)
    given = {"v": VERSION, "access_token": stage.anna}
    with pytest.raises(httpx.ReadTimeout):
        await stage.client.post("/method/users.get", data=given, timeout=0.3)
    asking = asyncio.create_task(stage.client.post("/method/users.get", data=given))
    await asyncio.sleep(0.1)
    await stage.call("groups.getById", stage.page)  # others are answered meanwhile
    assert not asking.done()
    asking.cancel()


@pytest.mark.parametrize(("is_after", "posts"), [(False, 1), (True, 2)])
async def test_a_call_can_have_been_carried_out_although_it_failed(
    stage: Stage, is_after: bool, posts: int
) -> None:
    await stage.make("faults", kind="drop", method="wall.post", after=is_after)
    with pytest.raises(httpx.TransportError):
        await stage.call("wall.post", stage.anna, owner_id=WALL, message="Итоги")
    assert (await stage.call("wall.get", stage.anna, owner_id=WALL))["count"] == posts


async def test_orders_can_be_withdrawn(stage: Stage) -> None:
    await stage.make("faults", times=1000)
    await stage.make("calm")
    await stage.call("users.get", stage.anna)


async def test_answers_take_the_time_that_was_set(stage: Stage) -> None:
    await stage.make("latency", answer=100, inner_call=50)
    started = time.monotonic()
    await stage.ask("execute", stage.anna, code="return [API.users.get({}), API.users.get({})];")
    assert time.monotonic() - started >= 0.2


async def test_a_list_changes_after_each_page_of_it(stage: Stage) -> None:
    crowd = (await stage.make("people", crowd={"count": 50}))["crowd"]
    target = {"owner_id": WALL, "post_id": stage.post_id}
    await stage.make("bulk", do="like", first=crowd["first"], count=50, **target)
    await stage.make("churn", likes={"arrivals": 3, "removals": 1, "pages": 2})
    counts = []
    for _ in range(4):
        page = await stage.call(
            "likes.getList", stage.anna, type="post", owner_id=WALL, item_id=stage.post_id
        )
        counts.append(page["count"])
        newest = page["items"][0]
    assert counts == [50, 52, 54, 54]
    assert newest == crowd["first"] + 55  # the crowd has grown by whoever arrived
    (person,) = await stage.call("users.get", stage.anna, user_ids=newest)
    assert person["id"] == newest
    history = (await stage.look("post", history=1, **target))["history"]
    assert [deed for _, deed, _, _ in history[50:]] == ["unlike", "like", "like", "like"] * 2


async def test_every_kind_of_list_can_change(stage: Stage) -> None:
    await stage.make("people", crowd={"count": 1})
    for act in ("repost", "comment", "join"):
        for person in (GLEB, DARYA):
            await stage.act(act, person, text="я")
    change = {"arrivals": 1, "removals": 2}
    await stage.make("churn", copies=change, comments=change, members=change)
    await stage.likers(stage.anna, filter="copies")
    await stage.call("wall.getComments", stage.anna, owner_id=WALL, post_id=stage.post_id)
    await stage.call("groups.getMembers", stage.anna, group_id=PAGE)
    truth = await stage.look("post", owner_id=WALL, post_id=stage.post_id)
    assert (len(truth["copies"]), len(truth["comments"])) == (1, 1)
    assert len((await stage.look("community", group_id=PAGE))["members"]) == 3 + 2 - 2 + 1
    await stage.make("churn")
    assert len(await stage.likers(stage.anna, filter="copies")) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people", {"persons": []}),
        ("acts", {"acts": [{"do": "fly", "person": 1}]}),
        ("acts", {"acts": [{"do": "like", "person": 1, "owner_id": 1, "post_id": 1}]}),
        ("churn", {"friends": {}}),
        ("tokens", {"kind": "user", "person_id": 1}),
        ("communities", {"name": "x", "admins": {"1": "editor"}}),
        ("people", {"people": [{"id": ANNA, "first_name": "А", "last_name": "Б"}]}),
    ],
)
async def test_the_sandbox_s_own_api_says_what_is_wrong(
    stage: Stage, path: str, body: dict[str, Any]
) -> None:
    answer = await stage.client.post(f"/sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await stage.client.post("/sandbox/nothing")).status_code == 404
    assert (await stage.client.get("/nothing")).status_code == 404


async def test_no_web_page_s_form_reaches_the_sandbox_s_own_api(stage: Stage) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await stage.client.post(
            "/sandbox/clock", content=b'{"seconds": 5}', headers={"content-type": kind}
        )
        assert answer.status_code == 400
    answer = await stage.client.get("/sandbox/clock")
    assert "access-control-allow-origin" not in answer.headers
    assert answer.json() == {"now": stage.clock.now}
