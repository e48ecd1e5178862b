"""What VK's API answers, as far as it is needed.

Lenient: fields that are unknown are ignored, and what may be missing has a default, since VK adds
fields and leaves hidden ones out. Shapes are those of version 5.199 (github.com/VKCOM/
vk-api-schema); where the schema lists an older shape beside a newer one, both are read.
"""

from typing import Any

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An error of the API; inside an `execute` it has fewer fields, and names its method."""

    error_code: int = 0
    error_subcode: int | None = None
    error_msg: str = ""
    error_text: str = ""
    redirect_uri: str = ""
    confirmation_text: str = ""
    method: str = ""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    response: msgspec.Raw = msgspec.Raw(b"")
    error: Refusal | None = None


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """What an `execute` of array literals answers."""

    response: list[msgspec.Raw] = []
    error: Refusal | None = None
    execute_errors: list[Refusal] = []


class Place(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    first_name: str = ""
    last_name: str = ""
    screen_name: str = ""
    deactivated: str = ""
    is_closed: bool | None = None
    has_photo: int | bool | None = None
    followers_count: int | None = None
    city: Place | None = None
    country: Place | None = None
    bdate: str = ""
    blacklisted: int | bool = 0


class Group(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str = ""
    screen_name: str = ""
    deactivated: str = ""
    is_admin: int | bool | None = None
    admin_level: int = 0
    members_count: int | None = None
    has_photo: int | bool | None = None


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    groups: list[Group] = []


class Count(msgspec.Struct, frozen=True, kw_only=True):
    count: int = 0


class RepostCount(msgspec.Struct, frozen=True, kw_only=True):
    """`count` would be reposts and private messages together."""

    wall_count: int | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The post that a repost shows."""

    owner_id: int = 0
    id: int = 0


class Post(msgspec.Struct, frozen=True, kw_only=True):
    id: int = 0
    owner_id: int = 0
    from_id: int = 0
    date: int | None = None
    text: str = ""
    likes: Count | None = None
    reposts: RepostCount | None = None
    comments: Count | None = None
    is_deleted: bool = False
    copy_history: list[Origin] = []


class Posts(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Post] = []


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """A page of `likes.getList` or `groups.getMembers`; a community's id is negative."""

    count: int
    items: list[int]


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who helps to run a community; VK tells in which role, too."""

    id: int


class Managers(msgspec.Struct, frozen=True, kw_only=True):
    count: int
    items: list[Manager]


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    from_id: int = 0
    date: int | None = None
    text: str = ""
    post_id: int = 0
    owner_id: int = 0
    post_owner_id: int = 0
    deleted: int | bool = False
    thread: "Thread | None" = None


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    count: int = 0
    items: list[Comment] = []


class Comments(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Comment]
    count: int = 0
    current_level_count: int | None = None
    """Of this level: the post's own comments, or one thread's."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a dialog; `random_id` is told of one's own only."""

    from_id: int = 0
    date: int = 0
    text: str = ""
    random_id: int = 0


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Message]


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    user_id: int
    member: int | bool


class Banned(msgspec.Struct, frozen=True, kw_only=True):
    profile: User | None = None
    group: Group | None = None


class BannedList(msgspec.Struct, frozen=True, kw_only=True):
    count: int = 0
    items: list[Banned] = []


class Liked(msgspec.Struct, frozen=True, kw_only=True):
    copied: int | bool = 0


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    type: str = ""
    object_id: int = 0


class Commented(msgspec.Struct, frozen=True, kw_only=True):
    comment_id: int


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    post_id: int


class UploadServer(msgspec.Struct, frozen=True, kw_only=True):
    upload_url: str


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload yields, to be handed on as it is."""

    server: int | str
    photo: Any
    hash: str


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    owner_id: int


class CallbackServer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    url: str = ""
    title: str = ""
    secret_key: str = ""
    status: str = ""

    def __repr__(self) -> str:
        return f"CallbackServer(id={self.id}, url={self.url!r}, status={self.status!r})"


class CallbackServers(msgspec.Struct, frozen=True, kw_only=True):
    items: list[CallbackServer] = []


class AddedServer(msgspec.Struct, frozen=True, kw_only=True):
    server_id: int


class ConfirmationCode(msgspec.Struct, frozen=True, kw_only=True):
    code: str


class PollServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a community's events are waited for."""

    key: str
    server: str
    ts: int | str

    def __repr__(self) -> str:
        return f"PollServer(server={self.server!r})"


class PollAnswer(msgspec.Struct, frozen=True, kw_only=True):
    ts: int | str | None = None
    updates: list[msgspec.Raw] = []
    failed: int = 0
