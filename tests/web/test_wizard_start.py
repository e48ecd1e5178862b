"""Steps 6 and 7 by HTTP: the practice run, everything once more, the hash, and the start."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from api.staged import Stage, definition
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.platforms.hosts import AllowedHosts
from contest_service.sandbox.vk.server import Served, serve
from contest_service.settings import Settings
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.desks import BASE, Desk, person, signed_in


@pytest.fixture
async def vk() -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, vk: Served) -> Settings:
    return msgspec.structs.replace(
        settings,
        allowed_hosts=AllowedHosts.parse(["localhost:1"]),
        sandbox_vk_port=int(vk.url.rpartition(":")[2]),
    )


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    """A draft that opens in an hour."""
    times = definition()["schedule"]
    opens_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    for number, name in enumerate(("opens_at", "closes_at", "draw_at")):
        times[name] = (opens_at + timedelta(days=number)).isoformat()
    return await stage.draft(schedule=times)


@pytest.fixture
async def desk(app: Litestar, connection: Connection, contest: Contest) -> Desk:
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    return await signed_in(app, connection, ann)


@pytest.fixture
def root(contest: Contest) -> str:
    return f"/w/{contest.workspace_id}/contests/{contest.id}/edit"


async def status_of(connection: Connection, contest: Contest) -> Any:
    return await connection.fetchval("SELECT status FROM contests WHERE id = $1", contest.id)


async def test_the_start_publishes_the_very_rules_whose_hash_was_shown(
    desk: Desk, root: str, contest: Contest, connection: Connection, api: httpx.AsyncClient
) -> None:
    await desk.open(f"{root}/start")
    seen = desk.hidden("seen")
    assert len(seen) == 64
    assert f'data-copy="{seen}"' in desk.page.text
    for said in ("Like the contest post", "A mug", "Round ", "What cannot be undone"):
        assert said in desk.text
    await desk.send(f"{root}/start", seen=seen)
    assert desk.page.status_code == 422
    assert 'id="field-agreed-fault-1"' in desk.page.text
    # Somebody changes the rules between reading and starting.
    await connection.execute(
        "UPDATE contests SET definition = jsonb_set(definition, '{organiser}', $1)", "Us"
    )
    await desk.send(f"{root}/start", seen=seen, agreed="1")
    assert desk.page.status_code == 409
    assert "The rules were changed since you looked at them" in desk.text
    assert await status_of(connection, contest) == "draft"
    seen = desk.hidden("seen")
    sent = {"csrf": desk.hidden(), "once": desk.hidden("once"), "seen": seen, "agreed": "1"}
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    for _ in range(2):
        answer = await desk.client.post(f"{root}/start", data=sent, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{root.removesuffix('/edit')}?note=started"
    assert await status_of(connection, contest) == "scheduled"
    public = (await api.get(f"/public/contests/{contest.id}")).json()
    assert [each["sha256"] for each in public["terms"]] == [seen]
    starts = "SELECT count(*) FROM audit_log WHERE action = 'contest.started'"
    assert await connection.fetchval(starts) == 1
    await desk.open(f"{root}/start")
    assert desk.here.endswith("?note=rules-locked")


async def test_a_start_is_planned_and_taken_back_and_the_draft_deleted(
    desk: Desk, root: str, contest: Contest, connection: Connection
) -> None:
    await desk.open(f"{root}/start")
    await desk.send(f"{root}/schedule")
    assert "It starts by itself" in desk.text
    assert await status_of(connection, contest) == "scheduled"
    planned = "SELECT count(*) FROM work WHERE kind = 'advance' AND subject = $1"
    assert await connection.fetchval(planned, contest.id) == 1
    assert "Delete this draft" not in desk.text
    await desk.send(f"{root}/delete")
    assert desk.page.status_code == 409
    await desk.send(f"{root}/unschedule")
    assert desk.here.endswith("?note=unscheduled")
    assert await status_of(connection, contest) == "draft"
    assert await connection.fetchval(planned, contest.id) == 0
    await desk.send(f"{root}/unschedule")
    assert desk.page.status_code == 409
    await desk.send(f"{root}/delete")
    assert desk.here.endswith("/contests?note=draft-deleted")
    assert await status_of(connection, contest) is None
    assert (await desk.open(f"{root}/start")).status_code == 404


async def test_what_is_missing_keeps_it_from_starting_and_leads_there(
    desk: Desk, root: str, contest: Contest, connection: Connection
) -> None:
    await connection.execute("DELETE FROM contest_posts")
    await connection.execute(
        "UPDATE contests SET opens_at = now() - interval '2 days',"
        " closes_at = now() - interval '1 day'"
    )
    await desk.open(f"{root}/start")
    assert "It cannot start yet" in desk.text
    assert "Add at least one contest post." in desk.text
    assert "The close has passed." in desk.text
    assert f'href="{root}/post"' in desk.page.text
    assert "Start now" not in desk.text
    await desk.open(f"{root}/practice")
    await desk.send(f"{root}/start", seen="0" * 64, agreed="1")
    assert desk.page.status_code == 409
    assert "Attach at least one contest post first." in desk.text


async def test_a_practice_run_begins_with_one_button_and_shows_its_course(
    desk: Desk, root: str, contest: Contest, connection: Connection, vk: Served
) -> None:
    await desk.open(f"{root}/practice")
    await desk.send(f"{root}/practice", seconds="5", people="0", seed="s")
    assert desk.page.status_code == 422
    for field in ("seconds", "people"):
        assert f'id="field-{field}-fault-1"' in desk.page.text
    sent = {
        "csrf": desk.hidden(), "once": desk.hidden("once"),
        "seconds": "120", "people": "20", "seed": "s",
    }  # fmt: skip
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    for _ in range(2):
        answer = await desk.client.post(f"{root}/practice", data=sent, headers=headers)
        assert answer.status_code == 303, answer.text
    (town,) = vk.site.towns.all
    assert (town.people, town.seed) == (20, "s")
    copy = await connection.fetchval("SELECT id FROM contests WHERE id <> $1", contest.id)
    await desk.open(f"{root}/practice?note=practice-begun")
    assert f'href="/w/{contest.workspace_id}/contests/{copy}"' in desk.page.text
    assert f"/contests/{copy}/live?since=" in desk.page.text
    part = await desk.open(f"{root}/practice/now")
    assert "<html" not in part.text
    assert "Running" in desk.text
    assert await status_of(connection, contest) == "draft"


async def test_what_the_practice_network_cannot_tell_is_said(
    desk: Desk, root: str, connection: Connection
) -> None:
    await connection.execute(
        "UPDATE contests SET definition = jsonb_set(definition, '{rules}',"
        """ '{"kind": "all_of", "of": [{"kind": "quoted"}]}')"""
    )
    await desk.open(f"{root}/practice")
    await desk.send(f"{root}/practice", seconds="120", people="20", seed="s")
    assert desk.page.status_code == 409
    assert "Conditions: " in desk.text
    assert "VK does not tell this" in desk.text


async def test_only_editors_decide_and_other_workspaces_see_nothing(
    app: Litestar, desk: Desk, root: str, contest: Contest, connection: Connection
) -> None:
    bob = await person(connection, contest.workspace_id, Role.AUDITOR, name="Bob")
    his = await signed_in(app, connection, bob)
    before = await connection.fetchval("SELECT count(*) FROM audit_log")
    for step in ("prizes", "texts", "practice", "start"):
        assert (await his.open(f"{root}/{step}")).status_code == 200
        assert "Owners and editors change it." in his.text
        elsewhere = f"/w/{contest.workspace_id}/contests/{uuid4()}/edit/{step}"
        assert (await desk.open(elsewhere)).status_code == 404
        foreign = root.replace(str(contest.workspace_id), str(UUID(int=1)))
        assert (await desk.open(f"{foreign}/{step}")).status_code == 404
    await his.open("/me")
    for path in ("prizes", "texts", "practice", "start", "schedule", "unschedule", "delete"):
        answer = await his.send(f"{root}/{path}", csrf=his.hidden(), seen="0" * 64, agreed="1")
        assert answer.status_code == 403, path
        await his.open("/me")
    assert await connection.fetchval("SELECT count(*) FROM audit_log") == before
    assert await status_of(connection, contest) == "draft"
