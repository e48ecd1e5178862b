"""The section `groups`: communities, their members and their blacklist."""

from collections.abc import Iterable
from typing import Any

from contest_service.sandbox.vk import access, societies
from contest_service.sandbox.vk.errors import VkError, bad, missing
from contest_service.sandbox.vk.people_shapes import group, user
from contest_service.sandbox.vk.records import Ban, Community
from contest_service.sandbox.vk.site import Call, Site

MOST_CHECKED = 500
_PERMISSIONS = {
    "stories": 1,
    "photos": 4,
    "app_widget": 64,
    "messages": 4096,
    "wall": 8192,
    "docs": 131_072,
    "manage": 262_144,
    "market": 134_217_728,
}


def is_member(site: Site, call: Call) -> Any:
    """Answer `groups.isMember` for one person or up to 500."""
    community = access.community(site, call.params.needed("group_id"))
    is_extended = call.params.flag("extended")
    if "user_ids" in call.params:
        ids = call.params.numbers("user_ids", most=MOST_CHECKED)
        return [
            {"user_id": id_, **_membership(community, id_, is_extended=is_extended)} for id_ in ids
        ]
    person = call.params.number("user_id", call.token.person_id, low=0)
    if not person:
        raise missing("user_id")
    found = _membership(community, person, is_extended=is_extended)
    return found if is_extended else found["member"]


def get_members(site: Site, call: Call) -> Any:
    """Answer `groups.getMembers`. Orders by time, and managers, are for the community's own."""
    community = access.community(site, call.params.needed("group_id"))
    _require_open(community, call)
    sort = call.params.choice("sort", "id_asc", "id_desc", "time_asc", "time_desc")
    offset = call.params.number("offset", 0, low=0)
    count = call.params.number("count", 1000, low=0, high=1000)
    if call.params.text("filter"):
        return _filtered(site, call, community)
    if sort.startswith("time") and not _is_moderator(community, call):
        raise VkError(15, "sort by time is available to moderators only")
    members = community.members
    read = {
        "id_asc": members.by_id,
        "id_desc": members.by_id_down,
        "time_asc": members.oldest,
        "time_desc": members.newest,
    }[sort]
    page = read(offset, count)
    fields = call.params.items("fields")
    answer = {
        "count": len(members),
        "items": _people(site, call, page, fields=fields) if fields else page,
    }
    site.churn.page_read(site.world, "members", target=community, at=call.at)
    return answer


def get_by_id(site: Site, call: Call) -> Any:
    """Answer `groups.getById`; a community token without ids asks about its own community."""
    names = call.params.items("group_ids") or call.params.items("group_id")
    if not names and call.token.kind == "group":
        names = [str(call.token.group_id)]
    if not names:
        raise bad("group_ids is undefined")
    fields = call.params.items("fields")
    found = (site.world.community_named(name) for name in names[:500])
    shown = [
        group(site.world, community, call.viewer, fields=fields) for community in found if community
    ]
    if not shown:
        raise bad("group_ids is invalid")
    return {"groups": shown, "profiles": []}


def get_banned(site: Site, call: Call) -> Any:
    """Answer `groups.getBanned`."""
    community = access.managed(site, call, "moderator")
    offset = call.params.number("offset", 0, low=0)
    count = call.params.number("count", 20, low=0, high=200)
    fields = call.params.items("fields")
    banned = community.banned
    if "owner_id" in call.params:
        one = call.params.number("owner_id")
        if one not in banned:
            raise VkError(104)
        banned = {one: banned[one]}
    page = list(banned.items())[offset : offset + count]
    shown = [_ban(site, call, id_, ban=ban, fields=fields) for id_, ban in page]
    return {"count": len(banned), "items": [item for item in shown if item]}


def ban(site: Site, call: Call) -> Any:
    """Answer `groups.ban`."""
    community = access.managed(site, call, "moderator")
    person = call.params.number("owner_id")
    if site.world.person(person) is None:
        raise VkError(113)
    entry = Ban(
        by=call.token.person_id,
        at=call.at,
        until=call.params.number("end_date", 0, low=0),
        reason=call.params.number("reason", 0, low=0),
        comment=call.params.text("comment"),
    )
    societies.block(site.world, person, community, ban=entry)
    return 1


def unban(site: Site, call: Call) -> Any:
    """Answer `groups.unban`."""
    community = access.managed(site, call, "moderator")
    person = call.params.number("owner_id")
    by = call.token.person_id
    if not societies.unblock(site.world, person, community, by=by, at=call.at):
        raise VkError(104)
    return 1


def get_token_permissions(site: Site, call: Call) -> Any:
    """Answer `groups.getTokenPermissions`."""
    held = {name: bit for name, bit in _PERMISSIONS.items() if name in call.token.scopes}
    return {
        "mask": sum(held.values()),
        "permissions": [{"name": name, "setting": bit} for name, bit in held.items()],
    }


def _membership(community: Community, person: int, *, is_extended: bool) -> dict[str, int]:
    member = int(person in community.members)
    if not is_extended:
        return {"member": member}
    more = {"request": 0, "invitation": 0, "can_invite": 1 - member, "can_recall": 0}
    return {"member": member, **more}


def _is_moderator(community: Community, call: Call) -> bool:
    if call.token.kind == "group":
        return call.token.group_id == community.id
    return community.may(call.viewer.person_id, "moderator")


def _require_open(community: Community, call: Call) -> None:
    is_inside = call.viewer.person_id in community.members or _is_moderator(community, call)
    if community.is_closed == 2 and not is_inside:
        raise VkError(203, "Access to group denied")


def _filtered(site: Site, call: Call, community: Community) -> Any:
    kind = call.params.choice("filter", "managers", "friends", "unsure", "donut")
    if kind == "managers":
        if not _is_moderator(community, call):
            raise VkError(15, "managers are shown to managers only")
        items: list[Any] = _managers(site, call, community)
    elif kind == "friends":
        friends = site.world.people.friends.get(call.viewer.person_id, set())
        items = [id_ for id_ in sorted(friends) if id_ in community.members]
    else:
        items = []
    offset = call.params.number("offset", 0, low=0)
    count = call.params.number("count", 1000, low=0, high=1000)
    return {"count": len(items), "items": items[offset : offset + count]}


def _managers(site: Site, call: Call, community: Community) -> list[Any]:
    """Who manages the community: an id and a role, with fields a profile and a role."""
    roles = community.admins
    if fields := call.params.items("fields"):
        people = _people(site, call, roles, fields=fields)
        return [{**person, "role": roles[person["id"]]} for person in people]
    return [{"id": id_, "role": role} for id_, role in roles.items()]


def _people(site: Site, call: Call, ids: Iterable[int], *, fields: list[str]) -> list[Any]:
    people = (site.world.person(id_) for id_ in ids)
    return [user(site.world, person, call.viewer, fields=fields) for person in people if person]


def _ban(site: Site, call: Call, id_: int, *, ban: Ban, fields: list[str]) -> Any:
    person = site.world.person(id_)
    if person is None:
        return None
    return {
        "type": "profile",
        "profile": user(site.world, person, call.viewer, fields=fields),
        "ban_info": {
            "admin_id": ban.by,
            "date": ban.at,
            "reason": ban.reason,
            "comment": ban.comment,
            "comment_visible": False,
            "end_date": ban.until,
        },
    }
