"""The lanes of a process: one for each token, shared by all adapters that use it.

Made once by the composition root. A lane opens, with connections of its own, when the first adapter
asks for it, and closes when the last one leaves. Nothing is shared between event loops.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from contest_service.platforms.base import Limiter
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.lane import FIRST_PAUSE, Lane, digest

INTERVALS = {Kind.USER: 0.34, Kind.SERVICE: 0.34, Kind.COMMUNITY: 0.051}
"""Seconds between two requests of a token, at least: 3 a second, of a community's token 20."""


@dataclass(kw_only=True)
class _Open:
    lane: Lane
    connections: contextlib.AsyncExitStack
    users: int = 0


class Lanes:
    """All lanes of this process, by token."""

    def __init__(
        self,
        limiter: Limiter,
        hosts: AllowedHosts,
        *,
        intervals: Mapping[Kind, float] = INTERVALS,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """`limiter` is shared by all processes; `first_pause` is the lanes' before a second try."""
        self.limiter = limiter
        self._hosts = hosts
        self._intervals = intervals
        self._first_pause = first_pause
        self._open: dict[str, _Open] = {}
        self._turn = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def entered(self, api: str) -> AsyncIterator["Entrance"]:
        """Let one adapter use lanes to a server; it leaves all of them with the context."""
        entrance = Entrance(self, api)
        try:
            yield entrance
        finally:
            for name in entrance.names:
                await self._leave(name)

    async def enter(self, name: str, *, api: str, token: str, kind: Kind) -> Lane:
        """Find a token's lane, or open it, for one more user."""
        async with self._turn:
            if name not in self._open:
                self._open[name] = await self._opened(api=api, token=token, kind=kind)
            self._open[name].users += 1
            return self._open[name].lane

    async def _opened(self, *, api: str, token: str, kind: Kind) -> _Open:
        stack = contextlib.AsyncExitStack()
        lane = Lane(
            await stack.enter_async_context(Transport(self._hosts)),
            self.limiter,
            api=api,
            token=token,
            interval=self._intervals[kind],
            first_pause=self._first_pause,
        )
        stack.push_async_callback(lane.close)
        return _Open(lane=lane, connections=stack)

    async def _leave(self, name: str) -> None:
        async with self._turn:
            left = self._open[name]
            left.users -= 1
            if left.users == 0:
                del self._open[name]
                await left.connections.aclose()


class Entrance:
    """What one adapter uses lanes by."""

    def __init__(self, lanes: Lanes, api: str) -> None:
        self._lanes = lanes
        self._api = api
        self._mine: dict[str, Lane] = {}
        self._turn = asyncio.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The lanes that were asked for."""
        return tuple(self._mine)

    async def lane(self, token: str, kind: Kind) -> Lane:
        """Return a token's lane."""
        name = digest(self._api, token)
        if name not in self._mine:
            async with self._turn:
                if name not in self._mine:
                    self._mine[name] = await self._lanes.enter(
                        name, api=self._api, token=token, kind=kind
                    )
        return self._mine[name]
