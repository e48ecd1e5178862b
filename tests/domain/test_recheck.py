"""Rechecks: what winners can lose after the draw, and what was decided at the freeze."""

import pytest

from contest_service.domain.accounts import Profile
from contest_service.domain.case import Case, Verdict
from contest_service.domain.conditions import (
    Condition,
    Follows,
    HasPicture,
    Liked,
    NotStaff,
    Reposted,
    When,
)
from contest_service.domain.evidence import Action
from contest_service.domain.recheck import is_lost, is_rechecked, rechecks_profiles
from contest_service.domain.rules import AllOf, AnyOf, Rule, conditions, judge
from domain.cases import COMMUNITY, case, did

DRAW = When.DRAW
LIKE, REPOST = did(at=1500), did(Action.REPOST, at=1500)
UNLIKED = did(at=1500, withdrawn=3000)
GONE_REPOST = did(Action.REPOST, at=1500, withdrawn=3000)
FOLLOW = did(Action.FOLLOW, target=COMMUNITY, seen=10)
LEFT = did(Action.FOLLOW, target=COMMUNITY, seen=10, withdrawn=3000)


def lost(rule: Rule, before: Case, after: Case, *, recheck_winners: bool = False) -> bool:
    sealed = {each.at: each.finding.verdict for each in judge(rule, before).findings}
    again = judge(rule, after).findings
    return is_lost(rule, sealed, again, recheck_winners=recheck_winners)


LIKED_AND_FOLLOWS = AllOf((Liked(), Follows(moment=DRAW)))


@pytest.mark.parametrize(
    ("after", "every", "is_gone"),
    [
        (case(LIKE, FOLLOW), False, False),
        (case(LIKE, LEFT), False, True),
        (case(UNLIKED, FOLLOW), False, False),
        (case(UNLIKED, FOLLOW), True, True),
        (case(LIKE, complete=frozenset()), False, False),
    ],
    ids=["kept", "left", "unliked, which was asked at the close", "unliked, all asked", "unread"],
)
def test_who_lost_what_has_to_hold_still_is_out(after: Case, every: bool, is_gone: bool) -> None:
    before = case(LIKE, FOLLOW)
    assert lost(LIKED_AND_FOLLOWS, before, after, recheck_winners=every) is is_gone


def test_another_branch_that_holds_saves_a_winner() -> None:
    rule = AnyOf((Liked(moment=DRAW), Reposted()))
    assert not lost(rule, case(LIKE, REPOST), case(UNLIKED, GONE_REPOST))
    assert lost(rule, case(LIKE), case(UNLIKED))


@pytest.mark.parametrize("moment", [When.ONCE, When.WHOLE_TIME])
def test_what_was_decided_by_the_close_is_never_asked_again(moment: When) -> None:
    assert not lost(Liked(moment=moment), case(LIKE), case(UNLIKED), recheck_winners=True)


def shows(**facts: bool) -> Case:
    return case(LIKE, profile=Profile(account="me", handle="me.example", **facts))


@pytest.mark.parametrize(
    ("after", "is_gone"),
    [
        (shows(has_picture=True), False),
        (shows(has_picture=False), True),
        (shows(), False),
        (case(LIKE), False),
    ],
    ids=["kept", "removed", "not told", "no profile"],
)
def test_who_shows_no_longer_what_a_profile_has_to_show_is_out(after: Case, is_gone: bool) -> None:
    before = shows(has_picture=True)
    assert lost(AllOf((Liked(), HasPicture(moment=DRAW))), before, after) is is_gone
    assert not lost(AllOf((Liked(), HasPicture())), before, after)


@pytest.mark.parametrize(
    ("condition", "where_asked", "as_a_whole"),
    [
        (Liked(moment=DRAW), False, False),
        (HasPicture(), False, True),
        (HasPicture(moment=DRAW), True, True),
        (Reposted(), False, True),
        (Reposted(moment=DRAW), True, True),
        (Reposted(moment=When.ONCE), False, False),
    ],
)
def test_profiles_are_read_again_where_what_is_asked_again_looks_at_them(
    condition: Condition, where_asked: bool, as_a_whole: bool
) -> None:
    rule: Rule = AllOf((Liked(), condition))  # type: ignore[arg-type] # any kind of condition
    assert rechecks_profiles(rule, recheck_winners=False) is where_asked
    assert rechecks_profiles(rule, recheck_winners=True) is as_a_whole


def test_who_was_admitted_though_the_rules_failed_stays() -> None:
    rule = AllOf((Liked(), Follows(moment=DRAW)))
    assert not lost(rule, case(FOLLOW), case(LEFT))


def test_what_nobody_sealed_cannot_be_lost() -> None:
    again = judge(LIKED_AND_FOLLOWS, case(LIKE, LEFT)).findings
    assert not is_lost(LIKED_AND_FOLLOWS, {}, again[:1], recheck_winners=False)
    sealed = {"/of/0": Verdict.UNKNOWN, "/of/1": Verdict.HOLDS}
    assert is_lost(LIKED_AND_FOLLOWS, sealed, again, recheck_winners=False)


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        (Liked(), False),
        (Liked(moment=DRAW), True),
        (NotStaff(moment=DRAW), True),
        (HasPicture(), False),
        (HasPicture(moment=DRAW), True),
    ],
)
def test_a_contest_rechecks_where_a_condition_asks_for_it(
    condition: Condition, is_asked: bool
) -> None:
    rule: Rule = AllOf((AnyOf((condition,)),))  # type: ignore[arg-type] # any kind of condition
    assert [each for _, each in conditions(rule)] == [condition]
    assert is_rechecked(rule, recheck_winners=False) is is_asked
    assert is_rechecked(rule, recheck_winners=True)
