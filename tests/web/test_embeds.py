"""What others put into their pages: the widget, and what oEmbed and Open Graph say of a contest."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest
from api.staged import Stage
from PIL import Image

from contest_service.settings import Settings
from contest_service.store.contests import Contest
from web.conftest import Visit
from web.signed_in import sign_in
from web.test_certificate_page import keep
from web.test_contest_page import running
from web.test_draw_page import NAMES, drawn, listed


def embedded(contest: Contest, query: str = "") -> str:
    return f"/embed/contests/{contest.id}{query}"


async def test_the_widget_counts_down_and_then_names_the_winners(
    visit: Visit, stage: Stage
) -> None:
    contest = await listed(stage, *NAMES, title="A mug for the patient")
    seen = await visit(embedded(contest), phone=True)
    assert await seen.axe() == []
    text = await seen.text("body")
    assert "left to take part" in text
    assert "Meet all conditions: 12" in text.replace("\n", " ")
    await seen.shot("embed-open")
    plain = await visit(embedded(contest, "?theme=dark&lang=ru"), scripts=False)
    assert "min" not in await plain.text(".countdown")
    assert "мин" in await plain.text(".countdown")
    assert await background(plain) == "rgb(28, 34, 38)"
    await plain.shot("embed-open-dark")
    contest = await stage.draw(await stage.freeze(contest))
    for query, dark in (("", False), ("?theme=light", True)):
        seen = await visit(embedded(contest, query), dark=dark)
        assert await background(seen) == "rgb(255, 255, 255)"
        assert await seen.page.locator(".seats li").count() == 3
        assert await seen.axe() == []
    assert await seen.page.get_attribute("text=Check the draw", "href")
    await seen.shot("embed-drawn")


async def background(seen: Any) -> str:
    colour: str = await seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


async def test_the_widget_fits_every_place(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES, title="Кружка ручной работы для самых терпеливых")
    seen = await visit(embedded(contest, "?lang=ru"))
    for width, height in ((160, 160), (300, 250), (480, 320), (970, 250)):
        await seen.page.set_viewport_size({"width": width, "height": height})
        assert not await seen.overflows()
        await seen.shot(f"embed-{width}x{height}")


async def test_others_may_frame_the_widget_and_nothing_else(
    visit: Visit, api: httpx.AsyncClient, stage: Stage, settings: Settings
) -> None:
    contest = await drawn(stage, *NAMES)
    widget = await api.get(embedded(contest, "?lang=ru"))
    assert "frame-ancestors *" in widget.headers["content-security-policy"]
    assert "x-frame-options" not in widget.headers
    assert "set-cookie" not in widget.headers
    assert widget.headers["cache-control"] == "public, max-age=15"
    assert "Победители" in widget.text
    for path in (f"/contests/{contest.id}", f"/organisers/{contest.workspace_id}"):
        page = await api.get(path)
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
    frames = "".join(
        f'<iframe src="{settings.public_url}{path}"></iframe>'
        for path in (embedded(contest), f"/contests/{contest.id}")
    )
    async with elsewhere(f"<!doctype html><title>A blog</title>{frames}") as blog:
        seen = await visit("/contests/none")
        await seen.page.goto(blog, wait_until="commit")
        shown = seen.page.frame_locator("iframe >> nth=0")
        await shown.locator(".seats li").first.wait_for()
        while not seen.complaints:  # noqa: ASYNC110 # nobody is told
            await asyncio.sleep(0.05)
    assert "violates" in (refused := seen.complaints.pop())
    assert "frame-ancestors 'none'" in refused
    assert seen.page.frames[2].url.startswith("chrome-error:")
    assert seen.complaints == []


@asynccontextmanager
async def elsewhere(page: str) -> AsyncIterator[str]:
    """A site of somebody else that has one page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}{page}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_a_draft_and_a_stranger_s_id_have_no_widget(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    draft = await stage.draft()
    for id_ in (draft.id, uuid4()):
        assert (await api.get(f"/embed/contests/{id_}")).status_code == 404


@pytest.mark.parametrize("status", ["cancelled", "void"])
async def test_the_widget_of_an_ended_contest_says_so(
    api: httpx.AsyncClient, stage: Stage, status: str
) -> None:
    contest = await listed(stage, *NAMES)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE contests SET status = $2 WHERE id = $1", contest.id, status)
    page = await api.get(embedded(contest))
    assert "What happened" in page.text
    assert "data-again" not in page.text


# oEmbed ------------------------------------------------------------------------------------------


async def asked(api: httpx.AsyncClient, url: str, **query: str) -> httpx.Response:
    return await api.get("/oembed", params={"url": url, **query})


async def test_oembed_tells_how_to_embed_a_contest(
    api: httpx.AsyncClient, stage: Stage, settings: Settings
) -> None:
    contest = await listed(stage, *NAMES, title='A "mug" & more')
    site = settings.public_url
    address = f"{site}/contests/{contest.id}"
    for url in (address, f"{address}/certificate?entry=1", f"{address}/draw#line"):
        answer = await asked(api, url, format="json", unknown="x")
        assert answer.status_code == 200
        told = answer.json()
        assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", 'A "mug" & more')
        assert f'src="{site}/embed/contests/{contest.id}?lang=en"' in told["html"]
        assert 'title="A &quot;mug&quot; &amp; more"' in told["html"]
        assert told["author_url"] == f"{site}/organisers/{contest.workspace_id}"
        assert told["thumbnail_width"] == 1200
    small = (await asked(api, address, maxwidth="300", maxheight="200")).json()
    assert (small["width"], small["height"]) == (300, 200)
    assert 'width="300" height="200"' in small["html"]
    assert "thumbnail_url" not in small
    known = {"If-None-Match": answer.headers["etag"]}
    again = await api.get("/oembed", params={"url": address}, headers=known)
    assert again.status_code == 304


async def test_oembed_refuses_what_it_does_not_know(
    api: httpx.AsyncClient, stage: Stage, settings: Settings
) -> None:
    draft, site = await stage.draft(), settings.public_url
    for url in (
        "",
        "https://elsewhere.test/contests/" + str(draft.id),
        f"{site}/contests/{draft.id}",
        f"{site}/contests/{uuid4()}",
        f"{site}/contests/{'-' * 36}",
        f"{site}/organisers/{draft.workspace_id}",
        f"{site}.evil.test/contests/{draft.id}",
    ):
        answer = await asked(api, url)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store"), url
    assert (await asked(api, f"{site}/contests/{draft.id}", format="xml")).status_code == 501


# Links to our pages ------------------------------------------------------------------------------


async def test_pages_lead_to_their_picture_and_to_oembed(
    api: httpx.AsyncClient, stage: Stage, settings: Settings
) -> None:
    contest = await running(stage)
    site = settings.public_url
    cards = [f"/contests/{contest.id}", f"/organisers/{contest.workspace_id}"]
    for path in cards:
        page = await api.get(path)
        picture = f'content="{site}{path}/card/wide.png?lang=en"'
        assert picture in page.text
        card = await api.get(f"{path}/card/wide.png?lang=ru")
        assert Image.open(io.BytesIO(card.content)).size == (1200, 630)
        keep(f"card-of-{path.split('/')[1]}.png", card.content)
        known = {"If-None-Match": card.headers["etag"]}
        assert (await api.get(f"{path}/card/wide.png?lang=ru", headers=known)).status_code == 304
    contest = await stage.draw(await stage.freeze(contest))
    for path in (f"/contests/{contest.id}", f"/contests/{contest.id}/certificate"):
        page = await api.get(path)
        (link,) = re.findall(r'type="application/json\+oembed" href="([^"]+)"', page.text)
        assert (await api.get(unescape(link).removeprefix(site))).json()["type"] == "rich"
        assert (
            await api.get(f"{path.removesuffix('/certificate')}/card/tall.png")
        ).status_code == 404


# For the organiser -------------------------------------------------------------------------------


async def test_the_organiser_copies_the_code_and_sees_how_it_looks(
    visit: Visit, stage: Stage, settings: Settings
) -> None:
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    draft = await stage.draft()
    path = f"/w/{draft.workspace_id}/contests/{draft.id}/share"
    seen = await visit(path, cookies=cookies)
    assert "Nothing is public yet" in await seen.text()
    contest = await stage.start(draft)
    await stage.judged(contest, "ann")
    for phone, dark, language in ((True, True, "ru"), (False, False, "en")):
        seen = await visit(path, cookies=cookies, phone=phone, dark=dark, language=language)
        await seen.page.frame_locator("iframe.widget").locator("h1").wait_for()
        assert await seen.axe() == []
        assert not await seen.overflows()
        await seen.shot("share")
    await seen.page.select_option("#field-theme", "dark")
    await seen.page.select_option("#field-language", "ru")
    await seen.page.click("button:has-text('Show')")
    code = await seen.page.input_value("#code")
    assert f"{settings.public_url}/embed/contests/{contest.id}?lang=ru&amp;theme=dark" in code
