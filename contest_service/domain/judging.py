"""An entrant's verdict, and the record that seals it.

The record is what the evidence hash in the freeze event covers, so its shape is fixed in
docs/draw-protocol.md; `flows` turns it into canonical bytes.
"""

import enum
from typing import Any

import msgspec

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions import AnyCondition
from contest_service.domain.rules import Rule, Tickets, Unverified, judge, tickets_of


class EntrantState(enum.StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    CANNOT_VERIFY = "cannot_verify"
    QUARANTINED = "quarantined"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say of one entrant. `reason` is that of the first condition that decided."""

    state: EntrantState
    reason: str
    tickets: int
    findings: tuple[tuple[str, AnyCondition, Finding], ...]


def judge_entrant(
    case: Case, *, rules: Rule, tickets: Tickets, unverified: Unverified
) -> Judgement:
    """Judge an entrant's case by the rules in force."""
    verdict, findings = judge(rules, case)
    match verdict:
        case Verdict.HOLDS:
            state, reason = EntrantState.VALID, "all_conditions_hold"
        case Verdict.UNKNOWN if unverified is Unverified.ADMIT:
            state, reason = EntrantState.VALID, "admitted_unverified"
        case Verdict.UNKNOWN:
            state, reason = EntrantState.CANNOT_VERIFY, _deciding(findings, Verdict.UNKNOWN)
        case Verdict.WITHDRAWN:
            state, reason = EntrantState.INVALID, _deciding(findings, Verdict.WITHDRAWN)
        case Verdict.FAILS:
            state, reason = EntrantState.INVALID, _deciding(findings, Verdict.FAILS)
    held = tickets_of(tickets, case) if state is EntrantState.VALID else 0
    return Judgement(state=state, reason=reason, tickets=held, findings=tuple(findings))


def _deciding(findings: list[tuple[str, AnyCondition, Finding]], verdict: Verdict) -> str:
    return next(
        f"{condition_name(condition)}.{finding.reason}"
        for _, condition, finding in findings
        if finding.verdict is verdict
    )


def condition_name(condition: AnyCondition) -> str:
    tag = type(condition).__struct_config__.tag
    return str(tag)


def evidence_record(
    judgement: Judgement, *, contest: str, entry: str, subject: str, terms_version: int
) -> dict[str, Any]:
    """The record of an entrant's verdict in the strict JSON profile: no nulls, only integers."""
    return {
        "conditions": [
            {
                "at": pointer,
                "condition": condition_name(condition),
                "version": condition.version,
                "verdict": finding.verdict.value,
                "reason": finding.reason,
                "evidence": [_presence_record(seen) for seen in finding.evidence],
            }
            for pointer, condition, finding in judgement.findings
        ],
        "contest": contest,
        "entry": entry,
        "reason": judgement.reason,
        "state": judgement.state.value,
        "subject": subject,
        "terms_version": terms_version,
        "tickets": judgement.tickets,
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
    if seen.gone_why is not None:
        record["gone_why"] = seen.gone_why.value
    return record
