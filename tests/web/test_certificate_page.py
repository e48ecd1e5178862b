"""`/contests/{id}/certificate` and the cards of a result."""

import asyncio
import io
import re
from pathlib import Path

import httpx
import pytest
from api.staged import Stage
from patience import PATIENCE
from PIL import Image

from contest_service.store.rows import Connection
from contest_service.web.card import SIZES, Shape
from contest_service.web.qr import qr_of
from web import real
from web.conftest import Visit
from web.looks import check_looks
from web.printed import Printed
from web.test_draw_page import NAMES, drawn, listed
from web.visits import SCREENSHOTS, Seen

WAITING = """
SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


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
    seen = await visit(f"/contests/{contest.id}/draw")
    await seen.page.wait_for_selector('[data-said="agrees"]')
    await seen.shot("draw-succession")


async def test_there_is_none_before_the_draw(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.freeze(await listed(stage, *NAMES))
    assert (await api.get(f"/contests/{contest.id}/certificate")).status_code == 404


async def test_all_of_it_is_of_one_moment(
    api: httpx.AsyncClient, stage: Stage, connection: Connection
) -> None:
    contest = await real.started(stage, await stage.community())
    contest = await real.drawn(stage, contest, *NAMES)
    path = f"/contests/{contest.id}/certificate"
    async with connection.transaction():
        # Whoever reads announcements waits until this transaction ends, with all else read.
        await connection.execute("LOCK TABLE announcements IN ACCESS EXCLUSIVE MODE")
        await connection.execute("UPDATE announcements SET published_url = 'https://example.org/2'")
        reading = asyncio.create_task(api.get(path))
        async with asyncio.timeout(PATIENCE):
            while not await connection.fetchval(WAITING):  # noqa: ASYNC110 # PostgreSQL tells nobody
                await asyncio.sleep(0.01)
    assert "https://example.org/1" in (await reading).text
    assert "https://example.org/2" in (await api.get(path)).text


async def test_of_a_real_contest_it_is_whole_on_paper_too(visit: Visit, stage: Stage) -> None:
    contest = await real.started(stage, await stage.community(), title="A mug for the patient")
    contest = await real.drawn(stage, contest, *NAMES)
    await real.replaced(stage, contest, reason="claim-expired")
    await real.seen(stage, witnesses=2)
    path = f"/contests/{contest.id}/certificate"
    seen = await check_looks(visit, path, "certificate-real")
    text = await seen.text()
    for said in (
        "A mug: from",
        "the prize was not claimed in time; by the published rules",
        "can claim until then",
        "Grade A: witnessed by several",
        "Witness witness-0.test",
        "The organiser's record",
        "UTC+03:00",
    ):
        assert said in text
    assert "Practice" not in text
    paper = await printed(seen, "certificate")
    assert paper.pages <= 2
    for said in (
        "Certificate of the draw",
        "A mug for the patient",
        "the prize was not claimed in time",
        "Grade A: witnessed by several",
        contest_root(text),
        f"/contests/{contest.id}/certificate",
    ):
        assert paper.says(said), said
    for unsaid in ("Verify in this browser", "Everything in one file", "Copy", "for you"):
        assert not paper.says(unsaid), unsaid
    seen = await visit(path, language="ru")
    paper = await printed(seen, "certificate-ru")
    assert paper.pages <= 2
    assert paper.says("приз не забран в срок")


def contest_root(text: str) -> str:
    """The hash that the certificate says first, in its groups."""
    (found,) = re.findall(r"Fingerprint of the list \(root\)\n+((?:[0-9a-f]{8}\s?){8})", text)
    return str(found)


async def printed(seen: Seen, name: str) -> Printed:
    """Print a page as the reader's browser does."""
    pdf = await seen.page.pdf(format="A4", prefer_css_page_size=True)
    keep(f"{name}.pdf", pdf)
    await seen.page.emulate_media(media="print")
    await seen.shot(f"{name}-print")
    return Printed(pdf)


async def test_an_exercise_says_so_on_every_sheet(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    seen = await visit(f"/contests/{contest.id}/certificate")
    paper = await printed(seen, "certificate-practice")
    assert paper.pages <= 2
    assert paper.text.count("Practice.") > paper.pages


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
