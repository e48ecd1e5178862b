"""Events of communities: what is kept for Bots Long Poll, and what waits for callback servers.

Owns each community's settings of both, the numbering of events and their ids. `long_poll` answers
those who ask, `callback` delivers to those who wait. Each server, and the long poll, gets the kinds
that it was set up for, whether or not another one got them.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, Literal

import msgspec

VERSION = "5.199"
KINDS = (
    "message_new", "message_reply", "message_allow", "message_edit", "message_deny",
    "message_typing_state", "message_read", "message_reaction_event", "message_event", "photo_new",
    "audio_new", "video_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete",
    "wall_reply_restore", "wall_post_new", "wall_repost", "wall_schedule_post_new",
    "wall_schedule_post_delete", "board_post_new", "board_post_edit", "board_post_restore",
    "board_post_delete", "photo_comment_new", "photo_comment_edit", "photo_comment_delete",
    "photo_comment_restore", "video_comment_new", "video_comment_edit", "video_comment_delete",
    "video_comment_restore", "market_comment_new", "market_comment_edit", "market_comment_delete",
    "market_comment_restore", "market_order_new", "market_order_edit", "poll_vote_new",
    "group_join", "group_leave", "group_change_settings", "group_change_photo",
    "group_officers_edit", "user_block", "user_unblock", "lead_forms_new", "like_add",
    "like_remove", "donut_subscription_create", "donut_subscription_prolonged",
    "donut_subscription_cancelled", "donut_subscription_price_changed",
    "donut_subscription_expired", "donut_money_withdraw", "donut_money_withdraw_error",
)  # fmt: skip
"""What can be set up, in the names of groups.setCallbackSettings."""

MOST_WAITING = 100_000
"""Events that wait for one server; the oldest are dropped for more."""
MOST_DELIVERED = 1000
"""Delivered events that can be sent once more."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `body` is its object as JSON."""

    kind: str
    event_id: str
    body: bytes
    at: int


class Pending(msgspec.Struct, kw_only=True):
    """An event on its way to one server."""

    event: Event
    attempts: int = 0
    due: float = 0
    is_done: bool = False


class CallbackServer(msgspec.Struct, kw_only=True):
    """A server that events are delivered to."""

    id: int
    title: str
    url: str
    secret_key: str
    creator_id: int
    status: Literal["unconfigured", "failed", "wait", "ok"] = "wait"
    is_confirmed: bool = False
    api_version: str = VERSION
    kinds: tuple[str, ...] = ()
    waiting: list[Pending] = []
    delivered: list[Event] = []
    failures: int = 0
    """In a row."""
    paused_until: float = 0


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """What a long poll is read with."""

    expires_at: float
    generation: int


class LongPoll(msgspec.Struct, kw_only=True):
    """The queue of a community's long poll. `ts` is the number of its last event."""

    is_enabled: bool = False
    api_version: str = VERSION
    kinds: tuple[str, ...] = ()
    ts: int = 1
    kept: list[Event] = []
    most_kept: int = 10_000
    keys: dict[str, Key] = {}
    keys_made: int = 0
    key_seconds: float = 3600
    generation: int = 0


class Outlet(msgspec.Struct, kw_only=True):
    """Where the events of one community go."""

    servers: list[CallbackServer] = []
    next_server: int = 1
    happened: int = 0
    """Events so far, for their ids."""
    long_poll: LongPoll = msgspec.field(default_factory=LongPoll)

    def server(self, server_id: int) -> CallbackServer | None:
        """Return a callback server by id."""
        return next((server for server in self.servers if server.id == server_id), None)


class Events:
    """The events of all communities; the world tells it what happens."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.outlets: dict[int, Outlet] = {}
        self._bells: dict[int, asyncio.Event] = {}

    def outlet(self, group_id: int) -> Outlet:
        """Return where a community's events go."""
        return self.outlets.setdefault(group_id, Outlet())

    def wants(self, group_id: int, kind: str) -> bool:
        """Whether anybody was set up for this kind of event."""
        outlet = self.outlets.get(group_id)
        if outlet is None:
            return False
        poll = outlet.long_poll
        return (poll.is_enabled and kind in poll.kinds) or any(
            server.is_confirmed and kind in server.kinds for server in outlet.servers
        )

    def take(self, group_id: int, kind: str, *, body: Any, at: int) -> None:
        """Keep an event for those who were set up for it."""
        outlet = self.outlet(group_id)
        outlet.happened += 1
        event = Event(
            kind=kind,
            event_id=_event_id(group_id, outlet.happened),
            body=msgspec.json.encode(body),
            at=at,
        )
        poll = outlet.long_poll
        if poll.is_enabled and kind in poll.kinds:
            poll.ts += 1
            poll.kept.append(event)
            if len(poll.kept) > 2 * poll.most_kept:
                del poll.kept[: -poll.most_kept]
            self.ring(group_id)
        for server in outlet.servers:
            if server.is_confirmed and kind in server.kinds:
                server.waiting.append(Pending(event=event, due=self.clock()))
                del server.waiting[:-MOST_WAITING]

    def bell(self, group_id: int) -> asyncio.Event:
        """Return what is set when the community's next event is there."""
        return self._bells.setdefault(group_id, asyncio.Event())

    def ring(self, group_id: int) -> None:
        """Wake those who wait for the community's events."""
        bell = self._bells.pop(group_id, None)
        if bell is not None:
            bell.set()


def envelope(event: Event, group_id: int, *, version: str, secret: str = "") -> dict[str, Any]:
    """Write an event as VK sends it (callback_base of the schema)."""
    sent: dict[str, Any] = {
        "group_id": group_id,
        "type": event.kind,
        "event_id": event.event_id,
        "v": version,
        "object": msgspec.Raw(event.body),
    }
    if secret:
        sent["secret"] = secret
    return sent


def _event_id(group_id: int, number: int) -> str:
    return hashlib.sha256(f"practice vk event {group_id} {number}".encode()).hexdigest()[:40]
