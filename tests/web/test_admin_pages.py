"""Pages of people and signing in, in a real browser: each state, each language, phone and desk."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from contest_service.domain.people import Role
from contest_service.flows import sign_in as flow
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.flows.sessions import Origin
from contest_service.store.rows import Connection
from web.conftest import Site, Visit
from web.desks import PASSWORD, person
from web.visits import Seen

LOOKS = (
    {"language": "en"},
    {"language": "ru", "phone": True, "dark": True},
)
PAGES = {
    "desk": "",
    "people": "/people",
    "tokens": "/tokens",
    "log": "/log",
    "settings": "/settings",
}


@pytest.fixture
async def place(connection: Connection) -> UUID:
    workspace, _ = await ensure_first_workspace(connection)
    return workspace.id


@pytest.fixture
async def ann(connection: Connection, place: UUID) -> UUID:
    return await person(connection, place, Role.OWNER, name="Ann")


async def let_in(seen: Seen, connection: Connection, person_id: UUID) -> None:
    """Sign somebody in, as a browser would be."""
    link = await flow.make_link(connection, person_id, now=datetime.now(UTC))
    origin = Origin(address="127.0.0.1", agent="Chromium", request_id="test")
    begun = await flow.use_link(connection, link, origin, now=datetime.now(UTC))
    assert begun is not None
    await seen.page.context.add_cookies(
        [{"name": "session", "value": begun.secret, "url": seen.site}]
    )


async def look(seen: Seen, name: str) -> None:
    """Keep a picture, and hold the page against the rules."""
    await seen.shot(name)
    assert await seen.axe() == [], name
    assert not await seen.overflows(), name


@pytest.mark.parametrize("how", LOOKS)
async def test_everybody_can_use_the_pages_of_a_workspace(
    visit: Visit, connection: Connection, place: UUID, ann: UUID, how: dict[str, str | bool]
) -> None:
    await person(connection, place, Role.EDITOR, name="Bob")
    seen = await visit("/sign-in", **how)
    await look(seen, "sign-in")
    await let_in(seen, connection, ann)
    for name, path in PAGES.items():
        await seen.go(f"/w/{place}{path}")
        await look(seen, name)
    for name, path in (
        ("me", "/me"),
        ("password", "/me/password"),
        ("totp", "/me/totp"),
        ("workspaces", "/workspaces"),
    ):
        await seen.go(path)
        await look(seen, name)


@pytest.mark.parametrize("scripts", [True, False])
async def test_from_the_link_to_a_token_with_and_without_scripts(
    visit: Visit, site: Site, connection: Connection, place: UUID, ann: UUID, scripts: bool
) -> None:
    link = await flow.make_link(connection, ann, now=datetime.now(UTC))
    seen = await visit(f"/sign-in/link/{link}", scripts=scripts)
    page = seen.page
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**/w/{place}")
    await page.get_by_role("link", name="People").click()
    await page.get_by_role("button", name="Make a link").click()
    assert "/invitations/" in await page.inner_text("main")
    if scripts:
        await look(seen, "people-link")
    await page.get_by_role("link", name="Tokens").click()
    await page.get_by_label("What it is for").fill("shop")
    await page.get_by_role("button", name="Make the token").click()
    assert "cst_" in await page.inner_text("main")
    await page.get_by_role("link", name="Ann").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
    await page.get_by_label("E-mail address").fill("ann@mail.test")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    assert "not right" in await page.inner_text("main")
    if scripts:
        await look(seen, "sign-in-refused")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**/w/{place}")
