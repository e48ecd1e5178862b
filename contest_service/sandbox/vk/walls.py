"""What happens on walls: publishing, editing, pinning, deleting, and reposts as posts.

Every function takes the world, changes it, and tells who listens. Nothing is checked here: whether
somebody may do it is asked by the methods. Times are unix seconds.
"""

from contest_service.sandbox.vk import shapes
from contest_service.sandbox.vk.people_shapes import NOBODY
from contest_service.sandbox.vk.records import Post
from contest_service.sandbox.vk.world import World


def publish(world: World, post: Post) -> Post:
    """Put a post on its wall at its `date`: its id and serial number are given here."""
    post.id = world.number(post.owner_id)
    post.serial = world.next_serial
    world.next_serial += 1
    world.posts[post.key] = post
    world.by_serial[post.serial] = post
    if post.post_type == "postpone":
        world.postponed[post.serial] = post.date
    _show(world, post, at=post.date)
    return post


def appear(world: World, *, at: int) -> None:
    """Publish the postponed posts whose time has come."""
    for serial, due in list(world.postponed.items()):
        if due <= at:
            accept(world, world.by_serial[serial], at=due)


def accept(world: World, post: Post, *, at: int) -> None:
    """Make a suggestion or a postponed post an ordinary one."""
    world.postponed.pop(post.serial, None)
    if not post.is_deleted:
        post.post_type, post.date = "post", at
        _show(world, post, at=at)


def edit(world: World, post: Post, *, text: str, attachments: list[str], at: int) -> None:
    """Change a post."""
    post.text, post.attachments, post.edited = text, attachments, at


def pin(world: World, post: Post) -> None:
    """Fix a post on top of its wall, in place of another."""
    unpin(world, post.owner_id)
    post.is_pinned = True
    world.wall(post.owner_id).pinned = post.id


def unpin(world: World, owner_id: int) -> None:
    """Leave a wall without a fixed post."""
    wall = world.wall(owner_id)
    pinned = world.posts.get((owner_id, wall.pinned))
    if pinned is not None:
        pinned.is_pinned = False
    wall.pinned = 0


def delete(world: World, post: Post, *, at: int) -> None:
    """Delete a post. Deleting a repost is how one is undone; VK has no event for it."""
    if post.is_deleted:
        return
    if post.is_pinned:
        unpin(world, post.owner_id)
    post.is_deleted = True
    world.wall(post.owner_id).posts.discard(post.id)
    if post.copy_of is None:
        return
    original = world.posts[post.copy_of]
    reactions = original.opened()
    reactions.reposts.discard(post.serial)
    reactions.history.note("unrepost", post.owner_id, at=at, reference=post.id)
    if not reposts_of(world, post.owner_id, original):
        reactions.copies.discard(post.owner_id)


def repost(world: World, owner_id: int, original: Post, *, text: str, at: int) -> Post:
    """Put a repost of a post on a person's or community's wall."""
    copy = Post(
        owner_id=owner_id,
        id=0,
        from_id=owner_id,
        date=at,
        text=text,
        created_by=max(owner_id, 0),
        copy_of=original.key,
    )
    publish(world, copy)
    reactions = original.opened()
    reactions.copies.add(owner_id)
    reactions.reposts.add(copy.serial)
    reactions.history.note("repost", owner_id, at=at, reference=copy.id)
    person = world.person(owner_id)
    is_silent = world.behaviour.closed_reposts_are_silent and person and person.is_closed
    if not is_silent:
        world.emit(
            original.owner_id, "wall_repost", lambda: shapes.post(world, copy, NOBODY), at=at
        )
    return copy


def reposts_of(world: World, owner_id: int, original: Post) -> list[Post]:
    """Return somebody's reposts of a post that are there, the oldest first."""
    on_wall = (world.posts[owner_id, id_] for id_ in world.wall(owner_id).posts)
    return [copy for copy in on_wall if copy.copy_of == original.key]


def _show(world: World, post: Post, *, at: int) -> None:
    if post.post_type == "post":
        world.wall(post.owner_id).posts.add(post.id)
    if post.post_type != "postpone":
        world.emit(post.owner_id, "wall_post_new", lambda: shapes.post(world, post, NOBODY), at=at)
