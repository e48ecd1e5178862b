"""Numbers, nouns, times and sentences in both languages."""

import typing
from datetime import UTC, datetime

import pytest

from contest_service.domain.conditions import (
    AccountAge,
    Active,
    Age,
    AnyCondition,
    City,
    Commented,
    Condition,
    Follows,
    HasPicture,
    Joined,
    Language,
    Liked,
    NotListed,
    ProfileOpen,
    Quoted,
    Reposted,
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


SAID: list[tuple[Condition, str, str]] = [
    (Liked(), "Like the contest post", "Поставьте лайк записи конкурса"),
    (
        Reposted(),
        "Repost the contest post and keep the repost until the close",
        "Сделайте репост записи конкурса и сохраните его до закрытия",
    ),
    (
        Quoted(),
        "Quote the contest post and keep the quote until the close",
        "Процитируйте запись конкурса и сохраните цитату до закрытия",
    ),
    (
        Follows(),
        "Follow the community at the close",
        "Будьте подписаны на сообщество в момент закрытия",
    ),
    (
        Joined(),
        "Follow the community after the contest has opened, and stay",
        "Подпишитесь на сообщество после открытия конкурса и оставайтесь подписаны",
    ),
    (
        ProfileOpen(),
        "Keep your profile open until the close",
        "Откройте профиль до закрытия конкурса",
    ),
    (
        Active(),
        "Have an account in use, neither deleted nor banned",
        "Участвуют только действующие аккаунты: не удалённые и не заблокированные",
    ),
    (
        City(names=("Тула",)),
        "Name this city in your profile: Тула",
        "Укажите в профиле город: Тула",
    ),
    (
        City(names=("Тула", "Орёл")),
        "Name one of these cities in your profile: Тула, Орёл",
        "Укажите в профиле один из городов: Тула, Орёл",
    ),
    (
        Age(least=21),
        "Be at least 21 years old when the contest opens, as the profile shows",
        "Вам должно быть не меньше 21 года к открытию конкурса, и дата рождения видна в профиле",
    ),
    (
        Age(least=18, most=30),
        "Be 18 to 30 years old when the contest opens, as the profile shows",
        "Вам должно быть от 18 до 30 лет к открытию конкурса, и дата рождения видна в профиле",
    ),
    (HasPicture(), "Have a profile picture", "Поставьте фотографию профиля"),
    (NotListed(list_id="", name="our staff"), "Not open to: our staff", "Не участвуют: our staff"),
    (
        AccountAge(days=1),
        "Have an account that was at least 1 day old when the contest opened",
        "Аккаунту должно быть не меньше 1 дня к открытию конкурса",
    ),
    (
        AccountAge(days=22),
        "Have an account that was at least 22 days old when the contest opened",
        "Аккаунту должно быть не меньше 22 дней к открытию конкурса",
    ),
    (
        Commented(),
        "Write 1 comment under the contest post",
        "Напишите 1 комментарий под записью конкурса",
    ),
    (
        Commented(words=1, hashtag="cake", mentions=1),
        "Write 1 comment under the contest post, of at least 1 word, with the hashtag #cake, and "
        "mention at least 1 account in it",
        "Напишите 1 комментарий под записью конкурса, не короче 1 слова, с хештегом #cake, и "
        "отметьте в нём не меньше 1 аккаунта",
    ),
    (
        Commented(times=3, words=5, hashtag="cake", mentions=2),
        "Write 3 comments under the contest post, each of at least 5 words, each with the hashtag "
        "#cake, and mention at least 2 different accounts in them together",
        "Напишите 3 комментария под записью конкурса, каждый не короче 5 слов, каждый с хештегом "
        "#cake, и отметьте в них вместе не меньше 2 разных аккаунтов",
    ),
    (
        Commented(times=5, words=21),
        "Write 5 comments under the contest post, each of at least 21 words",
        "Напишите 5 комментариев под записью конкурса, каждый не короче 21 слова",
    ),
]


@pytest.mark.parametrize(("condition", "en", "ru"), SAID)
def test_a_condition_is_said_to_an_entrant(condition: Condition, en: str, ru: str) -> None:
    assert (condition.sentence(EN), condition.sentence(RU)) == (en, ru)


def test_every_kind_of_condition_is_said_in_every_language() -> None:
    assert {type(condition) for condition, *_ in SAID} == set(typing.get_args(AnyCondition))
    for condition, *_ in SAID:
        assert all(condition.sentence(language) for language in Language)


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
    assert bonus_sentences(Bonus(rule=AnyOf((Liked(),)), tickets=3), RU) == [
        "+3 билета: Достаточно одного условия:",
        "  – Поставьте лайк записи конкурса",
    ]
