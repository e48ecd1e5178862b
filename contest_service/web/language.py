"""The words of pages: gettext straight from the committed catalogues, and how times, durations and
numbers are said. English is the source text.

A text in Python is written `words.gettext("…")`, in a template `_("…")`; `make texts` finds both.
"""

import functools
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlencode

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.support import NullTranslations, Translations
from litestar import Request

from contest_service.accept_language import preferred
from contest_service.domain.conditions import Language
from contest_service.domain.dates import say_time, say_time_and_zone
from contest_service.domain.wording import number
from contest_service.web.refusals import Refusals

COOKIE = "language"
PARAMETER = "lang"
NAMES: Mapping[Language, str] = {Language.ENGLISH: "English", Language.RUSSIAN: "Русский"}


class Words:
    """What pages say, in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        catalogue = _read(language)
        self.catalogue = _packed(catalogue)
        self._refusals = Refusals(catalogue)

    def gettext(self, text: str, **values: object) -> str:
        """Say a text; `values` fill its `%(name)s`."""
        said = self.catalogue.ugettext(text)
        return said % values if values else said

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """Say a text that counts; `%(num)s` is the number as people read it."""
        said = self.catalogue.ungettext(one, many, count)
        return said % ({"num": number(count)} | values)

    def refusal(self, text: str) -> str:
        """Say what was refused, or failed, and was told in English."""
        return self._refusals.say(text)

    def time(self, moment: datetime, zone: str = "UTC") -> str:
        """Say a moment with its offset from UTC."""
        return say_time(moment, zone, self.language)

    def time_and_zone(self, moment: datetime, zone: str = "UTC") -> str:
        """Say a moment with its offset and the name of its zone."""
        return say_time_and_zone(moment, zone, self.language)

    def number(self, count: int) -> str:
        """Say a number with narrow spaces between its thousands."""
        return number(count)

    def span(self, duration: timedelta) -> str:
        """Say a duration in its two largest units, as in `2 h 10 min`."""
        seconds = max(0, int(duration.total_seconds()))
        sizes = (86400, 3600, 60, 1)
        counts = [seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60]
        first = next((place for place, count in enumerate(counts) if count), len(sizes) - 1)
        said = [
            self._unit(sizes[place], counts[place])
            for place in (first, first + 1)
            if place < len(sizes) and (counts[place] or place == first)
        ]
        return " ".join(said)

    def _unit(self, size: int, count: int) -> str:
        match size:
            case 86400:
                return self.ngettext("%(num)s day", "%(num)s days", count)
            case 3600:
                return self.gettext("%(num)s h", num=count)
            case 60:
                return self.gettext("%(num)s min", num=count)
            case _:
                return self.gettext("%(num)s s", num=count)


def address(url: str) -> str:
    """Show an address as people know it: without its scheme."""
    return url.partition("://")[2].rstrip("/") or url


@functools.cache
def words_in(language: Language) -> Words:
    """The words of a language."""
    return Words(language)


def words_of(request: Request[Any, Any, Any]) -> Words:
    """The words in the language that a request asks for: by address, by cookie, by its browser."""
    return words_in(language_of(request))


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The language of a request's page."""
    asked = asked_language(request)
    if asked is not None:
        return asked
    kept = _known(request.cookies.get(COOKIE, ""))
    if kept is not None:
        return kept
    return preferred(request.headers.get("accept-language", ""), otherwise=Language.ENGLISH)


def asked_language(request: Request[Any, Any, Any]) -> Language | None:
    """The language that the address itself asks for, which is kept from then on."""
    return _known(request.query_params.get(PARAMETER, ""))


def addresses_by_language(request: Request[Any, Any, Any]) -> dict[Language, str]:
    """This page's own address in each language."""
    kept = [(name, value) for name, value in _query(request) if name != PARAMETER]
    return {each: f"?{urlencode([*kept, (PARAMETER, each.value)])}" for each in Language}


def _query(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    raw: bytes = request.scope["query_string"]
    return parse_qsl(raw.decode("ascii", "replace"), keep_blank_values=True)


def _known(name: str) -> Language | None:
    return next((each for each in Language if each.value == name), None)


def _read(language: Language) -> Catalog:
    """The texts of a language; of English none, since it is the source."""
    if language is Language.ENGLISH:
        return Catalog()
    file = resources.files("contest_service.web").joinpath(
        "locales", language.value, "LC_MESSAGES", "messages.po"
    )
    return pofile.read_po(io.BytesIO(file.read_bytes()), locale=language.value)


def _packed(catalogue: Catalog) -> NullTranslations:
    packed = io.BytesIO()
    mofile.write_mo(packed, catalogue)
    packed.seek(0)
    return Translations(packed) if len(catalogue) else NullTranslations()
