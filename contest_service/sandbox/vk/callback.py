"""The Callback API: events are posted to a community's servers until they take them.

Owns confirmation, retries with `X-Retry-Counter`, the delays that a server asks for, and giving up
for a while after many failures. How a request is made is given from outside (`Deliver`): this room
has no HTTP client. A server answers `ok`, the confirmation code, or `remove`
(dev.vk.com, Callback API).
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

import msgspec

from contest_service.sandbox.vk.events import (
    MOST_DELIVERED,
    VERSION,
    CallbackServer,
    Event,
    Pending,
    envelope,
)
from contest_service.sandbox.vk.records import Community
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.societies import confirmation_code

CONFIRMATION = "confirmation"
LONGEST_DELAY = 3 * 3600
"""Seconds: of a `Retry-After`."""
_TICK = 0.02
_AT_ONCE = 100
_DELAYING = {410, 429, 503}


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class DeliveryError(Exception):
    """A server could not be reached, or did not answer in time."""


class Deliver(Protocol):
    """Posts a body to a URL."""

    async def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Delivered:
        """Return the answer. Raises DeliveryError."""


def ask_to_confirm(site: Site, community: Community, server: CallbackServer) -> None:
    """Let a server be asked for the community's confirmation code; it gets nothing before."""
    server.status, server.is_confirmed = "wait", False
    outlet = site.events.outlet(community.id)
    outlet.happened += 1
    event = Event(
        kind=CONFIRMATION,
        event_id=f"{community.id:020d}{outlet.happened:020d}",
        body=b"{}",
        at=site.now,
    )
    server.waiting = [Pending(event=event, due=site.clock())]


class Courier:
    """Delivers what waits, to each server in turn, servers side by side."""

    def __init__(self, site: Site, deliver: Deliver) -> None:
        self._site = site
        self._deliver = deliver
        self._busy: set[tuple[int, int]] = set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for group_id, outlet in list(self._site.events.outlets.items()):
                    for server in outlet.servers:
                        is_busy = (group_id, server.id) in self._busy
                        if not is_busy and (due := self._due(server)):
                            self._busy.add((group_id, server.id))
                            tasks.create_task(self._drain(group_id, server, due))
                await asyncio.sleep(_TICK)

    def _due(self, server: CallbackServer) -> list[Pending]:
        now = self._site.clock()
        if server.paused_until > now:
            return []
        due = (pending for pending in server.waiting if pending.due <= now)
        return [pending for pending in due if not pending.is_done][:_AT_ONCE]

    async def _drain(self, group_id: int, server: CallbackServer, due: list[Pending]) -> None:
        outlet = self._site.events.outlet(group_id)
        try:
            for pending in due:
                is_there = any(other is server for other in outlet.servers)
                if not is_there or server.paused_until > self._site.clock():
                    break
                await self._attempt(group_id, server, pending)
        finally:
            server.waiting = [pending for pending in server.waiting if not pending.is_done]
            self._busy.discard((group_id, server.id))

    async def _attempt(self, group_id: int, server: CallbackServer, pending: Pending) -> None:
        answer = await self._post(group_id, server, pending)
        words = answer.body.decode("utf-8", "replace").strip() if answer else ""
        is_taken = answer is not None and answer.status == 200
        if is_taken and words == "remove":
            outlet = self._site.events.outlet(group_id)
            outlet.servers = [other for other in outlet.servers if other is not server]
        elif pending.event.kind == CONFIRMATION:
            pending.is_done = True
            server.is_confirmed = is_taken and self._fits(group_id, words)
            server.status = "ok" if server.is_confirmed else "failed"
        elif is_taken and words == "ok":
            pending.is_done = True
            server.failures, server.status = 0, "ok"
            server.delivered.append(pending.event)
            del server.delivered[:-MOST_DELIVERED]
        else:
            self._failed(server, pending, answer)

    async def _post(
        self, group_id: int, server: CallbackServer, pending: Pending
    ) -> Delivered | None:
        version, secret = server.api_version or VERSION, server.secret_key
        sent = envelope(pending.event, group_id, version=version, secret=secret)
        if pending.event.kind == CONFIRMATION:
            del sent["object"]
        headers = {"content-type": "application/json"}
        if pending.attempts:
            headers["x-retry-counter"] = str(pending.attempts)
        pending.attempts += 1
        with contextlib.suppress(DeliveryError):
            return await self._deliver(server.url, body=msgspec.json.encode(sent), headers=headers)
        return None

    def _fits(self, group_id: int, words: str) -> bool:
        community = self._site.world.community(group_id)
        return community is not None and words == confirmation_code(community)

    def _failed(self, server: CallbackServer, pending: Pending, answer: Delivered | None) -> None:
        now = self._site.clock()
        patience = self._site.patience
        asked = _asked_delay(answer)
        if asked is not None:
            pending.due = now + asked
            return
        server.failures += 1
        if pending.attempts > len(patience.retry_after):
            pending.is_done = True
        else:
            pending.due = now + patience.retry_after[pending.attempts - 1]
        if server.failures >= patience.failures:
            server.status, server.failures = "failed", 0
            server.paused_until = now + patience.pause


def _asked_delay(answer: Delivered | None) -> float | None:
    """Return the seconds that a server asked to be left alone for this event, if it did."""
    if answer is None or answer.status not in _DELAYING:
        return None
    text = answer.headers.get("retry-after", "").strip()
    return min(float(text), LONGEST_DELAY) if text.isdecimal() else None
