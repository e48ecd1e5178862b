"""What is true of every case, whatever was done, and of every kind of condition."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Commented, Entered, Joined, When
from contest_service.domain.evidence import Action
from contest_service.domain.judging import judge_entrant
from contest_service.domain.rules import Tickets, Unverified, judge
from domain.cases import COMMUNITY, EVERYTHING, ME
from domain.histories import CONTESTS, OF_ACTIONS, chains, with_case
from domain.presences import presences_of

ONE = with_case(OF_ACTIONS)


def with_presences(case: Case, presences: list[Presence]) -> Case:
    sorted_out: dict[Action, tuple[Presence, ...]] = {}
    for seen in presences:
        sorted_out[seen.action] = (*sorted_out.get(seen.action, ()), seen)
    return msgspec.structs.replace(case, presences=sorted_out)


def everything_done(case: Case) -> list[Presence]:
    return [seen for presences in case.presences.values() for seen in presences]


@given(contest=CONTESTS, data=st.data())
@settings(max_examples=60)
def test_the_order_of_evidence_does_not_matter(
    contest: tuple[Any, Tickets, Case], data: st.DataObject
) -> None:
    rules, tickets, case = contest
    mixed = with_presences(case, data.draw(st.permutations(everything_done(case))))
    # The evidence too: it is hashed.
    given_ = {"rules": rules, "tickets": tickets, "unverified": Unverified.ADMIT}
    found = judge_entrant(case, **given_)
    assert msgspec.to_builtins(judge_entrant(mixed, **given_)) == msgspec.to_builtins(found)


KEPT = (
    st.sampled_from(Action)
    .flatmap(chains)
    .map(
        lambda chain: msgspec.structs.replace(
            chain[0], ref="at://kept", at=1500, seen_at=1600, gone_at=None, gone_why=None
        )
    )
)


@given(contest=CONTESTS, kept=KEPT)
@settings(max_examples=80)
def test_doing_more_in_time_takes_nothing_away(
    contest: tuple[Any, Tickets, Case], kept: Presence
) -> None:
    rules, tickets, case = contest
    more = with_presences(case, [*everything_done(case), kept])
    before, after = judge(rules, case).verdict, judge(rules, more).verdict
    assert after is Verdict.HOLDS or before is not Verdict.HOLDS
    had, has = (
        judge_entrant(each, rules=rules, tickets=tickets, unverified=Unverified.EXCLUDE).tickets
        for each in (case, more)
    )
    assert has >= had


@given(ONE)
@settings(max_examples=120)
def test_what_ended_before_the_moment_in_question_is_never_enough(one: tuple[Any, Case]) -> None:
    condition, case = one
    if condition.when is When.ONCE:
        there = [
            seen
            for seen in everything_done(case)
            if seen.gone_at is not None and seen.gone_at < case.opens_at
        ]
    else:
        there = [seen for seen in everything_done(case) if seen.gone_at is not None]
    assert condition.judge(with_presences(case, there)).verdict is not Verdict.HOLDS


@given(ONE)
@settings(max_examples=120)
def test_what_holds_rests_on_what_is_in_time_and_there_at_the_moment(
    one: tuple[Any, Case],
) -> None:
    condition, case = one
    finding = condition.judge(case)
    if finding.verdict is not Verdict.HOLDS:
        return
    assert finding.evidence
    for seen in finding.evidence:
        assert seen.gone_at is None or condition.when is When.ONCE
        assert seen.at is None or seen.at <= case.closes_at
        assert seen.gone_at is None or seen.gone_at >= case.opens_at
        if seen.action is not Action.FOLLOW:
            assert (seen.seen_at if seen.at is None else seen.at) >= case.opens_at


@given(ONE)
@settings(max_examples=80)
def test_the_later_the_moment_the_harder_it_is(one: tuple[Any, Case]) -> None:
    condition, case = one
    if isinstance(condition, Entered):
        return
    ranks = [
        msgspec.structs.replace(condition, moment=moment).judge(case).verdict is Verdict.HOLDS
        for moment in (When.WHOLE_TIME, When.CLOSE, When.ONCE)
    ]
    assert ranks == sorted(ranks)


@given(ONE)
@settings(max_examples=80)
def test_whoever_is_hidden_or_unread_is_never_said_to_have_failed(one: tuple[Any, Case]) -> None:
    condition, case = one
    if isinstance(condition, Joined):
        return  # that it began before the opening is certain, whatever cannot be seen
    unread = msgspec.structs.replace(case, complete=frozenset())
    hidden = msgspec.structs.replace(case, standing=Standing.BLOCKS_US)
    verdicts = {condition.judge(each).verdict for each in (unread, hidden)}
    assert verdicts <= {Verdict.HOLDS, Verdict.UNKNOWN}


@given(ONE)
@settings(max_examples=80)
def test_whoever_was_never_hidden_and_is_read_is_known(one: tuple[Any, Case]) -> None:
    condition, case = one
    never_hidden = [seen for seen in everything_done(case) if seen.gone_why is not GoneWhy.HIDDEN]
    seen_whole = msgspec.structs.replace(
        with_presences(case, never_hidden),
        complete=EVERYTHING,
        standing=Standing.VISIBLE,
        untold=frozenset(),
        profile=None,
    )
    finding = condition.judge(seen_whole)
    assert finding.verdict is not Verdict.UNKNOWN or finding.reason == "joined_when_unknown"


@given(
    comments=st.lists(presences_of(st.just(Action.COMMENT)), max_size=4),
    wanted=st.integers(1, 3),
    moment=st.sampled_from(When),
    one=ONE,
)
@settings(max_examples=80)
def test_mentions_of_oneself_and_of_the_community_never_count(
    comments: list[Presence], wanted: int, moment: When, one: tuple[Any, Case]
) -> None:
    def without(seen: Presence) -> Presence:
        others = tuple(who for who in seen.mentions if who not in (ME, COMMUNITY))
        return msgspec.structs.replace(seen, mentions=others)

    condition = Commented(mentions=wanted, moment=moment)
    case = with_presences(one[1], comments)
    plain = condition.judge(with_presences(one[1], list(map(without, comments))))
    found = condition.judge(case)
    assert (found.verdict, found.reason) == (plain.verdict, plain.reason)
