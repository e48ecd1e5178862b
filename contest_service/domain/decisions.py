"""Decisions before the freeze in words: paragraphs of the terms about what persons may set aside.

English and Russian stand side by side, so that neither says more than the other.
"""

from collections.abc import Iterator

from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.coverage import say_threshold
from contest_service.domain.dates import say_duration
from contest_service.domain.overrides import REASONS, OverrideKind, meaning_of
from contest_service.domain.reasons import delay_of
from contest_service.domain.rules import actions_asked


def coverage_paragraphs(definition: Definition, language: Language) -> Iterator[str]:
    """Say what happens if the closing scan sees too little; nothing if that cannot be."""
    threshold = definition.coverage
    if isinstance(threshold, int):
        if threshold:
            yield {
                Language.ENGLISH: f"If the closing scan sees less than {threshold} % of what the "
                "posts' own counters show, the list is not fixed as planned: the times move, or "
                "the organiser says why it is fixed nevertheless.",
                Language.RUSSIAN: f"Если закрывающее чтение видит меньше {threshold} % того, что "
                "показывают счётчики записей, список не фиксируется в срок: время переносится или "
                "организатор объясняет, почему список всё же зафиксирован.",
            }[language]
        return
    asked = actions_asked(definition.rules, definition.tickets)
    if share := say_threshold(threshold, language, asked):
        yield {
            Language.ENGLISH: "The closing scan has to see this much of what the posts' own "
            f"counters show: {share}. If it sees less, the list is not fixed as planned: the times "
            "move, or the organiser says why it is fixed nevertheless.",
            Language.RUSSIAN: "Закрывающее чтение должно увидеть столько от того, что показывают "
            f"счётчики записей: {share}. Если оно видит меньше, список не фиксируется в срок: "
            "время переносится или организатор объясняет, почему список всё же зафиксирован.",
        }[language]


def override_paragraphs(language: Language, *, practice: bool) -> Iterator[str]:
    """Say how a verdict can be objected to and overridden before the list is fixed, and by whom."""
    admit, exclude = (
        "; ".join(f"{meaning_of(reason, language)} ({reason})" for reason in REASONS[kind])
        for kind in (OverrideKind.ADMIT, OverrideKind.EXCLUDE)
    )
    time = say_duration(delay_of(practice=practice), language)
    yield {
        Language.ENGLISH: "Whoever shows that an account is theirs can ask, until the list is "
        "fixed, to be checked again, and is answered in the same place.",
        Language.RUSSIAN: "Кто подтвердит, что аккаунт принадлежит ему, может до фиксации списка "
        "попросить проверить его ещё раз. Ответ появится там же.",
    }[language]
    yield {
        Language.ENGLISH: "Until then the organiser can set a verdict aside. Whoever it keeps out "
        f"is admitted only for one of these reasons: {admit}; and holds the tickets of an entry "
        f"without bonuses. Whoever it lets in is excluded only for one of these: {exclude}.",
        Language.RUSSIAN: "До этого организатор может изменить результат проверки. Того, кто её не "
        f"прошёл, допускают только по одной из этих причин: {admit}; дополнительных билетов он не "
        f"получает. Того, кто прошёл, исключают только по одной из этих: {exclude}.",
    }[language]
    yield {
        Language.ENGLISH: "That, and fixing the list although the closing scan saw too little, "
        "takes two persons who both belonged to the organiser's team when the contest started. "
        "Where there are no two such persons, the decision is shown in public and takes effect "
        f"{time} later. How often it was done, and for which reasons, is published.",
        Language.RUSSIAN: "Такое решение, как и решение зафиксировать список, хотя закрывающее "
        "чтение увидело слишком мало, принимают двое, и оба должны были входить в команду "
        "организатора, когда конкурс начался. Если двух таких людей нет, решение показывают "
        f"публично, и оно вступает в силу через {time}. Сколько раз так решали и по каким "
        "причинам, публикуется.",
    }[language]
