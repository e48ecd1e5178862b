"""Numbers, nouns, times and groups in both languages."""

from datetime import UTC, datetime

import pytest

from contest_service.domain.conditions import (
    Commented,
    Follows,
    HasPicture,
    Language,
    Liked,
    Quoted,
    Unit,
)
from contest_service.domain.dates import say_duration, say_time, say_time_and_zone
from contest_service.domain.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Bonus,
    Rule,
    bonus_sentences,
    sentences,
)
from contest_service.domain.wording import english, number, russian

EN, RU = Language.ENGLISH, Language.RUSSIAN
NARROW = "\u202f"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0"), (999, "999"), (1000, f"1{NARROW}000"), (1234567, f"1{NARROW}234{NARROW}567")],
)
def test_thousands_stand_apart(count: int, said: str) -> None:
    assert number(count) == said


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "ticket", "0 tickets"),
        (1, "ticket", "1 ticket"),
        (2, "ticket", "2 tickets"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (1, "day", "1 day"),
        (21, "day", "21 days"),
        (1000, "entry", f"1{NARROW}000 entries"),
    ],
)
def test_english_nouns_are_counted(count: int, noun: str, said: str) -> None:
    assert english(count, noun) == said


@pytest.mark.parametrize(
    ("counts", "noun"),
    [
        ((1, 21, 31, 101, 121, 1001, 1000021), "билет"),
        ((2, 3, 4, 22, 23, 24, 102, 104, 1002, 1122), "билета"),
        ((0, 5, 9, 10, 11, 12, 13, 14, 15, 19, 20, 25, 100, 111, 112, 114, 1011, 1012), "билетов"),
    ],
)
def test_russian_nouns_are_counted(counts: tuple[int, ...], noun: str) -> None:
    for count in counts:
        assert russian(count, ("билет", "билета", "билетов")) == f"{number(count)} {noun}"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "3 May 2026, 12:00 UTC"),
        ("Europe/Moscow", "3 May 2026, 15:00 UTC+03:00"),
        ("America/St_Johns", "3 May 2026, 09:30 UTC-02:30"),
        ("Asia/Kathmandu", "3 May 2026, 17:45 UTC+05:45"),
        ("Pacific/Kiritimati", "4 May 2026, 02:00 UTC+14:00"),
        ("Africa/Abidjan", "3 May 2026, 12:00 UTC"),
    ],
)
def test_a_time_is_said_in_its_zone_with_the_offset(zone: str, said: str) -> None:
    assert say_time(datetime(2026, 5, 3, 12, tzinfo=UTC), zone, EN) == said


def test_a_time_is_exact_and_names_its_zone_where_there_is_room() -> None:
    time = datetime(2026, 12, 31, 21, 5, 7, tzinfo=UTC)
    said = say_time_and_zone(time, "Europe/Moscow", RU)
    assert said == "1 января 2027, 00:05:07 UTC+03:00 (Europe/Moscow)"
    assert say_time_and_zone(time, "UTC", EN) == "31 December 2026, 21:05:07 UTC"


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [
        (1, "1 second", "1 секунду"),
        (62, "62 seconds", "62 секунды"),
        (600, "10 minutes", "10 минут"),
        (60, "1 minute", "1 минуту"),
        (7200, "2 hours", "2 часа"),
        (86400 * 21, "21 days", "21 день"),
    ],
)
def test_a_duration_is_said_in_its_largest_whole_unit(seconds: int, en: str, ru: str) -> None:
    assert (say_duration(seconds, EN), say_duration(seconds, RU)) == (en, ru)


def test_groups_indent_what_belongs_to_them() -> None:
    rules: Rule = AllOf((Liked(), AtLeast(2, (HasPicture(), AnyOf((Quoted(), Follows()))))))
    assert sentences(rules, EN) == [
        "All of these:",
        "– Like the contest post",
        "– At least 2 of these:",
        "  – Have a profile picture",
        "  – One of these is enough:",
        "    – Quote the contest post and keep the quote until the close",
        "    – Follow the community at the close",
    ]
    assert sentences(AtLeast(2, (Liked(), Liked())), RU)[0] == "Не меньше 2 условий:"
    assert sentences(AtLeast(1, (Liked(),)), RU)[0] == "Не меньше 1 условия:"


def test_bonuses_are_said_with_their_tickets() -> None:
    assert bonus_sentences(Bonus(rule=Liked(), tickets=1), EN) == [
        "+1 ticket: Like the contest post"
    ]
    counted = Bonus(rule=Commented(mentions=1), tickets=2, per=Unit.MENTION, most=5)
    assert bonus_sentences(counted, EN)[0].startswith(
        "+2 tickets for each account mentioned, 10 tickets at most: Write 1 comment"
    )
    assert bonus_sentences(counted, RU)[0].startswith(
        "+2 билета за каждый отмеченный аккаунт, всего не больше 10 билетов: Напишите"
    )
    assert bonus_sentences(Bonus(rule=AnyOf((Liked(),)), tickets=3), RU) == [
        "+3 билета: Достаточно одного условия:",
        "  – Поставьте лайк записи конкурса",
    ]
