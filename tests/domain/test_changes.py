"""What an amendment changed, in words."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given

from contest_service.domain import changes as module
from contest_service.domain.changes import changes
from contest_service.domain.conditions import (
    Commented,
    Condition,
    Language,
    Liked,
    NotListed,
    Reposted,
)
from contest_service.domain.contest import Definition
from contest_service.domain.holding import Holding
from contest_service.domain.prizes import Draw, PrizePicture, Tier
from contest_service.domain.rules import (
    AllOf,
    AnyOf,
    Bonus,
    Rule,
    Tickets,
    Unverified,
    conditions,
    sentences,
)
from domain.cases import definition, schedule
from domain.presences import RULES

EN, RU = Language.ENGLISH, Language.RUSSIAN
CAKE = Tier(id="main", prize="A cake", winners=1)
PICTURE = PrizePicture(sha256="ab" * 32, text="A cake")
BEFORE = definition(rules=AllOf((Liked(), Commented(words=3))))


def said(said_in: Language = EN, before: Definition = BEFORE, **after: Any) -> list[str]:
    return changes(before, msgspec.structs.replace(before, **after), said_in)


def draws(*tiers: Tier) -> tuple[Draw, ...]:
    return (Draw(tiers=tiers),)


CHANGES: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({}, [], []),
    (
        {"rules": AllOf((Liked(), Commented(words=3), Reposted()))},
        ["New requirement: “Repost the contest post and keep the repost until the close”"],
        ["Новое условие: «Сделайте репост записи конкурса и сохраните его до закрытия»"],
    ),
    (
        {"rules": AllOf((Commented(words=3),))},
        ["No longer required: “Like the contest post”"],
        ["Больше не нужно: «Поставьте лайк записи конкурса»"],
    ),
    (
        {"rules": AllOf((Liked(), Commented(words=5)))},
        [
            "Changed requirement: “Write 1 comment under the contest post, of at least 5 words” "
            "(before: “Write 1 comment under the contest post, of at least 3 words”)"
        ],
        [
            "Изменено условие: «Напишите 1 комментарий под записью конкурса, не короче 5 слов» "
            "(раньше: «Напишите 1 комментарий под записью конкурса, не короче 3 слов»)"
        ],
    ),
    (
        {"rules": AnyOf((Liked(), Commented(words=3)))},
        [
            "All requirements now:",
            "One of these is enough:",
            "– Like the contest post",
            "– Write 1 comment under the contest post, of at least 3 words",
        ],
        [
            "Все условия теперь:",
            "Достаточно одного условия:",
            "– Поставьте лайк записи конкурса",
            "– Напишите 1 комментарий под записью конкурса, не короче 3 слов",
        ],
    ),
    (
        {"schedule": schedule(closes_at=BEFORE.schedule.closes_at + timedelta(hours=1))},
        [
            "Closes: 10 May 2026, 16:00 UTC+03:00 (before: 10 May 2026, 15:00 UTC+03:00)",
            "The list is fixed: 10 May 2026, 16:25 UTC+03:00 (before: 10 May 2026, 15:55 "
            "UTC+03:00)",
        ],
        [
            "Закрытие: 10 мая 2026, 16:00 UTC+03:00 (раньше: 10 мая 2026, 15:00 UTC+03:00)",
            "Список фиксируется: 10 мая 2026, 16:25 UTC+03:00 (раньше: 10 мая 2026, 15:55 "
            "UTC+03:00)",
        ],
    ),
    (
        {"schedule": schedule(min_lead=1200, freeze_at=BEFORE.schedule.frozen_at)},
        ["The list is fixed at least 20 minutes before the draw (before: 10 minutes)"],
        ["Список фиксируется не позднее чем за 20 минут до розыгрыша (раньше: за 10 минут)"],
    ),
    (
        {"draws": draws(msgspec.structs.replace(CAKE, winners=22))},
        ["Prize: A cake – 22 winners (before: A cake – 1 winner)"],
        ["Приз: A cake – 22 победителя (раньше: A cake – 1 победитель)"],
    ),
    (
        {"draws": draws(CAKE, Tier(id="more", prize="A pie", winners=5))},
        ["New prize: A pie – 5 winners"],
        ["Новый приз: A pie – 5 победителей"],
    ),
    (
        {"draws": draws(Tier(id="more", prize="A pie", winners=5))},
        ["New prize: A pie – 5 winners", "No prize any more: A cake – 1 winner"],
        ["Новый приз: A pie – 5 победителей", "Приза больше нет: A cake – 1 победитель"],
    ),
    (
        {"draws": draws(msgspec.structs.replace(CAKE, picture=PICTURE))},
        ["Another picture: A cake"],
        ["Другая картинка: A cake"],
    ),
    (
        {"tickets": Tickets(base=2, bonuses=(Bonus(rule=Reposted(), tickets=3),))},
        [
            "Tickets of every entry: 2 tickets (before: 1 ticket)",
            "New bonus: +3 tickets: Repost the contest post and keep the repost until the close",
            "Most tickets of one entry: 5 tickets (before: 1 ticket)",
        ],
        [
            "Билеты каждого участника: 2 билета (раньше: 1 билет)",
            "Новый бонус: +3 билета: Сделайте репост записи конкурса и сохраните его до закрытия",
            "Наибольшее число билетов участника: 5 билетов (раньше: 1 билет)",
        ],
    ),
    (
        {"unverified": Unverified.ADMIT},
        ["A requirement that cannot be verified does not keep anybody out any more."],
        ["Условие, которое нельзя проверить, больше не мешает участию."],
    ),
    (
        {"coverage": 80},
        ["What the closing scan has to see of the posts' counters: 80 % (before: 90 %)"],
        ["Сколько от счётчиков записей должно увидеть закрывающее чтение: 80 % (раньше: 90 %)"],
    ),
    (
        {"holding": Holding(threshold=60)},
        [
            "Holding accounts for checking: when the organiser decides so, and by itself from 60 "
            "of 100 on (before: none)"
        ],
        [
            "Задержка аккаунтов для проверки: по решению организатора, а начиная с 60 из 100 без "
            "решения (раньше: нет)"
        ],
    ),
    (
        {"claim_within": 86400},
        ["A prize has to be claimed within 1 day of the announcement"],
        ["Забрать приз нужно не позже чем через 1 день после объявления"],
    ),
    (
        {"naming": False},
        ["Winners are announced by number, not by name any more."],
        ["Победителей объявляют по номеру, а не по имени."],
    ),
    (
        {"recheck_winners": True},
        ["Winners are checked once more after the draw."],
        ["После розыгрыша победителей проверяют ещё раз."],
    ),
    (
        {"title": "Autumn cakes", "organiser": "Bakery"},
        [
            "Title: “Autumn cakes” (before: “Spring cakes”)",
            "Organiser: “Bakery” (before: “Corner Bakery”)",
        ],
        [
            "Название: «Autumn cakes» (раньше: «Spring cakes»)",
            "Организатор: «Bakery» (раньше: «Corner Bakery»)",
        ],
    ),
    (
        {"notes": {EN: ("No cake by mail.",)}},
        ["New note: No cake by mail."],
        ["Изменились примечания на другом языке."],
    ),
    (
        {"language": RU},
        ["Announcements are in Russian now."],
        ["Объявления теперь на русском языке."],
    ),
]


@pytest.mark.parametrize(("after", "english", "russian"), CHANGES)
def test_a_change_is_said_in_both_languages(
    after: dict[str, Any], english: list[str], russian: list[str]
) -> None:
    assert said(EN, **after) == english
    assert said(RU, **after) == russian


def test_a_picture_that_is_taken_away_is_said() -> None:
    before = definition(draws=draws(msgspec.structs.replace(CAKE, picture=PICTURE)))
    assert said(EN, before, draws=draws(CAKE)) == ["No picture any more: A cake"]
    assert said(RU, before, draws=draws(CAKE)) == ["Картинки больше нет: A cake"]


def test_what_no_sentence_says_is_not_kept_quiet_about() -> None:
    one, other = (NotListed(list_id=id_, name="Staff") for id_ in ("a", "b"))
    before = definition(rules=AllOf((Liked(), one)))
    (line,) = said(EN, before, rules=AllOf((Liked(), other)))
    assert line.startswith("A requirement changed in what its sentence does not say")
    assert said(EN, before, rules=AllOf((one, Liked()))) == [], "in another order"


def test_every_field_of_a_definition_has_its_words() -> None:
    assert set(module._PARTS) == {field.name for field in msgspec.structs.fields(Definition)}


@given(RULES, RULES)
def test_rules_of_which_nothing_is_said_are_read_alike(one: Rule, other: Rule) -> None:
    for language in Language:
        assert said(language, definition(rules=one), rules=one) == []
        if not said(language, definition(rules=one), rules=other):
            assert leaves(one, language) == leaves(other, language)
            assert sentences(one, language) == sentences(other, language) or (
                is_plain(one) and is_plain(other)
            )


def leaves(rule: Rule, language: Language) -> list[str]:
    return sorted(each.sentence(language) for _, each in conditions(rule))


def is_plain(rule: Rule) -> bool:
    """A list of requirements, in which the order is nothing."""
    return isinstance(rule, Condition) or (
        isinstance(rule, AllOf) and all(isinstance(each, Condition) for each in rule.of)
    )


def test_very_many_changes_are_counted_at_the_end() -> None:
    notes = tuple(f"{number}: " + "я" * 1900 for number in range(100))
    lines = said(RU, notes={RU: notes})
    assert lines[-1].startswith("И ещё ")
    assert lines[0].endswith(" …")
    assert sum(len(line.encode()) for line in lines) < 40_000
