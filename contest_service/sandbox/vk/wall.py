"""The section `wall`, reading: posts, walls and reposts. Comments are in `wall_comments`."""

from collections.abc import Iterable
from typing import Any

from contest_service.sandbox.vk import shapes
from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.people_shapes import profiles
from contest_service.sandbox.vk.records import Post
from contest_service.sandbox.vk.site import Call, Site

MOST_POSTS = 100


def get_by_id(site: Site, call: Call) -> Any:
    """Answer `wall.getById`; a post that is deleted, or hidden from the caller, is left out."""
    names = call.params.items("posts")
    if not names:
        raise bad("posts is undefined")
    depth = call.params.number("copy_history_depth", 2, low=0)
    found = (_named(site, name) for name in names[:MOST_POSTS])
    posts = [post for post in found if post is not None and _is_seen(site, call, post)]
    return _with_people(site, call, posts, depth=depth)


def get(site: Site, call: Call) -> Any:
    """Answer `wall.get`: a wall's posts, the fixed one first, then the newest."""
    owner_id = _wall(site, call)
    offset = call.params.number("offset", 0, low=0)
    count = call.params.number("count", 20, low=0, high=MOST_POSTS)
    kind = call.params.choice("filter", "all", "owner", "others", "suggests", "postponed")
    _require_visible(site, call, owner_id)
    if kind in ("suggests", "postponed"):
        posts = _waiting(site, call, owner_id, kind=kind)
    else:
        posts = _standing(site, owner_id, kind=kind)
    page = _with_people(site, call, posts[offset : offset + count], depth=2)
    return {"count": len(posts), **page}


def get_reposts(site: Site, call: Call) -> Any:
    """Answer `wall.getReposts`: a sample, newest first, without a count.

    Reposts of closed profiles are missing for who is no friend, and so pages are shorter than they
    were asked for.
    """
    owner_id = owner(site, call)
    offset = call.params.number("offset", 0, low=0)
    count = call.params.number("count", 20, low=0, high=1000)
    post = site.world.post(owner_id, call.params.number("post_id", low=0))
    if post is None:
        raise bad("post_id is incorrect")
    if not site.world.is_editor(call.viewer.person_id, owner_id):
        if site.world.behaviour.refused_reposts == "denied":
            raise VkError(15)
        return {"items": [], "profiles": [], "groups": []}
    count = min(count, site.world.behaviour.reposts_page)
    serials = post.reactions.reposts.newest(offset, count)
    copies = (site.world.by_serial[serial] for serial in serials)
    shown = [copy for copy in copies if _is_seen(site, call, copy)]
    answer = _with_people(site, call, shown, depth=2, always=True)
    site.churn.page_read(site.world, "copies", target=post, at=call.at)
    return answer


def _named(site: Site, name: str) -> Post | None:
    owner_id, _, rest = name.partition("_")
    key = whole(owner_id), whole(rest.partition("_")[0])
    if key[0] is None or key[1] is None:
        raise bad("posts contains invalid ids")
    return site.world.post(key[0], key[1])


def _is_seen(site: Site, call: Call, post: Post) -> bool:
    """Whether a post is shown to the caller: not those that wait, nor those of closed walls."""
    if post.post_type != "post" and not site.world.is_editor(call.viewer.person_id, post.owner_id):
        return False
    person = site.world.person(post.owner_id)
    if person is None:
        return post.owner_id < 0
    return not person.deactivated and site.world.people.sees(call.viewer.person_id, person)


def _wall(site: Site, call: Call) -> int:
    domain = call.params.text("domain")
    if not domain:
        return owner(site, call)
    community = site.world.community_named(domain)
    if community is not None:
        return -community.id
    person = site.world.people.named(domain)
    if person is None:
        raise bad("domain is incorrect")
    return person.id


def _require_visible(site: Site, call: Call, owner_id: int) -> None:
    person = site.world.person(owner_id)
    if person is not None and person.deactivated:
        raise VkError(18)
    if person is not None and not site.world.people.sees(call.viewer.person_id, person):
        raise VkError(30)
    if not site.world.owner_exists(owner_id):
        raise bad("owner_id is incorrect")


def _standing(site: Site, owner_id: int, *, kind: str) -> list[Post]:
    wall = site.world.wall(owner_id)
    ids = wall.posts.newest(0, len(wall.posts))
    posts = [site.world.posts[owner_id, id_] for id_ in ids]
    posts.sort(key=lambda post: not post.is_pinned)
    if kind == "all":
        return posts
    return [post for post in posts if (post.from_id == owner_id) == (kind == "owner")]


def _waiting(site: Site, call: Call, owner_id: int, *, kind: str) -> list[Post]:
    wanted = {"suggests": "suggest", "postponed": "postpone"}[kind]
    is_editor = site.world.is_editor(call.viewer.person_id, owner_id)
    return [
        post
        for post in site.world.posts.values()
        if post.owner_id == owner_id
        and post.post_type == wanted
        and not post.is_deleted
        and (is_editor or post.created_by == call.viewer.person_id)
    ]


def _with_people(
    site: Site, call: Call, posts: Iterable[Post], *, depth: int, always: bool = False
) -> dict[str, Any]:
    items = [shapes.post(site.world, post, call.viewer, depth=depth) for post in posts]
    answer: dict[str, Any] = {"items": items}
    if always or call.params.flag("extended"):
        ids = [id_ for item in items for id_ in shapes.people_in(item)]
        answer |= profiles(site.world, ids, call.viewer, fields=call.params.items("fields"))
    return answer
