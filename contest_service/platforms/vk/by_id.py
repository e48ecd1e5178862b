"""Reading a list that is in the order of ids, by offsets, while entries come and go.

Here every entry has its place by itself, so a page holds everything from its first id to its last
that was there when it was read. Pages may be read in any order; a pass has no hole if each page
begins no further than where those before it end, and the last one reaches the end of the list.
Where one begins too far, since entries before it were removed, what lies between is read first.
"""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Generic, Protocol, Self, TypeVar

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.waves import Waves

OVERLAP = 2
_MOST_BRIDGES = 12


class Entry(Protocol):
    """Whatever has an id."""

    @property
    def id(self) -> int: ...


_Entry = TypeVar("_Entry", bound=Entry)


class Slice(msgspec.Struct, Generic[_Entry], frozen=True, kw_only=True):
    """A page: the list from `offset`, `count` being how long it said the list is."""

    offset: int
    entries: Sequence[_Entry]
    count: int
    body: bytes

    @property
    def first(self) -> int:
        """The first id. There must be one."""
        return self.entries[0].id

    @property
    def last(self) -> int:
        """The last id. There must be one."""
        return self.entries[-1].id


class Reading(msgspec.Struct, Generic[_Entry], frozen=True, kw_only=True):
    """What a page added, and from where to go on; None after the last page."""

    entries: Sequence[_Entry]
    next: "Cursor | None"
    body: bytes


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a pass stands: everything up to and including `last` was read."""

    offset: int = 0
    last: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a cursor that was written. Raises PlatformError MALFORMED."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise PlatformError(
                FailureKind.MALFORMED, "The scan's checkpoint cannot be read."
            ) from None

    def write(self) -> str:
        """Write the cursor down."""
        return msgspec.json.encode(self).decode()


async def read_by_id(
    read: Callable[[int], Awaitable[Slice[_Entry]]],
    after: Cursor,
    *,
    page: int,
    expected: int | None = None,
) -> AsyncGenerator[Reading[_Entry], None]:
    """Yield every entry of the list, each once; `read` reads `page` entries from an offset on.

    `expected` is about how long the list is, where that is known.

    Raises PlatformError: MALFORMED if the list is not in the order of ids, UNREACHABLE if it does
    not hold still enough.
    """
    waves = Waves(read)
    last, offset = after.last, after.offset
    end = None if expected is None else expected - OVERLAP
    is_doubtful = False
    try:
        while True:
            waves.plan(offset, stride=max(1, page - OVERLAP), end=end)
            slice_ = await waves.take()
            for bridge in await _bridged(read, slice_, last=last, page=page):
                _require_order(bridge)
                fresh = [entry for entry in bridge.entries if entry.id > last]
                last = max(last, bridge.last) if bridge.entries else last
                end = bridge.count - OVERLAP
                due = max(0, min(page, bridge.count - bridge.offset))
                is_doubtful = is_doubtful or len(bridge.entries) != due
                is_over = bridge.offset + page >= bridge.count and not (is_doubtful and fresh)
                offset = bridge.offset + page - OVERLAP
                cursor = Cursor(offset, last)
                yield Reading(entries=fresh, next=None if is_over else cursor, body=bridge.body)
                if is_over:
                    return
            if not slice_.entries:
                # It was beyond the end of a list that became shorter, as is what follows it.
                waves.forget()
    finally:
        await waves.aclose()


async def _bridged(
    read: Callable[[int], Awaitable[Slice[_Entry]]],
    slice_: Slice[_Entry],
    *,
    last: int,
    page: int,
) -> list[Slice[_Entry]]:
    """Return a page, and before it what lies between it and the last id that was read."""
    whole: list[Slice[_Entry]] = []
    waiting = [slice_]
    back = max(1, page // 2)
    bridges = 0
    while waiting:
        next_ = waiting.pop()
        if next_.offset == 0 or (next_.entries and next_.first <= last):
            last = max(last, next_.last) if next_.entries else last
            back = max(1, page // 2)
            whole.append(next_)
            continue
        bridges += 1
        if bridges > _MOST_BRIDGES:
            raise PlatformError(
                FailureKind.UNREACHABLE,
                "The list changes faster than VK lets it be read; it is tried again.",
            )
        if next_.entries:
            waiting.append(next_)
        # One without entries says nothing but that the list became shorter.
        waiting.append(await read(max(0, next_.offset - back)))
        back *= 2
    return whole


def _require_order(slice_: Slice[_Entry]) -> None:
    ids = [entry.id for entry in slice_.entries]
    if any(left >= right for left, right in itertools.pairwise(ids)):
        raise PlatformError(
            FailureKind.MALFORMED, "VK's list is not in the order of ids, so it cannot be trusted."
        )
