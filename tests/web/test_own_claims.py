"""A winner who shows that the account is theirs accepts the prize on their own page."""

import re

import httpx
from api.staged import Stage
from litestar import Litestar

from contest_service.store.rows import Connection
from web.announced import NAMES, announced, turn_clock
from web.conftest import Visit
from web.test_check_page import code_on, write_code


async def test_a_winner_accepts_in_time_and_once(
    app: Litestar, api: httpx.AsyncClient, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage, *NAMES, winners=6, claim_within=3600)
    path = f"/contests/{contest.id}/check/own"
    await api.post(path, data={"account": "did:plc:ann"})
    early = await api.post(f"{path}/claim")
    assert early.status_code == 404
    (code,) = re.findall(r'class="code">([^<]+)<', (await api.get(path)).text)
    await write_code(stage, contest, code)
    page = await api.get(path)
    assert "You have won" in page.text
    assert "Accept it in time" in page.text
    elsewhere = {"Origin": "https://elsewhere.test"}
    assert (await api.post(f"{path}/claim", headers=elsewhere)).status_code == 403
    for _ in range(2):
        assert (await api.post(f"{path}/claim")).status_code == 303
    assert "Accepted" in (await api.get(path)).text
    claimed = await connection.fetch("SELECT how, noted_by FROM claims")
    assert [tuple(row) for row in claimed] == [("page", None)]


async def test_whoever_is_late_or_holds_nothing_is_told(
    app: Litestar, visit: Visit, stage: Stage
) -> None:
    contest = await announced(app, stage, *NAMES, winners=6, claim_within=60)
    seen = await visit(f"/contests/{contest.id}/check?account=did:plc:ann", phone=True)
    await seen.page.click("text=Show that it is mine")
    await write_code(stage, contest, await code_on(seen.page))
    await seen.page.click("text=look again")
    assert "Accept the prize" in await seen.text()
    assert await seen.axe() == []
    assert not await seen.overflows()
    await seen.shot("own-won")
    turn_clock(app, stage, contest, minutes=5)
    await seen.page.click("button:has-text('Accept the prize')")
    assert "This cannot be done now" in await seen.text()
    await seen.go(f"/contests/{contest.id}/check/own")
    assert "Too late" in await seen.text()
