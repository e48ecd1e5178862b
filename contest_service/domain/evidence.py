"""Evidence: recorded actions, as they were seen.

Whatever a scan, a live event or a button yields is the same record, a `Sighting`. The store turns
sightings into presence intervals; conditions are judged over those.
"""

import enum

import msgspec

from contest_service.domain.accounts import Platform, Profile


class Action(enum.StrEnum):
    """What a person did."""

    LIKE = "like"
    REPOST = "repost"
    QUOTE = "quote"
    COMMENT = "comment"
    FOLLOW = "follow"
    ENTRY = "entry"
    """Entered without an account, and the organiser brought the entry in: no platform tells of it.

    Its target is the import, `import:` and its id; its `ref` is the SHA-256 of the file and the
    line, `<hex>:<line>`; it is seen when it was brought in, and done when the organiser says."""


class TargetKind(enum.StrEnum):
    """What an action is aimed at: a contest post, or a community (for follows)."""

    POST = "post"
    COMMUNITY = "community"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched. Evidence belongs to its target and serves every contest that uses it."""

    platform: Platform
    instance: str
    kind: TargetKind
    ref: str
    """The platform's permanent reference: an at-uri for a post, a DID for a community."""
    pin: str = ""
    """The exact version of a post where the platform names one (a cid); empty otherwise."""
    author: str
    """Stable id of the account that published the post, or of the community itself."""
    url: str
    """Where a person opens it in a browser."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One action, as one page of one scan showed it."""

    account: str
    """Stable id of who did it, on the target's platform and instance."""
    ref: str
    """What the platform calls this very action (an at-uri): a repeated one is another."""
    at: int | None = None
    """Unix seconds by the platform's clock, never the client's word; None where there is none."""
    text: str = ""
    tags: tuple[str, ...] = ()
    """Hashtags in lower case without the sign."""
    mentions: tuple[str, ...] = ()
    """Stable ids of the accounts named, each once, in order of appearance."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the platform, decoded, with the bytes it was decoded from."""

    sightings: tuple[Sighting, ...]
    profiles: tuple[Profile, ...] = ()
    """What the page happens to tell about the people on it."""
    next: str | None
    """Where the scan goes on after this page; None after the last one."""
    body: bytes
    """The response body as received, for the digest and for retention."""
    counted: int = 0
    """How many more actions the platform's own counters announce on this page: the answers that
    each comment seen here for the first time says it has. `Counters` has those of the post."""


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """A post's own counters, by action. An action that the platform does not count is absent.

    `text` is what the post says there and then, None where the platform does not tell.
    """

    counts: dict[Action, int]
    text: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's answers for a set of accounts about one action (follows)."""

    present: tuple[Sighting, ...]
    absent: tuple[str, ...]
    hidden: tuple[str, ...]
    """Accounts about which the platform would not say."""
    body: bytes


class Change(enum.StrEnum):
    """What a live event tells of an action."""

    APPEARED = "appeared"
    VANISHED = "vanished"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One action, as a live event told of it. Events may be repeated, late, and out of order."""

    change: Change
    action: Action
    target: str
    """The target's `ref`: the event is about one platform and instance."""
    sighting: Sighting
    """Of what vanished the text and time are missing. A `ref` that ends with a full stop stands for
    all whose refs begin with it: the versions of one comment."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an account wrote, in public or to a community alone."""

    account: str
    text: str
