"""Announcements: what a contest says on its community's page, in words and in the right order.

Each text is complete without its link, which the platform's `fit` puts at the end. What must
survive a cut stands first. Labels are public already: a handle, or an entry id where naming is off.
"""

import re
import textwrap
from collections.abc import Sequence
from datetime import datetime

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.dates import say_duration, say_time
from contest_service.domain.reasons import meaning
from contest_service.domain.wording import english, number, russian

_PRACTICE = {
    Language.ENGLISH: "PRACTICE – proves nothing about chance",
    Language.RUSSIAN: "ТРЕНИРОВКА – случайность не доказана",
}
_VOID = {
    "missed": (
        "the list of entries was not fixed before the draw",
        "список участников не был зафиксирован до розыгрыша",
    ),
    "cancelled": ("the organiser cancelled it", "организатор отменил конкурс"),
    "evidence-incomplete": (
        "what it needs to judge the entries could not be read in time",
        "данные, нужные для проверки участников, не удалось прочитать вовремя",
    ),
    "beacon-lost": ("the beacon's round never came out", "раунд маяка не вышел"),
}
"""Why the service itself ends a contest."""
CANCELLED = {
    "cancelled": _VOID["cancelled"],
    "prize-unavailable": ("the prize is not available any more", "приза больше нет"),
    "post-removed": ("the contest post was removed", "пост конкурса удалён"),
    "rules-mistaken": (
        "the rules had a mistake that cannot be mended fairly",
        "в правилах ошибка, которую нельзя честно исправить",
    ),
    "not-permitted": (
        "the platform or the law does not permit it",
        "площадка или закон этого не разрешают",
    ),
}
"""Why an organiser ends a contest; a program may give other codes, which are said as they are."""
_CORRECTED = {
    "freeze": ("the fixed list", "о зафиксированном списке"),
    "result": ("the winners", "о победителях"),
    "succession": ("a new winner", "о новом победителе"),
    "amendment": ("the rules", "о правилах"),
    "void": ("the end of the contest", "о том, что конкурс не состоялся"),
    "correction": ("a correction", "с исправлением"),
}
"""What an announcement was about, by its kind."""
_WHOLE = r"(?<![\w@.-])%s(?![\w…]|[.-]+[\w…])"
"""A name that is no part of a longer one; a full stop may follow it."""
_LONGEST_PRIZE = 60
_LONGEST_TITLE = 80
_MOST_CHANGES = 10


class TierResult(msgspec.Struct, frozen=True, kw_only=True):
    """A tier's winners by label, in the drawn order, and how many of its prizes nobody got."""

    prize: str
    winners: tuple[str, ...]
    vacant: int = 0


def label_of(label: str, entry: str, *, naming: bool) -> str:
    """How an entry is called in public: by its label, or by its id where naming is off."""
    return label if naming and label else entry


def places_of(name: str, text: str) -> list[int]:
    """Where `text` calls somebody by `name`, as a whole word: offsets in characters.

    A name that an ellipsis follows may be the beginning of a longer one that was cut.
    """
    return [found.start() for found in re.finditer(_WHOLE % re.escape(name), text)] if name else []


def contest_text(
    language: Language,
    *,
    title: str,
    requirements: Sequence[str],
    closes_at: datetime,
    zone: str,
    practice: bool,
) -> str:
    """Say what a contest asks for, and until when: the text of a contest post.

    `requirements` are the rules' sentences, one a line.
    """
    when = say_time(closes_at, zone, language)
    if language is Language.RUSSIAN:
        head, tail = "Что нужно сделать:", f"Закрытие: {when}"
    else:
        head, tail = "What to do:", f"Closes: {when}"
    return _text([title, "", head, *requirements, "", tail], language, practice=practice)


def freeze_text(
    language: Language,
    *,
    entries: int,
    tickets: int,
    freeze_hash: str,
    round_: int,
    draw_at: datetime,
    zone: str,
    practice: bool,
) -> str:
    """Say that the list is fixed, with all that anyone needs to hold the organiser to it.

    `freeze_hash` is the hash of the freeze event, all 64 digits; it is never shortened. With a link
    of 90 characters (75 in practice) it fits into the 300 graphemes of the smallest platform.
    """
    when = say_time(draw_at, zone, language)
    if language is Language.RUSSIAN:
        people = russian(entries, ("участник", "участника", "участников"))
        count = f"{people}, {russian(tickets, ('билет', 'билета', 'билетов'))}"
        lines = [f"Список готов: {count}. Хеш:", freeze_hash, f"Раунд {round_}: {when}"]
    else:
        count = f"{english(entries, 'entry')}, {english(tickets, 'ticket')}"
        lines = [f"The list is fixed: {count}. Hash:", freeze_hash, f"Round {round_}: {when}"]
    return _text(lines, language, practice=practice)


def result_text(
    language: Language,
    *,
    title: str,
    tiers: Sequence[TierResult],
    entries: int,
    round_: int,
    practice: bool,
    claim_within: int | None = None,
) -> str:
    """Name the winners, tier by tier, and then what they won and by which round.

    `claim_within` is how many seconds they have to claim it, if they have to.
    """
    if language is Language.RUSSIAN:
        people = russian(entries, ("участник", "участника", "участников"))
        head, tail = "Победители:", f"{_short(title, _LONGEST_TITLE)}: {people}, раунд {round_}"
    else:
        people = english(entries, "entry")
        head, tail = "Winners:", f"{_short(title, _LONGEST_TITLE)}: {people}, round {round_}"
    won = [_tier_line(tier, language) for tier in tiers]
    lines = [head, *won, *_to_claim(claim_within, language), tail]
    return _text(lines, language, practice=practice)


