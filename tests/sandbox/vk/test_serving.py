"""The server itself: it starts and stops cleanly, and survives strange requests."""

import asyncio
import socket
import time
from typing import Any

import httpx
import pytest
from patience import PATIENCE

from contest_service.sandbox.vk.server import serve
from sandbox.vk.stage import ANNA, PAGE, VERSION, WALL, Stage


async def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serve(port=taken.getsockname()[1]):
            pass


async def test_it_stops_in_spite_of_held_polls_and_hung_calls() -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        async with serve() as vk:
            await client.post(
                f"{vk.url}/sandbox/communities", json={"name": "К", "long_poll": True}
            )
            made = await client.post(
                f"{vk.url}/sandbox/tokens", json={"kind": "group", "group_id": PAGE}
            )
            given = {"access_token": made.json()["value"], "v": VERSION, "group_id": PAGE}
            answer = await client.get(f"{vk.url}/method/groups.getLongPollServer", params=given)
            poll = answer.json()["response"]
            asked = {"key": poll["key"], "ts": poll["ts"], "wait": 90}
            polling = asyncio.create_task(client.get(poll["server"], params=asked))
            await client.post(f"{vk.url}/sandbox/faults", json={"kind": "hang"})
            hanging = asyncio.create_task(client.get(f"{vk.url}/method/users.get", params=given))
            await asyncio.sleep(0.2)
            assert not polling.done()
            assert not hanging.done()
            started = time.monotonic()
        assert time.monotonic() - started < PATIENCE
        await asyncio.gather(polling, hanging, return_exceptions=True)


async def test_what_goes_wrong_inside_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError):
        async with serve():
            raise LookupError


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("users.get", {"user_ids": "9" * 5000}),
        ("users.get", {"user_ids": "²,٣,-1"}),
        ("users.get", {"user_ids": "id" + "9" * 5000}),
        ("groups.getById", {"group_id": "9" * 5000}),
        ("wall.getById", {"posts": f"{WALL}_" + "9" * 5000}),
        ("wall.get", {"domain": "club" + "9" * 5000}),
        ("wall.repost", {"object": "wall1_" + "9" * 5000}),
        ("wall.post", {"attachments": "photo1_" + "9" * 5000}),
        ("utils.resolveScreenName", {"screen_name": "9" * 5000}),
        ("photos.saveWallPhoto", {"photo": "[", "server": 511}),
        ("execute", {"code": "return " + "9" * 5000 + ";"}),
        ("execute", {"code": "return 1 / 0 + 1 % 0;"}),
        ("execute", {"code": "return [1][99999999999999999999999999];"}),
        ("execute", {"code": "var a = []; a.push(a); return a;"}),
        ("execute", {"code": "var a = {}; a.b = a; return API.users.get(a);"}),
    ],
)
async def test_strange_parameters_are_answered_as_vk_answers(
    stage: Stage, method: str, params: dict[str, Any]
) -> None:
    body = await stage.ask(method, stage.anna, **params)
    assert {"error"} == body.keys() or "response" in body


async def test_strange_paths_and_bodies_are_answered(stage: Stage) -> None:
    for path in (
        "/lp/wh" + "9" * 5000,
        "/lp/x",
        "/method",
        "/picture/x",
        "/upload/wall",
        "/sandbox",
    ):
        assert (await stage.client.get(path)).status_code in (200, 404)
    odd = {"content-type": "multipart/form-data; boundary=x"}
    for body in (
        b"",
        b"--x",
        b"--x\r\n\r\n--x--",
        b"--x\r\ncontent-disposition: x\r\n\r\n1\r\n--x--",
    ):
        answer = await stage.client.post("/method/users.get", content=body, headers=odd)
        assert answer.json()["error"]["error_code"] == 8
    asked = {"client_id": "9" * 5000, "redirect_uri": "x"}
    assert (await stage.client.get("/authorize", params=asked)).status_code == 400
    query = {"owner_id": "9" * 5000, "post_id": "1"}
    assert (await stage.client.get("/sandbox/post", params=query)).status_code == 400


async def test_names_of_people_are_the_same_over_get_and_post(stage: Stage) -> None:
    given = {"access_token": stage.anna, "v": VERSION, "user_ids": ANNA}
    got = await stage.client.get("/method/users.get", params=given)
    posted = await stage.client.post("/method/users.get", data=given)
    assert got.json() == posted.json()
