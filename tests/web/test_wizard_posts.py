"""The posts of a contest by HTTP, on the practice VK: found by their address alone, seen before
they are added, read again, taken off."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from api.practice import GLEB, WALL, Practice, practising
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in

NEW: dict[str, Any] = {
    "title": "Win a mug",
    "organiser": "The pottery",
    "language": "en",
    "zone": "UTC",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(
        settings, allowed_hosts=AllowedHosts.parse(["127.0.0.1:*", "id.vk.ru"])
    )


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        yield practice


@pytest.fixture
async def place(connection: Connection, owner: httpx.AsyncClient) -> UUID:
    found: UUID = await connection.fetchval("SELECT id FROM workspaces ORDER BY id LIMIT 1")
    return found


@pytest.fixture
async def desk(app: Litestar, connection: Connection, place: UUID) -> Desk:
    """An editor's browser."""
    ann = await person(connection, place, Role.EDITOR, name="Ann")
    return await signed_in(app, connection, ann)


def address_of(practice: Practice, number: int = 0) -> str:
    return f"https://vk.com/wall{WALL}_{number or practice.world.post_id}"


async def test_a_contest_begins_with_its_post_or_says_what_is_wrong_with_the_address(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    new = f"/w/{place}/contests/new"
    await desk.open(new)
    assert "No community is connected yet." in desk.text
    assert f"/w/{place}/communities/new" in desk.page.text
    await desk.send(new, **NEW, url=address_of(practice))
    assert desk.page.status_code == 422
    await practice.connect()
    theirs = await practice.world.make("posts", owner_id=GLEB, text="Mine")
    for url, said in (
        ("https://example.org/", "None of your communities has a post at this address."),
        (address_of(practice, 999), "it was deleted, or it is hidden"),
        (f"https://vk.com/wall{GLEB}_{theirs['id']}", "published by another account"),
    ):
        await desk.send(new, **NEW, url=url, practice="1")
        assert desk.page.status_code == 422
        assert said in desk.text
        assert f'value="{url}"' in desk.page.text
    assert await connection.fetchval("SELECT count(*) FROM contests") == 0
    await desk.send(new, **NEW, url=address_of(practice), practice="1")
    assert desk.page.url.path.endswith("/edit/conditions")
    assert await connection.fetchval("SELECT text FROM targets WHERE kind = 'post'") == "Розыгрыш!"


async def test_a_post_is_seen_added_once_read_again_and_taken_off(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    await practice.connect()
    await desk.open(f"/w/{place}/contests/new")
    await desk.send(f"/w/{place}/contests/new", **NEW, practice="1")
    step = desk.page.url.path
    await desk.send(step, url=address_of(practice), do="look")
    assert "Кофейня VK Розыгрыш! 0 likes" in desk.text
    assert await connection.fetchval("SELECT count(*) FROM contest_posts") == 0
    sent = {"csrf": desk.hidden(), "once": desk.hidden("once"), "do": "add"}
    sent["url"] = address_of(practice)
    answers = [await desk.client.post(step, data=sent) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    # The same post once more is the same post.
    await desk.open(step)
    await desk.send(step, url=address_of(practice), do="add")
    assert await connection.fetchval("SELECT count(*) FROM contest_posts") == 1
    await practice.world.act("like", GLEB)
    target = await connection.fetchval("SELECT target_id FROM contest_posts")
    await desk.send(f"{step}/{target}/look")
    assert desk.page.url.path == step
    assert "1 like " in desk.text
    assert (await desk.send(f"{step}/{uuid4()}/look")).status_code == 404
    await desk.open(step)
    await desk.send(f"{step}/{uuid4()}/remove")
    assert desk.page.status_code == 404
    await desk.open(step)
    await desk.send(f"{step}/{target}/remove")
    assert desk.here == f"{step}?note=post-removed"
    assert await connection.fetchval("SELECT count(*) FROM contest_posts") == 0
    assert "Add at least one contest post." in desk.text


async def test_a_practice_contest_takes_no_post_of_a_real_community(
    desk: Desk, place: UUID, practice: Practice, connection: Connection
) -> None:
    await practice.connect()
    await desk.open(f"/w/{place}/contests/new")
    await desk.send(f"/w/{place}/contests/new", **NEW, practice="1")
    step = desk.page.url.path
    await connection.execute(
        'UPDATE communities SET endpoints = endpoints || \'{"oauth": "https://id.vk.ru"}\''
    )
    await desk.send(step, url=address_of(practice), do="add")
    assert desk.page.status_code == 409
    assert "A practice contest runs on a practice community only" in desk.text
    assert await connection.fetchval("SELECT count(*) FROM contest_posts") == 0


async def test_what_a_credential_cannot_tell_is_said_with_what_to_connect(
    desk: Desk, place: UUID, practice: Practice
) -> None:
    connected = await practice.connect(community_token=practice.world.page)
    new = f"/w/{place}/contests/new"
    await desk.open(new)
    await desk.send(new, **NEW, url=address_of(practice), practice="1")
    root = desk.page.url.path.removesuffix("/conditions")
    assert "Connect an application's service token" in desk.text
    assert f'href="/w/{place}/communities/{connected["id"]}"' in desk.page.text
    await desk.open(f"{root}/post")
    assert "the platform does not tell what the post says" in desk.text
    await desk.open(f"{root}/conditions/one?to=/rules")
    assert "Like Like the contest post VK: known only while events come in" in desk.text
    assert "VK: cannot be known" in desk.text
    await desk.open(f"{root}/conditions/one?at=/rules/of/0")
    assert "VK: known only while events come in" in desk.text
    assert "Connect an application's service token" in desk.text
