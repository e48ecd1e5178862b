"""The practice world: what there is, by id, and who is told when something happens in it.

Owns the collections, the numbering of ids and the list of those who listen for events. What people
do to it is in `acts`; it knows no method, no token's rights and no HTTP. Nothing here reads a
clock: times are arguments. Ids are given in order, so that the same acts make the same world.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from contest_service.sandbox.vk.ordered import Arrivals
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.people import People
from contest_service.sandbox.vk.records import (
    App,
    Comment,
    Community,
    Person,
    Photo,
    Post,
    Token,
)

FIRST_COMMUNITY = 501
FIRST_APP = 7001


class Listener(Protocol):
    """Takes the events of communities."""

    def wants(self, group_id: int, kind: str) -> bool:
        """Whether an event of this kind has anybody to go to; building one costs something."""

    def take(self, group_id: int, kind: str, *, body: Any, at: int) -> None:
        """Take an event."""


class Behaviour(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where VK's behaviour is not known for certain, the world can behave either way."""

    refused_copies: Literal["empty", "denied"] = "empty"
    """What `likes.getList` answers to who may not see reposters: nothing, or error 15."""
    refused_reposts: Literal["empty", "denied"] = "empty"
    """The same for `wall.getReposts`."""
    reposts_page: int = 100
    """The longest page of `wall.getReposts`, whatever was asked."""
    lists_hide_deactivated: bool = False
    """Whether deactivated people are counted in a list of likes, but not shown in it."""
    closed_reposts_are_silent: bool = True
    """Whether a repost by a closed profile makes no `wall_repost` event."""


class Wall(msgspec.Struct, kw_only=True):
    """A person's or community's wall. Posts and comments share its numbers, as on VK."""

    next_id: int = 1
    posts: Arrivals = msgspec.field(default_factory=Arrivals)
    pinned: int = 0


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a dialog of a person with a community."""

    id: int
    number: int
    """In this dialog, from 1."""
    date: int
    from_id: int
    text: str
    random_id: int = 0
    attachment: str = ""


class World:
    """Everything there is."""

    def __init__(self) -> None:
        self.people = People()
        self.communities: dict[int, Community] = {}
        self.posts: dict[tuple[int, int], Post] = {}
        self.by_serial: dict[int, Post] = {}
        self.comments: dict[tuple[int, int], Comment] = {}
        self.walls: dict[int, Wall] = {}
        self.photos: dict[tuple[int, int], Photo] = {}
        self.pictures: dict[str, bytes] = {}
        self.dialogs: dict[tuple[int, int], list[Sent]] = {}
        """Messages by (community, person)."""
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}
        self.done: dict[str, tuple[int, int]] = {}
        """What was done under a `guid`: when, and the id that it made."""
        self.address = "http://127.0.0.1"
        """Where the server answers; pictures have their addresses below it."""
        self.behaviour = Behaviour()
        self.listeners: list[Listener] = []
        self.ban_ends: list[tuple[int, int, int]] = []
        """When bans end, as a heap of (time, community, person)."""
        self.next_serial = 1
        self.next_message = 1
        self.next_photo = 1
        self.next_token = 1
        self.postponed: dict[int, int] = {}
        """Serial numbers of posts that wait, with the time at which they appear."""

    def wall(self, owner_id: int) -> Wall:
        """Return an owner's wall."""
        return self.walls.setdefault(owner_id, Wall())

    def number(self, owner_id: int) -> int:
        """Give the next id on a wall."""
        wall = self.wall(owner_id)
        wall.next_id += 1
        return wall.next_id - 1

    def post(self, owner_id: int, post_id: int) -> Post | None:
        """Return a post that is there, or None."""
        post = self.posts.get((owner_id, post_id))
        return None if post is None or post.is_deleted else post

    def comment(self, owner_id: int, comment_id: int) -> Comment | None:
        """Return a comment that is there, or None; a deleted one is not."""
        comment = self.comments.get((owner_id, comment_id))
        return None if comment is None or comment.is_deleted else comment

    def community(self, group_id: int) -> Community | None:
        """Return a community by its positive id."""
        return self.communities.get(group_id)

    def community_named(self, name: str) -> Community | None:
        """Return a community by id, `club1`, `public1`, `event1` or screen name."""
        text = name.lower()
        for prefix in ("club", "public", "event", ""):
            id_ = whole(text.removeprefix(prefix)) if text.startswith(prefix) else None
            if id_ is not None:
                return self.communities.get(id_)
        return next((c for c in self.communities.values() if c.screen_name.lower() == text), None)

    def owner_exists(self, owner_id: int) -> bool:
        """Whether a person (positive) or a community (negative) has this id."""
        return -owner_id in self.communities if owner_id < 0 else owner_id in self.people

    def is_editor(self, person_id: int, owner_id: int) -> bool:
        """Whether a person may act for a wall: their own, or a community's as editor or above."""
        if owner_id >= 0:
            return person_id == owner_id > 0
        community = self.communities.get(-owner_id)
        return community is not None and community.may(person_id, "editor")

    def person(self, person_id: int) -> Person | None:
        """Return a person by id."""
        return self.people.get(person_id)

    def emit(self, owner_id: int, kind: str, build: Callable[[], Any], *, at: int) -> None:
        """Tell who listens to a community what happened on its wall; others have no events."""
        for listener in self.listeners:
            if owner_id < 0 and listener.wants(-owner_id, kind):
                listener.take(-owner_id, kind, body=build(), at=at)
