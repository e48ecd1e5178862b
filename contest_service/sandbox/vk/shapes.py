"""What a viewer is shown of posts, comments and pictures, in VK's shapes (API 5.199).

Owns the fields of wall posts, comments, photos and messages; which of them a method returns is the
method's business.
"""

from collections.abc import Iterator
from typing import Any

from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.people_shapes import Viewer
from contest_service.sandbox.vk.records import Comment, Person, Photo, Post
from contest_service.sandbox.vk.world import Sent, World

_DEPTH = 2
"""Originals of originals that a post is shown with, unless the caller wants more or fewer."""


def post(world: World, shown: Post, viewer: Viewer, *, depth: int = _DEPTH) -> dict[str, Any]:
    """Show a post: wall_wallpost_full of the schema."""
    reactions = shown.reactions
    person = viewer.person_id
    item: dict[str, Any] = {
        **_plain(world, shown),
        "is_favorite": False,
        "likes": {
            "can_like": int(person not in reactions.likes),
            "count": len(reactions.likes),
            "user_likes": int(person in reactions.likes),
            "can_publish": int(shown.post_type == "post"),
            "repost_disabled": False,
        },
        "reposts": {
            "count": len(reactions.reposts) + shown.forwards,
            "wall_count": len(reactions.reposts),
            "mail_count": shown.forwards,
            "user_reposted": int(person in reactions.copies),
        },
        "comments": {
            "can_post": int(may_comment(world, shown, viewer)),
            "can_view": int(not shown.closed_comments),
            "groups_can_post": not shown.closed_comments,
            "count": reactions.comments_count,
        },
        "views": {"count": shown.views},
        "marked_as_ads": int(shown.marked_as_ads),
    }
    if shown.edited:
        item["edited"] = shown.edited
    if shown.is_pinned:
        item["is_pinned"] = 1
    if world.is_editor(person, shown.owner_id):
        item |= {"can_edit": 1, "can_delete": 1, "can_pin": 1, "created_by": shown.created_by}
    history = list(_originals(world, shown, depth))
    if history:
        item["copy_history"] = history
    return item


def may_comment(world: World, shown: Post, viewer: Viewer) -> bool:
    """Whether a viewer may comment on a post."""
    community = world.community(-shown.owner_id)
    is_banned = community is not None and viewer.person_id in community.banned
    return not shown.closed_comments and not is_banned


def comment(
    world: World, shown: Comment, *, viewer: Viewer, likes: bool = False, preview: int = 0
) -> dict[str, Any]:
    """Show a comment, without its thread; `preview` cuts its text after so many characters."""
    if shown.is_deleted:
        return {
            "id": shown.id,
            "from_id": 0,
            "date": shown.date,
            "text": "",
            "post_id": shown.post_id,
            "owner_id": shown.owner_id,
            "parents_stack": [shown.parent] if shown.parent else [],
            "deleted": True,
        }
    text = shown.text
    if 0 < preview < len(text):
        text = text[:preview] + "..."
    original = world.posts[shown.owner_id, shown.post_id]
    item: dict[str, Any] = {
        "id": shown.id,
        "from_id": shown.from_id,
        "date": shown.date,
        "text": text,
        "post_id": shown.post_id,
        "owner_id": shown.owner_id,
        "parents_stack": [shown.parent] if shown.parent else [],
        "is_from_post_author": shown.from_id == original.from_id,
    }
    if shown.reply_to_comment:
        item["reply_to_user"] = shown.reply_to_user
        item["reply_to_comment"] = shown.reply_to_comment
    if shown.attachments:
        item["attachments"] = list(_attached(world, shown.attachments))
    if likes:
        item["likes"] = {
            "can_like": int(viewer.person_id not in shown.likes),
            "count": len(shown.likes),
            "user_likes": int(viewer.person_id in shown.likes),
            "can_publish": 1,
        }
    return item


def photo(world: World, shown: Photo) -> dict[str, Any]:
    """Show a picture: photos_photo of the schema."""
    url = f"{world.address}/picture/{shown.digest}"
    return {
        "album_id": -8 if shown.owner_id > 0 else -7,
        "date": shown.date,
        "id": shown.id,
        "owner_id": shown.owner_id,
        "user_id": shown.user_id,
        "access_key": shown.digest[:18],
        "sizes": [{"type": "x", "width": shown.width, "height": shown.height, "url": url}],
        "text": shown.text,
        "has_tags": False,
    }


def message(shown: Sent, *, person: Person, out: bool) -> dict[str, Any]:
    """Show a message: callback_message of the schema."""
    return {
        "id": shown.id,
        "date": shown.date,
        "peer_id": person.id,
        "from_id": shown.from_id,
        "out": int(out),
        "version": 10_000_000 + shown.id,
        "conversation_message_id": shown.number,
        "random_id": shown.random_id,
        "text": shown.text,
        "fwd_messages": [],
        "attachments": [],
        "important": False,
        "is_hidden": False,
    }


def people_in(item: dict[str, Any]) -> Iterator[int]:
    """Iterate over the ids of owners and authors that stand in a post or comment as shown."""
    for key in ("owner_id", "from_id", "signer_id", "reply_to_user"):
        if item.get(key):
            yield item[key]
    for inner in (*item.get("copy_history", ()), *item.get("thread", {}).get("items", ())):
        yield from people_in(inner)


def _plain(world: World, shown: Post) -> dict[str, Any]:
    item: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "id": shown.id,
        "owner_id": shown.owner_id,
        "from_id": shown.from_id,
        "date": shown.date,
        "text": shown.text,
        "post_type": shown.post_type,
        "post_source": {"type": "api"},
        "attachments": list(_attached(world, shown.attachments)),
    }
    if shown.signer_id:
        item["signer_id"] = shown.signer_id
    if shown.copyright:
        item["copyright"] = {"link": shown.copyright, "name": shown.copyright, "type": "link"}
    return item


def _originals(world: World, shown: Post, depth: int) -> Iterator[dict[str, Any]]:
    """Iterate over what a repost repeats, the nearest first."""
    while shown.copy_of is not None and depth > 0:
        original = world.posts[shown.copy_of]
        if original.is_deleted:
            item = {"id": original.id, "owner_id": original.owner_id, "is_deleted": True}
            yield {"inner_type": "wall_wallpost", **item, "deleted_reason": "Запись удалена"}
            return
        yield _plain(world, original)
        shown, depth = original, depth - 1


def _attached(world: World, attachments: list[str]) -> Iterator[dict[str, Any]]:
    for attachment in attachments:
        key = photo_key(attachment)
        found = world.photos.get(key) if key is not None else None
        if found is not None:
            yield {"type": "photo", "photo": photo(world, found)}
        elif attachment.startswith(("http://", "https://")):
            link = {"url": attachment, "title": attachment, "caption": "", "description": ""}
            yield {"type": "link", "link": link}


def photo_key(attachment: str) -> tuple[int, int] | None:
    """Read `photo-501_7` as (owner, id); None for anything else."""
    first, _, rest = attachment.removeprefix("photo").partition("_")
    owner_id, id_ = whole(first), whole(rest.partition("_")[0])
    if not attachment.startswith("photo") or owner_id is None or id_ is None:
        return None
    return owner_id, id_
