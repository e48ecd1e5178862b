"""Countries as people write them, and their two letters (ISO 3166-1)."""

import functools
import re
from collections.abc import Iterable, Mapping

from babel import Locale

from contest_service.domain.conditions import Language

_COUNTRY = re.compile(r"[A-Z]{2}")
_NONE = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
"""What has two letters among the territories and is no country."""
_ALSO = {
    "uk": "GB",
    "usa": "US",
    "рф": "RU",
    "сша": "US",
    "великобритания": "GB",
    "белоруссия": "BY",
    "киргизия": "KG",
}


def read_countries(text: str) -> tuple[list[str], list[str]]:
    """The two letters of countries, named in English, in Russian or by their letters, each once.

    Names are divided by commas, semicolons or lines. What is no country comes second.
    """
    known = _by_name()
    found: dict[str, None] = {}
    unknown = []
    for name in filter(None, map(str.strip, re.split(r"[,;\n]", text))):
        code = known.get(_plain(name))
        if code is None:
            unknown.append(name)
        else:
            found[code] = None
    return list(found), unknown


def say_countries(codes: Iterable[str], language: Language) -> str:
    """Name countries, divided by commas; one that has no name by its letters."""
    names = _names(language)
    return ", ".join(names.get(code, code) for code in codes)


@functools.cache
def _names(language: Language) -> Mapping[str, str]:
    """The countries' names by their letters; a comma in one would divide it."""
    territories = Locale.parse(language.value).territories
    return {
        code: name.replace(",", "")
        for code, name in territories.items()
        if _COUNTRY.fullmatch(code) and code not in _NONE
    }


@functools.cache
def _by_name() -> Mapping[str, str]:
    found = {_plain(name): code for language in Language for code, name in _names(language).items()}
    return found | {code.lower(): code for code in _names(Language.ENGLISH)} | _ALSO


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())
