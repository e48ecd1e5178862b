"""One-time codes: what they look like, and how they are found in what people write."""

import hashlib
import itertools
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.codes import DIGITS, LETTERS, find_codes, make_code

CODE = "K7QF-9M2X"


def test_a_code_is_found_as_it_was_made() -> None:
    made = {make_code(secrets.choice) for _ in range(500)}
    assert len(made) == 500
    for code in made:
        assert find_codes(code) == (code,)
        assert set(code) <= set(DIGITS + LETTERS + "-")


def test_nothing_that_is_taken_for_another_sign_is_in_a_code() -> None:
    assert not set("01ILOU") & set(DIGITS + LETTERS)


@pytest.mark.parametrize(
    "text",
    [
        "k7qf-9m2x",
        "Мой код: K7QF-9M2X!",
        "K7QF9M2X",
        "K7QF 9M2X",
        "K7QF–9M2X",
        "#K7QF-9M2X",
        "(K7QF-9M2X)",
        "К7QF-9М2Х",
        "к7qf-9м2х",
        "so\nK7QF-9M2X\nit is",
        "K7QF-9M2X K7QF-9M2X",
        "_K7QF-9M2X_",
    ],
)
def test_a_code_is_found_however_people_write_it(text: str) -> None:
    assert find_codes(text) == (CODE,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "well-known GREY-DAWN",
        "8-912-345-67-89 89234567 2345 6789",
        "xK7QF-9M2X",
        "K7QF-9M2X1",
        "K7QF--9M2X",
        "K7Q-9M2XX",
        "K7QF-9M2O",
        "x" * 10_001 + " " + CODE,
    ],
)
def test_what_is_no_code_is_not_taken_for_one(text: str) -> None:
    assert find_codes(text) == ()


def test_all_codes_of_a_text_are_found_in_their_order() -> None:
    assert find_codes(f"B2B2-C3C3, {CODE} B2B2-C3C3") == ("B2B2-C3C3", CODE)


@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    for code in find_codes(text):
        assert find_codes(code) == (code,)


def test_every_sign_is_as_likely_as_any_other() -> None:
    taken = itertools.count()
    signs = "".join(
        make_code(lambda all_: all_[_draw(next(taken)) % len(all_)]) for _ in range(9000)
    )
    # A group without a digit, or without a letter, is made anew, so digits are a little likelier.
    for kind in (DIGITS, LETTERS):
        counts = [signs.count(each) for each in kind]
        assert max(counts) < 1.2 * min(counts)


def _draw(number: int) -> int:
    """The same numbers in every run, with no order that shows."""
    return int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:8])
