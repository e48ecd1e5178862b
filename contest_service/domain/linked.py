"""Linked: the accounts of one person, who showed that they are theirs, judged as one entry.

What the accounts did is taken together, so that a like by one and a repost by another fulfil rules
that ask for both. What a profile has to show is enough on one of them. Whoever is excluded by one
of them is excluded. So linking never makes somebody who counts not count, but by an exclusion.
"""

import itertools
from collections.abc import Iterable, Sequence

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions import AnyCondition
from contest_service.domain.evidence import Action

MERGED = "merged"
"""The reason of the verdict on an entrant whose account was linked to another entry."""
_BEST_FIRST = (Verdict.HOLDS, Verdict.UNKNOWN, Verdict.WITHDRAWN, Verdict.FAILS)


def together(cases: Sequence[tuple[str, Case]]) -> Case:
    """Make one case of those of a person's accounts, each with its subject.

    The account that entered first comes first. Absence is proved only where it is for all of them:
    what one account was not seen to do may have been done by another that nobody can see.
    """
    parts = [case for _, case in cases]
    if len(parts) == 1:
        return parts[0]
    return msgspec.structs.replace(
        parts[0],
        presences=_presences(cases),
        complete=_complete(parts),
        untold=frozenset.intersection(*(each.untold for each in parts)),
        profile=_profile(parts),
        standing=_standing(parts),
        lists=frozenset().union(*(each.lists for each in parts)),
        is_staff=_any_or_unknown(each.is_staff for each in parts),
        won_at=tuple(sorted(itertools.chain(*(each.won_at for each in parts)))),
        copied=frozenset().union(*(each.copied for each in parts)),
        posts=tuple(dict.fromkeys(itertools.chain(*(each.posts for each in parts)))),
        apart=tuple(parts),
    )


def find(condition: AnyCondition, case: Case) -> Finding:
    """Judge a case by a condition; one that looks at the profile, by each account's own.

    Of several findings the best for the entrant counts, and of these the first account's.
    """
    if not case.apart or condition.action is not None or not condition.fact:
        return condition.judge(case)
    findings = [condition.judge(each) for each in case.apart]
    return min(findings, key=lambda found: _BEST_FIRST.index(found.verdict))


def first_seen(case: Case) -> int | None:
    """When the entrant was first seen to do anything; None if nothing is known of it."""
    return min(
        (
            seen.seen_at if seen.at is None else seen.at
            for each in case.presences.values()
            for seen in each
        ),
        default=None,
    )


def _presences(cases: Sequence[tuple[str, Case]]) -> dict[Action, tuple[Presence, ...]]:
    """All that was done, with the subject of the account that did it."""
    done: dict[Action, list[Presence]] = {}
    for subject, case in cases:
        for action, presences in case.presences.items():
            done.setdefault(action, []).extend(
                msgspec.structs.replace(seen, account=subject) for seen in presences
            )
    return {action: tuple(presences) for action, presences in done.items()}


def _complete(parts: Sequence[Case]) -> frozenset[Action]:
    """What all accounts were read for, but for those whose platforms never tell of it."""
    return frozenset(
        action
        for action in Action
        if all(action in each.complete or action in each.untold for each in parts)
    )


def _profile(parts: Sequence[Case]) -> Profile | None:
    """A closed profile where one is: what it publishes may be there, and shown to friends alone."""
    known = [each.profile for each in parts if each.profile is not None]
    closed = next((profile for profile in known if profile.is_closed), None)
    return closed or (known[0] if known else None)


def _standing(parts: Sequence[Case]) -> Standing:
    """Why one of the accounts cannot be seen, if one cannot."""
    hidden = (each.standing for each in parts if each.standing is not Standing.VISIBLE)
    return next(hidden, Standing.VISIBLE)


def _any_or_unknown(answers: Iterable[bool | None]) -> bool | None:
    given = list(answers)
    if any(given):
        return True
    return None if None in given else False
