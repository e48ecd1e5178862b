"""Forms: read into Structs, with all faults at once beside their fields, keeping what was typed."""

import enum
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, post

from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault, InvalidError
from contest_service.web.fault_words import take_faults
from contest_service.web.forms import blank, read_form
from contest_service.web.language import words_in

Short = Annotated[str, msgspec.Meta(max_length=5)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Colour(enum.StrEnum):
    RED = "red"


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    name: Short
    count: Count
    colour: Colour = Colour.RED
    is_public: bool = False
    tags: list[str] = []
    note: str | None = None
    at: datetime | None = None
    id: UUID | None = None


@post("/")
async def fill(request: Request[Any, Any, Any]) -> dict[str, Any]:
    form = await read_form(request, Filled)
    return {
        "faults": form.faults,
        "filled": msgspec.to_builtins(form.filled),
        "typed": dict(form.typed),
        "files": {name: each.filename for name, each in form.files.items()},
    }


async def send(language: str = "en", **options: Any) -> dict[str, Any]:
    transport = httpx.ASGITransport(Litestar([fill]))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post("/", headers={"Accept-Language": language}, **options)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_form_becomes_a_struct() -> None:
    data = {
        "name": "Ann",
        "count": " 7 ",
        "is_public": "1",
        "tags": ["a", "", "b"],
        "note": "x\r\ny",
    }
    found = await send(data=data)
    assert found["faults"] == {}
    assert found["filled"] == {
        "name": "Ann",
        "count": 7,
        "colour": "red",
        "is_public": True,
        "tags": ["a", "b"],
        "note": "x\ny",
        "at": None,
        "id": None,
    }


async def test_all_faults_are_told_at_once_and_what_was_typed_is_kept() -> None:
    typed = {"name": "Annabel", "count": "1001", "colour": "blue", "at": "soon", "id": "x"}
    found = await send(data=typed)
    assert found["filled"] is None
    assert found["typed"] == {name: [value] for name, value in typed.items()}
    assert found["faults"] == {
        "name": ["Write at most 5 characters."],
        "count": ["Give a whole number from 1 to 1\u202f000."],
        "colour": ["Choose one that is offered."],
        "at": ["Give a date and a time."],
        "id": ["Choose one that is offered."],
    }


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_is_missing_is_said_in_the_visitor_s_language(language: str) -> None:
    found = await send(language, data={"name": "", "note": "a\0"})
    said = {"en": "Fill this in.", "ru": "Заполните это поле."}[language]
    assert found["faults"]["name"] == found["faults"]["count"] == [said]
    assert len(found["faults"]["note"]) == 1


async def test_files_are_apart() -> None:
    found = await send(
        data={"name": "Ann", "count": "1"}, files={"picture": ("a.png", b"x", "image/png")}
    )
    assert found["files"] == {"picture": "a.png"}
    assert found["filled"]["name"] == "Ann"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", b"\xff"),
        ("utf-16", b"x"),
        ("nope", b"x"),
        ("hex", b"00"),
        ("idna", b"xn--\xff"),
        ("utf-7", b"+2AA-"),
    ],
)
async def test_what_is_no_text_is_refused(charset: str, text: bytes) -> None:
    head = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Type: text/plain; charset='
    )
    body = head + charset.encode() + b"\r\n\r\n" + text + b"\r\n--x--\r\n"
    transport = httpx.ASGITransport(Litestar([fill]), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post("/", content=body, headers=kind)
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


def test_a_flow_s_faults_stand_beside_their_fields_or_on_top() -> None:
    form = blank(name="Ann", tags=["a"])
    faults = [
        Fault(pointer="/name", detail="is taken"),
        Fault(pointer="/tags/0", detail="is odd"),
        Fault(pointer="/else", detail="is missing"),
    ]
    take_faults(form, InvalidError(faults), words_in(Language.ENGLISH))
    assert form.faults == {
        "name": ["Is taken."],
        "tags": ["Is odd."],
        "": ["/else: Is missing."],
    }
    assert (form.value("name"), form.value("gone", "x"), form.has("tags", "a")) == (
        "Ann",
        "x",
        True,
    )
