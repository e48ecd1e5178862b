"""Marks: what the conditions say of an entrant, a letter each, and what they miss. Pure."""

from collections.abc import Mapping
from typing import Any

from contest_service.domain.case import Verdict
from contest_service.domain.judging import Judgement
from contest_service.domain.rules import Rule, conditions, verdict_of, verdicts


def marks_in(record: Mapping[str, Any]) -> str:
    """The marks of a verdict by its evidence record."""
    return "".join([finding["verdict"][0] for finding in record["conditions"]])


def entered_at(judgement: Judgement) -> int:
    """When the first action that counts for anything was, or else was seen; 0 if there is none."""
    entered = 0
    for judged in judgement.findings:
        first = judged.first
        if first and (first < entered or not entered):
            entered = first
    return entered


def only_missing(rule: Rule, marks: str) -> list[int]:
    """The conditions of which each, if it alone held too, would make the rules hold.

    By their places in the order of the rules. None where the rules hold already, or were others
    when the marks were made.
    """
    pointers = [at for at, _ in conditions(rule)]
    if len(pointers) != len(marks):
        return []
    found = dict(zip(pointers, verdicts(marks), strict=True))
    if verdict_of(rule, found) is Verdict.HOLDS:
        return []
    return [
        place
        for place, at in enumerate(pointers)
        if found[at] is not Verdict.HOLDS
        and verdict_of(rule, {**found, at: Verdict.HOLDS}) is Verdict.HOLDS
    ]
