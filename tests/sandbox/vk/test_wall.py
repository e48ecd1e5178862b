"""Reading walls: posts by id, a wall's posts, reposts as a sample."""

from typing import Any

import pytest

from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, NOW, PAGE, WALL, Refused, Stage


async def _post(stage: Stage, token: str = "", **asked: Any) -> dict[str, Any]:
    given = {"posts": f"{WALL}_{stage.post_id}", **asked}
    answer = await stage.call("wall.getById", token or stage.service, **given)
    return dict(answer["items"][0])


async def test_a_post_has_its_counters_and_what_the_caller_may(stage: Stage) -> None:
    post = await _post(stage, stage.gleb)
    assert (post["id"], post["owner_id"], post["from_id"]) == (stage.post_id, WALL, WALL)
    assert (post["date"], post["text"], post["post_type"]) == (NOW, "Розыгрыш!", "post")
    assert post["likes"]["count"] == post["reposts"]["count"] == post["comments"]["count"] == 0
    assert (post["likes"]["can_like"], post["comments"]["can_post"]) == (1, 1)
    assert "edited" not in post
    assert "can_pin" not in post
    assert (await _post(stage, stage.boris))["can_pin"] == 1


async def test_counters_follow_what_people_do(stage: Stage) -> None:
    await stage.act("like", GLEB)
    await stage.act("repost", GLEB)
    await stage.act("repost", EGOR)
    for _ in range(3):
        await stage.act("forward", DARYA)
    said = (await stage.act("comment", DARYA, text="Я"))["id"]
    await stage.act("comment", GLEB, text="И я", comment_id=said)
    post = await _post(stage, stage.gleb)
    assert (post["likes"]["count"], post["likes"]["user_likes"], post["likes"]["can_like"]) == (
        1,
        1,
        0,
    )
    assert post["reposts"] == {"count": 5, "wall_count": 2, "mail_count": 3, "user_reposted": 1}
    assert post["comments"]["count"] == 2


async def test_an_edited_a_fixed_and_a_closed_post_say_so(stage: Stage) -> None:
    stage.clock.now += 60
    target = {"owner_id": WALL, "post_id": stage.post_id}
    await stage.call("wall.edit", stage.boris, message="Новый текст", **target)
    await stage.call("wall.pin", stage.boris, **target)
    await stage.call("wall.closeComments", stage.page, **target)
    post = await _post(stage)
    assert (post["edited"], post["text"], post["is_pinned"]) == (NOW + 60, "Новый текст", 1)
    assert post["comments"]["can_post"] == 0
    await stage.call("wall.openComments", stage.page, **target)
    await stage.call("wall.unpin", stage.boris, **target)
    post = await _post(stage)
    assert post["comments"]["can_post"] == 1
    assert "is_pinned" not in post


async def test_deleted_and_unknown_posts_are_missing(stage: Stage) -> None:
    asked = {"posts": f"{WALL}_{stage.post_id},{WALL}_999,5_1"}
    assert len((await stage.call("wall.getById", stage.service, **asked))["items"]) == 1
    await stage.call("wall.delete", stage.boris, owner_id=WALL, post_id=stage.post_id)
    assert (await stage.call("wall.getById", stage.service, **asked)) == {"items": []}


@pytest.mark.parametrize("posts", ["", "x", "1", "1_x", "-501_1;2"])
async def test_ids_that_are_none_are_refused(stage: Stage, posts: str) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("wall.getById", stage.service, posts=posts)
    assert refused.value.code == 100


