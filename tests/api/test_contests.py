"""Defining contests: what is accepted, what is refused and with which faults."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.answers import created, done, faults, items, problem
from api.staged import Stage, definition


async def draft(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    body = {"practice": True, "definition": definition(**changes)}
    return created(await client.post("/v1/contests", json=body))


def schedule(**minutes: float) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    times = {name: (now + timedelta(minutes=after)).isoformat() for name, after in minutes.items()}
    return times | {"min_lead": 60}


async def test_a_draft_is_read_back_as_it_was_defined(editor: httpx.AsyncClient) -> None:
    made = await draft(editor, naming=False, notes={"en": ["Be kind."]})
    assert made["status"] == "draft"
    assert made["practice"] is True
    read = done(await editor.get(f"/v1/contests/{made['id']}"))
    assert read == made
    assert read["definition"]["notes"] == {"en": ["Be kind."]}
    assert read["definition"]["naming"] is False
    assert read["definition"]["rules"]["of"][0] == {
        "kind": "liked",
        "moment": "close",
        "posts": 1,
        "every": False,
    }


async def test_contests_are_listed_newest_first_and_by_status(owner: httpx.AsyncClient) -> None:
    ids = [(await draft(owner))["id"] for _ in range(3)]
    page = done(await owner.get("/v1/contests", params={"limit": 2}))
    assert [each["id"] for each in page["items"]] == ids[:0:-1]
    rest = await owner.get("/v1/contests", params={"after": page["next"]})
    assert [each["id"] for each in items(rest)] == ids[:1]
    assert items(await owner.get("/v1/contests", params={"status": "running"})) == []
    wrong = await owner.get("/v1/contests", params={"status": "asleep"})
    assert set(faults(wrong)) == {"/status"}


async def test_all_faults_of_a_definition_s_shape_are_told_at_once(
    owner: httpx.AsyncClient,
) -> None:
    body = {
        "practise": True,
        "definition": definition(
            title=7,
            coverage="all",
            rules={
                "kind": "all_of",
                "of": [
                    {"kind": "liked", "times": 2},
                    {"kind": "loved"},
                    {"kind": "at_least", "of": []},
                    {"kind": "any_of", "of": [{"kind": "account_age", "days": "7"}]},
                ],
            },
            draws=[{"tiers": [{"id": "a", "prize": "A mug"}]}],
            tickets={"bonuses": [{"rule": {"kind": "liked"}}]},
        ),
    }
    answer = await owner.post("/v1/contests", json=body)
    problem(answer, 422, "invalid")
    assert set(faults(answer)) == {
        "/practise",
        "/definition/title",
        "/definition/coverage",
        "/definition/rules/of/0/times",
        "/definition/rules/of/1/kind",
        "/definition/rules/of/2/n",
        "/definition/rules/of/3/of/0/days",
        "/definition/draws/0/tiers/0/winners",
        "/definition/tickets/bonuses/0/tickets",
    }
    assert items(await owner.get("/v1/contests")) == []


async def test_all_faults_of_a_definition_s_meaning_are_told_at_once(
    owner: httpx.AsyncClient,
) -> None:
    body = {
        "definition": definition(
            title=" ",
            coverage=101,
            schedule=schedule(opens_at=5, closes_at=1, draw_at=9) | {"zone": "Mars/Base"},
            rules={"kind": "at_least", "n": 3, "of": [{"kind": "commented", "times": 0}]},
            draws=[],
            tickets={"base": 0},
        )
    }
    answer = await owner.post("/v1/contests", json=body)
    problem(answer, 422, "invalid")
    assert {
        "/definition/title",
        "/definition/coverage",
        "/definition/schedule/zone",
        "/definition/rules/n",
        "/definition/rules/of/0/times",
        "/definition/draws",
        "/definition/tickets/base",
    } <= set(faults(answer))


@pytest.mark.parametrize(
    ("times", "fault"),
    [
        ({"opens_at": 5, "closes_at": 1, "draw_at": 9}, "closes_at"),
        ({"opens_at": 1, "closes_at": 5, "draw_at": 5.5}, "draw_at"),
        ({"opens_at": 1, "closes_at": 5, "draw_at": 9, "freeze_at": 2}, "freeze_at"),
        ({"opens_at": 1, "closes_at": 5, "draw_at": 9, "freeze_at": 8.5}, "freeze_at"),
    ],
)
async def test_a_schedule_that_contradicts_itself_is_refused(
    owner: httpx.AsyncClient, times: dict[str, float], fault: str
) -> None:
    body = {"practice": True, "definition": definition(schedule=schedule(**times))}
    assert set(faults(await owner.post("/v1/contests", json=body))) == {
        f"/definition/schedule/{fault}"
    }


@pytest.mark.parametrize("year", ["0001", "9999"])
async def test_times_at_the_end_of_the_calendar_are_refused_and_break_nothing(
    owner: httpx.AsyncClient, year: str
) -> None:
    times = {
        name: f"{year}-{month}-01T00:00:00{zone}"
        for name, month, zone in (
            ("opens_at", "01", "+14:00" if year == "0001" else "Z"),
            ("closes_at", "02", "Z"),
            ("draw_at", "12", "-12:00"),
        )
    }
    answer = await owner.post("/v1/contests", json={"definition": definition(schedule=times)})
    problem(answer, 422, "invalid")


async def test_a_real_contest_needs_ten_minutes_between_freeze_and_round(
    owner: httpx.AsyncClient,
) -> None:
    answer = await owner.post("/v1/contests", json={"definition": definition()})
    assert set(faults(answer)) == {"/definition/schedule/min_lead"}


async def test_a_text_with_the_character_that_cannot_be_stored_is_refused(
    owner: httpx.AsyncClient,
) -> None:
    for body in ({"name": "a\0b"}, {"na\0me": "a"}):
        problem(await owner.post("/v1/lists", json=body), 400, "malformed")
    problem(await owner.get("/v1/audit?subject=%00"), 400, "malformed")
    # Said, not meant: a backslash, a u and zeros are a text like any other.
    created(await owner.post("/v1/lists", content=rb'{"name": "\\u0000"}'))


async def test_rules_may_name_only_lists_of_the_workspace(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    theirs = created(await stranger.post("/v1/lists", json={"name": "Staff"}))["id"]
    for list_id in (theirs, str(uuid4()), "staff"):
        rule = {"kind": "not_listed", "list_id": list_id, "name": "staff"}
        rules = {"kind": "all_of", "of": [{"kind": "liked"}, rule]}
        body = {"practice": True, "definition": definition(rules=rules)}
        answer = await owner.post("/v1/contests", json=body)
        assert set(faults(answer)) == {"/definition/rules/of/1/list_id"}


async def test_a_draft_is_replaced_whole_and_changed_in_parts(owner: httpx.AsyncClient) -> None:
    made = await draft(owner)
    where = f"/v1/contests/{made['id']}"
    replaced = done(await owner.put(where, json={"definition": definition(title="Two mugs")}))
    assert replaced["definition"]["title"] == "Two mugs"
    changed = done(await owner.patch(where, json={"definition": {"organiser": "Ann"}}))
    assert changed["definition"] == replaced["definition"] | {"organiser": "Ann"}
    assert changed["revision"] == made["revision"] + 2
    wrong = await owner.patch(where, json={"definition": {"organiser": None, "coverage": 200}})
    assert set(faults(wrong)) == {"/definition/organiser"}
    wrong = await owner.patch(where, json={"definition": {"coverage": 200}})
    assert set(faults(wrong)) == {"/definition/coverage"}


async def test_a_change_made_from_an_older_revision_is_refused(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    made = await draft(owner)
    where = f"/v1/contests/{made['id']}"
    mine = {"revision": made["revision"], "definition": {"title": "Mine"}}
    theirs = {"revision": made["revision"], "definition": {"title": "Theirs"}}
    done(await owner.patch(where, json=mine))
    problem(await editor.patch(where, json=theirs), 409, "conflict")
    problem(
        await editor.put(where, json={"revision": made["revision"], "definition": definition()}),
        409,
        "conflict",
    )
    assert done(await owner.get(where))["definition"]["title"] == "Mine"


async def test_a_draft_is_deleted_and_anything_later_is_not(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    made = await draft(owner)
    assert (await owner.delete(f"/v1/contests/{made['id']}")).status_code == 204
    problem(await owner.get(f"/v1/contests/{made['id']}"), 404, "not_found")
    started = await stage.start(await stage.draft())
    problem(await owner.delete(f"/v1/contests/{started.id}"), 409, "conflict")


async def test_nothing_starts_without_a_post(owner: httpx.AsyncClient) -> None:
    made = await draft(owner)
    for step in ("start", "schedule"):
        answer = await owner.post(f"/v1/contests/{made['id']}/{step}")
        assert "post" in problem(answer, 409, "conflict")["detail"]


async def test_a_scheduled_contest_waits_for_its_opening_and_can_be_changed(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    later = schedule(opens_at=30, closes_at=60, draw_at=90)
    contest = await stage.draft(schedule=later)
    where = f"/v1/contests/{contest.id}"
    assert done(await owner.post(f"{where}/schedule"))["status"] == "scheduled"
    problem(await owner.post(f"{where}/schedule"), 409, "conflict")
    changed = done(await owner.patch(where, json={"definition": {"title": "Two mugs"}}))
    assert (changed["status"], changed["definition"]["title"]) == ("scheduled", "Two mugs")
    cancelled = done(await owner.post(f"{where}/cancel", json={"reason": "changed-our-mind"}))
    assert cancelled["status"] == "cancelled"
    problem(await owner.get(f"/public/contests/{contest.id}"), 404, "not_found")


async def test_an_opening_that_has_passed_cannot_be_planned(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft()
    problem(await owner.post(f"/v1/contests/{contest.id}/schedule"), 409, "conflict")


@pytest.mark.parametrize("reason", ["", "Two Words", "9", "a" * 41, "ы", None])
async def test_a_reason_that_becomes_public_is_a_code(
    owner: httpx.AsyncClient, reason: str | None
) -> None:
    made = await draft(owner)
    answer = await owner.post(f"/v1/contests/{made['id']}/cancel", json={"reason": reason})
    assert set(faults(answer)) == {"/reason"}


async def test_posts_are_listed_and_detached_before_the_start_only(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft()
    where = f"/v1/contests/{contest.id}/posts"
    (post,) = items(await owner.get(where))
    assert post["kind"] == "post"
    assert (await owner.delete(f"{where}/{post['id']}")).status_code == 204
    assert items(await owner.get(where)) == []
    problem(await owner.delete(f"{where}/{post['id']}"), 404, "not_found")
    community = (await owner.get("/v1/communities")).json()["items"][0]["id"]
    target = await stage.attach(contest, community)
    await stage.start(contest)
    problem(await owner.delete(f"{where}/{target}"), 409, "conflict")


async def test_a_community_that_a_contest_rests_on_stays(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    community = await stage.community()
    contest = await stage.draft(community)
    where = f"/v1/communities/{community}"
    assert "A mug" in problem(await owner.delete(where), 409, "community_in_use")["detail"]
    done(await owner.post(f"/v1/contests/{contest.id}/cancel", json={"reason": "over"}))
    assert (await owner.delete(where)).status_code == 204
    problem(await owner.get(where), 404, "not_found")
    assert items(await owner.get("/v1/communities")) == []


async def test_a_removed_community_keeps_no_secret(owner: httpx.AsyncClient, stage: Stage) -> None:
    community = await stage.community()
    assert (await owner.delete(f"/v1/communities/{community}")).status_code == 204
    async with stage.rt.pool.acquire() as conn:
        row = await conn.fetchrow("SELECT credential, session FROM communities")
    assert (row["credential"], row["session"]) == (b"", None)
