"""What VK's events tell: those of the Callback API and of Bots Long Poll, which are the same. Pure.

An event that tells of no action (or of a comment's like, or of somebody else's post) tells nothing;
so does one of a kind that is unknown, since VK adds kinds. VK has no event for a repost that was
undone. Order is not promised, and an event may come twice: its id tells.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.evidence import Action, Change, Heard, Said, Sighting
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.addresses import comment_ref
from contest_service.platforms.vk.comments import sighting_of
from contest_service.platforms.vk.reposts import repost_of
from contest_service.platforms.vk.texts import read_text

CONFIRMATION = "confirmation"
MESSAGE = "message_new"
KINDS = (
    "like_add",
    "like_remove",
    "wall_repost",
    "wall_reply_new",
    "wall_reply_edit",
    "wall_reply_restore",
    "wall_reply_delete",
    "group_join",
    "group_leave",
    "user_block",
    "user_unblock",
    MESSAGE,
)
"""What to subscribe to."""

_JOINED = frozenset({"join", "accepted", "approved"})
_LONGEST_ID = 200


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event, taken apart."""

    id: str
    """Empty where VK gave none."""
    kind: str
    community: str
    """Its account, negative; what an event says is about this community only."""
    secret: str
    """What the server was set up with, to be compared in constant time."""
    heard: tuple[Heard, ...] = ()
    standings: tuple[tuple[str, Standing], ...] = ()
    """Accounts that the community banned, or banned no longer."""
    said: Said | None = None
    """What a message says."""

    @property
    def is_confirmation(self) -> bool:
        """Whether VK asks for the confirmation code instead."""
        return self.kind == CONFIRMATION

    @property
    def is_message(self) -> bool:
        """Whether somebody wrote to the community alone."""
        return self.kind == MESSAGE

    def __repr__(self) -> str:
        return f"Event({self.kind} {self.id!r} of {self.community})"


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    group_id: int
    event_id: str = ""
    secret: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


class _Like(msgspec.Struct, frozen=True, kw_only=True):
    liker_id: int = 0
    object_type: str = ""
    object_owner_id: int = 0
    object_id: int = 0


class _Deleted(msgspec.Struct, frozen=True, kw_only=True):
    owner_id: int = 0
    id: int = 0
    post_id: int = 0
    deleter_id: int = 0
    user_id: int = 0


class _Received(msgspec.Struct, frozen=True, kw_only=True):
    message: wire.Message = wire.Message()


class _Member(msgspec.Struct, frozen=True, kw_only=True):
    user_id: int = 0
    join_type: str = ""


_Object = TypeVar("_Object")


def read_event(raw: bytes) -> Event:
    """Take an event apart. Raises PlatformError MALFORMED if it is none of VK's."""
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PlatformError(FailureKind.MALFORMED, "This is no event of VK's.") from None
    event = Event(
        id=envelope.event_id[:_LONGEST_ID],
        kind=envelope.type,
        community=f"-{envelope.group_id}",
        secret=envelope.secret,
    )
    read = _READERS.get(envelope.type)
    body = bytes(envelope.object)
    if read is not None:
        return msgspec.structs.replace(event, heard=tuple(read(event, body)))
    if envelope.type in ("user_block", "user_unblock"):
        return msgspec.structs.replace(event, standings=_standings(event, body))
    if envelope.type == MESSAGE:
        return msgspec.structs.replace(event, said=_said(body))
    return event


def write_message(event: Event, text: str) -> bytes:
    """Write an event about a message with another text, and with nothing that is not needed."""
    account = 0 if event.said is None else int(event.said.account)
    return msgspec.json.encode(
        {
            "type": event.kind,
            "event_id": event.id,
            "group_id": -int(event.community),
            "object": {"message": {"from_id": account, "text": text}},
        }
    )


def _likes(event: Event, body: bytes) -> list[Heard]:
    like = _object(body, _Like)
    if like is None or like.object_type != "post" or not like.liker_id:
        return []
    return [
        Heard(
            change=Change.APPEARED if event.kind == "like_add" else Change.VANISHED,
            action=Action.LIKE,
            target=f"{like.object_owner_id}_{like.object_id}",
            sighting=Sighting(account=str(like.liker_id), ref=""),
        )
    ]


def _reposts(_: Event, body: bytes) -> list[Heard]:
    post = _object(body, wire.Post)
    if post is None or not post.copy_history or not (post.owner_id or post.from_id):
        return []
    origin = post.copy_history[0]
    return [
        Heard(
            change=Change.APPEARED,
            action=Action.REPOST,
            target=f"{origin.owner_id}_{origin.id}",
            sighting=repost_of(post),
        )
    ]


def _comments(event: Event, body: bytes) -> list[Heard]:
    """A comment that was written, edited or brought back; an edited one is another action."""
    comment = _object(body, wire.Comment)
    if comment is None or not comment.from_id or not comment.post_id:
        return []
    owner = comment.post_owner_id or comment.owner_id or int(event.community)
    target = f"{owner}_{comment.post_id}"
    said = sighting_of(comment, read_text(comment.text), owner=owner, ids={})
    heard = Heard(change=Change.APPEARED, action=Action.COMMENT, target=target, sighting=said)
    if event.kind != "wall_reply_edit":
        return [heard]
    return [_every_version(target, comment_of=(owner, comment.id), account=said.account), heard]


def _deleted_comments(event: Event, body: bytes) -> list[Heard]:
    """A comment that was deleted: by whom does not matter, and whose it was is not told."""
    gone = _object(body, _Deleted)
    if gone is None or not gone.id:
        return []
    owner = gone.owner_id or int(event.community)
    return [_every_version(f"{owner}_{gone.post_id}", comment_of=(owner, gone.id), account="")]


def _members(event: Event, body: bytes) -> list[Heard]:
    member = _object(body, _Member)
    is_leave = event.kind == "group_leave"
    if member is None or not member.user_id or not (is_leave or member.join_type in _JOINED):
        return []
    return [
        Heard(
            change=Change.VANISHED if is_leave else Change.APPEARED,
            action=Action.FOLLOW,
            target=event.community,
            sighting=Sighting(account=str(member.user_id), ref=""),
        )
    ]


def _standings(event: Event, body: bytes) -> tuple[tuple[str, Standing], ...]:
    member = _object(body, _Member)
    if member is None or not member.user_id:
        return ()
    is_block = event.kind == "user_block"
    return ((str(member.user_id), Standing.BLOCKED_BY_US if is_block else Standing.VISIBLE),)


def _said(body: bytes) -> Said | None:
    """Read a message; those of communities are none of our business."""
    received = _object(body, _Received)
    if received is None or received.message.from_id <= 0:
        return None
    return Said(account=str(received.message.from_id), text=received.message.text)


def _every_version(target: str, *, comment_of: tuple[int, int], account: str) -> Heard:
    ref = comment_ref(*comment_of, "").rpartition(".")[0]
    return Heard(
        change=Change.VANISHED,
        action=Action.COMMENT,
        target=target,
        sighting=Sighting(account=account, ref=f"{ref}."),
    )


def _object(body: bytes, kind: type[_Object]) -> _Object | None:
    """Read what an event is about; None for a form that is not understood."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


_READERS: dict[str, Callable[[Event, bytes], list[Heard]]] = {
    "like_add": _likes,
    "like_remove": _likes,
    "wall_repost": _reposts,
    "wall_reply_new": _comments,
    "wall_reply_edit": _comments,
    "wall_reply_restore": _comments,
    "wall_reply_delete": _deleted_comments,
    "group_join": _members,
    "group_leave": _members,
}
