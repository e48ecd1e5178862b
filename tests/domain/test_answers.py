"""Answers to "do I take part?": a sentence for every reason, in both languages, for everybody."""

import re
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from contest_service.domain.answers import (
    NOT_SEEN,
    Moment,
    is_public,
    say_how,
    say_private,
    say_reason,
    say_state,
)
from contest_service.domain.catalogue import every_kind
from contest_service.domain.conditions import (
    Age,
    AnyCondition,
    City,
    Commented,
    Language,
    Liked,
    NotListed,
    ProfileOpen,
)
from contest_service.domain.judging import EntrantState
from contest_service.domain.reason_words import REASONS

CLOSE = datetime(2026, 5, 10, 15, tzinfo=UTC)


def at(language: Language, *, is_fixed: bool = False) -> Moment:
    return Moment(language=language, closes_at=CLOSE, zone="Europe/Moscow", is_fixed=is_fixed)


def reasons() -> set[str]:
    """Every reason that a condition gives."""
    return {code for kind in every_kind() for codes in kind.reasons.values() for code in codes}


def test_every_reason_has_its_words_and_no_words_are_left_over() -> None:
    assert reasons() == set(REASONS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_is_said_in_a_sentence(reason: str, language: Language) -> None:
    said = say_reason(reason, at(language))
    for text in filter(None, (said.text, said.next)):
        assert text.endswith(".")
        assert "{" not in text
        assert len(text) < 120
        assert bool(re.search("[А-Яа-я]", text)) is (language is Language.RUSSIAN)


def test_what_to_do_names_the_close_in_the_contest_s_zone() -> None:
    said = say_reason("profile_closed", at(Language.ENGLISH))
    assert "10 May 2026, 18:00 UTC+03:00" in said.next


def test_nothing_can_be_done_about_a_list_that_is_fixed() -> None:
    assert say_reason("undone", at(Language.ENGLISH, is_fixed=True)).next == ""
    said = say_state(EntrantState.INVALID, 0, at(Language.ENGLISH, is_fixed=True))
    assert "not in the final list" in said.text
    assert "cannot change" in said.next


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("is_fixed", [False, True])
@pytest.mark.parametrize("state", [*EntrantState, NOT_SEEN])
def test_every_state_is_said_with_what_to_do_next(
    state: str, is_fixed: bool, language: Language
) -> None:
    said = say_state(state, 3, at(language, is_fixed=is_fixed))
    assert said.text
    assert said.next
    assert "{" not in said.text + said.next


def test_of_a_contest_without_a_draw_nothing_else_is_said() -> None:
    for language in Language:
        void = msgspec.structs.replace(at(language, is_fixed=True), is_void=True)
        said = {say_state(state, 1, void).text for state in (*EntrantState, NOT_SEEN)}
        assert len(said) == 1


def test_the_owner_is_told_to_keep_the_receipt() -> None:
    own = msgspec.structs.replace(at(Language.ENGLISH, is_fixed=True), is_owner=True)
    assert "Keep your receipt" in say_state(EntrantState.VALID, 1, own).next
    assert "cannot change" in say_state(EntrantState.INVALID, 0, own).next


def test_tickets_are_declined() -> None:
    for count, word in ((1, "1 билет."), (2, "2 билета."), (5, "5 билетов.")):
        assert say_state(EntrantState.VALID, count, at(Language.RUSSIAN)).text.endswith(word)
    assert "1 ticket." in say_state(EntrantState.VALID, 1, at(Language.ENGLISH)).text


def test_only_what_people_did_in_public_is_for_everybody() -> None:
    for condition in (Liked(), Commented()):
        assert is_public(condition)
    private = (
        Age(least=18),
        City(names=("Tver",)),
        NotListed(list_id="x", name="Staff"),
        ProfileOpen(),
    )
    for each in private:
        assert not is_public(each)
    known = {type_.__name__ for type_ in get_args(AnyCondition)}
    assert {type(each).__name__ for each in private} < known
    assert "owner" in say_private(at(Language.ENGLISH)).text


def test_how_to_show_it_names_the_code_and_warns() -> None:
    for language in Language:
        lines = say_how(language, code="K7QF-9M2X", by=CLOSE, zone="UTC", by_message=True)
        assert len(lines) == 4
        assert "K7QF-9M2X" in lines[0]
        assert "15:00 UTC" in lines[2]
        assert len(say_how(language, code="K", by=CLOSE, zone="UTC", by_message=False)) == 3
