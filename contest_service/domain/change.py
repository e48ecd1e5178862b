"""A change of a definition, and what every sentence about it needs. Pure."""

from collections.abc import Iterator

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.wording import english, russian

Noun = tuple[str, tuple[str, str, str]]
"""In English, and the three forms in Russian (`wording.russian`)."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A definition before and after an amendment, and the language in which that is said."""

    before: Definition
    after: Definition
    language: Language

    def say(self, *, en: str, ru: str) -> str:
        """Choose the sentence of the language."""
        return ru if self.language is Language.RUSSIAN else en

    def instead(self, what: tuple[str, str], before: str, after: str) -> Iterator[str]:
        """Say a value that changed: what it is in English and in Russian, and both values."""
        if before != after:
            en, ru = what
            yield self.say(
                en=f"{en}: {after} (before: {before})", ru=f"{ru}: {after} (раньше: {before})"
            )

    def quoted(self, text: str) -> str:
        """Put a text into the quotes of the language."""
        return self.say(en=f"“{text}”", ru=f"«{text}»")

    def counted(self, count: int, noun: Noun) -> str:
        """Say how many there are of something."""
        return self.say(en=english(count, noun[0]), ru=russian(count, noun[1]))
