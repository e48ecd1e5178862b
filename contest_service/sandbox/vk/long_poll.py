"""Bots Long Poll: events are kept, and whoever asks waits until there is one.

Owns the answers `failed`: 1 for a number that is no longer kept (with the present one, as a
number), 2 for a key that expired, 3 when the queue itself was lost (dev.vk.com, Bots Long Poll).
"""

import asyncio
import contextlib
from typing import Any

from contest_service.sandbox.vk import http
from contest_service.sandbox.vk.events import envelope
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.site import Site

LONGEST_WAIT = 90
USUAL_WAIT = 25
MOST_AT_ONCE = 1000


async def check(site: Site, group_id: int, given: dict[str, str]) -> http.Answer:
    """Answer `act=a_check`: at once if there are events after `ts`, else within `wait` seconds."""
    wait = whole(given.get("wait", ""))
    seconds = USUAL_WAIT if wait is None else min(wait, LONGEST_WAIT)
    bell = site.events.bell(group_id)
    found = _answer(site, group_id, given)
    if found is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await bell.wait()
        found = _answer(site, group_id, given)
    return http.json(found or {"ts": given.get("ts", ""), "updates": []})


def lose(site: Site, group_id: int) -> None:
    """Lose a community's queue, as VK's servers sometimes do."""
    poll = site.events.outlet(group_id).long_poll
    poll.kept.clear()
    poll.generation += 1
    poll.ts = 1
    site.events.ring(group_id)


def forget(site: Site, group_id: int, keep: int) -> None:
    """Keep only the last few events, so that older numbers are out of date."""
    poll = site.events.outlet(group_id).long_poll
    poll.kept = poll.kept[len(poll.kept) - keep :] if keep else []


def expire_keys(site: Site, group_id: int) -> None:
    """Let all keys be expired."""
    site.events.outlet(group_id).long_poll.keys.clear()
    site.events.ring(group_id)


def _answer(site: Site, group_id: int, given: dict[str, str]) -> dict[str, Any] | None:
    """Return what can be said at once, or None if there is nothing new."""
    poll = site.events.outlet(group_id).long_poll
    key = poll.keys.get(given.get("key", ""))
    if key is None or key.expires_at <= site.clock():
        return {"failed": 2}
    ts = whole(given.get("ts", ""))
    if key.generation != poll.generation or ts is None:
        return {"failed": 3}
    if not poll.ts - len(poll.kept) <= ts <= poll.ts:
        return {"failed": 1, "ts": poll.ts}
    if ts == poll.ts:
        return None
    fresh = poll.kept[len(poll.kept) - (poll.ts - ts) :][:MOST_AT_ONCE]
    updates = [envelope(event, group_id, version=poll.api_version) for event in fresh]
    return {"ts": str(ts + len(fresh)), "updates": updates}
