"""Reading a list that is the newest first, by offsets, while people come and go.

An offset list shifts under its reader: each newcomer moves everybody down, each one who leaves
moves everybody after them up. Whoever leaves and comes back stands at the top. So pages overlap,
and a pass is a *chain* of pages that hang together; it ends as complete only with the list's end.

**What is guaranteed.** Call those who are in the list from the beginning of the pass to its end the
stayers: they never change places among themselves. Claim: after each page of the chain, its pages
hold every stayer who stood above that page's end when it was read. For a page at offset 0 this is
plain, and for a page that reaches the list's end it means all stayers.

Let page B be read *after* page A of the chain, and share somebody with it. If they kept their place
in between, then each stayer above B's end either is on B, or stands above that shared one, and so
stood above A's end, and is held already. If they left and came back in between, then everybody
above them on B came even later; so the stayers above B's end all stand below them, on B. Either way
the claim holds for B. One shared id is enough, whoever tries to trick it, if B was read after A.

If B may have been read *before* A, any shared id is not enough: somebody deep in the list may leave
and come back to the top between the moments, and be on both pages with a hole between them. Then it
is A's last id that has to be on B. Those who acted since B was read stand on top of everybody else,
so if that last one is one of them, then all of A are, and all above A: as many people as A's end is
deep, in the time between the two requests. It is taken only where that would be more than
`MOST_A_SECOND`; otherwise B is read again.

Where pages do not meet, the place is looked for anew from the list's growth, a few times; then the
pass begins again at the top; where that does not help either, it fails, to be tried again. At last
the top is read once more, for newcomers: they are no stayers, but they are there.
"""

import contextlib
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.waiting import Answer
from contest_service.platforms.vk.waves import Waves

MOST_A_SECOND = 1000.0
"""People who act on one post in a second; no list has been seen to grow nearly as fast."""