def _tier_line(tier: TierResult, language: Language) -> str:
    prize = _short(tier.prize, _LONGEST_PRIZE)
    nobody, vacant = "nobody", "without a winner"
    if language is Language.RUSSIAN:
        nobody, vacant = "никто", "без победителя"
    line = f"{', '.join(tier.winners) or nobody} – {prize}"
    if tier.vacant and tier.winners:
        line += f" ({vacant}: {number(tier.vacant)})"
    return line


def succession_text(
    language: Language,
    *,
    taken: Sequence[tuple[str, str | None]],
    formers: Sequence[str],
    reason: str,
    practice: bool,
    claim_within: int | None = None,
) -> str:
    """Say who takes which prizes instead of whom.

    `taken` are prizes, each with who has it now, or None if no entry is left; `formers` are all
    who lost them, for the one reason. `claim_within` is in seconds.
    """
    why, instead_of = meaning(reason, language), ", ".join(formers)
    head, nobody = "New winner:", "nobody, as no entry is left"
    instead = f"Instead of {instead_of}: {why}"
    tail = "The next in the drawn order; nothing is drawn again."
    if language is Language.RUSSIAN:
        head, nobody = "Новый победитель:", "никто: участников больше нет"
        instead = f"Вместо {instead_of}: {why}"
        tail = "Следующий по жребию; повторного розыгрыша нет."
    lines = [f"{head} {new or nobody} – {_short(what, _LONGEST_PRIZE)}" for what, new in taken]
    if any(new for _, new in taken):
        lines += [*_to_claim(claim_within, language), instead, tail]
    else:
        lines.append(instead)
    return _text(lines, language, practice=practice)


def message_text(
    language: Language,
    *,
    title: str,
    organiser: str,
    prizes: Sequence[str],
    practice: bool,
    claim_within: int | None = None,
) -> str:
    """Tell somebody alone what they won, by whom to expect it, and for how long it is theirs."""
    won = _won(prizes)
    short = _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"Вы выиграли: {won}", f"Конкурс: {short}", f"Организатор: {organiser}"]
    else:
        lines = [f"You have won: {won}", f"Contest: {short}", f"Organiser: {organiser}"]
    lines += _to_claim(claim_within, language)
    return _text(lines, language, practice=practice)


def mention_text(
    language: Language,
    *,
    label: str,
    title: str,
    prizes: Sequence[str],
    practice: bool,
    claim_within: int | None = None,
) -> str:
    """Tell somebody in public what they won, by the name that makes the platform tell them."""
    won = _won(prizes)
    short = _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"{label}, вы выиграли: {won}", f"Конкурс: {short}"]
    else:
        lines = [f"{label}, you have won: {won}", f"Contest: {short}"]
    lines += _to_claim(claim_within, language)
    return _text(lines, language, practice=practice)


def _to_claim(seconds: int | None, language: Language) -> list[str]:
    if seconds is None:
        return []
    time = say_duration(seconds, language)
    if language is Language.RUSSIAN:
        return [f"Забрать приз: не позже чем через {time} после объявления."]
    return [f"To be claimed within {time} of the announcement."]


def _won(prizes: Sequence[str]) -> str:
    return "; ".join(_short(prize, _LONGEST_PRIZE) for prize in prizes)


def amendment_text(
    language: Language,
    *,
    title: str,
    version: int,
    reason: str,
    changes: Sequence[str],
    practice: bool,
) -> str:
    """Say that the rules changed, what changed, one change a line, and why.

    Of very many changes the first are said; the link leads to all of them.
    """
    short = _short(title, _LONGEST_TITLE)
    said, more = changes[:_MOST_CHANGES], len(changes) - _MOST_CHANGES
    if language is Language.RUSSIAN:
        lines = [f"Правила изменены (версия {version}): {short}", *said]
        if more > 0:
            lines.append(f"И ещё {russian(more, ('изменение', 'изменения', 'изменений'))}.")
        lines.append(f"Почему: {reason}")
    else:
        lines = [f"The rules have changed (version {version}): {short}", *said]
        if more > 0:
            lines.append(f"And {english(more, 'more change')}.")
        lines.append(f"Why: {reason}")
    return _text(lines, language, practice=practice)


def void_text(language: Language, *, title: str, reason: str, practice: bool) -> str:
    """Say that a contest ends without winners. `reason` is the code of its void event."""
    why, short = say_void_reason(reason, language), _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"Конкурс не состоялся, победителей нет: {short}", f"Причина: {why}"]
    else:
        lines = [f"The contest is void, there are no winners: {short}", f"Reason: {why}"]
    return _text(lines, language, practice=practice)


def correction_text(
    language: Language, *, kind: str, at: datetime, zone: str, said: str, practice: bool
) -> str:
    """Correct in the open what was published at `at`: `said` are the organiser's own words.

    `kind` is that of the announcement; nobody whom it names is named once more.
    """
    en, ru = _CORRECTED[kind]
    when = say_time(at, zone, language)
    if language is Language.RUSSIAN:
        lines = [f"Исправление: {said}", f"К сообщению {ru} от {when}"]
    else:
        lines = [f"Correction: {said}", f"About what was said of {en} on {when}"]
    return _text(lines, language, practice=practice)


def _text(lines: Sequence[str], language: Language, *, practice: bool) -> str:
    return "\n".join([_PRACTICE[language], *lines] if practice else lines)


def say_void_reason(code: str, language: Language) -> str:
    """Say why a contest is void, by the code of its void event."""
    known = _VOID | CANCELLED
    if code not in known:
        return code
    en, ru = known[code]
    return ru if language is Language.RUSSIAN else en


def _short(text: str, longest: int) -> str:
    """Shorten at a space where there is one."""
    short = textwrap.shorten(text, longest, placeholder=" …")
    return short if short != "…" else text[: longest - 1] + "…"
