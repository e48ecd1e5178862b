"""The desk, the list of contests, a contest that runs, its entrants: as people see them."""

import re
from typing import Any

import pytest
from api.staged import Stage

from contest_service.store.contests import Contest
from web.conftest import Visit
from web.signed_in import sign_in
from web.visits import Seen

RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]}


@pytest.fixture
async def cookies(stage: Stage) -> tuple[dict[str, str], ...]:
    return ({"name": "session", "value": await sign_in(stage)},)


async def contest_of(stage: Stage) -> Contest:
    contest = await stage.start(await stage.draft(rules=RULES, title="A mug for the patient"))
    await stage.judged(contest, "ann", "bob")
    return contest


async def looked_at(visit: Visit, path: str, name: str, **how: Any) -> Seen:
    """Look at a page in both languages, light and dark, on phone and desk."""
    for phone, dark, language in ((True, False, "ru"), (True, True, "en"), (False, True, "ru")):
        seen = await visit(path, phone=phone, dark=dark, language=language, **how)
        await seen.shot(name)
        assert await seen.axe() == []
        assert not await seen.overflows()
    seen = await visit(path, **how)
    await seen.shot(name)
    assert await seen.axe() == []
    return seen


async def test_the_desk_and_the_list_show_what_runs(
    visit: Visit, stage: Stage, cookies: Any
) -> None:
    contest = await contest_of(stage)
    home = f"/w/{contest.workspace_id}"
    seen = await looked_at(visit, home, "desk", cookies=cookies)
    assert "A mug for the patient" in await seen.text()
    assert "2 entrants" in re.sub(r"\s", " ", await seen.text())
    seen = await looked_at(visit, f"{home}/contests", "contests", cookies=cookies)
    assert "A mug for the patient" in await seen.text()
    await seen.go(f"{home}/contests?status=void")
    assert "No contest is like that" in await seen.text()


async def test_nothing_yet_offers_the_next_step(visit: Visit, stage: Stage, cookies: Any) -> None:
    home = f"/w/{await stage.workspace()}"
    await looked_at(visit, home, "desk-empty", cookies=cookies)
    await looked_at(visit, f"{home}/contests", "contests-empty", cookies=cookies)


async def test_a_contest_says_whether_all_is_well_and_follows_what_happens(
    visit: Visit, stage: Stage, cookies: Any
) -> None:
    contest = await contest_of(stage)
    path = f"/w/{contest.workspace_id}/contests/{contest.id}"
    seen = await looked_at(visit, path, "running", cookies=cookies)
    assert await seen.page.locator(".chart canvas").count() == 1
    assert "2 entrants" in re.sub(r"\s", " ", await seen.text())
    await stage.judged(contest, "zoe")
    async with stage.rt.pool.acquire() as conn:
        await conn.execute("UPDATE contests SET judged_at = now() WHERE id = $1", contest.id)
    await seen.page.get_by_text("3 entrants").first.wait_for()
    plain = await visit(path, scripts=False, cookies=cookies)
    assert "3 entrants" in re.sub(r"\s", " ", await plain.text())


async def test_entrants_can_be_found_and_looked_at(
    visit: Visit, stage: Stage, cookies: Any
) -> None:
    contest = await contest_of(stage)
    path = f"/w/{contest.workspace_id}/contests/{contest.id}"
    seen = await looked_at(visit, f"{path}/entrants", "entrants", cookies=cookies)
    assert {"ann", "bob"} <= set((await seen.text()).split())
    await seen.go(f"{path}/entrants?search=an")
    text = await seen.text()
    assert "ann" in text
    assert "bob" not in text
    await seen.page.get_by_role("link", name="ann", exact=True).click()
    await seen.page.wait_for_selector("text=How the verdict changed")
    await seen.shot("entrant")
    assert await seen.axe() == []
    for hostile in ("missing=9", "score=x", "at=zz", "state=nothing", "search=%25%00"):
        answer = await seen.go(f"{path}/entrants?{hostile}")
        assert answer.status == 200
    await looked_at(visit, f"{path}/what-if?threshold=40", "what-if", cookies=cookies)
