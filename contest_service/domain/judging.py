"""An entrant's verdict, and the record that seals it.

The record is what the evidence hash in the freeze event covers, so its shape is fixed in
docs/draw-protocol.md; `flows` turns it into canonical bytes.
"""

import enum
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from contest_service.domain.case import Case, Presence, Verdict
from contest_service.domain.conditions import AnyCondition, Condition
from contest_service.domain.conditions.answered import SEALED
from contest_service.domain.rules import (
    Judged,
    Outcome,
    Rule,
    Tickets,
    Unverified,
    bonuses_of,
    judge,
    tickets_of,
)


class EntrantState(enum.StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    CANNOT_VERIFY = "cannot_verify"
    QUARANTINED = "quarantined"


class Judgement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the rules say of one entrant. `reason` is that of the first condition that decided.

    `marks` are the verdicts of `findings`, a letter each, in the order of the rules. `bonuses` are
    what was found for each bonus; only an entrant who is valid can earn any.
    `terms_version` is that of the terms by which it was judged, where several count for somebody.
    """

    state: EntrantState
    reason: str
    tickets: int
    findings: tuple[Judged, ...]
    marks: str
    bonuses: tuple[Judged, ...] = ()
    terms_version: int | None = None
    override: Mapping[str, Any] = {}
    """What the record says of persons who set the rules' own verdict aside (`overrides`)."""


def judge_entrant(
    case: Case, *, rules: Rule, tickets: Tickets, unverified: Unverified
) -> Judgement:
    """Judge an entrant's case by the rules in force."""
    outcome = judge(rules, case)
    match outcome.verdict:
        case Verdict.HOLDS:
            state, reason = EntrantState.VALID, "all_conditions_hold"
        case Verdict.WITHDRAWN | Verdict.FAILS:
            state, reason = EntrantState.INVALID, _decisive(outcome)
        case Verdict.UNKNOWN if unverified is Unverified.ADMIT and (sealed := _sealed(outcome)):
            # Nobody is promised a place before it can be known whether their answer is right.
            state, reason = EntrantState.CANNOT_VERIFY, sealed
        case Verdict.UNKNOWN if unverified is Unverified.ADMIT:
            state, reason = EntrantState.VALID, "admitted_unverified"
        case Verdict.UNKNOWN:
            state, reason = EntrantState.CANNOT_VERIFY, _decisive(outcome)
    if state is not EntrantState.VALID:
        return Judgement(
            state=state, reason=reason, tickets=0, findings=outcome.findings, marks=outcome.marks
        )
    bonuses = bonuses_of(tickets, case) if tickets.bonuses else []
    return Judgement(
        state=state,
        reason=reason,
        tickets=tickets_of(tickets, bonuses),
        findings=outcome.findings,
        marks=outcome.marks,
        bonuses=tuple([judged for bonus in bonuses for judged in bonus.findings]),
    )


def _decisive(outcome: Outcome) -> str:
    return _reason(type(outcome.due_to.condition), outcome.due_to.finding.reason)


@lru_cache(maxsize=1024)
def _reason(kind: type[Condition], reason: str) -> str:
    return f"{kind.__struct_config__.tag}.{reason}"


def _sealed(outcome: Outcome) -> str:
    """The reason that answers are still sealed, if they are."""
    found = (each for each in outcome.findings if each.finding.reason == SEALED)
    return next((f"{condition_name(each.condition)}.{SEALED}" for each in found), "")


def condition_name(condition: AnyCondition) -> str:
    tag = type(condition).__struct_config__.tag
    return str(tag)


def evidence_record(
    judgement: Judgement, *, contest: str, entry: str, subject: str, terms_version: int
) -> dict[str, Any]:
    """The record of an entrant's verdict in the strict JSON profile: no nulls, only integers."""
    override = {"override": dict(judgement.override)} if judgement.override else {}
    return override | {
        "bonuses": [_finding_record(judged) for judged in judgement.bonuses],
        "conditions": [_finding_record(judged) for judged in judgement.findings],
        "contest": contest,
        "entry": entry,
        "reason": judgement.reason,
        "state": judgement.state.value,
        "subject": subject,
        "terms_version": judgement.terms_version or terms_version,
        "tickets": judgement.tickets,
    }


def _finding_record(judged: Judged) -> dict[str, Any]:
    return {
        "at": judged.at,
        "condition": condition_name(judged.condition),
        "version": judged.condition.version,
        "verdict": judged.finding.verdict.value,
        "reason": judged.finding.reason,
        "evidence": [_presence_record(seen) for seen in judged.finding.evidence],
        "facts": dict(judged.finding.facts),
    }


def _presence_record(seen: Presence) -> dict[str, Any]:
    record: dict[str, Any] = {
        "action": seen.action.value,
        "target": seen.target,
        "ref": seen.ref,
        "seen_at": seen.seen_at,
    }
    for field in ("at", "absent_at", "gone_at"):
        value = getattr(seen, field)
        if value is not None:
            record[field] = value
    if seen.account:
        record["account"] = seen.account
    if seen.is_heard:
        record["heard"] = True
    if seen.gone_why is not None:
        record["gone_why"] = seen.gone_why.value
    return record
