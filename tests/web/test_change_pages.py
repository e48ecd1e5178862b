"""Ending a contest by hand, and changing its rules in public."""

from datetime import timedelta

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.contest import Status
from contest_service.domain.people import Role
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from web.announced import NAMES, announced, winners
from web.conftest import Visit
from web.desks import Desk, person, signed_in
from web.signed_in import sign_in
from web.test_draw_page import listed
from web.test_running_pages import looked_at


def page_of(contest: Contest) -> str:
    return f"/w/{contest.workspace_id}/contests/{contest.id}/change"


async def desk_of(
    app: Litestar, conn: Connection, contest: Contest, role: Role = Role.OWNER
) -> Desk:
    return await signed_in(app, conn, await person(conn, contest.workspace_id, role, name=role))


def fields(contest: Contest, **changes: str) -> dict[str, str]:
    """The form of an amendment as the page begins it; the contest's zone is UTC."""
    return {
        "title": contest.definition.title,
        "organiser": contest.definition.organiser,
        "closes_at": contest.closes_at.replace(tzinfo=None).isoformat(),
        "draw_at": contest.draw_at.replace(tzinfo=None).isoformat(),
        "prize_0_0": contest.definition.draws[0].tiers[0].prize,
        "winners_0_0": str(contest.definition.draws[0].tiers[0].winners),
        "reason": "A slip",
        "version": str(contest.terms_version),
        **changes,
    }


async def test_rules_are_changed_in_public_after_it_was_said_what_changes(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await listed(stage, *NAMES)
    desk = await desk_of(app, connection, contest)
    here = f"{page_of(contest)}/amend"
    await desk.open(here)
    await desk.send(here, **fields(contest), do="show")
    assert desk.page.status_code == 422
    assert "Nothing is different" in desk.text
    wrong = fields(contest, title=" ", winners_0_0="0", reason="", draw_at="2020-01-01T00:00")
    await desk.send(here, **wrong, do="show")
    assert desk.page.status_code == 422
    assert desk.page.text.count("fault-of-field") >= 1

    soon = (contest.closes_at - timedelta(minutes=4)).replace(tzinfo=None).isoformat()
    changed = fields(contest, closes_at=soon, prize_0_0="A red mug")
    await desk.send(here, **changed, do="show")
    assert "A red mug" in desk.text
    assert "This is published at once" in desk.text
    assert "The rules have changed (version 2)" in desk.text
    assert (await stage.contest(contest.id)).terms_version == 1
    once = desk.hidden("once")
    for _ in range(2):
        await desk.send(here, once=once, **changed, do="publish")
        assert "The rules were changed in public." in desk.text
    assert "Version 2" in desk.text
    assert "A slip" in desk.text
    after = await stage.contest(contest.id)
    assert after.terms_version == 2
    assert after.closes_at == contest.closes_at - timedelta(minutes=4)

    await desk.open(here)
    await desk.send(here, **fields(after, title="Later", version="1"), do="publish")
    assert desk.page.status_code == 409
    assert "Somebody else changed the rules meanwhile." in desk.text


async def test_a_contest_is_cancelled_for_good_by_an_owner_who_means_it(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await listed(stage, *NAMES)
    editor = await desk_of(app, connection, contest, Role.EDITOR)
    await editor.open(page_of(contest))
    assert "Only an owner" in editor.text
    await editor.open("/me")
    csrf = editor.hidden()
    for what in ("cancel", "complete", "amend"):
        await editor.send(f"{page_of(contest)}/{what}", csrf=csrf, reason="cancelled", is_sure="1")
        assert editor.page.status_code == 403
    desk = await desk_of(app, connection, contest)
    await desk.open(page_of(contest))
    for typed in ({"reason": "cancelled"}, {"reason": "whim", "is_sure": "1"}):
        await desk.send(f"{page_of(contest)}/cancel", **typed)
        assert desk.page.status_code == 422
    await desk.send(f"{page_of(contest)}/cancel", reason="prize-unavailable", is_sure="1")
    assert "The contest was cancelled." in desk.text
    assert "the prize is not available any more" in desk.text
    assert (await stage.contest(contest.id)).status is Status.VOID
    assert (await desk.open(f"{page_of(contest)}/amend")).status_code == 409


async def test_a_contest_is_completed_when_nobody_is_waited_for(
    app: Litestar, stage: Stage, connection: Connection
) -> None:
    contest = await announced(app, stage, claim_within=3600)
    desk = await desk_of(app, connection, contest)
    await desk.open(page_of(contest))
    assert "3 winners have not claimed yet." in desk.text
    await desk.open("/me")
    csrf = desk.hidden()
    await desk.send(f"{page_of(contest)}/complete", csrf=csrf)
    assert desk.page.status_code == 422
    await desk.send(f"{page_of(contest)}/complete", csrf=csrf, is_sure="1")
    assert desk.page.status_code == 409
    for entry in await winners(stage, contest):
        here = page_of(contest).replace("/change", f"/winners/{entry}")
        await desk.open(here)
        await desk.send(f"{here}/claim")
    await desk.open(page_of(contest))
    await desk.send(f"{page_of(contest)}/complete", is_sure="1")
    assert "The contest is complete." in desk.text
    assert (await stage.contest(contest.id)).status is Status.COMPLETED


async def test_what_can_be_done_is_quiet_and_clear(
    app: Litestar, visit: Visit, stage: Stage
) -> None:
    contest = await listed(stage, *NAMES)
    cookies = ({"name": "session", "value": await sign_in(stage)},)
    await looked_at(visit, page_of(contest), "change", cookies=cookies)
    seen = await looked_at(visit, f"{page_of(contest)}/amend", "amend", cookies=cookies)
    await seen.page.fill("[name=prize_0_0]", "A red mug")
    await seen.page.fill("[name=reason]", "There are no blue ones any more.")
    await seen.page.get_by_role("button", name="Show what changes").click()
    await seen.page.get_by_text("This is published at once").wait_for()
    await seen.shot("amend-shown")
    assert await seen.axe() == []
    assert not await seen.overflows()
