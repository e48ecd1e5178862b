"""Step 3 by HTTP: prizes with their worth and pictures, arranged without scripts."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.domain.prizes import MOST_TIERS
from contest_service.store.rows import Connection
from web import hostile
from web.desks import BASE, Desk, person, signed_in

LONG = "9" * 5000
"""More digits than Python makes a number of."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


class Prizes:
    """Somebody's form of the prizes of a draft."""

    def __init__(self, desk: Desk, connection: Connection, contest: UUID, root: str) -> None:
        self.desk = desk
        self.connection = connection
        self.contest = contest
        self.path = f"{root}/prizes"

    async def send(self, pictures: dict[str, bytes] | None = None, **fields: str) -> httpx.Response:
        """Send the form as the page has it, with some fields filled in anew; follow it."""
        desk = self.desk
        data = {
            **self.typed,
            "csrf": desk.hidden(),
            "once": desk.hidden("once"),
            "revision": desk.hidden("revision"),
            **{
                name.replace("_", "-") if name[-1].isdigit() else name: each
                for name, each in fields.items()
            },
        }
        files = {name: ("a.png", each, "image/png") for name, each in (pictures or {}).items()}
        desk.page = await desk.client.post(
            self.path,
            data=data,
            files=files or {"picture-0-0": ("", b"", "application/octet-stream")},
            headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
            follow_redirects=True,
        )
        return desk.page

    @property
    def typed(self) -> dict[str, str]:
        """What the page's fields hold."""
        found = {}
        for draw in range(3):
            for tier in range(4):
                place = f"{draw}-{tier}"
                for name in ("id", "kept", "prize", "winners", "value", "text"):
                    if f'name="{name}-{place}"' in self.desk.page.text:
                        found[f"{name}-{place}"] = self.desk.hidden(f"{name}-{place}")
        return found

    async def draws(self) -> Any:
        return (await self.definition())["draws"]

    async def definition(self) -> Any:
        return await self.connection.fetchval(
            "SELECT definition FROM contests WHERE id = $1", self.contest
        )


@pytest.fixture
async def prizes(app: Litestar, connection: Connection, stage: Stage) -> Prizes:
    contest = await stage.draft()
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    await desk.open(f"{root}/prizes")
    assert desk.page.status_code == 200, desk.text
    return Prizes(desk, connection, contest.id, root)


async def test_prizes_are_added_moved_and_removed_before_anything_is_saved(prizes: Prizes) -> None:
    before = await prizes.draws()
    await prizes.send(do="add:0")
    await prizes.send(prize_0_1="A cup", winners_0_1="3", do="up:0:1")
    assert "not saved yet" in prizes.desk.text
    assert [prizes.typed[f"prize-0-{tier}"] for tier in range(2)] == ["A cup", "A mug"]
    await prizes.send(do="draw")
    assert "prize-1-0" in prizes.typed
    assert await prizes.draws() == before
    await prizes.send(prize_1_0="A pot", winners_1_0="1", go="stay")
    assert prizes.desk.here.endswith("/prizes?note=saved"), prizes.desk.text
    saved = await prizes.draws()
    assert [[tier["prize"] for tier in draw["tiers"]] for draw in saved] == [
        ["A cup", "A mug"],
        ["A pot"],
    ]
    assert saved[0]["tiers"][1]["id"] == "mug"
    assert len({tier["id"] for tier in saved[0]["tiers"]}) == 2
    await prizes.send(do="remove:0:0")
    await prizes.send(do="remove:0:0")
    await prizes.send(go="next")
    assert prizes.desk.here.endswith("/edit/time")
    assert [[tier["prize"] for tier in draw["tiers"]] for draw in await prizes.draws()] == [
        ["A pot"]
    ]


async def test_what_no_button_says_changes_nothing(prizes: Prizes) -> None:
    before = prizes.typed
    orders = ("up:0:0", "down:0:9", "remove:0:0", "add:7", "up", "x:1", "up:0:-1", f"add:{LONG}")
    for order in orders:
        assert (await prizes.send(do=order)).status_code == 200
        assert prizes.typed == before, order
    for fields in ({"winners_0_0": LONG}, {"claim_within": LONG}):
        assert (await prizes.send(**fields)).status_code == 422


async def test_all_faults_stand_beside_their_fields(prizes: Prizes) -> None:
    before = await prizes.draws()
    await prizes.send(do="add:0")
    await prizes.send(prize_0_0="", winners_0_0="0", winners_0_1="many", value_0_1="much")
    page = prizes.desk.page
    assert page.status_code == 422
    for field in ("winners-0-1", "value-0-1"):
        assert f'id="field-{field}-fault-1"' in page.text, prizes.desk.text
    await prizes.send(winners_0_1="1", value_0_1="1.234", currency_0_1="RUB")
    assert 'id="field-value-0-1-fault-1"' in prizes.desk.page.text
    await prizes.send(value_0_1="1500,50", currency_0_1="RUB", prize_0_1="A cup")
    for field in ("prize-0-0", "winners-0-0"):
        assert f'id="field-{field}-fault-1"' in prizes.desk.page.text
    assert 'value="A cup"' in prizes.desk.page.text
    assert await prizes.draws() == before
    await prizes.send(prize_0_0="A mug", winners_0_0="2", currency_0_1="RUB", claim_within="86400")
    assert prizes.desk.here.endswith("?note=saved"), prizes.desk.text
    tiers = (await prizes.draws())[0]["tiers"]
    assert tiers[1]["value"] == {"amount": 150050, "currency": "RUB"}
    assert (await prizes.definition())["claim_within"] == 86400
    assert 'value="1500.50"' in prizes.desk.page.text


