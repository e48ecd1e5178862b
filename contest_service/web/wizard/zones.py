"""Time zones to choose from: those that many need first, then all others by their names."""

import functools
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from contest_service.domain.conditions import Language
from contest_service.web.language import Words

_FIRST = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Novosibirsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
    "Europe/Minsk",
    "Asia/Almaty",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)
_USUAL: Mapping[Language, str] = {Language.RUSSIAN: "Europe/Moscow", Language.ENGLISH: "UTC"}


def usual_zone(language: Language) -> str:
    """The zone that a form begins with."""
    return _USUAL[language]


def is_zone(name: str) -> bool:
    """Whether a zone is offered."""
    return name in _names()


def zone_choices(words: Words, *, now: datetime) -> list[tuple[str, str]]:
    """Every zone with its present offset, as in `Europe/Moscow, UTC+03:00`."""
    return [(name, f"{name}, {_offset(name, now)}" if name != "UTC" else name) for name in _names()]


@functools.cache
def _names() -> tuple[str, ...]:
    others = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith("Etc/") and name not in _FIRST
    )
    return (*_FIRST, *others)


def _offset(name: str, now: datetime) -> str:
    said = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{said[:3]}:{said[3:]}"
