"""Edits of rules, as an editor makes them: each takes a definition and a place, and makes another.

A place is a JSON pointer into the definition: `/rules/of/0`, `/tickets/bonuses/1/rule/of/2`. Pure.
What an edit makes may have faults, which `definition_faults` tells.
"""

import enum
import re
from collections.abc import Collection

import msgspec

from contest_service.domain.conditions import AnyCondition, Condition
from contest_service.domain.contest import Definition
from contest_service.domain.errors import NotFoundError
from contest_service.domain.rules import AllOf, AnyOf, AtLeast, Bonus, Group, Rule

RULES = "/rules"
_PLACE = re.compile(r"(/rules|/tickets/bonuses/([0-9]{1,3})/rule)((?:/of/[0-9]{1,3})*)")


class GroupKind(enum.StrEnum):
    """How many branches of a group have to hold."""

    ALL_OF = "all_of"
    ANY_OF = "any_of"
    AT_LEAST = "at_least"


def rule_at(definition: Definition, at: str) -> Rule:
    """The rule at a place. Raises NotFoundError."""
    number, path = _split(at)
    rule = definition.rules if number is None else _bonus(definition, number).rule
    for step in path:
        if isinstance(rule, Condition) or step >= len(rule.of):
            raise _nothing()
        rule = rule.of[step]
    return rule


def bonus_of(definition: Definition, at: str) -> Bonus | None:
    """The bonus of which the place is the whole rule; None for a place within, and for rules."""
    number, path = _split(at)
    return None if number is None or path else _bonus(definition, number)


def replaced(definition: Definition, at: str, rule: Rule) -> Definition:
    """Put another rule at a place. Raises NotFoundError."""
    number, path = _split(at)
    if number is None:
        return _with_rules(definition, _put(definition.rules, path, rule))
    bonus = _bonus(definition, number)
    whole = msgspec.structs.replace(bonus, rule=_put(bonus.rule, path, rule))
    return with_bonus(definition, number, whole)


def added(definition: Definition, at: str, condition: AnyCondition) -> Definition:
    """Put a condition behind those of a group; one that stands alone becomes a group of both."""
    here = rule_at(definition, at)
    if isinstance(here, Condition):
        return replaced(definition, at, AllOf((here, condition)))
    return replaced(definition, at, _of(here, (*here.of, condition)))


def removed(definition: Definition, at: str) -> Definition:
    """Take away what is at a place; a group within, of which one branch is left, becomes it."""
    rule_at(definition, at)
    number, path = _split(at)
    if not path:
        return definition if number is None else with_bonus(definition, number, None)
    parent = at.rpartition("/of/")[0]
    group = _group_at(definition, parent)
    left = (*group.of[: path[-1]], *group.of[path[-1] + 1 :])
    is_within = len(path) > 1 or number is not None
    return replaced(
        definition, parent, left[0] if is_within and len(left) == 1 else _of(group, left)
    )


def grouped(definition: Definition, places: Collection[str], kind: GroupKind) -> Definition:
    """Make a group of several branches of one group, where the first of them stood.

    Raises NotFoundError if they are fewer than two, or are not branches of the same group.
    """
    parents = {at.rpartition("/of/")[0] for at in places}
    chosen = sorted({_split(at)[1][-1] for at in places if _split(at)[1]})
    if len(parents) != 1 or len(chosen) < 2 or len(chosen) != len(places):
        raise NotFoundError("Choose two conditions or more that stand in the same group.")
    parent = parents.pop()
    group = _group_at(definition, parent)
    if chosen[-1] >= len(group.of):
        raise _nothing()
    made = group_of(kind, tuple(group.of[each] for each in chosen), n=1)
    if len(chosen) == len(group.of):
        return replaced(definition, parent, made)
    branches = [made if place == chosen[0] else each for place, each in enumerate(group.of)]
    kept = tuple(each for place, each in enumerate(branches) if place not in chosen[1:])
    return replaced(definition, parent, _of(group, kept))


def ungrouped(definition: Definition, at: str) -> Definition:
    """Let the branches of a group stand where it stood."""
    path = _split(at)[1]
    group = _group_at(definition, at)
    if not path:
        raise _nothing()
    parent = at.rpartition("/of/")[0]
    outer = _group_at(definition, parent)
    branches = (*outer.of[: path[-1]], *group.of, *outer.of[path[-1] + 1 :])
    return replaced(definition, parent, _of(outer, branches))


def regrouped(definition: Definition, at: str, kind: GroupKind, *, n: int) -> Definition:
    """Let a group ask for another number of its branches; `n` is for those of at least so many."""
    group = rule_at(definition, at)
    branches = (group,) if isinstance(group, Condition) else group.of
    return replaced(definition, at, group_of(kind, branches, n=n))


def group_of(kind: GroupKind, branches: tuple[Rule, ...], *, n: int) -> Group:
    """Make a group."""
    match kind:
        case GroupKind.ALL_OF:
            return AllOf(branches)
        case GroupKind.ANY_OF:
            return AnyOf(branches)
        case GroupKind.AT_LEAST:
            return AtLeast(n=n, of=branches)


def kind_of(group: Group) -> GroupKind:
    """What kind a group is."""
    return GroupKind(str(group.__struct_config__.tag))


def with_bonus(definition: Definition, number: int, bonus: Bonus | None) -> Definition:
    """Put a bonus at a number, behind the others if there is none there; None takes it away."""
    bonuses = list(definition.tickets.bonuses)
    bonuses[number : number + 1] = [] if bonus is None else [bonus]
    tickets = msgspec.structs.replace(definition.tickets, bonuses=tuple(bonuses))
    return msgspec.structs.replace(definition, tickets=tickets)


def bonus_at(number: int) -> str:
    """The place of a bonus's rule."""
    return f"/tickets/bonuses/{number}/rule"


def number_of(at: str) -> int | None:
    """The number of the bonus in which a place is; None for a place in the rules."""
    return _split(at)[0]


def _group_at(definition: Definition, at: str) -> Group:
    rule = rule_at(definition, at)
    if isinstance(rule, Condition):
        raise _nothing()
    return rule


def _split(at: str) -> tuple[int | None, list[int]]:
    """The bonus that a place is in, and the branches that lead to it. Raises NotFoundError."""
    found = _PLACE.fullmatch(at)
    if found is None:
        raise _nothing()
    path = [int(step) for step in found[3].split("/of/")[1:]]
    return (None if found[2] is None else int(found[2])), path


def _bonus(definition: Definition, number: int) -> Bonus:
    if number >= len(definition.tickets.bonuses):
        raise _nothing()
    return definition.tickets.bonuses[number]


def _with_rules(definition: Definition, rules: Rule) -> Definition:
    return msgspec.structs.replace(definition, rules=rules)


def _put(rule: Rule, path: list[int], new: Rule) -> Rule:
    if not path:
        return new
    first, *rest = path
    if isinstance(rule, Condition) or first >= len(rule.of):
        raise _nothing()
    branches = list(rule.of)
    branches[first] = _put(branches[first], rest, new)
    return _of(rule, tuple(branches))


def _of(group: Group, branches: tuple[Rule, ...]) -> Group:
    """The same group over other branches, of which it cannot ask for more than there are."""
    if isinstance(group, AtLeast):
        return AtLeast(n=max(1, min(group.n, len(branches))), of=branches)
    return msgspec.structs.replace(group, of=branches)


def _nothing() -> NotFoundError:
    return NotFoundError("There is no such condition here any more; load the page again.")