async def test_a_picture_is_made_anew_and_kept_whatever_else_is_wrong(
    prizes: Prizes, api: httpx.AsyncClient
) -> None:
    await prizes.send({"picture-0-0": hostile.told()}, prize_0_0="")
    assert prizes.desk.page.status_code == 422
    kept = prizes.typed["kept-0-0"]
    assert f'src="/pictures/{kept}"' in prizes.desk.page.text
    answer = await api.get(f"/pictures/{kept}")
    assert answer.headers["content-type"] == "image/webp"
    assert b"Written by somebody" not in answer.content
    await prizes.send(prize_0_0="A mug")
    assert 'id="field-text-0-0-fault-1"' in prizes.desk.page.text, "it asks what the picture shows"
    await prizes.send(text_0_0="A blue mug")
    assert prizes.desk.here.endswith("?note=saved"), prizes.desk.text
    picture = {"sha256": kept, "text": "A blue mug"}
    assert (await prizes.draws())[0]["tiers"][0]["picture"] == picture
    assert 'alt="A blue mug"' in prizes.desk.page.text
    await prizes.send(drop_0_0="1")
    assert (await prizes.draws())[0]["tiers"][0]["picture"] is None


async def test_a_picture_that_is_none_is_refused_beside_its_field(prizes: Prizes) -> None:
    for data, said in (
        (SVG, "save it as PNG"),
        (b"GIF89a" + bytes(100), "JPEG, PNG or WebP"),
        (hostile.picture() + bytes(10 * 1024 * 1024), "more than 10 MB"),
    ):
        await prizes.send({"picture-0-0": data}, prize_0_0="A teapot")
        assert prizes.desk.page.status_code == 422
        found = prizes.desk.page.text.partition('id="field-picture-0-0-fault-1">')[2]
        assert said in found.partition("<")[0]
        assert 'value="A teapot"' in prizes.desk.page.text
    assert await prizes.connection.fetchval("SELECT count(*) FROM pictures") == 0


async def test_three_pictures_come_at_a_time_and_each_for_a_prize(prizes: Prizes) -> None:
    for _ in range(3):
        await prizes.send(do="add:0")
    picture = hostile.picture()
    strange = {"picture-7-7": picture, "picture-x": picture}
    await prizes.send({f"picture-0-{tier}": picture for tier in range(4)} | strange)
    assert prizes.desk.page.status_code == 422
    kept = [prizes.typed[f"kept-0-{tier}"] for tier in range(4)]
    assert [bool(each) for each in kept] == [True, True, True, False]
    found = prizes.desk.page.text.partition('id="field-picture-0-3-fault-1">')[2]
    assert found.startswith("At most three pictures")
    assert "kept-7-7" not in prizes.desk.page.text


async def test_a_form_with_a_picture_that_is_sent_twice_is_saved_once(prizes: Prizes) -> None:
    first = prizes.desk.page
    for _ in range(2):
        prizes.desk.page = first
        await prizes.send({"picture-0-0": hostile.picture()}, text_0_0="A fox", go="next")
        assert prizes.desk.here.endswith("/edit/time"), prizes.desk.text
    assert await prizes.connection.fetchval("SELECT count(*) FROM pictures") == 1
    assert (await prizes.draws())[0]["tiers"][0]["picture"]["text"] == "A fox"
    prizes.desk.page = first
    await prizes.send({"picture-0-0": hostile.bomb()}, text_0_0="A fox", go="next")
    assert prizes.desk.page.status_code == 422, "another file is another sending"


async def test_a_picture_of_another_workspace_is_none(prizes: Prizes) -> None:
    await prizes.send(kept_0_0="ab" * 32, text_0_0="Something")
    assert prizes.desk.page.status_code == 422
    assert 'id="field-picture-0-0-fault-1"' in prizes.desk.page.text


async def test_two_who_change_the_prizes_do_not_undo_each_other(
    prizes: Prizes, connection: Connection
) -> None:
    await connection.execute("UPDATE contests SET revision = revision + 1")
    await prizes.send(prize_0_0="A cup")
    assert prizes.desk.page.status_code == 422
    assert "Somebody changed this contest meanwhile" in prizes.desk.text
    assert 'value="A cup"' in prizes.desk.page.text
    assert (await prizes.draws())[0]["tiers"][0]["prize"] == "A mug"


async def test_as_many_prizes_as_there_may_be_are_saved(prizes: Prizes) -> None:
    most: dict[str, Any] = {}
    for tier in range(MOST_TIERS):
        most |= {f"prize-0-{tier}": f"Mug {tier}", f"winners-0-{tier}": "1"}
        most |= {f"{name}-0-{tier}": "" for name in ("id", "kept", "value", "text", "currency")}
    await prizes.send(**most)
    assert prizes.desk.here.endswith("?note=saved"), prizes.desk.text[:2000]
    assert len((await prizes.draws())[0]["tiers"]) == MOST_TIERS
