"""What a viewer is shown of people and communities, in VK's shapes.

Owns the fields of users and groups, and which of them a closed profile, a deactivated one or a
person's own wish keep back: such a field is absent, not empty.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from contest_service.sandbox.vk.records import Community, Person, Place, Token
from contest_service.sandbox.vk.world import World

_SHOWN_WHEN_CLOSED = {
    "blacklisted", "blacklisted_by_me", "can_see_all_posts", "can_write_private_message",
    "domain", "has_photo", "is_verified", "photo_50", "photo_100", "photo_200", "photo_max",
    "screen_name", "sex", "verified",
}  # fmt: skip


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks: a person, a community, or an application (both 0)."""

    person_id: int = 0
    group_id: int = 0

    @classmethod
    def of(cls, token: Token) -> "Viewer":
        """Return whom a token stands for."""
        return cls(
            person_id=token.person_id if token.kind == "user" else 0,
            group_id=token.group_id if token.kind == "group" else 0,
        )


NOBODY = Viewer()


def user(world: World, person: Person, viewer: Viewer, *, fields: Iterable[str] = ()) -> Any:
    """Show a person: users_user_full of the schema."""
    if person.deactivated:
        is_deleted = person.deactivated == "deleted"
        shown: dict[str, Any] = {
            "id": person.id,
            "first_name": "DELETED" if is_deleted else person.first_name,
            "last_name": "" if is_deleted else person.last_name,
            "deactivated": person.deactivated,
        }
        sees = False
    else:
        sees = world.people.sees(viewer.person_id, person)
        shown = {
            "id": person.id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "is_closed": person.is_closed,
            "can_access_closed": sees,
        }
    for field in fields:
        read = _USER_FIELDS.get(field)
        is_kept_back = field in person.hides or not (sees or field in _SHOWN_WHEN_CLOSED)
        if read is not None and not is_kept_back:
            value = read(world, person, viewer)
            if value is not None:
                shown[field] = value
    return shown


def group(
    world: World, community: Community, viewer: Viewer, *, fields: Iterable[str] = ()
) -> dict[str, Any]:
    """Show a community: groups_group_full of the schema."""
    picture = f"{world.address}/picture/community{community.id}.svg"
    shown: dict[str, Any] = {
        "id": community.id,
        "name": community.name,
        "screen_name": community.screen_name,
        "is_closed": community.is_closed,
        "type": community.type,
        "photo_50": picture,
        "photo_100": picture,
        "photo_200": picture,
    }
    if viewer.person_id:
        role = community.admins.get(viewer.person_id)
        level = {"moderator": 1, "editor": 2, "administrator": 3, "creator": 3}
        shown["is_admin"] = int(role is not None)
        if role is not None:
            shown["admin_level"] = level[role]
        shown["is_member"] = int(viewer.person_id in community.members)
        shown["is_advertiser"] = 0
    for field in fields:
        if (read := _GROUP_FIELDS.get(field)) is not None:
            shown[field] = read(world, community, viewer)
    return shown


def profiles(
    world: World, ids: Iterable[int], viewer: Viewer, *, fields: Iterable[str] = ()
) -> dict[str, Any]:
    """Show everybody whose ids stand in an answer, as its `profiles` and `groups`."""
    people, groups = [], []
    wanted = list(fields)
    for id_ in dict.fromkeys(ids):
        if id_ < 0 and (community := world.community(-id_)) is not None:
            groups.append(group(world, community, viewer, fields=wanted))
        elif (person := world.person(id_)) is not None:
            shown = {"sex", "screen_name", "photo_50", "photo_100", *wanted}
            people.append(user(world, person, viewer, fields=sorted(shown)))
    return {"profiles": people, "groups": groups}


def _photo(world: World, person: Person, _: Viewer) -> str:
    name = f"person{person.id}" if person.has_photo else "camera"
    return f"{world.address}/picture/{name}.svg"


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"id": place.id, "title": place.title}


def _screen_name(_: World, person: Person, __: Viewer) -> str:
    return person.screen_name or f"id{person.id}"


def _is_blacklisted(world: World, person: Person, viewer: Viewer) -> int:
    community = world.community(viewer.group_id)
    return int(community is not None and person.id in community.banned)


def _can_be_written_to(world: World, person: Person, viewer: Viewer) -> int:
    community = world.community(viewer.group_id)
    if community is not None:
        return int(person.id in community.allowed)
    return int(not person.refuses_messages)


def _last_seen(_: World, person: Person, __: Viewer) -> dict[str, int] | None:
    return {"platform": 7, "time": person.last_seen} if person.last_seen else None


_USER_FIELDS: dict[str, Callable[[World, Person, Viewer], Any]] = {
    "bdate": lambda _, person, __: person.bdate or None,
    "blacklisted": _is_blacklisted,
    "blacklisted_by_me": lambda *_: 0,
    "can_see_all_posts": lambda world, person, viewer: int(
        world.people.sees(viewer.person_id, person)
    ),
    "can_write_private_message": _can_be_written_to,
    "city": lambda _, person, __: _place(person.city),
    "country": lambda _, person, __: _place(person.country),
    "domain": _screen_name,
    "followers_count": lambda _, person, __: person.followers_count,
    "has_mobile": lambda _, person, __: int(person.has_mobile),
    "has_photo": lambda _, person, __: int(person.has_photo),
    "is_verified": lambda _, person, __: person.verified,
    "last_seen": _last_seen,
    "photo_50": _photo,
    "photo_100": _photo,
    "photo_200": _photo,
    "photo_max": _photo,
    "screen_name": _screen_name,
    "sex": lambda _, person, __: person.sex,
    "verified": lambda _, person, __: int(person.verified),
}

_GROUP_FIELDS: dict[str, Callable[[World, Community, Viewer], Any]] = {
    "can_post": lambda _, community, viewer: int(community.may(viewer.person_id, "editor")),
    "description": lambda *_: "",
    "fixed_post": lambda world, community, _: world.wall(-community.id).pinned,
    "has_photo": lambda *_: 1,
    "members_count": lambda _, community, __: len(community.members),
    "verified": lambda *_: 0,
    "wall": lambda _, community, __: {"closed": 0, "open": 1, "limited": 2}[community.wall],
}
