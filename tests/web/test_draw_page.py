"""`/contests/{id}/draw` in every state, and what the visitor's own browser computes."""

from typing import Any

import httpx
import pytest
from api.staged import Stage

from contest_service.store.contests import Contest
from web.conftest import Visit
from web.looks import check_looks

NAMES = ("ann", "bob", "cem", "dana", "emil", "fay", "gus", "hoa", "ivan", "jo", "kim", "lea")
AGREES = '[data-said="agrees"]'


async def listed(stage: Stage, *names: str, winners: int = 3, **changes: Any) -> Contest:
    tiers = [{"id": "mug", "prize": "A mug", "winners": winners}]
    contest = await stage.start(await stage.draft(draws=[{"tiers": tiers}], **changes))
    if names:
        await stage.judged(contest, *names)
    return contest


async def drawn(stage: Stage, *names: str, **changes: Any) -> Contest:
    return await stage.draw(await stage.freeze(await listed(stage, *names, **changes)))


async def move_draw(stage: Stage, contest: Contest, interval: str) -> None:
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            """UPDATE contests SET draw_at = now() + $2::text::interval,
            opens_at = now() - interval '3 hours', closes_at = now() - interval '2 hours',
            freeze_at = now() - interval '1 hour' WHERE id = $1""",
            contest.id,
            interval,
        )


async def test_before_the_freeze_it_says_what_will_be(visit: Visit, stage: Stage) -> None:
    contest = await listed(stage, *NAMES)
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", "draw-open")
    assert "The list is not fixed yet" in await seen.text()


async def test_a_fixed_list_waits_for_its_round(visit: Visit, stage: Stage) -> None:
    contest = await stage.freeze(await listed(stage, *NAMES))
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", "draw-frozen")
    text = await seen.text()
    assert "Nothing can change any more." in text
    assert "until the draw" in text
    await move_draw(stage, contest, "-10 seconds")
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", "draw-late")
    assert "it is the same round" in await seen.text()


async def test_the_browser_computes_the_same_winners(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    seen = await visit(f"/contests/{contest.id}/draw")
    await seen.page.wait_for_selector(AGREES)
    assert "computed the same 3 winners from 12 entries" in await seen.text(AGREES)
    assert await seen.page.locator(".seats .agrees").count() == 3
    await check_looks(visit, f"/contests/{contest.id}/draw", "draw-drawn")


async def test_a_page_that_says_another_winner_is_not_believed(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    seen = await visit("/contests/none")

    async def lie(route: Any) -> None:
        answer = await route.fetch()
        first = (await answer.text()).partition('data-commitment="')[2][:64]
        await route.fulfill(response=answer, body=(await answer.text()).replace(first, "0" * 64))

    await seen.page.route(f"**/contests/{contest.id}/draw", lie)
    await seen.go(f"/contests/{contest.id}/draw")
    await seen.page.wait_for_selector('[data-said="differs"]')
    assert "Do not believe this page" in await seen.text()
    assert await seen.page.locator(AGREES).is_hidden()
    await seen.shot("draw-differs")


async def test_who_watches_sees_the_result_arrive(visit: Visit, stage: Stage) -> None:
    contest = await stage.freeze(await listed(stage, *NAMES))
    await move_draw(stage, contest, "2 seconds")
    seen = await visit(f"/contests/{contest.id}/draw")
    await stage.draw(contest)
    await seen.page.wait_for_selector(AGREES)
    assert "The line" in await seen.text()


async def test_it_is_whole_without_scripts_and_in_russian(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    seen = await visit(f"/contests/{contest.id}/draw", scripts=False, language="ru", phone=True)
    await seen.shot("draw-drawn")
    text = await seen.text()
    assert "Победители" in text
    assert "Вся линия" in text
    assert await seen.page.locator(".seats li").count() == 3
    assert await seen.page.locator("circle.dot-winner").count() >= 3


async def test_somebody_finds_their_own_place(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage, *NAMES)
    async with stage.rt.pool.acquire() as conn:
        commitment = await conn.fetchval(
            "SELECT commitment FROM openings WHERE contest_id = $1 LIMIT 1", contest.id
        )
    seen = await visit(f"/contests/{contest.id}/draw?entry={commitment.hex()}")
    await seen.page.wait_for_selector(AGREES)
    await seen.shot("draw-own")
    assert "of 12" in await seen.text(".own-said")
    assert await seen.page.locator("svg.own").count() >= 1
    for entry in ("none", "0" * 64, "z" * 64):
        seen = await visit(f"/contests/{contest.id}/draw?entry={entry}")
        assert await seen.page.locator(".own-said").count() == 0


async def test_many_entries_are_a_density(visit: Visit, stage: Stage) -> None:
    names = [f"n{number}" for number in range(600)]
    contest = await listed(stage, winners=2)
    for start in range(0, len(names), 200):
        await stage.judged(contest, *names[start : start + 200])
    contest = await stage.draw(await stage.freeze(contest))
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", "draw-many")
    assert await seen.page.locator("rect.band").count() > 100
    assert "Its left end" in await seen.text()


async def test_an_empty_list_has_no_winner(visit: Visit, stage: Stage) -> None:
    contest = await drawn(stage)
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", "draw-empty")
    text = await seen.text()
    assert "nobody is left" in text
    assert "The list is empty, so nobody won." in text


@pytest.mark.parametrize("status", ["cancelled", "void"])
async def test_an_ended_contest_says_so(visit: Visit, stage: Stage, status: str) -> None:
    contest = await listed(stage, *NAMES)
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE contests SET status = $2, void_reason = $3 WHERE id = $1",
            contest.id,
            status,
            "missed" if status == "void" else None,
        )
    seen = await check_looks(visit, f"/contests/{contest.id}/draw", f"draw-{status}")
    assert "Nobody wins" in await seen.text()


async def test_the_part_is_not_sent_again_unless_it_changed(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.freeze(await listed(stage, *NAMES))
    address = f"/contests/{contest.id}/draw/now"
    first = await api.get(address)
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await api.get(address, headers=tag)).status_code == 304
    assert "<html" not in first.text
    await stage.draw(contest)
    assert (await api.get(address, headers=tag)).status_code == 200
