"""Publishing: posts, suggestions, the hour of a guid, pictures from upload to post."""

from typing import Any

import pytest

from sandbox.vk.stage import ANNA, BORIS, DARYA, GLEB, NOW, PAGE, WALL, Refused, Stage

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\x68\x08\x02\x00\x00\x00"
    b"--\r\nany\r\n\r\nbytes\x00\xff"
)


async def _post(stage: Stage, token: str, **given: Any) -> int:
    made = await stage.call("wall.post", token, **{"owner_id": WALL, "message": "Текст", **given})
    return int(made["post_id"])


async def _shown(stage: Stage, post_id: int, token: str = "", owner_id: int = WALL) -> Any:
    asked = {"posts": f"{owner_id}_{post_id}"}
    items = (await stage.call("wall.getById", token or stage.service, **asked))["items"]
    return items[0] if items else None


async def test_an_editor_speaks_for_the_community(stage: Stage) -> None:
    post = await _shown(stage, await _post(stage, stage.boris, from_group=1))
    assert (post["from_id"], post["text"], post["date"]) == (WALL, "Текст", NOW)
    signed = await _shown(stage, await _post(stage, stage.boris, from_group=1, signed=1))
    assert signed["signer_id"] == BORIS
    own = await _shown(stage, await _post(stage, stage.boris))
    assert own["from_id"] == BORIS


async def test_a_guid_posts_once_an_hour(stage: Stage) -> None:
    first = await _post(stage, stage.boris, from_group=1, guid="freeze-1")
    assert await _post(stage, stage.boris, from_group=1, guid="freeze-2") != first
    stage.clock.now += 3599
    assert await _post(stage, stage.boris, from_group=1, guid="freeze-1") == first
    stage.clock.now += 1
    assert await _post(stage, stage.boris, from_group=1, guid="freeze-1") != first


async def test_a_reader_s_post_on_a_page_is_a_suggestion(stage: Stage) -> None:
    post_id = await _post(stage, stage.gleb, from_group=1)
    assert await _shown(stage, post_id) is None
    assert (await _shown(stage, post_id, stage.boris))["post_type"] == "suggest"
    for token, count in [(stage.boris, 1), (stage.gleb, 1), (stage.egor, 0)]:
        asked = {"owner_id": WALL, "filter": "suggests"}
        assert (await stage.call("wall.get", token, **asked))["count"] == count
    published = await stage.call("wall.post", stage.boris, owner_id=WALL, post_id=post_id)
    assert published == {"post_id": post_id}
    assert (await _shown(stage, post_id))["from_id"] == GLEB


async def test_who_may_not_post_is_error_214(stage: Stage) -> None:
    closed = (await stage.make("communities", name="Клуб", type="group", wall="closed"))["id"]
    await stage.act("block", DARYA)
    darya = await stage.token("user", person_id=DARYA)
    for token, owner_id in [(stage.gleb, -closed), (darya, WALL), (stage.gleb, ANNA)]:
        with pytest.raises(Refused) as refused:
            await _post(stage, token, owner_id=owner_id)
        assert refused.value.code == 214


async def test_an_open_wall_takes_anybody_s_post(stage: Stage) -> None:
    club = (await stage.make("communities", name="Клуб", type="group", wall="open"))["id"]
    post_id = await _post(stage, stage.gleb, owner_id=-club)
    assert (await _shown(stage, post_id, owner_id=-club))["from_id"] == GLEB


async def test_links_are_error_222_where_they_are_forbidden(stage: Stage) -> None:
    strict = await stage.make(
        "communities", name="Без ссылок", admins={ANNA: "administrator"}, forbids_links=True
    )
    with pytest.raises(Refused) as refused:
        await _post(stage, stage.anna, owner_id=-strict["id"], message="Итоги: https://x.test/1")
    assert refused.value.code == 222


async def test_a_postponed_post_appears_at_its_time(stage: Stage) -> None:
    post_id = await _post(stage, stage.boris, from_group=1, publish_date=NOW + 60)
    assert await _shown(stage, post_id) is None
    assert (await _shown(stage, post_id, stage.boris))["post_type"] == "postpone"
    stage.clock.now += 60
    assert (await _shown(stage, post_id))["date"] == NOW + 60
    with pytest.raises(Refused, match="publish_date"):
        await _post(stage, stage.boris, publish_date=NOW)


