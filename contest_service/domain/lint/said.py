"""What the texts of a contest say, as far as words tell: payment, free entry, dates. Pure.

Words are looked for, meaning is not understood: what is found here is worth a look and no more.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from contest_service.domain.conditions import Language
from contest_service.domain.contest import every_condition
from contest_service.domain.dates import month_of
from contest_service.domain.lint.venues import Subject

# Endings are bounded, so that no text takes more time than its length.
_FREE = (
    r"no purchase(?: is)?(?: or payment)?(?: is)?(?: necessary| required| needed)?"
    r"|without (?:a |any )?(?:purchase|payment|buying|paying)"
    r"|(?:purchase|payment) is not (?:necessary|required|needed)"
    r"|(?:free to enter|entry is free|free of charge)"
    r"|(?:do not|don't|need not) (?:have to |need to )?(?:buy|pay)(?: anything)?"
    r"|(?:без|не требу\w{1,20}|не нужн\w{1,20}|не обязательн\w{1,20}) "
    r"(?:\w{1,20} )?(?:покупк\w{1,20}|покупать|оплат\w{1,20}|оплачивать|плат\w{1,20})"
    r"|(?:покупк\w{1,20}|покупать|оплат\w{1,20}|платить)(?: \w{1,20})? не "
    r"(?:требу\w{1,20}|нужн\w{1,20}|обязательн\w{1,20})"
    r"|ничего (?:покупать|платить) не (?:нужно|надо)"
    r"|участие бесплатн\w{1,20}|бесплатное участие"
)
_PAYING = (
    r"\b(?:purchas\w{1,20}|buy|bought|pay(?:s|ing)?|payment|entry fee|receipts?|donat\w{1,20})\b"
    r"|\b(?:купи\w{0,20}|покупк\w{1,20}|покупат\w{1,20}|покупайте|приобре\w{1,20}|оплат\w{1,20}|оплач\w{1,20}|чек[аеиу]?(?!-)|"
    r"взнос\w{0,20}|донат\w{0,20}|пожертв\w{1,20})\b"
)
_SAID: Mapping[str, re.Pattern[str]] = {
    "free": re.compile(_FREE, re.IGNORECASE),
    "several accounts": re.compile(
        r"(?:multiple|several|more than one|second|one) accounts?|"
        r"(?:нескольк\w{1,20}|второ\w{1,20}|друг\w{1,20}|одн\w{1,20}) аккаунт\w{0,20}",
        re.IGNORECASE,
    ),
    "delivery": re.compile(
        r"deliver\w{0,20}|\bship\w{0,20}|pick(?:ed)? up|collect\w{0,20}|by (?:post|mail)|"
        r"достав\w{1,20}|вруч\w{1,20}|самовывоз\w{0,20}|забра\w{1,20}|почт\w{1,20}|выда\w{1,20}",
        re.IGNORECASE,
    ),
    "objection": re.compile(r"\bobject\w{0,20}|возрази\w{0,20}|возраж\w{1,20}", re.IGNORECASE),
    "consent": re.compile(
        r"consent\w{0,20}|personal data|персональн\w{1,20} данн\w{1,20}", re.IGNORECASE
    ),
    "parents": re.compile(
        r"\b(?:parent\w{0,20}|guardian\w{0,20})|родител\w{1,20}|законн\w{1,20} представител\w{1,20}"
        r"|\b(?:18\+|совершеннолетн\w{1,20}|adults only)",
        re.IGNORECASE,
    ),
    "age mark": re.compile(r"(?<!\d)(?:0|6|12|16|18)\s?\+"),
    "shows and media": re.compile(
        r"\b(?:concert|cinema|theat(?:re|er)|festival|video ?game|(?:e-|audio)?book|movie|film)s?\b"
        r"|\b(?:концерт|спектакл|кино|фестивал|фильм|видеоигр|аудиокниг|книг|журнал)\w{0,20}",
        re.IGNORECASE,
    ),
    "alcohol": re.compile(
        r"\b(?:alcohol\w{0,20}|wines?|beers?|vodka|whisk(?:e)?ys?|champagne|rum|gin|cognac|brandy)\b"
        r"|\b(?:алкогол\w{1,20}|вин(?:о|а|ом)|пив(?:о|а|ом)|водк\w{1,20}|виски|коньяк\w{0,20}"
        r"|шампанск\w{1,20}|ликёр\w{0,20}|ликер\w{0,20}|игрист\w{1,20})\b",
        re.IGNORECASE,
    ),
    "tobacco": re.compile(
        r"\b(?:tobacco|cigar\w{0,20}|vap(?:e|es|ing)|hookahs?|nicotine|snus|lighters?)\b"
        r"|\b(?:табак\w{0,20}|табач\w{1,20}|сигар\w{1,20}|вейп\w{0,20}|кальян\w{0,20}"
        r"|никотин\w{0,20}|снюс\w{0,20}|зажигал\w{1,20})\b",
        re.IGNORECASE,
    ),
    "medicine": re.compile(
        r"\b(?:medicines?|medications?|drugs?|pills?|antibiotics?)\b"
        r"|\b(?:лекарств\w{1,20}|медикамент\w{0,20}|таблет\w{1,20}|антибиотик\w{0,20})\b",
        re.IGNORECASE,
    ),
    "sponsors": re.compile(
        r"\b(?:sponsor\w{0,20}|(?:our |with |from )?partners?|supported by|promocodes?"
        r"|(?:discount|coupon) codes?)\b"
        r"|\b(?:спонсор\w{0,20}|партн[её]р\w{0,20}|при поддержке|промокод\w{0,20})\b",
        re.IGNORECASE,
    ),
    "label of advertising": re.compile(r"\bреклама\b", re.IGNORECASE),
    "token of advertising": re.compile(r"\berid\b", re.IGNORECASE),
}
_TAKEN_ALONG = re.compile(
    r"\b(?:участву\w{1,20}|участи\w{1,20}|принимая участие)[^.!?\n]{0,80}?"
    r"(?:согла[сш]\w{1,20}|разреш\w{1,20})[^.!?\n]{0,40}?персональн\w{1,20} данн\w{1,20}"
    r"|\bby (?:entering|taking part|participating)[^.!?\n]{0,80}?"
    r"(?:agree|consent)\w{0,20}[^.!?\n]{0,40}?(?:personal data|data)\b",
    re.IGNORECASE,
)
_PAYS = re.compile(_PAYING, re.IGNORECASE)


def texts_of(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every text that entrants read, with its JSON pointer; of posts it is empty."""
    definition = subject.definition
    yield "/title", definition.title
    for language, notes in definition.notes.items():
        for place, note in enumerate(notes):
            yield f"/notes/{language}/{place}", note
    for at, condition in every_condition(definition):
        for text in condition.texts():
            yield at, text
    for text in subject.texts:
        yield "", text


