"""Rules: a tree of conditions, and the tickets that an entrant who fulfils it holds.

The tree's three-valued logic: a branch that surely fails decides against what cannot be known, and
one that surely holds decides for it; only where the unknown matters is the whole unknown.
"""

import enum
import functools
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions import AnyCondition, Condition, Language, Unit, When
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action
from contest_service.domain.linked import find
from contest_service.domain.plain_text import MOST_BYTES, size_of
from contest_service.domain.wording import english, russian

DEEPEST = 8
MOST_CONDITIONS = 50
MOST_TICKETS = 100
MOST_BONUSES = 20
_MOST_REMEMBERED = 4096
_INDENT = 256
"""Bytes of a paragraph for what stands before a sentence: its place in the tree, its tickets."""


class AllOf(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="all_of", tag_field="kind"
):
    """Every branch has to hold."""

    of: tuple["Rule", ...]


class AnyOf(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="any_of", tag_field="kind"
):
    """One branch is enough."""

    of: tuple["Rule", ...]


class AtLeast(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="at_least", tag_field="kind"
):
    """`n` of the branches are enough."""

    n: int
    of: tuple["Rule", ...]


Group = AllOf | AnyOf | AtLeast
Rule = Group | AnyCondition


class Bonus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More tickets for an entrant for whom `rule` surely holds.

    With `per` they are given for each unit of what holds, for `most` units at most. `rule` is then
    one condition over an action that has such units.
    """

    rule: Rule
    tickets: int
    per: Unit | None = None
    most: int = 1


class Tickets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many tickets an entry holds: `base`, plus each bonus that holds, at most `cap`."""

    base: int = 1
    bonuses: tuple[Bonus, ...] = ()
    cap: int = MOST_TICKETS

    @property
    def most(self) -> int:
        """The highest weight that these rules can give to an entry."""
        return min(self.cap, self.base + sum(each.tickets * each.most for each in self.bonuses))


class Unverified(enum.StrEnum):
    """What the rules do with an entrant about whom a deciding condition cannot be known."""

    EXCLUDE = "exclude"
    ADMIT = "admit"


def conditions(rule: Rule, at: str = "") -> Iterator[tuple[str, AnyCondition]]:
    """Every condition below `rule`, with its JSON pointer, from left to right."""
    if isinstance(rule, Condition):
        yield at, rule
        return
    for number, branch in enumerate(rule.of):
        yield from conditions(branch, f"{at}/of/{number}")


def actions_asked(rule: Rule, tickets: Tickets) -> frozenset[Action]:
    """The actions that have to be watched so that rule and bonuses can be judged."""
    rules = [rule, *(bonus.rule for bonus in tickets.bonuses)]
    asked = (condition.action for each in rules for _, condition in conditions(each))
    return frozenset(action for action in asked if action is not None)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of a tree and what it found. `at` is its JSON pointer from the tree's root."""

    at: str
    condition: AnyCondition
    finding: Finding


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A tree's verdict, the first condition to which it is due, and all findings in order."""

    verdict: Verdict
    due_to: Judged
    findings: tuple[Judged, ...]


def judge(rule: Rule, case: Case, at: str = "") -> Outcome:
    """Judge a case by a tree without faults."""
    findings: list[Judged] = []
    verdict, due_to = _judge(rule, case, at=at, findings=findings)
    return Outcome(verdict=verdict, due_to=due_to, findings=tuple(findings))


def _judge(rule: Rule, case: Case, *, at: str, findings: list[Judged]) -> tuple[Verdict, Judged]:
    """Judge a case by a branch; what is found goes into `findings`, from left to right."""
    if isinstance(rule, Condition):
        judged = _find(rule, case, at)
        findings.append(judged)
        return judged.finding.verdict, judged
    verdicts: list[Verdict] = []
    due_to: list[Judged] = []
    for branch, place in zip(rule.of, _places(at, len(rule.of)), strict=True):
        if isinstance(branch, Condition):
            judged = _find(branch, case, place)
            findings.append(judged)
            verdict = judged.finding.verdict
        else:
            verdict, judged = _judge(branch, case, at=place, findings=findings)
        verdicts.append(verdict)
        due_to.append(judged)
    verdict = _count(verdicts, _needed(rule))
    # A group's verdict is always that of one of its branches at least.
    return verdict, due_to[verdicts.index(verdict)]


@functools.lru_cache(maxsize=1024)
def _places(at: str, branches: int) -> tuple[str, ...]:
    """The JSON pointers of a group's branches."""
    return tuple(f"{at}/of/{number}" for number in range(branches))


