"""Presences and rules of actions for Hypothesis."""

from hypothesis import strategies as st

from contest_service.domain.case import GoneWhy, Presence
from contest_service.domain.conditions import (
    AccountAge,
    Commented,
    Follows,
    HasPicture,
    Liked,
    Quoted,
    Reposted,
)
from contest_service.domain.evidence import Action
from domain.cases import COMMUNITY, ME, OTHER_POST, POST
from domain.trees import trees

ANNA, IVAN = "did:plc:anna", "did:plc:ivan"
SEEN = st.sampled_from([900, 1000, 1100, 1500, 1900, 2060, 2200])
_ENDS = [(None, 0), *((why, after) for why in GoneWhy for after in (50, 300, 700))]


def presences_of(actions: st.SearchStrategy[Action]) -> st.SearchStrategy[Presence]:
    """Presences whose times are possible: absent, then seen, then gone."""
    return st.builds(
        _presence,
        action=actions,
        place=st.tuples(st.sampled_from([POST, OTHER_POST]), st.sampled_from("123")),
        seen=SEEN,
        at=st.sampled_from([None, -150, -1, 0]),
        absent=st.sampled_from([None, -300, -20]),
        end=st.sampled_from(_ENDS),
        text=st.sampled_from(["", "cake", "what a cake"]),
        tags=st.sampled_from([(), ("cake",)]),
        mentions=st.sampled_from([(), (ANNA,), (ANNA, IVAN), (ME, IVAN), (COMMUNITY, ME, ANNA)]),
    )


def _presence(
    *,
    action: Action,
    place: tuple[str, str],
    seen: int,
    at: int | None,
    absent: int | None,
    end: tuple[GoneWhy | None, int],
    text: str,
    tags: tuple[str, ...],
    mentions: tuple[str, ...],
) -> Presence:
    why, after = end
    return Presence(
        action=action,
        target=place[0],
        ref=f"at://action/{place[1]}",
        at=None if at is None else seen + at,
        absent_at=None if absent is None else seen + absent,
        seen_at=seen,
        gone_at=None if why is None else seen + after,
        gone_why=why,
        text=text,
        tags=tags,
        mentions=mentions,
    )


ANY_ACTION = st.sampled_from(Action)
PRESENCES = st.lists(
    presences_of(ANY_ACTION),
    max_size=6,
    unique_by=lambda seen: (seen.action, seen.target, seen.ref, seen.seen_at),
)
ACTION_CONDITIONS = st.one_of(
    st.sampled_from([Liked(), Reposted(), Quoted(), Follows()]),
    st.builds(
        Commented,
        times=st.integers(1, 2),
        words=st.sampled_from([0, 3]),
        hashtag=st.sampled_from(["", "cake"]),
        mentions=st.integers(0, 2),
    ),
)
ACTION_RULES = trees(ACTION_CONDITIONS, most=5)
RULES = trees(
    ACTION_CONDITIONS | st.just(HasPicture()) | st.just(AccountAge(days=1)),
    most=5,
)
