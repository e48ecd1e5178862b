"""The published rules in words: paragraphs for people, from the same tree that judges them.

Every promise stands here in all languages side by side, so that none says more than another. The
announcements about a contest are in `texts`.
"""

from collections.abc import Iterator

import msgspec

from contest_service.domain.conditions import Commented, Language
from contest_service.domain.contest import Definition
from contest_service.domain.dates import say_duration, say_time_and_zone
from contest_service.domain.evidence import Action, Target
from contest_service.domain.rules import (
    Unverified,
    actions_asked,
    bonus_sentences,
    conditions,
    sentences,
)
from contest_service.domain.wording import english, number, russian


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a contest's terms, with all that its words need."""

    definition: Definition
    version: int
    reason: str
    posts: tuple[Target, ...]
    practice: bool
    round_: int
    link: str


def paragraphs(edition: Edition, language: Language) -> list[str]:
    """Write the whole rules in one language; a line that belongs to a list is a paragraph too."""
    return [paragraph for part in _PARTS for paragraph in part(edition, language)] + list(
        edition.definition.notes.get(language, ())
    )


def _say(language: Language, *, en: str, ru: str) -> str:
    match language:
        case Language.ENGLISH:
            return en
        case Language.RUSSIAN:
            return ru


def _opening(edition: Edition, language: Language) -> Iterator[str]:
    title, organiser = edition.definition.title, edition.definition.organiser
    if edition.practice:
        yield _say(
            language,
            en="PRACTICE. This contest is for practice: its draw proves nothing about chance.",
            ru="ТРЕНИРОВКА. Это учебный конкурс: его розыгрыш ничего не доказывает о случайности.",
        )
    yield title
    yield _say(
        language,
        en=f"A prize draw. Organiser: {organiser}. Chance alone decides who wins.",
        ru=f"Розыгрыш призов. Организатор: {organiser}. Кто выиграет, решает только случай.",
    )
    if edition.reason:
        yield _say(
            language,
            en=f"Version {edition.version} of these rules. What changed, and why:",
            ru=f"Версия {edition.version} этих правил. Что изменилось и почему:",
        )
        yield edition.reason


def _task(edition: Edition, language: Language) -> Iterator[str]:
    for post in edition.posts:
        yield _say(language, en=f"Contest post: {post.url}", ru=f"Запись конкурса: {post.url}")
    if len(edition.posts) > 1:
        yield _say(
            language,
            en="What you do on any one of these posts counts.",
            ru="Засчитывается действие с любой из этих записей.",
        )
    yield _say(language, en="What to do:", ru="Что нужно сделать:")
    yield from sentences(edition.definition.rules, language)
    rules = [edition.definition.rules, *(b.rule for b in edition.definition.tickets.bonuses)]
    comments = [
        condition
        for rule in rules
        for _, condition in conditions(rule)
        if isinstance(condition, Commented)
    ]
    if any(condition.mentions for condition in comments):
        yield _say(
            language,
            en="Mentions of yourself and of the organiser's accounts do not count.",
            ru="Отметки самого себя и аккаунтов организатора не считаются.",
        )
    if any(condition.words for condition in comments):
        yield _say(
            language,
            en="A word is anything between spaces with a letter or a digit in it.",
            ru="Слово – всё, что стоит между пробелами и содержит букву или цифру.",
        )


def _moments(edition: Edition, language: Language) -> Iterator[str]:
    schedule = edition.definition.schedule
    opens_at, closes_at, frozen_at, draw_at = (
        say_time_and_zone(time, schedule.zone, language)
        for time in (schedule.opens_at, schedule.closes_at, schedule.frozen_at, schedule.draw_at)
    )
    yield _say(
        language,
        en=f"Opens: {opens_at}. Closes: {closes_at}.",
        ru=f"Открытие: {opens_at}. Закрытие: {closes_at}.",
    )
    yield _say(
        language,
        en=f"The list of entries is fixed: {frozen_at}. Objections are possible until then. "
        f"Draw: {draw_at}.",
        ru=f"Список участников фиксируется: {frozen_at}. До этого можно возразить. "
        f"Розыгрыш: {draw_at}.",
    )


def _counting(edition: Edition, language: Language) -> Iterator[str]:
    definition = edition.definition
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
    if Action.FOLLOW in actions_asked(definition.rules, definition.tickets):
        yield _say(
            language,
            en="It does not matter when you began to follow, as long as it was not after the "
            "close.",
            ru="Когда вы подписались, неважно, лишь бы не после закрытия.",
        )


def _tickets(edition: Edition, language: Language) -> Iterator[str]:
    tickets = edition.definition.tickets
    base, most = (
        _say(
            language,
            en=english(count, "ticket"),
            ru=russian(count, ("билет", "билета", "билетов")),
        )
        for count in (tickets.base, tickets.most)
    )
    yield _say(
        language,
        en=f"Every entry holds {base}. All tickets have the same chance.",
        ru=f"Каждый участник получает {base}. Шансы всех билетов равны.",
    )
    if not tickets.bonuses:
        return
    yield _say(
        language,
        en=f"More tickets, {most} in all at most, for what can be verified:",
        ru=f"Больше билетов, всего не больше чем {most}, – за то, что удалось проверить:",
    )
    for bonus in tickets.bonuses:
        yield from bonus_sentences(bonus, language)


