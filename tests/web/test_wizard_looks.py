"""Making a contest in a real browser, on a post of the practice VK: with and without scripts."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import msgspec
import pytest
from api.practice import DARYA, GLEB, WALL, Practice, practising
from api.staged import Stage
from litestar import Litestar
from patience import PATIENCE
from playwright.async_api import Page, expect

from contest_service.platforms.hosts import AllowedHosts
from contest_service.settings import Settings
from contest_service.store.rows import Connection
from web.conftest import Visit
from web.signed_in import sign_in
from web.visits import Seen

expect.set_options(timeout=PATIENCE * 1000)

LOOKS: tuple[dict[str, bool | str], ...] = (
    {"language": "en"},
    {"language": "ru", "phone": True, "dark": True},
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, allowed_hosts=AllowedHosts.parse(["127.0.0.1:*"]))


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        await practice.connect()
        yield practice


@pytest.fixture
async def cookies(stage: Stage) -> tuple[dict[str, str], ...]:
    return ({"name": "session", "value": await sign_in(stage)},)


async def look(seen: Seen, name: str) -> None:
    """Keep a picture, and hold the page against the rules."""
    await seen.shot(f"wizard-{name}")
    assert await seen.axe() == [], name
    assert not await seen.overflows(), name


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("scripts", [True, False])
async def test_from_an_address_to_rules_and_times(
    visit: Visit,
    practice: Practice,
    stage: Stage,
    cookies: tuple[dict[str, str], ...],
    connection: Connection,
    scripts: bool,
) -> None:
    for person in (GLEB, DARYA):
        await practice.world.act("like", person)
    place = await stage.workspace()
    seen = await visit(f"/w/{place}/contests/new", scripts=scripts, cookies=cookies)
    page = seen.page
    page.set_default_timeout(PATIENCE * 1000)
    await page.get_by_label("What the contest is called").fill("Win a mug")
    await page.get_by_label("This is for practice").check()
    await press(page, "Make the draft")
    await page.wait_for_url("**/edit/post*")
    await page.get_by_label("Address of the post").fill("https://vk.com/wall-501_999")
    if not scripts:
        await press(page, "Look at the post")
    await expect(page.locator("#preview")).to_contain_text("it was deleted, or it is hidden")
    address = f"https://vk.com/wall{WALL}_{practice.world.post_id}"
    await page.get_by_label("Address of the post").fill(address)
    if not scripts:
        await press(page, "Look at the post")
    await expect(page.locator("#preview")).to_contain_text("Розыгрыш!")
    await expect(page.locator("#preview")).to_contain_text("2 likes")
    await press(page, "Add this post")
    await page.wait_for_url("**/edit/post?note=post-added")
    await practice.world.act("unlike", DARYA)
    await page.get_by_role("button", name="Look again").click()
    await expect(page.locator(".posts")).to_contain_text("1 like")
    await page.get_by_role("link", name="Next step").click()
    await page.wait_for_url("**/edit/conditions")
    await page.get_by_role("link", name="Add a condition").click()
    await page.get_by_role("link", name="Comment").first.click()
    await page.get_by_label("How many comments").fill("2")
    if not scripts:
        await press(page, "Show how it reads")
    await expect(page.locator("#reads")).to_contain_text("Write 2 comments")
    await press(page, "Add it")
    await expect(page.locator(".rules")).to_contain_text("Write 2 comments")
    await page.goto(page.url.partition("/edit/")[0] + "/edit/time")
    await page.get_by_label("Time zone").select_option("Europe/Berlin")
    await page.get_by_label("Closes").fill("2031-03-29T20:00")
    await page.get_by_label("Draw").fill("2031-03-31T20:00")
    if not scripts:
        await press(page, "Show what it means")
    await expect(page.locator("#clocks")).to_contain_text("31 March 2031, 20:00 UTC+02:00")
    if scripts:
        await expect(page.locator("#clocks")).to_contain_text("Your clock")
    await press(page, "Save and go on")
    await page.wait_for_url("**/edit/texts")
    definition = await connection.fetchval("SELECT definition FROM contests")
    assert len(definition["rules"]["of"]) == 3
    assert definition["schedule"]["zone"] == "Europe/Berlin"


async def drafted(practice: Practice, stage: Stage) -> str:
    """A draft that shows much; the address of its steps."""
    rules = {
        "kind": "all_of",
        "of": [
            {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "reposted", "moment": "once"}]},
            {"kind": "quoted"},
            {"kind": "commented", "mentions": 2, "hashtag": "кофе"},
            {"kind": "not_past_winner", "days": 30},
        ],
    }
    bonus = {"rule": {"kind": "commented"}, "tickets": 1, "per": "mention", "most": 5}
    community = (await practice.owner.get("/v1/communities")).json()["items"][0]
    contest = await stage.draft(
        UUID(community["id"]), rules=rules, tickets={"bonuses": [bonus]}, title="Выиграйте кружку"
    )
    url = f"https://vk.com/wall{WALL}_{practice.world.post_id}"
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    posts = f"/v1/contests/{contest.id}/posts"
    for each in (await practice.owner.get(posts)).json()["items"]:
        await practice.owner.delete(f"{posts}/{each['id']}")
    added = await practice.owner.post(posts, json={"community_id": community["id"], "url": url})
    assert added.status_code == 201
    return root


async def test_every_step_can_be_used_by_everybody(
    visit: Visit, practice: Practice, stage: Stage, cookies: tuple[dict[str, str], ...]
) -> None:
    await practice.world.act("like", GLEB)
    root = await drafted(practice, stage)
    new = root.partition("/contests/")[0] + "/contests/new"
    pages = {
        "new": new,
        "post": f"{root}/post",
        "conditions": f"{root}/conditions",
        "kinds": f"{root}/conditions/one?to=/rules",
        "condition": f"{root}/conditions/one?at=/rules/of/2",
        "bonus": f"{root}/conditions/one?at=/tickets/bonuses/0/rule",
        "time": f"{root}/time",
    }
    for how in LOOKS:
        seen = await visit(new, cookies=cookies, **how)
        for name, path in pages.items():
            answer = await seen.go(path)
            assert answer.ok, name
            await look(seen, name)
        await seen.go(f"{root}/time")
        await seen.page.locator("#field-closes_at").fill("2020-01-01T10:00")
        await seen.page.locator("[name=go][value=next]").click()
        await look(seen, "time-refused")
