"""Entrants' verdicts, and the record that seals them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, Presence
from contest_service.domain.conditions import (
    AccountAge,
    Commented,
    HasPicture,
    Liked,
    Quoted,
    Reposted,
)
from contest_service.domain.evidence import Action
from contest_service.domain.judging import (
    EntrantState,
    Judgement,
    evidence_record,
    judge_entrant,
)
from contest_service.domain.rules import AllOf, AnyOf, Bonus, Rule, Tickets, Unverified
from contest_service.proof import canonical
from domain.cases import case, did
from domain.presences import PRESENCES, RULES

LIKED_IN_TIME = did(at=1500)
LIKED = Liked()
PLAIN = Tickets(base=2, bonuses=(Bonus(rule=Quoted(), tickets=3),))
QUOTED = did(Action.QUOTE, at=1500, ref="at://quote/1")
BLOCKS = Standing.BLOCKS_US


def judged(
    about: Case, rules: Rule = LIKED, unverified: Unverified = Unverified.EXCLUDE
) -> Judgement:
    return judge_entrant(about, rules=rules, tickets=PLAIN, unverified=unverified)


@pytest.mark.parametrize(
    ("about", "unverified", "state", "reason", "tickets"),
    [
        (case(LIKED_IN_TIME), "exclude", "valid", "all_conditions_hold", 2),
        (case(LIKED_IN_TIME, QUOTED), "exclude", "valid", "all_conditions_hold", 5),
        (case(QUOTED), "exclude", "invalid", "liked.not_seen", 0),
        (case(QUOTED), "admit", "invalid", "liked.not_seen", 0),
        (case(did(at=1500, withdrawn=1700)), "admit", "invalid", "liked.undone", 0),
        (case(QUOTED, standing=BLOCKS), "exclude", "cannot_verify", "liked.blocks_us", 0),
        (case(QUOTED, standing=BLOCKS), "admit", "valid", "admitted_unverified", 5),
        (case(standing=BLOCKS), "admit", "valid", "admitted_unverified", 2),
    ],
)
def test_an_entrant_is_judged_by_the_rules(
    about: Case, unverified: str, state: str, reason: str, tickets: int
) -> None:
    judgement = judged(about, unverified=Unverified(unverified))
    assert (judgement.state, judgement.reason, judgement.tickets) == (state, reason, tickets)


def test_the_reason_is_that_of_the_condition_that_decided() -> None:
    rules = AllOf((AnyOf((Reposted(), Liked())), Commented()))
    assert judged(case(LIKED_IN_TIME), rules).reason == "commented.not_seen"


def test_the_reason_of_doubt_is_what_cannot_be_known() -> None:
    rules = AllOf((AnyOf((Reposted(), HasPicture())), AccountAge(days=3)))
    about = case(profile=Profile(account="me", handle="me.example", created_at=-86400 * 9))
    assert judged(about, rules).reason == "has_picture.profile_does_not_tell"


def test_a_record_holds_conditions_bonuses_and_what_they_rest_on() -> None:
    seen = did(absent=1100, seen=1300, text="private", tags=["cake"], mentions=["did:plc:anna"])
    record = evidence_record(
        judged(case(seen, QUOTED)), contest="c", entry="e", subject="did:plc:me", terms_version=2
    )
    like = {
        "action": "like",
        "target": "at://post/1",
        "ref": "at://action/1",
        "absent_at": 1100,
        "seen_at": 1300,
    }
    finding = {"at": "", "condition": "liked", "version": 1, "verdict": "holds", "reason": "seen"}
    assert record["conditions"] == [{**finding, "evidence": [like], "facts": {}}]
    assert record["bonuses"][0]["at"] == "/bonuses/0/rule"
    assert record["bonuses"][0]["evidence"][0]["ref"] == "at://quote/1"
    assert (record["state"], record["tickets"], record["terms_version"]) == ("valid", 5, 2)


def test_an_entrant_who_is_not_valid_has_no_bonuses_on_record() -> None:
    assert judged(case(QUOTED)).bonuses == ()


@given(
    presences=PRESENCES,
    rules=RULES,
    standing=st.sampled_from(Standing),
    complete=st.frozensets(st.sampled_from(Action)),
    born=st.none() | st.integers(-(10**12), 10**12),
    picture=st.none() | st.booleans(),
)
@settings(max_examples=80)
def test_every_record_is_within_the_strict_profile(
    presences: list[Presence],
    rules: Rule,
    standing: Standing,
    complete: frozenset[Action],
    born: int | None,
    picture: bool | None,
) -> None:
    profile = Profile(account="me", handle="me.example", created_at=born, has_picture=picture)
    about = case(*presences, standing=standing, complete=complete, profile=profile)
    judgement = judged(about, rules, Unverified.ADMIT)
    record = evidence_record(
        judgement, contest="c", entry="e", subject="did:plc:me", terms_version=1
    )
    assert canonical.decode(canonical.encode(record)) == record
    assert (judgement.state is EntrantState.VALID) == (judgement.tickets > 0)
