"""The records of the practice world: people, communities, posts, comments, tokens.

Owns their fields; what may happen to them is `acts`' business, and what a viewer is shown of them
is `shapes`'. Ids are VK's: a person's is positive, a community's id is positive too and negative
where it owns or does something. Times are unix seconds.
"""

from typing import Literal

import msgspec

from contest_service.sandbox.vk.ordered import Arrivals, History

Role = Literal["moderator", "editor", "administrator", "creator"]
ROLES: tuple[Role, ...] = ("moderator", "editor", "administrator", "creator")
Kind = Literal["user", "group", "service"]
"""Of a token: a person's, a community's, an application's."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A city or a country."""

    id: int
    title: str


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody with an account. Changing one means replacing it."""

    id: int
    first_name: str
    last_name: str
    sex: int = 0
    screen_name: str = ""
    bdate: str = ""
    """`D.M` or `D.M.YYYY`; empty if never told."""
    city: Place | None = None
    country: Place | None = None
    has_photo: bool = True
    is_closed: bool = False
    deactivated: str = ""
    """`deleted`, `banned`, or empty."""
    verified: bool = False
    has_mobile: bool = True
    followers_count: int = 0
    last_seen: int = 0
    hides: tuple[str, ...] = ()
    """Fields that this person shows to nobody."""
    refuses_messages: bool = False
    """Their privacy settings keep strangers and communities out (902)."""
    phone: str = ""
    email: str = ""


class Ban(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a community's blacklist; `until` 0 is for ever."""

    by: int
    at: int
    until: int = 0
    reason: int = 0
    comment: str = ""


class Community(msgspec.Struct, kw_only=True):
    """A page or a group."""

    id: int
    name: str
    screen_name: str
    type: Literal["page", "group", "event"] = "page"
    is_closed: int = 0
    """0 open, 1 closed, 2 private."""
    wall: Literal["closed", "limited", "open"] = "limited"
    """Who may write a post in it: only editors, also readers' suggestions, everybody."""
    forbids_links: bool = False
    admins: dict[int, Role] = {}
    members: Arrivals = msgspec.field(default_factory=Arrivals)
    banned: dict[int, Ban] = {}
    allowed: dict[int, str] = {}
    """Who lets it write messages, with the key that came with the permission."""
    history: History = msgspec.field(default_factory=History)
    confirmation: int = 0
    """How often its confirmation code has changed."""

    def may(self, person: int, role: Role) -> bool:
        """Whether the person has this role or a higher one."""
        held = self.admins.get(person)
        return held is not None and ROLES.index(held) >= ROLES.index(role)


class Reactions(msgspec.Struct):
    """What people did with a post; most posts have none, so it is made when it is needed."""

    likes: Arrivals = msgspec.field(default_factory=Arrivals)
    copies: Arrivals = msgspec.field(default_factory=Arrivals)
    """Owners of walls that hold a repost of it."""
    reposts: Arrivals = msgspec.field(default_factory=Arrivals)
    """Serial numbers of its reposts."""
    comments: Arrivals = msgspec.field(default_factory=Arrivals)
    """Ids of its first-level comments."""
    comments_count: int = 0
    """Comments that are there, answers too."""
    history: History = msgspec.field(default_factory=History)


_NO_REACTIONS = Reactions()
_NOBODY = Arrivals()


class Post(msgspec.Struct, kw_only=True):
    """A record on a wall; a repost is one whose `copy_of` is another's (owner, id)."""

    owner_id: int
    id: int
    from_id: int
    date: int
    text: str
    post_type: Literal["post", "postpone", "suggest"] = "post"
    edited: int = 0
    created_by: int = 0
    signer_id: int = 0
    attachments: list[str] = []
    copyright: str = ""
    copy_of: tuple[int, int] | None = None
    closed_comments: bool = False
    marked_as_ads: bool = False
    is_pinned: bool = False
    is_deleted: bool = False
    views: int = 0
    forwards: int = 0
    """Private messages with it: VK's mail_count."""
    serial: int = 0
    """Its number among all posts of the world."""
    held: Reactions | None = None
    """What people did with it, once somebody did."""

    @property
    def key(self) -> tuple[int, int]:
        """The owner and the id."""
        return self.owner_id, self.id

    @property
    def reactions(self) -> Reactions:
        """What people did with it, to read."""
        return self.held or _NO_REACTIONS

    def opened(self) -> Reactions:
        """What people did with it, to add to."""
        if self.held is None:
            self.held = Reactions()
        return self.held


class Comment(msgspec.Struct, kw_only=True):
    """A comment, or an answer in a comment's thread."""

    owner_id: int
    post_id: int
    id: int
    from_id: int
    date: int
    text: str
    attachments: list[str] = []
    parent: int = 0
    """The first-level comment in whose thread it stands, or 0."""
    reply_to_comment: int = 0
    reply_to_user: int = 0
    is_deleted: bool = False
    edited: int = 0
    liked: Arrivals | None = None
    answers: Arrivals | None = None

    @property
    def key(self) -> tuple[int, int]:
        """The wall's owner and the id."""
        return self.owner_id, self.id

    @property
    def likes(self) -> Arrivals:
        """Who likes it, to read."""
        return self.liked or _NOBODY

    @property
    def thread(self) -> Arrivals:
        """The ids of its answers, to read."""
        return self.answers or _NOBODY


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was uploaded for a wall."""

    owner_id: int
    id: int
    user_id: int
    date: int
    text: str
    digest: str
    """Of its bytes; they are kept under it."""
    width: int = 0
    height: int = 0


class Token(msgspec.Struct, kw_only=True):
    """An access key. `expires_at` 0 is never; scopes are VK's names of rights."""

    value: str
    kind: Kind
    person_id: int = 0
    group_id: int = 0
    app_id: int = 0
    scopes: tuple[str, ...] = ()
    expires_at: int = 0
    is_revoked: bool = False


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A registered application, for VK ID and service keys."""

    id: int
    title: str
    redirect_uris: tuple[str, ...]
