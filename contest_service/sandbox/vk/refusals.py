"""What the sandbox's own API says to a request that cannot be carried out."""

from contest_service.sandbox.vk.records import Comment, Community, Person, Post
from contest_service.sandbox.vk.world import World


class WrongRequest(Exception):  # noqa: N818 - it is an answer
    """Something in a request is wrong; the message says what."""


def post(world: World, owner_id: int, post_id: int) -> Post:
    """Return a post that is there. Raises WrongRequest."""
    found = world.post(owner_id, post_id)
    if found is None:
        raise WrongRequest(f"there is no post {owner_id}_{post_id}")
    return found


def comment(world: World, owner_id: int, comment_id: int) -> Comment:
    """Return a comment, deleted or not. Raises WrongRequest."""
    found = world.comments.get((owner_id, comment_id))
    if found is None:
        raise WrongRequest(f"there is no comment {owner_id}_{comment_id}")
    return found


def community(world: World, group_id: int) -> Community:
    """Return a community. Raises WrongRequest."""
    found = world.community(group_id)
    if found is None:
        raise WrongRequest(f"there is no community {group_id}")
    return found


def person(world: World, person_id: int) -> Person:
    """Return a person. Raises WrongRequest."""
    found = world.person(person_id)
    if found is None:
        raise WrongRequest(f"there is no person {person_id}")
    return found
