"""Rule faults: what is wrong with a tree of conditions, or with the tickets, as it was written."""

import msgspec

from contest_service.domain.conditions import AnyCondition, Condition, Language, When
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import MOST_BYTES, size_of
from contest_service.domain.rules import (
    DEEPEST,
    MOST_BONUSES,
    MOST_CONDITIONS,
    MOST_TICKETS,
    AtLeast,
    Bonus,
    Rule,
    Tickets,
    conditions,
)

_INDENT = 256
"""Bytes of a paragraph for what stands before a sentence: its place in the tree, its tickets."""


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
