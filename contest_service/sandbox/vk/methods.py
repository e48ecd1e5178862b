"""The methods by name: which tokens may call each, and what answers it.

Owns the matrix of methods and kinds of token (S: access_token_type; service on `execute` by
dev.vk.com), the order of VK's checks, and the envelope of an answer. Transport is `server`'s.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from contest_service.sandbox.vk import (
    access,
    events_setup,
    groups,
    likes,
    messages,
    photos,
    societies,
    users,
    wall,
    wall_comments,
    wall_posts,
    wall_replies,
    walls,
)
from contest_service.sandbox.vk.errors import VkError
from contest_service.sandbox.vk.execute import execute
from contest_service.sandbox.vk.faults import error_of
from contest_service.sandbox.vk.params import Params
from contest_service.sandbox.vk.records import Token
from contest_service.sandbox.vk.site import Call, Site

OLDEST_VERSION = (5, 81)


class Method(msgspec.Struct, frozen=True):
    """One method: what answers it, the kinds of token that may call it, and rights they need."""

    answer: Callable[[Site, Call], Any]
    kinds: str
    user_scope: str = ""
    group_scope: str = ""


_READ = "user service"
_ALL = "user group service"
_BOTH = "user group"

METHODS: dict[str, Method] = {
    "groups.addCallbackServer": Method(events_setup.add_server, _BOTH, "groups", "manage"),
    "groups.ban": Method(groups.ban, "user", "groups"),
    "groups.deleteCallbackServer": Method(events_setup.delete_server, _BOTH, "groups", "manage"),
    "groups.editCallbackServer": Method(events_setup.edit_server, _BOTH, "groups", "manage"),
    "groups.getBanned": Method(groups.get_banned, _BOTH, "groups", "manage"),
    "groups.getById": Method(groups.get_by_id, _ALL),
    "groups.getCallbackConfirmationCode": Method(
        events_setup.get_confirmation_code, _BOTH, "groups", "manage"
    ),
    "groups.getCallbackServers": Method(events_setup.get_servers, _BOTH, "groups", "manage"),
    "groups.getCallbackSettings": Method(
        events_setup.get_callback_settings, _BOTH, "groups", "manage"
    ),
    "groups.getLongPollServer": Method(
        events_setup.get_long_poll_server, _BOTH, "groups", "manage"
    ),
    "groups.getLongPollSettings": Method(
        events_setup.get_long_poll_settings, _BOTH, "groups", "manage"
    ),
    "groups.getMembers": Method(groups.get_members, _ALL),
    "groups.getTokenPermissions": Method(groups.get_token_permissions, "group"),
    "groups.isMember": Method(groups.is_member, _ALL),
    "groups.setCallbackSettings": Method(
        events_setup.set_callback_settings, _BOTH, "groups", "manage"
    ),
    "groups.setLongPollSettings": Method(
        events_setup.set_long_poll_settings, _BOTH, "groups", "manage"
    ),
    "groups.unban": Method(groups.unban, "user", "groups"),
    "likes.getList": Method(likes.get_list, _READ),
    "likes.isLiked": Method(likes.is_liked, "user"),
    "messages.getHistory": Method(messages.get_history, _BOTH, "messages", "messages"),
    "messages.isMessagesFromGroupAllowed": Method(
        messages.is_messages_from_group_allowed, _BOTH, "", "messages"
    ),
    "messages.send": Method(messages.send, _BOTH, "messages", "messages"),
    "photos.getWallUploadServer": Method(photos.get_wall_upload_server, "user", "photos"),
    "photos.saveWallPhoto": Method(photos.save_wall_photo, "user", "photos"),
    "users.get": Method(users.get, _ALL),
    "utils.getServerTime": Method(users.get_server_time, _ALL),
    "utils.resolveScreenName": Method(users.resolve_screen_name, _ALL),
    "wall.closeComments": Method(wall_replies.close_comments, _BOTH, "wall", "wall"),
    "wall.createComment": Method(wall_replies.create_comment, _BOTH, "wall", "wall"),
    "wall.delete": Method(wall_posts.delete, "user", "wall"),
    "wall.deleteComment": Method(wall_replies.delete_comment, "user", "wall"),
    "wall.edit": Method(wall_posts.edit, "user", "wall"),
    "wall.editComment": Method(wall_replies.edit_comment, "user", "wall"),
    "wall.get": Method(wall.get, _READ),
    "wall.getById": Method(wall.get_by_id, _READ),
    "wall.getComment": Method(wall_comments.get_comment, "user"),
    "wall.getComments": Method(wall_comments.get_comments, _READ),
    "wall.getReposts": Method(wall.get_reposts, _READ),
    "wall.openComments": Method(wall_replies.open_comments, _BOTH, "wall", "wall"),
    "wall.pin": Method(wall_posts.pin, "user", "wall"),
    "wall.post": Method(wall_posts.post, "user", "wall"),
    "wall.repost": Method(wall_posts.repost, "user", "wall"),
    "wall.restoreComment": Method(wall_replies.restore_comment, "user", "wall"),
    "wall.unpin": Method(wall_posts.unpin, "user", "wall"),
}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a request is answered with, and how many calls an `execute` made for it."""

    body: dict[str, Any]
    inner_calls: int = 0


