"""What people do to posts and comments: like, repost, forward, comment, and take it back.

Every function takes the world, changes it, writes the history and tells who listens; it answers
whether anything changed. Nothing is checked here beyond that: rights are the methods' business.
Times are unix seconds.
"""

from collections.abc import Iterable

from contest_service.sandbox.vk import shapes, walls
from contest_service.sandbox.vk.ordered import Arrivals
from contest_service.sandbox.vk.people_shapes import NOBODY
from contest_service.sandbox.vk.records import Comment, Post
from contest_service.sandbox.vk.world import World


def like(world: World, person: int, target: Post | Comment, *, at: int) -> bool:
    """Like a post or a comment; liking again changes nothing."""
    if isinstance(target, Post):
        if not target.opened().likes.add(person):
            return False
        target.opened().history.note("like", person, at=at)
    else:
        if target.liked is None:
            target.liked = Arrivals()
        if not target.liked.add(person):
            return False
    _tell_like(world, "like_add", person, target=target, at=at)
    return True


def unlike(world: World, person: int, target: Post | Comment, *, at: int) -> bool:
    """Take a like back."""
    if isinstance(target, Post):
        if not target.opened().likes.discard(person):
            return False
        target.opened().history.note("unlike", person, at=at)
    elif target.liked is None or not target.liked.discard(person):
        return False
    _tell_like(world, "like_remove", person, target=target, at=at)
    return True


def like_in_bulk(post: Post, people: Iterable[int], *, at: int) -> None:
    """Let many people like a post at once, without events: for large worlds."""
    reactions = post.opened()
    reactions.history.note_many("like", reactions.likes.extend(people), at=at)


def repost(world: World, owner_id: int, post: Post, *, text: str = "", at: int) -> Post:
    """Repost on the wall of a person, or of a community (negative)."""
    return walls.repost(world, owner_id, post, text=text, at=at)


def unrepost(world: World, owner_id: int, post: Post, *, at: int) -> bool:
    """Delete all reposts of a post from somebody's wall."""
    copies = walls.reposts_of(world, owner_id, post)
    for copy in copies:
        walls.delete(world, copy, at=at)
    return bool(copies)


def forward(world: World, person: int, post: Post, *, at: int) -> None:
    """Send a post to somebody in a private message: counted, never listed."""
    post.forwards += 1
    post.opened().history.note("forward", person, at=at)


def comment(world: World, post: Post, said: Comment, *, at: int) -> Comment:
    """Add a comment to a post; an answer stands in the thread of a first-level comment.

    `said.reply_to_comment` names the comment that is answered; id, parent and `reply_to_user` are
    set here.
    """
    answered = world.comments.get((post.owner_id, said.reply_to_comment))
    said.id = world.number(post.owner_id)
    if answered is not None:
        said.parent = answered.parent or answered.id
        said.reply_to_user = answered.from_id
    world.comments[said.key] = said
    _stand(world, post, said)
    post.opened().history.note("comment", said.from_id, at=at, reference=said.id)
    _tell_comment(world, "wall_reply_new", said, at=at)
    return said


def edit_comment(world: World, said: Comment, *, text: str, at: int) -> None:
    """Change a comment's text."""
    said.text, said.edited = text, at
    _tell_comment(world, "wall_reply_edit", said, at=at)


def erase(world: World, said: Comment, *, by: int, at: int) -> bool:
    """Delete a comment: one with answers stays as a gap, one without vanishes."""
    if said.is_deleted:
        return False
    post = world.posts[said.owner_id, said.post_id]
    said.is_deleted = True
    reactions = post.opened()
    reactions.comments_count -= 1
    reactions.history.note("erase", said.from_id, at=at, reference=said.id)
    _vanish(world, post, said)
    gone = {
        "owner_id": said.owner_id,
        "id": said.id,
        "post_id": said.post_id,
        # The schema says user_id, VK's pages and its Go client say deleter_id.
        "deleter_id": by,
        "user_id": by,
    }
    world.emit(said.owner_id, "wall_reply_delete", lambda: gone, at=at)
    return True


def restore_comment(world: World, said: Comment, *, at: int) -> bool:
    """Bring a deleted comment back to its place in time."""
    if not said.is_deleted:
        return False
    post = world.posts[said.owner_id, said.post_id]
    said.is_deleted = False
    _stand(world, post, said)
    post.opened().history.note("comment", said.from_id, at=at, reference=said.id)
    _tell_comment(world, "wall_reply_restore", said, at=at)
    return True


def _stand(world: World, post: Post, said: Comment) -> None:
    reactions = post.opened()
    reactions.comments_count += 1
    if said.parent:
        parent = world.comments[said.owner_id, said.parent]
        parent.answers = _placed(parent.thread, said.id)
        if parent.id not in reactions.comments:
            reactions.comments = _placed(reactions.comments, parent.id)
    elif said.id not in reactions.comments:
        reactions.comments = _placed(reactions.comments, said.id)


def _placed(ids: Arrivals, id_: int) -> Arrivals:
    """Put a comment into its level, which is in the order of ids; almost always at the end."""
    if not ids or ids[-1] < id_:
        ids = ids or Arrivals()
        ids.add(id_)
        return ids
    return Arrivals(sorted([*ids, id_]))


def _vanish(world: World, post: Post, said: Comment) -> None:
    reactions = post.opened()
    if not said.parent:
        if not said.thread:
            reactions.comments.discard(said.id)
        return
    parent = world.comments[said.owner_id, said.parent]
    if parent.answers is not None:
        parent.answers.discard(said.id)
    if parent.is_deleted and not parent.thread:
        reactions.comments.discard(parent.id)


def _tell_like(world: World, kind: str, person: int, *, target: Post | Comment, at: int) -> None:
    is_post = isinstance(target, Post)
    told = {
        "liker_id": person,
        "object_type": "post" if is_post else "comment",
        "object_owner_id": target.owner_id,
        "object_id": target.id,
        "post_id": 0 if isinstance(target, Post) else target.post_id,
        "thread_reply_id": 0 if isinstance(target, Post) else target.parent,
    }
    world.emit(target.owner_id, kind, lambda: told, at=at)


def _tell_comment(world: World, kind: str, said: Comment, *, at: int) -> None:
    world.emit(
        said.owner_id,
        kind,
        lambda: {
            **shapes.comment(world, said, viewer=NOBODY),
            "post_owner_id": said.owner_id,
        },
        at=at,
    )
