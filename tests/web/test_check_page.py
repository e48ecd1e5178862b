"""`/contests/{id}/check`: whether an account takes part, for everybody and for its owner."""

import re

import httpx
import msgspec
import pytest
from api import staged
from api.staged import Stage
from playwright.async_api import Page

from contest_service.domain.codes import find_codes
from contest_service.domain.evidence import Said
from contest_service.domain.schedule import unix
from contest_service.flows import own
from contest_service.proof.canonical import encode
from contest_service.store import entrants
from contest_service.store.contests import Contest
from contest_service.store.ownerships import Network
from contest_service.web.check_page import OF_ADDRESS
from web.conftest import Visit
from web.looks import check_looks
from web.test_draw_page import NAMES, drawn

NETWORK = {"platform": "bluesky", "instance": "localhost:2582"}
RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}, {"kind": "has_picture"}]}


async def entered(stage: Stage) -> Contest:
    """A contest in which Ann likes, does not follow, and has a profile that hides its picture."""
    contest = await stage.start(await stage.draft(rules=RULES))
    await stage.judged(contest, "bob")
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        id_ = await conn.fetchval("SELECT uuidv7()")
        row, opening = staged._entrant(contest, id_, "ann", 7)
        seen = [{"seen_at": unix(contest.opens_at), "account": "bluesky:did:plc:ann"}]
        found = [
            ("/of/0", "holds", "seen", seen),
            ("/of/1", "does_not_hold", "not_seen", []),
            ("/of/2", "cannot_be_known", "profile_does_not_tell", []),
        ]
        record = msgspec.json.decode(row.record) | {
            "state": "invalid",
            "reason": "follows.not_seen",
            "tickets": 0,
            "conditions": [
                {"at": at, "verdict": verdict, "reason": reason, "evidence": evidence}
                for at, verdict, reason, evidence in found
            ],
        }
        row = msgspec.structs.replace(
            row,
            state="invalid",
            reason="follows.not_seen",
            tickets=0,
            record=encode(record),
        )
        key = (contest.workspace_id, contest.id)
        await entrants.write(conn, *key, [row], openings=[opening], at=stage.rt.clock())
    return contest


async def write_code(stage: Stage, contest: Contest, code: str) -> None:
    """Let Ann have written a code."""
    network = Network(workspace_id=contest.workspace_id, **NETWORK)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        said = [Said(account="did:plc:ann", text=code)]
        await own.notice(conn, network, said, at=stage.rt.clock())


async def code_on(page: Page) -> str:
    (code,) = find_codes(await page.inner_text(".code"))
    return code


async def test_everybody_is_told_what_is_missing(visit: Visit, stage: Stage) -> None:
    contest = await entered(stage)
    path = f"/contests/{contest.id}/check"
    await check_looks(visit, path, "check-form")
    seen = await check_looks(visit, f"{path}?account=did:plc:ann", "check-invalid")
    text = await seen.text()
    assert "Does not take part" in text
    assert "Missing" in text
    assert "Only the account’s owner" in text.replace("'", "’")
    assert await seen.page.input_value("#account") == "did:plc:ann"
    seen = await visit(f"{path}?account=did:plc:bob")
    assert "Takes part" in await seen.text()
    await seen.shot("check-valid")
    seen = await visit(f"{path}?account=<script>alert(1)</script>")
    assert "Not seen" in await seen.text()
    await seen.shot("check-unknown")


async def test_the_whole_way_of_an_owner_without_scripts(visit: Visit, stage: Stage) -> None:
    contest = await entered(stage)
    seen = await visit(f"/contests/{contest.id}", scripts=False, phone=True)
    await seen.page.click("text=Do I take part?")
    await seen.page.fill("#account", "did:plc:ann")
    await seen.page.click("button:has-text('Check')")
    await seen.page.click("text=Show that it is mine")
    await seen.shot("own-waiting")
    await write_code(stage, contest, await code_on(seen.page))
    await seen.page.click("text=look again")
    assert "What to do" in await seen.text()
    await seen.page.fill("#field-text", "x" * 1000)
    await seen.page.click("button:has-text('Ask to be checked again')")
    assert "You asked to be checked again" in await seen.text()
    await seen.shot("own-asked")


