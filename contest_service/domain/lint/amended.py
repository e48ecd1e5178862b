"""What a rule can object to in what changed after the start: promises, and posts. Pure.

Where whoever entered keeps their conditions, a change lets people be measured by two measures.
"""

import itertools
from collections.abc import Iterator, Mapping

from contest_service.domain.amendments import Amendments
from contest_service.domain.case import Verdict
from contest_service.domain.contest import Definition
from contest_service.domain.lint.base import Objection, Spot, Threshold
from contest_service.domain.lint.venues import Subject
from contest_service.domain.rules import Rule, conditions, verdict_of

_MOST = 10
"""Different conditions of which all cases are gone through."""


def _loosened(subject: Subject, _: Threshold) -> Iterator[Spot]:
    """Somebody would fulfil a later version, and not an earlier one that counts for others."""
    if any(_lets_in_more(later.rules, earlier.rules) for earlier, later in _steps(subject)):
        yield "/rules", {}


def _tightened(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if any(_lets_in_more(earlier.rules, later.rules) for earlier, later in _steps(subject)):
        yield "/rules", {}


def _chances_changed(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if any(earlier.tickets != later.tickets for earlier, later in _steps(subject)):
        yield "/tickets", {}


def _post_changed(subject: Subject, _: Threshold) -> Iterator[Spot]:
    if subject.is_post_changed:
        yield "", {}


def _steps(subject: Subject) -> Iterator[tuple[Definition, Definition]]:
    """Each version with the next, where earlier ones still count for somebody."""
    if subject.definition.amendments is Amendments.AS_ENTERED:
        yield from itertools.pairwise((*subject.earlier, subject.definition))


def _lets_in_more(rules: Rule, others: Rule) -> bool:
    """Whether something fulfils `rules` and not `others`; of very many conditions, if they differ.

    A condition with other parameters is another condition.
    """
    spots = [[(at, repr(each)) for at, each in conditions(rule)] for rule in (rules, others)]
    names = sorted({name for found in spots for _, name in found})
    if len(names) > _MOST:
        return rules != others
    for holding in itertools.product((Verdict.HOLDS, Verdict.FAILS), repeat=len(names)):
        known = dict(zip(names, holding, strict=True))
        ours, theirs = (
            verdict_of(rule, {at: known[name] for at, name in found})
            for rule, found in zip((rules, others), spots, strict=True)
        )
        if ours is Verdict.HOLDS and theirs is not Verdict.HOLDS:
            return True
    return False


OBJECTIONS: Mapping[str, Objection] = {
    "loosened": _loosened,
    "tightened": _tightened,
    "chances_changed": _chances_changed,
    "post_changed": _post_changed,
}
