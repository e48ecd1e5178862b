"""The published rules in words: paragraphs for people, from the same tree that judges them.

Every promise stands here in all languages side by side, so that none says more than another. The
announcements about a contest are in `texts`.
"""

from collections.abc import Iterator, Mapping

import msgspec

from contest_service.domain.amendments import say_amendments
from contest_service.domain.changes import changes
from contest_service.domain.conditions import Commented, Language
from contest_service.domain.consent import linking_paragraphs
from contest_service.domain.contest import Definition
from contest_service.domain.counting import counting_paragraphs
from contest_service.domain.dates import say_duration, say_time_and_zone
from contest_service.domain.decisions import coverage_paragraphs, override_paragraphs
from contest_service.domain.evidence import Target
from contest_service.domain.holding import holding_paragraphs
from contest_service.domain.money import say_money
from contest_service.domain.particulars import particulars_paragraphs
from contest_service.domain.quiz import quiz_paragraphs
from contest_service.domain.reasons import PersonReason, delay_of, meaning
from contest_service.domain.recheck import is_rechecked, rechecks_profiles
from contest_service.domain.rules import (
    Unverified,
    bonus_sentences,
    conditions,
    sentences,
)
from contest_service.domain.signals.explained import say_copied, say_overnamed
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
    quizzes: Mapping[str, str] = {}
    """Commitments to the answers, in hex, by quiz."""
    before: Definition | None = None
    """What the version before was made from; None in the first."""


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
    if edition.before is not None:
        for line in changes(edition.before, edition.definition, language):
            yield f"– {line}"


def _particulars(edition: Edition, language: Language) -> Iterator[str]:
    yield from particulars_paragraphs(edition.definition.particulars, language)


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
    yield from quiz_paragraphs(edition.definition, edition.quizzes, language)
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
    if any(condition.uncommon for condition in comments):
        yield say_overnamed(language)
    if any(condition.original for condition in comments):
        yield say_copied(language)
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
    yield from counting_paragraphs(edition.definition, language)


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
    yield from coverage_paragraphs(definition, language)


def _amendments(edition: Edition, language: Language) -> Iterator[str]:
    yield say_amendments(edition.definition.amendments, language)


def _holding(edition: Edition, language: Language) -> Iterator[str]:
    yield from holding_paragraphs(edition.definition.holding, language)


def _overrides(edition: Edition, language: Language) -> Iterator[str]:
    yield from override_paragraphs(language, practice=edition.practice)


def _linking(_edition: Edition, language: Language) -> Iterator[str]:
    yield from linking_paragraphs(language)


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
    yield from _recheck(edition.definition, language)
    yield from _claims(edition.definition, language)
    yield from _disqualification(language, practice=edition.practice)
    yield _say(
        language,
        en=f"Anyone can check the list and the draw: {edition.link}",
        ru=f"Проверить список и розыгрыш может каждый: {edition.link}",
    )


def _recheck(definition: Definition, language: Language) -> Iterator[str]:
    whole = definition.recheck_winners
    if is_rechecked(definition.rules, recheck_winners=whole):
        if whole:
            yield _say(
                language,
                en="The winners are checked once more after the draw: whoever no longer fulfils "
                "the requirements loses the prize to the next in order.",
                ru="После розыгрыша победителей проверяют ещё раз: кто больше не выполняет "
                "условия, уступает приз следующему по порядку.",
            )
        else:
            yield _say(
                language,
                en="The winners are checked once more after the draw, for what has to hold still "
                "then: whoever lost it loses the prize to the next in order.",
                ru="После розыгрыша победителей проверяют ещё раз на то, что должно быть выполнено "
                "и тогда: кто этого больше не выполняет, уступает приз следующему по порядку.",
            )
        yield _say(
            language,
            en="Whoever takes over a prize later is checked in the same way and as of the same "
            "moment.",
            ru="Того, к кому приз перейдёт позже, проверят так же и на тот же момент.",
        )
    if rechecks_profiles(definition.rules, recheck_winners=whole):
        yield _say(
            language,
            en="Profiles are read anew for that. Nobody loses a prize by a profile that could not "
            "be read then.",
            ru="Профили для этого читают заново. Из-за профиля, который тогда прочитать не "
            "удалось, приз никто не теряет.",
        )


def _claims(definition: Definition, language: Language) -> Iterator[str]:
    if definition.claim_within is None:
        return
    time = say_duration(definition.claim_within, language)
    yield _say(
        language,
        en=f"A winner has to claim the prize within {time} of the announcement that names them. "
        "After that it goes to the next in order, who has as long.",
        ru=f"Забрать приз нужно не позже чем через {time} после объявления, в котором назван "
        "победитель. Потом приз переходит следующему по порядку, и у того столько же времени.",
    )


def _disqualification(language: Language, *, practice: bool) -> Iterator[str]:
    why = "; ".join(f"{meaning(reason, language)} ({reason})" for reason in PersonReason)
    time = say_duration(delay_of(practice=practice), language)
    yield _say(
        language,
        en="After the list is fixed, the organiser can disqualify somebody only for one of these "
        f"reasons: {why}.",
        ru="После фиксации списка организатор может дисквалифицировать только по одной из этих "
        f"причин: {why}.",
    )
    yield _say(
        language,
        en="Two persons have to agree who both belonged to the organiser's team before the list "
        "was fixed. Where there are no two such persons, the decision is shown in public and "
        f"takes effect {time} later.",
        ru="Решение принимают двое, и оба должны были входить в команду организатора ещё до "
        "фиксации списка. Если двух таких людей нет, решение показывают публично, и оно "
        f"вступает в силу через {time}.",
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
            worth = "" if tier.value is None else f" ({say_money(tier.value, language)})"
            yield f"– {tier.prize}{worth}: {winners}"
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
    _particulars,
    _task,
    _moments,
    _counting,
    _tickets,
    _doubt,
    _linking,
    _holding,
    _overrides,
    _amendments,
    _draw,
    _succession,
    _prizes,
    _naming,
)
