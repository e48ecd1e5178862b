"""Reading a list that is the newest first while people come, go, and come back.

A small list of our own stands for VK's: it changes in any way between any two pages, and pages may
be answered in any order. Whoever is in it from the beginning to the end has to be read, once.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.newest_first import Reading, Slice, read_newest_first
from contest_service.platforms.vk.waiting import Answer, Flight

PEOPLE = 40
PAGE = 6
OVERLAP = 2

Acts = list[list[int]]
"""For each page: who acts before it is read."""


class Likes:
    """A list that is the newest first, and changes before each page."""

    def __init__(
        self,
        people: list[int],
        acts: Acts,
        *,
        hidden: frozenset[int] = frozenset(),
        hiding: Acts | None = None,
        counts_hidden: bool = True,
    ) -> None:
        self.people = list(people)
        self.counts_hidden = counts_hidden
        self.acts = list(acts)
        self.hidden = set(hidden)
        self.hiding = list(hiding or ())
        self.stayers = set(people)
        self.reads = 0

    def read(self, offset: int, page: int) -> tuple[list[int], int]:
        for person in self.acts.pop(0) if self.acts else ():
            self.act(person)
        self.hidden |= set(self.hiding.pop(0)) if self.hiding else set()
        self.reads += 1
        assert self.reads < 2_000  # a list that holds still after all comes to its end
        shown = self.people[offset : offset + page]
        uncounted = 0 if self.counts_hidden else len(self.hidden & set(self.people))
        ids = [person for person in shown if person not in self.hidden]
        return ids, len(self.people) - uncounted

    def act(self, person: int) -> None:
        """Leave and come back at once if even, leave if odd; whoever is not there comes.

        Those who are hidden are no more, so they do nothing.
        """
        if person in self.hidden:
            return
        was_there = person in self.people
        if was_there:
            self.people.remove(person)
            self.stayers.discard(person)
        if not was_there or person % 2 == 0:
            self.people.insert(0, person)


class InOrder:
    """Answers each page at once."""

    def __init__(self, likes: Likes, page: int = PAGE) -> None:
        self.likes = likes
        self.page = page
        self.now = 0.0

    async def read(self, offset: int) -> Slice:
        self.now += 1
        flight = Flight(self.now)
        ids, count = self.likes.read(offset, self.page)
        self.now += 1
        flight.back_at = self.now
        answer = Answer(body=b"", flight=flight)
        return Slice(offset=offset, ids=ids, count=count, answer=answer)


class InAnyOrder:
    """Answers pages that wait in an order that was chosen; to each of them the others took long."""

    def __init__(self, likes: Likes, order: list[int]) -> None:
        self.likes = likes
        self.order = list(order)
        self.now = 0.0
        self.waiting: list[tuple[int, Flight, asyncio.Future[Slice]]] = []

    async def read(self, offset: int) -> Slice:
        self.now += 1_000_000
        future: asyncio.Future[Slice] = asyncio.get_running_loop().create_future()
        self.waiting.append((offset, Flight(self.now), future))
        return await future

    async def answer(self) -> None:
        while True:
            # Until everybody who can has asked.
            for _ in range(20):
                await asyncio.sleep(0)
            if not self.waiting:
                continue
            chosen = self.order.pop(0) if self.order else 0
            offset, flight, future = self.waiting.pop(chosen % len(self.waiting))
            ids, count = self.likes.read(offset, PAGE)
            self.now += 1_000_000
            flight.back_at = self.now
            if not future.done():
                answer = Answer(body=b"", flight=flight)
                future.set_result(Slice(offset=offset, ids=ids, count=count, answer=answer))


Read = Callable[[int], Awaitable[Slice]]


async def whole(
    read: Read, after: str | None = None, page: int = PAGE, overlap: int = OVERLAP
) -> list[Reading]:
    readings = read_newest_first(read, after, page=page, overlap=overlap)
    return [reading async for reading in readings]


def ids(readings: list[Reading]) -> list[int]:
    return [id_ for reading in readings for id_ in reading.ids]


people = st.sampled_from([0, 1, 5, 6, 7, 12, 25, PEOPLE]).map(lambda count: list(range(count)))
some = st.lists(st.integers(0, PEOPLE + 20), max_size=8)
acts = st.lists(some, min_size=12, max_size=25) | st.lists(some, max_size=3)
leaving = st.lists(st.integers(0, PEOPLE // 2 - 1), unique=True, max_size=20).map(
    lambda drawn: [[2 * number + 1] for number in drawn if number < PEOPLE // 2]
)
hidden = st.frozensets(st.integers(0, PEOPLE), max_size=3)
# As many as pages overlap.
hiding = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, PEOPLE)).map(
    lambda drawn: [
        [*([drawn[2]] if page == drawn[0] else ()), *([drawn[2] + 1] if page == drawn[1] else ())]
        for page in range(10)
    ]
)
many = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])


@contextlib.contextmanager
def suppressed() -> Iterator[None]:
    """A pass may give up and be tried again, and fail in no other way."""
    try:
        yield
    except PlatformError as error:
        if error.kind is not FailureKind.UNREACHABLE:
            raise


def require_whole(readings: list[Reading], likes: Likes) -> None:
    read = ids(readings)
    assert likes.stayers - likes.hidden <= set(read)
    assert len(read) == len(set(read))
    assert [reading.next is None for reading in readings[:-1]] == [False] * (len(readings) - 1)
    assert readings[-1].next is None


@many
@given(people=people, acts=acts, hidden=hidden, hiding=hiding)
def test_whoever_stays_is_read_once_whatever_the_others_do(
    people: list[int], acts: Acts, hidden: frozenset[int], hiding: Acts
) -> None:
    likes = Likes(people, acts, hidden=hidden, hiding=hiding)
    with suppressed():
        require_whole(asyncio.run(whole(InOrder(likes).read)), likes)


@many
@given(people=people, leaving=leaving, hiding=hiding)
def test_whoever_stays_is_read_though_the_count_leaves_hidden_people_out(
    people: list[int], leaving: Acts, hiding: Acts
) -> None:
    likes = Likes(people, leaving, hiding=hiding, counts_hidden=False)
    with suppressed():
        require_whole(asyncio.run(whole(InOrder(likes).read)), likes)


@many
@given(people=people, acts=acts, order=st.lists(st.integers(0, 60), max_size=120))
def test_nothing_is_passed_over_if_pages_are_answered_in_any_order(
    people: list[int], acts: Acts, order: list[int]
) -> None:
    async def run() -> None:
        likes = Likes(people, acts)
        server = InAnyOrder(likes, order)
        answering = asyncio.ensure_future(server.answer())
        try:
            with suppressed():
                require_whole(await whole(server.read), likes)
        finally:
            answering.cancel()

    asyncio.run(run())


@many
@given(people=people, acts=acts, stop=st.integers(1, 12))
def test_whoever_stays_is_read_over_several_runs(people: list[int], acts: Acts, stop: int) -> None:
    async def run() -> None:
        likes = Likes(people, acts)
        read: set[int] = set()
        after: str | None = None
        with suppressed():
            while True:
                run = read_newest_first(InOrder(likes).read, after, page=PAGE, overlap=OVERLAP)
                async with contextlib.aclosing(run):
                    number = 0
                    async for reading in run:
                        number += 1
                        read.update(reading.ids)
                        after = reading.next
                        if number == stop:
                            break
                if after is None:
                    break
            assert likes.stayers <= read

    asyncio.run(run())


@given(people=people)
def test_a_list_that_holds_still_is_read_as_it_is(people: list[int]) -> None:
    likes = Likes(people, [])
    readings = asyncio.run(whole(InOrder(likes).read))
    assert ids(readings) == people
    require_whole(readings, likes)


def test_a_changing_list_is_read_without_failing_where_few_act_at_once() -> None:
    likes = Likes(list(range(300)), [[2 * n + 1, 400 + n] for n in range(90)])
    readings = asyncio.run(whole(InOrder(likes, 20).read, page=20, overlap=4))
    require_whole(readings, likes)


def test_a_hundred_thousand_people_cost_a_hundred_and_three_pages() -> None:
    likes = Likes(list(range(100_000)), [])
    readings = asyncio.run(whole(InOrder(likes, 1000).read, page=1000, overlap=10))
    assert ids(readings) == list(range(100_000))
    assert likes.reads == 103


def test_an_account_that_moves_to_the_top_does_not_hide_a_hole() -> None:
    # Deeper pages are read before the first ones; then the top grows by half a page, and one of
    # the deeper ones comes back to it: the two pages share that one, with a hole between them.
    likes = Likes(list(range(1, 31)), [[], [100, 101, 102, 8]])
    order = [1, 0]

    async def run() -> None:
        server = InAnyOrder(likes, order)
        answering = asyncio.ensure_future(server.answer())
        try:
            require_whole(await whole(server.read), likes)
        finally:
            answering.cancel()

    asyncio.run(run())


def test_a_list_that_never_holds_still_fails_and_may_be_tried_again() -> None:
    # Nobody is ever seen twice.
    likes = Likes(list(range(1, 1000, 2)), [])
    likes.acts = [list(range(n, n + 2000, 2)) for n in range(1, 200_000, 1000)]
    with pytest.raises(PlatformError) as failure:
        asyncio.run(whole(InOrder(likes, 40).read, page=40, overlap=4))
    assert failure.value.kind is FailureKind.UNREACHABLE


@pytest.mark.parametrize("after", ["", "x", "[1]", '{"a": 1}'])
def test_a_checkpoint_of_another_form_is_refused(after: str) -> None:
    likes = Likes([1, 2], [])
    with pytest.raises(PlatformError) as failure:
        asyncio.run(whole(InOrder(likes).read, after or "[]"))
    assert failure.value.kind is FailureKind.MALFORMED
