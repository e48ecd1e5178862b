"""`/organisers/{id}`: what was promised and what came of it, over all real contests."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from api.answers import done, problem
from api.staged import Stage
from proof.generated import ROUND_TIME

from contest_service.store.contests import Contest
from web import real
from web.conftest import Visit
from web.looks import check_looks
from web.printed import Printed
from web.test_draw_page import NAMES
from web.test_draw_page import drawn as practised


async def record_of(api: httpx.AsyncClient, workspace: UUID, **query: Any) -> dict[str, Any]:
    answer = await api.get(f"/public/organisers/{workspace}", params=query)
    record: dict[str, Any] = done(answer)
    return record


async def busy_year(stage: Stage) -> list[Contest]:
    """Contests of every kind: on time, late, replaced, cancelled, open, and an exercise."""
    community = await stage.community()

    async def started(title: str, **changes: Any) -> Contest:
        return await real.started(stage, community, title=title, **changes)

    good = await real.drawn(stage, await started("A mug for the patient"), *NAMES)
    await real.claimed(stage, good)
    late = await real.amended(stage, await started("A late plate"), title="A late plate")
    late = await real.drawn(stage, late, *NAMES, late=timedelta(hours=3))
    await real.replaced(stage, late, reason="claim-expired")
    gone = await real.cancelled(stage, await started("A broken bowl"))
    opened = await started("A jug to come", organiser="The other pottery")
    exercise = await practised(stage, *NAMES, title="An exercise", community=community)
    return [good, late, gone, opened, exercise]


async def test_it_counts_what_was_promised_and_what_came_of_it(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    good, late, gone, opened, _ = await busy_year(stage)
    await real.seen(stage, witnesses=1, authorities=1)
    record = await record_of(api, good.workspace_id)
    assert record["name"] == "The other pottery"
    assert record["practice"] == 1
    assert record["numbers"] == {
        "announced": 4,
        "open": 1,
        "drawn": 2,
        "on_time": 1,
        "ended": 1,
        "endings": [{"reason": "cancelled", "times": 1}],
        "changed": 1,
        "winners": 3,
        "claimed": 1,
        "delivered": 0,
        "lost": 1,
        "losses": [{"reason": "claim-expired", "times": 1}],
    }
    by_id = {UUID(each["id"]): each for each in record["contests"]}
    assert list(by_id) == [opened.id, gone.id, late.id, good.id]
    assert [by_id[each.id]["is_on_time"] for each in (good, late, gone)] == [True, False, None]
    assert [by_id[each.id]["grade"] for each in (good, late, gone)] == ["A", "A", None]
    assert by_id[late.id]["losses"] == [{"reason": "claim-expired", "times": 1}]
    assert by_id[late.id]["versions"] == 2
    assert (by_id[good.id]["winners"], by_id[good.id]["claimed"]) == (1, 1)
    page = await record_of(api, good.workspace_id, limit=3)
    assert page["next"] == str(late.id)
    rest = await record_of(api, good.workspace_id, limit=3, after=page["next"])
    assert [each["id"] for each in rest["contests"]] == [str(good.id)]


async def test_everybody_can_read_it(visit: Visit, stage: Stage) -> None:
    good, *_ = await busy_year(stage)
    await real.seen(stage, witnesses=2)
    seen = await check_looks(visit, f"/organisers/{good.workspace_id}", "record")
    text = await seen.text()
    for said in (
        "1 of them on time",
        "late by 3 h",
        "the organiser cancelled it",
        "the prize was not claimed in time × 1",
        "rules changed once",
        "Grade A: witnessed by several",
        "Organised by The pottery",
        "1 exercise is not counted",
    ):
        assert said in text
    assert "An exercise" not in text
    paper = Printed(await seen.page.pdf(format="A4", prefer_css_page_size=True))
    assert paper.pages <= 2
    for said in ("Contests announced", "late by 3 h", f"/organisers/{good.workspace_id}"):
        assert paper.says(said), said
    assert not paper.says("See the exercises")
    await seen.page.click("text=See the exercises")
    assert "An exercise" in await seen.text()
    assert "proves nothing" in await seen.text() or "none of them counts" in await seen.text()
    await seen.shot("record-practice")
    await seen.go(f"/contests/{good.id}")
    await seen.page.click("text=What came of the other contests")
    assert seen.page.url.endswith(f"/organisers/{good.workspace_id}")


async def test_exercises_alone_count_nothing(visit: Visit, stage: Stage) -> None:
    exercise = await practised(stage, *NAMES)
    seen = await check_looks(visit, f"/organisers/{exercise.workspace_id}", "record-empty")
    assert "No real contest yet" in await seen.text()


async def test_it_is_there_once_a_contest_is_public(api: httpx.AsyncClient, stage: Stage) -> None:
    draft = await stage.draft()
    for id_ in (draft.workspace_id, uuid4()):
        problem(await api.get(f"/public/organisers/{id_}"), 404, "not_found")
        page = await api.get(f"/organisers/{id_}", headers={"Accept": "text/html"})
        assert page.status_code == 404
    await stage.start(draft)
    first = await api.get(f"/public/organisers/{draft.workspace_id}")
    assert first.headers["access-control-allow-origin"] == "*"
    known = {"If-None-Match": first.headers["etag"]}
    again = await api.get(f"/public/organisers/{draft.workspace_id}", headers=known)
    assert (again.status_code, again.content) == (304, b"")


GRADES = [
    (2, 0, ROUND_TIME - 60, "A"),
    (1, 1, ROUND_TIME - 60, "A"),
    (0, 2, ROUND_TIME - 60, "B"),
    (1, 0, ROUND_TIME - 60, "C"),
    (0, 1, ROUND_TIME - 60, "C"),
    (0, 0, ROUND_TIME - 60, "D"),
    (2, 2, ROUND_TIME, "D"),
]
"""Witnesses, authorities, the time at which they saw the list, and the grade that follows."""


async def test_certificate_and_record_grade_alike(api: httpx.AsyncClient, stage: Stage) -> None:
    contest = await real.started(stage, await stage.community())
    contest = await real.drawn(stage, contest, *NAMES)
    for witnesses, authorities, at, grade in GRADES:
        await real.seen(stage, witnesses=witnesses, authorities=authorities, at=at)
        (recorded,) = (await record_of(api, contest.workspace_id))["contests"]
        assert recorded["grade"] == grade
        page = await api.get(f"/contests/{contest.id}/certificate")
        assert f"Grade {grade}:" in page.text
        assert "proves nothing about chance" not in page.text
