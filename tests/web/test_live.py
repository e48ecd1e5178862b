"""Live: pings over real HTTP, from a real database; who was away is told what changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from api.staged import Stage
from patience import PATIENCE

from contest_service import pings
from contest_service.pings import Pings
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.pings import CHANNEL
from web.conftest import Site
from web.signed_in import sign_in


class Stream:
    """What comes down a stream, one message at a time."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.id = ""

    async def message(self) -> dict[str, str]:
        """The next message that is no comment."""
        found: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line and found:
                    self.id = found.get("id", self.id)
                    return found
                name, _, value = line.partition(": ")
                if name and not line.startswith(":"):
                    found[name] = value
        raise EOFError

    async def sides(self) -> set[str]:
        return set((await self.message()).get("data", "").split())


@asynccontextmanager
async def followed(
    site: Site, path: str, *, since: str = "", cookie: str = ""
) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": since} if since else {}
    if cookie:
        headers["Cookie"] = f"session={cookie}"
    async with (
        httpx.AsyncClient(base_url=site.url, timeout=PATIENCE) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        assert int((await stream.message())["retry"]) >= 1000
        if not since:
            # Where we are, which is no event.
            assert "data" not in await stream.message()
        yield stream


async def judge(stage: Stage, contest: Contest) -> None:
    async with stage.rt.pool.acquire() as conn:
        await contests.set_judged(conn, contest, stage.rt.clock())


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    return await stage.start(await stage.draft())


async def test_a_change_is_told_within_moments_and_says_what_it_was(
    site: Site, stage: Stage, contest: Contest
) -> None:
    async with followed(site, f"/contests/{contest.id}/live") as stream:
        await judge(stage, contest)
        assert await stream.sides() == {"entrants"}
        async with stage.rt.pool.acquire() as conn:
            await contests.set_obstacle(conn, contest, "A scan is late.")
        assert await stream.sides() == {"status"}


async def test_many_changes_are_one_ping(site: Site, stage: Stage, contest: Contest) -> None:
    async with followed(site, f"/contests/{contest.id}/live") as stream:
        await judge(stage, contest)
        assert await stream.sides() == {"entrants"}
        for _ in range(20):
            await judge(stage, contest)
        async with stage.rt.pool.acquire() as conn:
            await contests.set_obstacle(conn, contest, "A scan is late.")
        assert await stream.sides() == {"entrants", "status"}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await stream.message()


async def test_whoever_was_away_is_told_once_what_changed_meanwhile(
    site: Site, stage: Stage, contest: Contest
) -> None:
    path = f"/contests/{contest.id}/live"
    async with followed(site, path) as stream:
        since = stream.id
    await judge(stage, contest)
    await stage.freeze(contest)
    async with followed(site, path, since=since) as stream:
        assert {"status", "draw", "entrants"} <= await stream.sides()
        since = stream.id
    async with followed(site, f"{path}?since=none", since=since) as stream:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await stream.message()


async def test_an_id_that_is_none_is_as_good_as_none(site: Site, contest: Contest) -> None:
    async with followed(site, f"/contests/{contest.id}/live?since=..x") as stream:
        assert stream.id.count(".") == 7


async def test_only_the_workspace_follows_what_is_not_public(
    site: Site, stage: Stage, api: httpx.AsyncClient
) -> None:
    draft = await stage.draft()
    secret = await sign_in(stage)
    mine = f"/w/{draft.workspace_id}/contests/{draft.id}/live"
    async with followed(site, mine, cookie=secret) as stream:
        await judge(stage, draft)
        assert await stream.sides() == {"entrants"}
    async with httpx.AsyncClient(base_url=site.url, timeout=PATIENCE) as client:
        assert (await client.get(f"/contests/{draft.id}/live")).status_code == 404
        assert (await client.get(f"/contests/{uuid4()}/live")).status_code == 404
        signed_in = {"Cookie": f"session={secret}"}
        for path in (
            f"/w/{uuid4()}/contests/{draft.id}/live",
            f"/w/{draft.workspace_id}/contests/{uuid4()}/live",
        ):
            assert (await client.get(path, headers=signed_in)).status_code == 404
        assert (await client.get(mine)).status_code == 303


async def test_a_lost_connection_is_opened_again_and_nothing_is_missed(
    site: Site, stage: Stage, contest: Contest, connection: "asyncpg.Connection[Any]"
) -> None:
    async with followed(site, f"/contests/{contest.id}/live") as stream:
        ended = await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        assert ended == 1
        await judge(stage, contest)
        assert await stream.sides() == {"entrants"}


async def test_an_address_has_only_so_many_and_gets_them_back(
    site: Site, contest: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pings, "OF_ADDRESS", 2)
    path = f"/contests/{contest.id}/live"
    async with (
        followed(site, path),
        followed(site, path),
        httpx.AsyncClient(base_url=site.url, timeout=PATIENCE) as client,
    ):
        assert (await client.get(path)).status_code == 429
    await asyncio.sleep(0.3)
    async with followed(site, path):
        pass


async def test_all_streams_end_at_once_when_the_process_is_to_stop(
    site: Site, contest: Contest
) -> None:
    async with followed(site, f"/contests/{contest.id}/live") as stream:
        site.app.state.pings.close()
        with pytest.raises(EOFError):
            await stream.message()


async def test_nothing_is_kept_of_whoever_left(site: Site, contest: Contest) -> None:
    held: Pings = site.app.state.pings
    async with followed(site, f"/contests/{contest.id}/live"):
        assert len(held._rooms) == 1
    async with asyncio.timeout(PATIENCE):
        while held._rooms or held._addresses:  # noqa: ASYNC110 # nobody is told
            await asyncio.sleep(0.05)


async def test_many_rows_of_one_transaction_notify_once(
    site: Site, stage: Stage, contest: Contest, connection: "asyncpg.Connection[Any]"
) -> None:
    told: list[str] = []
    await connection.add_listener(CHANNEL, lambda *args: told.append(args[3]))
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        for _ in range(50):
            await contests.set_obstacle(conn, contest, uuid4().hex)
            await contests.set_judged(conn, contest, stage.rt.clock())
    await asyncio.sleep(0.3)
    assert told == [str(contest.id)]
