"""The case of one entrant: everything a condition may look at, and the verdict it gives.

Times are unix seconds. A presence is an interval whose ends are only known within bounds where the
platform gives no times; the closing scan is the last word on what was present at the close.
"""

import enum
from collections.abc import Mapping
from operator import attrgetter

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action


class GoneWhy(enum.StrEnum):
    """Why a complete scan no longer showed an action."""

    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    """The account blocks the community or was taken down: it may have undone nothing."""


class Presence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    account: str = ""
    """The subject of the account that did it, where the entrant has several; else empty."""


class Case(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    is_staff: bool | None = None
    """Whether the account helps to run one of these communities; None where nobody tells."""
    won_at: tuple[int, ...] = ()
    """When other real contests of the workspace gave the account a prize, oldest first."""
    copied: frozenset[str] = frozenset()
    """Refs of the entrant's comments that copy what somebody else wrote before."""
    overnamed: frozenset[str] = frozenset()
    """Accounts that the comments of too many entrants name; the same for all cases."""
    quizzes: Mapping[str, tuple[str, ...]] = {}
    """Accepted answers by quiz, of those that are opened; the same for all cases."""
    untold: frozenset[Action] = frozenset()
    """Actions that the rules ask for and that the account's platform never tells of."""
    posts: tuple[frozenset[str], ...] = ()
    """The contest's posts on the account's platform; with several accounts, on each of theirs."""
    apart: tuple["Case", ...] = ()
    """The case of each account, where the entrant has several, the one that entered first before
    the others: see `linked`."""

    @property
    def accounts(self) -> frozenset[str]:
        """Stable ids of all accounts of the entrant."""
        if not self.apart:
            return frozenset((self.account,))
        return frozenset({self.account, *(each.account for each in self.apart)})


setting_of = attrgetter("complete", "untold", "posts", "standing", "opens_at", "closes_at")
"""What the contest and the platform tell of a case: the same of nearly all on one network."""


class Verdict(enum.StrEnum):
    """The answer of one condition."""

    HOLDS = "holds"
    FAILS = "does_not_hold"
    UNKNOWN = "cannot_be_known"
    WITHDRAWN = "withdrawn"
    """It held, and no longer does."""


LETTERS = {verdict: verdict.value[0] for verdict in Verdict}
"""By which marks name each verdict."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A condition's verdict on a case, with a reason code and what it rests on.

    `facts` are those of the profile, by the names that `Profile` gives them; of a birthday only the
    `age` in whole years.
    """

    verdict: Verdict
    reason: str
    evidence: tuple[Presence, ...] = ()
    facts: Mapping[str, int | bool | str] = {}
