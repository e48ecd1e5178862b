"""The sandbox's own API, acting: people do things, one after the other, with events.

An act names who does what to what. Acts of one request happen in order; each is answered with
whether anything changed, and with the id that it made.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contest_service.sandbox.vk import acts, refusals, societies, walls
from contest_service.sandbox.vk.records import Ban, Comment, Post
from contest_service.sandbox.vk.refusals import WrongRequest
from contest_service.sandbox.vk.site import Site


class Act(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One act. `person` may be a community (negative) where communities can act."""

    do: str
    person: int = 0
    owner_id: int = 0
    post_id: int = 0
    comment_id: int = 0
    group_id: int = 0
    text: str = ""
    key: str = ""
    other: int = 0
    at: int = 0
    """Unix seconds; the world's present time if 0."""


class Acts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Acts in order."""

    acts: list[Act]


def perform(site: Site, asked: Acts) -> Any:
    """Carry acts out. Raises WrongRequest at the first that cannot be; those before it stay."""
    return {"results": [_perform(site, act) for act in asked.acts]}


def _perform(site: Site, act: Act) -> Any:
    run = _ACTS.get(act.do)
    if run is None:
        raise WrongRequest(f"nobody can {act.do!r}; there are: {', '.join(sorted(_ACTS))}")
    made = run(site, act, act.at or site.now)
    if isinstance(made, bool):
        return {"changed": made}
    return {"changed": True, "id": made}


def _target(site: Site, act: Act) -> Post | Comment:
    if act.comment_id:
        return refusals.comment(site.world, act.owner_id, act.comment_id)
    return refusals.post(site.world, act.owner_id, act.post_id)


def _like(site: Site, act: Act, at: int) -> bool:
    return acts.like(site.world, act.person, _target(site, act), at=at)


def _unlike(site: Site, act: Act, at: int) -> bool:
    return acts.unlike(site.world, act.person, _target(site, act), at=at)


def _repost(site: Site, act: Act, at: int) -> int:
    post = refusals.post(site.world, act.owner_id, act.post_id)
    return acts.repost(site.world, act.person, post, text=act.text, at=at).id


def _unrepost(site: Site, act: Act, at: int) -> bool:
    post = refusals.post(site.world, act.owner_id, act.post_id)
    return acts.unrepost(site.world, act.person, post, at=at)


def _forward(site: Site, act: Act, at: int) -> bool:
    post = refusals.post(site.world, act.owner_id, act.post_id)
    acts.forward(site.world, act.person, post, at=at)
    return True


def _comment(site: Site, act: Act, at: int) -> int:
    """Comment on a post, or answer the comment `comment_id`."""
    post = refusals.post(site.world, act.owner_id, act.post_id)
    if act.comment_id:
        refusals.comment(site.world, act.owner_id, act.comment_id)
    said = Comment(
        owner_id=act.owner_id,
        post_id=act.post_id,
        id=0,
        from_id=act.person,
        date=at,
        text=act.text,
        reply_to_comment=act.comment_id,
    )
    return acts.comment(site.world, post, said, at=at).id


def _edit_comment(site: Site, act: Act, at: int) -> bool:
    said = refusals.comment(site.world, act.owner_id, act.comment_id)
    acts.edit_comment(site.world, said, text=act.text, at=at)
    return True


def _erase(site: Site, act: Act, at: int) -> bool:
    said = refusals.comment(site.world, act.owner_id, act.comment_id)
    return acts.erase(site.world, said, by=act.person or said.from_id, at=at)


def _restore_comment(site: Site, act: Act, at: int) -> bool:
    said = refusals.comment(site.world, act.owner_id, act.comment_id)
    return acts.restore_comment(site.world, said, at=at)


def _delete_post(site: Site, act: Act, at: int) -> bool:
    walls.delete(site.world, refusals.post(site.world, act.owner_id, act.post_id), at=at)
    return True


def _edit_post(site: Site, act: Act, at: int) -> bool:
    post = refusals.post(site.world, act.owner_id, act.post_id)
    walls.edit(site.world, post, text=act.text, attachments=post.attachments, at=at)
    return True


def _close_comments(site: Site, act: Act, at: int) -> bool:
    refusals.post(site.world, act.owner_id, act.post_id).closed_comments = True
    return True


def _join(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    return societies.join(site.world, act.person, community, at=at)


def _leave(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    return societies.leave(site.world, act.person, community, at=at)


def _remove(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    return societies.leave(site.world, act.person, community, at=at, is_removed=True)


def _block(site: Site, act: Act, at: int) -> bool:
    """Block `person`; `other` is the admin who does it."""
    community = refusals.community(site.world, act.group_id)
    ban = Ban(by=act.other or min(community.admins, default=0), at=at, comment=act.text)
    societies.block(site.world, act.person, community, ban=ban)
    return True


def _unblock(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    return societies.unblock(site.world, act.person, community, by=act.other, at=at)


def _allow(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    societies.allow_messages(site.world, act.person, community, key=act.key, at=at)
    return True


def _deny(site: Site, act: Act, at: int) -> bool:
    community = refusals.community(site.world, act.group_id)
    societies.deny_messages(site.world, act.person, community, at=at)
    return True


def _write(site: Site, act: Act, at: int) -> int:
    community = refusals.community(site.world, act.group_id)
    person = refusals.person(site.world, act.person)
    return societies.write(site.world, person, community, text=act.text, at=at).id


def _profile(**changes: object) -> Callable[[Site, Act, int], bool]:
    def change(site: Site, act: Act, at: int) -> bool:
        person = refusals.person(site.world, act.person)
        societies.change_person(site.world, person, **changes)
        return True

    return change


def _befriend(site: Site, act: Act, at: int) -> bool:
    site.world.people.befriend(act.person, act.other)
    return True


_ACTS: dict[str, Callable[[Site, Act, int], bool | int]] = {
    "like": _like,
    "unlike": _unlike,
    "repost": _repost,
    "unrepost": _unrepost,
    "forward": _forward,
    "comment": _comment,
    "edit_comment": _edit_comment,
    "erase": _erase,
    "restore_comment": _restore_comment,
    "delete_post": _delete_post,
    "edit_post": _edit_post,
    "close_comments": _close_comments,
    "join": _join,
    "leave": _leave,
    "remove": _remove,
    "block": _block,
    "unblock": _unblock,
    "allow": _allow,
    "deny": _deny,
    "write": _write,
    "close_profile": _profile(is_closed=True),
    "open_profile": _profile(is_closed=False),
    "deactivate": _profile(deactivated="banned"),
    "delete_account": _profile(deactivated="deleted"),
    "return": _profile(deactivated=""),
    "refuse_messages": _profile(refuses_messages=True),
    "befriend": _befriend,
}
