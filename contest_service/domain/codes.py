"""One-time codes that people copy into a comment or a message. Pure; chance is the caller's.

Eight signs in two groups, such as `K7QF-9M2X`: 38 bits, which nobody guesses in half an hour. Each
group has a letter and a digit, so that neither words nor telephone numbers look like a code.
"""

import re
from collections.abc import Callable

DIGITS = "23456789"
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are taken for a digit."""

_ALPHABET = DIGITS + LETTERS
_LENGTH = 4
_GROUP = rf"(?=[{LETTERS}]*[{DIGITS}])(?=[{DIGITS}]*[{LETTERS}])[{_ALPHABET}]{{{_LENGTH}}}"
_DASH = r"[ \u00a0\u2010-\u2015\u2212-]?"
_CODE = re.compile(rf"(?<![^\W_])({_GROUP}){_DASH}({_GROUP})(?![^\W_])")
# A Russian keyboard writes letters that look the same.
_LOOK_ALIKES = str.maketrans("АВСЕНКМРТХУавсенкмртху", "ABCEHKMPTXY" * 2)
_LONGEST = 10_000
"""Characters of a text that are looked through."""


def make_code(choose: Callable[[str], str]) -> str:
    """Make a code of signs that `choose` takes from a text, each time any of them alike."""
    return "-".join(_group(choose) for _ in range(2))


def _group(choose: Callable[[str], str]) -> str:
    while True:
        signs = "".join(choose(_ALPHABET) for _ in range(_LENGTH))
        if not (signs.isdigit() or signs.isalpha()):
            return signs


def find_codes(text: str) -> tuple[str, ...]:
    """Find what has the form of a code in a text, each once, spelled as codes are given out.

    Small letters, Russian look-alikes, another dash and none are understood.
    """
    signs = text[:_LONGEST].translate(_LOOK_ALIKES).upper()
    return tuple(dict.fromkeys(f"{found[1]}-{found[2]}" for found in _CODE.finditer(signs)))
