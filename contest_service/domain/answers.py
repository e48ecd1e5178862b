"""Answers to "do I take part?": a verdict and its reasons in words, and what to do next.

Short, and for people who know nothing of how a contest is judged. What only an account's owner may
know (the profile, lists) is not said here to anybody else.
"""

from datetime import datetime

import msgspec

from contest_service.domain.conditions import AnyCondition, Language
from contest_service.domain.conditions.answered import SEALED
from contest_service.domain.dates import say_time
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState
from contest_service.domain.reason_words import NOTHING, REASONS, WRITE, Words
from contest_service.domain.wording import english, russian

NOT_SEEN = "not_seen"
"""Of an account that was never seen in the contest, whether or not there is one of that name."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is so, and what to do next; the second is empty where nothing is to be done."""

    text: str
    next: str


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Where a contest stands, and how its times are said."""

    language: Language
    closes_at: datetime
    zone: str
    is_fixed: bool
    """Whether the list of entries cannot change any more."""
    is_void: bool = False
    """Whether the contest ended without a draw."""
    is_owner: bool = False
    """Whether the account's owner is told."""


_PRIVATE: tuple[Words, Words] = (
    (
        "Only the account's owner may see this.",
        "Это может видеть только владелец аккаунта.",
    ),
    (
        "Show that the account is yours to see it.",
        "Подтвердите, что аккаунт ваш, чтобы это увидеть.",
    ),
)
_STATES: dict[str, tuple[Words, Words]] = {
    NOT_SEEN: (
        (
            "We have not seen this account in the contest.",
            "Мы не видели этот аккаунт в конкурсе.",
        ),
        (
            "Check how it is spelled. If you have just taken part, look again in a few minutes.",
            "Проверьте, как он написан. Если вы только что приняли участие, проверьте ещё раз "
            "через несколько минут.",
        ),
    ),
    EntrantState.VALID: (
        ("This account takes part with {tickets}.", "Этот аккаунт участвует: {tickets}."),
        (
            "Keep what the rules ask for until {close}.",
            "Ничего не отменяйте до {close}.",
        ),
    ),
    EntrantState.INVALID: (
        ("This account does not take part yet.", "Этот аккаунт пока не участвует."),
        (
            "See below which condition is missing.",
            "Ниже видно, какого условия не хватает.",
        ),
    ),
    EntrantState.CANNOT_VERIFY: (
        (
            "We cannot check whether this account takes part.",
            "Мы не можем проверить, участвует ли этот аккаунт.",
        ),
        ("See below what we cannot see.", "Ниже видно, чего мы не видим."),
    ),
    SEALED: (
        (
            "This account has answered. Whether it takes part is known after the close, when the "
            "right answers are opened.",
            "Этот аккаунт ответил. Участвует ли он, станет известно после закрытия, когда откроют "
            "правильные ответы.",
        ),
        (
            "Keep what the rules ask for until {close}.",
            "Ничего не отменяйте до {close}.",
        ),
    ),
    EntrantState.QUARANTINED: (
        ("The organiser is looking at this account.", "Организатор проверяет этот аккаунт."),
        WRITE,
    ),
}
_FIXED: dict[str, tuple[Words, Words]] = {
    EntrantState.VALID: (
        (
            "This account is in the final list with {tickets}.",
            "Этот аккаунт в окончательном списке: {tickets}.",
        ),
        (
            "Show that the account is yours to get your receipt.",
            "Подтвердите, что аккаунт ваш, чтобы получить квитанцию.",
        ),
    ),
}
_OWN_RECEIPT: Words = (
    "Keep your receipt: it shows that you are in the list.",
    "Сохраните квитанцию: она показывает, что вы в списке.",
)
_VOID: tuple[Words, Words] = (
    ("The contest ended without a draw.", "Конкурс закончился без розыгрыша."),
    NOTHING,
)
_NOT_IN: tuple[Words, Words] = (
    ("This account is not in the final list.", "Этого аккаунта нет в окончательном списке."),
    (
        "The list cannot change any more. If you think that this is wrong, write to the organiser.",
        "Список больше не меняется. Если это ошибка, напишите организатору.",
    ),
)


def say_state(state: str, tickets: int, at: Moment) -> Answer:
    """Say whether an account takes part. `state` is an entrant's, `NOT_SEEN` or `SEALED`."""
    words = _words_of(state, at)
    counted = english(tickets, "ticket")
    if at.language is Language.RUSSIAN:
        counted = russian(tickets, ("билет", "билета", "билетов"))
    return _say(words, at, tickets=counted)


def _words_of(state: str, at: Moment) -> tuple[Words, Words]:
    if at.is_void:
        return _VOID
    if not at.is_fixed:
        return _STATES[state]
    text, next_ = _FIXED.get(state, _NOT_IN)
    return (text, _OWN_RECEIPT) if at.is_owner and state in _FIXED else (text, next_)


def say_reason(reason: str, at: Moment) -> Answer:
    """Say what was found for one condition; nothing can be done about it in a fixed list."""
    said = _say(REASONS[reason], at)
    return msgspec.structs.replace(said, next="") if at.is_fixed else said


def say_private(at: Moment) -> Answer:
    """Say that a condition's verdict is not for everybody."""
    return _say(_PRIVATE, at)


def is_public(condition: AnyCondition) -> bool:
    """Whether everybody may know what was found: what people did is public where they did it."""
    return condition.action not in (None, Action.ENTRY)


def _say(words: tuple[Words, Words], at: Moment, **more: str) -> Answer:
    place = 1 if at.language is Language.RUSSIAN else 0
    close = say_time(at.closes_at, at.zone, at.language)
    text, next_ = (each[place].format(close=close, **more) for each in words)
    return Answer(text=text, next=next_)


_HOW: tuple[Words, ...] = (
    (
        "Write this code in a comment under the contest post, with the account that is yours: "
        "{code}",
        "Напишите этот код в комментарии под записью конкурса с вашего аккаунта: {code}",
    ),
    (
        "Or send it to the community in a message.",
        "Или отправьте его сообществу личным сообщением.",
    ),
    (
        "The code is good until {by}, and works once. You may delete the comment afterwards.",
        "Код действует до {by} и только один раз. Потом комментарий можно удалить.",
    ),
    (
        "Never write a code that somebody else gave you: they would see what is yours.",
        "Не пишите код, который вам дал кто-то другой: он увидит то, что принадлежит вам.",
    ),
)
_BY_MESSAGE = 1


def say_how(
    language: Language, *, code: str, by: datetime, zone: str, by_message: bool
) -> list[str]:
    """Say how to show that an account is one's own, a sentence or two a line."""
    place = 1 if language is Language.RUSSIAN else 0
    return [
        words[place].format(code=code, by=say_time(by.replace(microsecond=0), zone, language))
        for number, words in enumerate(_HOW)
        if by_message or number != _BY_MESSAGE
    ]