def _find(condition: AnyCondition, case: Case, at: str) -> Judged:
    """Judge a case by a condition; what many cases have in common is judged once."""
    if case.apart:
        return Judged(at=at, condition=condition, finding=find(condition, case))
    alike = condition.rests_on(case)
    if alike is None:
        return Judged(at=at, condition=condition, finding=condition.judge(case))
    remembered = condition.remembered
    judged: Judged | None = remembered.get(alike)
    if judged is None or judged.at != at:
        if len(remembered) >= _MOST_REMEMBERED:
            remembered.clear()
        judged = Judged(at=at, condition=condition, finding=condition.judge(case))
        remembered[alike] = judged
    return judged


def verdict_of(rule: Rule, verdicts: Mapping[str, Verdict], at: str = "") -> Verdict:
    """A tree's verdict by those of its conditions, which are given by their pointers.

    One that is not given cannot be known.
    """
    if isinstance(rule, Condition):
        return verdicts.get(at, Verdict.UNKNOWN)
    branches = [
        verdict_of(branch, verdicts, f"{at}/of/{number}") for number, branch in enumerate(rule.of)
    ]
    return _count(branches, _needed(rule))


def _needed(group: Group) -> int:
    match group:
        case AllOf():
            return len(group.of)
        case AnyOf():
            return 1
        case AtLeast():
            return group.n


def _count(branches: list[Verdict], needed: int) -> Verdict:
    holding = branches.count(Verdict.HOLDS)
    if holding >= needed:
        return Verdict.HOLDS
    if holding + branches.count(Verdict.UNKNOWN) >= needed:
        return Verdict.UNKNOWN
    withdrawn = branches.count(Verdict.WITHDRAWN)
    if withdrawn and holding + branches.count(Verdict.UNKNOWN) + withdrawn >= needed:
        return Verdict.WITHDRAWN
    return Verdict.FAILS


def bonuses_of(tickets: Tickets, case: Case) -> list[Outcome]:
    """Judge each bonus; pointers are from the root of the tickets.

    What a bonus counted stands among the facts of its finding, as `counted`.
    """
    return [
        _counted(bonus, case, judge(bonus.rule, case, f"/bonuses/{number}/rule"))
        for number, bonus in enumerate(tickets.bonuses)
    ]


def _counted(bonus: Bonus, case: Case, outcome: Outcome) -> Outcome:
    if bonus.per is None or outcome.verdict is not Verdict.HOLDS:
        return outcome
    (judged,) = outcome.findings
    count = judged.condition.count(case, judged.finding, bonus.per)
    facts = {**judged.finding.facts, "counted": min(count, bonus.most)}
    finding = msgspec.structs.replace(judged.finding, facts=facts)
    judged = msgspec.structs.replace(judged, finding=finding)
    return msgspec.structs.replace(outcome, due_to=judged, findings=(judged,))


def tickets_of(tickets: Tickets, outcomes: Iterable[Outcome]) -> int:
    """The tickets of an entrant who is valid, given the outcome of each bonus."""
    held = sum(
        bonus.tickets * int(outcome.due_to.finding.facts.get("counted", 1))
        for bonus, outcome in zip(tickets.bonuses, outcomes, strict=True)
        if outcome.verdict is Verdict.HOLDS
    )
    return min(tickets.cap, tickets.base + held)


def needs_action(rule: Rule) -> bool:
    """Tell whether nobody can fulfil the tree without doing anything that is asked for.

    Whoever does nothing is never seen, so rules that such a person would fulfil promise too much.
    """
    if isinstance(rule, Condition):
        return rule.action is not None
    passive = sum(not needs_action(branch) for branch in rule.of)
    return passive < _needed(rule)


def rule_faults(rule: Rule, at: str, *, depth: int = 1) -> list[Fault]:
    """Everything that is wrong with a tree, apart from the shape that its types already give."""
    if isinstance(rule, Condition):
        own = [msgspec.structs.replace(f, pointer=at + f.pointer) for f in rule.faults()]
        return own or _length_faults(rule, at)
    faults: list[Fault] = []
    if not rule.of:
        faults.append(Fault(pointer=f"{at}/of", detail="name at least one condition"))
    if isinstance(rule, AtLeast) and not 1 <= rule.n <= max(1, len(rule.of)):
        faults.append(Fault(pointer=f"{at}/n", detail=f"must lie between 1 and {len(rule.of)}"))
    if depth >= DEEPEST:
        faults.append(Fault(pointer=at, detail=f"rules nest at most {DEEPEST} deep"))
        return faults
    for number, branch in enumerate(rule.of):
        faults += rule_faults(branch, f"{at}/of/{number}", depth=depth + 1)
    # Counted in a sound tree only: one that is too deep could not be walked.
    if depth == 1 and not faults and sum(1 for _ in conditions(rule)) > MOST_CONDITIONS:
        faults.append(Fault(pointer=at, detail=f"at most {MOST_CONDITIONS} conditions"))
    return faults


