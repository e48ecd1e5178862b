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
from contest_service.domain.dates import say_time
from contest_service.domain.wording import english, number, russian

_PRACTICE = {
    Language.ENGLISH: "PRACTICE – proves nothing about chance",
    Language.RUSSIAN: "ТРЕНИРОВКА – случайность не доказана",
}
_REASONS = {
    "conditions-no-longer-hold": (
        "no longer meets the requirements",
        "условия больше не выполнены",
    ),
    "ineligible": ("does not meet the requirements", "не выполнены условия"),
    "declined": ("the prize was declined", "отказ от приза"),
    "unclaimed": ("the prize was not claimed in time", "приз не забран в срок"),
    "missed": (
        "the list of entries was not fixed before the draw",
        "список участников не был зафиксирован до розыгрыша",
    ),
    "cancelled": ("the organiser cancelled it", "организатор отменил конкурс"),
    "beacon-lost": ("the beacon's round never came out", "раунд маяка не вышел"),
}
"""The codes that the service itself gives; an organiser's own code is said as it is."""
_WHOLE = r"(?<![\w@.-])%s(?![\w…]|[.-]+[\w…])"
"""A name that is no part of a longer one; a full stop may follow it."""
_LONGEST_PRIZE = 60
_LONGEST_TITLE = 80


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
) -> str:
    """Name the winners, tier by tier, and then what they won and by which round."""
    if language is Language.RUSSIAN:
        people = russian(entries, ("участник", "участника", "участников"))
        head, tail = "Победители:", f"{_short(title, _LONGEST_TITLE)}: {people}, раунд {round_}"
    else:
        people = english(entries, "entry")
        head, tail = "Winners:", f"{_short(title, _LONGEST_TITLE)}: {people}, round {round_}"
    lines = [head, *(_tier_line(tier, language) for tier in tiers), tail]
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
    prize: str,
    former: str,
    successor: str | None,
    reason: str,
    practice: bool,
    further: Sequence[tuple[str, str | None]] = (),
) -> str:
    """Say who takes a prize instead of whom; `successor` is None if no entry is left.

    `further` are the other prizes of the same former winner, each with its successor.
    """
    why, taken = _reason(reason, language), [(prize, successor), *further]
    head, nobody = "New winner:", "nobody, as no entry is left"
    instead = f"Instead of {former}: {why}"
    tail = "The next in the drawn order; nothing is drawn again."
    if language is Language.RUSSIAN:
        head, nobody = "Новый победитель:", "никто: участников больше нет"
        instead = f"Вместо {former}: {why}"
        tail = "Следующий по жребию; повторного розыгрыша нет."
    lines = [f"{head} {new or nobody} – {_short(what, _LONGEST_PRIZE)}" for what, new in taken]
    lines.append(instead)
    if any(new for _, new in taken):
        lines.append(tail)
    return _text(lines, language, practice=practice)


def message_text(
    language: Language, *, title: str, organiser: str, prizes: Sequence[str], practice: bool
) -> str:
    """Tell somebody alone what they won, and by whom to expect it."""
    won = _won(prizes)
    short = _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"Вы выиграли: {won}", f"Конкурс: {short}", f"Организатор: {organiser}"]
    else:
        lines = [f"You have won: {won}", f"Contest: {short}", f"Organiser: {organiser}"]
    return _text(lines, language, practice=practice)


def mention_text(
    language: Language, *, label: str, title: str, prizes: Sequence[str], practice: bool
) -> str:
    """Tell somebody in public what they won, by the name that makes the platform tell them."""
    won = _won(prizes)
    short = _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"{label}, вы выиграли: {won}", f"Конкурс: {short}"]
    else:
        lines = [f"{label}, you have won: {won}", f"Contest: {short}"]
    return _text(lines, language, practice=practice)


def _won(prizes: Sequence[str]) -> str:
    return "; ".join(_short(prize, _LONGEST_PRIZE) for prize in prizes)


def amendment_text(
    language: Language,
    *,
    title: str,
    version: int,
    reason: str,
    closes_at: datetime,
    draw_at: datetime,
    zone: str,
    practice: bool,
) -> str:
    """Say that the rules changed, when the contest now closes and draws, and why."""
    close, draw = (say_time(time, zone, language) for time in (closes_at, draw_at))
    short = _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"Правила изменены (версия {version}): {short}"]
        lines += [f"Закрытие: {close}", f"Розыгрыш: {draw}", f"Почему: {reason}"]
    else:
        lines = [f"The rules have changed (version {version}): {short}"]
        lines += [f"Closes: {close}", f"Draw: {draw}", f"Why: {reason}"]
    return _text(lines, language, practice=practice)


def void_text(language: Language, *, title: str, reason: str, practice: bool) -> str:
    """Say that a contest ends without winners. `reason` is the code of its void event."""
    why, short = _reason(reason, language), _short(title, _LONGEST_TITLE)
    if language is Language.RUSSIAN:
        lines = [f"Конкурс не состоялся, победителей нет: {short}", f"Причина: {why}"]
    else:
        lines = [f"The contest is void, there are no winners: {short}", f"Reason: {why}"]
    return _text(lines, language, practice=practice)


def _text(lines: Sequence[str], language: Language, *, practice: bool) -> str:
    return "\n".join([_PRACTICE[language], *lines] if practice else lines)


def _reason(code: str, language: Language) -> str:
    if code not in _REASONS:
        return code
    en, ru = _REASONS[code]
    return ru if language is Language.RUSSIAN else en


def _short(text: str, longest: int) -> str:
    """Shorten at a space where there is one."""
    short = textwrap.shorten(text, longest, placeholder=" …")
    return short if short != "…" else text[: longest - 1] + "…"
