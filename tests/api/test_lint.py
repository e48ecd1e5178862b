"""Linting over the API: what is said, in which language, and what stays on record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from api.answers import created, done, faults, items
from api.staged import Stage, definition
from contest_service.store import targets
from contest_service.store.contests import Contest

SHOP = {"legal_name": "The Pottery Ltd", "address": "London", "countries": ["GB"]}


def codes(lint: dict[str, Any]) -> list[str]:
    return [remark["code"] for remark in lint["remarks"]]


async def test_a_draft_is_linted_by_its_countries_and_where_it_is_shown(
    owner: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    body = {"practice": True, "definition": definition(particulars=SHOP)}
    contest = created(await owner.post("/v1/contests", json=body))
    assert contest["definition"]["particulars"]["countries"] == ["GB"]
    url = f"/v1/contests/{contest['id']}/lint"
    answer = await auditor.get(url)
    found = done(answer)
    assert answer.headers["vary"] == "Accept-Language"
    assert codes(found) == ["eu.privacy", "gb.winners"]
    assert (found["warnings"], found["hints"], found["language"]) == (1, 1, "en")
    (privacy, _winners) = found["remarks"]
    assert privacy["at"] == "/particulars/privacy_notice"
    assert privacy["source"].startswith("https://")
    shown = done(await auditor.get(url, params={"also_on": ["x", "instagram"]}))
    assert codes(shown) == ["meta.release", "eu.privacy", "x.accounts", "gb.winners"]
    one = done(await auditor.get(url, params={"also_on": "x"}, headers={"Accept-Language": "ru"}))
    assert "x.accounts" in codes(one)
    assert "консультация" in one["notice"]
    assert set(faults(await auditor.get(url, params={"also_on": "myspace"}))) == {"/also_on"}


async def test_a_definition_is_linted_without_being_kept(editor: httpx.AsyncClient) -> None:
    body = {
        "practice": True,
        "definition": definition(
            language="ru",
            rules={"kind": "commented", "mentions": 3},
            particulars={"countries": ["RU"]},
        ),
        "platforms": ["vk"],
        "texts": ["Итоги скоро!"],
        "amends": True,
    }
    found = done(await editor.post("/v1/lint", json=body))
    assert codes(found)[:3] == ["vk.mentions", "vk.amended", "vk.result-date"]
    assert found["remarks"][0]["what"] == "Участников просят отметить аккаунтов: 3."
    assert found["remarks"][0]["at"] == "/rules/mentions"
    assert items(await editor.get("/v1/contests")) == []
    wrong = body | {"definition": definition(title=""), "platforms": ["vk"]}
    assert set(faults(await editor.post("/v1/lint", json=wrong))) == {"/definition/title"}
    strange = {"definition": definition(), "platforms": ["myspace"]}
    assert set(faults(await editor.post("/v1/lint", json=strange))) == {"/platforms/0"}


async def test_open_warnings_keep_nobody_from_starting_and_stay_on_record(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    drafted = await stage.draft(particulars=SHOP)
    contest = str((await stage.start(drafted)).id)
    lint = {"warnings": 1, "hints": 1, "codes": ["eu.privacy", "gb.winners"]}
    assert await on_record(owner, contest, "contest.started") == [lint]
    changed = definition(particulars=SHOP, title="Another mug")
    body = {"definition": changed, "reason": "It broke."}
    done(await owner.post(f"/v1/contests/{contest}/amend", json=body))
    amended = {"warnings": 2, "hints": 1, "codes": ["eu.privacy", "gb.amended", "gb.winners"]}
    assert await on_record(owner, contest, "contest.amended") == [amended]
    assert "gb.amended" in codes(done(await owner.get(f"/v1/contests/{contest}/lint")))


async def on_record(owner: httpx.AsyncClient, contest: str, action: str) -> list[Any]:
    entries = items(await owner.get("/v1/audit", params={"subject": contest}))
    return [each["detail"]["lint"] for each in entries if each["action"] == action]


async def test_particulars_are_changed_and_taken_back_as_a_whole(owner: httpx.AsyncClient) -> None:
    body = {"definition": definition(schedule=weeks()), "practice": False}
    contest = created(await owner.post("/v1/contests", json=body))
    url = f"/v1/contests/{contest['id']}"
    change = {"definition": {"particulars": SHOP | {"minimum_age": 0, "inn": "1"}}}
    assert set(faults(await owner.patch(url, json=change))) == {
        "/definition/particulars/minimum_age",
        "/definition/particulars/inn",
    }
    done(await owner.patch(url, json={"definition": {"particulars": SHOP}}))
    cleared = done(await owner.patch(url, json={"definition": {"particulars": None}}))
    assert cleared["definition"]["particulars"] is None


def weeks() -> dict[str, Any]:
    year = datetime.now(UTC).year + 1
    return {
        "opens_at": f"{year}-05-03T12:00:00Z",
        "closes_at": f"{year}-05-10T12:00:00Z",
        "draw_at": f"{year}-05-11T12:00:00Z",
    }


async def test_posts_are_linted_by_what_they_say(owner: httpx.AsyncClient, stage: Stage) -> None:
    russian = {"legal_name": "ООО", "address": "Казань", "countries": ["RU"]}
    drafted = await stage.draft(particulars=russian)
    url = f"/v1/contests/{drafted.id}/lint"
    assert "ru.payment" not in codes(done(await owner.get(url)))
    await said(stage, drafted, "Buy a mug to enter.")
    assert "ru.payment" in codes(done(await owner.get(url)))
    await said(stage, drafted, "Buy two mugs to enter.")
    await stage.start(drafted)
    # What was written before the start is what people entered by.
    assert "contest.post-changed" not in codes(done(await owner.get(url)))
    await said(stage, drafted, "Buy two mugs to enter.", later=timedelta(minutes=1))
    assert "contest.post-changed" not in codes(done(await owner.get(url)))
    await said(stage, drafted, "Buy three mugs to enter.", later=timedelta(minutes=1))
    found = done(await owner.get(url))
    assert "contest.post-changed" in codes(found)
    assert [each["what"] for each in found["remarks"] if each["code"] == "ru.payment"]


async def said(
    stage: Stage, contest: Contest, text: str, *, later: timedelta = timedelta()
) -> None:
    """Let the contest's posts be read anew."""
    async with stage.rt.pool.acquire() as conn:
        for post in await targets.posts(conn, contest.workspace_id, contest.id):
            await targets.set_text(conn, post, text, stage.rt.clock() + later)


async def test_conditions_that_are_unequal_after_an_amendment_are_warned_of(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft(amendments="as_entered"))
    url = f"/v1/contests/{contest.id}"
    before = done(await owner.get(url))["definition"]
    looser = before | {"rules": {"kind": "liked"}}
    done(await owner.post(f"{url}/amend", json={"definition": looser, "reason": "Too much."}))
    found = codes(done(await owner.get(f"{url}/lint")))
    assert ("contest.loosened" in found, "contest.tightened" in found) == (True, False)
