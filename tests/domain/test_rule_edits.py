"""Edits of rules: what an editor does to a tree, at any place of it."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from contest_service.domain.conditions import AnyCondition, Commented, Follows, Liked, Reposted
from contest_service.domain.contest import Definition
from contest_service.domain.errors import NotFoundError
from contest_service.domain.prizes import Draw, Tier
from contest_service.domain.rule_edits import (
    GroupKind,
    added,
    bonus_of,
    grouped,
    regrouped,
    removed,
    replaced,
    rule_at,
    ungrouped,
    with_bonus,
)
from contest_service.domain.rules import AllOf, AnyOf, AtLeast, Bonus, Rule, Tickets
from contest_service.domain.schedule import Schedule

LIKED, REPOSTED, COMMENTED, FOLLOWS = Liked(), Reposted(), Commented(), Follows()
NESTED = AllOf((LIKED, AnyOf((REPOSTED, COMMENTED)), FOLLOWS))


def defined(rules: Rule, *bonuses: Rule) -> Definition:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    return Definition(
        title="A mug",
        organiser="The pottery",
        schedule=Schedule(opens_at=at, closes_at=at, draw_at=at),
        rules=rules,
        draws=(Draw(tiers=(Tier(id="mug", prize="A mug", winners=1),)),),
        tickets=Tickets(bonuses=tuple(Bonus(rule=each, tickets=1) for each in bonuses)),
    )


def test_every_place_leads_to_its_rule() -> None:
    definition = defined(NESTED, LIKED, AnyOf((LIKED, REPOSTED)))
    assert rule_at(definition, "/rules") == NESTED
    assert rule_at(definition, "/rules/of/1/of/1") == COMMENTED
    assert rule_at(definition, "/tickets/bonuses/1/rule/of/0") == LIKED
    bonus = bonus_of(definition, "/tickets/bonuses/0/rule")
    assert bonus is not None
    assert bonus.rule == LIKED
    assert bonus_of(definition, "/tickets/bonuses/1/rule/of/0") is None
    assert bonus_of(definition, "/rules/of/0") is None


@pytest.mark.parametrize(
    "at",
    [
        "",
        "/",
        "/rules/",
        "/rules/of/3",
        "/rules/of/-1",
        "/rules/of/0/of/0",
        "/rules/of/1/of/2",
        "/tickets/bonuses/0/rule",
        "/tickets/bonuses/0/rule/of/0",
        "/draws/0",
        "/rules/of/٣",
    ],
)
def test_places_that_are_none_are_refused_by_every_edit(at: str) -> None:
    definition = defined(NESTED)
    edits: list[Callable[[], object]] = [
        lambda: rule_at(definition, at),
        lambda: replaced(definition, at, LIKED),
        lambda: added(definition, at, LIKED),
        lambda: removed(definition, at),
        lambda: ungrouped(definition, at),
        lambda: regrouped(definition, at, GroupKind.ALL_OF, n=1),
        lambda: grouped(definition, [at, "/rules/of/0"], GroupKind.ALL_OF),
    ]
    for edit in edits:
        with pytest.raises(NotFoundError):
            edit()


def test_an_edit_changes_its_place_and_nothing_else() -> None:
    definition = defined(NESTED, LIKED)
    for at in ("/rules/of/1/of/0", "/tickets/bonuses/0/rule"):
        changed = replaced(definition, at, FOLLOWS)
        assert rule_at(changed, at) == FOLLOWS
        assert replaced(changed, at, rule_at(definition, at)) == definition


def test_what_is_added_comes_last_and_a_single_condition_becomes_a_group() -> None:
    assert added(defined(NESTED), "/rules/of/1", FOLLOWS).rules == AllOf(
        (LIKED, AnyOf((REPOSTED, COMMENTED, FOLLOWS)), FOLLOWS)
    )
    assert added(defined(LIKED), "/rules", FOLLOWS).rules == AllOf((LIKED, FOLLOWS))


def test_a_group_of_which_one_branch_is_left_becomes_it_but_the_root_stays() -> None:
    definition = removed(defined(NESTED), "/rules/of/1/of/0")
    assert definition.rules == AllOf((LIKED, COMMENTED, FOLLOWS))
    for _ in range(3):
        definition = removed(definition, "/rules/of/0")
    assert definition.rules == AllOf(())
    assert removed(definition, "/rules") == definition
    assert removed(defined(LIKED, LIKED, REPOSTED), "/tickets/bonuses/0/rule") == defined(
        LIKED, REPOSTED
    )


def test_a_group_never_asks_for_more_than_it_has() -> None:
    definition = defined(AtLeast(n=3, of=(LIKED, REPOSTED, COMMENTED)))
    assert removed(definition, "/rules/of/0").rules == AtLeast(n=2, of=(REPOSTED, COMMENTED))


def test_what_is_grouped_stands_where_the_first_stood_and_comes_apart_again() -> None:
    flat = defined(AllOf((LIKED, REPOSTED, COMMENTED, FOLLOWS)))
    made = grouped(flat, ["/rules/of/3", "/rules/of/1"], GroupKind.ANY_OF)
    assert made.rules == AllOf((LIKED, AnyOf((REPOSTED, FOLLOWS)), COMMENTED))
    apart = ungrouped(made, "/rules/of/1")
    assert apart.rules == AllOf((LIKED, REPOSTED, FOLLOWS, COMMENTED))
    whole = grouped(flat, [f"/rules/of/{each}" for each in range(4)], GroupKind.AT_LEAST)
    assert whole.rules == AtLeast(n=1, of=(LIKED, REPOSTED, COMMENTED, FOLLOWS))


@pytest.mark.parametrize(
    "places",
    [
        [],
        ["/rules/of/0"],
        ["/rules/of/0", "/rules/of/0"],
        ["/rules/of/0", "/rules/of/1/of/0"],
        ["/rules", "/rules/of/0"],
        ["/rules/of/0", "/rules/of/7"],
    ],
)
def test_only_several_of_one_group_are_grouped(places: list[str]) -> None:
    with pytest.raises(NotFoundError):
        grouped(defined(NESTED), places, GroupKind.ANY_OF)


def test_the_root_is_not_taken_apart() -> None:
    with pytest.raises(NotFoundError):
        ungrouped(defined(NESTED), "/rules")


@pytest.mark.parametrize("kind", GroupKind)
def test_a_group_becomes_another_with_the_same_branches(kind: GroupKind) -> None:
    made = regrouped(defined(NESTED), "/rules/of/1", kind, n=2)
    group = rule_at(made, "/rules/of/1")
    assert msgspec.to_builtins(group)["kind"] == kind
    assert not isinstance(group, AnyCondition)
    assert group.of == (REPOSTED, COMMENTED)


def test_a_bonus_is_put_behind_the_others_changed_and_taken_away() -> None:
    new = Bonus(rule=FOLLOWS, tickets=3)
    definition = with_bonus(defined(LIKED, REPOSTED), 1, new)
    assert [each.rule for each in definition.tickets.bonuses] == [REPOSTED, FOLLOWS]
    assert with_bonus(definition, 0, new).tickets.bonuses == (new, new)
    assert with_bonus(definition, 1, None) == defined(LIKED, REPOSTED)
