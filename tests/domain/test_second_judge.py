"""The judge against a second one, which is slow and plain, over whole contests."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.case import Case, Verdict
from contest_service.domain.conditions import Entered
from contest_service.domain.judging import EntrantState, judge_entrant
from contest_service.domain.rules import Bonus, Tickets, Unverified, bonuses_of, judge, tickets_of
from domain import naive
from domain.histories import (
    COMMENTED,
    CONTESTS,
    COUNTED,
    MEMBERSHIP,
    OF_OTHERS,
    ON_POSTS,
    cases_for,
    with_case,
)

_STATES = {
    Verdict.HOLDS: EntrantState.VALID,
    Verdict.UNKNOWN: EntrantState.CANNOT_VERIFY,
    Verdict.WITHDRAWN: EntrantState.INVALID,
    Verdict.FAILS: EntrantState.INVALID,
}


@pytest.mark.parametrize(
    "kinds",
    [ON_POSTS, COMMENTED, MEMBERSHIP, st.just(Entered()) | OF_OTHERS],
    ids=["on posts", "comments", "membership", "others"],
)
@given(data=st.data())
@settings(max_examples=250)
def test_two_judges_agree_on_every_condition(
    kinds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    condition, case = data.draw(with_case(kinds))
    found = judge(condition, case).due_to.finding
    assert found.verdict is naive.judge(condition, case)[0]
    assert found.reason in condition.reasons[found.verdict]


@given(CONTESTS)
@settings(max_examples=150)
def test_two_judges_agree_on_whole_contests(contest: tuple[Any, Tickets, Case]) -> None:
    rules, tickets, case = contest
    judgement = judge_entrant(case, rules=rules, tickets=tickets, unverified=Unverified.EXCLUDE)
    verdict = naive.judge_tree(rules, case)
    assert judgement.state is _STATES[verdict]
    is_valid = verdict is Verdict.HOLDS
    assert judgement.tickets == (naive.tickets(tickets, case) if is_valid else 0)
    assert judgement.tickets <= tickets.most


@given(COUNTED.flatmap(lambda bonus: st.tuples(st.just(bonus), cases_for(bonus.rule))))
@settings(max_examples=100)
def test_two_judges_count_the_same(given_: tuple[Bonus, Case]) -> None:
    bonus, case = given_
    tickets = Tickets(bonuses=(bonus,))
    assert tickets_of(tickets, bonuses_of(tickets, case)) == naive.tickets(tickets, case)
