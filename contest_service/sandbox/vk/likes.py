"""The section `likes`: who likes or reposted something.

The list is the newest first, and its offsets shift while people come and go. Reposters are shown
to the wall's owner and the community's editors only (dev.vk.com, likes.getList).
"""

from typing import Any

from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad, missing
from contest_service.sandbox.vk.ordered import Arrivals
from contest_service.sandbox.vk.people_shapes import group, user
from contest_service.sandbox.vk.records import Comment, Post
from contest_service.sandbox.vk.site import Call, Site

_KINDS = (
    "post", "comment", "photo", "audio", "video", "note", "market", "photo_comment",
    "video_comment", "topic_comment", "market_comment", "sitepage",
)  # fmt: skip


def get_list(site: Site, call: Call) -> Any:
    """Answer `likes.getList`."""
    target = _target(site, call)
    friends_only = call.params.number("friends_only", 0, low=0, high=3)
    most = 100 if friends_only else 1000
    count = call.params.number("count", 10 if friends_only else 100, low=0, high=most)
    offset = call.params.number("offset", 0, low=0)
    is_copies = call.params.choice("filter", "likes", "copies") == "copies"
    if is_copies and not site.world.is_editor(call.viewer.person_id, target.owner_id):
        if site.world.behaviour.refused_copies == "denied":
            raise VkError(15)
        return {"count": 0, "items": []}
    ids = _ids(target, is_copies=is_copies)
    if friends_only in (1, 3) or call.params.flag("skip_own"):
        ids = _kept(site, call, ids, only_friends=friends_only in (1, 3))
    page = ids.newest(offset, count)
    answer = {"count": len(ids), "items": _shown(site, call, page)}
    post = target if isinstance(target, Post) else None
    site.churn.page_read(site.world, "copies" if is_copies else "likes", target=post, at=call.at)
    return answer


def is_liked(site: Site, call: Call) -> Any:
    """Answer `likes.isLiked`: one person's like and repost."""
    target = _target(site, call)
    person = call.params.number("user_id", call.token.person_id, low=0)
    return {
        "liked": int(person in _ids(target, is_copies=False)),
        "copied": int(person in _ids(target, is_copies=True)),
    }


def _target(site: Site, call: Call) -> Post | Comment:
    kind = call.params.needed("type")
    if kind not in _KINDS:
        raise bad("type is incorrect")
    owner_id = owner(site, call)
    item_id = call.params.number("item_id", 0)
    if not item_id:
        raise missing("item_id")
    found: Post | Comment | None = None
    if kind == "post":
        found = site.world.post(owner_id, item_id)
    elif kind == "comment":
        found = site.world.comment(owner_id, item_id)
    if found is None:
        raise bad("object not found")
    return found


def _ids(target: Post | Comment, *, is_copies: bool) -> Arrivals:
    if isinstance(target, Comment):
        return Arrivals() if is_copies else target.likes
    return target.reactions.copies if is_copies else target.reactions.likes


def _kept(site: Site, call: Call, ids: Arrivals, *, only_friends: bool) -> Arrivals:
    me = call.viewer.person_id
    kept = (id_ for id_ in ids if not (call.params.flag("skip_own") and id_ == me))
    if only_friends:
        kept = (id_ for id_ in kept if site.world.people.are_friends(me, id_))
    return Arrivals(kept)


def _shown(site: Site, call: Call, page: list[int]) -> list[Any]:
    is_extended = call.params.flag("extended")
    hides = site.world.behaviour.lists_hide_deactivated
    if not is_extended and not hides:
        return page
    fields = call.params.items("fields")
    shown: list[Any] = []
    for id_ in page:
        person = site.world.person(id_) if id_ > 0 else None
        if person is not None and person.deactivated and hides:
            continue
        if not is_extended:
            shown.append(id_)
        elif person is not None:
            shown.append(
                {"type": "profile", **user(site.world, person, call.viewer, fields=fields)}
            )
        elif (community := site.world.community(-id_)) is not None:
            shown.append(group(site.world, community, call.viewer, fields=fields))
    return shown
