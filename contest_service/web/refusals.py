"""Says refusals in the reader's language.

The rooms below refuse in English, with values put in, and what failed is kept like that too. So a
refusal is recognised by its template, which `make texts` gathers from the sources into the
catalogue, in the context `refusal`; its values are said in the same way.
"""

import re
from collections.abc import Iterator

import msgspec
from babel.messages.catalog import Catalog, Message

CONTEXT = "refusal"
_PLACE = re.compile(r"%\((\w+)\)s|(%%)")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…]) |; ")
_MOST_SENTENCES = 12


class _Template(msgspec.Struct, frozen=True, kw_only=True):
    pattern: re.Pattern[str]
    said: str
    fixed: int
    """How many characters are no values: the more, the surer."""


class Refusals:
    """The refusals of a catalogue."""

    def __init__(self, catalogue: Catalog) -> None:
        found = [each for each in catalogue if each.context == CONTEXT and each.string]
        self._whole = {str(each.id): str(each.string) for each in found if not _has_values(each)}
        templates = [_template(each) for each in found if _has_values(each)]
        self._templates = sorted(templates, key=lambda each: -each.fixed)

    def say(self, text: str) -> str:
        """Say a refusal, or several one after the other; what is not known stays as it is."""
        return self._find(text) or "".join(self._say_sentences(text))

    def knows(self, text: str) -> bool:
        """Whether a refusal is one of the catalogue's."""
        return self._find(text) is not None

    def _find(self, text: str) -> str | None:
        if text in self._whole:
            return self._whole[text]
        for each in self._templates:
            if match := each.pattern.fullmatch(text):
                values = {name: self.say(value) for name, value in match.groupdict().items()}
                return each.said % values
        return None

    def _say_sentences(self, text: str) -> Iterator[str]:
        """Say the longest beginnings that are known, one after the other."""
        ends = [match.span() for match in _SENTENCE_ENDS.finditer(text)][:_MOST_SENTENCES]
        for end, after in reversed(ends):
            said = self._find(text[:end])
            if said is not None:
                yield from (said, text[end:after], self.say(text[after:]))
                return
        yield text


def _has_values(message: Message) -> bool:
    return _PLACE.search(str(message.id)) is not None


def _template(message: Message) -> _Template:
    written = str(message.id)
    pattern, at, fixed = "", 0, 0
    for place in _PLACE.finditer(written):
        literal = written[at : place.start()] + ("%" if place[2] else "")
        pattern += re.escape(literal) + (f"(?P<{place[1]}>.+?)" if place[1] else "")
        fixed += len(literal)
        at = place.end()
    pattern += re.escape(written[at:])
    return _Template(
        pattern=re.compile(pattern, re.DOTALL),
        said=str(message.string),
        fixed=fixed + len(written) - at,
    )
