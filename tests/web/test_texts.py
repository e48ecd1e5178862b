"""The pages' texts: all of them are said in Russian, and nothing else is."""

from datetime import timedelta

import pytest

from contest_service.domain.conditions import Language
from contest_service.web.language import words_in
from web import texts


def test_the_catalogue_is_fresh() -> None:
    assert texts.gathered().decode() == texts.CATALOGUE.read_text(), "run: make texts"


def test_every_text_is_said_in_russian_and_has_what_it_counts_or_names() -> None:
    catalogue = texts.read()
    assert len(catalogue) > 0
    missing = []
    for message in catalogue:
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(said)):
            missing.append(message.id)
        assert not list(message.check(catalogue)), message.id
    assert missing == []


def test_the_catalogue_tells_nothing_of_a_machine() -> None:
    written = texts.CATALOGUE.read_text()
    assert str(texts.ROOT) not in written
    assert "Date" not in written


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (0, "0 s", "0 с"),
        (59, "59 s", "59 с"),
        (7800, "2 h 10 min", "2 ч 10 мин"),
        (3600, "1 h", "1 ч"),
        (86400 + 60, "1 day", "1 день"),
        (2 * 86400 + 3600, "2 days 1 h", "2 дня 1 ч"),
        (11 * 86400, "11 days", "11 дней"),
        (1234 * 86400, "1\u202f234 days", "1\u202f234 дня"),
        (-5, "0 s", "0 с"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(
    seconds: int, english: str, russian: str
) -> None:
    duration = timedelta(seconds=seconds)
    assert words_in(Language.ENGLISH).span(duration) == english
    assert words_in(Language.RUSSIAN).span(duration) == russian
