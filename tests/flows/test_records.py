"""The records of verdicts, written at once: the bytes that the strict JSON profile asks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.case import Finding, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import HasPicture, Liked, ProfileOpen
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement, evidence_record
from contest_service.domain.rules import Judged
from contest_service.flows.records import Writer
from contest_service.proof import canonical
from contest_service.proof.errors import CanonicalError

ENTRANT = {"entry": "e", "subject": "vk:1"}
CONTEST = {"contest": "c", "terms_version": 3}

times = st.none() | st.integers(0, 2**40)
words = st.text(st.characters(codec="utf-8"), max_size=20)
presences = st.builds(
    Presence,
    action=st.sampled_from(Action),
    target=words,
    ref=words,
    at=times,
    absent_at=times,
    seen_at=st.integers(0, 2**40),
    gone_at=times,
    gone_why=st.none() | st.sampled_from(GoneWhy),
    is_heard=st.booleans(),
    text=words,
    account=words,
)
facts = st.dictionaries(
    st.sampled_from(["age", "city", "has_picture", "followers"]),
    st.booleans() | st.integers(0, 2**53 - 1) | words | st.just("x" * 4000),
    max_size=3,
)
findings = st.builds(
    Finding,
    verdict=st.sampled_from(Verdict),
    reason=st.sampled_from(["seen", "not_seen", "joined_since"]),
    evidence=st.lists(presences, max_size=3).map(tuple),
    facts=facts,
)
conditions = st.sampled_from([Liked(), HasPicture(), ProfileOpen()])
judged = st.builds(
    Judged.of,
    at=st.sampled_from(["", "/of/0"]),
    condition=conditions,
    finding=findings,
    is_shared=st.booleans(),
)
judgements = st.builds(
    Judgement,
    state=st.sampled_from(EntrantState),
    reason=st.just("liked.not_seen"),
    tickets=st.integers(0, 100),
    findings=st.lists(judged, max_size=4).map(tuple),
    marks=st.just(""),
    bonuses=st.lists(judged, max_size=2).map(tuple),
    terms_version=st.none() | st.integers(1, 5),
    override=st.just({}) | st.just({"kind": "admit", "at": 5}),
)


def _written(judgement: Judgement) -> bytes:
    return Writer(**CONTEST).write(judgement, **ENTRANT)[0]


@given(judgements)
def test_they_are_what_their_parts_are_in_canonical_form(judgement: Judgement) -> None:
    assert _written(judgement) == canonical.encode(evidence_record(judgement, **CONTEST, **ENTRANT))


def _with_facts(**facts: int | bool | str) -> Judgement:
    finding = Finding(verdict=Verdict.FAILS, reason="no", facts=facts)
    found = Judged.of("", HasPicture(), finding)
    return Judgement(
        state=EntrantState.INVALID, reason="no", tickets=0, findings=(found,), marks="d"
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"followers": 2**53},
        {"followers": -1},
        {"age": 1, "followers": 2**60},
        {"city": "x" * 4097},
    ],
    ids=lambda facts: ",".join(facts),
)
def test_what_is_outside_the_profile_is_refused(facts: dict[str, int | bool | str]) -> None:
    with pytest.raises(CanonicalError):
        _written(_with_facts(**facts))


@pytest.mark.parametrize("time", ["at", "absent_at", "seen_at", "gone_at"])
def test_a_time_before_1970_is_refused(time: str) -> None:
    times: dict[str, Any] = {"at": None, "absent_at": None, "seen_at": 5, time: -1}
    seen = Presence(action=Action.LIKE, target="post", ref="", **times)
    finding = Finding(verdict=Verdict.HOLDS, reason="seen", evidence=(seen,))
    found = Judged.of("", Liked(), finding)
    with pytest.raises(CanonicalError):
        _written(
            Judgement(state=EntrantState.VALID, reason="", tickets=1, findings=(found,), marks="h")
        )
