"""Dry runs: a contest compressed into minutes, and what its people are asked for. Pure.

A dry run has the rules, prizes and texts of its contest, and a schedule of its own. The people of
the practice network have to know what the rules ask for, so that most of them do it.
"""

from datetime import datetime, timedelta

import msgspec

from contest_service.domain.conditions import City, Commented
from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.evidence import Action
from contest_service.domain.rules import sentences
from contest_service.domain.schedule import Schedule
from contest_service.domain.texts import contest_text

LEAST_SECONDS = 30
"""Below this the closing scan of a few hundred people would not be through in time."""
MOST_SECONDS = 86_400
MOST_PEOPLE = 20_000

_CLOSE = 0.65
"""Of the whole time; what follows is for the closing scans and the judging."""
_LEAD = 0.05
_LEAST_LEAD = 2
"""Seconds between freeze and draw."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What rules and bonuses ask people to do, all alternatives together."""

    likes: bool
    reposts: bool
    joins: bool
    comments: int = 0
    hashtags: tuple[str, ...] = ()
    words: int = 0
    mentions: int = 0
    cities: tuple[str, ...] = ()


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """People around a new contest post: the same ones from the same seed."""

    text: str
    """Of the post."""
    begins_at: datetime
    ends_at: datetime
    people: int
    seed: str
    asked: Asked


def compressed(definition: Definition, *, now: datetime, seconds: int) -> Definition:
    """Let a contest open now and draw after so many seconds; all else stays."""
    opens_at = now.replace(microsecond=0)
    draw_at = opens_at + timedelta(seconds=seconds)
    lead = max(_LEAST_LEAD, int(seconds * _LEAD))
    schedule = Schedule(
        opens_at=opens_at,
        closes_at=opens_at + timedelta(seconds=int(seconds * _CLOSE)),
        freeze_at=draw_at - timedelta(seconds=lead),
        draw_at=draw_at,
        zone=definition.schedule.zone,
        min_lead=1,
    )
    return msgspec.structs.replace(definition, schedule=schedule)


def gathering(definition: Definition, *, people: int, seed: str) -> Gathering:
    """Call people together for a contest: for its time, and for what it asks for."""
    return Gathering(
        text=contest_text(
            definition.language,
            title=definition.title,
            requirements=sentences(definition.rules, definition.language),
            closes_at=definition.schedule.closes_at,
            zone=definition.schedule.zone,
            practice=True,
        ),
        begins_at=definition.schedule.opens_at,
        ends_at=definition.schedule.closes_at,
        people=people,
        seed=seed,
        asked=asked_of(definition),
    )


def asked_of(definition: Definition) -> Asked:
    """Say what people have to do so that every condition could hold."""
    found = [condition for _, condition in every_condition(definition)]
    actions = {condition.action for condition in found}
    comments = [condition for condition in found if isinstance(condition, Commented)]
    tags = (condition.hashtag for condition in comments if condition.hashtag)
    cities = (
        name for condition in found if isinstance(condition, City) for name in condition.names
    )
    return Asked(
        likes=Action.LIKE in actions,
        reposts=Action.REPOST in actions,
        joins=Action.FOLLOW in actions,
        comments=max((condition.times for condition in comments), default=0),
        hashtags=tuple(dict.fromkeys(tags)),
        words=max((condition.words for condition in comments), default=0),
        mentions=max((condition.mentions for condition in comments), default=0),
        cities=tuple(dict.fromkeys(cities)),
    )
