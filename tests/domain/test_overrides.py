"""What an override makes of a verdict, and that everything about it is said in all languages."""

import msgspec
import pytest

from contest_service.domain.accounts import Platform
from contest_service.domain.appeals import AppealOutcome, AppealState, say_appeal
from contest_service.domain.conditions import Language
from contest_service.domain.coverage import (
    Threshold,
    coverage_faults,
    needed,
    say_threshold,
    threshold_facts,
)
from contest_service.domain.decisions import coverage_paragraphs, override_paragraphs
from contest_service.domain.evidence import Action
from contest_service.domain.exported import say_reason
from contest_service.domain.holding import Cause, hold
from contest_service.domain.judging import EntrantState, Judgement, evidence_record
from contest_service.domain.overrides import (
    REASONS,
    OverrideKind,
    OverrideReason,
    Overruling,
    meaning_of,
    overrule,
    say_decision,
    say_overridden,
)
from contest_service.domain.people import Role
from contest_service.domain.reasons import PersonReason
from contest_service.domain.rules import Rule, Tickets
from domain.cases import definition

VALID = Judgement(
    state=EntrantState.VALID, reason="all_conditions_hold", tickets=3, findings=(), marks=""
)
INVALID = Judgement(
    state=EntrantState.INVALID, reason="liked.undone", tickets=0, findings=(), marks=""
)
TICKETS = Tickets(base=2)


def _by(kind: OverrideKind, reason: OverrideReason) -> Overruling:
    return Overruling(kind=kind, reason=reason, at=7, proposed_as=Role.EDITOR, approved_as=None)


ADMIT = _by(OverrideKind.ADMIT, OverrideReason.PLATFORM_FAULT)
EXCLUDE = _by(OverrideKind.EXCLUDE, OverrideReason.FRAUD)


@pytest.mark.parametrize(
    ("judged", "by", "verdict"),
    [
        (INVALID, ADMIT, (EntrantState.VALID, "admitted.platform-fault", 2)),
        (VALID, ADMIT, (EntrantState.VALID, "admitted.platform-fault", 3)),
        (VALID, EXCLUDE, (EntrantState.INVALID, "excluded.fraud", 0)),
        (INVALID, EXCLUDE, (EntrantState.INVALID, "excluded.fraud", 0)),
        (VALID, None, (EntrantState.VALID, "all_conditions_hold", 3)),
    ],
)
def test_the_verdict_is_the_override_s_and_the_record_has_both(
    judged: Judgement, by: Overruling | None, verdict: tuple[EntrantState, str, int]
) -> None:
    made = overrule(judged, by, TICKETS)
    assert (made.state, made.reason, made.tickets) == verdict
    record = evidence_record(made, contest="c", entry="e", subject="s", terms_version=1)
    if by is None:
        assert "override" not in record
        return
    assert record["override"] == {
        "kind": by.kind.value,
        "reason": by.reason,
        "at": 7,
        "proposed_as": "editor",
        "judged": {
            "state": judged.state.value,
            "reason": judged.reason,
            "tickets": judged.tickets,
        },
    }


def test_whoever_was_admitted_may_still_be_held_for_checking() -> None:
    held = hold(overrule(INVALID, ADMIT, TICKETS), Cause.PERSON)
    assert (held.state, held.tickets) == (EntrantState.QUARANTINED, 0)
    assert held.override["kind"] == "admit"
    excluded = overrule(VALID, EXCLUDE, TICKETS)
    assert hold(excluded, Cause.PERSON) == excluded


def test_every_reason_is_on_one_list_and_said_in_all_languages() -> None:
    listed = [reason for reasons in REASONS.values() for reason in reasons]
    assert sorted(listed) == sorted(OverrideReason)
    assert {each.value for each in REASONS[OverrideKind.EXCLUDE]} <= set(PersonReason)
    for language in Language:
        assert say_overridden("liked.undone", language) == ""
        for kind, reasons in REASONS.items():
            made = {
                say_reason(overrule(VALID, _by(kind, reason), TICKETS).reason, language)
                for reason in reasons
            }
            assert len(made) == len(reasons)
            assert "" not in made
        said = {meaning_of(reason, language) for reason in OverrideReason}
        assert len(said) == len(OverrideReason)
        for kind, reasons in REASONS.items():
            assert all(say_decision(kind, reason, language).endswith(".") for reason in reasons)


