"""The ways on which live events come, set up by themselves on a practice VK over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from litestar import Litestar
from sandbox.vk.waiting import until

from api.answers import done, problem
from api.practice import DARYA, GLEB, PAGE, Courier, Practice, practising
from contest_service.flows.tend import CHECK_EVERY, LOOK_AGAIN, MOST_WAITING
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.work import Kind

PUBLIC = "https://contest.test"
HELD = """
INSERT INTO work (workspace_id, kind, subject, due_at, lease, lease_until)
VALUES ($1, 'tend', gen_random_uuid(), 'infinity', gen_random_uuid(), now() + interval '1 hour')
"""
LIKED = {"rules": {"kind": "liked"}}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(settings, allowed_hosts=hosts, public_url=PUBLIC)


@pytest.fixture
async def courier(app: Litestar) -> AsyncIterator[Courier]:
    courier = Courier(app, PUBLIC)
    async with courier.client:
        yield courier


@pytest.fixture
async def practice(
    app: Litestar, owner: httpx.AsyncClient, courier: Courier
) -> AsyncIterator[Practice]:
    async with practising(app, owner, courier) as practice:
        yield practice


class TestCallbacks:
    """Where the platform can reach this service."""

    async def test_an_address_is_set_up_and_events_come_in(self, practice: Practice) -> None:
        page = await practice.connect()
        await practice.contest(page, **LIKED)
        assert await practice.work(Kind.TEND) == 1
        await confirmed(practice)
        practice.ahead += LOOK_AGAIN
        await practice.work(Kind.TEND)
        channel = await practice.channel(page)
        assert (channel["kind"], channel["state"], channel["note"]) == ("callback", "listening", "")
        await practice.world.act("like", GLEB)
        await practice.world.act("like", DARYA)
        await practice.world.act("unlike", GLEB)
        await delivered(practice, 3)
        await practice.work(Kind.HEAR)
        assert await practice.likers() == [str(DARYA)]
        assert (await practice.channel(page))["heard_at"] is not None

    async def test_checking_again_changes_nothing_at_the_platform(self, practice: Practice) -> None:
        page = await practice.connect()
        await listening(practice)
        (server,) = await servers(practice)
        for _ in range(2):
            practice.ahead += CHECK_EVERY
            assert await practice.work(Kind.TEND) == 1
        assert await servers(practice) == [server]
        assert (await practice.channel(page))["state"] == "listening"

    async def test_it_is_looked_at_every_ten_minutes(self, practice: Practice) -> None:
        await practice.connect()
        await listening(practice)
        (due_at,) = await practice.planned(Kind.TEND)
        now = datetime.now(UTC) + practice.ahead
        assert now + CHECK_EVERY / 2 < due_at <= now + CHECK_EVERY

    async def test_what_was_deleted_or_changed_at_the_platform_is_set_up_again(
        self, practice: Practice
    ) -> None:
        page = await practice.connect()
        await listening(practice)
        (server,) = await servers(practice)
        await practice.world.call(
            "groups.deleteCallbackServer",
            practice.world.page,
            group_id=PAGE,
            server_id=server["id"],
        )
        await mended(practice)
        (server,) = await servers(practice)
        # Somebody changes the secret by hand, so that events are refused here.
        await practice.world.call(
            "groups.editCallbackServer",
            practice.world.page,
            group_id=PAGE,
            server_id=server["id"],
            url=server["url"],
            title="Mine",
            secret_key="another",
        )
        await mended(practice)
        assert (await practice.channel(page))["state"] == "listening"
        (server,) = await servers(practice)
        assert server["status"] == "ok"

    async def test_after_an_outage_everything_is_scanned_at_once(
        self, practice: Practice, courier: Courier
    ) -> None:
        page = await practice.connect()
        await practice.contest(page, **LIKED)
        await listening(practice)
        async with practice.rt.pool.acquire() as conn:
            await conn.execute("DELETE FROM work WHERE kind = 'scan'")
        await practice.world.make("patience", retry_after=[0.01], failures=2, pause=0.1)
        courier.is_cut = lambda: True
        await practice.world.act("like", GLEB)
        await until(lambda: status(practice) == "failed")
        practice.ahead += CHECK_EVERY
        await practice.work(Kind.TEND)
        channel = await practice.channel(page)
        assert channel["state"] == "failed"
        assert PUBLIC in channel["note"]
        assert await practice.planned(Kind.SCAN) == []
        courier.is_cut = lambda: False
        await mended(practice)
        assert (await practice.channel(page))["state"] == "listening"
        assert len(await practice.planned(Kind.SCAN)) == 1

    async def test_a_token_that_the_platform_refuses_is_told_and_another_mends_it(
        self, practice: Practice
    ) -> None:
        page = await practice.connect()
        await listening(practice)
        practice.world.vk.world.tokens[practice.world.page].is_revoked = True
        practice.world.vk.world.tokens[practice.world.anna].is_revoked = True
        practice.ahead += CHECK_EVERY
        await practice.work(Kind.TEND)
        channel = await practice.channel(page)
        assert channel["state"] == "failed"
        assert "token" in channel["note"]
        url = f"/v1/communities/{page['id']}"
        assert done(await practice.owner.get(url))["health"] == "reconnect"
        again = await practice.world.token("group", group_id=PAGE)
        credential = {"community_token": again, "community": str(PAGE)}
        done(await practice.owner.put(f"{url}/credential", json={"credential": credential}))
        await mended(practice)
        assert (await practice.channel(page))["state"] == "listening"
        assert done(await practice.owner.get(url))["health"] == "healthy"

    async def test_a_removed_community_has_no_channel_and_takes_no_events(
        self, practice: Practice
    ) -> None:
        page = await practice.connect()
        await listening(practice)
        (server,) = await servers(practice)
        removed = await practice.owner.delete(f"/v1/communities/{page['id']}")
        assert removed.status_code == 204
        async with practice.rt.pool.acquire() as conn:
            for table in ("channels", "heard_events", "work"):
                assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - our own names
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(practice.app), base_url=PUBLIC
        ) as api:
            problem(await api.post(server["url"], json={}), 404, "not_found")

    async def test_a_channel_whose_key_was_thrown_away_is_made_anew(
        self, practice: Practice
    ) -> None:
        page = await practice.connect()
        await listening(practice)
        async with practice.rt.pool.acquire() as conn:
            await conn.execute("UPDATE channels SET secrets = 'unreadable'")
        await mended(practice)
        assert (await practice.channel(page))["state"] == "listening"
        assert len(await servers(practice)) == 2


class TestLongPolls:
    """Where the platform cannot reach this service."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, public_url="http://127.0.0.1:8000")

    async def test_nobody_waits_while_no_contest_needs_it(self, practice: Practice) -> None:
        page = await practice.connect()
        await practice.work(Kind.TEND)
        channel = await practice.channel(page)
        assert (channel["kind"], channel["state"]) == ("long_poll", "listening")
        assert await servers(practice) == []
        (due_at,) = await practice.planned(Kind.TEND)
        assert due_at > datetime.now(UTC) + CHECK_EVERY / 2

    async def test_events_are_waited_for_and_the_position_is_kept(self, practice: Practice) -> None:
        page = await practice.connect()
        await practice.work(Kind.TEND)
        await practice.contest(page, **LIKED)
        async with waiting(practice):
            await polled(practice)
            await practice.world.act("like", GLEB)
            await kept(practice, 1)
        await practice.work(Kind.HEAR)
        assert await practice.likers() == [str(GLEB)]
        # What happens while nobody waits is kept by the platform.
        await practice.world.act("like", DARYA)
        practice.ahead += timedelta(minutes=1)
        async with waiting(practice):
            await kept(practice, 2)
        await practice.work(Kind.HEAR)
        assert await practice.likers() == [str(GLEB), str(DARYA)]

    @pytest.mark.parametrize("loss", ["lose", "forget"])
    async def test_when_events_were_lost_everything_is_scanned_at_once(
        self, practice: Practice, loss: str
    ) -> None:
        page = await practice.connect()
        await practice.contest(page, **LIKED)
        async with waiting(practice):
            await polled(practice)
            await practice.world.act("like", GLEB)
            await kept(practice, 1)
        await practice.world.act("like", DARYA)
        await practice.world.make("events", do=loss, group_id=PAGE, count=0)
        async with practice.rt.pool.acquire() as conn:
            await conn.execute("DELETE FROM work WHERE kind = 'scan'")
        practice.ahead += timedelta(minutes=1)
        async with waiting(practice):
            await eventually(lambda: practice.planned(Kind.SCAN))
        assert len(await practice.planned(Kind.SCAN)) == 1

    async def test_a_key_that_expires_loses_nothing(self, practice: Practice) -> None:
        page = await practice.connect()
        await practice.contest(page, **LIKED)
        async with waiting(practice):
            await polled(practice)
            await practice.world.make("events", do="expire", group_id=PAGE)
            await practice.world.act("like", GLEB)
            await kept(practice, 1)
        await practice.work(Kind.HEAR)
        assert await practice.likers() == [str(GLEB)]

    async def test_where_many_wait_already_it_only_looks_what_there_is(
        self, practice: Practice
    ) -> None:
        page = await practice.connect()
        await practice.contest(page, **LIKED)
        async with waiting(practice):
            await polled(practice)
        await practice.world.act("like", GLEB)
        async with practice.rt.pool.acquire() as conn:
            for _ in range(MOST_WAITING):
                await conn.execute(HELD, page["workspace_id"])
        practice.ahead += timedelta(minutes=1)
        # It comes to an end by itself, long before its time slice does.
        async with asyncio.timeout(10):
            await practice.work(Kind.TEND)
        await practice.work(Kind.HEAR)
        assert await practice.likers() == [str(GLEB)]

    async def test_a_community_without_its_token_is_told_what_to_connect(
        self, practice: Practice
    ) -> None:
        page = await practice.connect(service_token=practice.world.service)
        await practice.work(Kind.TEND)
        channel = await practice.channel(page)
        assert channel["state"] == "failed"
        assert "a token from the community's settings" in channel["note"]

    async def test_a_service_that_becomes_reachable_switches(
        self, practice: Practice, settings: Settings
    ) -> None:
        page = await practice.connect()
        await practice.work(Kind.TEND)
        assert (await practice.channel(page))["kind"] == "long_poll"
        practice.public_url = PUBLIC
        await mended(practice)
        assert (await practice.channel(page))["kind"] == "callback"


