"""Recheck: what has to hold for winners still after the draw, and who lost it since the freeze.

A contest rechecks its winners if a condition has to hold still at the draw, or if its definition
asks for it as a whole. Then what had to hold at the close is looked at once more, too; what was to
be done once, or to stay until the close, was decided at the freeze and is not asked again.
"""

from collections.abc import Iterable, Mapping

from contest_service.domain.case import Verdict
from contest_service.domain.conditions import AnyCondition, When
from contest_service.domain.evidence import Action
from contest_service.domain.rules import Judged, Rule, conditions, verdict_of

_LOST = frozenset({Verdict.FAILS, Verdict.WITHDRAWN})


def is_rechecked(rule: Rule, *, recheck_winners: bool) -> bool:
    """Whether anything is looked at once more after the draw."""
    return recheck_winners or any(each.when is When.DRAW for _, each in conditions(rule))


def asked_again(rule: Rule, *, recheck_winners: bool) -> list[AnyCondition]:
    """The conditions that are looked at once more after the draw, in the order of the rules."""
    return [
        each
        for _, each in conditions(rule)
        if _is_asked_again(each, recheck_winners=recheck_winners)
    ]


def rechecks_profiles(rule: Rule, *, recheck_winners: bool) -> bool:
    """Whether what is looked at once more after the draw looks at profiles."""
    return any(
        looks_at_profile(each) and _is_asked_again(each, recheck_winners=recheck_winners)
        for _, each in conditions(rule)
    )


def looks_at_profile(condition: AnyCondition) -> bool:
    """Whether a verdict rests on the profile, too: a closed one hides reposts."""
    return bool(condition.fact) or condition.action is Action.REPOST


def is_lost(
    rule: Rule,
    sealed: Mapping[str, Verdict],
    again: Iterable[Judged],
    *,
    recheck_winners: bool,
) -> bool:
    """Tell whether somebody for whom the rules did not fail at the freeze surely fails them now.

    `sealed` are the verdicts of the freeze by the conditions' pointers, `again` what was found
    after the draw. Whoever failed at the freeze already was admitted nevertheless, which stays so.
    What cannot be known now is no reason.
    """
    now = {
        each.at: each.finding.verdict
        for each in again
        if _is_asked_again(each.condition, recheck_winners=recheck_winners)
    }
    return verdict_of(rule, sealed) not in _LOST and verdict_of(rule, {**sealed, **now}) in _LOST


def _is_asked_again(condition: AnyCondition, *, recheck_winners: bool) -> bool:
    when = condition.when
    return when is When.DRAW or (recheck_winners and when is When.CLOSE)
