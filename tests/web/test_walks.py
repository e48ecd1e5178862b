"""Whole ways through a running installation, in a real browser: of who sees it first, an entrant,
an auditor, and somebody whose session or connection is lost on the way.

All of them walk through one practice contest, which lives by itself meanwhile.
"""

import asyncio
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from api.databases import copy_of
from patience import PATIENCE
from playwright.async_api import Page, expect
from redis.asyncio import Redis

from contest_service.domain.codes import find_codes
from contest_service.embedded import Addresses
from contest_service.web.wizard.steps import Step
from web import walks
from web.conftest import Site, Visit
from web.visits import DESK, PHONE, ROOT, Seen
from web.walks import LONG, Walked

pytestmark = pytest.mark.xdist_group("walks")

PASSWORD = "seven quiet otters"
VERIFIER = ROOT / "contest_service" / "proof" / "verify.py"
PRACTICE_IS_SOUND = 3
"""The verifier's exit status."""
OFFLINE = re.compile("ERR_INTERNET_DISCONNECTED|ERR_NETWORK|Failed to fetch|network error")

expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="module")
def walked(
    postgres_url: str,
    template: str,
    servers: Addresses,
    _numbers: Iterator[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walked]:
    redis_url = servers.redis_url.replace("?db=0", f"?db={next(_numbers)}")
    with asyncio.Runner() as runner:
        copies = copy_of(postgres_url, template)
        database_url = runner.run(copies.__aenter__())
        runner.run(_emptied(redis_url))
        installation = walks.installed(database_url, redis_url, tmp_path_factory.mktemp("walks"))
        try:
            walked = Walked(installation, runner.run(walks.start(installation, database_url)))
            runner.run(walked.begin())
            yield walked
        finally:
            installation.close()
            runner.run(copies.__aexit__(None, None, None))


async def _emptied(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.flushdb()


@pytest.fixture
def site(walked: Walked) -> Site:
    return Site(app=None, url=walked.url)


async def enter(page: Page, walked: Walked) -> None:
    """Sign in by a new link, as the owner; whoever has no password yet gets one."""
    link = await asyncio.to_thread(walks.link_of, walked.installation)
    await page.goto(link)
    await page.locator("main form button").click()
    if "/me/password" in page.url:
        await page.locator("[name=email]").fill("ann@mail.test")
        await page.locator("[name=password]").fill(PASSWORD)
        await page.locator("main form button").first.click()
    await page.wait_for_url(f"**/w/{walked.workspace_id}**")


async def test_the_first_five_minutes_lead_through_a_practice_contest(
    visit: Visit, walked: Walked
) -> None:
    seen = await visit("/")
    page = seen.page
    await expect(page).to_have_url(re.compile("/sign-in$"))
    await enter(page, walked)
    await expect(page.get_by_role("heading", name="A short tour")).to_be_visible()
    await expect(page.get_by_role("link", name="Розыгрыш кружек").first).to_be_visible()
    await seen.shot("walk-first-desk")
    assert await seen.axe() == []
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a plain dict
    await seen.shot("walk-first-narrow")
    assert not await seen.overflows()
    await page.set_viewport_size(DESK)  # type: ignore[arg-type] # a plain dict
    steps = page.locator(".tour li button")
    assert await steps.count() == 5
    for number in range(5):
        await steps.nth(number).click()
        await page.wait_for_load_state()
        assert urlsplit(page.url).fragment
        await seen.shot(f"walk-tour-{number + 1}")
        await seen.go(f"/w/{walked.workspace_id}")
        assert await page.locator(".tour li.is-seen").count() == number + 1
    await page.get_by_role("button", name="Put the tour away").click()
    await expect(page.locator(".tour")).to_have_count(0)
    await seen.go("/me")
    await page.get_by_role("button", name="Show the tour").click()
    await expect(page.locator(".tour li.is-seen")).to_have_count(0)


async def test_an_entrant_goes_from_the_contest_to_the_certificate(
    visit: Visit, walked: Walked
) -> None:
    entrant = await walked.somebody_valid()
    account = entrant["subject"].rpartition(":")[2]
    seen = await visit(walked.contest, language="ru", phone=True)
    page = seen.page
    await seen.shot("walk-contest")
    await page.get_by_role("link", name="Участвую ли я?").click()
    await page.locator("#account").fill(account)
    await page.get_by_role("button", name="Проверить").click()
    await expect(page.get_by_text("Участвует").first).to_be_visible()
    await page.get_by_role("button", name="Подтвердить, что он мой").click()
    (code,) = find_codes(await page.inner_text(".code"))
    owner, post = await walked.post()
    await walked.act(
        do="comment", person=int(account), owner_id=owner, post_id=post, text=f"Это я: {code}"
    )
    await until_shown(page)
    await expect(page.get_by_role("link", name="Обещание").first).to_be_visible()
    await walked.until_status("drawn", "announced", "completed")
    await page.reload()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Квитанция").click()
    receipt = json.loads(Path(await (await downloading.value).path()).read_text())
    assert receipt["kind"] == "receipt"
    await seen.shot("walk-own")
    assert await seen.axe() == []
    await seen.go(f"{walked.contest}/draw")
    await page.locator('[data-said="agrees"]').wait_for(timeout=1000 * LONG)
    await seen.shot("walk-draw")
    assert await seen.axe() == []
    await page.get_by_role("link", name="Сертификат").first.click()
    await expect(page.locator("h1")).to_be_visible()
    await seen.shot("walk-certificate")
    assert await seen.axe() == []


async def until_shown(page: Page) -> None:
    """Look again until the code was seen, as somebody would."""
    again = page.get_by_role("link", name="Код написан")
    while await again.count():
        await again.click()
        await page.wait_for_load_state()


async def test_a_marketer_goes_from_signing_in_to_the_bundle(
    visit: Visit, walked: Walked, tmp_path: Path
) -> None:
    """Once in Russian at a desk, and once in English on a phone without scripts; side by side."""
    desk = await visit("/sign-in", language="ru")
    phone = await visit("/sign-in", phone=True, scripts=False)
    for seen in (desk, phone):
        await enter(seen.page, walked)
    await asyncio.gather(
        run_a_contest(desk, walked, tmp_path / "desk.zip", sleeps=True),
        run_a_contest(phone, walked, tmp_path / "phone.zip", sleeps=False),
    )


async def run_a_contest(seen: Seen, walked: Walked, bundle: Path, *, sleeps: bool) -> None:
    """Connect a community, make a contest in seven steps, live through it in practice, start it.

    Who `sleeps` closes the laptop while the contest ends.
    """
    page, home = seen.page, f"/w/{walked.workspace_id}"
    await seen.go(f"{home}/communities/new")
    await page.locator("[name=name]").fill("The pottery")
    await page.locator("form[action$='/communities/new/practice'] button").click()
    await page.wait_for_url(re.compile("/communities/[0-9a-f-]{36}"))
    await seen.shot("walk-community")
    community = re.search("/communities/([0-9a-f-]{36})", page.url)
    assert community
    address = await walked.publish(community[1], "Win a mug")
    await seen.go(f"{home}/contests/new")
    for name, text in (("title", "A mug"), ("organiser", "The pottery"), ("url", address)):
        await page.locator(f"[name={name}]").fill(text)
    await page.locator("[name=practice]").check()
    await page.locator("form[action$='/contests/new'] button").click()
    await page.wait_for_url("**/edit/conditions**")
    root = urlsplit(page.url).path.removesuffix("/conditions")
    await seen.go(f"{root}/post")
    await expect(page.get_by_text("Win a mug").first).to_be_visible()
    await go_through(seen, root)
    await seen.go(f"{root}/practice")
    await page.locator("[name=seconds]").select_option("60")
    await page.locator("[name=people]").fill("30")
    await page.locator(f"form[action='{root}/practice'] button").click()
    run = page.locator(".contest-cards a").first
    await run.click()
    await page.wait_for_url(re.compile("/contests/[0-9a-f-]{36}$"))
    contest = urlsplit(page.url).path
    await start_in_public(seen, root)
    await seen.go(contest)
    await page.context.set_offline(sleeps)
    await walked.until_status("announced", "completed", contest_id=contest.rpartition("/")[2])
    await page.context.set_offline(False)
    if sleeps:
        is_over = re.compile("Объявлен|Завершён")
        await expect(page.locator("[data-live] .state").first).to_have_text(is_over)
        seen.complaints[:] = [each for each in seen.complaints if not OFFLINE.search(each)]
    for part in ("", "/entrants", "/decisions", "/winners", "/announcements", "/bundles"):
        answer = await seen.go(f"{contest}{part}")
        assert answer.status == 200, part
        await seen.shot(f"walk-marketer{part.replace('/', '-')}")
    async with page.expect_download() as downloading:
        await page.locator("a[download][href$='/bundles/public']").click()
    await (await downloading.value).save_as(bundle)
    checked = await asyncio.to_thread(
        subprocess.run, [sys.executable, VERIFIER, "--practice", bundle], capture_output=True
    )
    assert checked.returncode == PRACTICE_IS_SOUND, checked.stdout


async def go_through(seen: Seen, root: str) -> None:
    """Go from step to step by the button that saves, or the link that goes on."""
    page = seen.page
    for step, after in itertools.pairwise(Step):
        await expect(page).to_have_url(re.compile(f"{root}/{step}"))
        await seen.shot(f"walk-step-{step}")
        if step is Step.PRIZES:
            await page.locator("[name^='prize-']").first.fill("A blue mug")
        saves = page.locator("button[name=go][value=next]")
        goes_on = page.locator(".step-nav a").last
        await (saves if await saves.count() else goes_on).click()
        await page.wait_for_url(f"**{root}/{after}**")
    await seen.shot(f"walk-step-{Step.START}")


async def start_in_public(seen: Seen, root: str) -> None:
    """Start the contest itself, whose practice run goes on meanwhile."""
    page = seen.page
    await seen.go(f"{root}/start")
    await expect(page.locator("#lacking")).to_have_count(0)
    await page.locator("[name=agreed]").check()
    await page.locator(f"form[action='{root}/start'] button").click()
    await page.wait_for_url(re.compile(f"{root.removesuffix('/edit')}([?#].*)?$"))
    await seen.shot("walk-started")


async def test_an_auditor_sees_everything_and_changes_nothing(
    visit: Visit, walked: Walked, tmp_path: Path
) -> None:
    owner = await visit("/sign-in")
    await enter(owner.page, walked)
    await owner.page.get_by_role("link", name="People").click()
    await owner.page.locator("form [name=role]").last.select_option("auditor")
    await owner.page.get_by_role("button", name="Make a link").click()
    link = await owner.page.inner_text(".user-select-all")
    seen = await visit(urlsplit(link).path)
    page = seen.page
    await page.get_by_label("Your name").fill("Olga")
    await page.get_by_label("E-mail address").fill("olga@mail.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url(f"**/w/{walked.workspace_id}**")
    await walked.until_status("drawn", "announced", "completed")
    await seen.go(walked.own)
    addresses = await page.eval_on_selector_all(
        ".side nav a, .contest-tabs a", "links => links.map((each) => each.getAttribute('href'))"
    )
    assert len(addresses) > 8
    for address in dict.fromkeys(addresses):
        answer = await seen.go(address)
        assert answer.status == 200, address
        assert await writes_of(page) == [], address
    await seen.go(f"{walked.own}/bundles")
    async with page.expect_download() as downloading:
        await page.locator("a[download][href$='/bundles/public']").click()
    bundle = tmp_path / "bundle.zip"
    await (await downloading.value).save_as(bundle)
    await page.get_by_role("link", name="Open the verifier").click()
    await page.get_by_label("It is a practice contest").check()
    await page.set_input_files("#file-zip", bundle)
    await page.wait_for_selector("section.verdict:not(.running)")
    assert "does not hold" not in await page.inner_text("section.verdict")
    states = await page.eval_on_selector_all(
        ".steps > li", "items => items.map((item) => item.className)"
    )
    assert states
    assert not any("failed" in each for each in states), states
    await seen.shot("walk-verified")


async def writes_of(page: Page) -> list[str]:
    """Forms in which something of the workspace could be changed."""
    found: list[str] = await page.eval_on_selector_all(
        "main form[method=post]",
        """forms => forms.filter((form) => [...form.elements].some(
            (each) => each.type !== 'hidden' && !each.disabled && !each.matches(':disabled')
        )).map((form) => new URL(form.action).pathname)""",
    )
    return [each for each in found if "/tour" not in each]


async def test_a_lost_session_leads_back_to_where_somebody_was(
    visit: Visit, walked: Walked
) -> None:
    seen = await visit("/sign-in")
    page = seen.page
    await enter(page, walked)
    await seen.go(f"{walked.own}/entrants")
    await page.context.clear_cookies()
    await page.reload()
    await expect(page).to_have_url(re.compile("/sign-in\\?next="))
    await page.get_by_label("E-mail address").fill("ann@mail.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{walked.url}{walked.own}/entrants")
    await expect(page.get_by_role("heading", name="Entrants")).to_be_visible()
