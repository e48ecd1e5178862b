"""Reading comments and their threads: all of them, once, with whom they name."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox.vk.stage import ANNA, DARYA, EGOR, GLEB, NOW, PAGE, WALL

from contest_service.domain.evidence import Action, Page, Sighting
from contest_service.platforms.errors import PlatformError
from contest_service.sandbox.vk import acts
from contest_service.sandbox.vk.churn import Change
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import Comment
from platforms.loopback import Answer, Asked
from platforms.vk_facing import POST, Refused, Vk, facing_vk
from platforms.vk_practice import Practice, pages, practice


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        vk = opened
        vk.vk.world.people.gather(Crowd(first=2001, count=100))
        yield vk


def said(vk: Practice, text: str = "hi", *, by: int = GLEB, to: int = 0, at: int = NOW) -> Comment:
    """Let somebody comment, or answer a comment."""
    comment = Comment(
        owner_id=WALL, post_id=1, id=0, from_id=by, date=at, text=text, reply_to_comment=to
    )
    return acts.comment(vk.vk.world, vk.post, comment, at=at)


def sightings(read: Iterable[Page]) -> list[Sighting]:
    return [each for page in read for each in page.sightings]


def ids(read: Iterable[Page]) -> list[int]:
    return [int(each.ref.partition(".")[0].partition("_")[2]) for each in sightings(read)]


async def test_a_comment_is_named_with_what_it_says(vk: Practice) -> None:
    comment = said(vk, "Участвую! #Приз @anna и [id1005|Даша]")
    async with vk.adapter("service") as adapter:
        target = await vk.target(adapter)
        (first,) = sightings(await pages(adapter, target, Action.COMMENT))
        acts.edit_comment(vk.vk.world, comment, text="Передумал", at=NOW)
        (second,) = sightings(await pages(adapter, target, Action.COMMENT))
    digest = hashlib.sha256("Участвую! #Приз @anna и [id1005|Даша]".encode()).hexdigest()[:8]
    assert first.ref == f"{WALL}_{comment.id}.{digest}"
    assert (first.account, first.at) == (str(GLEB), NOW)
    assert first.tags == ("приз",)
    assert first.mentions == (str(ANNA), str(DARYA))
    assert second.ref.partition(".")[0] == first.ref.partition(".")[0]
    assert second.ref != first.ref


async def test_threads_of_any_length_are_read_whole(vk: Practice) -> None:
    expected = []
    for length in (0, 1, 9, 10, 11, 100, 250):
        parent = said(vk)
        expected.append(parent.id)
        expected += [said(vk, f"answer {n}", to=parent.id).id for n in range(length)]
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.COMMENT)
    assert sorted(ids(read)) == sorted(expected)
    assert len(ids(read)) == len(expected)
    assert read[-1].next is None


async def test_thousands_of_comments_with_long_threads_travel_together(vk: Practice) -> None:
    for _ in range(1_000):
        parent = said(vk)
    for number in range(40):
        parent = said(vk)
        for _ in range(12 + number % 3):
            said(vk, to=parent.id)
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.COMMENT)
    assert len(ids(read)) == vk.post.reactions.comments_count
    assert vk.vk.site.limits.of(vk.service).requests <= 8


@pytest.mark.parametrize(
    ("minutes", "read"), [(0, [100, 102]), (6, [100, 102, 100]), (60, [100, 102, 100, 1])]
)
async def test_the_newest_are_read_down_to_a_moment(
    vk: Practice, minutes: int, read: list[int]
) -> None:
    for age, count in ((600, 100), (300, 100), (0, 101)):
        made = [said(vk, at=NOW - age) for _ in range(count)]
        if age == 300:
            for _ in range(2):
                said(vk, to=made[50].id)
    async with vk.adapter("service") as adapter:
        since = datetime.fromtimestamp(NOW, UTC) - timedelta(minutes=minutes)
        target = await vk.target(adapter)
        found = [page async for page in adapter.newest_comments(target, since)]
    assert [len(page.sightings) for page in found] == read
    assert {page.next for page in found} == {None}


async def test_deleted_comments_are_passed_over_and_their_answers_are_not(vk: Practice) -> None:
    parent, lonely = said(vk), said(vk)
    kept = [said(vk, to=parent.id).id for _ in range(14)]
    lost = said(vk, to=parent.id)
    for each in (parent, lonely, lost):
        acts.erase(vk.vk.world, each, by=ANNA, at=NOW)
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.COMMENT)
    assert sorted(ids(read)) == sorted(kept)


async def test_what_the_community_itself_says_is_read(vk: Practice) -> None:
    said(vk, by=WALL)
    async with vk.adapter("service") as adapter:
        (only,) = sightings(await pages(adapter, await vk.target(adapter), Action.COMMENT))
    assert only.account == str(WALL)


@pytest.mark.parametrize("change", [(2, 0), (0, 2), (3, 3), (0, 10), (30, 5)])
async def test_comments_that_come_and_go_meanwhile_lose_no_other(
    vk: Practice, change: tuple[int, int]
) -> None:
    before = [said(vk).id for _ in range(1_500)]
    arrivals, removals = change
    vk.vk.site.churn.changes["comments"] = Change(arrivals=arrivals, removals=removals)
    async with vk.adapter("service") as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.COMMENT)
    found = ids(read)
    assert set(before) & set(vk.post.reactions.comments) <= set(found)
    assert len(found) == len(set(found))


async def test_a_scan_goes_on_from_any_page(vk: Practice) -> None:
    expected = set()
    for number in range(240):
        parent = said(vk)
        expected.add(parent.id)
        for _ in range(15 if number % 60 == 0 else 0):
            expected.add(said(vk, to=parent.id).id)
    async with vk.adapter("service") as adapter:
        target = await vk.target(adapter)
        read = await pages(adapter, target, Action.COMMENT)
        assert len(read) > 5
        for number, page in enumerate(read[:-1]):
            rest = await pages(adapter, target, Action.COMMENT, page.next)
            assert set(ids(read[: number + 1])) | set(ids(rest)) == expected
            assert len(rest) <= len(read) - number


async def test_short_names_are_looked_up_once_each(vk: Practice) -> None:
    for _ in range(250):
        said(vk, "@anna @ANNA, *coffee (кофейня) @nobody_there mail@anna.ru @id1006 (Егор)")
    async with vk.adapter() as adapter:
        read = await pages(adapter, await vk.target(adapter), Action.COMMENT)
    assert {each.mentions for each in sightings(read)} == {(str(ANNA), str(-PAGE), str(EGOR))}
    asked = vk.vk.site.limits.of(vk.page).calls["utils.resolveScreenName"]
    assert asked == 3


async def test_a_name_that_cannot_be_looked_up_now_is_no_absence() -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(29)

    comments = [{"id": 1, "from_id": 7, "text": "@friend"}]
    vk = Vk(
        wall__getComments=lambda _: {"count": 1, "current_level_count": 1, "items": comments},
        utils__resolveScreenName=refuse,
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await pages(adapter, POST, Action.COMMENT)
    assert failure.value.retry_after


async def test_a_thread_that_vanishes_with_its_comment_ends_nothing() -> None:
    top = {"id": 1, "from_id": 7, "text": "a", "thread": {"count": 12, "items": []}}
    last = {"id": 2, "from_id": 8, "text": "b"}

    def comments(parameters: dict[str, str]) -> Any:
        if "comment_id" in parameters:
            raise Refused(100)
        offset = int(parameters["offset"])
        return {"count": 14, "current_level_count": 2, "items": [top, last][offset:]}

    async with facing_vk(Vk(wall__getComments=comments, wall__getById=dict)) as (adapter, _):
        read = await pages(adapter, POST, Action.COMMENT)
    assert ids(read) == [1, 2]
    assert read[-1].next is None


async def test_a_strange_text_is_kept_as_a_database_can_hold_it() -> None:
    comments = [{"id": 1, "from_id": 7, "text": "a\x00b", "date": 5}]
    vk = Vk(wall__getComments=lambda _: {"current_level_count": 1, "items": comments})
    async with facing_vk(vk) as (adapter, _):
        (only,) = sightings(await pages(adapter, POST, Action.COMMENT))
    assert only.text == "a\ufffdb"


class Talk:
    """Comments and answers in the order of ids; some vanish before each page."""

    def __init__(self, threads: dict[int, list[int]], gone: list[list[int]]) -> None:
        self.threads = {top: list(answers) for top, answers in threads.items()}
        self.gone = list(gone)
        self.stayers = set(threads) | {answer for answers in threads.values() for answer in answers}
        self.vk = Vk(wall__getComments=self.comments, wall__getById=dict)

    def comments(self, parameters: dict[str, str]) -> Any:
        for id_ in self.gone.pop(0) if self.gone else ():
            self.vanish(id_)
        offset, count = int(parameters["offset"]), int(parameters["count"])
        if "comment_id" in parameters:
            top = int(parameters["comment_id"])
            if top not in self.threads:
                raise Refused(100)
            level = self.threads[top]
            items = [_shown(id_, None) for id_ in level[offset : offset + count]]
        else:
            level = sorted(self.threads)
            shown = level[offset : offset + count]
            items = [_shown(top, self.threads[top]) for top in shown]
        return {"current_level_count": len(level), "items": items}

    def vanish(self, id_: int) -> None:
        lost = {id_, *self.threads.pop(id_, [])}
        for answers in self.threads.values():
            if id_ in answers:
                answers.remove(id_)
        self.stayers -= lost

    def __call__(self, asked: Asked) -> Answer:
        return self.vk(asked)


def _shown(id_: int, answers: list[int] | None) -> dict[str, Any]:
    thread = None
    if answers is not None:
        items = [_shown(answer, None) for answer in answers[:10]]
        thread = {"count": len(answers), "items": items}
    return {"id": id_, "from_id": 7, "text": "x", **({"thread": thread} if thread else {})}


lengths = st.lists(st.sampled_from([0, 0, 0, 0, 1, 10, 11, 130]), min_size=90, max_size=260)


@settings(max_examples=15)
@given(lengths=lengths, gone=st.lists(st.lists(st.integers(1, 800), max_size=4), max_size=20))
async def test_whatever_stays_is_read_once_whatever_vanishes(
    lengths: list[int], gone: list[list[int]]
) -> None:
    number = 0
    threads: dict[int, list[int]] = {}
    for length in lengths:
        number += 1
        threads[number] = list(range(number + 1, number + 1 + length))
        number += length
    talk = Talk(threads, gone)
    async with facing_vk(talk) as (adapter, _):
        found = ids(await pages(adapter, POST, Action.COMMENT))
    assert talk.stayers <= set(found)
    assert len(found) == len(set(found))
