"""What a signal is: a small pure thing that looks at one account and says how much it stands out.

A signal is no proof and excludes nobody. It has a name, a version, and a weight: the score, from 0
to 100, that it gives by itself where it is strongest. It answers with a strength from 1 to 100 and
the facts of this very account, or with nothing: where nothing stands out, and where it cannot be
known. Facts are whole numbers, so that they hold nothing that somebody wrote.
"""

from collections.abc import Mapping
from typing import ClassVar, Protocol

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.signals.groups import Group
from contest_service.domain.signals.neighbours import Neighbourhood
from contest_service.domain.signals.paces import Bursts

Facts = Mapping[str, int]


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """How much an account stands out, from 1 to 100, and what that rests on."""

    strength: int
    facts: Facts


class Trace(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one account that takes part. Times are unix seconds."""

    platform: Platform
    account: str
    is_read: bool = True
    """Whether the profile was read: of one that was not, nothing is missing."""
    created_at: int | None = None
    has_picture: bool | None = None
    followers: int | None = None
    is_closed: bool | None = None
    has_city: bool = False
    has_birthday: bool = False
    copies: int = 0
    """Comments that repeat what somebody else wrote before."""
    copied_words: int = 0
    """Words of the longest text that it repeats."""
    copied_by: int = 0
    """Accounts that wrote the same, with this one: of the text that most of them wrote."""
    reposted: int = 0
    """Other contests of the workspace whose posts it reposted."""
    left: int = 0
    """How often it joined during a contest of the workspace and left soon after."""
    places: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    """What it did here, where the minute is known: which list of actions, and the minute since
    1970. Both have one length."""

    @property
    def number(self) -> int | None:
        """The account's id as a number, on platforms that give them in order."""
        is_number = self.platform is Platform.VK and self.account.isascii()
        return int(self.account) if is_number and self.account.isdigit() else None


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is compared with: everybody else in the contest, and the workspace's others.

    `offered` is how many other contests of the workspace asked for reposts lately.
    """

    opens_at: int
    offered: int
    bursts: Bursts
    neighbourhood: Neighbourhood
    groups: Mapping[str, Group]
    """By account: those who always come together."""


class Signal(Protocol):
    """One thing that may stand out."""

    name: ClassVar[str]
    version: ClassVar[int]
    weight: ClassVar[int]
    """The score that it gives alone at its strongest, unless a workspace says otherwise."""

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        """Look at one account; None where nothing stands out or nothing can be known."""
        ...

    def title(self, language: Language) -> str:
        """Say in a few words what it looks at."""
        ...

    def say(self, facts: Facts, language: Language) -> str:
        """Say in a sentence what stands out about an account, from the facts that `read` gave."""
        ...


def say(language: Language, *, en: str, ru: str) -> str:
    """Choose the words of a language."""
    return ru if language is Language.RUSSIAN else en


def within(strength: float) -> int:
    """Make a strength of a number: 0 is nothing, and nothing is stronger than 100."""
    return max(0, min(100, round(strength)))
