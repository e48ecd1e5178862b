"""Sentences of conditions in both languages."""

import re
from collections.abc import Callable

import pytest

from contest_service.domain.catalogue import Kind, kinds
from contest_service.domain.conditions import (
    AccountAge,
    Active,
    Age,
    City,
    Commented,
    Condition,
    Entered,
    FollowersAtLeast,
    Follows,
    HasPicture,
    Joined,
    Language,
    Liked,
    NamedCommunity,
    NotListed,
    NotPastWinner,
    NotStaff,
    ProfileOpen,
    Quoted,
    Region,
    Reposted,
    When,
)

EN, RU = Language.ENGLISH, Language.RUSSIAN
BAKERY, CAKES = NamedCommunity(id="-1", name="Bakery"), NamedCommunity(id="-2", name="Cakes")
NARROW = "\u202f"


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
        Commented(contains=("торт", "пирог"), original=True, mentions=2, uncommon=True),
        "Write 1 comment under the contest post, with “торт” or “пирог” in it, in your own words: "
        "copies of what others wrote do not count, and mention at least 2 different accounts in "
        "it, of which those that very many entrants mention do not count",
        "Напишите 1 комментарий под записью конкурса, с текстом «торт» или «пирог», своими "
        "словами: копии чужих комментариев не считаются, и отметьте в нём не меньше 2 разных "
        "аккаунтов, причём аккаунты, которые отмечает очень много участников, не считаются",
    ),
    (
        Commented(times=2, posts=2, number=1000, moment=When.ONCE),
        "Write 2 comments under the contest's posts, at least 2 different ones, each with the "
        f"number 1{NARROW}000 and no other number; you may delete them later",
        "Напишите 2 комментария под записями конкурса, не меньше чем под 2 разными, каждый с "
        f"числом 1{NARROW}000 и без других чисел; потом их можно удалить",
    ),
    (
        Commented(equals=("да",), moment=When.WHOLE_TIME),
        "Write 1 comment under the contest post, saying just “да”, and do not delete it until the "
        "close, not even for a while",
        "Напишите 1 комментарий под записью конкурса, только с текстом «да», и не удаляйте его до "
        "закрытия даже на время",
    ),
    (
        Commented(words=2, mentions=1, every=True),
        "Write 1 comment under every post of the contest on your platform, each of at least 2 "
        "words, and mention at least 1 account in each",
        "Напишите 1 комментарий под каждой записью конкурса на вашей площадке, каждый не короче 2 "
        "слов, и отметьте в каждом не меньше 1 аккаунта",
    ),
    (
        Commented(times=2, mentions=3, every=True, moment=When.ONCE),
        "Write 2 comments under every post of the contest on your platform, and mention at least 3 "
        "different accounts in those under each post together; you may delete them later",
        "Напишите 2 комментария под каждой записью конкурса на вашей площадке, и отметьте во всех "
        "под одной записью вместе не меньше 3 разных аккаунтов; потом их можно удалить",
    ),
    (
        Liked(posts=21, moment=When.WHOLE_TIME),
        "Like at least 21 posts of the contest and do not take them back until the close, not "
        "even for a while",
        "Поставьте лайк не меньше чем 21 записи конкурса и не убирайте их до закрытия даже на "
        "время",
    ),
    (
        Liked(every=True),
        "Like every post of the contest on your platform",
        "Поставьте лайк каждой записи конкурса на вашей площадке",
    ),
    (
        Reposted(every=True, moment=When.ONCE),
        "Repost every post of the contest on your platform; you may remove the reposts later",
        "Сделайте репост каждой записи конкурса на вашей площадке; потом их можно удалить",
    ),
    (
        Reposted(posts=2, moment=When.DRAW),
        "Repost at least 2 posts of the contest and keep the reposts until the winners are "
        "checked after the draw",
        "Сделайте репосты не меньше 2 записей конкурса и сохраните их до проверки победителей "
        "после розыгрыша",
    ),
    (
        Quoted(moment=When.ONCE),
        "Quote the contest post; you may remove the quote later",
        "Процитируйте запись конкурса; потом цитату можно удалить",
    ),
    (
        Follows(communities=(BAKERY, CAKES), every=True),
        "Follow Bakery and Cakes at the close",
        "Будьте подписаны на сообщества «Bakery» и «Cakes» в момент закрытия",
    ),
    (
        Follows(communities=(BAKERY, CAKES), moment=When.ONCE),
        "Follow Bakery or Cakes at some time before the close",
        "Хотя бы раз до закрытия подпишитесь на сообщество «Bakery» или «Cakes»",
    ),
    (
        Joined(communities=(BAKERY,), moment=When.WHOLE_TIME),
        "Follow Bakery after the contest has opened, and do not leave until the close, not even "
        "for a while",
        "Подпишитесь на сообщество «Bakery» после открытия конкурса и не отписывайтесь до "
        "закрытия даже на время",
    ),
    (
        Entered(),
        "Enter with the organiser itself: by its button, its form or its list",
        "Подайте заявку самому организатору: кнопкой, формой или по списку",
    ),
    (
        FollowersAtLeast(least=21),
        "Have an account with at least 21 followers",
        "У аккаунта должно быть не меньше 21 подписчика",
    ),
    (
        Region(name="Татарстан", cities=("Казань", *["Челны"] * 21)),
        f"Name a city of Татарстан in your profile: Казань{', Челны' * 19} and 2 more cities",
        f"Укажите в профиле город региона «Татарстан»: Казань{', Челны' * 19} и ещё 2 города",
    ),
    (
        Region(name="Belarus and Tver", cities=("Тверь",), countries=("Беларусь",)),
        "Name a country or a city of Belarus and Tver in your profile: Беларусь; Тверь",
        "Укажите в профиле страну или город региона «Belarus and Tver»: Беларусь; Тверь",
    ),
    (
        Region(name="CIS", countries=("Россия", "Беларусь"), moment=When.DRAW),
        "Name a country of CIS in your profile, and keep it there until the winners are checked "
        "after the draw: Россия, Беларусь",
        "Укажите в профиле страну региона «CIS» и не меняйте до проверки победителей после "
        "розыгрыша: Россия, Беларусь",
    ),
    (
        City(names=("Тула",), moment=When.DRAW),
        "Name this city in your profile, and keep it there until the winners are checked after the "
        "draw: Тула",
        "Укажите в профиле город и не меняйте до проверки победителей после розыгрыша: Тула",
    ),
    (
        HasPicture(moment=When.DRAW),
        "Have a profile picture, and keep one until the winners are checked after the draw",
        "Поставьте фотографию профиля и сохраните её до проверки победителей после розыгрыша",
    ),
    (
        ProfileOpen(moment=When.DRAW),
        "Keep your profile open until the winners are checked after the draw",
        "Откройте профиль до закрытия конкурса и не закрывайте до проверки победителей после "
        "розыгрыша",
    ),
    (
        FollowersAtLeast(least=1, moment=When.DRAW),
        "Have an account with at least 1 follower, also when the winners are checked after the "
        "draw",
        "У аккаунта должно быть не меньше 1 подписчика, в том числе во время проверки победителей "
        "после розыгрыша",
    ),
    (
        Age(least=18, moment=When.DRAW),
        "Be at least 18 years old when the contest opens, as the profile shows, also when the "
        "winners are checked after the draw",
        "Вам должно быть не меньше 18 лет к открытию конкурса, и дата рождения видна в профиле, в "
        "том числе во время проверки победителей после розыгрыша",
    ),
    (
        NotStaff(),
        "Not open to those who help to run the contest's communities",
        "Не участвуют те, кто помогает вести сообщества конкурса",
    ),
    (
        NotPastWinner(days=21, moment=When.DRAW),
        "Not open to those who won a prize in another contest of ours in the 21 days before the "
        "close or until the winners are checked",
        "Не участвуют те, кто выиграл приз в другом конкурсе организатора за 21 день до закрытия "
        "или до проверки победителей",
    ),
    (
        NotPastWinner(days=1),
        "Not open to those who won a prize in another contest of ours in the 1 day before the "
        "close",
        "Не участвуют те, кто выиграл приз в другом конкурсе организатора за 1 день до закрытия",
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


CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.kind)
def test_every_kind_is_said_in_every_language_at_every_moment(kind: Kind) -> None:
    said = kind.example.sentences
    assert set(said) == set(kind.moments)
    for words in (kind.label, *said.values()):
        assert set(words) == set(Language)
        assert CYRILLIC.search(words[RU])
        assert not any(text.endswith(".") or "{" in text for text in words.values())
    assert len({words[EN] for words in said.values()}) == len(said)
    assert len({words[RU] for words in said.values()}) == len(said)


