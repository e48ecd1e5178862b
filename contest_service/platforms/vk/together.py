"""Many calls at once, so that they travel together; answers in order."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

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


@contextlib.asynccontextmanager
async def begun(
    work: Coroutine[Any, Any, _Answer],
) -> AsyncGenerator["asyncio.Task[_Answer]", None]:
    """Begin something whose answer is awaited later; it is given up with the block."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def chunks(items: Iterable[_Question], size: int) -> list[tuple[_Question, ...]]:
    """Deal distinct items out in groups of at most `size`."""
    rest = iter(dict.fromkeys(items))
    dealt = []
    while chunk := tuple(itertools.islice(rest, size)):
        dealt.append(chunk)
    return dealt
