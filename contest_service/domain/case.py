"""The case of one entrant: everything a condition may look at, and the verdict it gives.

Times are unix seconds. A presence is an interval whose ends are only known within bounds where the
platform gives no times; the closing scan is the last word on what was present at the close.
"""

import enum
from collections.abc import Mapping

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action


class GoneWhy(enum.StrEnum):
    """Why a complete scan no longer showed an action."""

    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    """The account blocks the community or was taken down: it may have undone nothing."""


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """One action of the entrant and the time during which it was there.

    It began after `absent_at` and not after `seen_at`, and is known to have ended by `gone_at`.
    """

    action: Action
    target: str
    """The target's permanent reference on the platform."""
    ref: str
    at: int | None
    """When it was done, by the platform's clock."""
    absent_at: int | None
    """When a complete scan last did not show it yet."""
    seen_at: int
    gone_at: int | None = None
    gone_why: GoneWhy | None = None
    is_heard: bool = False
    """A live event told of it, at `seen_at`."""
    text: str = ""
    tags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one entrant as of the moment that it is judged for.

    That is the present while the contest runs, then its closing scans, and the scans after the draw
    for the recheck of winners. What began or ended after that moment is not in it.
    """

    account: str
    opens_at: int
    closes_at: int
    presences: Mapping[Action, tuple[Presence, ...]]
    complete: frozenset[Action]
    """Actions whose latest scans were complete on all targets, so that absence proves something."""
    profile: Profile | None
    standing: Standing
    lists: frozenset[str]
    """Ids of the workspace's lists that hold the account."""
    communities: frozenset[str]
    """Stable ids of the contest's own communities."""


class Verdict(enum.StrEnum):
    """The answer of one condition."""

    HOLDS = "holds"
    FAILS = "does_not_hold"
    UNKNOWN = "cannot_be_known"
    WITHDRAWN = "withdrawn"
    """It held, and no longer does."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A condition's verdict on a case, with a reason code and what it rests on.

    `facts` are those of the profile, by the names that `Profile` gives them; of a birthday only the
    `age` in whole years.
    """

    verdict: Verdict
    reason: str
    evidence: tuple[Presence, ...] = ()
    facts: Mapping[str, int | bool | str] = {}
