"""Publishing on the practice VK: once, whatever breaks off, and where it can be read."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sandbox.vk.stage import DARYA, GLEB, NOW, PAGE, WALL

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Target
from contest_service.platforms.base import Draft
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import press
from contest_service.platforms.vk.adapter import VkAdapter
from contest_service.platforms.vk.press import MOST_CHARACTERS, length, publication_key, shorten
from contest_service.sandbox.vk import societies, walls
from contest_service.sandbox.vk.faults import Fault
from platforms.vk_facing import POST, Refused, Vk, facing_vk
from platforms.vk_practice import Practice, practice

PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000003"
    "0001a6f2d2b70000000049454e44ae426082"
)
LINK = "https://example.org/c/1"
AT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        yield opened


def draft(reply_to: Target | None, text: str = "Победил id7.", link: str = "") -> Draft:
    at = datetime.fromtimestamp(NOW, UTC)
    return Draft(
        key=publication_key(at, b"12345678"),
        created_at=at,
        text=text,
        link=link,
        reply_to=reply_to,
    )


def comments(vk: Practice) -> list[str]:
    return [each.text for each in vk.vk.world.comments.values() if each.from_id == WALL]


def posts(vk: Practice) -> list[str]:
    world = vk.vk.world
    return [world.posts[WALL, id_].text for id_ in world.wall(WALL).posts if id_ != 1]


@pytest.mark.parametrize("kinds", [("community",), ("user",), ()])
async def test_an_answer_is_published_as_the_community(
    vk: Practice, kinds: tuple[str, ...]
) -> None:
    async with vk.adapter(*kinds) as adapter:
        made = await adapter.publish(draft(await vk.target(adapter)))
    (only,) = [each for each in vk.vk.world.comments.values() if each.from_id == WALL]
    assert made.ref == f"{WALL}_1?reply={only.id}"
    assert made.url == f"{vk.vk.url}/wall{made.ref}"


async def test_a_post_of_its_own_is_published_on_the_wall(vk: Practice) -> None:
    async with vk.adapter("user") as adapter:
        made = await adapter.publish(draft(None))
        assert await adapter.publish(draft(None)) == made
    assert posts(vk) == ["Победил id7."]
    assert vk.vk.world.posts[WALL, int(made.ref.partition("_")[2])].from_id == WALL


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "status", "code": 502}, {"code": 10}])
@pytest.mark.parametrize("hours", [0, 2])
@pytest.mark.parametrize("is_answer", [True, False])
async def test_what_breaks_off_after_it_was_done_is_found_again(
    vk: Practice, fault: dict[str, Any], hours: int, is_answer: bool
) -> None:
    method = "wall.createComment" if is_answer else "wall.post"
    async with vk.adapter() as adapter:
        what = draft(await vk.target(adapter) if is_answer else None)
        vk.vk.site.faults.orders.append(Fault(method=method, after=True, **fault))
        with pytest.raises(PlatformError) as failure:
            await adapter.publish(what)
        assert failure.value.kind is FailureKind.UNREACHABLE
    # VK forgets its keys after an hour.
    vk.clock.now += hours * 3600
    async with vk.adapter() as adapter:
        made = await adapter.publish(what)
        assert await adapter.publish(what) == made
    assert (comments(vk), posts(vk)) == (
        (["Победил id7."], []) if is_answer else ([], ["Победил id7."])
    )


async def test_with_a_community_token_alone_the_key_holds_for_an_hour(vk: Practice) -> None:
    async with vk.adapter("community") as adapter:
        what = draft(await vk.target(adapter))
        assert await adapter.publish(what) == await adapter.publish(what)
    assert len(comments(vk)) == 1


async def test_an_older_equal_text_is_another_publication(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        first = await adapter.publish(draft(target))
        vk.clock.now += 86_400
        later = msgspec.structs.replace(
            draft(target), key="another", created_at=datetime.fromtimestamp(vk.clock.now, UTC)
        )
        assert await adapter.publish(later) != first
    assert len(comments(vk)) == 2


async def test_where_comments_are_closed_it_goes_to_the_wall_once(vk: Practice) -> None:
    vk.post.closed_comments = True
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        made = await adapter.publish(draft(target))
        assert await adapter.publish(draft(target)) == made
        vk.post.closed_comments = False
        assert await adapter.publish(draft(target)) == made
    assert comments(vk) == []
    assert posts(vk) == [f"Победил id7.\n{vk.vk.url}/wall{WALL}_1"]


async def test_closed_comments_without_an_administrator_name_the_way_out(vk: Practice) -> None:
    vk.post.closed_comments = True
    async with vk.adapter("community") as adapter:
        with pytest.raises(PlatformError, match="connect an administrator") as failure:
            await adapter.publish(draft(await vk.target(adapter)))
    assert failure.value.kind is FailureKind.FORBIDDEN


async def test_a_post_that_is_gone_says_so_when_it_is_answered(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        target = await vk.target(adapter)
        walls.delete(vk.vk.world, vk.post, at=NOW)
        with pytest.raises(PlatformError) as failure:
            await adapter.publish(draft(target))
    assert failure.value.kind is FailureKind.GONE


@pytest.mark.parametrize("is_answer", [True, False])
async def test_a_link_that_is_forbidden_is_left_out(vk: Practice, is_answer: bool) -> None:
    vk.vk.world.communities[PAGE].forbids_links = True
    async with vk.adapter() as adapter:
        target = await vk.target(adapter) if is_answer else None
        what = draft(target, f"Победил id7.\n{LINK}", LINK)
        assert await adapter.publish(what) == await adapter.publish(what)
    assert comments(vk) + posts(vk) == ["Победил id7."]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (214, FailureKind.FORBIDDEN),
        (13000, FailureKind.FORBIDDEN),
        (219, FailureKind.RATE_LIMITED),
        (224, FailureKind.RATE_LIMITED),
        (9, FailureKind.RATE_LIMITED),
    ],
)
async def test_a_post_that_vk_refuses_fails_as_it_says(code: int, kind: FailureKind) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(code)

    vk = Vk(wall__post=refuse, wall__get=lambda _: {"items": []})
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await adapter.publish(draft(None))
    assert failure.value.kind is kind
    assert len(vk.asked("wall.post")) == 1


async def test_flood_on_a_comment_is_not_answered_with_another_token() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(9)

    vk = Vk(
        wall__createComment=refuse,
        wall__get=lambda _: {"items": []},
        wall__getComments=lambda _: {"items": []},
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError):
            await adapter.publish(draft(POST))
    assert vk.asked("wall.createComment") == ["community-secret"]


async def test_a_picture_goes_with_a_post(vk: Practice) -> None:
    async with vk.adapter("user") as adapter:
        made = await adapter.publish_post(draft(None), PNG)
        assert await adapter.publish_post(draft(None), PNG) == made
        with pytest.raises(PlatformError) as failure:
            await adapter.publish_post(draft(None, "another"), b"GIF89a")
    assert failure.value.kind is FailureKind.UNSUPPORTED
    post = vk.vk.world.posts[WALL, int(made.ref.partition("_")[2])]
    assert len(post.attachments) == 1
    assert PNG in vk.vk.world.pictures.values()


async def test_an_upload_goes_to_allowed_hosts_only() -> None:
    vk = Vk(
        wall__get=lambda _: {"items": []},
        photos__getWallUploadServer=lambda _: {"upload_url": "http://10.0.0.1/upload"},
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError, match=r"10\.0\.0\.1") as failure:
            await adapter.publish_post(draft(None), PNG)
    assert failure.value.kind is FailureKind.FORBIDDEN


async def test_publications_can_be_fixed_on_top_and_edited(vk: Practice) -> None:
    async with vk.adapter() as adapter:
        post = await adapter.publish(draft(None))
        answer = await adapter.publish(draft(await vk.target(adapter)))
        await adapter.pin(post.ref)
        await adapter.edit(post.ref, "new post")
        await adapter.edit(answer.ref, "new answer")
    number = int(post.ref.partition("_")[2])
    assert vk.vk.world.wall(WALL).pinned == number
    assert (posts(vk), comments(vk)) == (["new post"], ["new answer"])


async def test_a_person_is_written_to_once_where_they_allow_it(vk: Practice) -> None:
    world = vk.vk.world
    societies.allow_messages(world, GLEB, world.communities[PAGE], key="k", at=NOW)
    async with vk.adapter() as adapter:
        told = [await _tell(adapter, GLEB) for _ in range(2)]
        assert await _tell(adapter, DARYA) is False
        assert await _tell(adapter, WALL) is False
    assert told == [True, True]
    assert [each.text for each in world.dialogs[PAGE, GLEB]] == ["Вы победили"]


def _no_dialog(_: dict[str, str]) -> dict[str, Any]:
    return {"count": 0, "items": []}


async def _tell(adapter: VkAdapter, person: int) -> bool:
    return await adapter.tell(str(person), "Вы победили", key="key-1", created_at=AT)


@pytest.mark.parametrize("code", [900, 901, 902, 936, 1021])
async def test_a_person_who_cannot_be_written_to_is_no_failure(code: int) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(code)

    async with facing_vk(Vk(messages__send=refuse, messages__getHistory=_no_dialog)) as (
        adapter,
        _,
    ):
        assert await _tell(adapter, 7) is False


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("hours", [0, 2])
async def test_a_message_that_breaks_off_is_delivered_once(
    vk: Practice, hours: int, after: bool
) -> None:
    world = vk.vk.world
    societies.allow_messages(world, GLEB, world.communities[PAGE], key="k", at=NOW)
    async with vk.adapter() as adapter:
        vk.vk.site.faults.orders.append(Fault(method="messages.send", after=after, kind="drop"))
        with pytest.raises(PlatformError) as failure:
            await _tell(adapter, GLEB)
        assert failure.value.kind is FailureKind.UNREACHABLE
    # VK forgets random numbers after an hour.
    vk.clock.now += hours * 3600
    async with vk.adapter() as adapter:
        assert await _tell(adapter, GLEB)
    assert [each.text for each in world.dialogs[PAGE, GLEB]] == ["Вы победили"]


@pytest.mark.parametrize("code", [3, 7, 15])
async def test_a_dialog_that_may_not_be_read_is_written_to_while_vk_remembers(code: int) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(code)

    vk = Vk(messages__getHistory=refuse, messages__send=lambda _: 1)
    now = datetime.now(UTC)
    async with facing_vk(vk) as (adapter, _):
        assert await adapter.tell("7", "Вы победили", key="key-1", created_at=now)
        assert len(vk.asked("messages.send")) == 1
        with pytest.raises(PlatformError) as failure:
            await adapter.tell("7", "Вы", key="key-1", created_at=now - timedelta(hours=1))
    assert failure.value.kind in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED)
    assert len(vk.asked("messages.send")) == 1


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        ({"from_id": -501, "date": NOW, "text": "Вы  победили"}, True),
        ({"from_id": -501, "date": NOW, "text": "Вы победили", "random_id": 5}, False),
        ({"from_id": -501, "date": NOW - 86_400, "text": "Вы победили"}, False),
        ({"from_id": 7, "date": NOW, "text": "Вы победили"}, False),
    ],
)
async def test_a_message_without_its_number_is_known_by_its_text(
    said: dict[str, Any], is_ours: bool
) -> None:
    vk = Vk(
        messages__getHistory=lambda _: {"count": 1, "items": [said]},
        messages__send=lambda _: 1,
    )
    async with facing_vk(vk) as (adapter, _):
        assert await _tell(adapter, 7)
    assert (vk.asked("messages.send") == []) is is_ours


async def test_a_missing_right_to_write_is_a_failure() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(7)

    async with facing_vk(Vk(messages__send=refuse, messages__getHistory=_no_dialog)) as (
        adapter,
        _,
    ):
        with pytest.raises(PlatformError) as failure:
            await _tell(adapter, 7)
    assert failure.value.kind is FailureKind.FORBIDDEN


def test_a_text_is_shortened_at_a_word_with_its_link_kept() -> None:
    text = "слово " * 2000
    fitted = press(Platform.VK).fit(text, LINK)
    assert length(fitted) <= MOST_CHARACTERS
    assert fitted.endswith(f"слово…\n{LINK}")
    assert shorten("коротко", LINK) == f"коротко\n{LINK}"
    assert shorten(f"см. {LINK}", LINK) == f"см. {LINK}"
    emoji = shorten("🎉" * 5000, "")
    assert length(emoji) <= MOST_CHARACTERS
    assert set(emoji) == {"🎉", "…"}
    with pytest.raises(PlatformError) as failure:
        shorten("x", "https://x.org/" + "y" * 5000)
    assert failure.value.kind is FailureKind.UNSUPPORTED


def test_keys_of_publications_differ() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    make = press(Platform.VK).publication_key
    assert make(at, b"1" * 8) != make(at, b"2" * 8)


async def test_two_processes_publish_one_comment(vk: Practice) -> None:
    async with vk.adapter() as one, vk.adapter() as other:
        what = draft(await vk.target(one))
        first, second = await asyncio.gather(one.publish(what), other.publish(what))
    assert first == second
    assert len(comments(vk)) == 1
