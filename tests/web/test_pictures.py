"""Uploaded pictures: made anew in a program of its own, or refused with a way out."""

import io
from collections.abc import Callable

import httpx
import pytest
from api.staged import Stage
from PIL import Image

from contest_service.domain.errors import InvalidError
from contest_service.domain.people import Actor, system
from contest_service.flows import pictures as flow
from contest_service.flows.pictures import FAULTS, Use, keep_picture
from contest_service.picture_program import MOST_BYTES, PictureFaultError, make_anew
from contest_service.store.pictures import Picture
from contest_service.store.rows import Connection
from web import hostile

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def actor(stage: Stage) -> Actor:
    return system(await stage.workspace(), "test")


async def sent(stage: Stage, data: bytes, use: Use = Use.PRIZE) -> Picture:
    return await keep_picture(stage.rt, await actor(stage), data, use=use)


def made(data: bytes, edge: int = 1600) -> Image.Image:
    return Image.open(io.BytesIO(make_anew(data, edge)[1]))


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_kept_and_served_for_ever(
    api: httpx.AsyncClient, stage: Stage, format_: str
) -> None:
    kept = await sent(stage, hostile.picture(format_))
    answer = await api.get(f"/pictures/{kept.digest.hex()}")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48) == (kept.width, kept.height)
    assert await sent(stage, hostile.picture(format_)) == kept


async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient) -> None:
    for name in ("0" * 64, "none", "Z" * 64, "0" * 63):
        assert (await api.get(f"/pictures/{name}")).status_code == 404


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "decompression bomb": (hostile.bomb, "too_many_pixels"),
    "one side without end": (lambda: hostile.bomb(2**31 - 1, 16), "too_many_pixels"),
    "truncated": (lambda: hostile.picture("JPEG", size=(400, 400))[:700], "not_readable"),
    "header alone": (lambda: hostile.picture()[:30], "not_readable"),
    "vector": (lambda: SVG, "vector"),
    "vector after a declaration": (lambda: b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG, "vector"),
    "animation of another format": (lambda: hostile.animated("GIF"), "not_a_picture"),
    "TIFF": (lambda: hostile.picture("TIFF"), "not_a_picture"),
    "page": (lambda: b"<!doctype html><script>alert(1)</script>", "not_a_picture"),
    "empty": (lambda: b"", "not_a_picture"),
    "too many bytes": (lambda: hostile.picture() + bytes(MOST_BYTES), "too_large"),
    "too small to see": (lambda: hostile.picture(size=(4, 4)), "too_small"),
    "text that becomes 256 MB": (hostile.text_bomb, "not_readable"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_file_is_refused_with_a_way_out(stage: Stage, name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(InvalidError) as refused:
        await sent(stage, make())
    assert [fault.detail for fault in refused.value.faults] == [FAULTS[code]]


def test_metadata_goes_and_its_turn_stays() -> None:
    told = hostile.told()
    assert b"Written by somebody" in told
    facts, data = make_anew(told, 1600)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (48, 64) == (facts["width"], facts["height"])
    assert not picture.getexif()
    assert not picture.info.keys() & {"exif", "xmp", "icc_profile", "comment"}
    assert not {b"Written by somebody", b"A comment", b"EXIF"} & {
        each for each in (b"Written by somebody", b"A comment", b"EXIF") if each in data
    }
    red, _, blue = picture.convert("RGB").getpixel((24, 5))
    assert red > 180 > blue, "the left half is on top after the turn"


def test_a_page_within_a_picture_goes() -> None:
    assert b"<script>" not in make_anew(hostile.polyglot(), 1600)[1]


def test_of_an_animation_the_first_frame_stays() -> None:
    picture = made(hostile.animated())
    assert getattr(picture, "n_frames", 1) == 1
    red, green, _ = picture.convert("RGB").getpixel((16, 16))
    assert red > 180 > green


@pytest.mark.parametrize(
    ("format_", "mode", "expected"),
    [
        ("JPEG", "CMYK", "RGB"),
        ("PNG", "I;16", "RGB"),
        ("PNG", "L", "RGB"),
        ("PNG", "RGBA", "RGBA"),
    ],
)
def test_every_kind_of_colour_becomes_what_browsers_show(
    format_: str, mode: str, expected: str
) -> None:
    picture = made(hostile.picture(format_, mode=mode))
    assert picture.mode == expected
    left, right = (picture.convert("RGB").getpixel((x, 24)) for x in (10, 54))
    assert left[0] > 150
    if mode != "CMYK":
        assert right[0] < 60


@pytest.mark.parametrize(("use", "size"), [(Use.PRIZE, (1600, 800)), (Use.LOGO, (512, 256))])
async def test_no_side_is_longer_than_its_use_needs(
    stage: Stage, use: Use, size: tuple[int, int]
) -> None:
    kept = await sent(stage, hostile.picture("JPEG", size=(4000, 2000)), use)
    assert (kept.width, kept.height) == size


def test_every_fault_has_a_way_out() -> None:
    for make, code in REFUSED.values():
        with pytest.raises(PictureFaultError, match=f"^{code}$"):
            make_anew(make(), 1600)


async def test_where_there_are_too_many_those_go_that_nothing_shows(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST_KEPT", 3)
    shown, logo, forgotten = [
        await sent(stage, hostile.picture(size=(64, 48 + number))) for number in range(3)
    ]
    picture = {"sha256": shown.digest.hex(), "text": "A mug"}
    tier = {"id": "mug", "prize": "A mug", "winners": 1, "picture": picture}
    await stage.draft(draws=[{"tiers": [tier]}])
    await connection.execute("UPDATE workspaces SET logo = $1", logo.digest)
    with pytest.raises(InvalidError, match="all are in use"):
        await sent(stage, hostile.picture(size=(64, 60)))
    await connection.execute("UPDATE pictures SET created_at = now() - interval '2 days'")
    new = await sent(stage, hostile.picture(size=(64, 60)))
    kept = {row["digest"] for row in await connection.fetch("SELECT digest FROM pictures")}
    assert kept == {shown.digest, logo.digest, new.digest}
    assert forgotten.digest not in kept
