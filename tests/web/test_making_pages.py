"""Prizes, texts, practice, start, templates: as people see them, on a phone and on a desk."""

import io
from typing import Any

import pytest
from api.staged import Stage
from PIL import Image

from contest_service.domain.people import system
from contest_service.flows.pictures import Use, keep_picture
from contest_service.store.contests import Contest
from web import hostile
from web.conftest import Visit
from web.signed_in import sign_in
from web.visits import SCREENSHOTS

PAGES = {
    "prizes": "/edit/prizes",
    "texts": "/edit/texts",
    "practice": "/edit/practice",
    "start": "/edit/start",
    "again": "/again",
}
PARTICULARS = {"legal_name": "The pottery, Ltd.", "countries": ["RU"], "minimum_age": 18}


async def pictured(stage: Stage) -> Contest:
    """A draft with two prizes, of which one has a picture and a worth that laws speak of."""
    actor = system(await stage.workspace(), "test")
    data = hostile.picture("JPEG", size=(800, 600))
    kept = await keep_picture(stage.rt, actor, data, use=Use.PRIZE)
    mug = {
        "id": "mug",
        "prize": "A blue mug, made by hand",
        "winners": 3,
        "value": {"amount": 1_500_000, "currency": "RUB"},
        "picture": {"sha256": kept.digest.hex(), "text": "A blue mug"},
    }
    cup = {"id": "cup", "prize": "A cup", "winners": 10}
    return await stage.draft(
        title="A mug for the patient",
        draws=[{"tiers": [mug, cup]}],
        particulars=PARTICULARS,
        claim_within=86400,
    )


@pytest.fixture
async def cookies(stage: Stage) -> tuple[dict[str, str], ...]:
    return ({"name": "session", "value": await sign_in(stage)},)


async def test_making_a_contest_is_for_everybody(visit: Visit, stage: Stage, cookies: Any) -> None:
    contest = await pictured(stage)
    home = f"/w/{contest.workspace_id}"
    body = {"name": "A mug a week", "contest": str(contest.id)}
    template = (await stage.owner.post("/v1/templates", json=body)).json()["id"]
    pages = {name: f"{home}/contests/{contest.id}{rest}" for name, rest in PAGES.items()}
    pages |= {"templates": f"{home}/templates", "template": f"{home}/templates/{template}"}
    for phone, dark, language in ((True, True, "ru"), (False, False, "en")):
        seen = await visit(home, phone=phone, dark=dark, language=language, cookies=cookies)
        for name, path in pages.items():
            answer = await seen.go(path)
            assert answer.ok, await seen.text()
            await seen.shot(f"making-{name}")
            assert await seen.axe() == [], name
            assert not await seen.overflows(), name


async def test_what_is_typed_is_counted_and_shown_as_it_will_look(
    visit: Visit, stage: Stage, cookies: Any
) -> None:
    contest = await pictured(stage)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    seen = await visit(f"{root}/texts", cookies=cookies)
    await seen.page.fill("[name=title]", "Cups 🎁")
    assert await seen.page.inner_text("[name=title] + .count") == "6 / 200"
    message = seen.page.locator("#ahead").get_by_text("Contest: Cups 🎁").first
    await message.wait_for(state="attached")
    async with stage.rt.pool.acquire() as conn:
        kept = await conn.fetchval("SELECT title FROM contests WHERE id = $1", contest.id)
    assert kept == "A mug for the patient"


async def test_a_prize_is_shown_with_its_picture_to_everybody(visit: Visit, stage: Stage) -> None:
    contest = await stage.start(await pictured(stage))
    seen = await visit(f"/contests/{contest.id}", phone=True)
    picture = seen.page.get_by_alt_text("A blue mug")
    await picture.scroll_into_view_if_needed()
    await seen.page.wait_for_function("[...document.images].every(each => each.naturalWidth)")
    await seen.shot("making-public")
    assert await seen.axe() == []
    assert not await seen.overflows()


@pytest.mark.parametrize(
    ("shape", "is_shown"), [("story", True), ("square", True), ("wide", False)]
)
async def test_a_card_shows_a_prize_where_it_has_room(
    stage: Stage, shape: str, is_shown: bool
) -> None:
    contest = await stage.start(await pictured(stage))
    answer = await stage.owner.get(f"/contests/{contest.id}/card/{shape}.png")
    card = Image.open(io.BytesIO(answer.content)).convert("RGB")
    colours: Any = card.getcolors(2**24)
    red = sum(count for count, (r, g, b) in colours if r > 200 > 60 > max(g, b))
    assert (red > 10_000) is is_shown
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    card.save(SCREENSHOTS / f"making-card-{shape}.png")