def status(practice: Practice) -> str:
    """How the page's one server fares, as the platform sees it."""
    (server,) = practice.world.vk.site.events.outlet(PAGE).servers
    return server.status


async def servers(practice: Practice) -> list[dict[str, str]]:
    found = await practice.world.call(
        "groups.getCallbackServers", practice.world.page, group_id=PAGE
    )
    items_: list[dict[str, str]] = found["items"]
    return items_


async def confirmed(practice: Practice) -> None:
    await until(lambda: status(practice) == "ok")


async def listening(practice: Practice) -> None:
    """Let the channel be set up, and be seen to be up."""
    await practice.work(Kind.TEND)
    await confirmed(practice)
    practice.ahead += LOOK_AGAIN
    await practice.work(Kind.TEND)


async def mended(practice: Practice) -> None:
    """Let a check find what is wrong, the platform ask, and another check see how it went."""
    practice.ahead += CHECK_EVERY
    for _ in range(3):
        await practice.work(Kind.TEND)
        await until(lambda: is_settled(practice))
        practice.ahead += LOOK_AGAIN


def is_settled(practice: Practice) -> bool:
    outlet = practice.world.vk.site.events.outlet(PAGE)
    return all(server.status != "wait" for server in outlet.servers)


async def delivered(practice: Practice, count: int) -> None:
    (server,) = practice.world.vk.site.events.outlet(PAGE).servers
    await until(lambda: len(server.delivered) >= count)


async def eventually(is_so: Callable[[], Awaitable[object]]) -> None:
    """Wait until something is so. Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.02)


async def kept(practice: Practice, count: int) -> None:
    """Wait until so many events have come in."""
    async with practice.rt.pool.acquire() as conn:
        await eventually(lambda: conn.fetchval("SELECT count(*) >= $1 FROM heard_events", count))


async def polled(practice: Practice) -> None:
    """Wait until somebody waits at the platform, from a position that is kept."""
    async with practice.rt.pool.acquire() as conn:
        await eventually(lambda: conn.fetchval("SELECT position FROM channels"))


class waiting:  # noqa: N801 - used as a word
    """A worker that waits for events while the block runs, and is then stopped as at a restart."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    async def __aenter__(self) -> None:
        self._run = asyncio.ensure_future(self._practice.work(Kind.TEND))

    async def __aexit__(self, *_: object) -> None:
        self._run.cancel()
        await asyncio.gather(self._run, return_exceptions=True)
        # The lease runs out.
        async with self._practice.rt.pool.acquire() as conn:
            await conn.execute("UPDATE work SET lease = NULL, lease_until = NULL, due_at = now()")
