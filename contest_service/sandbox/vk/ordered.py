"""Lists that people enter and leave: in the order in which they arrived, by id, and their history.

Owns the memory of long lists: a page is a slice, whatever its offset, and leaving is a binary
search. Ids are 64-bit numbers; a community's is negative.
"""

import bisect
from array import array
from collections.abc import Iterable, Iterator


class Arrivals:
    """Ids in the order of their arrival, each at most once."""

    __slots__ = ("_ids", "_number_of", "_numbers", "_sorted")

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = array("q")
        self._numbers = array("q")  # ascending; the place of an id is found by its number
        self._number_of: dict[int, int] = {}
        self._sorted: array[int] | None = None
        self.extend(ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, id_: int) -> bool:
        return id_ in self._number_of

    def __iter__(self) -> Iterator[int]:
        """Iterate from the oldest to the newest."""
        return iter(self._ids)

    def __getitem__(self, place: int) -> int:
        """Return the id at a place counted from the oldest."""
        return self._ids[place]

    def add(self, id_: int) -> bool:
        """Put an id at the end; False if it is there already."""
        if id_ in self._number_of:
            return False
        number = self._numbers[-1] + 1 if self._numbers else 0
        self._number_of[id_] = number
        self._ids.append(id_)
        self._numbers.append(number)
        if self._sorted is not None:
            bisect.insort(self._sorted, id_)
        return True

    def extend(self, ids: Iterable[int]) -> list[int]:
        """Put many ids at the end, and return them; those that are there stay where they are."""
        fresh = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._number_of]
        first = self._numbers[-1] + 1 if self._numbers else 0
        numbers = range(first, first + len(fresh))
        self._ids.extend(fresh)
        self._numbers.extend(numbers)
        self._number_of.update(zip(fresh, numbers, strict=True))
        self._sorted = None
        return fresh

    def discard(self, id_: int) -> bool:
        """Take an id out; False if it was not there."""
        number = self._number_of.pop(id_, None)
        if number is None:
            return False
        place = bisect.bisect_left(self._numbers, number)
        del self._ids[place], self._numbers[place]
        if self._sorted is not None:
            del self._sorted[bisect.bisect_left(self._sorted, id_)]
        return True

    def newest(self, offset: int, count: int) -> list[int]:
        """Return a page that begins `offset` before the newest, newest first."""
        end = max(0, len(self._ids) - offset)
        page = self._ids[max(0, end - count) : end].tolist()
        page.reverse()
        return page

    def oldest(self, offset: int, count: int) -> list[int]:
        """Return a page that begins `offset` after the oldest, oldest first."""
        return self._ids[offset : offset + count].tolist()

    def by_id(self, offset: int, count: int) -> list[int]:
        """Return a page of the ids in ascending order."""
        return self._in_order()[offset : offset + count].tolist()

    def by_id_down(self, offset: int, count: int) -> list[int]:
        """Return a page of the ids in descending order."""
        ids = self._in_order()
        end = max(0, len(ids) - offset)
        page = ids[max(0, end - count) : end].tolist()
        page.reverse()
        return page

    def places_up_to(self, id_: int) -> int:
        """Count the ids up to and with `id_`, in a list whose ids only grow, such as comments."""
        return bisect.bisect_right(self._ids, id_)

    def packed(self) -> bytes:
        """Write all ids, the oldest first, as 64-bit numbers of this machine."""
        return self._ids.tobytes()

    @classmethod
    def unpacked(cls, data: bytes) -> "Arrivals":
        """Read what `packed` wrote. Raises ValueError for other bytes."""
        ids = array("q")
        ids.frombytes(data)
        return cls(ids)

    def _in_order(self) -> "array[int]":
        if self._sorted is None:
            self._sorted = array("q", sorted(self._ids))
        return self._sorted


DEEDS = ("like", "unlike", "repost", "unrepost", "forward", "comment", "erase", "join", "leave")
"""What a history tells about; `erase` is a deleted comment, whoever deleted it."""


class History:
    """What happened to one post or community, in order: who, what, when, and with what id."""

    __slots__ = ("_actors", "_deeds", "_references", "_times")

    def __init__(self) -> None:
        self._times = array("q")
        self._deeds = array("b")
        self._actors = array("q")
        self._references = array("q")

    def __len__(self) -> int:
        return len(self._times)

    def note(self, deed: str, actor: int, *, at: int, reference: int = 0) -> None:
        """Write one thing down; `reference` is the comment's or the repost's id, or 0."""
        self._times.append(at)
        self._deeds.append(DEEDS.index(deed))
        self._actors.append(actor)
        self._references.append(reference)

    def note_many(self, deed: str, actors: Iterable[int], *, at: int) -> None:
        """Write down that many people did the same at the same time."""
        before = len(self._actors)
        self._actors.extend(actors)
        more = len(self._actors) - before
        self._times.extend([at] * more)
        self._deeds.extend([DEEDS.index(deed)] * more)
        self._references.extend([0] * more)

    def told(self) -> list[tuple[int, str, int, int]]:
        """Tell everything as (unix seconds, deed, who, reference)."""
        return [
            (at, DEEDS[deed], actor, reference)
            for at, deed, actor, reference in zip(
                self._times, self._deeds, self._actors, self._references, strict=True
            )
        ]

    def packed(self) -> list[bytes]:
        """Write the history as its four columns."""
        columns = (self._times, self._deeds, self._actors, self._references)
        return [column.tobytes() for column in columns]

    @classmethod
    def unpacked(cls, columns: list[bytes]) -> "History":
        """Read what `packed` wrote. Raises ValueError for other bytes."""
        history = cls()
        times, deeds, actors, references = columns
        history._times.frombytes(times)
        history._deeds.frombytes(deeds)
        history._actors.frombytes(actors)
        history._references.frombytes(references)
        return history
