"""Comments: levels, threads, sorting, resuming at a comment, gaps of deleted ones; and writing."""

from typing import Any

import pytest

from sandbox.vk.stage import ANNA, DARYA, GLEB, NOW, PAGE, WALL, Refused, Stage


async def _read(stage: Stage, **asked: Any) -> dict[str, Any]:
    given = {"owner_id": WALL, "post_id": stage.post_id, "count": 100, **asked}
    return dict(await stage.call("wall.getComments", stage.service, **given))


async def _ids(stage: Stage, **asked: Any) -> list[int]:
    return [item["id"] for item in (await _read(stage, **asked))["items"]]


async def _say(stage: Stage, text: str = "Участвую", to: int = 0, person: int = GLEB) -> int:
    return int((await stage.act("comment", person, text=text, comment_id=to))["id"])


async def test_a_comment_has_its_author_text_and_time(stage: Stage) -> None:
    stage.clock.now += 5
    said = await _say(stage, "[id1001|Анна], смотри!")
    (item,) = (await _read(stage))["items"]
    assert (item["id"], item["from_id"], item["date"]) == (said, GLEB, NOW + 5)
    assert (item["text"], item["post_id"], item["owner_id"]) == (
        "[id1001|Анна], смотри!",
        stage.post_id,
        WALL,
    )
    assert item["parents_stack"] == []
    assert item["thread"]["count"] == 0


async def test_ids_grow_with_the_wall_s_posts(stage: Stage) -> None:
    said = await _say(stage)
    post_id = (await stage.make("posts", owner_id=WALL, text="ещё"))["id"]
    assert [said, post_id, await _say(stage)] == [stage.post_id + n for n in (1, 2, 3)]


async def test_comments_sort_by_time_both_ways_and_by_likes(stage: Stage) -> None:
    ids = [await _say(stage) for _ in range(5)]
    await stage.act("like", DARYA, comment_id=ids[3])
    assert await _ids(stage) == ids
    assert await _ids(stage, sort="desc", offset=1, count=2) == [ids[3], ids[2]]
    assert (await _ids(stage, sort="smart"))[0] == ids[3]
    assert (await _ids(stage, offset=4)) == ids[4:]


async def test_a_page_holds_a_hundred_and_ten_by_default(stage: Stage) -> None:
    acts = {
        "do": "comment",
        "person": GLEB,
        "owner_id": WALL,
        "post_id": stage.post_id,
        "text": "я",
    }
    await stage.make("acts", acts=[acts] * 120)
    assert len(await _ids(stage)) == 100
    assert len(await _ids(stage, count=None)) == 10
    with pytest.raises(Refused, match="less or equal to 100"):
        await _read(stage, count=101)


async def test_answers_stand_in_threads_and_count_for_the_whole(stage: Stage) -> None:
    top, other = await _say(stage), await _say(stage)
    answers = [await _say(stage, to=top, person=DARYA) for _ in range(12)]
    nested = await _say(stage, to=answers[0])
    page = await _read(stage, thread_items_count=10)
    assert (page["count"], page["current_level_count"]) == (15, 2)
    assert [item["id"] for item in page["items"]] == [top, other]
    thread = page["items"][0]["thread"]
    assert thread["count"] == 13
    assert [item["id"] for item in thread["items"]] == answers[:10]
    assert thread["items"][0]["reply_to_comment"] == top
    assert thread["items"][0]["parents_stack"] == [top]
    inner = await _read(stage, comment_id=top, offset=10)
    assert (inner["count"], inner["current_level_count"]) == (13, 13)
    assert [item["id"] for item in inner["items"]] == [*answers[10:], nested]
    last = inner["items"][-1]
    assert (last["reply_to_comment"], last["reply_to_user"]) == (answers[0], DARYA)
    assert last["parents_stack"] == [top]
    with pytest.raises(Refused, match="less or equal to 10"):
        await _read(stage, thread_items_count=11)


async def test_reading_resumes_at_a_comment_or_the_nearest_earlier_one(stage: Stage) -> None:
    ids = [await _say(stage) for _ in range(6)]
    page = await _read(stage, start_comment_id=ids[2], count=2)
    assert [item["id"] for item in page["items"]] == ids[2:4]
    assert page["real_offset"] == 2
    page = await _read(stage, start_comment_id=ids[2], offset=-1, count=2)
    assert ([item["id"] for item in page["items"]], page["real_offset"]) == (ids[1:3], 1)
    page = await _read(stage, start_comment_id=ids[2], sort="desc", count=2)
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    await stage.act("erase", GLEB, comment_id=ids[2])
    page = await _read(stage, start_comment_id=ids[2], count=2)
    assert ([item["id"] for item in page["items"]], page["real_offset"]) == ([ids[1], ids[3]], 1)
    with pytest.raises(Refused, match="offset"):
        await _read(stage, offset=-1)


