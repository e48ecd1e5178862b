"""What a platform sends: kept once it is believed, answered at once, and nothing told to others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from flows.made_up import somebody_waits
from litestar import Litestar
from redis.asyncio import Redis

from api.answers import done, problem
from api.conftest import Clients, running
from api.heard import GROUP, Heard, hearing
from api.outage import way_to
from api.staged import Stage
from api.test_doorbell import jobs
from contest_service.api.callbacks import MOST_BYTES
from contest_service.app import create_app
from contest_service.settings import Settings
from contest_service.store.heard import Arrival, add


@pytest.fixture
async def heard(stage: Stage) -> Heard:
    return await hearing(stage.rt, await stage.workspace())


async def test_an_event_is_kept_and_rung_for(
    heard: Heard, api: httpx.AsyncClient, settings: Settings
) -> None:
    event = heard.event()
    answer = await heard.send(api, event)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    assert await heard.kept() == [event["event_id"]]
    async with heard.rt.pool.acquire() as conn:
        row = await conn.fetchrow("SELECT body, heard_at, merged_at FROM heard_events")
        work = await conn.fetchrow("SELECT id, kind, subject FROM work WHERE kind = 'hear'")
        channel = await conn.fetchrow("SELECT heard_at FROM channels")
    assert msgspec.json.decode(row["body"]) == event
    assert row["merged_at"] is None
    assert channel["heard_at"] == row["heard_at"]
    assert work["subject"] == heard.community_id
    async with Redis.from_url(settings.redis_url or "") as redis:
        (_, rung) = (await jobs(redis))[0]
    assert rung == (str(heard.workspace_id), str(work["id"]))


async def test_an_event_that_comes_again_is_kept_once(heard: Heard, api: httpx.AsyncClient) -> None:
    event = heard.event()
    again = [await heard.send(api, event) for _ in range(3)]
    assert [answer.text for answer in again] == ["ok"] * 3
    together = [heard.event() for _ in range(5)]
    answers = await asyncio.gather(*(heard.insist(api, each) for each in together * 3))
    assert {answer.text for answer in answers} == {"ok"}
    names = [event["event_id"], *(each["event_id"] for each in together)]
    assert sorted(await heard.kept()) == sorted(names)


async def test_an_event_without_a_name_goes_by_its_digest(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    event = heard.event(event_id="")
    for each in (event, event, heard.event(event_id="", object={})):
        await heard.send(api, each)
    names = await heard.kept()
    assert len(names) == 2
    assert all(name.startswith("sha256:") for name in names)


async def test_a_kind_that_nobody_knows_yet_is_taken_too(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    answer = await heard.send(api, heard.event("something_new", v="9.1", more={"a": [1]}))
    assert answer.text == "ok"
    assert len(await heard.kept()) == 1


async def test_the_platform_is_told_the_code_that_it_asks_for(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    asked = heard.event("confirmation")
    del asked["object"]
    answer = await heard.send(api, asked)
    assert (answer.status_code, answer.text) == (200, "c0de")
    assert answer.headers["content-type"].startswith("text/plain")
    assert await heard.kept() == []


async def test_the_code_may_become_known_in_the_moment_after_it_is_asked_for(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    await heard.set_known(code="")
    asking = asyncio.ensure_future(heard.send(api, heard.event("confirmation")))
    await asyncio.sleep(0.2)
    assert not asking.done()
    await heard.set_known(code="la7e")
    assert (await asking).text == "la7e"


async def test_a_code_that_does_not_become_known_is_to_be_asked_for_again(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    await heard.set_known(code="")
    answer = await heard.send(api, heard.event("confirmation"))
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_what_is_not_to_be_believed_is_refused_without_a_word_of_why(
    heard: Heard, api: httpx.AsyncClient
) -> None:
    wrong = [
        heard.event(secret="t" * 43),
        heard.event(secret="s"),
        heard.event(secret=""),
        heard.event(secret="ж"),
        heard.event(group_id=GROUP + 1),
        heard.event(group_id=-GROUP),
        heard.event(group_id="501"),
        {name: value for name, value in heard.event().items() if name != "secret"},
        heard.event("confirmation", secret="wrong"),
        [],
        None,
    ]
    bodies = [msgspec.json.encode(each) for each in wrong]
    bodies += [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 40_000, b"<event/>"]
    bodies.append(msgspec.json.encode(heard.event()).replace(b"like_add", b"\\ud800"))
    told = set()
    for body in bodies:
        answer = await api.post(heard.address, content=body)
        told.add(problem(answer, 403, "forbidden")["detail"])
    assert len(told) == 1
    assert await heard.kept() == []


async def test_an_address_that_is_none_is_not_there(
    heard: Heard, api: httpx.AsyncClient, stage: Stage
) -> None:
    for path in ("b" * 43, heard.known.path[:-1], f"{heard.known.path}x", "%00", "ж"):
        answer = await api.post(f"/callbacks/vk/{path}", json=heard.event())
        assert answer.status_code == 404, path
    elsewhere = await api.post(f"/callbacks/bluesky/{heard.known.path}", json=heard.event())
    assert elsewhere.status_code == 404
    async with heard.rt.pool.acquire() as conn:
        await conn.execute("UPDATE channels SET kind = 'long_poll'")
        problem(await heard.send(api, heard.event()), 404, "not_found")
        await conn.execute("UPDATE channels SET kind = 'callback'")
        await conn.execute("UPDATE communities SET removed_at = now()")
    problem(await heard.send(api, heard.event()), 404, "not_found")
    assert await heard.kept() == []


async def test_what_is_too_large_is_not_read(heard: Heard, api: httpx.AsyncClient) -> None:
    fits = heard.event(padding="x" * (MOST_BYTES - 1000))
    assert (await heard.send(api, fits)).text == "ok"

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    problem(await heard.send(api, heard.event(padding="x" * MOST_BYTES)), 413, "too_large")
    problem(await api.post(heard.address, content=endless()), 413, "too_large")
    assert await heard.kept() == [fits["event_id"]]


async def test_only_posting_is_possible(heard: Heard, api: httpx.AsyncClient) -> None:
    problem(await api.get(heard.address), 405, "method_not_allowed")


async def test_the_address_and_the_secret_stand_in_no_log(
    heard: Heard, api: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    await heard.send(api, heard.event())
    await heard.send(api, heard.event(secret="another-secret"))
    await api.get(heard.address)
    written = capsys.readouterr()
    logged = written.out + written.err
    assert "/callbacks/vk/" in logged
    for secret in (heard.known.path, heard.known.secret, "another-secret"):
        assert secret not in logged


async def test_nothing_of_an_address_can_be_read_in_the_database(heard: Heard) -> None:
    async with heard.rt.pool.acquire() as conn:
        row = await conn.fetchrow("SELECT path, secrets FROM channels")
    for secret in (heard.known.path, heard.known.secret, heard.known.code):
        assert secret.encode() not in row["path"] + row["secrets"]


class TestALimitedService:
    """Events are not counted by address."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, rate_limit=1)

    async def test_bursts_are_taken(self, app: Litestar, clients: Clients) -> None:
        api = await clients.open()
        heard = await hearing(app.state.rt, await first_workspace(app))
        answers = [await heard.send(api, heard.event()) for _ in range(20)]
        assert {answer.text for answer in answers} == {"ok"}


