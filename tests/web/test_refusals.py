"""Refusals: every one that the sources can make is said in both languages, with its values."""

import re

import pytest

from contest_service.domain.conditions import Language
from contest_service.web.language import words_in
from contest_service.web.refusals import CONTEXT
from contest_service.web.refusals import Refusals as Said
from web import texts
from web.refusals import Refusals

_PLACE = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def refusals() -> Refusals:
    return Refusals()


def test_every_refusal_of_the_sources_can_be_read(refusals: Refusals) -> None:
    assert refusals.unreadable == []
    assert len(refusals.found) > 300


def test_every_refusal_is_said_in_russian(refusals: Refusals) -> None:
    catalogue = texts.read()
    silent = []
    for text, places in refusals.found.items():
        message = catalogue.get(text, CONTEXT)
        if message is None or not re.search("[а-яё]|%", str(message.string)):
            silent.append(f"{sorted(places)}: {text}")
    assert silent == []


def test_each_is_recognised_with_its_values_put_in(refusals: Refusals) -> None:
    """Whatever stands in a refusal, its own template is the one that is found."""
    catalogue = texts.read()
    said = Said(catalogue)
    wrong = []
    for text in refusals.found:
        names = _PLACE.findall(text)
        values = {name: f"“{name}” 17" for name in names}
        told = text % values if names else text
        expected = str(catalogue.get(text, CONTEXT).string)
        if said.say(told) != (expected % values if names else expected):
            wrong.append((text, said.say(told)))
    assert wrong == []


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("Sign in first.", "Сначала войдите."),
        (
            "Your role is auditor, which does not allow this.",
            "Ваша роль (аудитор) этого не позволяет.",
        ),
        (
            "The closing scans are not complete yet. vk.com did not answer in time.",
            "Закрывающие чтения ещё не завершены. vk.com не ответил вовремя.",
        ),
        (
            "The result could not be published: VK forbids links in this community. (VK's error "
            "222 at wall.createComment: Hyperlinks are forbidden)",
            "Результат не удалось опубликовать: VK не разрешает ссылки в этом сообществе. (ошибка "
            "VK 222, метод wall.createComment: Hyperlinks are forbidden)",
        ),
        (
            "It could not start: /rules: name at least one condition; /draws: give at least one "
            "tier of prizes",
            "Начать не удалось: /rules: Укажите хотя бы одно условие; /draws: Добавьте хотя бы "
            "один приз",
        ),
        ("50 % of a text that is not ours.", "50 % of a text that is not ours."),
        ("", ""),
    ],
)
def test_refusals_are_said_with_what_they_hold(english: str, russian: str) -> None:
    assert words_in(Language.RUSSIAN).refusal(english) == russian
    assert words_in(Language.ENGLISH).refusal(english) == english
