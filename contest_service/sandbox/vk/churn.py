"""Lists that change while somebody reads them: arrivals and removals after each page.

For tests and benchmarks of reading long lists: whenever a page of a list was read, so many new
people arrive in it, and so many of those in it leave. Who leaves is computed from a counter, so the
same reading sees the same changes.
"""

import hashlib
from typing import Literal

import msgspec

from contest_service.sandbox.vk import acts, societies, walls
from contest_service.sandbox.vk.people import Crowd
from contest_service.sandbox.vk.records import Comment, Community, Post
from contest_service.sandbox.vk.world import World

List = Literal["likes", "copies", "comments", "members"]


class Change(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What happens to one list after each of its pages, at most `pages` times (0: always)."""

    arrivals: int = 0
    removals: int = 0
    pages: int = 0


class Churn:
    """Changes lists while they are read."""

    def __init__(self) -> None:
        self.changes: dict[str, Change] = {}
        self.turn = 0

    def page_read(
        self, world: World, kind: List, *, target: Post | Community | None, at: int
    ) -> None:
        """Change a list of which a page was read just now."""
        change = self.changes.get(kind)
        if change is None or target is None:
            return
        if change.pages == 1:
            del self.changes[kind]
        change.pages -= 1
        for _ in range(change.removals):
            self._remove(world, kind, target=target, at=at)
        for _ in range(change.arrivals):
            _arrive(world, kind, target=target, at=at)

    def _remove(self, world: World, kind: str, *, target: Post | Community, at: int) -> None:
        match target:
            case Community():
                ids = target.members
            case Post():
                lists = {
                    "likes": target.reactions.likes,
                    "copies": target.reactions.copies,
                    "comments": target.reactions.comments,
                }
                ids = lists[kind]
        if not ids:
            return
        self.turn += 1
        chance = hashlib.sha256(b"practice vk churn %d" % self.turn).digest()
        chosen = ids[int.from_bytes(chance[:8], "big") % len(ids)]
        match kind, target:
            case "likes", Post():
                acts.unlike(world, chosen, target, at=at)
            case "copies", Post():
                acts.unrepost(world, chosen, target, at=at)
            case "comments", Post():
                said = world.comments[target.owner_id, chosen]
                acts.erase(world, said, by=said.from_id, at=at)
            case "members", Community():
                societies.leave(world, chosen, target, at=at)


def _arrive(world: World, kind: str, *, target: Post | Community, at: int) -> None:
    person = _newcomer(world)
    match kind, target:
        case "likes", Post():
            acts.like(world, person, target, at=at)
        case "copies", Post():
            walls.repost(world, person, target, text="", at=at)
        case "comments", Post():
            said = Comment(
                owner_id=target.owner_id,
                post_id=target.id,
                id=0,
                from_id=person,
                date=at,
                text="Участвую!",
            )
            acts.comment(world, target, said, at=at)
        case "members", Community():
            societies.join(world, person, target, at=at)


def _newcomer(world: World) -> int:
    """Let one more person exist, in a crowd that grows."""
    id_ = world.people.next_id
    last = world.people.crowds[-1] if world.people.crowds else None
    if last is not None and last.first + last.count == id_:
        world.people.crowds[-1] = msgspec.structs.replace(last, count=last.count + 1)
        world.people.next_id += 1
    else:
        world.people.gather(Crowd(first=id_, count=1))
    return id_