async def test_a_post_needs_a_text_or_an_attachment_that_is_there(stage: Stage) -> None:
    for given in [{"message": ""}, {"attachments": "photo-501_77"}, {"attachments": "what"}]:
        with pytest.raises(Refused) as refused:
            await _post(stage, stage.boris, **given)
        assert refused.value.code == 100


async def test_only_editors_edit_fix_and_delete(stage: Stage) -> None:
    target = {"owner_id": WALL, "post_id": stage.post_id}
    for method, code in [("wall.edit", 15), ("wall.pin", 15), ("wall.delete", 210)]:
        with pytest.raises(Refused) as refused:
            await stage.call(method, stage.gleb, message="x", **target)
        assert refused.value.code == code


async def test_a_picture_goes_from_upload_to_post(stage: Stage) -> None:
    server = await stage.call("photos.getWallUploadServer", stage.boris, group_id=PAGE)
    uploaded = await stage.client.post(server["upload_url"], files={"photo": ("a.png", PNG)})
    given = {**uploaded.json(), "group_id": PAGE, "caption": "Победители"}
    (photo,) = await stage.call("photos.saveWallPhoto", stage.boris, **given)
    assert (photo["owner_id"], photo["user_id"], photo["text"]) == (WALL, BORIS, "Победители")
    assert (photo["sizes"][0]["width"], photo["sizes"][0]["height"]) == (640, 360)
    name = f"photo{photo['owner_id']}_{photo['id']}"
    post = await _shown(
        stage, await _post(stage, stage.boris, attachments=f"{name},https://x.test/1")
    )
    assert [item["type"] for item in post["attachments"]] == ["photo", "link"]
    url = post["attachments"][0]["photo"]["sizes"][0]["url"]
    assert (await stage.client.get(url)).content == PNG


async def test_an_upload_that_is_no_picture_cannot_be_saved(stage: Stage) -> None:
    server = await stage.call("photos.getWallUploadServer", stage.boris, group_id=PAGE)
    uploaded = await stage.client.post(server["upload_url"], files={"photo": ("a.png", b"text")})
    assert uploaded.json()["photo"] == "[]"
    with pytest.raises(Refused) as refused:
        await stage.call("photos.saveWallPhoto", stage.boris, group_id=PAGE, **uploaded.json())
    assert refused.value.code == 129


async def test_a_changed_upload_cannot_be_saved(stage: Stage) -> None:
    server = await stage.call("photos.getWallUploadServer", stage.boris, group_id=PAGE)
    answer = await stage.client.post(server["upload_url"], files={"photo": ("a.png", PNG)})
    uploaded = answer.json()
    for change, code in [({"hash": "0"}, 121), ({"server": 1}, 118), ({"photo": "[{}]"}, 121)]:
        with pytest.raises(Refused) as refused:
            await stage.call(
                "photos.saveWallPhoto", stage.boris, group_id=PAGE, **{**uploaded, **change}
            )
        assert refused.value.code == code


async def test_pictures_for_a_community_are_its_editors_(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("photos.getWallUploadServer", stage.gleb, group_id=PAGE)
    assert refused.value.code == 203


async def test_reposting_is_a_method_too(stage: Stage) -> None:
    thing = f"wall{WALL}_{stage.post_id}"
    done = await stage.call("wall.repost", stage.gleb, object=thing, message="хочу")
    assert (done["success"], done["reposts_count"]) == (1, 1)
    assert (await _shown(stage, done["post_id"], owner_id=GLEB))["text"] == "хочу"
    done = await stage.call("wall.repost", stage.boris, object=thing, group_id=PAGE)
    assert done["reposts_count"] == 2
    for given in [{"object": "photo1_1"}, {"object": f"wall{WALL}_999"}]:
        with pytest.raises(Refused) as refused:
            await stage.call("wall.repost", stage.gleb, **given)
        assert refused.value.code == 100
