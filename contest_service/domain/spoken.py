"""How data may speak of a person: the strings to look for when they are erased. Pure.

A string counts as a whole word only, in any case. Too much that is found costs little, since it is
looked for in what nobody needs any more.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.texts import places_of

ERASED = "(erased)"
"""What stands in the place of a text that spoke of somebody."""
_SHORTEST_NAME = 4
"""Characters; a shorter name says nothing about whom it means."""
_CUT = "…"


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """Strings that mean one person: `ids` where data speaks, `names` where people do too."""

    ids: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def in_texts(self) -> str:
        """A regular expression, for PostgreSQL and for Python alike, of what people write.

        A bare number is nobody's name there. It matches nothing if there is nothing to look for.
        """
        names = {*self.names, *(id_ for id_ in self.ids if not id_.isdigit())}
        return _words(names)

    @property
    def in_data(self) -> str:
        """The same for what programs write, where a bare number may be an account."""
        return _words({*self.names, *self.ids})

    def in_bytes(self, data: bytes) -> bool:
        """Whether JSON, or any text in UTF-8, speaks of the person: escaped or not."""
        words = {form for each in (*self.names, *self.ids) for form in _spellings(each)}
        pattern = _words(words).encode()
        return re.search(pattern, data, re.IGNORECASE) is not None

    def out_of(self, value: Any) -> Any:
        """The JSON value with every text in it replaced that speaks of the person."""
        if isinstance(value, dict):
            return {key: self.out_of(held) for key, held in value.items()}
        if isinstance(value, list):
            return [self.out_of(held) for held in value]
        if isinstance(value, str) and re.search(self.in_data, value, re.IGNORECASE):
            return ERASED
        return value


def spoken(accounts: Iterable[AccountKey], names: Iterable[str]) -> Spoken:
    """Gather the strings: stable ids, subjects, and `names` with or without their sign."""
    ids = set()
    said = set()
    for account in accounts:
        ids |= {account.id, account.subject}
        if account.platform is Platform.VK:
            said.add(f"id{account.id}")
    for name in names:
        said |= {name, name.removeprefix("@")}
    kept = {name for name in said if len(name) >= _SHORTEST_NAME}
    return Spoken(ids=tuple(sorted(ids)), names=tuple(sorted(kept)))


def renamed(text: str, label: str, instead: str) -> str:
    """A published text that calls somebody by their commitment instead of by `label`.

    What an ellipsis left of the label goes too.
    """
    for place in reversed(places_of(label, text)):
        text = text[:place] + instead + text[place + len(label) :]
    words = text.split()
    cut = {word for word in words if word.endswith(_CUT) and _begins(word, label)}
    for word in cut:
        text = text.replace(word, instead)
    return text


def _begins(word: str, label: str) -> bool:
    """Whether a word that was cut is the beginning of a label: of its sign and more."""
    part = word.removesuffix(_CUT).rstrip(".-")
    return len(part) > 1 and label.startswith(part)


def _words(strings: Iterable[str]) -> str:
    # `(?!)` matches nothing in Python, but PostgreSQL has no such thing; a lookahead that
    # contradicts itself is understood by both.
    escaped = [re.escape(each) for each in sorted(strings)]
    return rf"(?<!\w)(?:{'|'.join(escaped)})(?!\w)" if escaped else r"x(?=y)(?=z)"


def _spellings(text: str) -> set[str]:
    escaped = json.dumps(text)[1:-1]
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    return {text, plain, escaped, plain.replace("/", "\\/"), escaped.replace("/", "\\/")}
