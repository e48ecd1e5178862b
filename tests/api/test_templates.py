"""Templates and clones: new drafts from what was made before."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from api.answers import created, done, faults, items, problem
from api.staged import Stage, definition

PARTICULARS = {"legal_name": "The pottery, Ltd."}


def times_of(contest: dict[str, Any]) -> dict[str, datetime]:
    given = contest["definition"]["schedule"]
    return {name: datetime.fromisoformat(given[name]) for name in ("opens_at", "closes_at")}


async def kept(client: httpx.AsyncClient, name: str, **changes: Any) -> dict[str, Any]:
    body = {"name": name, "practice": True, "definition": definition(**changes)}
    return created(await client.post("/v1/templates", json=body))


async def actions(client: httpx.AsyncClient) -> list[str]:
    return [each["action"] for each in items(await client.get("/v1/audit"))]


async def test_an_ended_contest_becomes_a_draft_in_the_future_without_its_posts(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft(particulars=PARTICULARS, claim_within=60))
    done(await owner.post(f"/v1/contests/{contest.id}/cancel", json={"reason": "mistake"}))
    before = await stage.contest(contest.id)
    copy = created(await owner.post(f"/v1/contests/{contest.id}/clone", json={}))
    assert (copy["status"], copy["practice"], copy["terms_version"]) == ("draft", True, 0)
    assert items(await owner.get(f"/v1/contests/{copy['id']}/posts")) == []
    times = times_of(copy)
    assert times["opens_at"] > datetime.now(UTC) + timedelta(days=1)
    assert times["opens_at"].weekday() == before.opens_at.weekday()
    assert times["closes_at"] - times["opens_at"] == before.closes_at - before.opens_at
    for name in ("title", "rules", "draws", "particulars", "claim_within"):
        told = done(await owner.get(f"/v1/contests/{contest.id}"))["definition"]
        assert copy["definition"][name] == told[name]
    assert await stage.contest(contest.id) == before
    assert (await actions(owner))[:2] == ["contest.cloned", "contest.created"]


async def test_a_copy_may_be_told_when_it_opens_how_it_is_called_and_that_it_is_real(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft(claim_within=60)
    wish = {"opens_at": "2030-01-07T09:00:00+03:00", "title": "Once more", "practice": False}
    copy = created(await owner.post(f"/v1/contests/{contest.id}/clone", json=wish))
    assert (copy["definition"]["title"], copy["practice"]) == ("Once more", False)
    assert times_of(copy)["opens_at"] == datetime(2030, 1, 7, 6, tzinfo=UTC)
    assert copy["definition"]["schedule"]["min_lead"] == 600
    assert copy["definition"]["claim_within"] == 3600
    for opens_at, told in (
        ("2020-01-07T09:00:00Z", "over"),
        ("2030-01-07T09:00:00", "offset"),
        ("2300-01-07T09:00:00Z", "years"),
    ):
        answer = await owner.post(f"/v1/contests/{contest.id}/clone", json={"opens_at": opens_at})
        problem(answer, 422, "invalid")
        assert told in faults(answer)["/opens_at"]


async def test_a_template_lives_under_a_name_of_its_own(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    made = await kept(editor, " Weekly mug ", title="A mug a week")
    await kept(owner, "Another")
    listed = items(await owner.get("/v1/templates"))
    assert [each["name"] for each in listed] == ["Another", "Weekly mug"]
    where = f"/v1/templates/{made['id']}"
    problem(await owner.patch(where, json={"name": "Another"}), 409, "name_taken")
    problem(await owner.patch(where, json={"name": " "}), 422, "invalid")
    assert done(await owner.patch(where, json={"name": "Mugs"}))["name"] == "Mugs"
    contest = created(await editor.post(f"{where}/contests", json={}))
    assert contest["definition"]["title"] == "A mug a week"
    assert contest["status"] == "draft"
    assert times_of(contest)["opens_at"] > datetime.now(UTC) + timedelta(days=1)
    assert (await owner.delete(where)).status_code == 204
    problem(await owner.get(where), 404, "not_found")
    assert done(await owner.get(f"/v1/contests/{contest['id']}"))["status"] == "draft"
    assert (await actions(owner))[:5] == [
        "template.deleted",
        "template.used",
        "contest.created",
        "template.renamed",
        "template.kept",
    ]


async def test_a_contest_is_kept_as_a_template(owner: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.start(await stage.draft(title="Spring"))
    body = {"name": "Spring", "contest": str(contest.id)}
    made = created(await owner.post("/v1/templates", json=body))
    assert (made["practice"], made["definition"]["title"]) == (True, "Spring")
    problem(await owner.post("/v1/templates", json=body), 409, "name_taken")
    for wrong in ({"name": "x"}, body | {"definition": definition()}):
        assert "/contest" in faults(await owner.post("/v1/templates", json=wrong))
    nobody = {"name": "x", "contest": str(uuid4())}
    problem(await owner.post("/v1/templates", json=nobody), 404, "not_found")


async def test_all_faults_of_a_template_are_told_at_once(owner: httpx.AsyncClient) -> None:
    bad = definition(title="", draws=[])
    answer = await owner.post("/v1/templates", json={"name": "", "definition": bad})
    assert {"/name", "/definition/title", "/definition/draws"} <= set(faults(answer))


async def test_a_template_whose_list_is_gone_says_so(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/lists", json={"name": "Staff"}))
    rules = {
        "kind": "all_of",
        "of": [{"kind": "liked"}, {"kind": "not_listed", "name": "Staff", "list_id": made["id"]}],
    }
    template = await kept(owner, "With a list", rules=rules)
    assert (await owner.delete(f"/v1/lists/{made['id']}")).status_code == 204
    answer = await owner.post(f"/v1/templates/{template['id']}/contests", json={})
    assert "/rules/of/1/list_id" in faults(answer)
