"""Waiting for a community's events: Bots Long Poll, for where VK cannot reach this service.

VK keeps the events for a while and numbers them; whoever asks with a number gets what came after
it. What was lost is told, so that everything can be read anew.
"""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.calls import decode
from contest_service.platforms.vk.tokens import Tokens

WAIT = 25
"""Seconds for which VK holds a question open."""

_SERVER = "groups.getLongPollServer"
_PAUSE = 1.0
"""Seconds between two questions that VK could not answer."""


class Heap(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: events as received, and the number to go on from."""

    ts: str
    updates: tuple[bytes, ...] = ()
    history_lost: bool = False
    """Events before this are missing, however many: only a scan tells what happened."""


async def listen(
    tokens: Tokens,
    transport: Transport,
    community: int,
    *,
    after: str | None = None,
    wait: int = WAIT,
) -> AsyncGenerator[Heap, None]:
    """Yield what happens, for ever, from the number `after` on. Raises PlatformError.

    The number is to be kept once the events are dealt with. Without one, what came before is lost;
    so it is if VK counts from an earlier number than `after`, having begun its queue anew.
    """
    server = await _server(tokens, community)
    ts = str(server.ts) if after is None or _is_anew(server, after) else after
    if ts != after:
        yield Heap(ts=ts, history_lost=True)
    while True:
        answer = await _check(transport, server, ts=ts, wait=wait)
        match answer.failed:
            case 0:
                ts = ts if answer.ts is None else str(answer.ts)
                yield Heap(ts=ts, updates=tuple(bytes(update) for update in answer.updates))
                continue
            case 1:
                ts = ts if answer.ts is None else str(answer.ts)
                yield Heap(ts=ts, history_lost=True)
            case 2:
                server = await _server(tokens, community)
                if _is_anew(server, ts):
                    ts = str(server.ts)
                    yield Heap(ts=ts, history_lost=True)
            case _:
                server = await _server(tokens, community)
                ts = str(server.ts)
                yield Heap(ts=ts, history_lost=True)
        # A server that fails again and again is not to be asked without end.
        await asyncio.sleep(_PAUSE)


async def _server(tokens: Tokens, community: int) -> wire.PollServer:
    answer = await tokens.ask(_SERVER, {"group_id": community})
    return decode(_SERVER, answer.body, wire.PollServer)


def _is_anew(server: wire.PollServer, ts: str) -> bool:
    """Whether VK has not come as far as `ts` yet: then that is a number of another queue.

    VK itself would answer nothing to it, for as long as the new queue is shorter than the old one.
    """
    present = str(server.ts)
    return present.isdecimal() and ts.isdecimal() and int(present) < int(ts)


async def _check(
    transport: Transport, server: wire.PollServer, *, ts: str, wait: int
) -> wire.PollAnswer:
    parameters = [("act", "a_check"), ("key", server.key), ("ts", ts), ("wait", str(wait))]
    reply = await transport.request("GET", server.server, parameters=parameters)
    if reply.status != 200:
        raise PlatformError(
            FailureKind.UNREACHABLE, f"{reply.host} answered a long poll with {reply.status}."
        )
    return decode("a long poll", reply.body, wire.PollAnswer)
