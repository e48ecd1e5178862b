"""Reading a list that is in the order of ids while entries come and go anywhere in it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.by_id import Cursor, Reading, Slice, read_by_id

PAGE = 5


class Entry:
    def __init__(self, id_: int) -> None:
        self.id = id_


class Members:
    """A list in the order of ids; before each page somebody leaves it or comes to it."""

    def __init__(self, ids: set[int], acts: list[list[int]], *, hidden: frozenset[int]) -> None:
        self.ids = set(ids)
        self.acts = list(acts)
        self.hidden = hidden
        self.stayers = set(ids)
        self.reads = 0

    async def read(self, offset: int) -> Slice[Entry]:
        for id_ in self.acts.pop(0) if self.acts else ():
            self.stayers.discard(id_)
            self.ids ^= {id_}
        self.reads += 1
        assert self.reads < 2_000  # a list that holds still after all comes to its end
        # Others are answered meanwhile.
        await asyncio.sleep(0)
        shown = sorted(self.ids)[offset : offset + PAGE]
        entries = [Entry(id_) for id_ in shown if id_ not in self.hidden]
        return Slice(offset=offset, entries=entries, count=len(self.ids), body=b"")


async def whole(members: Members, after: Cursor) -> list[Reading[Entry]]:
    return [reading async for reading in read_by_id(members.read, after, page=PAGE)]


ids = st.just(set(range(1, 41))) | st.sets(st.integers(1, 60))
some = st.lists(st.integers(1, 45), max_size=6)
acts = st.lists(some, min_size=8, max_size=25) | st.lists(some, max_size=3)
hidden = st.frozensets(st.integers(1, 60), max_size=3)


@settings(max_examples=200)
@given(ids=ids, acts=acts, hidden=hidden)
def test_whoever_stays_is_read_once_whatever_the_others_do(
    ids: set[int], acts: list[list[int]], hidden: frozenset[int]
) -> None:
    members = Members(ids, acts, hidden=hidden)
    try:
        readings = asyncio.run(whole(members, Cursor()))
    except PlatformError as error:
        if error.kind is not FailureKind.UNREACHABLE:
            raise
        return
    read = [entry.id for reading in readings for entry in reading.entries]
    assert members.stayers - hidden <= set(read)
    assert len(read) == len(set(read))
    assert [reading.next for reading in readings].index(None) == len(readings) - 1


@settings(max_examples=150)
@given(ids=ids, acts=acts, stop=st.integers(1, 6))
def test_whoever_stays_is_read_over_several_runs(
    ids: set[int], acts: list[list[int]], stop: int
) -> None:
    members = Members(ids, acts, hidden=frozenset())

    async def run() -> set[int]:
        read: set[int] = set()
        after: Cursor | None = Cursor()
        while after is not None:
            number = 0
            async for reading in read_by_id(members.read, Cursor.read(after.write()), page=PAGE):
                read.update(entry.id for entry in reading.entries)
                after = reading.next
                number += 1
                if number == stop:
                    break
        return read

    try:
        assert members.stayers <= asyncio.run(run())
    except PlatformError as error:
        if error.kind is not FailureKind.UNREACHABLE:
            raise


def test_a_list_that_holds_still_costs_no_more_than_its_pages() -> None:
    members = Members(set(range(1, 302)), [], hidden=frozenset())
    readings = asyncio.run(whole(members, Cursor()))
    read = [entry.id for reading in readings for entry in reading.entries]
    assert read == list(range(1, 302))
    assert members.reads == 100  # pages of five that share two


@pytest.mark.parametrize("length", range(20, 32))
def test_a_count_that_leaves_hidden_ones_out_does_not_end_the_list(length: int) -> None:
    hidden = {3, 9, 16}

    async def read(offset: int) -> Slice[Entry]:
        shown = range(1, length + 1)[offset : offset + PAGE]
        entries = [Entry(id_) for id_ in shown if id_ not in hidden]
        return Slice(offset=offset, entries=entries, count=length - len(hidden), body=b"")

    async def run() -> list[int]:
        readings = read_by_id(read, Cursor(), page=PAGE)
        return [entry.id async for reading in readings for entry in reading.entries]

    assert asyncio.run(run()) == [id_ for id_ in range(1, length + 1) if id_ not in hidden]


def test_a_list_in_another_order_is_refused() -> None:
    async def read(offset: int) -> Slice[Entry]:
        return Slice(offset=offset, entries=[Entry(2), Entry(1)], count=2, body=b"")

    async def run() -> None:
        async for _ in read_by_id(read, Cursor(), page=PAGE):
            pass

    with pytest.raises(PlatformError) as failure:
        asyncio.run(run())
    assert failure.value.kind is FailureKind.MALFORMED


def test_a_checkpoint_of_another_form_is_refused() -> None:
    with pytest.raises(PlatformError) as failure:
        Cursor.read("{")
    assert failure.value.kind is FailureKind.MALFORMED