def whole_text(subject: Subject) -> str:
    """All texts together, one a line."""
    return "\n".join(text for _, text in texts_of(subject))


def is_said(where: Subject | str, what: str) -> bool:
    """Tell whether a text, or any of a contest, speaks of something: `free`, `delivery`, …"""
    return bool(words_about(where if isinstance(where, str) else whole_text(where), what))


def words_about(text: str, what: str) -> str:
    """The first words of a text about something; empty if there are none."""
    found = _SAID[what].search(text)
    return found.group() if found else ""


def takes_consent_along(text: str) -> str:
    """The first words by which entering alone would be a consent; empty if there are none."""
    found = _TAKEN_ALONG.search(text)
    return found.group() if found else ""


def asks_to_pay(text: str) -> str:
    """The first words of a text about buying or paying that no sentence takes back; empty if none.

    What says that nothing has to be bought is left out first.
    """
    found = _PAYS.search(_SAID["free"].sub(" ", text))
    return found.group() if found else ""


def names_day(text: str, moment: datetime, zone: str) -> bool:
    """Tell whether a text names the day of a moment in a zone: 9 May, May 9, 9 мая, 09.05, …"""
    day = moment.astimezone(ZoneInfo(zone))
    english, russian = month_of(day, Language.ENGLISH), month_of(day, Language.RUSSIAN)
    short = rf"{english[:3]}(?:{english[3:]})?" if len(english) > 3 else english
    ways = (
        rf"\b0?{day.day}(?:st|nd|rd|th)?\s+(?:of\s+)?{short}\b",
        rf"\b{short}\.?\s+0?{day.day}(?:st|nd|rd|th)?\b",
        rf"\b0?{day.day}(?:-го|-е)?\s+{russian}\b",
        rf"\b0?{day.day}[./]0?{day.month}\b",
        rf"\b0?{day.month}/0?{day.day}\b",
        rf"\b{day.year}-{day.month:02d}-{day.day:02d}\b",
    )
    return any(re.search(way, text, re.IGNORECASE) for way in ways)
