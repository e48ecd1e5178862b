"""Several requests in flight, answers in order."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from contest_service.platforms.bluesky.xrpc import IN_FLIGHT

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


async def ahead(
    ask: Callable[[_Question], Awaitable[_Answer]], questions: Iterable[_Question]
) -> AsyncIterator[_Answer]:
    """Yield the answer to each question, in their order, asking the next ones meanwhile.

    The first failure is raised in its place; what is in flight when iteration ends is cancelled.
    """
    rest = iter(questions)
    flying = deque(
        asyncio.ensure_future(ask(question)) for question in itertools.islice(rest, IN_FLIGHT)
    )
    try:
        while flying:
            answer = await flying[0]
            flying.popleft()
            flying.extend(
                asyncio.ensure_future(ask(question)) for question in itertools.islice(rest, 1)
            )
            yield answer
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


def chunks(accounts: Iterable[str], size: int) -> Iterable[tuple[str, ...]]:
    """Deal distinct accounts out in groups of at most `size`."""
    rest = iter(dict.fromkeys(accounts))
    while chunk := tuple(itertools.islice(rest, size)):
        yield chunk
