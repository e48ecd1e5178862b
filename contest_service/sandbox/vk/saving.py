"""The world in a file, so that a restarted practice VK has the same communities, posts and people.

Owns the file: one MessagePack document, replaced as a whole, readable by its owner only. Events
that wait for delivery, long polls, logins and how far towns have come are kept too; counters of
requests, faults and limits are not.
"""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from contest_service.domain.errors import ContestError
from contest_service.sandbox.vk.events import Outlet
from contest_service.sandbox.vk.login import Grant, Session
from contest_service.sandbox.vk.ordered import Arrivals, History
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import (
    App,
    Comment,
    Community,
    Person,
    Photo,
    Post,
    Token,
)
from contest_service.sandbox.vk.site import Site
from contest_service.sandbox.vk.town import Town
from contest_service.sandbox.vk.world import Behaviour, Sent, Wall

FORMAT = 1


class WorldFileError(ContestError):
    """The practice VK's file cannot be read or written."""

    code = "bad_world_file"


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept."""

    format: int = FORMAT
    people: list[Person]
    crowds: list[Crowd]
    friends: dict[int, set[int]]
    next_person: int
    communities: list[Community]
    posts: list[Post]
    comments: list[Comment]
    walls: dict[int, Wall]
    photos: list[Photo]
    pictures: dict[str, bytes]
    dialogs: list[tuple[int, int, list[Sent]]]
    tokens: list[Token]
    apps: list[App]
    done: dict[str, tuple[int, int]]
    behaviour: Behaviour
    postponed: dict[int, int]
    numbers: dict[str, int]
    outlets: dict[int, Outlet]
    grants: dict[str, Grant]
    sessions: list[Session]
    logins_made: int
    ahead: float
    towns: list[Town] = []


_NUMBERS = ("next_serial", "next_message", "next_photo", "next_token")


class Keeper:
    """Keeps a site's world in a file."""

    def __init__(self, site: Site, path: Path) -> None:
        self._site = site
        self._path = path
        self._digest = b""

    def load(self) -> bool:
        """Fill the world from the file; False if there is none. Raises WorldFileError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unusable(self._path, error) from error
        try:
            unpack(self._site, data)
        except (ValueError, KeyError) as error:
            raise WorldFileError(
                f"{self._path} is not a practice VK's file ({error}). Move it away to begin a new "
                "world."
            ) from error
        self._digest = hashlib.sha256(data).digest()
        return True

    def save(self) -> bool:
        """Write the world if it changed. Raises WorldFileError."""
        data = pack(self._site)
        digest = hashlib.sha256(data).digest()
        if digest == self._digest:
            return False
        try:
            _replace(self._path, data)
        except OSError as error:
            raise _unusable(self._path, error) from error
        self._digest = digest
        return True

    async def run(self, seconds: float) -> None:
        """Save every few seconds until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            self.save()


def pack(site: Site) -> bytes:
    """Write a site's world as one document; the same world gives the same bytes."""
    world = site.world
    return msgspec.msgpack.Encoder(enc_hook=_encoded).encode(
        Saved(
            people=list(world.people.described.values()),
            crowds=world.people.crowds,
            friends=world.people.friends,
            next_person=world.people.next_id,
            communities=list(world.communities.values()),
            posts=list(world.posts.values()),
            comments=list(world.comments.values()),
            walls=world.walls,
            photos=list(world.photos.values()),
            pictures=world.pictures,
            dialogs=[(group, person, sent) for (group, person), sent in world.dialogs.items()],
            tokens=list(world.tokens.values()),
            apps=list(world.apps.values()),
            done=world.done,
            behaviour=world.behaviour,
            postponed=world.postponed,
            numbers={name: getattr(world, name) for name in _NUMBERS},
            outlets=site.events.outlets,
            grants=site.logins.grants,
            sessions=site.logins.sessions,
            logins_made=site.logins.made,
            ahead=site.clock.ahead,
            towns=site.towns.all,
        )
    )


def unpack(site: Site, data: bytes) -> None:
    """Fill an empty site from what `pack` wrote. Raises ValueError."""
    saved = msgspec.msgpack.Decoder(Saved, dec_hook=_decoded).decode(data)
    if saved.format != FORMAT:
        raise ValueError(f"its format is {saved.format}")
    world = site.world
    world.people.crowds = saved.crowds
    world.people.friends = saved.friends
    for person in saved.people:
        world.people.put(person)
    world.people.next_id = saved.next_person
    world.communities = {community.id: community for community in saved.communities}
    world.ban_ends = sorted(
        (ban.until, community.id, person)
        for community in saved.communities
        for person, ban in community.banned.items()
        if ban.until
    )
    world.posts = {post.key: post for post in saved.posts}
    world.by_serial = {post.serial: post for post in saved.posts}
    world.comments = {comment.key: comment for comment in saved.comments}
    world.walls = saved.walls
    world.photos = {(photo.owner_id, photo.id): photo for photo in saved.photos}
    world.pictures = saved.pictures
    world.dialogs = {(group, person): sent for group, person, sent in saved.dialogs}
    world.tokens = {token.value: token for token in saved.tokens}
    world.apps = {app.id: app for app in saved.apps}
    world.done, world.behaviour = saved.done, saved.behaviour
    world.postponed = saved.postponed
    for name in _NUMBERS:
        setattr(world, name, saved.numbers[name])
    site.events.outlets = saved.outlets
    site.logins.grants, site.logins.sessions = saved.grants, saved.sessions
    site.logins.made = saved.logins_made
    site.clock.ahead = saved.ahead
    site.towns.all = saved.towns


def _encoded(value: Any) -> Any:
    if isinstance(value, Arrivals | History):
        return value.packed()
    raise NotImplementedError(type(value))


def _decoded(kind: type, value: Any) -> Any:
    if kind is Arrivals or kind is History:
        return kind.unpacked(value)
    raise NotImplementedError(kind)


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _unusable(path: Path, error: OSError) -> WorldFileError:
    return WorldFileError(
        f"The practice VK's file {path} cannot be used ({error.strerror or error}). Make its "
        "folder writable, or choose another one."
    )
