"""Templates, and contests made once more, by HTTP: faults, roles, others' ids, repetitions."""

from typing import Any
from uuid import uuid4

import pytest
from api.answers import created
from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.desks import BASE, Desk, person, signed_in

_LOG = "SELECT count(*) FROM audit_log"


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    return await stage.start(await stage.draft(title="Spring"))


@pytest.fixture
async def desk(app: Litestar, connection: Connection, contest: Contest) -> Desk:
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    return await signed_in(app, connection, ann)


def home(contest: Contest) -> str:
    return f"/w/{contest.workspace_id}"


def again(contest: Contest) -> str:
    return f"{home(contest)}/contests/{contest.id}/again"


async def count(connection: Connection) -> Any:
    return await connection.fetchval("SELECT count(*) FROM contests")


async def test_a_running_contest_is_made_once_more_and_leads_to_its_first_step(
    desk: Desk, contest: Contest, connection: Connection
) -> None:
    await desk.open(again(contest))
    assert "Like the contest post" in desk.text
    assert 'value="Spring"' in desk.page.text
    await desk.send(f"{again(contest)}/contest", title="", practice="2")
    assert desk.page.status_code == 422
    await desk.send(f"{again(contest)}/contest", title="x" * 201, practice="1")
    assert desk.page.status_code == 422
    assert 'id="field-title-fault-1"' in desk.page.text
    assert await count(connection) == 1
    form = {"csrf": desk.hidden(), "once": desk.hidden("once"), "title": "Autumn", "practice": "0"}
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    answers = [
        await desk.client.post(f"{again(contest)}/contest", data=form, headers=headers)
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await count(connection) == 2
    (made,) = await connection.fetch("SELECT * FROM contests WHERE title = 'Autumn'")
    assert (made["status"], made["practice"]) == ("draft", False)
    await desk.open(answers[0].headers["location"])
    assert desk.here == f"{home(contest)}/contests/{made['id']}/edit/post?note=made-again"
    assert "The draft is made." in desk.text


async def test_a_template_is_kept_renamed_used_and_deleted(
    desk: Desk, contest: Contest, connection: Connection
) -> None:
    await desk.open(f"{home(contest)}/templates")
    assert "No templates yet" in desk.text
    await desk.open(again(contest))
    await desk.send(f"{again(contest)}/template", name="Every spring")
    assert desk.here.endswith("?note=template-kept")
    here = desk.page.url.path
    await desk.open(f"{home(contest)}/contests/new")
    assert f'href="{here}"' in desk.page.text
    await desk.open(again(contest))
    await desk.send(f"{again(contest)}/template", name="Every spring")
    assert desk.page.status_code == 422
    assert 'id="field-name-fault-1"' in desk.page.text
    await desk.open(here)
    await desk.send(f"{here}/name", name=" ")
    assert desk.page.status_code == 422
    await desk.send(f"{here}/name", name="Every year")
    assert desk.here == f"{here}?note=saved"
    await desk.open(f"{home(contest)}/templates")
    assert "Every year" in desk.text
    await desk.open(here)
    await desk.send(f"{here}/contests", title="Next", practice="1")
    assert desk.here.endswith("/edit/post?note=made-again")
    await desk.open(here)
    await desk.send(f"{here}/delete")
    assert desk.here == f"{home(contest)}/templates?note=template-deleted"
    assert (await desk.open(here)).status_code == 404
    assert await count(connection) == 2


async def test_a_template_whose_list_is_gone_says_at_which_step(
    desk: Desk, contest: Contest, stage: Stage, connection: Connection
) -> None:
    made = created(await stage.owner.post("/v1/lists", json={"name": "Staff"}))
    listed = {"kind": "not_listed", "name": "Staff", "list_id": made["id"]}
    draft = await stage.draft(
        await connection.fetchval("SELECT id FROM communities"),
        rules={"kind": "all_of", "of": [{"kind": "liked"}, listed]},
    )
    body = {"name": "Listed", "contest": str(draft.id)}
    template = created(await stage.owner.post("/v1/templates", json=body))["id"]
    await stage.owner.delete(f"/v1/contests/{draft.id}")
    assert (await stage.owner.delete(f"/v1/lists/{made['id']}")).status_code == 204
    here = f"{home(contest)}/templates/{template}"
    await desk.open(here)
    await desk.send(f"{here}/contests", title="Next", practice="1")
    assert desk.page.status_code == 422
    assert "Conditions: " in desk.text
    assert await count(connection) == 1


async def test_auditors_look_and_others_see_nothing(
    app: Litestar, desk: Desk, contest: Contest, stage: Stage, connection: Connection
) -> None:
    body = {"name": "Spring", "contest": str(contest.id)}
    template = created(await stage.owner.post("/v1/templates", json=body))["id"]
    one = f"{home(contest)}/templates/{template}"
    bob = await person(connection, contest.workspace_id, Role.AUDITOR, name="Bob")
    his = await signed_in(app, connection, bob)
    for path in (again(contest), f"{home(contest)}/templates", one):
        assert (await his.open(path)).status_code == 200
        assert "<form" not in his.page.text.partition("<main")[2]
    await his.open("/me")
    csrf, before = his.hidden(), await connection.fetchval(_LOG)
    for path in (
        *(f"{again(contest)}/{rest}" for rest in ("contest", "template")),
        *(f"{one}/{rest}" for rest in ("name", "delete", "contests")),
    ):
        answer = await his.send(path, csrf=csrf, title="T", name="N", practice="1")
        assert answer.status_code == 403, path
    assert await connection.fetchval(_LOG) == before
    await desk.open("/me")
    csrf = desk.hidden()
    nowhere = f"{home(contest)}/templates/{uuid4()}"
    nobodys = f"{home(contest)}/contests/{uuid4()}/again"
    for path in (nowhere, nobodys):
        assert (await desk.open(path)).status_code == 404
    for path in (f"{nowhere}/delete", f"{nowhere}/contests", f"{nobodys}/contest"):
        answer = await desk.send(path, csrf=csrf, title="T", practice="1")
        assert answer.status_code == 404, path
