"""An entrant on a practice VK sends the code to the page, which a long poll brings here."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import msgspec
import pytest
from litestar import Litestar

from api.answers import created, done
from api.practice import DARYA, GLEB, Practice, practising
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.work import Kind

LIKED = {"rules": {"kind": "liked"}}
POLLED = "SELECT bool_or(position <> '') FROM channels"
KEPT = """
SELECT count(*) >= 2 FROM heard_events WHERE convert_from(body, 'UTF8') LIKE '%message_new%'
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(settings, allowed_hosts=hosts)


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        yield practice


async def test_a_message_opens_what_the_entrant_holds(
    practice: Practice, api: httpx.AsyncClient
) -> None:
    page = await practice.connect()
    contest = await practice.contest(page, **LIKED)
    url = f"/public/contests/{contest['id']}"
    for person in (GLEB, DARYA):
        await practice.world.act("like", person)
    while await practice.work(Kind.SCAN, Kind.JUDGE):
        pass
    begun = created(await api.post(f"{url}/ownerships", json={"account": f"id{GLEB}"}))
    assert any("message" in line for line in begun["how"])
    waiting = asyncio.create_task(_wait(practice))
    await _until(practice, POLLED)
    await practice.world.act("write", DARYA, text=begun["code"])
    await practice.world.act("write", GLEB, text="Здравствуйте! Как получить приз?")
    await practice.world.act("write", GLEB, text=f"Мой код: {begun['code']}")
    await _until(practice, KEPT)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await practice.work(Kind.HEAR)
    secret = {"Ownership-Secret": begun["secret"]}
    shown = done(await api.get(f"{url}/ownerships/{begun['id']}", headers=secret))
    assert (shown["state"], shown["check"]["state"]) == ("shown", "valid")
    assert len(shown["promises"]) == 1
    async with practice.rt.pool.acquire() as conn:
        bodies = [row["body"].decode() for row in await conn.fetch("SELECT body FROM heard_events")]
    assert not [body for body in bodies if "приз" in body or "Мой" in body]


async def _wait(practice: Practice) -> None:
    while True:
        await practice.work(Kind.TEND)
        practice.ahead += timedelta(seconds=10)
        await asyncio.sleep(0.05)


async def _until(practice: Practice, is_so: str) -> None:
    """Wait until the database says so. Raises TimeoutError after twenty seconds."""
    async with asyncio.timeout(20):
        while True:
            async with practice.rt.pool.acquire() as conn:
                if await conn.fetchval(is_so):
                    return
            await asyncio.sleep(0.05)
