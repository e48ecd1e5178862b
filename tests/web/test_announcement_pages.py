"""What a contest publishes: as it will look, where it stands, tried again, and corrected."""

from typing import Any
from uuid import UUID

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.store import announcements
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.announced import announced, outbox, publish, written
from web.conftest import Visit
from web.desks import person, signed_in
from web.signed_in import sign_in
from web.test_draw_page import listed
from web.test_running_pages import looked_at

FAILURE = "The platform is not reachable."


def page_of(contest: Contest) -> str:
    return f"/w/{contest.workspace_id}/contests/{contest.id}/announcements"


async def of_kind(stage: Stage, contest: Contest, kind: AnnouncementKind) -> Announcement:
    (found,) = [each for each in await outbox(stage, contest) if each.kind is kind]
    return found


async def desk_of(app: Litestar, conn: Connection, workspace: UUID, role: Role) -> Any:
    return await signed_in(app, conn, await person(conn, workspace, role, name="Ed"))


async def test_a_failed_text_says_why_and_is_tried_again_once(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await written(app, stage)
    result = await of_kind(stage, contest, AnnouncementKind.RESULT)
    desk = await desk_of(app, connection, contest.workspace_id, Role.EDITOR)
    await announcements.set_failure(connection, result, FAILURE, permanent=False)
    await desk.open(page_of(contest))
    assert f"Not certain {FAILURE}" in desk.text
    await announcements.set_failure(connection, result, FAILURE, permanent=True)
    await desk.open(page_of(contest))
    assert f"Not published {FAILURE}" in desk.text
    once = desk.hidden("once")
    for _ in range(2):
        await desk.send(f"{page_of(contest)}/{result.id}/retry", once=once)
        assert "It is being published again." in desk.text
    retried = "SELECT count(*) FROM audit_log WHERE action = 'announcement.retried'"
    assert await connection.fetchval(retried) == 1
    await publish(stage, result)
    await desk.send(f"{page_of(contest)}/{result.id}/retry")
    assert desk.page.status_code == 409
    assert "Published See the publication" in desk.text


async def test_a_correction_is_shown_first_and_published_beside_what_stays(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage)
    result = await of_kind(stage, contest, AnnouncementKind.RESULT)
    desk = await desk_of(app, connection, contest.workspace_id, Role.EDITOR)
    here = f"{page_of(contest)}/{result.id}/correct"
    await desk.open(here)
    await desk.send(here, said="", step="show")
    assert desk.page.status_code == 422
    await desk.send(here, said="The mug is red.", step="show")
    assert "Correction: The mug is red. About what was said of the winners on" in desk.text
    assert len(await outbox(stage, contest)) == 2
    await desk.send(here, said="a\u202eb", step="publish")
    assert desk.page.status_code == 422
    once = desk.hidden("once")
    for _ in range(2):
        await desk.send(here, once=once, said="The mug is red.", step="publish")
        assert "The correction is on its way." in desk.text
    made = await of_kind(stage, contest, AnnouncementKind.CORRECTION)
    assert (made.seq, made.number, made.state) == (result.seq, 1, "due")
    await desk.open(f"{page_of(contest)}/{made.id}/correct")
    await desk.send(f"{page_of(contest)}/{made.id}/correct", said="No.", step="publish")
    assert desk.page.status_code == 409


async def test_an_auditor_reads_and_publishes_nothing(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await written(app, stage)
    result = await of_kind(stage, contest, AnnouncementKind.RESULT)
    desk = await desk_of(app, connection, contest.workspace_id, Role.AUDITOR)
    assert (await desk.open(page_of(contest))).status_code == 200
    assert "Try now" not in desk.text
    await desk.open("/me")
    csrf = desk.hidden()
    for what in ("retry", "correct"):
        await desk.send(f"{page_of(contest)}/{result.id}/{what}", csrf=csrf, said="x", step="show")
        assert desk.page.status_code == 403
    assert (await desk.open(f"{page_of(contest)}/{contest.id}/correct")).status_code == 403


async def test_texts_look_as_they_will_and_their_state_is_followed(
    app: Litestar, visit: Visit, stage: Stage, connection: Connection
) -> None:
    running = await listed(stage, "ann", "bob")
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    seen = await looked_at(visit, page_of(running), "announcements-ahead", cookies=cookies)
    assert "of 300 characters" in await seen.text()
    community = await connection.fetchval("SELECT id FROM communities")
    drawn = await stage.start(await stage.draft(community, title="A second mug"))
    await stage.judged(drawn, "ann", "bob")
    frozen = await stage.freeze(drawn)
    row = await of_kind(stage, frozen, AnnouncementKind.FREEZE)
    seen = await looked_at(visit, page_of(frozen), "announcements", cookies=cookies)
    assert "On its way" in await seen.text()
    await publish(stage, row)
    await seen.page.get_by_text("Published", exact=True).wait_for()
    await seen.page.get_by_role("link", name="Correct it").click()
    await seen.page.fill("textarea", "The list has one entry more than was said.")
    await seen.page.get_by_role("button", name="Show how it looks").click()
    await seen.page.get_by_text("How it will look").wait_for()
    await seen.shot("correction")
    assert await seen.axe() == []
