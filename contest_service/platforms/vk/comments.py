"""The comments under a post: the post's own level, and the thread below each of them.

Both levels are read in the order of ids; only who looks for something new begins with the newest
of the post's own. An answer holds up to ten comments of each thread; a
longer thread is asked for by itself. Deleted comments leave a gap whose thread is still there. The
pages of many threads are asked for at once, so that they travel together with the next comments.
"""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from contest_service.domain.evidence import Page, Sighting, Target
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import by_id, wire
from contest_service.platforms.vk.addresses import comment_ref, parse_ref
from contest_service.platforms.vk.by_id import Cursor, Slice, read_by_id
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.names import Names
from contest_service.platforms.vk.texts import Said, is_short_name, read_text
from contest_service.platforms.vk.tokens import Tokens

PAGE = 100
"""The longest that VK gives."""
SHOWN_OF_THREAD = 10

_METHOD = "wall.getComments"
_MOST_THREADS = 100
"""Threads that are being read before the next comments are looked at."""

_Reading = by_id.Reading[wire.Comment]
_Pages = AsyncGenerator[_Reading, None]
_Read = Callable[[int], Awaitable[Slice[wire.Comment]]]


class _Progress(msgspec.Struct, frozen=True, array_like=True):
    """Where a pass stands: what is left of the post's own level, and threads still to be read."""

    level: Cursor | None
    threads: list[int]


class CommentReader:
    """Reads all comments under one post; one for each pass."""

    def __init__(self, tokens: Tokens, target: Target, *, page: int = PAGE) -> None:
        self._tokens = tokens
        self._post = parse_ref(target.ref)
        self._page = page
        self._names = Names(tokens)
        self._threads: deque[tuple[int, asyncio.Future[list[_Reading]]]] = deque()
        self._seen: set[int] = set()

    async def read(self, after: str | None) -> AsyncGenerator[Page, None]:
        """Yield the comments; a page's `next` says what is still to be read."""
        progress = _resumed(after) if after else _Progress(Cursor(), [])
        for thread in progress.threads:
            self._begin(thread, self._page)
        level = progress.level
        pages = None if level is None else self._level(level)
        try:
            while pages is not None or self._threads:
                if pages is None or len(self._threads) >= _MOST_THREADS:
                    async for page in self._finish_thread(level):
                        yield page
                    continue
                reading = await anext(pages)
                level = reading.next
                if level is None:
                    await pages.aclose()
                    pages = None
                comments = self._unfold(reading.entries)
                yield await self._page_of(comments, reading.body, self._cursor(level))
        finally:
            if pages is not None:
                await pages.aclose()
            for _, task in self._threads:
                task.cancel()
            await asyncio.gather(*(task for _, task in self._threads), return_exceptions=True)

    async def read_newest(self, since: datetime) -> AsyncGenerator[Page, None]:
        """Yield the post's own level from the newest on, with what is shown of the threads.

        Ends with the page on which a comment was written before `since`. What comes meanwhile
        repeats some comments; what goes meanwhile may hide some.
        """
        read, offset = self._slices(0, sort="desc"), 0
        while True:
            slice_ = await read(offset)
            offset += len(slice_.entries)
            threads = [each.thread.items for each in slice_.entries if each.thread]
            shown = [*slice_.entries, *itertools.chain.from_iterable(threads)]
            yield await self._page_of(shown, slice_.body, None)
            oldest = min((each.date for each in slice_.entries if each.date), default=None)
            is_old = oldest is not None and oldest < since.timestamp()
            if is_old or not slice_.entries or offset >= slice_.count:
                return

    def _level(self, after: Cursor) -> _Pages:
        return read_by_id(self._slices(0), after, page=self._page)

    def _begin(self, thread: int, length: int) -> None:
        task = asyncio.ensure_future(self._thread(thread, length))
        self._threads.append((thread, task))

    async def _thread(self, id_: int, length: int) -> list[_Reading]:
        """Read a thread; of one that vanished with its comment nothing is left."""
        pages = read_by_id(self._slices(id_), Cursor(), page=self._page, expected=length)
        try:
            async with contextlib.aclosing(pages):
                return [reading async for reading in pages]
        except VkError as error:
            if error.kind not in (FailureKind.GONE, FailureKind.MALFORMED):
                raise
            return [_Reading(entries=(), next=None, body=b"")]

    async def _finish_thread(self, level: Cursor | None) -> AsyncGenerator[Page, None]:
        readings = await self._threads[0][1]
        unfinished = self._cursor(level)
        self._threads.popleft()
        for reading in readings:
            # Until its last page a thread is read again from its beginning.
            next_ = unfinished if reading.next is not None else self._cursor(level)
            yield await self._page_of(reading.entries, reading.body, next_)

    def _unfold(self, comments: Sequence[wire.Comment]) -> list[wire.Comment]:
        """Put those of short threads below their comments, and begin to read the long ones."""
        unfolded: list[wire.Comment] = []
        for comment in comments:
            unfolded.append(comment)
            thread = comment.thread
            if thread is None or thread.count == 0:
                continue
            if len(thread.items) < thread.count:
                self._begin(comment.id, thread.count)
            else:
                unfolded += thread.items
        return unfolded

    async def _page_of(
        self, comments: Sequence[wire.Comment], body: bytes, next_: str | None
    ) -> Page:
        fresh = [comment for comment in comments if comment.id not in self._seen]
        self._seen.update(comment.id for comment in fresh)
        said = [
            (comment, read_text(comment.text))
            for comment in fresh
            if not comment.deleted and comment.from_id
        ]
        ids = await self._names.look_up(name for _, text in said for name in text.named)
        sightings = tuple(
            sighting_of(comment, text, owner=self._post.owner, ids=ids) for comment, text in said
        )
        return Page(sightings=sightings, next=next_, body=body)

    def _cursor(self, level: Cursor | None) -> str | None:
        threads = [thread for thread, _ in self._threads]
        if level is None and not threads:
            return None
        return msgspec.json.encode(_Progress(level, threads)).decode()

    def _slices(self, thread: int, *, sort: str = "asc") -> _Read:
        async def read(offset: int) -> Slice[wire.Comment]:
            parameters: Parameters = {
                "owner_id": self._post.owner,
                "post_id": self._post.id,
                "sort": sort,
                "offset": offset,
                "count": self._page,
                "preview_length": 0,
                **({"comment_id": thread} if thread else {"thread_items_count": SHOWN_OF_THREAD}),
            }
            answer = await self._tokens.ask(_METHOD, parameters)
            told = decode(_METHOD, answer.body, wire.Comments)
            count = told.count if told.current_level_count is None else told.current_level_count
            return Slice(offset=offset, entries=told.items, count=count, body=answer.body)

        return read


def sighting_of(
    comment: wire.Comment, said: Said, *, owner: int, ids: Mapping[str, str]
) -> Sighting:
    """Read a comment; `ids` tells whose the short names are, and who is not in it is nobody."""
    named = (ids.get(name, "") if is_short_name(name) else name for name in said.named)
    return Sighting(
        account=str(comment.from_id),
        ref=comment_ref(owner, comment.id, comment.text),
        at=comment.date,
        text=said.text,
        tags=said.tags,
        mentions=tuple(dict.fromkeys(id_ for id_ in named if id_)),
    )


def _resumed(after: str) -> _Progress:
    try:
        return msgspec.json.decode(after, type=_Progress)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PlatformError(
            FailureKind.MALFORMED, "The scan's checkpoint cannot be read."
        ) from None
