"""The one protocol that every platform's adapter speaks.

An adapter is opened for one community: it holds that community's credential and endpoints, and it
never touches the database. Failures are `PlatformError`.
"""

import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action, Asked, Counters, Page, Target


class Support(enum.StrEnum):
    """How a platform lets an action be known."""

    LISTED = "listed"
    """Everybody who did it can be listed, so absence can be proved by a complete scan."""
    ASKED = "asked"
    """It can be asked about one account at a time."""
    LIVE = "live"
    """Only live events tell of it, so that absence is never proved."""


class Deed(enum.StrEnum):
    """What a credential lets the service do, or hear, on a platform."""

    POST = "post"
    PICTURE = "picture"
    COMMENT = "comment"
    MESSAGE = "message"
    EVENTS = "events"
    """Hear of what happens as it happens."""
    BANS = "bans"
    """See whom the community has banned."""


class BlindSpot(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the connected credential cannot tell, or not all of it, and what would."""

    action: Action
    note: Mapping[Language, str]
    """What cannot be known, in a sentence for a marketer."""
    mend: Mapping[Language, str]
    """What to connect so that it can be; empty where nothing would help."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter can tell with its credential. An action that is absent cannot be known."""

    actions: Mapping[Action, Support]
    text_limit: str
    """The platform's limit on a publication, in words for a person."""
    facts: frozenset[str] = frozenset()
    """What profiles tell, by the names of `Profile`'s fields."""
    lists_tell_profiles: bool = True
    """Whether pages of a scan hold the profiles of the people on them."""
    blind_spots: tuple[BlindSpot, ...] = ()
    tells_staff: bool = False
    """Whether it can be told who helps to run the community."""
    deeds: frozenset[Deed] = frozenset()
    """What can be done besides reading."""


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """What a community can be connected with, and what can be told then."""

    name: str
    label: Mapping[Language, str]
    capabilities: Capabilities


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was known and that a complete list no longer shows."""

    account: str
    ref: str
    heard: bool = False
    """A live event told of it."""


class Remains(enum.StrEnum):
    """What a second look at a missing action found."""

    THERE = "there"
    """Nobody undid it: the list leaves it out for another reason."""
    UNKNOWN = "unknown"
    """The platform does not let it be told."""
    GONE = "gone"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a credential speaks for."""

    instance: str
    account: str
    handle: str
    name: str


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """When a credential ends if nothing is done, and whether it is renewed by itself before."""

    ends_at: datetime
    renews: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A publication that has not happened yet, as its outbox row holds it."""

    key: str
    """The platform's idempotency key, made by the press when the row was written."""
    created_at: datetime
    text: str
    """Already fitted by the press."""
    link: str
    """The address within `text` that is to be clickable; empty if there is none."""
    reply_to: Target | None
    mentions: Mapping[str, str] = {}
    """Accounts that `text` is to mention, by the names that it calls them."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A publication that exists on the platform."""

    ref: str
    url: str
    is_alone: bool
    """Whether it stands by itself, and not under the post that it was to answer."""


class SessionKeeper(Protocol):
    """Keeps an adapter's session between runs, so that signing in stays rare."""

    async def load(self) -> bytes | None: ...
    async def save(self, session: bytes) -> None: ...


class PausedError(Exception):
    """Nothing may be sent for a while: for `seconds`; `why` is a sentence, or empty."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = seconds
        self.why = why


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """For how many seconds from now something may not be sent; `why` is a sentence, or empty."""

    seconds: float
    why: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How much a key was used by all processes.

    `last_second` counts what left within the second before now, `waiting` what has a moment ahead,
    `calls` what it was about in the last day, by name.
    """

    last_second: int
    waiting: int
    calls: Mapping[str, int]


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """Where to read how much of one part of a credential's quota is used.

    `part` is the part's name, `key` the limiter's. `per_second` is how often the platform may be
    asked, `daily` how much of some methods a day, as far as it says so.
    """

    part: str
    key: str
    per_second: int
    methods: tuple[str, ...]
    daily: Mapping[str, int]

    def gate(self, method: str) -> str:
        """The limiter's name for one method."""
        return f"{self.key}:{method}"


class Limiter(Protocol):
    """Keeps all processes together within what a platform allows. Keys hold no secrets."""

    async def enter(self, key: str, *, interval: float, gates: Sequence[str] = ()) -> None:
        """Wait for the next free moment of `key`; two of them lie `interval` seconds apart.

        Raises PausedError at once if `key` or one of `gates` is paused, and PlatformError
        UNREACHABLE if it cannot be known what the other processes do.
        """

    async def pause(self, key: str, seconds: float, *, why: str = "") -> None:
        """Let nobody enter by this key or gate for so long; a longer pause stays."""

    async def resume(self, keys: Sequence[str]) -> None:
        """End the pauses of these keys and gates. Raises PlatformError UNREACHABLE."""

    async def note(self, key: str, calls: Mapping[str, int]) -> None:
        """Count what left by this key, by name."""

    async def usage(self, key: str) -> Usage:
        """Say how much a key was used. Raises PlatformError UNREACHABLE."""

    async def pauses(self, keys: Sequence[str]) -> Mapping[str, Pause]:
        """Say which of these keys and gates are paused. Raises PlatformError UNREACHABLE."""


class PlatformAdapter(Protocol):
    """A social network, as one community sees it."""

    @property
    def capabilities(self) -> Capabilities:
        """What can be told with the connected credential."""

    async def identify(self) -> Identity:
        """Sign in and say who the credential speaks for."""

    async def find_post(self, url: str) -> Target:
        """Resolve a post's address, as a browser shows it, to the exact post.

        Raises `PlatformError` GONE if there is none, MALFORMED if it is no address of a post.
        """

    async def community_target(self) -> Target:
        """The community itself as a target, for follows."""

    async def counters(self, post: Target) -> Counters:
        """Read a post's own counters. Raises GONE if the post, or its pinned version, is gone."""

    def scan(self, target: Target, action: Action, after: str | None) -> AsyncIterator[Page]:
        """List everybody who did `action`, page by page; `after` is a page's `next`.

        Several requests may be in flight; resuming from any `next` yields all that was not yet
        yielded. Only a scan that ends without an error proves anything about absence.
        """

    def newest_comments(self, post: Target, since: datetime) -> AsyncIterator[Page]:
        """List comments under a post from the newest on, until one was written before `since`.

        Without what answers older comments, and nothing where a platform knows no such order. It
        proves nothing about absence, and no page leads to a next one.
        """

    def ask(self, target: Target, action: Action, accounts: Sequence[str]) -> AsyncIterator[Asked]:
        """Ask about each of `accounts`; every account appears in exactly one answer."""

    async def standing(self, accounts: Sequence[str]) -> Mapping[str, Standing]:
        """Whether the community can see what each of `accounts` does."""

    async def look_again(
        self, target: Target, action: Action, missing: Sequence[Missing]
    ) -> Mapping[Missing, Remains]:
        """Ask about actions that a complete list no longer shows; one not named here is gone.

        A comment leaves a tree with the comment that it answered, though nobody undid it, and a
        repost that an event told of may never be listed.
        """

    async def profiles(self, accounts: Sequence[str]) -> Sequence[Profile]:
        """Read profiles; an account that is unavailable is missing from the answer."""

    async def staff(self) -> frozenset[str] | None:
        """Stable ids of all who help to run the community; None where that cannot be told."""

    async def find_accounts(self, handles: Sequence[str]) -> Mapping[str, str]:
        """Stable ids of accounts by their handles, in lower case; one that nobody has is missing.

        Handles are as `registry.parse_account` gives them.
        """

    async def publish(self, draft: Draft) -> Publication:
        """Publish once: a second call with the same draft finds the first call's publication."""

    async def tell(self, account: str, text: str, *, key: str, created_at: datetime) -> bool:
        """Send a message to a person alone, once per `key`, which was made at `created_at`.

        False if the person cannot be written to, which is nobody's fault.
        """
