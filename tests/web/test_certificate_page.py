"""`/contests/{id}/certificate` and the cards of a result."""

import io
import re
from pathlib import Path

import httpx
import pytest
from api.staged import Stage
from PIL import Image

from contest_service.web.card import SIZES, Shape
from contest_service.web.qr import qr_of
from web.conftest import Visit
from web.test_contest_page import check_looks
from web.test_draw_page import NAMES, drawn, listed
from web.visits import SCREENSHOTS

pytestmark = pytest.mark.xdist_group("chromium")


async def disqualify_first(stage: Stage, contest_id: str) -> None:
    async with stage.rt.pool.acquire() as conn:
        line = await conn.fetchval(
            "SELECT line FROM events WHERE contest_id = $1 AND type = 'result'", contest_id
        )
        commitment = line.decode().partition('"commit":"')[2][:64]
        entry = await conn.fetchval(
            "SELECT entrant_id FROM openings WHERE commitment = $1", bytes.fromhex(commitment)
        )
    await stage.disqualify(contest_id, str(entry), reason="declined")


async def test_it_tells_everything_with_every_succession(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    await disqualify_first(stage, str(contest.id))
    seen = await check_looks(visit, f"/contests/{contest.id}/certificate", "certificate")
    text = await seen.text()
    assert "Prizes that changed hands" in text
    assert "the prize was declined" in text
    assert "in the place of" in text
    assert "proves nothing about chance" in text
    assert await seen.page.locator("circle.dot-successor").count() >= 1
    assert await seen.page.locator("circle.dot-out").count() >= 1
    await seen.page.emulate_media(media="print")
    pdf = await seen.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) in (1, 2)
    await seen.shot("certificate-print")
    seen = await visit(f"/contests/{contest.id}/draw")
    await seen.page.wait_for_selector('[data-said="agrees"]')
    await seen.shot("draw-succession")


async def test_there_is_none_before_the_draw(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.freeze(await listed(stage, *NAMES))
    for path in ("certificate", "card/wide.png"):
        assert (await api.get(f"/contests/{contest.id}/{path}")).status_code == 404


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_cards_have_the_sizes_that_posts_and_stories_want(
    api: httpx.AsyncClient, stage: Stage, language: str
) -> None:
    names = ("Анна Щербакова", "😀", "Zoë \U0001f389 Kraft", *NAMES)
    contest = await drawn(
        stage, *names, winners=9, title="Кружка ручной работы и ещё кое-что для самых терпеливых"
    )
    for shape, size in SIZES.items():
        address = f"/contests/{contest.id}/card/{shape}.png?lang={language}"
        answer = await api.get(address)
        assert answer.headers["content-type"] == "image/png"
        picture = Image.open(io.BytesIO(answer.content))
        assert picture.size == size
        keep(f"card-{shape}-{language}.png", answer.content)
        tag = {"If-None-Match": answer.headers["etag"]}
        assert (await api.get(address, headers=tag)).status_code == 304
        assert (await api.get(address)).content == answer.content
    assert (await api.get(f"/contests/{contest.id}/card/tall.png")).status_code == 404


async def test_links_show_the_card(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    for path in ("", "/draw", "/certificate"):
        page = await api.get(f"/contests/{contest.id}{path}")
        assert f"/contests/{contest.id}/card/{Shape.WIDE}.png" in page.text
        assert 'property="og:image"' in page.text


def test_a_qr_code_is_a_square_with_a_quiet_zone() -> None:
    code = qr_of("https://contest.test/contests/1/certificate")
    assert all(len(row) == code.size for row in code.rows)
    assert not any(any(row) for row in (*code.rows[:4], *code.rows[-4:]))
    assert code.path.count("M") == sum(map(sum, code.rows))


def keep(name: str, data: bytes) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    Path(SCREENSHOTS, name).write_bytes(data)
