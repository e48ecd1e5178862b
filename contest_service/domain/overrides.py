"""Overrides: what persons may set aside before the list is fixed, and what it makes of a verdict.

A verdict is overridden only for a reason of the published list; the coverage that the terms ask for
with words of the organiser's own. What the rules say stays beside it. Pure.
"""

import enum
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.people import Role
from contest_service.domain.reasons import MEANINGS
from contest_service.domain.rules import Tickets


class OverrideKind(enum.StrEnum):
    """What is set aside."""

    ADMIT = "admit"
    """Somebody counts although the rules, as far as could be seen, say that they do not."""
    EXCLUDE = "exclude"
    """Somebody does not count although the conditions hold."""
    COVERAGE = "coverage"
    """The list is fixed although the closing scans saw less than the terms ask for."""
    RECHECK = "recheck"
    """The winners are not checked once more, since the platform cannot be reached; the service
    decides that by itself."""


class OverrideReason(enum.StrEnum):
    """What persons may give as a reason; the number of times is public."""

    SHOWN_OTHERWISE = "shown-otherwise"
    PLATFORM_FAULT = "platform-fault"
    ORGANISER_MISTAKE = "organiser-mistake"
    DUPLICATE_PERSON = "duplicate-person"
    STAFF = "staff"
    FRAUD = "fraud"
    NOT_ELIGIBLE = "not-eligible"
    OWN_REQUEST = "own-request"


REASONS: Mapping[OverrideKind, tuple[OverrideReason, ...]] = {
    OverrideKind.ADMIT: (
        OverrideReason.SHOWN_OTHERWISE,
        OverrideReason.PLATFORM_FAULT,
        OverrideReason.ORGANISER_MISTAKE,
    ),
    OverrideKind.EXCLUDE: (
        OverrideReason.DUPLICATE_PERSON,
        OverrideReason.STAFF,
        OverrideReason.FRAUD,
        OverrideReason.NOT_ELIGIBLE,
        OverrideReason.OWN_REQUEST,
    ),
}
"""The published list. Whoever is taken out before the freeze is for the reasons of afterwards."""

_ADMITTED: Mapping[str, Mapping[Language, str]] = {
    code: {Language.ENGLISH: en, Language.RUSSIAN: ru}
    for code, en, ru in (
        (
            OverrideReason.SHOWN_OTHERWISE,
            "it was shown in another way that the requirements are met",
            "выполнение условий подтверждено другим способом",
        ),
        (
            OverrideReason.PLATFORM_FAULT,
            "the platform did not show what was done",
            "площадка не показала сделанное",
        ),
        (
            OverrideReason.ORGANISER_MISTAKE,
            "the organiser had made a mistake",
            "организатор допустил ошибку",
        ),
    )
}
_DECISIONS: Mapping[OverrideKind, Mapping[Language, str]] = {
    OverrideKind.ADMIT: {
        Language.ENGLISH: "The organiser decided that you take part: {why}.",
        Language.RUSSIAN: "Организатор решил, что вы участвуете: {why}.",
    },
    OverrideKind.EXCLUDE: {
        Language.ENGLISH: "The organiser decided that you do not take part: {why}.",
        Language.RUSSIAN: "Организатор решил, что вы не участвуете: {why}.",
    },
}
_VERDICTS = {OverrideKind.ADMIT: "admitted", OverrideKind.EXCLUDE: "excluded"}
_HEADINGS: Mapping[OverrideKind, Mapping[Language, str]] = {
    OverrideKind.ADMIT: {
        Language.ENGLISH: "Admitted by the organiser",
        Language.RUSSIAN: "Допущен организатором",
    },
    OverrideKind.EXCLUDE: {
        Language.ENGLISH: "Excluded by the organiser",
        Language.RUSSIAN: "Исключён организатором",
    },
}


class Overruling(msgspec.Struct, frozen=True, kw_only=True):
    """An override of one entrant's verdict that is in force.

    `approved_as` is None where nobody else could approve it and a public delay went by instead.
    """

    kind: OverrideKind
    reason: str
    at: int
    """Unix seconds."""
    proposed_as: Role
    approved_as: Role | None


def overrule(judged: Judgement, by: Overruling | None, tickets: Tickets) -> Judgement:
    """The verdict that an override makes of one, if there is any; what was found stays.

    Whoever is admitted holds the base of tickets, or what the rules give them by now.
    """
    if by is None:
        return judged
    reason, override = f"{_VERDICTS[by.kind]}.{by.reason}", _record(judged, by)
    if by.kind is OverrideKind.EXCLUDE:
        state = EntrantState.INVALID
        return msgspec.structs.replace(
            judged, state=state, reason=reason, tickets=0, bonuses=(), override=override
        )
    held = judged.tickets or tickets.base
    return msgspec.structs.replace(
        judged, state=EntrantState.VALID, reason=reason, tickets=held, override=override
    )


def strongest(rulings: Iterable[Overruling | None]) -> Overruling | None:
    """Which of the rulings on a person's accounts holds for their entry: an exclusion first."""
    given = [each for each in rulings if each is not None]
    excluded = (each for each in given if each.kind is OverrideKind.EXCLUDE)
    return next(excluded, given[0] if given else None)


def _record(judged: Judgement, by: Overruling) -> dict[str, Any]:
    """What the evidence record says of an override, with what the rules alone say beside it."""
    approved = {} if by.approved_as is None else {"approved_as": by.approved_as.value}
    return approved | {
        "at": by.at,
        "kind": by.kind.value,
        "reason": by.reason,
        "proposed_as": by.proposed_as.value,
        "judged": {
            "state": judged.state.value,
            "reason": judged.reason,
            "tickets": judged.tickets,
        },
    }


def meaning_of(reason: str, language: Language) -> str:
    """Say what a reason means."""
    return (_ADMITTED.get(reason) or MEANINGS[reason])[language]


def say_decision(kind: OverrideKind, reason: str, language: Language) -> str:
    """Say to an entrant what was decided about them."""
    return _DECISIONS[kind][language].format(why=meaning_of(reason, language))


_CODES = {
    f"{_VERDICTS[kind]}.{reason}": (kind, reason)
    for kind, reasons in REASONS.items()
    for reason in reasons
}
"""Every reason that a verdict can have by an override, as entrants are listed by it."""


def say_overridden(reason: str, language: Language) -> str:
    """Say a verdict's reason to the organiser; empty for one that is no override's."""
    if reason not in _CODES:
        return ""
    kind, why = _CODES[reason]
    return f"{_HEADINGS[kind][language]}: {meaning_of(why, language)}."
