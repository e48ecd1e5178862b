"""Which platforms tell by themselves of what happens, and how they are listened to.

What an event says is read without a connection; being told, or waiting to be, needs an adapter.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Protocol, runtime_checkable

from contest_service.domain.accounts import Platform
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import events
from contest_service.platforms.vk.events import Event
from contest_service.platforms.vk.long_poll import WAIT, Heap
from contest_service.platforms.vk.set_up import CallbackSetup, KeepCode

__all__ = [
    "WAIT",
    "CallbackSetup",
    "Event",
    "Heap",
    "KeepCode",
    "LiveAdapter",
    "is_live",
    "read_event",
    "require_live",
    "write_message",
]

_READERS: Mapping[Platform, Callable[[bytes], Event]] = {Platform.VK: events.read_event}
_WRITERS: Mapping[Platform, Callable[[Event, str], bytes]] = {Platform.VK: events.write_message}


@runtime_checkable
class LiveAdapter(Protocol):
    """A platform that a community's events come from."""

    async def set_up_callback(
        self, url: str, secret: str, title: str, *, keep: KeepCode
    ) -> CallbackSetup:
        """Make the platform send events to `url`, each with the secret. Safe to do again.

        `keep` is given what is to be answered at `url` before the platform can ask for it.
        """

    async def set_up_long_poll(self) -> None:
        """Make the platform keep events for `listen`. Safe to do again."""

    def listen(self, after: str | None, *, wait: int = WAIT) -> AsyncGenerator[Heap, None]:
        """Yield what happens, from a position on; without one, only what happens from now on.

        An answer without events comes after `wait` seconds.
        """


def is_live(platform: Platform) -> bool:
    """Whether the platform has live events."""
    return platform in _READERS


def read_event(platform: Platform, raw: bytes) -> Event:
    """Take an event apart. Raises PlatformError MALFORMED if it is none."""
    return _READERS[platform](raw)


def write_message(platform: Platform, event: Event, text: str) -> bytes:
    """An event about a message as if it said something else, and nothing that is not needed."""
    return _WRITERS[platform](event, text)


def require_live(adapter: PlatformAdapter) -> LiveAdapter:
    """The adapter as one that can be listened to. Raises PlatformError UNSUPPORTED."""
    if isinstance(adapter, LiveAdapter):
        return adapter
    raise PlatformError(FailureKind.UNSUPPORTED, "This platform has no live events.")