COUNTED: list[tuple[Callable[[int], Condition], tuple[str, str, str]]] = [
    (lambda n: AccountAge(days=n), ("дня", "дней", "дней")),
    (lambda n: NotPastWinner(days=n), ("день", "дня", "дней")),
    (lambda n: FollowersAtLeast(least=n), ("подписчика", "подписчиков", "подписчиков")),
    (lambda n: Age(least=n), ("года", "лет", "лет")),
    (lambda n: Commented(times=n), ("комментарий", "комментария", "комментариев")),
    (lambda n: Commented(words=n), ("слова", "слов", "слов")),
    (lambda n: Commented(mentions=n), ("аккаунта", "разных аккаунтов", "разных аккаунтов")),
    (lambda n: Liked(posts=n), ("записи", "записям", "записям")),
    (lambda n: Reposted(posts=n), ("записи", "записей", "записей")),
    (lambda n: Quoted(posts=n), ("записи", "записей", "записей")),
]


@pytest.mark.parametrize(
    ("count", "form"), [(2, 1), (3, 1), (5, 2), (11, 2), (12, 2), (21, 0), (22, 1), (111, 2)]
)
def test_every_counted_noun_is_declined(count: int, form: int) -> None:
    for make, forms in COUNTED:
        assert re.search(rf"(?<!\d){count} (different )?[a-z]+s\b", make(count).sentence(EN))
        assert re.search(rf"(?<!\d){count} {forms[form]}\b", make(count).sentence(RU))
