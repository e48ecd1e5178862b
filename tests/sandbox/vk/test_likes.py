"""Lists of likes and reposts: order, pages, who may see reposters, one person's state."""

import pytest

from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, PAGE, WALL, Refused, Stage


async def _crowd_likes(stage: Stage, count: int) -> int:
    """Let a crowd like the post, the first of it first; return the first id."""
    crowd = (await stage.make("people", crowd={"count": count}))["crowd"]
    first = int(crowd["first"])
    target = {"owner_id": WALL, "post_id": stage.post_id}
    await stage.make("bulk", do="like", first=first, count=count, **target)
    return first


async def test_likes_are_the_newest_first_in_pages(stage: Stage) -> None:
    first = await _crowd_likes(stage, 2350)
    newest_first = list(range(first + 2349, first - 1, -1))
    page = await stage.call(
        "likes.getList", stage.service, type="post", owner_id=WALL, item_id=stage.post_id
    )
    assert (page["count"], page["items"]) == (2350, newest_first[:100])
    pages = [await stage.likers(stage.anna, count=1000, offset=n) for n in (0, 1000, 2000, 3000)]
    assert [len(page) for page in pages] == [1000, 1000, 350, 0]
    assert [id_ for page in pages for id_ in page] == newest_first


async def test_offsets_shift_when_somebody_likes_or_takes_it_back(stage: Stage) -> None:
    await _crowd_likes(stage, 10)
    before = await stage.likers(stage.anna, offset=3, count=3)
    await stage.act("like", GLEB)
    assert await stage.likers(stage.anna, offset=4, count=3) == before
    await stage.act("unlike", GLEB)
    await stage.act("unlike", before[0])
    assert await stage.likers(stage.anna, offset=3, count=2) == before[1:]


async def test_liking_twice_counts_once_and_again_later_is_newest(stage: Stage) -> None:
    assert (await stage.act("like", GLEB))["changed"]
    assert not (await stage.act("like", GLEB))["changed"]
    await stage.act("like", DARYA)
    assert await stage.likers(stage.anna) == [DARYA, GLEB]
    await stage.act("unlike", GLEB)
    await stage.act("like", GLEB)
    assert await stage.likers(stage.anna) == [GLEB, DARYA]


async def test_extended_items_are_profiles_and_communities(stage: Stage) -> None:
    await stage.act("like", EGOR)
    await stage.act("like", -PAGE)
    page = await stage.call(
        "likes.getList",
        stage.service,
        type="post",
        owner_id=WALL,
        item_id=stage.post_id,
        extended=1,
        fields="bdate",
    )
    community, person = page["items"]
    assert (community["type"], community["id"]) == ("page", PAGE)
    assert person == {
        "type": "profile",
        "id": EGOR,
        "first_name": "Егор",
        "last_name": "Ильин",
        "is_closed": True,
        "can_access_closed": False,
    }
    assert await stage.likers(stage.service) == [-PAGE, EGOR]


@pytest.mark.parametrize("reader", ["anna", "boris"])
async def test_editors_and_above_see_who_reposted(stage: Stage, reader: str) -> None:
    for person in (GLEB, EGOR, -PAGE):
        await stage.act("repost", person)
    assert await stage.likers(getattr(stage, reader), filter="copies") == [-PAGE, EGOR, GLEB]


@pytest.mark.parametrize("reader", ["vera", "gleb", "service"])
async def test_nobody_else_sees_who_reposted(stage: Stage, reader: str) -> None:
    await stage.act("repost", GLEB)
    token = getattr(stage, reader)
    assert await stage.likers(token, filter="copies") == []
    await stage.make("behaviour", refused_copies="denied")
    with pytest.raises(Refused) as refused:
        await stage.likers(token, filter="copies")
    assert refused.value.code == 15


async def test_a_wall_s_owner_sees_who_reposted_from_it(stage: Stage) -> None:
    post_id = (await stage.make("posts", owner_id=GLEB, text="Мой"))["id"]
    await stage.act("repost", DARYA, owner_id=GLEB, post_id=post_id)
    seen = await stage.likers(stage.gleb, owner_id=GLEB, item_id=post_id, filter="copies")
    assert seen == [DARYA]
    assert await stage.likers(stage.anna, owner_id=GLEB, item_id=post_id, filter="copies") == []


async def test_a_repost_is_undone_by_deleting_it(stage: Stage) -> None:
    made = await stage.act("repost", GLEB)
    await stage.act("repost", GLEB)
    await stage.call("wall.delete", stage.gleb, owner_id=GLEB, post_id=made["id"])
    assert await stage.likers(stage.anna, filter="copies") == [GLEB]  # there is another one
    await stage.act("unrepost", GLEB)
    assert await stage.likers(stage.anna, filter="copies") == []


async def test_a_comment_has_likes_of_its_own(stage: Stage) -> None:
    said = (await stage.act("comment", GLEB, text="Я"))["id"]
    await stage.act("like", DARYA, comment_id=said)
    assert await stage.likers(stage.service, type="comment", item_id=said) == [DARYA]
    assert await stage.likers(stage.service) == []
    await stage.act("unlike", DARYA, comment_id=said)
    assert await stage.likers(stage.service, type="comment", item_id=said) == []


async def test_likes_of_a_deleted_post_are_not_found(stage: Stage) -> None:
    await stage.act("like", GLEB)
    await stage.act("delete_post", ANNA)
    with pytest.raises(Refused, match="object not found") as refused:
        await stage.likers(stage.anna)
    assert refused.value.code == 100


async def test_one_s_own_like_and_strangers_can_be_left_out(stage: Stage) -> None:
    await stage.act("befriend", GLEB, other=DARYA)
    for person in (GLEB, DARYA, EGOR):
        await stage.act("like", person)
    assert await stage.likers(stage.gleb, skip_own=1) == [EGOR, DARYA]
    assert await stage.likers(stage.gleb, friends_only=1) == [DARYA]
    with pytest.raises(Refused, match="less or equal to 100"):
        await stage.likers(stage.gleb, friends_only=1, count=101)


async def test_deactivated_people_can_be_counted_without_being_shown(stage: Stage) -> None:
    for person in (GLEB, DARYA):
        await stage.act("like", person)
    await stage.act("deactivate", GLEB)
    assert await stage.likers(stage.anna) == [DARYA, GLEB]
    await stage.make("behaviour", lists_hide_deactivated=True)
    page = await stage.call(
        "likes.getList", stage.anna, type="post", owner_id=WALL, item_id=stage.post_id
    )
    assert (page["count"], page["items"]) == (2, [DARYA])


async def test_one_person_s_like_and_repost_can_be_asked_for(stage: Stage) -> None:
    target = {"type": "post", "owner_id": WALL, "item_id": stage.post_id}
    asked = {**target, "user_id": GLEB}
    assert await stage.call("likes.isLiked", stage.anna, **asked) == {"liked": 0, "copied": 0}
    await stage.act("like", GLEB)
    await stage.act("repost", GLEB)
    assert await stage.call("likes.isLiked", stage.anna, **asked) == {"liked": 1, "copied": 1}
    assert await stage.call("likes.isLiked", stage.gleb, **target) == {"liked": 1, "copied": 1}
