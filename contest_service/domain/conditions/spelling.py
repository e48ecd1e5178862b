"""What a text says, whatever its case, spaces and signs: its words, and the numbers in it. Pure.

Organisers give texts to look for, never patterns: a pattern could keep the judge busy for hours.
Everything here takes time in proportion to the text.
"""

import re
import unicodedata
from collections.abc import Sequence

_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+")
"""Digits, also with their thousands apart."""
_DRESS = frozenset(map(chr, (0x20E3, *range(0xFE00, 0xFE10))))
"""Marks that turn a sign into a picture of itself, and belong to no letter."""
_LONGEST_NUMBER = 18
"""Digits; a longer number is none that anybody asked for."""


def folded(text: str) -> str:
    """Bring spellings together that look the same to a reader (UAX 31, caseless)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, е for ё; signs and emoji only part them."""
    return tuple(folded(text).translate(_LETTERS).split())


def holds_words(text: Sequence[str], sought: Sequence[str]) -> bool:
    """Whether the sought words stand in a text, one right after another."""
    size = len(sought)
    first = sought[0]
    return any(
        word == first and tuple(text[at : at + size]) == tuple(sought)
        for at, word in enumerate(text)
    )


def numbers_of(text: str) -> set[int | None]:
    """The numbers of a text, each once; None stands for one that is too long to be told."""
    found = ("".join(each.split()) for each in _NUMBER.findall(unicodedata.normalize("NFKC", text)))
    return {int(digits) if len(digits) <= _LONGEST_NUMBER else None for digits in found}


def is_hashtag(text: str) -> bool:
    """Whether a text could stand behind the sign of a hashtag."""
    return all(char == "_" or unicodedata.category(char)[0] in "LMN" for char in text)


class _Letters(dict[int, str]):
    """What each character is in a word, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _letter(chr(code))
        return made


_LETTERS = _Letters()


def _letter(char: str) -> str:
    if char == "ё":
        return "е"
    if char in _DRESS:
        return ""
    # Marks are part of letters, in Hindi or in decomposed Russian.
    return char if unicodedata.category(char)[0] in "LMN" else " "
