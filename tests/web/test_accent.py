"""A workspace's own colour and logo: what can be read is taken, and shown wherever it should be."""

import re
from importlib import resources
from uuid import UUID

import pytest
from api.staged import Stage
from hypothesis import given
from hypothesis import strategies as some
from litestar import Litestar

from contest_service.domain import accent
from contest_service.domain.people import Role
from contest_service.store.rows import Connection
from web import hostile
from web.conftest import Visit
from web.desks import Desk, person, signed_in
from web.test_pictures import SVG

PALE, FITTING = "#ffd800", "#8c1a4b"
colours = some.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours)
def test_every_colour_has_a_nearest_one_that_can_be_read_on_light_and_dark(colour: str) -> None:
    fitting = accent.nearest(colour)
    shades = accent.shades(fitting)
    assert accent.fits(fitting)
    assert (fitting == colour) is accent.fits(colour)
    for shade in (shades.light, shades.dark):
        assert shade.contrast >= accent.LEAST
        assert accent.contrast(shade.on, shade.accent) >= accent.LEAST


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#1f5f8b", "#1f5f8b", 1.0)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, expected: float) -> None:
    assert accent.contrast(one, other) == pytest.approx(expected, abs=0.01)


def test_colours_are_read_as_people_write_them() -> None:
    assert accent.parse(" 1F5F8B ") == accent.parse("#1f5f8b") == "#1f5f8b"
    assert accent.parse("#AbC") == "#aabbcc"
    for none in ("", "red", "#12", "#1234567", "#ggg", "url(x)", "#1f5f8b;}"):
        assert accent.parse(none) is None


def test_the_backgrounds_are_those_of_the_pages() -> None:
    styles = resources.files("contest_service.web").joinpath("browser", "styles")
    for name, ground, card in (
        ("_light.css", accent.PAPER, accent.CARD),
        ("_dark.css", accent.DARK_PAPER, accent.DARK_CARD),
    ):
        text = styles.joinpath(name).read_text()
        assert f"--paper: {ground};" in text
        assert f"--card: {card};" in text
    assert f"--accent: {accent.DEFAULT};" in styles.joinpath("_light.css").read_text()


@pytest.fixture
async def place(stage: Stage) -> UUID:
    return await stage.workspace()


@pytest.fixture
async def desk(app: Litestar, connection: Connection, place: UUID) -> Desk:
    """An owner's browser."""
    ann = await person(connection, place, Role.OWNER, name="Ann")
    return await signed_in(app, connection, ann)


async def send_logo(desk: Desk, place: UUID, data: bytes, name: str = "logo.png") -> None:
    await desk.open(f"/w/{place}/settings")
    form = {"csrf": desk.hidden(), "once": desk.hidden("once")}
    desk.page = await desk.client.post(
        f"/w/{place}/settings/logo",
        data=form,
        files={"logo": (name, data)} if name else {"logo": ("", b"")},
        follow_redirects=True,
    )


