"""By which version of the rules an entrant is judged."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from contest_service.domain.amendments import (
    Amendments,
    Applied,
    entered_between,
    in_force_for,
    judge_by_version,
    say_amendments,
)
from contest_service.domain.case import Presence
from contest_service.domain.conditions import Language, Liked, Reposted
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, judge_entrant
from contest_service.domain.rules import AllOf, Rule, Tickets, Unverified
from domain.cases import case, did
from domain.presences import presences_of


def applied(version: int, in_force_at: int, rules: Rule, base: int = 1) -> Applied:
    return Applied(
        version=version,
        in_force_at=in_force_at,
        rules=rules,
        tickets=Tickets(base=base),
        unverified=Unverified.EXCLUDE,
    )


BOTH = AllOf((Liked(), Reposted()))
HARDER = (applied(1, 900, Liked()), applied(2, 1500, BOTH))
EASIER = (applied(1, 900, BOTH), applied(2, 1500, Liked()))


def versions(*presences: Presence, among: tuple[Applied, ...] = HARDER) -> list[int]:
    return [each.version for each in in_force_for(case(*presences), among)]


def test_whoever_entered_before_an_amendment_keeps_their_version() -> None:
    assert versions(did(at=1400)) == [1]
    assert versions(did(at=1501)) == [2]
    assert versions(did(at=1500)) == [1, 2], "of the very second of the amendment"
    assert versions(did(absent=1300, seen=1450)) == [1]
    assert versions(did(absent=1300, seen=1600)) == [1, 2], "somewhere in between"
    assert versions(did(absent=1510, seen=1600)) == [2]
    assert versions(did(seen=1600)) == [1, 2], "since whenever"


def test_entering_is_the_first_action_whatever_became_of_it() -> None:
    first = did(at=1400, withdrawn=1450)
    assert versions(first, did(Action.REPOST, at=1600)) == [1]
    assert versions(did(at=2001), did(Action.COMMENT, at=1600)) == [2], "not one that is too late"
    assert versions(did(at=2001)) == [2], "nothing counts: the newest"


def test_a_follow_is_entering_only_where_there_is_nothing_else() -> None:
    follow = did(Action.FOLLOW, at=1100)
    assert versions(follow, did(at=1600)) == [2]
    assert versions(follow) == [1]


def test_where_it_is_open_the_better_version_counts() -> None:
    unsure = case(did(absent=1300, seen=1600))
    for among, version in ((HARDER, 1), (EASIER, 2)):
        judgement = judge_by_version(unsure, among)
        assert (judgement.state, judgement.terms_version) == (EntrantState.VALID, version)
    more = (applied(1, 900, Liked(), base=1), applied(2, 1500, Liked(), base=2))
    assert judge_by_version(unsure, more).tickets == 2
    alike = (applied(1, 900, Liked()), applied(2, 1500, Liked()))
    assert judge_by_version(unsure, alike).terms_version == 1


@given(
    st.lists(presences_of(st.sampled_from(list(Action))), max_size=5),
    st.lists(st.integers(900, 2100), min_size=1, max_size=4, unique=True).map(sorted),
)
def test_one_version_counts_and_it_is_one_of_those_that_may_have_been_in_force(
    presences: list[Presence], amended_at: list[int]
) -> None:
    among = tuple(
        applied(number, at, Liked() if number % 2 else BOTH, base=number)
        for number, at in enumerate([0, *amended_at], 1)
    )
    of = case(*presences)
    counted = judge_by_version(of, among)
    open_ones = [each.version for each in in_force_for(of, among)]
    assert open_ones == list(range(open_ones[0], open_ones[-1] + 1))
    assert counted.terms_version in open_ones
    rules = among[(counted.terms_version or 1) - 1]
    again = judge_entrant(of, rules=rules.rules, tickets=rules.tickets, unverified=rules.unverified)
    again = msgspec.structs.replace(again, terms_version=counted.terms_version)
    assert to_builtins(again) == to_builtins(counted)
    entered = entered_between(of)
    if entered is not None:
        assert entered[0] <= entered[1]
    newest = among[-1]
    alone = judge_entrant(
        of, rules=newest.rules, tickets=newest.tickets, unverified=newest.unverified
    )
    counted = judge_by_version(of, [newest])
    assert to_builtins(counted) == to_builtins(alone), "one version alone counts for everybody"


def test_the_terms_say_for_whom_a_change_counts_in_both_languages() -> None:
    said = [say_amendments(how, language) for how in Amendments for language in Language]
    assert len(set(said)) == len(Amendments) * len(Language)
