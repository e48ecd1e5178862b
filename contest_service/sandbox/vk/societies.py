"""What people and admins do in communities: join, leave, be blocked, allow messages, write.

Every function takes the world, changes it, writes the history and tells who listens. Rights are
the methods' business. Times are unix seconds.
"""

import hashlib
import heapq
from collections.abc import Iterable

import msgspec

from contest_service.sandbox.vk import shapes
from contest_service.sandbox.vk.records import Ban, Community, Person
from contest_service.sandbox.vk.world import Sent, World

_CLIENT = {
    "button_actions": ["text", "open_link", "callback"],
    "keyboard": True,
    "inline_keyboard": True,
    "carousel": True,
    "lang_id": 0,
}


def join(world: World, person: int, community: Community, *, at: int) -> bool:
    """Become a member."""
    if not community.members.add(person):
        return False
    community.history.note("join", person, at=at)
    told = {"user_id": person, "join_type": "join"}
    world.emit(-community.id, "group_join", lambda: told, at=at)
    return True


def join_in_bulk(community: Community, people: Iterable[int], *, at: int) -> None:
    """Let many people join at once, without events: for large worlds."""
    community.history.note_many("join", community.members.extend(people), at=at)


def leave(
    world: World, person: int, community: Community, *, at: int, is_removed: bool = False
) -> bool:
    """Stop being a member, by oneself or removed by an admin."""
    if not community.members.discard(person):
        return False
    community.history.note("leave", person, at=at)
    told = {"user_id": person, "self": int(not is_removed)}
    world.emit(-community.id, "group_leave", lambda: told, at=at)
    return True


def block(world: World, person: int, community: Community, *, ban: Ban) -> None:
    """Put somebody on the blacklist, which also removes them."""
    community.banned[person] = ban
    if ban.until:
        heapq.heappush(world.ban_ends, (ban.until, community.id, person))
    leave(world, person, community, at=ban.at, is_removed=True)
    told = {
        "admin_id": ban.by,
        "user_id": person,
        "unblock_date": ban.until,
        "reason": ban.reason,
        "comment": ban.comment,
    }
    world.emit(-community.id, "user_block", lambda: told, at=ban.at)


def unblock(
    world: World, person: int, community: Community, *, by: int, at: int, is_over: bool = False
) -> bool:
    """Take somebody off the blacklist, by an admin or since its time is over."""
    if community.banned.pop(person, None) is None:
        return False
    told = {"admin_id": by, "user_id": person, "by_end_date": int(is_over)}
    world.emit(-community.id, "user_unblock", lambda: told, at=at)
    return True


def lift_bans(world: World, *, at: int) -> None:
    """Take those off blacklists whose time there is over."""
    while world.ban_ends and world.ban_ends[0][0] <= at:
        until, group_id, person = heapq.heappop(world.ban_ends)
        community = world.communities[group_id]
        ban = community.banned.get(person)
        if ban is not None and ban.until == until:
            unblock(world, person, community, by=ban.by, at=until, is_over=True)


def allow_messages(
    world: World, person: int, community: Community, *, key: str = "", at: int
) -> None:
    """Let a community write to oneself; `key` is what its widget was given."""
    community.allowed[person] = key
    told = {"user_id": person, "key": key}
    world.emit(-community.id, "message_allow", lambda: told, at=at)


def deny_messages(world: World, person: int, community: Community, *, at: int) -> None:
    """Take that back."""
    if community.allowed.pop(person, None) is not None:
        world.emit(-community.id, "message_deny", lambda: {"user_id": person}, at=at)


def write(
    world: World,
    person: Person,
    community: Community,
    *,
    text: str,
    at: int,
    random_id: int = 0,
) -> Sent:
    """Write to a community, which lets it answer."""
    community.allowed.setdefault(person.id, "")
    dialog = community.id, person.id
    said = keep_message(world, dialog, from_id=person.id, text=text, at=at, random_id=random_id)
    told = {
        "message": shapes.message(said, person=person, out=False),
        "client_info": _CLIENT,
    }
    world.emit(-community.id, "message_new", lambda: told, at=at)
    return said


def keep_message(
    world: World, dialog: tuple[int, int], *, from_id: int, text: str, at: int, random_id: int = 0
) -> Sent:
    """Add a message to a dialog of a community and a person."""
    messages = world.dialogs.setdefault(dialog, [])
    said = Sent(
        id=world.next_message,
        number=len(messages) + 1,
        date=at,
        from_id=from_id,
        text=text,
        random_id=random_id,
    )
    world.next_message += 1
    messages.append(said)
    return said


def confirmation_code(community: Community) -> str:
    """Return what a community's callback server has to answer; it changes with its servers."""
    text = f"practice vk confirmation {community.id} {community.confirmation}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def change_person(world: World, person: Person, **changes: object) -> Person:
    """Change somebody's profile, and keep it."""
    changed = msgspec.structs.replace(person, **changes)
    world.people.put(changed)
    return changed
