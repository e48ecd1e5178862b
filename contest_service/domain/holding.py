"""Holding: what the terms say of accounts that the organiser holds for checking.

Off unless the organiser asks for it, since it gives a person discretion over who is in the list:
the published rules have to say so. Signals flag; only published rules exclude. A threshold in the
terms is such a rule, and with it the service holds by itself; without one nobody is held but by a
person. Pure.
"""

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault
from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.signals import scores
from contest_service.domain.wording import number


class Holding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How accounts may be held for checking, up to the freeze.

    With a `threshold`, the service holds every account whose score of fraud signals reaches it, by
    these `weights`; a signal that is not named has its usual weight. `version` is that of the
    signals.
    """

    threshold: int | None = None
    weights: dict[str, int] = {}
    version: int = scores.VERSION

    @property
    def all_weights(self) -> dict[str, int]:
        """The weight of every signal, as it is published."""
        return {name: self.weights.get(name, usual) for name, usual in scores.WEIGHTS.items()}


class HoldReason(enum.StrEnum):
    """Why a person holds an account; none of it becomes public."""

    SUSPECTED_BOT = "suspected-bot"
    SUSPECTED_FARM = "suspected-farm"
    COPIED_COMMENTS = "copied-comments"
    DUPLICATE_PERSON = "duplicate-person"
    COMPLAINT = "complaint"
    OTHER = "other"


class ReleaseReason(enum.StrEnum):
    """Why a person lets an account go."""

    CHECKED = "checked"
    MISTAKE = "mistake"
    APPEAL = "appeal"
    OTHER = "other"


class Cause(enum.StrEnum):
    """Who holds an account."""

    PERSON = "person"
    RULE = "rule"


BY_RULE = "score-reached"
"""The reason code of an account that is held by the published threshold."""
BELOW_AGAIN = "score-below"
"""The reason code with which the published rule lets one go."""


def hold(judged: Judgement, cause: Cause) -> Judgement:
    """The verdict on an entrant who is held: whoever would count does not, and no other changes.

    What was found stays.
    """
    if judged.state is not EntrantState.VALID:
        return judged
    return msgspec.structs.replace(
        judged, state=EntrantState.QUARANTINED, reason=f"held.{cause}", tickets=0, bonuses=()
    )


def holding_faults(holding: Holding | None, at: str) -> list[Fault]:
    """What is wrong with how accounts are to be held."""
    if holding is None:
        return []
    faults = scores.weight_faults(holding.weights, f"{at}/weights")
    if holding.threshold is not None:
        faults += scores.threshold_faults(holding.threshold, f"{at}/threshold")
    elif holding.weights:
        detail = "go with a threshold; a person who holds somebody needs none"
        faults.append(Fault(pointer=f"{at}/weights", detail=detail))
    if holding.version != scores.VERSION:
        detail = f"is the version of the signals: this service measures version {scores.VERSION}"
        faults.append(Fault(pointer=f"{at}/version", detail=detail))
    return faults


def holding_facts(holding: Holding | None) -> Mapping[str, Any]:
    """What the terms say of it to machines; nothing where nobody may be held."""
    if holding is None:
        return {}
    if holding.threshold is None:
        return {"holding": {}}
    rule = {"threshold": holding.threshold, "version": holding.version}
    return {"holding": {**rule, "weights": holding.all_weights}}


def holding_paragraphs(holding: Holding | None, language: Language) -> Iterator[str]:
    """Say it to people."""
    if holding is None:
        return
    yield _HELD[language]
    if holding.threshold is None:
        return
    weights = ", ".join(
        f"{scores.BY_NAME[name].title(language)} – {number(weight)}"
        for name, weight in holding.all_weights.items()
        if weight
    )
    yield _RULE[language].format(
        threshold=holding.threshold, version=holding.version, weights=weights
    )


_HELD = {
    Language.ENGLISH: "Until the list is fixed, the organiser may hold an account for checking and "
    "release it again. Its owner sees that when they check whether they take part, and can object. "
    "Whoever is still held when the list is fixed is not in it.",
    Language.RUSSIAN: "До фиксации списка организатор может задержать аккаунт для проверки и снова "
    "допустить его. Владелец видит это, когда проверяет своё участие, и может возразить. Кто "
    "остаётся задержанным к фиксации списка, в него не входит.",
}
_RULE = {
    Language.ENGLISH: "Every account whose score of fraud signals is at least {threshold} of 100 "
    "is held without anybody's decision, and only the organiser can release it. The signals, in "
    "version {version}, with the score that each gives alone at most: {weights}.",
    Language.RUSSIAN: "Аккаунт, набравший по признакам накрутки не меньше {threshold} из 100, "
    "задерживается без чьего-либо решения, и допустить его может только организатор. Признаки, "
    "версия {version}, и сколько самое большее даёт каждый сам по себе: {weights}.",
}
