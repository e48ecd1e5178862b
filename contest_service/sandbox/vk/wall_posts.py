"""The section `wall`, writing posts: publish, edit, fix, delete, repost; with `guid` once an hour.

A reader's post on a page becomes a suggestion; on an open wall it is published as theirs.
"""

from typing import Any

from contest_service.sandbox.vk import shapes, walls
from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.records import Community, Post
from contest_service.sandbox.vk.site import Call, Site

MOST_MEDIA = 10
GUID_SECONDS = 3600


def post(site: Site, call: Call) -> Any:
    """Answer `wall.post`."""
    owner_id = owner(site, call)
    if "post_id" in call.params:
        return _accept(site, call, owner_id)
    if (done := once(site, call)) is not None:
        return {"post_id": done}
    text, attachments = written(site, call)
    written_post = Post(
        owner_id=owner_id,
        id=0,
        from_id=call.token.person_id,
        date=call.at,
        text=text,
        attachments=attachments,
        created_by=call.token.person_id,
        copyright=call.params.text("copyright"),
        closed_comments=call.params.flag("close_comments"),
        marked_as_ads=call.params.flag("mark_as_ads"),
    )
    if owner_id < 0:
        _in_community(site, call, written_post)
    elif owner_id != call.token.person_id:
        raise VkError(214)
    _postpone(call, written_post)
    walls.publish(site.world, written_post)
    remember(site, call, written_post.id)
    return {"post_id": written_post.id}


def edit(site: Site, call: Call) -> Any:
    """Answer `wall.edit`."""
    found = _own(site, call)
    text, attachments = written(site, call)
    walls.edit(site.world, found, text=text, attachments=attachments, at=call.at)
    if "close_comments" in call.params.given:
        found.closed_comments = call.params.flag("close_comments")
    return {"post_id": found.id}


def delete(site: Site, call: Call) -> Any:
    """Answer `wall.delete`."""
    walls.delete(site.world, _own(site, call), at=call.at)
    return 1


def pin(site: Site, call: Call) -> Any:
    """Answer `wall.pin`."""
    found = _own(site, call)
    if found.post_type != "post":
        raise bad("post_id is incorrect")
    walls.pin(site.world, found)
    return 1


def unpin(site: Site, call: Call) -> Any:
    """Answer `wall.unpin`."""
    found = _own(site, call)
    if found.is_pinned:
        walls.unpin(site.world, found.owner_id)
    return 1


def repost(site: Site, call: Call) -> Any:
    """Answer `wall.repost`: on one's own wall, or a community's where one is an editor."""
    kind, _, name = call.params.needed("object").partition("wall")
    first, _, second = name.partition("_")
    owner_id, post_id = whole(first), whole(second)
    if kind or owner_id is None or post_id is None:
        raise bad("object is incorrect")
    original = site.world.post(owner_id, post_id)
    if original is None:
        raise bad("object not found")
    group_id = call.params.number("group_id", 0, low=0)
    onto = -group_id or call.token.person_id
    if not site.world.is_editor(call.token.person_id, onto):
        raise VkError(214)
    copy = walls.repost(site.world, onto, original, text=call.params.text("message"), at=call.at)
    return {
        "success": 1,
        "post_id": copy.id,
        "reposts_count": len(original.reactions.reposts),
        "likes_count": len(original.reactions.likes),
    }


def written(site: Site, call: Call) -> tuple[str, list[str]]:
    """Return the text and the attachments of a call. Raises VkError 100."""
    text = call.params.text("message")
    attachments = call.params.items("attachments")
    links = [item for item in attachments if item.startswith(("http://", "https://"))]
    for item in attachments:
        key = shapes.photo_key(item)
        if item not in links and (key is None or key not in site.world.photos):
            raise bad("attachments is invalid")
    if len(links) > 1 or len(attachments) - len(links) > MOST_MEDIA:
        raise bad("attachments: at most 10 media and 1 link")
    if not text and not attachments:
        raise bad("message is empty or invalid")
    return text, attachments


def once(site: Site, call: Call) -> int | None:
    """Return what was made under this call's `guid` in the last hour, if anything was."""
    key = _guid(call)
    found = site.world.done.get(key) if key else None
    return found[1] if found is not None and call.at - found[0] < GUID_SECONDS else None


def remember(site: Site, call: Call, made: int) -> None:
    """Remember what a call made under its `guid`."""
    if key := _guid(call):
        site.world.done[key] = call.at, made


def _guid(call: Call) -> str:
    guid = call.params.text("guid")
    who = f"{call.token.person_id} {call.token.group_id}"
    return f"{call.method} {who} {call.params.text('owner_id')} {guid}" if guid else ""


def _in_community(site: Site, call: Call, made: Post) -> None:
    """Set what a post in a community is: the community's, a person's, or a suggestion."""
    community = site.world.community(-made.owner_id)
    person = call.token.person_id
    if community is None or person in community.banned:
        raise VkError(214)
    if community.forbids_links and "http" in made.text:
        raise VkError(222)
    if community.may(person, "editor"):
        if call.params.flag("from_group"):
            made.from_id = made.owner_id
            made.signer_id = person if call.params.flag("signed") else 0
        return
    if call.params.flag("from_group") and community.type != "page":
        raise VkError(214)
    _as_reader(community, made)


def _as_reader(community: Community, made: Post) -> None:
    if community.wall == "closed":
        raise VkError(214)
    if community.type == "page" or community.wall == "limited":
        made.post_type = "suggest"


def _postpone(call: Call, made: Post) -> None:
    publish_at = call.params.number("publish_date", 0, low=0)
    if not publish_at:
        return
    if publish_at <= call.at:
        raise bad("publish_date is in the past")
    made.post_type, made.date = "postpone", publish_at


def _accept(site: Site, call: Call, owner_id: int) -> Any:
    """Publish a suggestion or a postponed post now."""
    found = site.world.post(owner_id, call.params.number("post_id", low=0))
    if found is None or found.post_type == "post":
        raise bad("post_id is incorrect")
    if not site.world.is_editor(call.token.person_id, owner_id):
        raise VkError(214)
    walls.accept(site.world, found, at=call.at)
    return {"post_id": found.id}


def _own(site: Site, call: Call) -> Post:
    """Return the post that the caller may change. Raises VkError."""
    owner_id = owner(site, call)
    found = site.world.post(owner_id, call.params.number("post_id", low=0))
    if found is None:
        raise VkError(100, "post_id is incorrect")
    person = call.token.person_id
    community: Community | None = site.world.community(-owner_id)
    may = site.world.is_editor(person, owner_id) or (
        found.created_by == person and (community is None or found.from_id == person)
    )
    if not may:
        raise VkError(15 if call.method != "wall.delete" else 210)
    return found