def _length_faults(condition: AnyCondition, at: str) -> list[Fault]:
    """Whether a condition's texts are too long to be said in one paragraph of the terms."""
    longest = max(size_of((condition.sentence(language),)) for language in Language)
    if longest <= MOST_BYTES - _INDENT:
        return []
    detail = f"is said in {longest} bytes; at most {MOST_BYTES - _INDENT} fit, so shorten its texts"
    return [Fault(pointer=at, detail=detail)]


def ticket_faults(tickets: Tickets) -> list[Fault]:
    faults: list[Fault] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(Fault(pointer=f"/tickets{pointer}", detail=detail))

    if not 1 <= tickets.base <= MOST_TICKETS:
        fault("/base", f"must lie between 1 and {MOST_TICKETS}")
    if not tickets.base <= tickets.cap <= MOST_TICKETS:
        fault("/cap", f"must lie between the base and {MOST_TICKETS}")
    if len(tickets.bonuses) > MOST_BONUSES:
        fault("/bonuses", f"at most {MOST_BONUSES} bonuses")
    sound, limit = True, MOST_CONDITIONS
    for number, bonus in enumerate(tickets.bonuses):
        if not 1 <= bonus.tickets <= MOST_TICKETS:
            fault(f"/bonuses/{number}/tickets", f"must lie between 1 and {MOST_TICKETS}")
        shape = rule_faults(bonus.rule, f"/tickets/bonuses/{number}/rule")
        sound = sound and not shape
        faults += shape or _bonus_faults(bonus, f"/tickets/bonuses/{number}")
    if sound and sum(1 for bonus in tickets.bonuses for _ in conditions(bonus.rule)) > limit:
        fault("/bonuses", f"at most {limit} conditions over all bonuses")
    return faults


def _bonus_faults(bonus: Bonus, at: str) -> list[Fault]:
    """What is wrong with how a bonus counts, and with when its conditions have to hold."""
    faults = [
        Fault(pointer=f"{pointer}/moment", detail="tickets are fixed before the draw; give another")
        for pointer, condition in conditions(bonus.rule, f"{at}/rule")
        if condition.when is When.DRAW
    ]
    if bonus.per is None:
        if bonus.most != 1:
            detail = "limits what is counted: give per, too, or leave this out"
            faults.append(Fault(pointer=f"{at}/most", detail=detail))
        return faults
    if not 1 <= bonus.most <= MOST_TICKETS:
        detail = f"must lie between 1 and {MOST_TICKETS}"
        faults.append(Fault(pointer=f"{at}/most", detail=detail))
    units = bonus.rule.units if isinstance(bonus.rule, Condition) else ()
    if bonus.per not in units:
        choice = f"one of {', '.join(units)}" if units else "left out"
        detail = f"cannot be counted in this rule; must be {choice}"
        faults.append(Fault(pointer=f"{at}/per", detail=detail))
    return faults


def sentences(rule: Rule, language: Language) -> list[str]:
    """Say the rules to an entrant, one requirement a line; groups indent what belongs to them."""
    if isinstance(rule, Condition):
        return [rule.sentence(language)]
    lines = [line for branch in rule.of for line in _indented(sentences(branch, language))]
    return [_heading(rule, language), *lines]


def _indented(lines: list[str]) -> list[str]:
    return [f"– {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _heading(rule: Group, language: Language) -> str:
    russian_asked = language is Language.RUSSIAN
    match rule:
        case AllOf():
            return "Все условия:" if russian_asked else "All of these:"
        case AnyOf():
            return "Достаточно одного условия:" if russian_asked else "One of these is enough:"
        case AtLeast(n=n) if russian_asked:
            return f"Не меньше {russian(n, ('условия', 'условий', 'условий'))}:"
        case AtLeast(n=n):
            return f"At least {n} of these:"


def bonus_sentences(bonus: Bonus, language: Language) -> list[str]:
    """Say what a bonus is for, in lines as those of `sentences`."""
    first, *rest = sentences(bonus.rule, language)
    return [f"+{_more(bonus, language)}: {first}", *(f"  {line}" for line in rest)]


_EACH: dict[Unit, tuple[str, str]] = {
    Unit.POST: ("post", "каждую запись"),
    Unit.COMMENT: ("comment", "каждый комментарий"),
    Unit.MENTION: ("account mentioned", "каждый отмеченный аккаунт"),
    Unit.COMMUNITY: ("community", "каждое сообщество"),
}


def _more(bonus: Bonus, language: Language) -> str:
    most = bonus.tickets * bonus.most
    if language is Language.RUSSIAN:
        more = russian(bonus.tickets, ("билет", "билета", "билетов"))
        if bonus.per is None:
            return more
        at_most = russian(most, ("билета", "билетов", "билетов"))
        return f"{more} за {_EACH[bonus.per][1]}, всего не больше {at_most}"
    more = english(bonus.tickets, "ticket")
    if bonus.per is None:
        return more
    return f"{more} for each {_EACH[bonus.per][0]}, {english(most, 'ticket')} at most"
