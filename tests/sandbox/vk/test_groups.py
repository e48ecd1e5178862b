"""Communities: membership, lists of members, the blacklist, what a token may."""

from typing import Any

import pytest

from sandbox.vk.stage import ANNA, BORIS, DARYA, EGOR, GLEB, PAGE, VERA, WALL, Refused, Stage


async def _member(stage: Stage, **asked: Any) -> Any:
    return await stage.call("groups.isMember", stage.page, group_id=PAGE, **asked)


async def test_membership_of_one_is_1_or_0(stage: Stage) -> None:
    assert await _member(stage, user_id=GLEB) == 0
    await stage.act("join", GLEB)
    assert await _member(stage, user_id=GLEB) == 1
    await stage.act("leave", GLEB)
    assert await _member(stage, user_id=GLEB) == 0
    assert await _member(stage, user_id=999_999) == 0


async def test_membership_of_many_is_a_list(stage: Stage) -> None:
    await stage.act("join", GLEB)
    assert await _member(stage, user_ids=f"{GLEB},{DARYA}") == [
        {"user_id": GLEB, "member": 1},
        {"user_id": DARYA, "member": 0},
    ]
    extended = await _member(stage, user_ids=GLEB, extended=1)
    assert extended[0]["can_invite"] == 0
    assert (await _member(stage, user_id=GLEB, extended=1))["member"] == 1


async def test_membership_is_told_for_500_people_at_once(stage: Stage) -> None:
    ids = ",".join(str(10_000 + n) for n in range(501))
    with pytest.raises(Refused, match="less or equal than 500"):
        await _member(stage, user_ids=ids)
    assert len(await _member(stage, user_ids=ids.rpartition(",")[0])) == 500


