"""Many calls at once, so that they travel together; answers in order."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


async def together(
    ask: Callable[[_Question], Awaitable[_Answer]], questions: Sequence[_Question]
) -> list[_Answer]:
    """Ask all questions at once. The first failure is raised, and the others are given up."""
    asked = [asyncio.ensure_future(ask(question)) for question in questions]
    try:
        return [await each for each in asked]
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def chunks(items: Iterable[_Question], size: int) -> list[tuple[_Question, ...]]:
    """Deal distinct items out in groups of at most `size`."""
    rest = iter(dict.fromkeys(items))
    dealt = []
    while chunk := tuple(itertools.islice(rest, size)):
        dealt.append(chunk)
    return dealt
