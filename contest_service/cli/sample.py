"""The contest that `demo` and the first `up` show: a giveaway as communities on VK hold them."""

from datetime import datetime, timedelta

from contest_service.domain.conditions import (
    Active,
    Commented,
    Follows,
    Language,
    Liked,
    Reposted,
)
from contest_service.domain.contest import Definition
from contest_service.domain.prizes import Draw, Tier
from contest_service.domain.rules import AllOf
from contest_service.domain.schedule import Schedule

SECONDS = 90
"""From the start to the draw; the result is published a few seconds later."""
HASHTAG = "кружка"
MENTIONS = 2


def sample(now: datetime) -> Definition:
    """A contest that would run for a week from now on; a dry run lives through it in minutes."""
    opens_at = now.replace(microsecond=0)
    closes_at = opens_at + timedelta(days=7)
    return Definition(
        title="Розыгрыш кружек",
        organiser="Кофейня «Облако»",
        schedule=Schedule(
            opens_at=opens_at,
            closes_at=closes_at,
            draw_at=closes_at + timedelta(hours=1),
            zone="Europe/Moscow",
        ),
        rules=AllOf(
            (
                Liked(),
                Reposted(),
                Follows(),
                Commented(hashtag=HASHTAG, mentions=MENTIONS),
                Active(),
            )
        ),
        draws=(
            Draw(
                tiers=(
                    Tier(id="first", prize="Большая синяя кружка", winners=1),
                    Tier(id="second", prize="Белая кружка", winners=3),
                )
            ),
        ),
        language=Language.RUSSIAN,
    )