async def test_an_unknown_community_is_error_125(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("groups.isMember", stage.page, group_id=1, user_id=GLEB)
    assert refused.value.code == 125


async def test_members_are_sorted_by_id_or_by_when_they_joined(stage: Stage) -> None:
    for person in (DARYA, GLEB, EGOR):
        await stage.act("join", person)

    async def members(token: str, **asked: Any) -> list[int]:
        page = await stage.call("groups.getMembers", token, group_id=PAGE, **asked)
        return list(page["items"])

    by_id = [ANNA, BORIS, VERA, GLEB, DARYA, EGOR]
    joined = [ANNA, BORIS, VERA, DARYA, GLEB, EGOR]
    assert await members(stage.service) == by_id
    assert await members(stage.service, sort="id_desc", offset=1, count=2) == [DARYA, GLEB]
    for token in (stage.vera, stage.page):
        assert await members(token, sort="time_asc") == joined
        assert await members(token, sort="time_desc", count=2) == joined[:-3:-1]
    for token in (stage.gleb, stage.service):
        with pytest.raises(Refused) as refused:
            await members(token, sort="time_asc")
        assert refused.value.code == 15
    await stage.act("leave", GLEB)
    assert GLEB not in await members(stage.service)


async def test_members_come_in_pages_of_a_thousand(stage: Stage) -> None:
    crowd = (await stage.make("people", crowd={"count": 2500}))["crowd"]
    bulk = {"do": "join", "group_id": PAGE, "first": crowd["first"], "count": 2500}
    assert await stage.make("bulk", **bulk) == {"count": 2503}
    pages = [
        await stage.call("groups.getMembers", stage.service, group_id="coffee", offset=offset)
        for offset in (0, 1000, 2000)
    ]
    assert [page["count"] for page in pages] == [2503] * 3
    ids = [id_ for page in pages for id_ in page["items"]]
    assert ids == [ANNA, BORIS, VERA, *range(crowd["first"], crowd["first"] + 2500)]


async def test_members_with_fields_are_profiles(stage: Stage) -> None:
    asked = {"group_id": PAGE, "fields": "sex", "count": 1}
    page = await stage.call("groups.getMembers", stage.service, **asked)
    assert (page["items"][0]["id"], page["items"][0]["sex"]) == (ANNA, 1)


async def test_managers_are_shown_to_managers(stage: Stage) -> None:
    asked = {"group_id": PAGE, "filter": "managers"}
    page = await stage.call("groups.getMembers", stage.page, **asked)
    roles = {item["id"]: item["role"] for item in page["items"]}
    assert roles == {ANNA: "administrator", BORIS: "editor", VERA: "moderator"}
    with pytest.raises(Refused):
        await stage.call("groups.getMembers", stage.gleb, **asked)


async def test_a_private_group_shows_its_members_to_members(stage: Stage) -> None:
    made = await stage.make("communities", name="Клуб", type="group", is_closed=2, members=[GLEB])
    asked = {"group_id": made["id"]}
    assert (await stage.call("groups.getMembers", stage.gleb, **asked))["items"] == [GLEB]
    with pytest.raises(Refused) as refused:
        await stage.call("groups.getMembers", stage.anna, **asked)
    assert refused.value.code == 203


async def test_a_community_is_an_object_with_groups(stage: Stage) -> None:
    answer = await stage.call("groups.getById", stage.page, fields="members_count")
    (page,) = answer["groups"]
    assert (page["id"], page["screen_name"], page["members_count"]) == (PAGE, "coffee", 3)
    assert "is_admin" not in page
    (page,) = (await stage.call("groups.getById", stage.boris, group_id="coffee"))["groups"]
    assert (page["is_admin"], page["admin_level"], page["is_member"]) == (1, 2, 1)
    with pytest.raises(Refused):
        await stage.call("groups.getById", stage.service)


async def _comment(stage: Stage) -> None:
    darya = await stage.token("user", person_id=DARYA)
    target = {"owner_id": WALL, "post_id": stage.post_id, "message": "Я"}
    await stage.call("wall.createComment", darya, **target)


async def test_the_blacklist_lists_those_blocked_now(stage: Stage) -> None:
    await stage.act("join", GLEB)
    await stage.call("groups.ban", stage.vera, group_id=PAGE, owner_id=GLEB, comment="спам")
    until = int(stage.clock.now) + 100
    await stage.call("groups.ban", stage.vera, group_id=PAGE, owner_id=DARYA, end_date=until)
    assert await _member(stage, user_id=GLEB) == 0
    banned = await stage.call("groups.getBanned", stage.page, group_id=PAGE)
    assert [item["profile"]["id"] for item in banned["items"]] == [GLEB, DARYA]
    assert banned["items"][0]["ban_info"]["comment"] == "спам"
    with pytest.raises(Refused):
        await _comment(stage)
    stage.clock.now += 100
    await _comment(stage)
    banned = await stage.call("groups.getBanned", stage.page, group_id=PAGE)
    assert (banned["count"], banned["items"][0]["profile"]["id"]) == (1, GLEB)
    await stage.call("groups.unban", stage.vera, group_id=PAGE, owner_id=GLEB)
    assert (await stage.call("groups.getBanned", stage.page, group_id=PAGE))["count"] == 0


async def test_the_blacklist_is_the_community_s_own(stage: Stage) -> None:
    other = (await stage.make("communities", name="Другая"))["id"]
    foreign = await stage.token("group", group_id=other)
    for token in (stage.gleb, foreign):
        with pytest.raises(Refused) as refused:
            await stage.call("groups.getBanned", token, group_id=PAGE)
        assert refused.value.code == 15
    with pytest.raises(Refused) as refused:
        await stage.call("groups.ban", stage.gleb, group_id=PAGE, owner_id=DARYA)
    assert refused.value.code == 15


async def test_a_token_s_rights_are_a_mask_and_names(stage: Stage) -> None:
    rights = await stage.call("groups.getTokenPermissions", stage.page)
    assert {item["name"] for item in rights["permissions"]} == {
        "manage",
        "messages",
        "photos",
        "wall",
    }
    assert rights["mask"] == sum(item["setting"] for item in rights["permissions"])


async def test_managers_come_in_pages_and_with_fields_as_profiles(stage: Stage) -> None:
    asked = {"group_id": PAGE, "filter": "managers"}
    page = await stage.call("groups.getMembers", stage.page, **asked, offset=1, count=1)
    assert (page["count"], [item["id"] for item in page["items"]]) == (3, [BORIS])
    page = await stage.call("groups.getMembers", stage.anna, **asked, fields="sex")
    shown = [(item["first_name"], item["role"]) for item in page["items"]]
    assert shown == [("Анна", "administrator"), ("Борис", "editor"), ("Вера", "moderator")]
