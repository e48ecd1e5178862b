"""What many cases share is what each of them would find by itself."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case
from contest_service.domain.conditions import Age, Follows, HasPicture, Liked
from contest_service.domain.evidence import Action
from contest_service.domain.rules import judge
from domain.cases import ME, POST, case, did
from domain.histories import COMMENTED, MEMBERSHIP, OF_OTHERS, ON_POSTS, cases_for


@st.composite
def _alike(draw: st.DrawFn, condition: Any) -> Case:
    """A case in which each action was done once at most, most often without a name of its own."""
    drawn: Case = draw(cases_for(condition))
    presences = {
        action: tuple(
            msgspec.structs.replace(
                each,
                ref=draw(st.sampled_from(["", "", each.ref])),
                at=None,
                gone_at=None,
                gone_why=None,
                is_heard=draw(st.integers(0, 4)) == 0,
            )
            for each in seen[: draw(st.integers(0, 1))]
        )
        for action, seen in drawn.presences.items()
    }
    return msgspec.structs.replace(drawn, presences=presences)


_CHANGES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"untold": frozenset(Action)},
        {"complete": frozenset()},
        {"standing": Standing.BLOCKS_US},
        {"posts": (frozenset({POST}),)},
        {"opens_at": 1400},
        {"closes_at": 1200},
        {"profile": Profile(account=ME, handle="me", is_closed=True)},
    ]
)
_TIMES: st.SearchStrategy[dict[str, int]] = st.sampled_from(
    [{}, {"seen_at": 1100}, {"seen_at": 1900}, {"absent_at": 1450}]
)


@st.composite
def _neighbours(draw: st.DrawFn, condition: Any) -> list[Case]:
    """A case, and others that differ from it in little."""
    first = draw(_alike(condition))
    found = [first]
    for _ in range(draw(st.integers(1, 4))):
        times = draw(_TIMES)
        presences = {
            action: tuple(msgspec.structs.replace(each, **times) for each in seen)
            for action, seen in first.presences.items()
        }
        found.append(msgspec.structs.replace(first, presences=presences, **draw(_CHANGES)))
    return found


@given(data=st.data())
@settings(max_examples=300)
def test_what_is_shared_is_what_each_case_would_find(data: st.DataObject) -> None:
    condition: Any = data.draw(ON_POSTS | MEMBERSHIP | OF_OTHERS | COMMENTED)
    for each in data.draw(_neighbours(condition)):
        assert judge(condition, each).due_to.finding == condition.judge(each)


def test_likes_that_nothing_tells_apart_are_found_once() -> None:
    liked = Liked()
    first, second = (judge(liked, case(did(ref=""))).due_to for _ in range(2))
    assert first is second
    assert first.is_shared
    named = judge(liked, case(did(ref="at://like/1"))).due_to
    assert not named.is_shared
    assert judge(Follows(), case()).due_to.is_shared


def test_the_same_birthday_is_another_age_where_another_day_is_asked_about() -> None:
    of_age, born = Age(least=18), Profile(account=ME, handle="me", born="1952-01-02")
    young = case(profile=born)
    old = msgspec.structs.replace(young, opens_at=young.opens_at + 86400)
    ages = [judge(of_age, each).due_to.finding.facts["age"] for each in (young, old)]
    assert ages == [17, 18]


def test_what_a_profile_does_not_tell_has_the_reason_of_whose_it_is() -> None:
    pictured, told = HasPicture(), Profile(account=ME, handle="me", has_picture=None)
    found = [
        judge(pictured, case(profile=told, standing=each)).due_to.finding.reason
        for each in (Standing.VISIBLE, Standing.BLOCKS_US)
    ]
    assert found == ["profile_does_not_tell", "blocks_us"]
