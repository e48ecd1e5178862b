"""Which actions count, in words: paragraphs of the terms about times and moments.

English and Russian stand side by side, so that neither says more than the other.
"""

from collections.abc import Iterator

from contest_service.domain.conditions import Follows, Language, When
from contest_service.domain.contest import Definition, every_condition


def counting_paragraphs(definition: Definition, language: Language) -> Iterator[str]:
    """Say which actions count: done when, and there until when."""
    yield _say(
        language,
        en="An action counts if it was done between the opening and the close, both included, by "
        "the platform's clock, and is still there when everything is read after the close (the "
        "closing scan).",
        ru="Действие засчитывается, если оно сделано между открытием и закрытием включительно по "
        "часам площадки и всё ещё на месте, когда после закрытия всё читается заново "
        "(закрывающее чтение).",
    )
    yield _say(
        language,
        en="Where the platform gives no time for an action, it is taken to be in time unless it "
        "was seen before the opening already, or was still missing in a complete scan after the "
        "close. An action without a platform time that is first seen by the closing scan counts.",
        ru="Если площадка не сообщает время действия, оно считается сделанным вовремя, кроме "
        "случаев, когда его видели ещё до открытия или когда его ещё не было в полном чтении после "
        "закрытия. Действие без времени площадки, впервые увиденное закрывающим чтением, "
        "засчитывается.",
    )
    yield from _lasting(definition, language)


def _lasting(definition: Definition, language: Language) -> Iterator[str]:
    """What counts of what need not stay, or has to stay the whole time."""
    asked = [condition for _, condition in every_condition(definition)]
    if any(each.when is When.ONCE for each in asked):
        yield _say(
            language,
            en="What may be undone later counts if it was seen once in the contest's time.",
            ru="То, что потом можно отменить, засчитывается, если его хоть раз увидели во время "
            "конкурса.",
        )
    if any(each.when is When.WHOLE_TIME for each in asked):
        yield _say(
            language,
            en="What has to be there the whole time counts unless a reading or a live event "
            "showed that it was gone for a while.",
            ru="То, что должно быть на месте всё время, засчитывается, если ни чтение, ни событие "
            "не показали перерыва.",
        )
    follows = {each.when is When.WHOLE_TIME for each in asked if isinstance(each, Follows)}
    if True in follows:
        yield _say(
            language,
            en="Whoever is on the first list of followers that is read after the opening is taken "
            "to have followed from the opening.",
            ru="Кто есть в первом списке подписчиков, прочитанном после открытия, тот считается "
            "подписанным с открытия.",
        )
    if False in follows:
        yield _say(
            language,
            en="It does not matter when you began to follow, as long as it was not after the "
            "close.",
            ru="Когда вы подписались, неважно, лишь бы не после закрытия.",
        )


def _say(language: Language, *, en: str, ru: str) -> str:
    return ru if language is Language.RUSSIAN else en