def test_every_state_of_an_appeal_is_said_in_all_languages() -> None:
    for language in Language:
        told = [say_appeal(AppealState.ANSWERED, outcome, language) for outcome in AppealOutcome]
        told += [
            say_appeal(state, None, language)
            for state in (AppealState.OPEN, AppealState.UNANSWERED)
        ]
        assert len({*told}) == len(AppealOutcome) + 2


def test_a_threshold_is_one_number_or_one_for_each_action() -> None:
    each: Threshold = {Action.LIKE: 95, Action.REPOST: 0}
    vk = Platform.VK
    assert [needed(80, action, vk) for action in (Action.LIKE, Action.COMMENT)] == [80, 80]
    asked_for = (Action.LIKE, Action.REPOST, Action.COMMENT)
    assert [needed(each, action, vk) for action in asked_for] == [95, 0, 90]
    assert threshold_facts(80) == 80
    assert threshold_facts(each) == {"like": 95, "repost": 0, "quote": 90, "comment": 90}
    assert say_threshold(80, Language.ENGLISH) == "80 %"
    assert say_threshold(0, Language.ENGLISH) == ""
    asked = {Action.LIKE, Action.COMMENT, Action.FOLLOW}
    assert say_threshold(each, Language.RUSSIAN, asked) == "лайки 95 %, комментарии 90 %"
    assert say_threshold(each, Language.ENGLISH, {Action.REPOST}) == ""


def test_a_threshold_of_an_action_is_one_number_or_one_for_each_platform() -> None:
    vk, bluesky = Platform.VK, Platform.BLUESKY
    each: Threshold = {Action.LIKE: {vk: 70}, Action.COMMENT: {vk: 0, bluesky: 95}}
    assert [needed(each, Action.LIKE, on) for on in (vk, bluesky)] == [70, 90]
    assert [needed(each, Action.COMMENT, on) for on in (vk, bluesky)] == [0, 95]
    assert [needed(each, Action.REPOST, on) for on in (vk, bluesky)] == [90, 90]
    elsewhere = {other.value: 90 for other in Platform}
    assert threshold_facts(each) == {
        "like": elsewhere | {"vk": 70},
        "repost": 90,
        "quote": 90,
        "comment": elsewhere | {"vk": 0, "bluesky": 95},
    }
    assert say_threshold(each, Language.ENGLISH, {Action.LIKE, Action.REPOST}) == (
        "likes 70 % (VK), 90 % (other platforms), reposts 90 %"
    )
    assert say_threshold({Action.LIKE: {vk: 70}}, Language.RUSSIAN, {Action.LIKE}) == (
        "лайки 70 % (VK), 90 % (другие площадки)"
    )
    nothing: Threshold = {Action.LIKE: dict.fromkeys(Platform, 0)}
    assert say_threshold(nothing, Language.ENGLISH, {Action.LIKE}) == ""


def test_all_faults_of_a_threshold_are_told() -> None:
    wrong: Threshold = {Action.LIKE: 101, Action.FOLLOW: 50}
    assert [fault.pointer for fault in coverage_faults(wrong, "/coverage")] == [
        "/coverage/like",
        "/coverage/follow",
    ]
    assert [fault.pointer for fault in coverage_faults(-1, "/coverage")] == ["/coverage"]
    assert coverage_faults({Action.QUOTE: 0}, "/coverage") == []
    on_platforms: Threshold = {Action.LIKE: {Platform.VK: 101}, Action.QUOTE: {}}
    assert [fault.pointer for fault in coverage_faults(on_platforms, "/coverage")] == [
        "/coverage/like/vk",
        "/coverage/quote",
    ]


@pytest.mark.parametrize("language", Language)
def test_the_terms_print_every_reason_and_how_long_a_delay_is(language: Language) -> None:
    real, practice = (
        " ".join(override_paragraphs(language, practice=practice)) for practice in (False, True)
    )
    assert real != practice
    for reason in OverrideReason:
        assert f"{meaning_of(reason, language)} ({reason})" in real


def test_the_terms_say_what_is_asked_of_each_action_that_counts() -> None:
    rules = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "commented"}]}
    wanted = definition(
        rules=msgspec.convert(rules, Rule), coverage={Action.LIKE: 95, Action.REPOST: 10}
    )
    (english,), (russian,) = (coverage_paragraphs(wanted, each) for each in Language)
    assert "likes 95 %, comments 90 %." in english
    assert "лайки 95 %, комментарии 90 %." in russian
    assert list(coverage_paragraphs(definition(coverage=0), Language.ENGLISH)) == []