async def test_a_repost_carries_what_it_repeats(stage: Stage) -> None:
    copy_id = (await stage.act("repost", GLEB, text="#розыгрыш"))["id"]
    asked = {"posts": f"{GLEB}_{copy_id}", "extended": 1}
    answer = await stage.call("wall.getById", stage.service, **asked)
    (copy,) = answer["items"]
    assert (copy["owner_id"], copy["from_id"], copy["text"]) == (GLEB, GLEB, "#розыгрыш")
    (original,) = copy["copy_history"]
    assert (original["owner_id"], original["id"]) == (WALL, stage.post_id)
    assert [person["id"] for person in answer["profiles"]] == [GLEB]
    assert [group["id"] for group in answer["groups"]] == [PAGE]
    asked["copy_history_depth"] = 0
    answer = await stage.call("wall.getById", stage.service, **asked)
    assert "copy_history" not in answer["items"][0]
    await stage.act("delete_post", ANNA)
    answer = await stage.call("wall.getById", stage.service, posts=f"{GLEB}_{copy_id}")
    assert answer["items"][0]["copy_history"][0]["is_deleted"]


async def test_a_wall_is_the_fixed_post_and_then_the_newest(stage: Stage) -> None:
    ids = [(await stage.make("posts", owner_id=WALL, text=f"{n}"))["id"] for n in range(3)]
    await stage.call("wall.pin", stage.boris, owner_id=WALL, post_id=ids[0])
    wall = await stage.call("wall.get", stage.service, owner_id=WALL)
    assert wall["count"] == 4
    assert [post["id"] for post in wall["items"]] == [ids[0], ids[2], ids[1], stage.post_id]
    wall = await stage.call("wall.get", stage.service, domain="coffee", offset=1, count=1)
    assert [post["id"] for post in wall["items"]] == [ids[2]]


async def test_closed_deleted_and_unknown_walls_are_errors(stage: Stage) -> None:
    await stage.act("delete_account", DARYA)
    for owner_id, code in [(EGOR, 30), (DARYA, 18), (-999, 100)]:
        with pytest.raises(Refused) as refused:
            await stage.call("wall.get", stage.gleb, owner_id=owner_id)
        assert refused.value.code == code


async def test_reposts_are_a_sample_without_a_count_and_without_closed_profiles(
    stage: Stage,
) -> None:
    for person in (GLEB, EGOR, DARYA):
        await stage.act("repost", person, text="хочу")
    asked = {"owner_id": WALL, "post_id": stage.post_id}
    answer = await stage.call("wall.getReposts", stage.anna, **asked)
    assert set(answer) == {"items", "profiles", "groups"}
    assert [item["owner_id"] for item in answer["items"]] == [DARYA, GLEB]
    assert answer["items"][0]["text"] == "хочу"
    assert answer["items"][0]["copy_history"][0]["id"] == stage.post_id
    await stage.act("befriend", EGOR, other=ANNA)
    answer = await stage.call("wall.getReposts", stage.anna, **asked)
    assert [item["owner_id"] for item in answer["items"]] == [DARYA, EGOR, GLEB]


async def test_pages_of_reposts_are_shorter_than_they_were_asked_for(stage: Stage) -> None:
    crowd = (await stage.make("people", crowd={"count": 300, "closed": 0, "deactivated": 0}))[
        "crowd"
    ]
    acts = [
        {"do": "repost", "person": crowd["first"] + n, "owner_id": WALL, "post_id": stage.post_id}
        for n in range(300)
    ]
    await stage.make("acts", acts=acts)
    seen: list[int] = []
    asked = {"owner_id": WALL, "post_id": stage.post_id, "count": 1000}
    while items := (await stage.call("wall.getReposts", stage.anna, offset=len(seen), **asked))[
        "items"
    ]:
        assert len(items) == 100
        seen += [item["owner_id"] for item in items]
    assert seen == [crowd["first"] + n for n in reversed(range(300))]


async def test_reposts_are_for_the_community_s_own(stage: Stage) -> None:
    await stage.act("repost", GLEB)
    asked = {"owner_id": WALL, "post_id": stage.post_id}
    for token in (stage.gleb, stage.service):
        assert (await stage.call("wall.getReposts", token, **asked))["items"] == []
    await stage.make("behaviour", refused_reposts="denied")
    with pytest.raises(Refused) as refused:
        await stage.call("wall.getReposts", stage.gleb, **asked)
    assert refused.value.code == 15
