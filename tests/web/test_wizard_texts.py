"""Step 5 by HTTP: texts and particulars, how they will look, and what the linter says."""

from typing import Any
from uuid import UUID

import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.accounts import Platform
from contest_service.domain.people import Role
from contest_service.platforms.registry import press
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in

TYPED = {
    "title": "A mug for you",
    "organiser": "The pottery",
    "language": "en",
    "naming": "1",
}


class Texts:
    """Somebody's form of the texts of a draft."""

    def __init__(self, desk: Desk, connection: Connection, contest: UUID, root: str) -> None:
        self.desk = desk
        self.connection = connection
        self.contest = contest
        self.path = f"{root}/texts"

    async def send(self, **fields: str) -> None:
        typed: dict[str, Any] = {"revision": self.desk.hidden("revision"), **TYPED, **fields}
        await self.desk.send(self.path, **typed)

    async def definition(self) -> Any:
        return await self.connection.fetchval(
            "SELECT definition FROM contests WHERE id = $1", self.contest
        )


@pytest.fixture
async def texts(app: Litestar, connection: Connection, stage: Stage) -> Texts:
    contest = await stage.draft()
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    await desk.open(f"{root}/texts")
    assert desk.page.status_code == 200, desk.text
    return Texts(desk, connection, contest.id, root)


async def test_texts_and_particulars_are_kept(texts: Texts) -> None:
    await texts.send(
        naming="",
        language="ru",
        notes_en="By mail.\n\n\n  To the EU only.\nNo sizes. \n",
        notes_ru=" ",
        legal_name="The pottery, Ltd.",
        inn="7707083893",
        countries="Russia; kz, Белоруссия\nДания",
        minimum_age="18",
        taxes="organiser",
        site="https://pottery.example",
        go="next",
    )
    assert texts.desk.here.endswith("/edit/practice"), texts.desk.text
    kept = await texts.definition()
    assert (kept["title"], kept["naming"], kept["language"]) == ("A mug for you", False, "ru")
    assert kept["notes"] == {"en": ["By mail.", "To the EU only.\nNo sizes."]}
    told = {name: value for name, value in kept["particulars"].items() if value}
    assert told == {
        "legal_name": "The pottery, Ltd.",
        "inn": "7707083893",
        "countries": ["RU", "KZ", "BY", "DK"],
        "minimum_age": 18,
        "taxes": "organiser",
        "site": "https://pottery.example",
    }
    await texts.desk.open(texts.path, headers={"Accept-Language": "ru"})
    assert 'value="Россия, Казахстан, Беларусь, Дания"' in texts.desk.page.text
    await texts.send(language="ru")
    assert (await texts.definition())["particulars"] is None


async def test_all_faults_stand_beside_their_fields(texts: Texts) -> None:
    before = await texts.definition()
    await texts.send(title=" ", countries="Narnia, RU", minimum_age="old")
    page = texts.desk.page
    assert page.status_code == 422
    for field in ("minimum_age",):
        assert f'id="field-{field}-fault-1"' in page.text
    await texts.send(title="x" * 201, inn="123", site="nowhere", notes_ru="y" * 2001)
    for field in ("title", "inn", "site", "notes_ru"):
        assert f'id="field-{field}-fault-1"' in texts.desk.page.text, field
    assert 'value="123"' in texts.desk.page.text
    await texts.send(countries="Narnia, RU")
    assert "“Narnia” is no country that we know." in texts.desk.text
    assert await texts.definition() == before


async def test_every_text_is_shown_as_it_will_look_with_the_limit_counted(texts: Texts) -> None:
    shown = texts.desk.text
    most = press(Platform.BLUESKY).most
    for word in ("Winners:", "You have won:", "The list is fixed:", "The rules have changed"):
        assert word in shown
    assert f"of {most} characters" in shown
    assert "shortened, the page" not in shown
    before = await texts.definition()
    await texts.send(title="Long " * 20, organiser="The most generous pottery " * 7, do="look")
    assert texts.desk.page.status_code == 200
    assert "not saved yet" in texts.desk.text
    assert "The most generous pottery" in texts.desk.text
    assert "shortened, the page" in texts.desk.text
    assert await texts.definition() == before
    await texts.desk.open(f"{texts.path}?texts=ru")
    assert "Победители:" in texts.desk.text
    assert "for comparison only" in texts.desk.text


async def test_the_linter_says_what_with_its_source_and_the_way_out(texts: Texts) -> None:
    await texts.send(countries="Russia", do="look")
    assert "zakonbase.ru" in texts.desk.text
    assert "second-hand" in texts.desk.text
    assert "They keep nobody from starting." in texts.desk.text
    await texts.desk.open(texts.path, headers={"Accept-Language": "ru"})
    assert "юридическая консультация" in texts.desk.text