def reply(site: Site, method: str, given: dict[str, str], *, token: str) -> Reply:
    """Carry out a request. Errors of the API are answers too."""
    try:
        return _reply(site, method, given, token=token)
    except VkError as error:
        return Reply(body={"error": refusal(error, method, given)})


def refusal(error: VkError, method: str, given: dict[str, str]) -> dict[str, Any]:
    """Write an error as VK does: with the parameters of the request, but never the token."""
    shown = [{"key": "method", "value": method}, {"key": "oauth", "value": "1"}]
    shown += [{"key": key, "value": value} for key, value in given.items() if key != "access_token"]
    written: dict[str, Any] = {"error_code": error.code}
    if error.subcode is not None:
        written["error_subcode"] = error.subcode
    return {**written, "error_msg": error.message, "request_params": shown, **error.extra}


def _reply(site: Site, method: str, given: dict[str, str], *, token: str) -> Reply:
    if method != "execute" and method not in METHODS:
        raise VkError(3)
    _require_version(given.get("v", ""))
    held = access.token(site, token)
    site.limits.admit(held.value, held.kind)
    walls.appear(site.world, at=site.now)
    societies.lift_bans(site.world, at=site.now)
    if method != "execute":
        return Reply(body={"response": carry_out(site, method, given, held=held)})
    site.limits.count(held.value, method, at=site.now)
    done = execute(
        Params(given),
        lambda name, inner: carry_out(site, name, inner, held=held, is_inner=True),
    )
    body: dict[str, Any] = {"response": done.response}
    if done.errors:
        body["execute_errors"] = done.errors
    return Reply(body=body, inner_calls=done.calls)


def carry_out(
    site: Site, method: str, given: dict[str, str], *, held: Token, is_inner: bool = False
) -> Any:
    """Carry out one method for a token. Raises VkError."""
    found = METHODS.get(method)
    if found is None:
        raise VkError(3)
    access.require_kind(held, found.kinds)
    access.require_scope(held, found.group_scope if held.kind == "group" else found.user_scope)
    site.limits.count(held.value, method, at=site.now)
    if is_inner and (fault := site.faults.take(method, held.value, is_inner=True)) is not None:
        raise error_of(fault, site.world.address)
    call = Call(method=method, params=Params(given), token=held, at=site.now)
    return found.answer(site, call)


def _require_version(version: str) -> None:
    if not version:
        raise VkError(8, "v (version) is required")
    parts = version.split(".")
    if not all(part.isdecimal() for part in parts) or len(parts) < 2:
        raise VkError(8, "v (version) is invalid")
    if (int(parts[0]), int(parts[1])) < OLDEST_VERSION:
        raise VkError(8, "versions below 5.81 are deprecated")
