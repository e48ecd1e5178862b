"""The world in a file: the same after a restart, whole after a crash, private, and checked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from patience import PATIENCE

from contest_service.sandbox.vk.saving import WorldFileError
from contest_service.sandbox.vk.server import serve
from sandbox.clock import Clock
from sandbox.vk.stage import ANNA, DARYA, GLEB, NOW, PAGE, WALL, Stage
from sandbox.vk.waiting import until


@contextlib.asynccontextmanager
async def _running(path: Path, *, save_seconds: float = 1000) -> AsyncIterator[Stage]:
    clock, ticks = Clock(NOW), Clock(1000)
    async with (
        serve(clock=clock, ticks=ticks, path=path, save_seconds=save_seconds) as vk,
        httpx.AsyncClient(base_url=vk.url, timeout=PATIENCE) as client,
    ):
        vk.site.limits.rates.user = 0
        yield Stage(vk, client, clock, ticks)


async def test_a_restart_keeps_the_world(tmp_path: Path) -> None:
    path = tmp_path / "vk" / "world"
    async with _running(path) as stage:
        await stage.build()
        crowd = (await stage.make("people", crowd={"count": 500}))["crowd"]
        target = {"owner_id": WALL, "post_id": stage.post_id}
        await stage.make("bulk", do="like", first=crowd["first"], count=500, **target)
        await stage.act("unlike", crowd["first"] + 250)
        await stage.act("repost", GLEB)
        said = (await stage.act("comment", DARYA, text="Я"))["id"]
        await stage.act("comment", GLEB, text="И я", comment_id=said)
        await stage.act("close_profile", GLEB)
        await stage.act("allow", DARYA)
        await stage.act("write", DARYA, text="Здравствуйте")
        await stage.act("block", GLEB, other=ANNA)
        posted = {"owner_id": WALL, "message": "Итоги", "guid": "g"}
        made = await stage.call("wall.post", stage.anna, **posted)
        settings = {"group_id": PAGE, "enabled": 1, "like_add": 1}
        await stage.call("groups.setLongPollSettings", stage.page, **settings)
        poll = await stage.call("groups.getLongPollServer", stage.page, group_id=PAGE)
        await stage.act("like", GLEB)
        await stage.make("clock", seconds=60)
        truth = await stage.look("post", history=1, **target)
        community = await stage.look("community", group_id=PAGE, history=1)
        tokens = stage.anna, stage.page
    async with _running(path) as again:
        again.post_id = stage.post_id
        assert await again.look("post", history=1, **target) == truth
        assert await again.look("community", group_id=PAGE, history=1) == community
        anna, page = tokens
        assert await again.likers(anna, count=1000) == list(reversed(truth["likes"]))
        assert await again.likers(anna, filter="copies") == [GLEB]
        (gleb,) = await again.call("users.get", anna, user_ids=GLEB)
        assert gleb["is_closed"]
        assert await again.call("wall.post", anna, **posted) == made
        later = await again.make("posts", owner_id=WALL, text="ещё")
        assert later["id"] == made["post_id"] + 1
        await again.call("messages.send", page, peer_id=DARYA, random_id=1, message="Привет")
        given = {"act": "a_check", "key": poll["key"], "ts": poll["ts"], "wait": 0}
        updates = (await again.client.get(f"/lp/wh{PAGE}", params=given)).json()["updates"]
        assert [update["object"]["liker_id"] for update in updates] == [GLEB]
        assert (await again.look("clock"))["now"] == NOW + 60
        newcomer = {"first_name": "И", "last_name": "О"}
        people = await again.make("people", people=[newcomer])
        assert people["ids"] == [crowd["first"] + 500]
        assert await again.token("user", person_id=ANNA) not in tokens


async def test_it_is_saved_while_it_runs_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "world"
    async with _running(path, save_seconds=0.05) as stage:
        await stage.build()
        await until(path.exists)
        assert path.stat().st_mode & 0o777 == 0o600
        await asyncio.sleep(0.2)
        written = path.stat().st_mtime_ns
        await asyncio.sleep(0.2)
        assert path.stat().st_mtime_ns == written
        await stage.act("like", GLEB)
        await until(lambda: path.stat().st_mtime_ns != written)
        saved = path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(saved)  # as if it had been killed now
    async with _running(path) as again:
        truth = await again.look("post", owner_id=WALL, post_id=stage.post_id)
        assert truth["likes"] == [GLEB]


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80", b"\xff" * 20])
async def test_what_is_no_world_is_refused_and_left_alone(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "world"
    path.write_bytes(data)
    with pytest.raises(WorldFileError, match="Move it away"):
        async with _running(path):
            pass
    assert path.read_bytes() == data


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match="cannot be used"):
        async with _running(tmp_path):
            pass


async def test_worlds_made_alike_are_alike(tmp_path: Path) -> None:
    for name in ("one", "other"):
        async with _running(tmp_path / name) as stage:
            await stage.build()
            await stage.act("like", GLEB)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
