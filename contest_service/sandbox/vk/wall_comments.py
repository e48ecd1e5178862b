"""The section `wall`, comments: reading a level or a thread, from an offset or from a comment.

A level is what stands directly under the post, or under one comment. A comment that was deleted
and has answers keeps its place as `deleted`; it counts for the level, not for the whole.
"""

from collections.abc import Sequence
from typing import Any

from contest_service.sandbox.vk import shapes
from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.ordered import Arrivals
from contest_service.sandbox.vk.people_shapes import profiles
from contest_service.sandbox.vk.records import Comment, Post
from contest_service.sandbox.vk.site import Call, Site

MOST_COMMENTS = 100
MOST_IN_THREAD = 10


def get_comments(site: Site, call: Call) -> Any:
    """Answer `wall.getComments`."""
    post = _post(site, call)
    in_thread = call.params.number("thread_items_count", 0, low=0, high=MOST_IN_THREAD)
    parent = call.params.number("comment_id", 0, low=0)
    level = _level(site, post, parent)
    page, real_offset = _page(site, call, level, owner_id=post.owner_id)
    items = [_shown(site, call, post, said=said, in_thread=in_thread) for said in page]
    can_post = shapes.may_comment(site.world, post, call.viewer)
    answer: dict[str, Any] = {
        "count": len(level) if parent else post.reactions.comments_count,
        "items": items,
        "current_level_count": len(level),
        "can_post": can_post,
        "show_reply_button": can_post,
        "groups_can_post": not post.closed_comments,
    }
    if "start_comment_id" in call.params:
        answer["real_offset"] = real_offset
    if call.params.flag("extended"):
        ids = [id_ for item in items for id_ in shapes.people_in(item)]
        answer |= profiles(site.world, ids, call.viewer, fields=call.params.items("fields"))
    site.churn.page_read(site.world, "comments", target=post, at=call.at)
    return answer


def get_comment(site: Site, call: Call) -> Any:
    """Answer `wall.getComment`."""
    owner_id = owner(site, call)
    said = site.world.comment(owner_id, call.params.number("comment_id", low=0))
    if said is None:
        raise VkError(211)
    post = site.world.post(said.owner_id, said.post_id)
    if post is None or post.closed_comments:
        raise VkError(212)
    item = _shown(site, call, post, said=said, in_thread=0)
    answer: dict[str, Any] = {"items": [item]}
    if call.params.flag("extended"):
        fields = call.params.items("fields")
        answer |= profiles(site.world, shapes.people_in(item), call.viewer, fields=fields)
    return answer


def _post(site: Site, call: Call) -> Post:
    owner_id = owner(site, call)
    post_id = call.params.number("post_id", 0, low=0)
    if not post_id and (parent := call.params.number("comment_id", 0, low=0)):
        said = site.world.comments.get((owner_id, parent))
        post_id = said.post_id if said is not None else 0
    post = site.world.post(owner_id, post_id)
    if post is None:
        raise bad("post_id is incorrect")
    if post.closed_comments:
        raise VkError(212)
    return post


def _level(site: Site, post: Post, parent: int) -> Arrivals:
    if not parent:
        return post.reactions.comments
    said = site.world.comments.get((post.owner_id, parent))
    if said is None or said.post_id != post.id:
        raise bad("comment_id is incorrect")
    return said.thread


def _page(site: Site, call: Call, level: Arrivals, *, owner_id: int) -> tuple[list[Comment], int]:
    """Return a page of a level, and how far from its beginning it begins."""
    sort = call.params.choice("sort", "asc", "desc", "smart")
    count = call.params.number("count", 10, low=0, high=MOST_COMMENTS)
    start = call.params.number("start_comment_id", 0, low=0)
    offset = call.params.number("offset", 0)
    if offset < 0 and not start:
        raise bad("offset is less than 0")
    if start:
        # The comment itself, or the nearest earlier one where it is gone.
        place = level.places_up_to(start)
        first = place - 1 if sort == "asc" else len(level) - place
        offset = max(0, first + offset)
    ids: Sequence[int]
    if sort == "smart":
        ids = _most_interesting(site, level, owner_id)[offset : offset + count]
    else:
        ids = (level.oldest if sort == "asc" else level.newest)(offset, count)
    return [site.world.comments[owner_id, id_] for id_ in ids], offset


def _most_interesting(site: Site, level: Arrivals, owner_id: int) -> list[int]:
    likes = {id_: len(site.world.comments[owner_id, id_].likes) for id_ in level}
    return sorted(level, key=lambda id_: (-likes[id_], id_))


def _shown(site: Site, call: Call, post: Post, *, said: Comment, in_thread: int) -> dict[str, Any]:
    needs_likes = call.params.flag("need_likes")
    preview = call.params.number("preview_length", 0, low=0)
    item = shapes.comment(site.world, said, viewer=call.viewer, likes=needs_likes, preview=preview)
    if said.parent:
        return item
    can_post = shapes.may_comment(site.world, post, call.viewer)
    answers = [site.world.comments[said.owner_id, id_] for id_ in said.thread.oldest(0, in_thread)]
    item["thread"] = {
        "count": len(said.thread),
        "items": [
            shapes.comment(site.world, one, viewer=call.viewer, likes=needs_likes, preview=preview)
            for one in answers
        ],
        "can_post": can_post,
        "show_reply_button": can_post,
        "groups_can_post": not post.closed_comments,
    }
    return item
