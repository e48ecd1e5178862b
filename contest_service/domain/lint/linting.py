"""Lint a contest: every rule that is in force for it is asked for what it objects to. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.lint.objections import OBJECTIONS
from contest_service.domain.lint.rules import LintRule, Severity
from contest_service.domain.lint.venues import Subject, Venue
from contest_service.domain.money import Money, say_money
from contest_service.domain.wording import number

EUROPEAN = "EEA"
"""Stands in rules for every country of the European Economic Area."""
# fmt: off
_EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule objects to, at one place.

    `code` is the rule's, `at` the JSON pointer in the definition, empty for the contest as a whole
    and for posts. `checked` is the day on which `source` was read; one that is `second_hand`
    reports the rule of somebody else, so that the rule itself is worth reading.
    """

    code: str
    severity: Severity
    at: str
    what: str
    why: str
    way_out: str
    source: str
    second_hand: bool
    checked: date
    platforms: tuple[Venue, ...]
    countries: tuple[str, ...]


class Lint(msgspec.Struct, frozen=True, kw_only=True):
    """All remarks about a contest, warnings first.

    `notice` says what this is not. `rules` is how many rules were asked, `checked` the newest day
    on which a source was read.
    """

    notice: str
    language: Language
    rules: int
    checked: date
    warnings: int
    hints: int
    remarks: list[Remark]


def lint(subject: Subject, rules: Sequence[LintRule], language: Language) -> Lint:
    """Ask every rule that is in force for a contest. `rules` are not empty."""
    asked = [rule for rule in rules if is_in_force(rule, subject)]
    remarks = [remark for rule in asked for remark in _remarks(rule, subject, language)]
    warnings = [each for each in remarks if each.severity is Severity.WARNING]
    hints = [each for each in remarks if each.severity is Severity.HINT]
    return Lint(
        notice=_NOTICE[language],
        language=language,
        rules=len(asked),
        checked=max(rule.checked for rule in rules),
        warnings=len(warnings),
        hints=len(hints),
        remarks=warnings + hints,
    )


def is_in_force(rule: LintRule, subject: Subject) -> bool:
    """Tell whether a rule is for this contest: by its days, its platforms and its countries."""
    definition = subject.definition
    zone = ZoneInfo(definition.schedule.zone)
    first, last = (
        moment.astimezone(zone).date()
        for moment in (definition.schedule.opens_at, definition.schedule.draw_at)
    )
    if last < rule.valid_from or (rule.valid_until is not None and rule.valid_until < first):
        return False
    if rule.platforms and not subject.venues & set(rule.platforms):
        return False
    particulars = definition.particulars
    countries = set(particulars.countries) if particulars is not None else set()
    if countries & _EEA:
        countries.add(EUROPEAN)
    return not rule.countries or bool(countries & set(rule.countries))


def _remarks(rule: LintRule, subject: Subject, language: Language) -> Iterator[Remark]:
    words = rule.words(language)
    for at, facts in OBJECTIONS[rule.objection](subject, rule.threshold):
        said = {name: _say(fact, language) for name, fact in facts.items()}
        yield Remark(
            code=rule.code,
            severity=rule.severity,
            at=at,
            what=words.what.format_map(said),
            why=words.why.format_map(said),
            way_out=words.way_out.format_map(said),
            source=rule.source,
            second_hand=rule.second_hand,
            checked=rule.checked,
            platforms=rule.platforms,
            countries=rule.countries,
        )


def _say(fact: str | int | Money, language: Language) -> str:
    match fact:
        case Money():
            return say_money(fact, language)
        case int():
            return number(fact)
    return fact


_NOTICE = {
    Language.ENGLISH: "These are reminders of published rules, each with its source and the day on "
    "which it was checked. They are no legal advice, they are not complete, and they keep nobody "
    "from starting. Ask a lawyer where it matters.",
    Language.RUSSIAN: "Это напоминания об опубликованных правилах: у каждого указаны источник и "
    "день, когда его сверили. Это не юридическая консультация, перечень неполон, и начать конкурс "
    "он не мешает. Если это важно, спросите юриста.",
}
