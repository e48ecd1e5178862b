"""Why the service moves freeze and draw by itself, in the words of the public amendment."""

import enum
from collections.abc import Mapping

from contest_service.domain.conditions import Language


class Delay(enum.Enum):
    """What the freeze waits for."""

    SCANS = enum.auto()
    COVERAGE = enum.auto()
    ANSWERS = enum.auto()
    DISTANCE = enum.auto()
    """The draw would have come too soon after it."""


_WHY: Mapping[Delay, tuple[str, str]] = {
    Delay.SCANS: (
        "What people did could not be read to its end in time.",
        "Не удалось вовремя дочитать, что сделали люди.",
    ),
    Delay.COVERAGE: (
        "Less was seen of what people did than the terms ask for.",
        "Увидено меньше действий, чем требуют правила.",
    ),
    Delay.ANSWERS: (
        "The right answers could not be opened yet.",
        "Правильные ответы пока не удалось открыть.",
    ),
    Delay.DISTANCE: (
        "The list could not be fixed early enough before the draw.",
        "Список не удалось зафиксировать достаточно рано до розыгрыша.",
    ),
}
_LATER = ("The list is fixed, and the draw held, later.", "Список и розыгрыш будут позже.")


def say_delay(delay: Delay, language: Language) -> str:
    """Why the list is fixed later, and that the draw is later too."""
    place = 1 if language is Language.RUSSIAN else 0
    return f"{_WHY[delay][place]} {_LATER[place]}"