async def test_what_the_owner_sees_is_readable_for_everybody(visit: Visit, stage: Stage) -> None:
    contest = await entered(stage)
    seen = await visit(f"/contests/{contest.id}/check?account=did:plc:ann", language="ru")
    await seen.page.click("text=Подтвердить, что он мой")
    assert await seen.axe() == []
    await seen.shot("own-waiting")
    await write_code(stage, contest, await code_on(seen.page))
    await seen.page.click("text=Код написан")
    assert await seen.axe() == []
    assert "Что делать" in await seen.text()
    await seen.shot("own-shown")
    await seen.page.eval_on_selector("#field-text", "field => field.removeAttribute('required')")
    await seen.page.click("button:has-text('Попросить')")
    assert "Заполните это поле" in await seen.text()
    assert await seen.page.get_attribute("#field-text", "aria-invalid") == "true"
    assert await seen.axe() == []
    await seen.shot("own-fault")
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE ownerships SET expires_at = now()")
    await seen.go(f"/contests/{contest.id}/check/own")
    assert "Срок кода вышел" in await seen.text()


async def test_the_owner_sees_their_place_on_the_line(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    seen = await visit(f"/contests/{contest.id}/check?account=did:plc:ann", phone=True)
    assert "your place in the draw" in await seen.text()
    await seen.page.click("text=Show that it is mine")
    await write_code(stage, contest, await code_on(seen.page))
    await seen.page.click("text=look again")
    assert "of 12." in await seen.text(".own-said")
    assert "The cut-off is at" in await seen.text(".own-said")
    assert await seen.page.locator("svg.own").count() >= 1
    assert await seen.axe() == []
    assert not await seen.overflows()
    await seen.shot("own-place")
    link = await seen.page.get_attribute("text=My place in the draw", "href")
    stranger = await visit(link or "")
    assert await stranger.text(".own-said") == await seen.text(".own-said")


async def test_asking_twice_is_asking_once(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    path = f"/contests/{contest.id}/check/own"
    begun = await api.post(path, data={"account": "did:plc:ann"})
    assert (begun.status_code, begun.headers["location"]) == (303, path)
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert f"Path={path}" in cookie
    page = await api.get(path)
    (code,) = re.findall(r'class="code">([^<]+)<', page.text)
    await write_code(stage, contest, code)
    too_long = await api.post(f"{path}/again", data={"text": "y" * 1001})
    assert too_long.status_code == 422
    assert "y" * 1001 in too_long.text
    for _ in range(2):
        asked = await api.post(f"{path}/again", data={"text": "I do follow."})
        assert (asked.status_code, asked.headers["location"]) == (303, path)
    async with stage.rt.pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM appeals") == 1


@pytest.mark.parametrize(
    "cookie", ["", "zz", "7b7d", "ff" * 400], ids=["none", "text", "object", "long"]
)
async def test_without_the_cookie_there_is_nothing_to_see(
    api: httpx.AsyncClient, stage: Stage, cookie: str
) -> None:
    contest = await entered(stage)
    for method, rest in (("GET", ""), ("GET", "/receipt.json"), ("POST", "/again")):
        answer = await api.request(
            method,
            f"/contests/{contest.id}/check/own{rest}",
            headers={"Cookie": f"own={cookie}"},
            data={"text": "Why?"} if method == "POST" else None,
        )
        assert answer.status_code == 404


async def test_a_form_from_another_site_is_refused(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    answer = await api.post(
        f"/contests/{contest.id}/check/own",
        data={"account": "did:plc:ann"},
        headers={"Sec-Fetch-Site": "cross-site", "Accept-Language": "ru"},
    )
    assert answer.status_code == 403
    assert "Вам это нельзя" in answer.text


async def test_nobody_asks_without_end(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await entered(stage)
    path = f"/contests/{contest.id}/check?account=x"
    answers = [await api.get(path) for _ in range(OF_ADDRESS + 1)]
    assert {each.status_code for each in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "account",
    ["%20", "%F0%9F%98%80", "x" * 5000, "%FF%FE"],
    ids=["space", "emoji", "long", "bytes"],
)
async def test_strange_names_are_looked_for_like_others(
    api: httpx.AsyncClient, stage: Stage, account: str
) -> None:
    contest = await entered(stage)
    answer = await api.get(f"/contests/{contest.id}/check?account={account}")
    assert answer.status_code == 200
