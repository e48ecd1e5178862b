"""Dry runs: a contest compressed into minutes, and what its people are asked for. Pure.

A dry run has the rules, prizes and texts of its contest, and a schedule of its own. The people of
the practice network have to know what the rules ask for, so that most of them do it.
"""

from datetime import datetime, timedelta

import msgspec

from contest_service.domain.conditions import (
    Answered,
    City,
    Commented,
    Follows,
    Joined,
    Liked,
    Quoted,
    Region,
    Reposted,
)
from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.evidence import Action
from contest_service.domain.quiz import practice_answers
from contest_service.domain.rules import AllOf, AnyOf, AtLeast, Rule, sentences
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
_MOST_CLAIM = 60
"""Seconds for winners to claim a prize, where they have to."""


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
    answers: tuple[str, ...] = ()
    """What is right, of which most people say something."""


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
    """Let a contest open now, draw after so many seconds, and be claimed soon.

    All else stays, but for what is asked on several posts, or of several communities.
    """
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
    claim = definition.claim_within
    claim_within = None if claim is None else min(claim, _MOST_CLAIM)
    tickets = msgspec.structs.replace(
        definition.tickets,
        bonuses=tuple(
            msgspec.structs.replace(bonus, rule=_at_one_place(bonus.rule))
            for bonus in definition.tickets.bonuses
        ),
    )
    return msgspec.structs.replace(
        definition,
        schedule=schedule,
        claim_within=claim_within,
        rules=_at_one_place(definition.rules),
        tickets=tickets,
    )


def _at_one_place(rule: Rule) -> Rule:
    """The same rule, asked on the one post and of the one community that a dry run has."""
    match rule:
        case Liked() | Reposted() | Quoted() | Commented():
            return msgspec.structs.replace(rule, posts=1)
        case Follows() | Joined():
            return msgspec.structs.replace(rule, communities=(), every=False)
        case AllOf() | AnyOf() | AtLeast():
            return msgspec.structs.replace(rule, of=tuple(map(_at_one_place, rule.of)))
    return rule


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
    questions = [condition for condition in found if isinstance(condition, Answered)]
    tags = [*(each.hashtag for each in comments), *(each.hashtag for each in questions)]
    answers = (answer for asked in questions for answer in practice_answers(asked))
    cities = [
        *(name for each in found if isinstance(each, City) for name in each.names),
        *(name for each in found if isinstance(each, Region) for name in each.cities),
    ]
    return Asked(
        likes=Action.LIKE in actions,
        reposts=Action.REPOST in actions,
        joins=Action.FOLLOW in actions,
        comments=max((condition.times for condition in comments), default=int(bool(questions))),
        answers=tuple(dict.fromkeys(answers)),
        hashtags=tuple(dict.fromkeys(filter(None, tags))),
        words=max((condition.words for condition in comments), default=0),
        mentions=max((condition.mentions for condition in comments), default=0),
        cities=tuple(dict.fromkeys(cities)),
    )