async def test_a_deleted_comment_vanishes_unless_it_has_answers(stage: Stage) -> None:
    alone, answered = await _say(stage), await _say(stage)
    answer = await _say(stage, to=answered)
    for comment in (alone, answered):
        await stage.act("erase", GLEB, comment_id=comment)
    page = await _read(stage, thread_items_count=10)
    (gap,) = page["items"]
    assert (gap["id"], gap["deleted"], gap["text"]) == (answered, True, "")
    assert [item["id"] for item in gap["thread"]["items"]] == [answer]
    assert (page["count"], page["current_level_count"]) == (1, 1)
    await stage.act("erase", GLEB, comment_id=answer)
    page = await _read(stage)
    assert (page["items"], page["count"], page["current_level_count"]) == ([], 0, 0)


async def test_a_restored_comment_returns_to_its_place(stage: Stage) -> None:
    ids = [await _say(stage) for _ in range(3)]
    await stage.act("erase", GLEB, comment_id=ids[1])
    await stage.act("restore_comment", GLEB, comment_id=ids[1])
    assert await _ids(stage) == ids
    assert (await _read(stage))["count"] == 3


async def test_likes_previews_and_people_come_when_asked_for(stage: Stage) -> None:
    said = await _say(stage, "Очень длинный комментарий")
    await stage.act("like", GLEB, comment_id=said)
    page = await _read(stage, need_likes=1, preview_length=5, extended=1)
    (item,) = page["items"]
    assert (item["likes"]["count"], item["text"]) == (1, "Очень...")
    assert [person["id"] for person in page["profiles"]] == [GLEB]
    assert [group["id"] for group in page["groups"]] == [PAGE]
    (item,) = (await _read(stage, preview_length=0))["items"]
    assert item["text"] == "Очень длинный комментарий"
    assert "likes" not in item


async def test_closed_comments_are_error_212_and_answering_213(stage: Stage) -> None:
    await stage.act("close_comments", ANNA)
    with pytest.raises(Refused) as refused:
        await _read(stage)
    assert refused.value.code == 212
    target = {"owner_id": WALL, "post_id": stage.post_id, "message": "Итоги"}
    with pytest.raises(Refused) as refused:
        await stage.call("wall.createComment", stage.page, **target)
    assert refused.value.code == 213


async def test_people_and_communities_comment(stage: Stage) -> None:
    target = {"owner_id": WALL, "post_id": stage.post_id}
    mine = await stage.call("wall.createComment", stage.gleb, message="Я", **target)
    reply = {"message": "Удачи!", "reply_to_comment": mine["comment_id"], **target}
    ours = await stage.call("wall.createComment", stage.page, **reply)
    assert ours["parents_stack"] == [mine["comment_id"]]
    admin = await stage.call(
        "wall.createComment", stage.vera, message="Итоги", from_group=PAGE, **target
    )
    page = await _read(stage, thread_items_count=10)
    authors = {item["id"]: item["from_id"] for item in page["items"]}
    assert authors == {mine["comment_id"]: GLEB, admin["comment_id"]: WALL}
    assert page["items"][0]["thread"]["items"][0]["from_id"] == WALL
    assert page["items"][1]["is_from_post_author"]
    with pytest.raises(Refused) as refused:
        await stage.call("wall.createComment", stage.gleb, message="x", from_group=PAGE, **target)
    assert refused.value.code == 213


async def test_a_guid_comments_once_an_hour(stage: Stage) -> None:
    target = {"owner_id": WALL, "post_id": stage.post_id, "message": "Итоги", "guid": "result-1"}
    first = await stage.call("wall.createComment", stage.page, **target)
    stage.clock.now += 3599
    assert await stage.call("wall.createComment", stage.page, **target) == first
    stage.clock.now += 1
    assert await stage.call("wall.createComment", stage.page, **target) != first
    assert (await _read(stage))["count"] == 2
    assert await stage.call("wall.createComment", stage.gleb, **target) != first


async def test_the_blacklisted_cannot_comment(stage: Stage) -> None:
    await stage.act("block", GLEB)
    target = {"owner_id": WALL, "post_id": stage.post_id, "message": "Я"}
    with pytest.raises(Refused) as refused:
        await stage.call("wall.createComment", stage.gleb, **target)
    assert refused.value.code == 213


async def test_moderators_delete_others_comments_and_readers_their_own(stage: Stage) -> None:
    said = await _say(stage, person=DARYA)
    target = {"owner_id": WALL, "comment_id": said}
    with pytest.raises(Refused) as refused:
        await stage.call("wall.deleteComment", stage.gleb, **target)
    assert refused.value.code == 211
    assert await stage.call("wall.deleteComment", stage.vera, **target) == 1
    assert await _ids(stage) == []
    assert await stage.call("wall.restoreComment", stage.vera, **target) == 1
    assert await _ids(stage) == [said]
    mine = await _say(stage)
    await stage.call(
        "wall.editComment", stage.gleb, owner_id=WALL, comment_id=mine, message="Иначе"
    )
    (one,) = (await stage.call("wall.getComment", stage.gleb, owner_id=WALL, comment_id=mine))[
        "items"
    ]
    assert one["text"] == "Иначе"
