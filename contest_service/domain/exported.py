"""Entrants as a table for the organiser: the columns, and verdicts in words. Pure."""

from collections.abc import Mapping
from typing import get_args

from contest_service.domain.conditions import AnyCondition, Language
from contest_service.domain.judging import EntrantState
from contest_service.domain.linked import MERGED
from contest_service.domain.overrides import say_overridden
from contest_service.domain.reason_words import REASONS

HEADER = (
    "id",
    "label",
    "subject",
    "accounts",
    "reference",
    "state",
    "state_text",
    "reason",
    "reason_text",
    "tickets",
    "entered_at",
    "judged_at",
    "erased_at",
)
"""`accounts` are all of an entrant's, divided by spaces. `reference` and `entered_at` are of
entries that were brought in without an account."""

_Words = tuple[str, str]
_STATES: Mapping[EntrantState, _Words] = {
    EntrantState.VALID: ("takes part", "участвует"),
    EntrantState.INVALID: ("does not take part", "не участвует"),
    EntrantState.CANNOT_VERIFY: ("cannot be verified", "нельзя проверить"),
    EntrantState.QUARANTINED: ("is being looked at", "на проверке"),
}
_WHOLE: Mapping[str, _Words] = {
    "all_conditions_hold": ("All conditions are fulfilled.", "Все условия выполнены."),
    "admitted_unverified": (
        "What cannot be verified was not held against them, as the rules say.",
        "То, что нельзя проверить, по правилам не мешает участию.",
    ),
    "held.person": (
        "The organiser holds the account for checking.",
        "Организатор задержал аккаунт для проверки.",
    ),
    "held.rule": (
        "Held for checking: the score of fraud signals reached what the rules say.",
        "Задержан для проверки: набрано столько признаков накрутки, сколько указано в правилах.",
    ),
    MERGED: (
        "It takes part with another account of the same person.",
        "Участвует вместе с другим аккаунтом того же человека.",
    ),
}
_LABELS = {str(kind.__struct_config__.tag): kind.label for kind in get_args(AnyCondition)}


def say_state(state: EntrantState, language: Language) -> str:
    """A verdict in a few words."""
    return _STATES[state][_place(language)]


def say_reason(reason: str, language: Language) -> str:
    """The reason of a verdict in words: which condition, and what was found for it.

    Empty for a reason that is told by its code alone.
    """
    if reason in _WHOLE:
        return _WHOLE[reason][_place(language)]
    if overridden := say_overridden(reason, language):
        return overridden
    name, _, code = reason.partition(".")
    if name not in _LABELS or code not in REASONS:
        return ""
    found, _next = REASONS[code]
    return f"{_LABELS[name][language]}: {found[_place(language)]}"


def _place(language: Language) -> int:
    return 1 if language is Language.RUSSIAN else 0
