"""Dry runs: a schedule of seconds, and what people are asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.conditions import Commented, Joined
from contest_service.domain.contest import Definition, definition_faults, every_condition
from contest_service.domain.practice import (
    LEAST_SECONDS,
    MOST_SECONDS,
    Asked,
    asked_of,
    compressed,
    gathering,
)

NOW = datetime(2026, 5, 3, 12, 0, 0, 123456, tzinfo=UTC)


def definition(rules: Any, **changes: Any) -> Definition:
    """A real contest with these rules."""
    opens_at = datetime(2026, 6, 1, tzinfo=UTC)
    fields = {
        "title": "Кружка",
        "organiser": "Кофейня",
        "schedule": {
            "opens_at": opens_at,
            "closes_at": opens_at + timedelta(days=7),
            "draw_at": opens_at + timedelta(days=8),
            "zone": "Asia/Omsk",
        },
        "rules": rules,
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
        **changes,
    }
    return msgspec.convert(fields, Definition)


LIKED = {"kind": "liked"}


@given(st.integers(LEAST_SECONDS, MOST_SECONDS))
def test_a_compressed_contest_is_in_order_and_draws_when_it_should(seconds: int) -> None:
    short = compressed(definition(LIKED), now=NOW, seconds=seconds)
    assert definition_faults(short, practice=True) == []
    schedule = short.schedule
    assert schedule.draw_at - schedule.opens_at == timedelta(seconds=seconds)
    assert schedule.opens_at == NOW.replace(microsecond=0)
    assert schedule.closes_at < schedule.frozen_at < schedule.draw_at


def test_everything_but_the_times_stays() -> None:
    whole = definition(LIKED, coverage=70, naming=False, recheck_winners=True, claim_within=30)
    short = compressed(whole, now=NOW, seconds=60)
    assert short.schedule.zone == "Asia/Omsk"
    assert msgspec.structs.replace(short, schedule=whole.schedule) == whole


def test_what_is_asked_at_several_places_is_asked_at_the_one_that_there_is() -> None:
    several = [
        {"kind": "liked", "posts": 2},
        {"kind": "reposted", "every": True},
        {"kind": "any_of", "of": [{"kind": "commented", "times": 2, "posts": 2}]},
        {"kind": "joined", "communities": [{"id": "-1", "name": "A"}, {"id": "-2", "name": "B"}]},
    ]
    bonus = {"rule": {"kind": "quoted", "posts": 3}, "tickets": 1}
    whole = definition({"kind": "all_of", "of": several}, tickets={"bonuses": [bonus]})
    short = compressed(whole, now=NOW, seconds=60)
    asked = [condition for _, condition in every_condition(short)]
    assert [getattr(each, "posts", 1) for each in asked] == [1] * 5
    assert isinstance(asked[3], Joined)
    assert asked[3].communities == ()
    assert isinstance(asked[2], Commented)
    assert asked[2].times == 2


def test_prizes_of_a_compressed_contest_are_claimed_within_a_minute() -> None:
    whole = definition(LIKED, claim_within=3 * 86400)
    assert compressed(whole, now=NOW, seconds=60).claim_within == 60


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        (LIKED, Asked(likes=True, reposts=False, joins=False)),
        ({"kind": "reposted"}, Asked(likes=False, reposts=True, joins=False)),
        ({"kind": "joined"}, Asked(likes=False, reposts=False, joins=True)),
        (
            {"kind": "commented", "times": 2, "words": 3, "hashtag": "mug", "mentions": 1},
            Asked(
                likes=False,
                reposts=False,
                joins=False,
                comments=2,
                hashtags=("mug",),
                words=3,
                mentions=1,
            ),
        ),
        (
            {"kind": "all_of", "of": [LIKED, {"kind": "city", "names": ["Омск", "Томск"]}]},
            Asked(likes=True, reposts=False, joins=False, cities=("Омск", "Томск")),
        ),
    ],
)
def test_people_are_asked_for_what_a_condition_asks_for(rules: Any, asked: Asked) -> None:
    assert asked_of(definition(rules)) == asked


def test_alternatives_and_bonuses_are_asked_for_too() -> None:
    either = {"kind": "any_of", "of": [{"kind": "reposted"}, {"kind": "follows"}]}
    bonuses = [
        {"rule": {"kind": "commented", "hashtag": "a"}, "tickets": 1},
        {"rule": {"kind": "commented", "hashtag": "b", "words": 9}, "tickets": 1},
    ]
    asked = asked_of(definition(either, tickets={"bonuses": bonuses}))
    assert (asked.likes, asked.reposts, asked.joins) == (False, True, True)
    assert (asked.comments, asked.hashtags, asked.words) == (1, ("a", "b"), 9)


@pytest.mark.parametrize(
    ("language", "first", "requirement"),
    [
        ("en", "PRACTICE – proves nothing about chance", "Like the contest post"),
        ("ru", "ТРЕНИРОВКА – случайность не доказана", "Поставьте лайк записи конкурса"),
    ],
)
def test_the_post_is_marked_and_says_the_rules_and_the_close(
    language: str, first: str, requirement: str
) -> None:
    short = compressed(definition(LIKED, language=language), now=NOW, seconds=100)
    called = gathering(short, people=7, seed="s")
    lines = called.text.splitlines()
    assert lines[0] == first
    assert lines[1] == "Кружка"
    assert requirement in lines
    assert "18:01:05 UTC+06:00" in lines[-1]
    assert (called.begins_at, called.ends_at) == (
        short.schedule.opens_at,
        short.schedule.closes_at,
    )
    assert (called.people, called.seed) == (7, "s")
