"""The section `wall`, writing comments: by a person, or by a community with its own token."""

from typing import Any

from contest_service.sandbox.vk import acts
from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.records import Comment, Community, Post
from contest_service.sandbox.vk.site import Call, Site
from contest_service.sandbox.vk.wall_posts import once, remember, written


def create_comment(site: Site, call: Call) -> Any:
    """Answer `wall.createComment`; `guid` makes it once an hour."""
    post = _post(site, call)
    author = _author(site, call, post)
    done = once(site, call)
    if done is not None and (said := site.world.comments.get((post.owner_id, done))):
        return _made(said)
    text, attachments = written(site, call)
    community = site.world.community(-post.owner_id)
    if community is not None and community.forbids_links and "http" in text:
        raise VkError(222)
    reply_to = call.params.number("reply_to_comment", 0, low=0)
    answered = site.world.comment(post.owner_id, reply_to)
    if reply_to and (answered is None or answered.post_id != post.id):
        raise bad("reply_to_comment is incorrect")
    said = Comment(
        owner_id=post.owner_id,
        post_id=post.id,
        id=0,
        from_id=author,
        date=call.at,
        text=text,
        attachments=attachments,
        reply_to_comment=reply_to,
    )
    acts.comment(site.world, post, said, at=call.at)
    remember(site, call, said.id)
    return _made(said)


def edit_comment(site: Site, call: Call) -> Any:
    """Answer `wall.editComment`: one's own."""
    said = _comment(site, call)
    if said.from_id != call.token.person_id and not _is_own_voice(site, call, said):
        raise VkError(211)
    acts.edit_comment(site.world, said, text=written(site, call)[0], at=call.at)
    return 1


def delete_comment(site: Site, call: Call) -> Any:
    """Answer `wall.deleteComment`: one's own, or any as a moderator."""
    said = _comment(site, call)
    community = site.world.community(-said.owner_id)
    person = call.token.person_id
    if said.from_id != person and not (community and community.may(person, "moderator")):
        raise VkError(211)
    acts.erase(site.world, said, by=person, at=call.at)
    return 1


def restore_comment(site: Site, call: Call) -> Any:
    """Answer `wall.restoreComment`."""
    owner_id = owner(site, call)
    said = site.world.comments.get((owner_id, call.params.number("comment_id", low=0)))
    community = site.world.community(-owner_id)
    person = call.token.person_id
    if said is None or not (
        said.from_id == person or (community and community.may(person, "moderator"))
    ):
        raise VkError(211)
    acts.restore_comment(site.world, said, at=call.at)
    return 1


def close_comments(site: Site, call: Call) -> Any:
    """Answer `wall.closeComments`."""
    return _set_closed(site, call, is_closed=True)


def open_comments(site: Site, call: Call) -> Any:
    """Answer `wall.openComments`."""
    return _set_closed(site, call, is_closed=False)


def _set_closed(site: Site, call: Call, *, is_closed: bool) -> Any:
    post = site.world.post(owner(site, call), call.params.number("post_id", low=0))
    if post is None:
        raise bad("post_id is incorrect")
    if call.token.kind == "group":
        may = post.owner_id == -call.token.group_id
    else:
        may = site.world.is_editor(call.token.person_id, post.owner_id)
    if not may:
        raise VkError(15)
    post.closed_comments = is_closed
    return 1


def _post(site: Site, call: Call) -> Post:
    own_wall = -call.token.group_id if call.token.kind == "group" else call.token.person_id
    owner_id = call.params.number("owner_id", own_wall)
    post = site.world.post(owner_id, call.params.number("post_id", low=0))
    if post is None or post.post_type != "post":
        raise bad("post_id is incorrect")
    if post.closed_comments:
        raise VkError(213)
    return post


def _author(site: Site, call: Call, post: Post) -> int:
    """Return who speaks. Raises VkError 213 or 15."""
    from_group = call.params.number("from_group", 0, low=0)
    if call.token.kind == "group":
        if from_group not in (0, call.token.group_id):
            raise VkError(15, "from_group is not the token's community")
        return -call.token.group_id
    person = call.token.person_id
    if from_group:
        community = site.world.community(from_group)
        if community is None or not community.may(person, "moderator"):
            raise VkError(213)
        return -from_group
    wall: Community | None = site.world.community(-post.owner_id)
    if wall is not None and person in wall.banned:
        raise VkError(213)
    return person


def _comment(site: Site, call: Call) -> Comment:
    owner_id = owner(site, call)
    said = site.world.comment(owner_id, call.params.number("comment_id", low=0))
    if said is None:
        raise VkError(211)
    return said


def _is_own_voice(site: Site, call: Call, said: Comment) -> bool:
    return said.from_id < 0 and site.world.is_editor(call.token.person_id, said.from_id)


def _made(said: Comment) -> Any:
    return {"comment_id": said.id, "parents_stack": [said.parent] if said.parent else []}
