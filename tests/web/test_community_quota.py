"""The quota of a community by its page: what was asked, what rests, and going on by hand."""

import asyncio

import httpx
import msgspec
import pytest
from api.practice import practising
from litestar import Litestar
from patience import PATIENCE

from contest_service.domain.people import Role
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.rows import Connection
from web.desks import person, signed_in
from web.test_community_pages import connected


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, allowed_hosts=AllowedHosts.parse(["127.0.0.1:*"]))


async def test_the_quota_tells_what_rests_until_somebody_solves_the_captcha(
    app: Litestar, connection: Connection, owner: httpx.AsyncClient
) -> None:
    place = await connection.fetchval("SELECT id FROM workspaces ORDER BY id LIMIT 1")
    ann = await person(connection, place, Role.OWNER, name="Ann")
    desk = await signed_in(app, connection, ann)
    async with practising(app, owner) as practice:
        path = await connected(
            desk,
            place,
            practice,
            community_token=practice.world.page,
            service_token=practice.world.service,
        )
        async with asyncio.timeout(PATIENCE):
            # What was asked is counted after it was answered.
            while "groups.getById" not in (await desk.open(f"{path}/quota")).text:  # noqa: ASYNC110 # it tells nobody
                await asyncio.sleep(0.05)
        quota = (await owner.get(f"/v1/communities/{path.rpartition('/')[2]}/quota")).json()
        assert [each["part"] for each in quota["parts"]] == ["community", "service"]
        assert [each["per_second"] for each in quota["parts"]] == [20, 3]
        # VK wants to see a human: the token rests, and everybody is told where to go.
        await practice.world.make("faults", method="groups.getById", code=14, times=9)
        await desk.open(path)
        await desk.send(f"{path}/check")
        quota = (await owner.get(f"/v1/communities/{path.rpartition('/')[2]}/quota")).json()
        assert "solve the captcha there" in quota["parts"][0]["circuit"]["why"]
        await desk.open(f"/w/{place}/communities")
        assert "A captcha is asked for" in desk.text
        await desk.open(f"{path}/quota")
        assert "Nothing is asked" in desk.text
        assert "solve the captcha there" in desk.text
        # Somebody solved it, and does not wait.
        await desk.open(path)
        once = desk.hidden("once")
        for _ in range(2):
            await desk.send(f"{path}/resume", once=once)
            assert "It is asked again." in desk.text
        assert "Captcha solved" not in desk.text
        await desk.send(f"{path}/resume")
        assert "it was so already" in desk.text
        # It was not solved, so that it rests again; by the API it goes on, too.
        await practice.world.make("faults", method="groups.getById", code=14, times=9)
        await desk.send(f"{path}/check")
        api = f"/v1/communities/{path.rpartition('/')[2]}/resume"
        assert (await owner.post(api)).json() == {"parts": ["community"]}
        assert (await owner.post(api)).json() == {"parts": []}
        told = "SELECT count(*) FROM audit_log WHERE action = 'community.rest_ended'"
        assert await connection.fetchval(told) == 2
