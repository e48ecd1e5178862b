"""The sections `users` and `utils`: profiles, and what a screen name means."""

from typing import Any

from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.people_shapes import user
from contest_service.sandbox.vk.records import Person
from contest_service.sandbox.vk.site import Call, Site

MOST = 1000


def get(site: Site, call: Call) -> Any:
    """Answer `users.get`: those who exist, in the order asked for; others are left out."""
    names = call.params.items("user_ids") or call.params.items("user_id")
    if len(names) > MOST:
        raise bad(f"user_ids should contain less or equal than {MOST} elements")
    if not names:
        if call.token.kind != "user":
            raise VkError(113)
        names = [str(call.token.person_id)]
    fields = call.params.items("fields")
    people = (_find(site, name) for name in names)
    return [user(site.world, person, call.viewer, fields=fields) for person in people if person]


def resolve_screen_name(site: Site, call: Call) -> Any:
    """Answer `utils.resolveScreenName`; an unknown name is an empty array, as PHP writes it."""
    name = call.params.needed("screen_name")
    if whole(name) is not None:
        return []
    person = site.world.people.named(name)
    if person is not None:
        return {"type": "user", "object_id": person.id}
    community = site.world.community_named(name)
    if community is not None:
        return {"type": community.type, "object_id": community.id, "group_id": community.id}
    return []


def get_server_time(site: Site, call: Call) -> Any:
    """Answer `utils.getServerTime`."""
    return call.at


def _find(site: Site, name: str) -> Person | None:
    id_ = whole(name)
    if id_ is not None:
        return site.world.person(id_)
    return site.world.people.named(name)
