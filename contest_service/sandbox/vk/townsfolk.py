"""What each person of a town means to do about a contest post, and when: computed from the seed.

Pure: a plan follows from the town's seed, what is asked, and the person's number, and from nothing
that happens. Many come at once when the post is new, a few all the time, and some at the last
moment, as under a real contest post. Most do what is asked, some a part of it, some change their
minds. Times are unix seconds. Nobody acts in the last seconds before the end, so that everything
that was done is there when it ends; a few comment too late.
"""

import math
from typing import Literal

import msgspec

from contest_service.sandbox.vk.chance import Chance

QUIET = 2.0
"""Seconds before the end in which nobody does anything."""
_LATE = 1.0, 8.0
"""Seconds after the end from which on latecomers comment, and how many more they may need."""
_FIRST_WAVE, _LAST_WAVE = 0.10, 0.04
"""How fast the arrivals at the start fade, and how late those of the end begin, as a part of all
the time."""
_LONGEST_PAUSE = 120.0
"""Seconds, at most about, between two things that somebody came to do."""

Do = Literal[
    "like", "unlike", "repost", "unrepost", "forward", "comment", "answer", "copy", "edit",
    "erase", "join", "leave", "close", "deactivate",
]  # fmt: skip
Fit = Literal["whole", "untagged", "alone"]
"""Of a comment: as asked, without its hashtags, or without enough friends."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a contest asks for, as far as people care: they mostly do this and little else."""

    likes: bool = True
    reposts: bool = False
    joins: bool = False
    comments: int = 0
    """How many of each person."""
    hashtags: tuple[str, ...] = ()
    words: int = 0
    answers: tuple[str, ...] = ()
    """Right answers to a question, of which most people say one."""
    mentions: int = 0
    cities: tuple[str, ...] = ()
    """Where many of the people are to live, beside the usual cities."""


class Deed(msgspec.Struct, frozen=True, order=True):
    """Something that a person, by number, does at a time; `turn` is its place in their plan."""

    due: float
    person: int
    turn: int
    do: Do
    fit: Fit = "whole"


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when a contest runs."""

    begins_at: float
    ends_at: float

    @property
    def last(self) -> float:
        """After which nobody does anything in time."""
        return max(self.begins_at, self.ends_at - QUIET)


def plan(seed: str, number: int, *, asked: Asked, season: Season) -> list[Deed]:
    """Compute what one person does, in order."""
    chance = Chance("practice vk town", seed, number)
    diary = _Diary(number, season, chance)
    _arrive(diary, chance, asked)
    _change_mind(diary, chance, asked)
    if asked.comments and chance.happens(1):
        diary.write_late()
    return sorted(diary.deeds)


def is_regular(seed: str, number: int) -> bool:
    """Tell whether somebody was a member before the contest began."""
    return Chance("practice vk regular", seed, number).happens(35)


def is_reachable(seed: str, number: int) -> bool:
    """Tell whether somebody lets the community write to them."""
    return Chance("practice vk reachable", seed, number).happens(50)


class _Diary:
    """A person's plan while it is being made; `now` moves on with each thing they do."""

    def __init__(self, number: int, season: Season, chance: Chance) -> None:
        self.deeds: list[Deed] = []
        self._number = number
        self._season = season
        self._chance = chance
        self.now = _arrival(season, chance)

    def does(self, *things: Do) -> bool:
        """Tell whether one of these stands in the plan."""
        return any(deed.do in things for deed in self.deeds)

    def write(self, do: Do, fit: Fit = "whole") -> None:
        """Do something now, and take a little time for it."""
        self._put(self.now, do, fit)
        left = self._season.last - self.now
        self.now += min(_LONGEST_PAUSE, left * 0.08) * self._chance.share()

    def write_later(self, do: Do, fit: Fit = "whole") -> None:
        """Do something at any time between now and the end."""
        self.now += (self._season.last - self.now) * self._chance.share()
        self._put(self.now, do, fit)

    def write_late(self) -> None:
        """Comment after the end."""
        begin, span = _LATE
        self._put(self._season.ends_at + begin + span * self._chance.share(), "comment", "whole")

    def _put(self, due: float, do: Do, fit: Fit) -> None:
        self.deeds.append(Deed(due, self._number, len(self.deeds), do, fit))


def _arrive(diary: _Diary, chance: Chance, asked: Asked) -> None:
    """Do what one came for."""
    if chance.happens(92 if asked.likes else 30):
        diary.write("like")
    if chance.happens(82 if asked.joins else 6):
        diary.write("join")
    if chance.happens(76 if asked.reposts else 4):
        diary.write("repost")
    elif chance.happens(8):
        diary.write("forward")
    if not chance.happens(78 if asked.comments else 5):
        return
    is_lazy = asked.comments > 1 and chance.happens(10)
    for _ in range(max(1, asked.comments - is_lazy)):
        _comment(diary, chance, asked)


def _comment(diary: _Diary, chance: Chance, asked: Asked) -> None:
    manner = chance.share()
    if manner < 0.06:
        diary.write("copy")
    elif manner < 0.14:
        diary.write("answer")
    elif manner < 0.24 and asked.hashtags:
        diary.write("comment", "untagged")
    elif manner < 0.32 and asked.mentions:
        diary.write("comment", "alone")
    else:
        diary.write("comment")


def _change_mind(diary: _Diary, chance: Chance, asked: Asked) -> None:
    """Take something back, mend a comment, or go."""
    if diary.does("repost") and chance.happens(12):
        diary.write_later("unrepost")
        if chance.happens(30):
            diary.write_later("repost")
    if diary.does("like") and chance.happens(4):
        diary.write_later("unlike")
    if diary.does("comment", "answer", "copy"):
        if chance.happens(6):
            is_mended = chance.happens(60) or not asked.hashtags
            diary.write_later("edit", "whole" if is_mended else "untagged")
        if chance.happens(4):
            diary.write_later("erase")
    if chance.happens(4):
        diary.write_later("leave")
    if chance.happens(3):
        diary.write_later("close")
    if chance.happens(1):
        diary.write_later("deactivate")


def _arrival(season: Season, chance: Chance) -> float:
    """Compute when somebody comes: half of all in the first wave, a tenth in the last one."""
    wave, place = chance.share(), chance.share()
    if wave < 0.5:
        part = _fading(place, _FIRST_WAVE)
    elif wave < 0.9:
        part = place
    else:
        part = 1 - _fading(place, _LAST_WAVE)
    return season.begins_at + part * (season.last - season.begins_at)


def _fading(place: float, scale: float) -> float:
    """Return a number from 0 to 1, seldom much larger than `scale`."""
    return -scale * math.log(1 - place * (1 - math.exp(-1 / scale)))
