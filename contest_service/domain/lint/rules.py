"""The rules of platforms and laws as dated data: strictly read, with texts in all languages. Pure.

The data lies beside this module in TOML files; whoever reads files gives their bytes here.
"""

import enum
import string
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.lint.objections import FACTS, OBJECTIONS
from contest_service.domain.lint.venues import Venue
from contest_service.domain.money import Money

FILES = ("contest.toml", "platforms.toml", "law.toml")


class Severity(enum.StrEnum):
    """How much a remark matters. Neither keeps anybody from starting."""

    WARNING = "warning"
    """Something is asked for, or missing, against the rule."""
    HINT = "hint"
    """Something to look at that a definition cannot tell."""


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is found, why it matters, and the way out; `{facts}` stand for what was found."""

    what: str
    why: str
    way_out: str


class LintRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule, by the source that was read on the day `checked`.

    `source` is a web address; a reminder of our own has none. One that is `second_hand` reports the
    rule of somebody else, whose own words were not read. The rule is for contests on any of
    `platforms` and for residents of any of `countries`; an empty list is for all. It holds from
    `valid_from`, as far back as that is known, to `valid_until`, both included. `objection` names
    what finds it in a contest, `threshold` is the value over which it does.
    """

    code: str
    objection: str
    severity: Severity
    source: str = ""
    second_hand: bool = False
    checked: date
    valid_from: date
    valid_until: date | None = None
    platforms: tuple[Venue, ...] = ()
    countries: tuple[str, ...] = ()
    threshold: Money | None = None
    en: Words
    ru: Words

    def words(self, language: Language) -> Words:
        """Choose the texts of a language."""
        return self.ru if language is Language.RUSSIAN else self.en


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: tuple[LintRule, ...]


def read_rules(files: Iterable[bytes]) -> tuple[LintRule, ...]:
    """Decode and check files of rules.

    Raises msgspec.ValidationError for another shape, and ValueError for rules that contradict
    themselves or say what nobody finds.
    """
    rules = tuple(rule for file in files for rule in msgspec.toml.decode(file, type=_File).rules)
    codes = [rule.code for rule in rules]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise ValueError(f"two rules have the same code: {sorted(twice)}")
    for rule in rules:
        _require_sound(rule)
    return rules


def _require_sound(rule: LintRule) -> None:
    if rule.objection not in OBJECTIONS:
        raise ValueError(f"{rule.code}: nothing finds {rule.objection!r}")
    if rule.valid_until is not None and rule.valid_until < rule.valid_from:
        raise ValueError(f"{rule.code}: ends before it begins")
    known: Mapping[str, object] = FACTS[rule.objection]
    if ("threshold" in known) != (rule.threshold is not None):
        raise ValueError(f"{rule.code}: give a threshold exactly where one is compared with")
    for words in (rule.en, rule.ru):
        for text in (words.what, words.why, words.way_out):
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            if not text.strip() or not named <= set(known):
                raise ValueError(f"{rule.code}: is empty or names unknown facts: {text!r}")
