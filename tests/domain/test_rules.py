"""The tree's logic, the tickets, and what is refused of either."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.case import Presence, Verdict
from contest_service.domain.conditions import (
    AccountAge,
    AnyCondition,
    Commented,
    Follows,
    HasPicture,
    Liked,
    Reposted,
    Unit,
    When,
)
from contest_service.domain.evidence import Action
from contest_service.domain.rule_faults import rule_faults, ticket_faults
from contest_service.domain.rules import (
    DEEPEST,
    MOST_BONUSES,
    MOST_CONDITIONS,
    MOST_TICKETS,
    AllOf,
    AnyOf,
    AtLeast,
    Bonus,
    Rule,
    Tickets,
    actions_asked,
    bonuses_of,
    conditions,
    judge,
    needs_action,
    tickets_of,
)
from domain.cases import COMMUNITY, ME, OTHER_POST, POST, case, did
from domain.trees import GIVEN_TREES, Given, Tree, given_leaves, holds, leaves, naive_verdict

H, F, U, W = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN, Verdict.WITHDRAWN
NOBODY = case()


@given(GIVEN_TREES)
@settings(max_examples=200)
def test_a_tree_is_judged_as_by_trying_everything_that_may_be(tree: Tree) -> None:
    assert judge(tree, NOBODY).verdict is naive_verdict(tree)


@given(GIVEN_TREES)
@settings(max_examples=80)
def test_the_deciding_condition_found_what_the_tree_says(tree: Tree) -> None:
    outcome = judge(tree, NOBODY)
    assert outcome.due_to.finding.verdict is outcome.verdict
    assert outcome.due_to in outcome.findings


@given(GIVEN_TREES)
@settings(max_examples=80)
def test_every_condition_is_found_once_in_order_at_its_pointer(tree: Tree) -> None:
    outcome = judge(tree, NOBODY)
    assert [judged.condition for judged in outcome.findings] == leaves(tree)
    assert [judged.at for judged in outcome.findings] == [at for at, _ in conditions(tree)]


@pytest.mark.parametrize(
    ("tree", "verdict"),
    [
        (AllOf(given_leaves(W, U)), W),
        (AllOf(given_leaves(W, F)), F),
        (AllOf(given_leaves(F, U)), F),
        (AllOf(given_leaves(H, U)), U),
        (AnyOf(given_leaves(W, U)), U),
        (AnyOf(given_leaves(W, F)), W),
        (AnyOf(given_leaves(W, H)), H),
        (AtLeast(2, given_leaves(H, W, F)), W),
        (AtLeast(2, given_leaves(H, W, U)), U),
        (AtLeast(2, given_leaves(W, U, F)), W),
        (AtLeast(2, given_leaves(F, U, F)), F),
        (AtLeast(3, given_leaves(W, U, F)), F),
    ],
)
def test_undone_and_unknown_meet_in_groups(tree: Rule, verdict: Verdict) -> None:
    assert judge(tree, NOBODY).verdict is verdict


def test_a_branch_that_does_not_matter_gives_no_reason() -> None:
    passed_anyway = AnyOf((Given(verdict=F), Given(verdict=H)))
    tree = AllOf((passed_anyway, Liked()))
    outcome = judge(tree, NOBODY)
    assert (outcome.verdict, outcome.due_to.at) == (F, "/of/1")


@given(GIVEN_TREES)
@settings(max_examples=80)
def test_needing_an_action_means_that_nothing_else_is_enough(tree: Tree) -> None:
    # The oracle: replace leaves by actions where they hold, and try a person who does nothing.
    def real(rule: Tree) -> Rule:
        match rule:
            case Given(verdict=verdict):
                return Liked() if verdict is H else HasPicture()
            case AllOf(of=of):
                return AllOf(tuple(map(real, of)))
            case AnyOf(of=of):
                return AnyOf(tuple(map(real, of)))
            case AtLeast(n=n, of=of):
                return AtLeast(n, tuple(map(real, of)))

    idle = iter([leaf.verdict is not H for leaf in leaves(tree)])
    assert needs_action(real(tree)) is not holds(tree, idle)


def test_the_actions_asked_are_those_of_rules_and_bonuses() -> None:
    rules = AllOf((Liked(), AnyOf((Commented(), AccountAge(days=1)))))
    bonus = Bonus(rule=AllOf((Follows(), HasPicture())), tickets=1)
    assert actions_asked(rules, Tickets()) == {Action.LIKE, Action.COMMENT}
    asked = actions_asked(rules, Tickets(bonuses=(bonus,)))
    assert asked == {Action.LIKE, Action.COMMENT, Action.FOLLOW}


@given(
    held=st.lists(st.tuples(st.sampled_from(Verdict), st.integers(1, MOST_TICKETS)), max_size=5),
    base=st.integers(1, MOST_TICKETS),
    cap=st.integers(1, MOST_TICKETS),
)
def test_tickets_are_the_base_and_what_surely_holds_up_to_the_cap(
    held: list[tuple[Verdict, int]], base: int, cap: int
) -> None:
    bonuses = tuple(Bonus(rule=Given(verdict=v), tickets=n) for v, n in held)  # type: ignore[arg-type] # a condition of the tests alone
    tickets = Tickets(base=base, bonuses=bonuses, cap=max(base, cap))
    given_out = tickets_of(tickets, bonuses_of(tickets, NOBODY))
    best = max(
        base + sum(n for v, n in some if v is H)
        for size in range(len(held) + 1)
        for some in combinations(held, size)
    )
    assert given_out == min(best, max(base, cap))
    assert 1 <= given_out <= tickets.most <= MOST_TICKETS


def test_bonuses_are_judged_at_their_own_pointers() -> None:
    tickets = Tickets(
        bonuses=(Bonus(rule=Liked(), tickets=1), Bonus(rule=AnyOf((Reposted(),)), tickets=2))
    )
    outcomes = bonuses_of(tickets, case(did(at=1500)))
    assert [o.verdict for o in outcomes] == [H, F]
    pointers = [judged.at for outcome in outcomes for judged in outcome.findings]
    assert pointers == ["/bonuses/0/rule", "/bonuses/1/rule/of/0"]


def said(number: int, *mentions: str, target: str = POST) -> Presence:
    ref = f"at://comment/{number}"
    return did(Action.COMMENT, at=1500, ref=ref, target=target, mentions=mentions)


COMMENTS = case(
    said(1, "did:plc:anna", "did:plc:ivan"),
    said(2, "did:plc:ivan", ME, COMMUNITY),
    said(3, target=OTHER_POST),
    did(at=1500),
    did(at=1500, target=OTHER_POST),
    did(Action.FOLLOW, target=COMMUNITY, seen=10),
)


@pytest.mark.parametrize(
    ("rule", "per", "most", "count"),
    [
        (Commented(), Unit.COMMENT, 5, 3),
        (Commented(), Unit.COMMENT, 2, 2),
        (Commented(mentions=1), Unit.MENTION, 5, 2),
        (Commented(), Unit.MENTION, 5, 2),
        (Commented(), Unit.POST, 5, 2),
        (Liked(), Unit.POST, 5, 2),
        (Follows(), Unit.COMMUNITY, 5, 1),
        (Commented(mentions=3), Unit.MENTION, 5, None),
        (Reposted(), Unit.POST, 5, None),
    ],
)
def test_a_bonus_counts_what_holds_up_to_its_most(
    rule: AnyCondition, per: Unit, most: int, count: int | None
) -> None:
    bonus = Bonus(rule=rule, tickets=2, per=per, most=most)
    tickets = Tickets(base=1, bonuses=(bonus,))
    assert ticket_faults(tickets) == []
    outcomes = bonuses_of(tickets, COMMENTS)
    (finding,) = [judged.finding for outcome in outcomes for judged in outcome.findings]
    assert finding.facts.get("counted") == count
    assert tickets_of(tickets, outcomes) == 1 + 2 * (count or 0)
    assert tickets.most == 1 + 2 * most


def nested(depth: int) -> Rule:
    rule: Rule = Liked()
    for _ in range(depth):
        rule = AllOf((rule,))
    return rule


BAD_LIKES = tuple(Commented(times=0) for _ in range(3))


@pytest.mark.parametrize(
    ("rule", "pointers"),
    [
        (Liked(), []),
        (nested(DEEPEST - 1), []),
        (nested(DEEPEST), ["/rules" + "/of/0" * (DEEPEST - 1)]),
        (nested(400), ["/rules" + "/of/0" * (DEEPEST - 1)]),
        (AllOf(()), ["/rules/of"]),
        (AnyOf((Liked(), AllOf(()))), ["/rules/of/1/of"]),
        (AtLeast(0, (Liked(),)), ["/rules/n"]),
        (AtLeast(2, (Liked(),)), ["/rules/n"]),
        (AtLeast(1, ()), ["/rules/of"]),
        (AllOf((Liked(),) * MOST_CONDITIONS), []),
        (AllOf((Liked(),) * (MOST_CONDITIONS + 1)), ["/rules"]),
        (AnyOf(BAD_LIKES), [f"/rules/of/{n}/times" for n in range(3)]),
        (AllOf((AtLeast(5, (AccountAge(days=0),)),)), ["/rules/of/0/n", "/rules/of/0/of/0/days"]),
    ],
)
def test_every_fault_of_a_tree_is_named_at_its_place(rule: Rule, pointers: list[str]) -> None:
    assert [fault.pointer for fault in rule_faults(rule, "/rules")] == pointers


MANY = AllOf((Liked(),) * 30)


@pytest.mark.parametrize(
    ("tickets", "pointers"),
    [
        (Tickets(), []),
        (Tickets(base=MOST_TICKETS), []),
        (Tickets(base=0), ["/tickets/base"]),
        (Tickets(base=5, cap=4), ["/tickets/cap"]),
        (Tickets(cap=MOST_TICKETS + 1), ["/tickets/cap"]),
        (Tickets(bonuses=(Bonus(rule=Liked(), tickets=1),) * MOST_BONUSES), []),
        (
            Tickets(bonuses=(Bonus(rule=Liked(), tickets=1),) * (MOST_BONUSES + 1)),
            ["/tickets/bonuses"],
        ),
        (
            Tickets(base=0, bonuses=(Bonus(rule=Commented(times=0), tickets=0),)),
            ["/tickets/base", "/tickets/bonuses/0/tickets", "/tickets/bonuses/0/rule/times"],
        ),
        (Tickets(bonuses=(Bonus(rule=MANY, tickets=1),) * 2), ["/tickets/bonuses"]),
        (
            Tickets(
                bonuses=(
                    Bonus(rule=Liked(), tickets=1, most=2),
                    Bonus(rule=Liked(), tickets=1, per=Unit.COMMENT, most=101),
                    Bonus(rule=AllOf((Liked(),)), tickets=1, per=Unit.POST),
                    Bonus(rule=AllOf((Liked(moment=When.DRAW),)), tickets=1),
                )
            ),
            [
                "/tickets/bonuses/0/most",
                "/tickets/bonuses/1/most",
                "/tickets/bonuses/1/per",
                "/tickets/bonuses/2/per",
                "/tickets/bonuses/3/rule/of/0/moment",
            ],
        ),
    ],
)
def test_every_fault_of_tickets_is_named_at_its_place(
    tickets: Tickets, pointers: list[str]
) -> None:
    assert [fault.pointer for fault in ticket_faults(tickets)] == pointers
