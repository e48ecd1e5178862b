"""Independent clients run against the practice VK: vk_api (requests) and vkbottle (aiohttp)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import requests
from patience import PATIENCE
from requests.adapters import HTTPAdapter
from vk_api import ApiError, VkApi, VkRequestsPool, VkTools, VkUpload
from vkbottle import API, AiohttpClient, BotPolling, VKAPIError
from vkbottle.api.request_rescheduler import BlockingRequestRescheduler

from sandbox.vk.stage import ANNA, DARYA, GLEB, PAGE, VERSION, WALL, Stage
from sandbox.vk.test_posting import PNG
from sandbox.vk.waiting import until


class _Loopback(HTTPAdapter):
    """Leads a client whose host is fixed to the practice VK."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://api.vk.ru", self._url)
        return super().send(request, *args, **kwargs)


def _vk_api(stage: Stage, token: str) -> tuple[VkApi, requests.Session]:
    session = requests.Session()
    session.mount("https://api.vk.ru/", _Loopback(stage.vk.url))
    client = VkApi(token=token, session=session, api_version=VERSION)
    client.RPS_DELAY = 0
    return client, session


async def _in_thread(stage: Stage, token: str, work: Any) -> Any:
    """Let vk_api, which blocks, work beside the server's loop."""

    def run() -> Any:
        client, session = _vk_api(stage, token)
        with session:
            return work(client)

    return await asyncio.to_thread(run)


async def _likes(stage: Stage, count: int) -> list[int]:
    """Let a crowd like the post; return the ids, newest first."""
    crowd = (await stage.make("people", crowd={"count": count}))["crowd"]
    target = {"owner_id": WALL, "post_id": stage.post_id}
    await stage.make("bulk", do="like", first=crowd["first"], count=count, **target)
    return [crowd["first"] + n for n in reversed(range(count))]


async def test_vk_api_reads_profiles_and_errors(stage: Stage) -> None:
    def work(client: VkApi) -> Any:
        vk = client.get_api()
        with pytest.raises(ApiError) as refused:
            vk.wall.pin(owner_id=WALL, post_id=999)
        return vk.users.get(user_ids=[ANNA, GLEB], fields="sex"), refused.value.code

    people, code = await _in_thread(stage, stage.anna, work)
    assert [person["id"] for person in people] == [ANNA, GLEB]
    assert code == 100


@pytest.mark.parametrize("count", [0, 999, 1000, 2350, 26_001])
async def test_vk_api_reads_whole_lists_by_its_scripts(stage: Stage, count: int) -> None:
    expected = await _likes(stage, max(count, 1)) if count else []
    asked = {"type": "post", "owner_id": WALL, "item_id": stage.post_id}

    def work(client: VkApi) -> Any:
        return list(VkTools(client).get_all_iter("likes.getList", 1000, asked))

    assert await _in_thread(stage, stage.anna, work) == expected


async def test_vk_api_reads_a_growing_list_page_by_page(stage: Stage) -> None:
    expected = await _likes(stage, 2350)
    await stage.make("churn", likes={"arrivals": 7})
    asked = {"type": "post", "owner_id": WALL, "item_id": stage.post_id}

    def work(client: VkApi) -> Any:
        return list(VkTools(client).get_all_slow_iter("likes.getList", 1000, asked))

    read = await _in_thread(stage, stage.anna, work)
    assert [id_ for id_ in read if id_ in set(expected)] == expected


async def test_vk_api_s_pool_sends_one_method_many_times(stage: Stage) -> None:
    def work(client: VkApi) -> Any:
        with VkRequestsPool(client) as pool:
            found = [pool.method("users.get", {"user_ids": n}) for n in (ANNA, GLEB)]
            wrong = pool.method("users.get", {"user_ids": ",".join(["1"] * 1001)})
            more = [pool.method("users.get", {"user_ids": DARYA}) for _ in range(24)]
        return [result.result[0]["id"] for result in (*found, *more)], wrong.error["error_code"]

    ids, code = await _in_thread(stage, stage.anna, work)
    assert (ids, code) == ([ANNA, GLEB, *[DARYA] * 24], 100)


async def test_vk_api_s_pool_sends_different_methods(stage: Stage) -> None:
    def work(client: VkApi) -> Any:
        with VkRequestsPool(client) as pool:
            member = pool.method("groups.isMember", {"group_id": PAGE, "user_id": ANNA})
            wrong = pool.method("nothing.here")
            person = pool.method("users.get", {"user_ids": [GLEB]})
        return member.result, wrong.ok, person.result[0]["id"]

    assert await _in_thread(stage, stage.anna, work) == (1, False, GLEB)


async def test_vk_api_uploads_a_picture(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(PNG)

    def work(client: VkApi) -> Any:
        return VkUpload(client).photo_wall(str(tmp_path / "picture.png"), group_id=PAGE)

    (photo,) = await _in_thread(stage, stage.boris, work)
    assert photo["owner_id"] == WALL


@pytest.fixture
async def bottle(stage: Stage) -> AsyncIterator[type[API]]:
    """vkbottle's API on the practice VK; each instance has its token."""
    client = AiohttpClient()

    class Local(API):
        API_URL = f"{stage.vk.url}/method/"

        def __init__(self, token: str) -> None:
            super().__init__(token, http_client=client)

    yield Local
    await client.close()


async def test_vkbottle_reads_profiles_lists_and_errors(stage: Stage, bottle: type[API]) -> None:
    await stage.act("repost", GLEB)
    api = bottle(stage.boris)
    people = await api.users.get(user_ids=[ANNA, GLEB], fields=["sex"])
    assert [person.id for person in people] == [ANNA, GLEB]
    copies = await api.likes.get_list(
        type="post", owner_id=WALL, item_id=stage.post_id, filter="copies"
    )
    assert copies.items == [GLEB]
    await stage.make("faults", code=214)
    with pytest.raises(VKAPIError[214]):
        await api.wall.post(owner_id=WALL, message="Итоги")
    posted = await api.wall.post(owner_id=WALL, from_group=True, message="Итоги", guid="x")
    found = await api.wall.get_by_id(posts=[f"{WALL}_{posted.post_id}"])
    assert found.items[0].text == "Итоги"
    comments = await api.wall.get_comments(owner_id=WALL, post_id=stage.post_id)
    assert comments.count == 0


async def test_vkbottle_asks_again_when_the_answer_is_a_page(
    stage: Stage, bottle: type[API]
) -> None:
    await stage.make("faults", kind="status", code=502)
    api = bottle(stage.page)
    api.request_rescheduler = BlockingRequestRescheduler(delay=0)
    told = await api.groups.get_by_id()
    assert told.groups[0].id == PAGE


async def test_vkbottle_polls_events_through_failures(
    stage: Stage, bottle: type[API], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it keeps its place
    settings = {"group_id": PAGE, "enabled": 1, "like_add": 1}
    await stage.call("groups.setLongPollSettings", stage.page, **settings)
    polling = BotPolling(api=bottle(stage.page), wait=2)
    seen: list[int] = []

    async def listen() -> None:
        async for event in polling.listen():
            seen.extend(update["object"]["liker_id"] for update in event["updates"])

    listening = asyncio.create_task(listen())

    await until(lambda: bool(stage.vk.site.events.outlet(PAGE).long_poll.keys))
    await stage.act("like", GLEB)
    await until(lambda: GLEB in seen)
    await stage.make("events", do="expire", group_id=PAGE)
    await stage.act("like", DARYA)
    await until(lambda: DARYA in seen)
    polling.stop()
    async with asyncio.timeout(PATIENCE):
        await listening
    assert seen == [GLEB, DARYA]