OVERLAP = 10
"""Ids that neighbouring pages share while nothing happens: few people leave between two pages."""
_KEPT_TAIL = 50
"""Ids of a page that a cursor keeps, to find the place again."""
_BEGINNINGS = 3
"""How often a pass may begin again at the top, until it fails."""
_TOPS = 5
"""Pages that are read for newcomers."""


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A page: the list from `offset`, `count` being how long it said the list is."""

    offset: int
    ids: list[int]
    count: int
    answer: Answer


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a page added, and from where to go on; `next` is None after the last page."""

    ids: list[int]
    next: str | None
    body: bytes


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a chain stands, between runs."""

    offset: int
    end: int
    """How far into the list the last page reached."""
    count: int
    tail: list[int]
    overlap: int
    top: int = -1
    """The page for newcomers that comes next; -1 while the list is being read."""


@dataclass(kw_only=True)
class _Chain:
    page: int
    offset: int = 0
    """Where the next page begins."""
    end: int = 0
    count: int | None = None
    tail: list[int] = field(default_factory=list)
    answer: Answer | None = None
    """Of the last page; None if another run read it, so that it surely came before."""
    overlap: int = OVERLAP
    misses: int = 0
    beginnings: int = 0
    is_doubtful: bool = False
    """Whether people are hidden, so that the count does not tell the end."""
    pages: int = 0

    def continues(self, page: Slice) -> bool:
        """Whether a page hangs together with the chain, as the module's text proves."""
        if page.offset == 0:
            return True
        ids = set(page.ids)
        if self.answer is None or self.answer.is_surely_before(page.answer):
            return not ids.isdisjoint(self.tail)
        seconds = self.answer.flight.back_at - page.answer.flight.left_at
        meets = bool(self.tail) and self.tail[-1] in ids
        return meets and self.end > seconds * MOST_A_SECOND

    def add(self, page: Slice, fresh: list[int]) -> None:
        """Let the chain reach to the end of a page that continues it; `fresh` is what it added."""
        if page.ids:
            self.tail, self.answer = page.ids, page.answer
        self.end = min(page.offset + self.page, page.count)
        self.count = page.count
        self.offset = max(page.offset + 1, page.offset + self.page - self.overlap)
        # A page that adds nothing is no way out yet.
        self.misses = 0 if fresh else self.misses
        self.pages += 1
        expected = max(0, min(self.page, page.count - page.offset))
        self.is_doubtful = self.is_doubtful or len(page.ids) != expected

    def is_over(self, page: Slice, fresh: list[int]) -> bool:
        """Whether nothing comes after this page: by its count, or because it added nothing.

        Should the count leave hidden people out, though they have places in the list, it falls
        short by them: then a page that adds nothing is the last one (a whole page of newcomers
        between two requests, or of hidden people in a row, would be needed to feign it), and the
        count has to be passed by some for those who were hidden since their page was read.
        """
        margin = self.overlap if self.pages > 1 else 0
        reaches = page.offset + self.page >= page.count + margin
        return reaches and (not self.is_doubtful or not fresh)

    def look_elsewhere(self, page: Slice) -> None:
        """Choose another place to go on at, after a page that does not continue the chain.

        Whoever came stands above the chain's end, whoever left may have stood on either side of
        it, so the end is where the growth of the count puts it, or further down.
        """
        expected = self.end + page.count - (page.count if self.count is None else self.count)
        self.overlap = min(self.overlap * 4, max(1, self.page // 2))
        half = self.page // 2
        steps = (self.overlap, half, self.page - 1, -half, self.page + half)
        is_lost = self.misses == len(steps)
        self.offset = 0 if is_lost else max(0, expected - steps[self.misses])
        self.misses = 0 if is_lost else self.misses + 1
        if self.offset == 0:
            self.beginnings += 1
        if self.beginnings > _BEGINNINGS:
            raise PlatformError(
                FailureKind.UNREACHABLE,
                "The list changes faster than VK lets it be read; it is tried again.",
            )

    def cursor(self, *, top: int = -1) -> str:
        """Write down where the chain stands."""
        tail = self.tail[-_KEPT_TAIL:]
        state = _Cursor(self.offset, self.end, self.count or 0, tail, self.overlap, top)
        return msgspec.json.encode(state).decode()


async def read_newest_first(
    read: Callable[[int], Awaitable[Slice]],
    after: str | None,
    *,
    page: int,
    overlap: int = OVERLAP,
) -> AsyncGenerator[Reading, None]:
    """Yield everybody in the list, each once; `after` is a `next` of another run.

    `read` reads `page` ids from an offset on. Raises PlatformError, UNREACHABLE if the list does
    not hold still enough.
    """
    chain, top = _resumed(after, page) if after else (_Chain(page=page, overlap=overlap), -1)
    seen: set[int] = set()
    if top < 0:
        waves = Waves(read)
        async with (
            contextlib.aclosing(waves),
            contextlib.aclosing(_follow(chain, waves, seen)) as readings,
        ):
            async for reading in readings:
                yield reading
        if chain.pages == 1 and after is None:
            return
        top = 0
    async for reading in _tops(chain, read, seen, first=top):
        yield reading


async def _follow(
    chain: _Chain, waves: Waves[Slice], seen: set[int]
) -> AsyncGenerator[Reading, None]:
    is_alone = chain.count is None
    while True:
        stride = max(1, chain.page - chain.overlap)
        waves.plan(chain.offset, stride=stride, end=chain.count, careful=chain.misses > 0)
        slice_ = await waves.take()
        if not chain.continues(slice_):
            waves.forget()
            chain.look_elsewhere(slice_)
            continue
        fresh = [id_ for id_ in dict.fromkeys(slice_.ids) if id_ not in seen]
        seen.update(fresh)
        chain.add(slice_, fresh)
        is_over = chain.is_over(slice_, fresh)
        is_whole = is_over and is_alone and chain.pages == 1
        next_ = None if is_whole else chain.cursor(top=0 if is_over else -1)
        yield Reading(ids=fresh, next=next_, body=slice_.answer.body)
        if is_over:
            return


async def _tops(
    chain: _Chain, read: Callable[[int], Awaitable[Slice]], seen: set[int], *, first: int
) -> AsyncGenerator[Reading, None]:
    """Read the top once more, page by page until one shows somebody known."""
    for number in itertools.count(first):
        slice_ = await read(number * (chain.page - chain.overlap))
        fresh = [id_ for id_ in dict.fromkeys(slice_.ids) if id_ not in seen]
        meets = len(fresh) < len(slice_.ids) or not slice_.ids
        is_last = meets or number + 1 >= _TOPS
        seen.update(fresh)
        next_ = None if is_last else chain.cursor(top=number + 1)
        yield Reading(ids=fresh, next=next_, body=slice_.answer.body)
        if is_last:
            return


def _resumed(after: str, page: int) -> tuple[_Chain, int]:
    try:
        state = msgspec.json.decode(after, type=_Cursor)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PlatformError(
            FailureKind.MALFORMED, "The scan's checkpoint cannot be read."
        ) from None
    chain = _Chain(
        page=page,
        offset=state.offset,
        end=state.end,
        count=state.count,
        tail=state.tail,
        overlap=state.overlap,
    )
    return chain, state.top
