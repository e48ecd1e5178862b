"""Profiles and screen names: what is shown of whom, and to whom."""

from typing import Any

import pytest

from contest_service.sandbox.vk.people import FIRST_ID
from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, PAGE, Refused, Stage

_FIELDS = "bdate,city,has_photo,photo_100,followers_count,last_seen,sex,screen_name,verified"


async def _one(stage: Stage, person: int, token: str = "", **params: Any) -> dict[str, Any]:
    asked = {"user_ids": person, "fields": _FIELDS, **params}
    people = await stage.call("users.get", token or stage.service, **asked)
    return dict(people[0])


async def test_a_profile_has_its_base_fields_always(stage: Stage) -> None:
    (anna,) = await stage.call("users.get", stage.service, user_ids=ANNA)
    assert anna == {
        "id": ANNA,
        "first_name": "Анна",
        "last_name": "Белова",
        "is_closed": False,
        "can_access_closed": True,
    }


async def test_people_are_found_by_id_and_by_screen_name(stage: Stage) -> None:
    people = await stage.call("users.get", stage.page, user_ids=f"anna,{GLEB},id{DARYA}")
    assert [person["id"] for person in people] == [ANNA, GLEB, DARYA]


async def test_ids_that_nobody_has_are_left_out(stage: Stage) -> None:
    people = await stage.call(
        "users.get", stage.service, user_ids=f"1,{GLEB},nobody_at_all,{2**40}"
    )
    assert [person["id"] for person in people] == [GLEB]


async def test_without_ids_a_user_s_token_asks_about_its_owner(stage: Stage) -> None:
    (me,) = await stage.call("users.get", stage.gleb)
    assert me["id"] == GLEB
    for token in (stage.page, stage.service):
        with pytest.raises(Refused) as refused:
            await stage.call("users.get", token)
        assert refused.value.code == 113


async def test_a_thousand_can_be_asked_for_and_no_more(stage: Stage) -> None:
    crowd = (await stage.make("people", crowd={"count": 1001}))["crowd"]
    ids = [str(crowd["first"] + n) for n in range(1001)]
    people = await stage.call("users.get", stage.service, user_ids=",".join(ids[:1000]))
    assert [str(person["id"]) for person in people] == ids[:1000]
    with pytest.raises(Refused):
        await stage.call("users.get", stage.service, user_ids=",".join(ids))


async def test_a_closed_profile_shows_itself_and_hides_the_rest(stage: Stage) -> None:
    seen = await _one(stage, EGOR)
    assert (seen["is_closed"], seen["can_access_closed"]) == (True, False)
    assert {"bdate", "city", "followers_count", "last_seen"}.isdisjoint(seen)
    assert seen["has_photo"] == 1
    assert (await _one(stage, EGOR, stage.egor))["bdate"] == "5.6"
    await stage.act("befriend", EGOR, other=GLEB)
    seen = await _one(stage, EGOR, stage.gleb)
    assert (seen["is_closed"], seen["can_access_closed"], seen["bdate"]) == (True, True, "5.6")


async def test_what_somebody_hides_is_absent(stage: Stage) -> None:
    hidden = {"first_name": "И", "last_name": "О", "bdate": "1.1.2000", "hides": ["bdate"]}
    (person,) = (await stage.make("people", people=[hidden]))["ids"]
    seen = await _one(stage, person)
    assert "bdate" not in seen
    assert "followers_count" in seen


@pytest.mark.parametrize(
    ("act", "state"), [("deactivate", "banned"), ("delete_account", "deleted")]
)
async def test_a_deactivated_profile_is_a_name_and_its_state(
    stage: Stage, act: str, state: str
) -> None:
    await stage.act(act, GLEB)
    seen = await _one(stage, GLEB)
    assert seen["deactivated"] == state
    assert {"bdate", "is_closed", "can_access_closed"}.isdisjoint(seen)
    assert (seen["first_name"] == "DELETED") == (state == "deleted")


async def test_birthdays_have_a_year_or_not_and_cities_are_records(stage: Stage) -> None:
    assert (await _one(stage, GLEB))["bdate"] == "1.2.1990"
    assert (await _one(stage, DARYA))["bdate"] == "3.4"
    crowd = (await stage.make("people", crowd={"count": 200, "closed": 0, "deactivated": 0}))[
        "crowd"
    ]
    ids = ",".join(str(crowd["first"] + n) for n in range(200))
    people = await stage.call("users.get", stage.service, user_ids=ids, fields="city,bdate")
    cities = [person.get("city") for person in people]
    assert None in cities
    assert {"id": 1, "title": "Москва"} in cities
    assert {len(person.get("bdate", "").split(".")) for person in people} == {1, 2, 3}


async def test_a_crowd_is_the_same_each_time_and_has_all_sorts(stage: Stage) -> None:
    crowd = (await stage.make("people", crowd={"count": 1000}))["crowd"]
    ids = ",".join(str(crowd["first"] + n) for n in range(1000))
    asked = {"user_ids": ids, "fields": _FIELDS}
    people = await stage.call("users.get", stage.service, **asked)
    assert people == await stage.call("users.get", stage.service, **asked)
    closed = sum(person.get("is_closed", False) for person in people)
    gone = sum("deactivated" in person for person in people)
    assert 100 < closed < 300
    assert 5 < gone < 50
    assert {person.get("has_photo") for person in people} >= {0, 1}


async def test_ids_are_given_in_order(stage: Stage) -> None:
    assert ANNA == FIRST_ID
    crowd = (await stage.make("people", crowd={"count": 10}))["crowd"]
    described = {"first_name": "И", "last_name": "О"}
    made = await stage.make("people", people=[described, described])
    assert made["ids"] == [crowd["first"] + 10, crowd["first"] + 11]


async def test_screen_names_lead_to_people_and_communities(stage: Stage) -> None:
    async def resolved(name: str) -> Any:
        return await stage.call("utils.resolveScreenName", stage.service, screen_name=name)

    assert await resolved("anna") == {"type": "user", "object_id": ANNA}
    assert await resolved(f"id{GLEB}") == {"type": "user", "object_id": GLEB}
    page = {"type": "page", "object_id": PAGE, "group_id": PAGE}
    assert await resolved("coffee") == page
    assert await resolved(f"club{PAGE}") == page
    assert await resolved("nobody_at_all") == []  # an empty array, as PHP writes nothing


async def test_who_may_be_written_to_and_who_is_blocked_is_the_community_s_to_see(
    stage: Stage,
) -> None:
    fields = "can_write_private_message,blacklisted"
    await stage.act("allow", GLEB)
    await stage.act("block", DARYA)
    asked = {"user_ids": f"{GLEB},{DARYA}", "fields": fields}
    gleb, darya = await stage.call("users.get", stage.page, **asked)
    assert (gleb["can_write_private_message"], gleb["blacklisted"]) == (1, 0)
    assert (darya["can_write_private_message"], darya["blacklisted"]) == (0, 1)


async def test_server_time_is_the_world_s(stage: Stage) -> None:
    assert await stage.call("utils.getServerTime", stage.page) == int(stage.clock.now)
    await stage.make("clock", seconds=86_400)
    assert await stage.call("utils.getServerTime", stage.page) == int(stage.clock.now) + 86_400


async def test_everybody_has_a_picture(stage: Stage) -> None:
    url = (await _one(stage, ANNA))["photo_100"]
    answer = await stage.client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
