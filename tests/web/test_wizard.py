"""Making a contest by HTTP: the way through the steps, faults beside their fields, roles, others'
ids, changes meanwhile, and forms that are sent twice."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from api.staged import Stage
from litestar import Litestar

from contest_service.domain.people import Role
from contest_service.flows import people
from contest_service.store import members
from contest_service.store.rows import Connection
from web.desks import Desk, person, signed_in
from web.drafts import NEW, STEPS, berlin, contest_of, made
from web.drafts import desk as desk
from web.drafts import place as place


async def test_five_answers_make_a_draft_that_is_whole(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    await desk.open(f"/w/{place}/contests/new")
    await desk.send(title="", organiser="The pottery", language="xx", zone="Mars/Base")
    assert desk.page.status_code == 422
    assert desk.text.count("Fill this in.") == 1
    assert desk.text.count("Choose one that is offered.") == 1
    assert 'value="The pottery"' in desk.page.text
    root = await made(desk, place, practice="1")
    assert desk.here == f"{root}/post?note=contest-made"
    row = await contest_of(connection)
    assert (row["title"], row["practice"], row["status"]) == ("Win a mug", True, "draft")
    assert row["opens_at"] > datetime.now(UTC)
    assert "Add at least one contest post." in desk.text
    # It waits on the desk, and its own page leads back to it: there to what is missing first.
    for page in (f"/w/{place}", root.removesuffix("/edit")):
        await desk.open(page)
        assert f'href="{root}"' in desk.page.text
    await desk.open(root)
    assert desk.here == f"{root}/post"


async def test_a_draft_is_made_once_however_often_it_is_sent(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    await desk.open(f"/w/{place}/contests/new")
    sent: dict[str, Any] = {"csrf": desk.hidden(), "once": desk.hidden("once")} | NEW
    answers = [await desk.client.post(f"/w/{place}/contests/new", data=sent) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await connection.fetchval("SELECT count(*) FROM contests") == 1


# Conditions --------------------------------------------------------------------------------------


async def definition_of(connection: Connection) -> Any:
    return await connection.fetchval("SELECT definition FROM contests")


async def rules_of(connection: Connection) -> Any:
    return (await definition_of(connection))["rules"]


async def test_a_condition_is_added_changed_grouped_and_removed(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    await desk.open(f"{root}/conditions/one?to=/rules")
    assert "Write 1 comment under the contest post" in desk.text
    add = f"{root}/conditions/one?to=/rules&kind=commented"
    await desk.open(add)
    typed: dict[str, Any] = {"revision": desk.hidden("revision"), "times": "2", "hashtag": "cup"}
    await desk.send(add, **typed, do="look")
    assert "Write 2 comments under the contest post" in desk.text
    assert len((await rules_of(connection))["of"]) == 2
    await desk.send(add, **typed, contains="blue\n\ngreen", moment="once")
    assert desk.here == f"{root}/conditions?note=saved"
    new = (await rules_of(connection))["of"][2]
    assert (new["times"], new["contains"], new["moment"]) == (2, ["blue", "green"], "once")
    change = f"{root}/conditions/one?at=/rules/of/2"
    await desk.open(change)
    assert 'value="cup"' in desk.page.text
    await desk.send(change, revision=desk.hidden("revision"), times="3", moment="close")
    assert (await rules_of(connection))["of"][2]["hashtag"] == ""
    send: dict[str, Any] = {"revision": desk.hidden("revision"), "do": "group", "kind": "any_of"}
    await desk.send(f"{root}/conditions", **send, at=["/rules/of/0", "/rules/of/2"])
    assert [each["kind"] for each in (await rules_of(connection))["of"]] == ["any_of", "follows"]
    assert "One of these is enough" in desk.text
    revision = desk.hidden("revision")
    await desk.send(
        f"{root}/conditions", do="regroup", at="/rules/of/0", kind="at_least", n="2",
        revision=revision,
    )  # fmt: skip
    assert (await rules_of(connection))["of"][0]["n"] == 2
    revision = desk.hidden("revision")
    await desk.send(f"{root}/conditions", do="remove", at="/rules/of/0/of/1", revision=revision)
    assert [each["kind"] for each in (await rules_of(connection))["of"]] == ["liked", "follows"]


async def test_what_is_sent_twice_is_done_once(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    await desk.open(f"{root}/conditions")
    sent = {
        "csrf": desk.hidden(),
        "once": desk.hidden("once"),
        "revision": desk.hidden("revision"),
        "do": "remove",
        "at": "/rules/of/1",
    }
    answers = [await desk.client.post(f"{root}/conditions", data=sent) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert len((await rules_of(connection))["of"]) == 1


async def test_faults_of_a_condition_stand_beside_their_fields_and_nothing_is_lost(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    add = f"{root}/conditions/one?to=/rules&kind=region"
    await desk.open(add)
    typed: dict[str, Any] = {"revision": desk.hidden("revision"), "cities": "Kazan", "name": ""}
    await desk.send(add, **typed)
    assert desk.page.status_code == 422
    assert "Fill this in." in desk.text
    assert ">Kazan</textarea>" in desk.page.text
    long = "x" * 101
    await desk.send(add, **typed | {"name": "Here", "cities": f"Kazan\n{long}"})
    assert desk.page.status_code == 422
    assert 'id="field-cities-fault-1"' in desk.page.text
    assert long in desk.page.text
    age = f"{root}/conditions/one?to=/rules&kind=age"
    await desk.send(age, revision=typed["revision"], least="0")
    assert "Give a whole number from 1 to 120." in desk.text
    assert len((await rules_of(connection))["of"]) == 2
    # The last action cannot go: nobody would ever be seen.
    for _ in range(2):
        await desk.open(f"{root}/conditions")
        revision = desk.hidden("revision")
        await desk.send(f"{root}/conditions", do="remove", at="/rules/of/0", revision=revision)
    assert desk.page.status_code == 422
    assert "Name at least one condition" in desk.text


async def test_bonuses_and_answers_go_the_same_way(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    add = f"{root}/conditions/one?to=bonus&kind=commented"
    await desk.open(add)
    bonus: dict[str, Any] = {
        "times": "1",
        "bonus_tickets": "2",
        "bonus_per": "mention",
        "bonus_most": "5",
    }
    await desk.send(add, revision=desk.hidden("revision"), **bonus)
    definition = await definition_of(connection)
    assert definition["tickets"]["bonuses"][0]["per"] == "mention"
    assert "+2 tickets for each account mentioned" in desk.text
    one = f"{root}/conditions/one?at=/tickets/bonuses/0/rule"
    await desk.open(one)
    await desk.send(one, revision=desk.hidden("revision"), **bonus | {"bonus_per": "community"})
    assert desk.page.status_code == 422
    assert 'id="field-bonus_per-fault-1"' in desk.page.text
    ask = f"{root}/conditions/one?to=/rules&kind=answered"
    await desk.open(ask)
    question: dict[str, Any] = {
        "revision": desk.hidden("revision"),
        "quiz": "sum",
        "question": "2 + 2 = ?",
    }
    await desk.send(ask, **question, comparing="number", counting="first")
    assert "Give at least one accepted answer." in desk.text
    await desk.send(ask, **question, comparing="number", counting="first", answers="4")
    assert desk.here == f"{root}/conditions?note=saved"
    assert await connection.fetchval("SELECT quiz FROM quizzes") == "sum"
    assert await connection.fetchval("SELECT sealed FROM quizzes") != b"4"
    assert "no accepted answers" not in desk.text


async def test_a_change_of_somebody_else_is_told_and_what_was_typed_is_kept(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    await desk.open(f"{root}/conditions")
    mine = desk.hidden("revision")
    await connection.execute("UPDATE contests SET revision = revision + 1")
    await desk.send(f"{root}/conditions", do="tickets", base="7", cap="9", revision=mine)
    assert desk.page.status_code == 422
    assert "Somebody changed this contest meanwhile" in desk.text
    assert 'value="7"' in desk.page.text
    newest = desk.hidden("revision")
    assert newest != mine
    await desk.send(
        f"{root}/conditions", do="tickets", base="7", cap="9", revision=newest, go="next"
    )
    assert desk.here == f"{root}/prizes"
    definition = await definition_of(connection)
    assert definition["tickets"]["base"] == 7


async def test_a_rule_that_stands_alone_becomes_a_group_with_the_next(
    stage: Stage, app: Litestar, connection: Connection
) -> None:
    contest = await stage.draft(rules={"kind": "liked"})
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    root = f"/w/{contest.workspace_id}/contests/{contest.id}/edit"
    await desk.open(f"{root}/conditions")
    assert "Remove" not in desk.text
    assert f'href="{root}/conditions/one?to=/rules"' in desk.page.text
    add = f"{root}/conditions/one?to=/rules&kind=follows"
    await desk.open(add)
    await desk.send(add, revision=desk.hidden("revision"), moment="close")
    rules = await rules_of(connection)
    assert rules["kind"] == "all_of"
    assert [each["kind"] for each in rules["of"]] == ["liked", "follows"]


async def test_a_condition_that_somebody_removed_meanwhile_can_be_added_again(
    desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    mine = f"{root}/conditions/one?at=/rules/of/1&kind=follows"
    await desk.open(mine)
    revision = desk.hidden("revision")
    await connection.execute(
        """
        UPDATE contests SET revision = revision + 1,
            definition = jsonb_set(definition, '{rules,of}', '[{"kind": "liked"}]')
        """
    )
    await desk.send(mine, revision=revision, moment="draw")
    assert desk.page.status_code == 422
    assert "this one is not there any more" in desk.text
    assert 'value="draw" checked' in desk.page.text
    again = f"{root}/conditions/one?to=/rules&kind=follows"
    await desk.send(again, revision=desk.hidden("revision"), moment="draw")
    assert [each["kind"] for each in (await rules_of(connection))["of"]] == ["liked", "follows"]


async def test_places_and_kinds_that_are_none_are_not_found(desk: Desk, place: UUID) -> None:
    root = await made(desk, place)
    for query in (
        "at=/rules",
        "at=/rules/of/9",
        "at=x",
        "to=/rules&kind=nothing",
        "to=",
        "at=/rules/of/-1",
    ):
        assert (await desk.open(f"{root}/conditions/one?{query}")).status_code == 404, query


# Who may -----------------------------------------------------------------------------------------

FORMS = (
    "post",
    f"post/{uuid4()}/look",
    f"post/{uuid4()}/remove",
    "conditions",
    "conditions/one?to=/rules&kind=liked",
    "time",
)


async def test_an_auditor_sees_every_step_and_changes_nothing(
    app: Litestar, desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    bob = await person(connection, place, Role.AUDITOR, name="Bob")
    his = await signed_in(app, connection, bob)
    before = await connection.fetchval("SELECT definition FROM contests")
    for path in STEPS:
        assert (await his.open(f"{root}/{path}")).status_code == 200
        assert '<fieldset class="bare" disabled>' in his.page.text
    await his.open("/me")
    csrf = his.hidden()
    for path in (*(f"{root}/{each}" for each in FORMS), f"/w/{place}/contests/new"):
        assert (await his.send(path, csrf=csrf, do="add")).status_code == 403
    assert await connection.fetchval("SELECT definition FROM contests") == before


async def test_contests_of_others_look_like_none(
    app: Litestar, desk: Desk, place: UUID, connection: Connection
) -> None:
    root = await made(desk, place)
    eve = await members.create_person(connection, "Eve", None, now=datetime.now(UTC))
    theirs = await people.create_workspace(
        connection, "Elsewhere", owner=eve, request_id="test", now=datetime.now(UTC)
    )
    hers = await signed_in(app, connection, eve)
    contest = root.split("/")[4]
    there = f"/w/{theirs.workspace.id}/contests"
    await hers.open("/me")
    csrf = hers.hidden()
    for id_ in (contest, uuid4()):
        for path in ("", *(f"/{each}" for each in STEPS)):
            page = await hers.open(f"{there}/{id_}/edit{path}")
            assert page.status_code == 404
            assert "Win a mug" not in page.text
        for path in FORMS:
            sent: dict[str, Any] = {
                "csrf": csrf,
                "do": "remove",
                "at": "/rules/of/0",
                "url": "https://x.test",
            }
            page = await hers.send(f"{there}/{id_}/edit/{path}", **sent | berlin())
            assert page.status_code == 404


async def test_a_contest_that_has_started_leads_to_what_can_be_done_with_it(
    stage: Stage, app: Litestar, connection: Connection
) -> None:
    contest = await stage.start(await stage.draft())
    ann = await person(connection, contest.workspace_id, Role.EDITOR, name="Ann")
    desk = await signed_in(app, connection, ann)
    home = f"/w/{contest.workspace_id}/contests/{contest.id}"
    await desk.open(f"{home}/edit/time")
    assert desk.here == f"{home}/change?note=rules-locked"
    await desk.send(f"{home}/edit/time", csrf=await token(desk), **berlin(), revision="1")
    assert desk.page.status_code == 422
    assert "its rules are locked" in desk.text


async def token(desk: Desk) -> str:
    await desk.open("/me")
    return desk.hidden()
