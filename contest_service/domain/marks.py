"""Marks: what the conditions say of an entrant, a letter each, and what they miss. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from contest_service.domain.case import Verdict
from contest_service.domain.judging import Judgement
from contest_service.domain.rules import Rule, conditions, verdict_of

LETTERS = {verdict: verdict.value[0] for verdict in Verdict}
_VERDICTS = {letter: verdict for verdict, letter in LETTERS.items()}


def marks_of(judgement: Judgement) -> str:
    """The verdicts of all conditions, in the order of the rules."""
    return "".join([LETTERS[judged.finding.verdict] for judged in judgement.findings])


def marks_in(record: Mapping[str, Any]) -> str:
    """The marks of a verdict by its evidence record."""
    return "".join([finding["verdict"][0] for finding in record["conditions"]])


def entered_at(judgement: Judgement) -> int:
    """When the first action that counts for anything was, or else was seen; 0 if there is none."""
    first = 0
    for judged in judgement.findings:
        for seen in judged.finding.evidence:
            at = seen.seen_at if seen.at is None else seen.at
            first = at if not first or at < first else first
    return first


def verdicts(marks: str) -> Iterator[Verdict]:
    """Read marks, in the order of the rules."""
    return (_VERDICTS[letter] for letter in marks)


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
