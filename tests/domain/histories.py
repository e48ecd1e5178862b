"""Whole contests for Hypothesis: what may have happened, and rules of every kind about it."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, GoneWhy, Presence
from contest_service.domain.conditions import (
    AccountAge,
    Active,
    Age,
    City,
    Commented,
    Condition,
    Entered,
    FollowersAtLeast,
    Follows,
    HasPicture,
    Joined,
    Liked,
    NamedCommunity,
    NotListed,
    NotPastWinner,
    NotStaff,
    ProfileOpen,
    Quoted,
    Region,
    Reposted,
    Unit,
    When,
)
from contest_service.domain.evidence import Action
from contest_service.domain.rules import AllOf, Bonus, Tickets, conditions
from domain.cases import COMMUNITY, EVERYTHING, ME, OTHER_POST, POST, case
from domain.trees import trees

ANNA, IVAN = "did:plc:anna", "did:plc:ivan"
OTHER_COMMUNITY = "did:plc:other"
LIST = "0198f1d2-7c1a-7000-8000-000000000001"
DAY = 86400
_TEXTS = ["", "cake", "What a cake!", "мёд", "7", "7 or 8", "7 cakes"]


def _place(action: Action) -> st.SearchStrategy[str]:
    if action is Action.FOLLOW:
        return st.sampled_from([COMMUNITY, OTHER_COMMUNITY])
    return st.sampled_from([POST, OTHER_POST])


@st.composite
def chains(draw: st.DrawFn, action: Action) -> list[Presence]:
    """One action at one place, there and gone and there again, in order of time."""
    target = draw(_place(action))
    ref = draw(st.sampled_from(["at://1", "-1_5.aa", "-1_5.bb"]))
    times = draw(
        st.lists(
            st.sampled_from([800, 900, 999, 1000, 1001, 1300, 1500, 1700, 2000, 2001, 2060, 2100]),
            min_size=1,
            max_size=5,
            unique=True,
        ).map(sorted)
    )
    chain: list[Presence] = []
    before = 0
    for seen, gone in zip(times[::2], [*times[1::2], None], strict=False):
        why = draw(st.sampled_from(GoneWhy)) if gone is not None else None
        chain.append(
            Presence(
                action=action,
                target=target,
                ref=ref,
                at=draw(st.sampled_from([None, seen, before or seen, max(before, seen - 200)])),
                absent_at=draw(st.sampled_from([None, before, seen - 1])) if before else None,
                seen_at=seen,
                gone_at=gone,
                gone_why=why,
                is_heard=draw(st.booleans()),
                text=draw(st.sampled_from(_TEXTS)),
                tags=draw(st.sampled_from([(), ("cake",)])),
                mentions=draw(st.sampled_from([(), (ANNA,), (ANNA, IVAN), (ME, IVAN, COMMUNITY)])),
            )
        )
        before = seen if gone is None else gone
    return chain


def _histories(actions: st.SearchStrategy[Action]) -> st.SearchStrategy[list[Presence]]:
    return st.lists(
        actions.flatmap(chains),
        min_size=1,
        max_size=4,
        unique_by=lambda chain: (chain[0].action, chain[0].target, chain[0].ref),
    ).map(lambda found: [seen for chain in found for seen in chain])


_MAYBE = st.none() | st.booleans()
PROFILES = st.none() | st.builds(
    Profile,
    account=st.just("me"),
    handle=st.just("me.example"),
    created_at=st.sampled_from([None, 0, 1000 - 7 * DAY, 1001 - 7 * DAY, 2000]),
    has_picture=_MAYBE,
    followers=st.sampled_from([None, 0, 9, 10, 11]),
    is_closed=_MAYBE,
    is_active=_MAYBE,
    city=st.sampled_from(["", "Орел", "ОРЁЛ", "Тверь"]),
    country=st.sampled_from(["", "Россия", "Беларусь"]),
    born=st.sampled_from(["", "1952-01-01", "1952-01-02", "1939-01-01", "1968-02-29"]),
)


def _case(presences: list[Presence], facts: dict[str, Any]) -> Case:
    made = case(
        *presences,
        complete=facts.pop("complete"),
        standing=facts.pop("standing"),
        profile=facts.pop("profile"),
        lists=facts.pop("lists"),
    )
    return msgspec.structs.replace(made, **facts)


_SEEN = [Standing.VISIBLE] * 6 + list(Standing)
FACTS = st.fixed_dictionaries(
    {
        "complete": st.sampled_from([EVERYTHING] * 4 + [EVERYTHING - {each} for each in Action]),
        "standing": st.sampled_from(_SEEN),
        "profile": PROFILES,
        "lists": st.sampled_from([(), (LIST,)]),
        "is_staff": _MAYBE,
        "won_at": st.sampled_from([(), (1500,), (2001,), (2000 - DAY, 2000), (1999 - DAY,)]),
        "copied": st.sampled_from([frozenset(), frozenset({"at://1"})]),
        "overnamed": st.sampled_from([frozenset(), frozenset({IVAN})]),
        "untold": st.sampled_from([frozenset()] * 9 + [frozenset({Action.COMMENT, Action.LIKE})]),
    }
)


def cases_for(rule: Any) -> st.SearchStrategy[Case]:
    """Cases in which what the rule asks about may have happened, several times."""
    asked = sorted({each.action for _, each in conditions(rule) if each.action is not None})
    actions = st.sampled_from([*asked * 5, *Action])
    return st.builds(_case, _histories(actions), FACTS)


_WHEN = st.sampled_from([*When, When.ONCE, When.WHOLE_TIME])
_LATER = st.sampled_from([When.CLOSE, When.DRAW])
_TWO = (NamedCommunity(id=COMMUNITY, name="A"), NamedCommunity(id=OTHER_COMMUNITY, name="B"))
_COMMUNITIES = st.sampled_from([*[((), False)] * 4, (_TWO[:1], False), (_TWO, False), (_TWO, True)])


def _membership(kind: type[Follows] | type[Joined]) -> st.SearchStrategy[Condition]:
    return st.builds(
        lambda moment, asked: kind(moment=moment, communities=asked[0], every=asked[1]),
        _WHEN,
        _COMMUNITIES,
    )


_COUNTS: dict[str, st.SearchStrategy[Any]] = {
    "moment": _WHEN,
    "times": st.sampled_from([1, 1, 2]),
}
COMMENTED = st.one_of(
    st.builds(Commented, **_COUNTS),
    st.builds(
        Commented, moment=_WHEN, times=st.sampled_from([2, 3]), posts=st.sampled_from([1, 2])
    ),
    st.builds(Commented, **_COUNTS, mentions=st.integers(1, 2), uncommon=st.booleans()),
    st.builds(Commented, **_COUNTS, original=st.booleans()),
    st.builds(Commented, **_COUNTS, mentions=st.integers(0, 1), every=st.just(True)),
    st.builds(Commented, **_COUNTS, words=st.just(3), hashtag=st.sampled_from(["", "Cake"])),
    st.builds(
        Commented,
        **_COUNTS,
        contains=st.sampled_from([(), ("cake", "мед")]),
        equals=st.sampled_from([(), ("cake",)]),
        number=st.sampled_from([None, 7]),
    ),
)
ON_POSTS = st.builds(
    lambda kind, moment, posts: kind(moment=moment, posts=posts or 1, every=not posts),
    st.sampled_from([Liked, Reposted, Quoted]),
    _WHEN,
    st.sampled_from([1, 1, 2, 0]),
)
MEMBERSHIP = _membership(Follows) | _membership(Joined)
OF_ACTIONS = ON_POSTS | COMMENTED | MEMBERSHIP | st.just(Entered())
OF_OTHERS = st.one_of(
    st.sampled_from(
        [
            HasPicture(),
            ProfileOpen(),
            Active(),
            AccountAge(days=7),
            FollowersAtLeast(least=10),
            City(names=("Орёл", "Казань")),
            Region(name="R", cities=("Орел",)),
            Region(name="R", countries=("РОССИЯ",)),
            Region(name="R", cities=("Орел",), countries=("Беларусь",)),
            Age(least=18, most=30),
            Age(least=2),
            HasPicture(moment=When.DRAW),
            ProfileOpen(moment=When.DRAW),
            Active(moment=When.DRAW),
            FollowersAtLeast(least=10, moment=When.DRAW),
            City(names=("Тверь",), moment=When.DRAW),
            Region(name="R", countries=("Россия",), moment=When.DRAW),
            Age(least=18, moment=When.DRAW),
        ]
    ),
    _LATER.map(lambda moment: NotListed(list_id=LIST, name="L", moment=moment)),
    _LATER.map(lambda moment: NotStaff(moment=moment)),
    _LATER.map(lambda moment: NotPastWinner(days=1, moment=moment)),
)
RULES: st.SearchStrategy[Any] = trees(OF_ACTIONS | OF_OTHERS, most=5)


def with_case(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Case]]:
    """A rule, and a case about it."""
    return rules.flatmap(lambda rule: st.tuples(st.just(rule), cases_for(rule)))


@st.composite
def bonuses(draw: st.DrawFn) -> Bonus:
    """A bonus, counted where its rule has something to count."""
    rule = draw(RULES)
    units = rule.units if isinstance(rule, Condition) else ()
    per = draw(st.none() | st.sampled_from(units)) if units else None
    most = 1 if per is None else draw(st.integers(1, 3))
    return Bonus(rule=rule, tickets=draw(st.integers(1, 3)), per=per, most=most)


COUNTED = st.builds(
    lambda rule, data, most: Bonus(rule=rule, tickets=1, per=data(rule), most=most),
    ON_POSTS | COMMENTED | MEMBERSHIP,
    st.integers(0, 2).map(lambda n: lambda rule: _unit(rule, n)),
    st.integers(1, 3),
)


def _unit(rule: Condition, place: int) -> Unit:
    return rule.units[place % len(rule.units)]


TICKETS = st.builds(
    Tickets,
    base=st.integers(1, 2),
    bonuses=st.lists(bonuses() | COUNTED, max_size=2).map(tuple),
    cap=st.integers(2, 8),
)
CONTESTS: st.SearchStrategy[tuple[Any, Tickets, Case]] = st.tuples(RULES, TICKETS).flatmap(
    lambda given: st.tuples(
        st.just(given[0]),
        st.just(given[1]),
        cases_for(AllOf((given[0], *(bonus.rule for bonus in given[1].bonuses)))),
    )
)
