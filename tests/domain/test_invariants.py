"""What is true of every case, whatever was done."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import Standing
from contest_service.domain.case import GoneWhy, Presence, Verdict
from contest_service.domain.conditions import Commented, Condition
from contest_service.domain.evidence import Action
from contest_service.domain.rules import Rule, judge
from domain.cases import CLOSES, COMMUNITY, EVERYTHING, ME, OPENS, case
from domain.presences import (
    ACTION_CONDITIONS,
    ACTION_RULES,
    ANY_ACTION,
    PRESENCES,
    presences_of,
)

STANDINGS = st.sampled_from(Standing)
READ = st.frozensets(st.sampled_from(Action)) | st.just(EVERYTHING)
KEPT = presences_of(ANY_ACTION).map(
    lambda seen: msgspec.structs.replace(
        seen, ref="at://kept", at=1500, seen_at=1600, gone_at=None, gone_why=None
    )
)


@given(rules=ACTION_RULES, presences=PRESENCES, standing=STANDINGS, read=READ, data=st.data())
@settings(max_examples=80, deadline=None)
def test_the_order_of_presences_does_not_matter(
    rules: Rule,
    presences: list[Presence],
    standing: Standing,
    read: frozenset[Action],
    data: st.DataObject,
) -> None:
    mixed = data.draw(st.permutations(presences))
    outcome = judge(rules, case(*presences, standing=standing, complete=read))
    # The evidence too: it is hashed.
    assert judge(rules, case(*mixed, standing=standing, complete=read)) == outcome


@given(rules=ACTION_RULES, presences=PRESENCES, kept=KEPT, standing=STANDINGS, read=READ)
@settings(max_examples=80, deadline=None)
def test_doing_more_in_time_never_makes_rules_of_actions_fail(
    rules: Rule,
    presences: list[Presence],
    kept: Presence,
    standing: Standing,
    read: frozenset[Action],
) -> None:
    before = judge(rules, case(*presences, standing=standing, complete=read)).verdict
    after = judge(rules, case(*presences, kept, standing=standing, complete=read)).verdict
    assert after is Verdict.HOLDS or before is not Verdict.HOLDS


@given(condition=ACTION_CONDITIONS, presences=PRESENCES, standing=STANDINGS, read=READ)
@settings(max_examples=80, deadline=None)
def test_what_ended_is_never_enough(
    condition: Condition, presences: list[Presence], standing: Standing, read: frozenset[Action]
) -> None:
    ended = [seen for seen in presences if seen.gone_at is not None]
    assert condition.judge(case(*ended, standing=standing, complete=read)).verdict is not (
        Verdict.HOLDS
    )


@given(condition=ACTION_CONDITIONS, presences=PRESENCES, standing=STANDINGS, read=READ)
@settings(max_examples=80, deadline=None)
def test_what_holds_rests_on_what_is_there_and_in_time(
    condition: Condition, presences: list[Presence], standing: Standing, read: frozenset[Action]
) -> None:
    finding = condition.judge(case(*presences, standing=standing, complete=read))
    if finding.verdict is not Verdict.HOLDS:
        return
    for seen in finding.evidence:
        assert seen.gone_at is None
        assert seen.at is None or seen.at <= CLOSES
        if seen.action is not Action.FOLLOW:
            assert (seen.seen_at if seen.at is None else seen.at) >= OPENS


@given(condition=ACTION_CONDITIONS, presences=PRESENCES, standing=STANDINGS)
@settings(max_examples=80, deadline=None)
def test_whoever_is_hidden_or_unread_is_never_said_to_have_failed(
    condition: Condition, presences: list[Presence], standing: Standing
) -> None:
    unread = condition.judge(case(*presences, complete=frozenset())).verdict
    hidden = condition.judge(case(*presences, standing=Standing.BLOCKS_US)).verdict
    assert {unread, hidden} <= {Verdict.HOLDS, Verdict.UNKNOWN}


@given(condition=ACTION_CONDITIONS, presences=PRESENCES)
@settings(max_examples=80, deadline=None)
def test_whoever_was_never_hidden_and_is_read_is_known(
    condition: Condition, presences: list[Presence]
) -> None:
    never_hidden = [seen for seen in presences if seen.gone_why is not GoneWhy.HIDDEN]
    assert condition.judge(case(*never_hidden)).verdict is not Verdict.UNKNOWN


@given(
    comments=st.lists(presences_of(st.just(Action.COMMENT)), max_size=4),
    wanted=st.integers(1, 3),
    standing=STANDINGS,
)
@settings(max_examples=80, deadline=None)
def test_mentions_of_oneself_and_of_the_community_never_count(
    comments: list[Presence], wanted: int, standing: Standing
) -> None:
    def without(seen: Presence) -> Presence:
        others = tuple(who for who in seen.mentions if who not in (ME, COMMUNITY))
        return msgspec.structs.replace(seen, mentions=others)

    condition = Commented(mentions=wanted)
    plain = condition.judge(case(*map(without, comments), standing=standing))
    full = condition.judge(case(*comments, standing=standing))
    assert (full.verdict, full.reason) == (plain.verdict, plain.reason)