async def test_a_colour_is_checked_and_the_nearest_that_can_be_read_is_offered(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    path = f"/w/{place}/settings"
    await desk.open(path)
    assert "The usual colour is used." in desk.text
    for wrong, said in (("red", "This is no colour."), ("", "This is no colour.")):
        await desk.send(f"{path}/accent", accent=wrong)
        assert desk.page.status_code == 422
        assert said in desk.text
    await desk.send(f"{path}/accent", accent=PALE)
    assert desk.page.status_code == 422
    assert "too pale" in desk.text
    offered = re.search(r'name="accent" value="(#[0-9a-f]{6})"', desk.page.text)
    assert offered
    assert offered[1] == accent.nearest(PALE)
    assert f'value="{PALE}"' in desk.page.text
    await desk.send(f"{path}/accent", accent=offered[1])
    assert "Saved." in desk.text
    assert await connection.fetchval("SELECT accent FROM workspaces") == offered[1]
    sheet = re.search(r'href="(/accents/[^"]+)"', desk.page.text)
    assert sheet
    answer = await desk.client.get(sheet[1])
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert f"--accent: {offered[1]};" in answer.text
    for other in (sheet[1].replace(".css", "0.css"), "/accents/none", "/accents/1f5f8b-0.css"):
        assert (await desk.client.get(other)).status_code == 404
    await desk.open(path)
    await desk.send(f"{path}/accent", usual="1")
    assert "/accents/" not in desk.page.text
    assert await connection.fetchval("SELECT accent FROM workspaces") is None
    actions = await connection.fetch("SELECT action FROM audit_log WHERE action LIKE '%accent%'")
    assert len(actions) == 2


async def test_a_logo_is_made_anew_and_what_is_none_is_refused_beside_its_field(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    for data, name, said in (
        (SVG, "logo.svg", "save it as PNG"),
        (hostile.bomb(), "logo.png", "more than 40 million pixels"),
        (hostile.picture() + bytes(10 * 1024 * 1024), "logo.png", "more than 10 MB"),
        (b"", "", "Choose a picture first."),
    ):
        await send_logo(desk, place, data, name)
        assert desk.page.status_code == 422, name
        assert said in desk.text
        assert 'id="field-logo-fault-1"' in desk.page.text
    await send_logo(desk, place, bytes(13 * 1024 * 1024))
    assert desk.page.status_code == 413
    assert "Send a smaller file" in desk.text
    assert await connection.fetchval("SELECT logo FROM workspaces") is None
    await send_logo(desk, place, hostile.told())
    assert "Saved." in desk.text
    digest = (await connection.fetchval("SELECT logo FROM workspaces")).hex()
    assert f'src="/pictures/{digest}"' in desk.page.text
    assert b"EXIF" not in (await desk.client.get(f"/pictures/{digest}")).content
    await desk.send(f"/w/{place}/settings/logo/remove")
    assert digest not in desk.page.text


async def test_only_owners_change_how_the_pages_look(
    app: Litestar, connection: Connection, place: UUID
) -> None:
    bob = await person(connection, place, Role.EDITOR, name="Bob")
    desk = await signed_in(app, connection, bob)
    await desk.open(f"/w/{place}/settings")
    assert "Accent colour" not in desk.text
    await desk.open("/me")
    csrf = desk.hidden()
    for path in ("accent", "logo", "logo/remove"):
        answer = await desk.send(f"/w/{place}/settings/{path}", csrf=csrf, once="", accent=FITTING)
        assert answer.status_code == 403


async def test_everybody_sees_the_colour_and_the_logo(
    visit: Visit, stage: Stage, desk: Desk, place: UUID
) -> None:
    contest = await stage.start(await stage.draft(title="A mug for the patient"))
    card = f"/contests/{contest.id}/card/square.png"
    usual = await desk.client.get(card)
    await desk.open(f"/w/{place}/settings")
    await desk.send(f"/w/{place}/settings/accent", accent=FITTING)
    await send_logo(desk, place, hostile.picture(size=(300, 100)))
    own = await desk.client.get(card)
    assert own.status_code == 200
    assert own.content != usual.content
    cookies = ({"name": "session", "value": desk.client.cookies["session"]},)
    shades = accent.shades(FITTING)
    for phone, dark, shade in ((True, True, shades.dark), (False, False, shades.light)):
        seen = await visit(f"/w/{place}/settings", phone=phone, dark=dark, cookies=cookies)
        await seen.shot("settings-look")
        assert await seen.axe() == []
        await seen.page.get_by_label("Accent colour").fill(PALE)
        await seen.page.get_by_role("button", name="Use this colour").click()
        await seen.page.get_by_role("button", name=f"Take {accent.nearest(PALE)}").wait_for()
        await seen.shot("settings-look-refused")
        assert await seen.axe() == []
        assert not await seen.overflows()
        await seen.go(f"/contests/{contest.id}")
        await seen.shot("contest-look")
        assert await seen.axe() == []
        used = await seen.page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
        )
        assert used == shade.accent
        assert await seen.page.locator(".brand img.logo").count() == 1