def _doubt(edition: Edition, language: Language) -> Iterator[str]:
    definition = edition.definition
    if definition.unverified is Unverified.ADMIT:
        yield _say(
            language,
            en="Where a requirement cannot be verified, because an account is hidden from the "
            "organiser, it does not keep anybody out.",
            ru="Если требование нельзя проверить, потому что аккаунт скрыт от организатора, это "
            "не мешает участию.",
        )
    else:
        yield _say(
            language,
            en="Where a requirement cannot be verified, because an account is hidden from the "
            "organiser, the account does not enter the draw. Whoever can be seen again before the "
            "list is fixed is checked again.",
            ru="Если требование нельзя проверить, потому что аккаунт скрыт от организатора, "
            "аккаунт не участвует в розыгрыше. Кто снова стал виден до фиксации списка, того "
            "проверят ещё раз.",
        )
    if definition.coverage:
        yield _say(
            language,
            en=f"If the closing scan sees less than {definition.coverage} % of what the posts' "
            "own counters show, the list is not fixed as planned: the times move, or the organiser "
            "says why it is fixed nevertheless.",
            ru=f"Если закрывающее чтение видит меньше {definition.coverage} % того, что "
            "показывают счётчики записей, список не фиксируется в срок: время переносится или "
            "организатор объясняет, почему список всё же зафиксирован.",
        )


def _draw(edition: Edition, language: Language) -> Iterator[str]:
    lead = say_duration(edition.definition.schedule.min_lead, language)
    yield _say(
        language,
        en=f"At least {lead} before the draw, the hash of the list of entries is published. From "
        "then on nobody can change the list unnoticed.",
        ru=f"Хеш списка участников публикуется не позднее чем за {lead} до розыгрыша. С этого "
        "момента никто не может незаметно изменить список.",
    )
    beacon = _say(
        language, en="the public beacon drand quicknet", ru="публичного маяка drand quicknet"
    )
    if edition.practice:
        beacon = _say(language, en="a practice beacon", ru="учебного маяка")
    yield _say(
        language,
        en=f"Round {edition.round_} of {beacon} puts all entries in order: the winners first, "
        "the alternates after them.",
        ru=f"Раунд {edition.round_} {beacon} расставляет всех участников по порядку: сначала "
        "победители, за ними запасные.",
    )


def _succession(edition: Edition, language: Language) -> Iterator[str]:
    yield _say(
        language,
        en="If a winner is disqualified or does not claim the prize, the next in this order "
        "takes it. Nothing is drawn again.",
        ru="Если победитель дисквалифицирован или не забрал приз, приз получает следующий по "
        "этому порядку. Повторного розыгрыша нет.",
    )
    if edition.definition.recheck_winners:
        yield _say(
            language,
            en="The winners are checked once more after the draw: whoever no longer fulfils the "
            "requirements loses the prize to the next in order.",
            ru="После розыгрыша победителей проверяют ещё раз: кто больше не выполняет условия, "
            "уступает приз следующему по порядку.",
        )
    yield _say(
        language,
        en=f"Anyone can check the list and the draw: {edition.link}",
        ru=f"Проверить список и розыгрыш может каждый: {edition.link}",
    )


def _prizes(edition: Edition, language: Language) -> Iterator[str]:
    draws = edition.definition.draws
    yield _say(language, en="Prizes:", ru="Призы:")
    for place, draw in enumerate(draws, 1):
        if len(draws) > 1:
            yield _say(language, en=f"Draw {place}:", ru=f"Розыгрыш {place}:")
        for tier in draw.tiers:
            winners = _say(
                language,
                en=english(tier.winners, "winner"),
                ru=russian(tier.winners, ("победитель", "победителя", "победителей")),
            )
            yield f"– {tier.prize}: {winners}"
    if len(draws) > 1:
        yield _say(
            language,
            en=f"These are {number(len(draws))} separate draws. Nobody wins twice in one of them.",
            ru=f"Розыгрышей {number(len(draws))}, они независимы. Дважды в одном не выигрывает "
            "никто.",
        )
    else:
        yield _say(language, en="Nobody wins twice.", ru="Дважды не выигрывает никто.")


def _naming(edition: Edition, language: Language) -> Iterator[str]:
    if edition.definition.naming:
        yield _say(
            language,
            en="Whoever enters agrees to be named in public if they win.",
            ru="Участвуя, вы соглашаетесь, что в случае победы вас назовут публично.",
        )
    else:
        yield _say(
            language,
            en="Winners are announced by the number of their entry and not by name.",
            ru="Победителей объявляют по номеру участника, а не по имени.",
        )


_PARTS = (
    _opening,
    _task,
    _moments,
    _counting,
    _tickets,
    _doubt,
    _draw,
    _succession,
    _prizes,
    _naming,
)
