"""Rules: a tree of conditions, and the tickets that an entrant who fulfils it holds.

The tree's three-valued logic: a branch that surely fails decides against what cannot be known, and
one that surely holds decides for it; only where the unknown matters is the whole unknown.
"""

import enum
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple, Self, TypeVar

import msgspec

from contest_service.domain.case import LETTERS, Case, Finding, Verdict, setting_of
from contest_service.domain.conditions import AnyCondition, Condition, Language, Unit
from contest_service.domain.evidence import Action
from contest_service.domain.linked import find
from contest_service.domain.wording import english, russian

K = TypeVar("K")
V = TypeVar("V")

DEEPEST = 8
MOST_CONDITIONS = 50
MOST_TICKETS = 100
MOST_BONUSES = 20
_MOST_REMEMBERED = 4096
_MOST_READY = 64


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


class Judged(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """A condition of a tree and what it found. `at` is its JSON pointer from the tree's root.

    `mark` is the letter of its verdict. `first` is when the first action that counts for it was, or
    else was seen, in unix seconds; 0 if there is none. `is_shared` says that many cases have it in
    common. It is equal to itself alone, so that much can be remembered of it at little cost.
    """

    at: str
    condition: AnyCondition
    finding: Finding
    mark: str
    first: int
    is_shared: bool = False

    @classmethod
    def of(
        cls, at: str, condition: AnyCondition, finding: Finding, *, is_shared: bool = False
    ) -> Self:
        """Say what a condition found."""
        first = 0
        for seen in finding.evidence:
            began = seen.seen_at if seen.at is None else seen.at
            first = began if not first or began < first else first
        return cls(
            at=at,
            condition=condition,
            finding=finding,
            mark=LETTERS[finding.verdict],
            first=first,
            is_shared=is_shared,
        )


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tree's verdict, the first condition to which it is due, and all findings in order.

    `marks` are those of the findings.
    """

    verdict: Verdict
    due_to: Judged
    findings: tuple[Judged, ...]
    marks: str


def judge(rule: Rule, case: Case, at: str = "") -> Outcome:
    """Judge a case by a tree without faults."""
    ready = _made_ready(rule, at)
    findings = ready.find(case)
    marks = "".join([each.mark for each in findings])
    verdict, due_to = ready.decide(marks)
    return Outcome(verdict=verdict, due_to=findings[due_to], findings=findings, marks=marks)


class _Leaf(NamedTuple):
    """A condition of a tree, with what it found in cases of one setting, by what that rests on."""

    at: str
    condition: AnyCondition
    rests_on: Callable[[Case], Hashable]
    known: dict[Hashable, Judged]


class _Ready:
    """A tree made ready for many cases: what they have in common is judged once."""

    def __init__(self, rule: Rule, at: str) -> None:
        self.rule = rule
        self._conditions = list(conditions(rule, at))
        self._leaves: dict[Hashable, list[_Leaf]] = {}
        self._decided: dict[str, tuple[Verdict, int]] = {}

    def find(self, case: Case) -> tuple[Judged, ...]:
        """What each condition finds, from left to right."""
        if case.apart:
            return tuple([Judged.of(at, each, find(each, case)) for at, each in self._conditions])
        setting = setting_of(case)
        found = []
        for at, condition, rests_on, known in self._leaves.get(setting) or self._grow(setting):
            alike = rests_on(case)
            judged = known.get(alike)
            if judged is None:
                is_shared = alike is not None
                judged = Judged.of(at, condition, condition.judge(case), is_shared=is_shared)
                if is_shared:
                    _remember(known, alike, judged)
            found.append(judged)
        return tuple(found)

    def _grow(self, setting: Hashable) -> list[_Leaf]:
        leaves = [_Leaf(at, each, each.rests_on, {}) for at, each in self._conditions]
        _remember(self._leaves, setting, leaves, most=_MOST_READY)
        return leaves

    def decide(self, marks: str) -> tuple[Verdict, int]:
        """The tree's verdict by those of its conditions, and the first to which it is due."""
        decided = self._decided.get(marks)
        if decided is None:
            decided = _decide(self.rule, enumerate(verdicts(marks)))
            _remember(self._decided, marks, decided)
        return decided


_ready: dict[tuple[int, str], _Ready] = {}
"""By the id of a tree, which stays its own as long as it stands here."""


def _made_ready(rule: Rule, at: str) -> _Ready:
    ready = _ready.get((id(rule), at))
    if ready is None:
        ready = _Ready(rule, at)
        _remember(_ready, (id(rule), at), ready, most=_MOST_READY)
    return ready


_VERDICTS = {letter: verdict for verdict, letter in LETTERS.items()}


def verdicts(marks: str) -> Iterator[Verdict]:
    """Read marks: the verdicts of conditions, a letter each, in the order of the rules."""
    return (_VERDICTS[letter] for letter in marks)


def _remember(known: dict[K, V], key: K, value: V, *, most: int = _MOST_REMEMBERED) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value


def _decide(rule: Rule, verdicts: Iterator[tuple[int, Verdict]]) -> tuple[Verdict, int]:
    """A tree's verdict and the place of the condition that it is due to, by those of `verdicts`."""
    if isinstance(rule, Condition):
        place, verdict = next(verdicts)
        return verdict, place
    branches = [_decide(branch, verdicts) for branch in rule.of]
    verdict = _count([each for each, _ in branches], needed(rule))
    # A group's verdict is always that of one of its branches at least.
    return next(each for each in branches if each[0] is verdict)


def verdict_of(rule: Rule, verdicts: Mapping[str, Verdict], at: str = "") -> Verdict:
    """A tree's verdict by those of its conditions, which are given by their pointers.

    One that is not given cannot be known.
    """
    if isinstance(rule, Condition):
        return verdicts.get(at, Verdict.UNKNOWN)
    branches = [
        verdict_of(branch, verdicts, f"{at}/of/{number}") for number, branch in enumerate(rule.of)
    ]
    return _count(branches, needed(rule))


def needed(group: Group) -> int:
    """How many branches of a group have to hold."""
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
    judged = msgspec.structs.replace(judged, finding=finding, is_shared=False)
    return msgspec.structs.replace(outcome, due_to=judged, findings=(judged,))


def tickets_of(tickets: Tickets, outcomes: Iterable[Outcome]) -> int:
    """The tickets of an entrant who is valid, given the outcome of each bonus."""
    if not tickets.bonuses:
        return min(tickets.cap, tickets.base)
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
    return passive < needed(rule)


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
