"""Times and durations for people: exact, in the contest's zone, with the offset from UTC."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contest_service.domain.conditions import Language
from contest_service.domain.wording import english, russian

_MONTHS = {
    Language.ENGLISH: (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    Language.RUSSIAN: (
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
}


def say_time(moment: datetime, zone: str, language: Language) -> str:
    """Say a moment as in `10 May 2026, 18:00 UTC+03:00`, with seconds only where there are any."""
    local = moment.astimezone(ZoneInfo(zone))
    month = month_of(local, language)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local.day} {month} {local.year}, {clock} {_offset(local)}"


def month_of(day: date, language: Language) -> str:
    """Name the month of a day; in Russian in the genitive, as it stands in dates."""
    return _MONTHS[language][day.month - 1]


def say_time_and_zone(moment: datetime, zone: str, language: Language) -> str:
    """Say a moment with the name of its zone, as in `10 May 2026, 18:00 UTC+03:00 (Europe/…)`."""
    said = say_time(moment, zone, language)
    return said if zone == "UTC" else f"{said} ({zone})"


def _offset(local: datetime) -> str:
    offset = local.utcoffset()
    if not offset:
        return "UTC"
    sign = "-" if offset < timedelta(0) else "+"
    minutes = int(abs(offset).total_seconds()) // 60
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"


def say_duration(seconds: int, language: Language) -> str:
    """Say a duration in its largest whole unit; in Russian in the accusative."""
    nouns = {
        86400: ("day", ("день", "дня", "дней")),
        3600: ("hour", ("час", "часа", "часов")),
        60: ("minute", ("минуту", "минуты", "минут")),
        1: ("second", ("секунду", "секунды", "секунд")),
    }
    size = next(size for size in nouns if seconds >= size and seconds % size == 0)
    noun, cases = nouns[size]
    if language is Language.RUSSIAN:
        return russian(seconds // size, cases)
    return english(seconds // size, noun)
