"""Every page of the table: what strangers, members of another workspace and each role get there,
and whether everybody can use it. What is asked follows from the table, so a new page is asked too.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import pytest
from api.conftest import Clients, lent, settings_for
from api.databases import copy_of, name_of
from api.staged import Stage
from api.world import World, make_world
from litestar import Litestar
from playwright.async_api import Error

from contest_service.assembly import BEACON_FOLDER
from contest_service.domain.people import Role
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.flows.people import create_workspace
from contest_service.flows.sessions import Origin, begin_session
from contest_service.settings import Settings
from contest_service.store import members
from contest_service.store.pool import connect
from contest_service.web.access import Who
from web.conftest import Visit
from web.every_page import Page, every_page, workspace_pages
from web.visits import Seen

NOWHERE = "redis://127.0.0.1:1"
BASE = "http://contest.test"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{24,}")


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A world, and a session for each role in it and for the owner of another workspace."""

    database: str
    folder: Path
    world: World
    sessions: dict[str, str]
    elsewhere: str


@pytest.fixture(scope="module")
def prepared(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("world")
    with asyncio.Runner() as runner:
        copies = copy_of(postgres_url, template)
        url = runner.run(copies.__aenter__())
        yield runner.run(_prepare(url, folder))
        runner.run(copies.__aexit__(None, None, None))


async def _prepare(database: str, folder: Path) -> Prepared:
    connection = await connect(database)
    workspace, token = await ensure_first_workspace(connection)
    async with (
        lent(settings_for(database, NOWHERE, folder)) as app,
        AsyncExitStack() as stack,
    ):
        owner = await Clients(app, stack).open(token)
        stage = Stage(app.state.rt, owner, folder / BEACON_FOLDER)
        world = await make_world(owner, stage)
        now = stage.rt.clock()
        persons = {"stranger": await members.create_person(connection, "Zed", None, now=now)}
        made = await create_workspace(
            connection, "Elsewhere", owner=persons["stranger"], request_id="test", now=now
        )
        for role in Role:
            persons[role] = await members.create_person(connection, f"An {role}", None, now=now)
            await members.add_member(connection, workspace.id, persons[role], role, now=now)
        origin = Origin(address="127.0.0.1", agent="test", request_id="test")
        sessions = {
            name: (await begin_session(connection, person, origin, by="link", now=now)).secret
            for name, person in persons.items()
        }
    await connection.close()
    return Prepared(
        database=name_of(database),
        folder=folder,
        world=world,
        sessions=sessions,
        elsewhere=str(made.workspace.id),
    )


@pytest.fixture
async def database(postgres_url: str, prepared: Prepared) -> AsyncIterator[str]:
    async with copy_of(postgres_url, prepared.database) as url:
        yield url


class Browser:
    """Somebody who asks for pages and sends forms, signed in or not."""

    def __init__(self, app: Litestar, session: str | None) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(
            transport=transport,
            base_url=BASE,
            cookies={} if session is None else {"session": session},
            headers={"Accept": "text/html", "Origin": BASE, "Sec-Fetch-Site": "same-origin"},
        )
        self._csrf = ""

    async def ask(self, page: Page, path: str) -> httpx.Response:
        """Ask for a page, or send a form with nothing filled in."""
        if page.is_read:
            return await self._client.get(path)
        if not self._csrf:
            found = _TOKEN.search((await self._client.get("/me")).text)
            self._csrf = found[1] if found else "none"
        data = {"csrf": self._csrf, "once": uuid4().hex}
        return await self._client.post(path, data=data)


@pytest.fixture
def world(prepared: Prepared) -> World:
    return prepared.world


@pytest.fixture
def settings(settings: Settings, prepared: Prepared) -> Settings:
    return msgspec.structs.replace(settings, data=prepared.folder)


def test_every_row_of_the_table_is_a_page() -> None:
    assert len({page.name for page in every_page()}) == len(every_page()) > 50
    assert all(page.template.startswith("/w/{workspace_id:uuid}") for page in workspace_pages())


async def test_whoever_is_not_signed_in_sees_nothing_of_a_workspace(
    app: Litestar, world: World
) -> None:
    nobody = Browser(app, None)
    seen = {}
    for page in every_page():
        if page.who in (Who.EVERYBODY, Who.VISITOR):
            continue
        answer = await nobody.ask(page, page.path(world.ids))
        is_sent_on = answer.headers.get("location", "").startswith("/sign-in")
        if not (answer.status_code == 303 and is_sent_on) or answer.text:
            seen[page.name] = (answer.status_code, answer.text[:200])
    assert seen == {}


async def test_a_workspace_of_others_looks_like_one_that_never_was(
    app: Litestar, prepared: Prepared, world: World
) -> None:
    stranger = Browser(app, prepared.sessions["stranger"])
    seen = {}
    for page in workspace_pages():
        told = await answers(stranger, page, (world.ids, {}))
        if told[0] != told[1] or told[0][0] != 404:
            seen[page.name] = told
    assert seen == {}


async def test_what_is_in_a_workspace_of_others_looks_like_what_never_was(
    app: Litestar, prepared: Prepared, world: World
) -> None:
    """Asked for in one's own workspace, by the ids that others have."""
    stranger = Browser(app, prepared.sessions["stranger"])
    own = {"workspace_id": prepared.elsewhere}
    seen = {}
    for page in workspace_pages():
        if not page.names:
            continue
        told = await answers(stranger, page, (world.ids | own, own))
        if told[0] != told[1] or told[0][0] < 400:
            seen[page.name] = told
    assert seen == {}


async def answers(
    browser: Browser, page: Page, given: tuple[dict[str, str], dict[str, str]]
) -> list[tuple[int, str]]:
    """What is answered with some ids and with others, without the ids themselves."""
    found = [await browser.ask(page, page.path(ids)) for ids in given]
    return [(each.status_code, _IDS.sub("…", each.text)) for each in found]


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_opens_what_it_may_and_nothing_else(
    app: Litestar, prepared: Prepared, world: World, role: Role
) -> None:
    """A page of the wizard says, of a contest that has started, that it cannot be opened now."""
    somebody = Browser(app, prepared.sessions[role])
    seen = {}
    for page in workspace_pages():
        if page.is_stream:
            continue
        assert isinstance(page.who, frozenset)
        if role in page.who and not page.is_read:
            continue
        answer = await somebody.ask(page, page.path(world.ids))
        expected = (200, 303, 409) if role in page.who else (403,)
        if answer.status_code not in expected:
            seen[page.name] = (answer.status_code, page.path(world.ids))
    assert seen == {}


@pytest.mark.parametrize(
    "how",
    [{"language": "en"}, {"language": "ru", "phone": True, "dark": True}],
    ids=["desk", "phone"],
)
async def test_everybody_can_use_every_page(
    visit: Visit, prepared: Prepared, world: World, how: dict[str, str | bool]
) -> None:
    cookies = ({"name": "session", "value": prepared.sessions[Role.OWNER]},)
    seen = await visit("/me", cookies=cookies, **how)
    found = {}
    for page in every_page():
        if not page.is_read or page.is_stream:
            continue
        drafted = page.template.startswith("/w/") and "contest_id" in page.names
        for contest_id in [world.ids["contest_id"], *([world.draft] if drafted else [])]:
            path = page.path(world.ids | {"contest_id": contest_id})
            if faults := await faults_of(seen, path):
                found[path] = faults
    assert found == {}


async def faults_of(seen: Seen, path: str) -> list[str]:
    """What keeps somebody from using a page; nothing of what is none, or a part of one."""
    try:
        answer = await seen.go(path)
    except Error as error:
        if "Download is starting" in error.message:
            return []
        raise
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if not is_page or "<html" not in await answer.text():
        return []
    found = await seen.axe()
    if await seen.overflows():
        found.append("it has to be moved sideways")
    if answer.status >= 500:
        found.append(f"it answers {answer.status}")
    return found