async def test_without_redis_events_are_kept_all_the_same(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, redis_url="redis://127.0.0.1:1")
    async with running(create_app(away)) as app:
        heard = await hearing(app.state.rt, await first_workspace(app))
        async with client_of(app) as api:
            assert (await heard.send(api, heard.event())).text == "ok"
        assert len(await heard.kept()) == 1


async def test_while_the_database_is_away_the_platform_is_asked_to_come_back(
    settings: Settings,
) -> None:
    async with way_to(settings.database_url or "") as (url, way):
        there = msgspec.structs.replace(settings, database_url=url)
        async with running(create_app(there)) as app, client_of(app) as api:
            heard = await hearing(app.state.rt, await first_workspace(app))
            event = heard.event()
            for trouble in (way.hang, way.cut):
                if (cutting := trouble()) is not None:
                    await cutting
                answer = await heard.send(api, event)
                problem(answer, 503, "unavailable")
                assert answer.headers["retry-after"] == "1"
            await way.mend()
            assert (await heard.send(api, event)).text == "ok"
            assert await heard.kept() == [event["event_id"]]


async def test_while_all_connections_are_taken_too(heard: Heard, api: httpx.AsyncClient) -> None:
    pool: Any = heard.rt.pool
    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    try:
        answer = await heard.send(api, heard.event())
    finally:
        for connection in held:
            await pool.release(connection)
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert (await heard.send(api, heard.event())).text == "ok"


async def test_an_event_that_comes_while_its_community_is_removed_does_not_hold_that_up(
    heard: Heard, owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    async with heard.rt.pool.acquire() as conn:
        coming = conn.transaction()
        await coming.start()
        arrival = Arrival(event_id="late", body=b"{}")
        await add(conn, heard.workspace_id, heard.community_id, [arrival], at=heard.rt.clock())
        removing = asyncio.ensure_future(owner.delete(f"/v1/communities/{heard.community_id}"))
        await somebody_waits(heard.rt.pool)
        await coming.commit()
    assert (await removing).status_code == 204
    assert await heard.kept() == []
    problem(await heard.send(api, heard.event()), 404, "not_found")


async def test_the_channel_shows_how_it_fares_and_no_secret(
    heard: Heard, owner: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    url = f"/v1/communities/{heard.community_id}/channel"
    channel = done(await owner.get(url))
    assert channel["kind"] == "callback"
    assert (channel["state"], channel["note"], channel["heard_at"]) == ("new", "", None)
    await heard.send(api, heard.event())
    answer = await owner.get(url)
    assert done(answer)["heard_at"] is not None
    assert heard.known.path not in answer.text
    assert heard.known.secret not in answer.text


def client_of(app: Litestar) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://contest.test")


async def first_workspace(app: Litestar) -> Any:
    async with app.state.rt.pool.acquire() as conn:
        return await conn.fetchval("INSERT INTO workspaces (name) VALUES ('A') RETURNING id")
