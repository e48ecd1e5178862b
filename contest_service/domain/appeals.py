"""Appeals: an entrant asks, before the list is fixed, to be checked again, and is answered.

Pure.
"""

import enum
from collections.abc import Mapping

from contest_service.domain.conditions import Language

LONGEST_TEXT = 1000
"""Characters of an appeal, or of an answer."""
MOST_APPEALS = 5
"""That one entrant may make in a contest."""


class AppealState(enum.StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    """The list was fixed, or the contest ended, before anybody answered."""


class AppealOutcome(enum.StrEnum):
    """What came of an appeal."""

    UNCHANGED = "unchanged"
    """It was judged again, and the verdict is the same."""
    CHANGED = "changed"
    """It was judged again, and the verdict is another."""
    OVERRIDE_PROPOSED = "override_proposed"
    """Persons are about to set the verdict aside, or have done so."""
    NOTHING_TO_DO = "nothing_to_do"
    """It asks for nothing that could be checked."""


_STATES: Mapping[AppealState, Mapping[Language, str]] = {
    AppealState.OPEN: {
        Language.ENGLISH: "You asked to be checked again. The organiser has not answered yet.",
        Language.RUSSIAN: "Вы попросили проверить ещё раз. Организатор пока не ответил.",
    },
    AppealState.UNANSWERED: {
        Language.ENGLISH: "You asked to be checked again. The organiser did not answer before the "
        "list was fixed.",
        Language.RUSSIAN: "Вы попросили проверить ещё раз. Организатор не ответил до того, как "
        "список был зафиксирован.",
    },
}
_OUTCOMES: Mapping[AppealOutcome, Mapping[Language, str]] = {
    AppealOutcome.UNCHANGED: {
        Language.ENGLISH: "You were checked again, and the verdict stays.",
        Language.RUSSIAN: "Вас проверили ещё раз, решение прежнее.",
    },
    AppealOutcome.CHANGED: {
        Language.ENGLISH: "You were checked again, and the verdict is another.",
        Language.RUSSIAN: "Вас проверили ещё раз, решение изменилось.",
    },
    AppealOutcome.OVERRIDE_PROPOSED: {
        Language.ENGLISH: "The organiser means to decide otherwise. It takes two persons, or some "
        "time in public.",
        Language.RUSSIAN: "Организатор собирается решить иначе. Для этого нужны два человека или "
        "время на публичное ожидание.",
    },
    AppealOutcome.NOTHING_TO_DO: {
        Language.ENGLISH: "The organiser found nothing to check.",
        Language.RUSSIAN: "Организатор не нашёл, что проверить.",
    },
}


def say_appeal(state: AppealState, outcome: AppealOutcome | None, language: Language) -> str:
    """Say to whoever made it how far an appeal is."""
    return (_STATES[state] if outcome is None else _OUTCOMES[outcome])[language]
