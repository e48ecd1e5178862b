"""The parameters of one method call: text as it came, read as numbers, flags and lists.

Owns what VK says about a parameter that is missing or wrong (error 100).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from contest_service.sandbox.vk.errors import bad, missing

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_NO = {"", "0", "false", "null", "None"}


def whole(text: str) -> int | None:
    """Read a whole number of at most 18 digits; None for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


class Params:
    """What a method was given."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = dict(given)

    def __contains__(self, name: str) -> bool:
        return bool(self.given.get(name))

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self.given.get(name, default)

    def needed(self, name: str) -> str:
        """Return a text that has to be there."""
        if not self.given.get(name):
            raise missing(name)
        return self.given[name]

    def flag(self, name: str) -> bool:
        """Whether something was asked for: 1, `true` or the like."""
        return self.given.get(name, "").lower() not in {word.lower() for word in _NO}

    def number(
        self,
        name: str,
        default: int | None = None,
        *,
        low: int | None = None,
        high: int | None = None,
    ) -> int:
        """Return a whole number; without a default it has to be there."""
        text = self.given.get(name, "").strip()
        if not text:
            if default is None:
                raise missing(name)
            return default
        value = whole(text)
        if value is None:
            raise bad(f"{name} not integer")
        if low is not None and value < low:
            raise bad(f"{name} should be greater or equal to {low}")
        if high is not None and value > high:
            raise bad(f"{name} should be less or equal to {high}")
        return value

    def items(self, name: str) -> list[str]:
        """Return a list, which VK writes with commas."""
        return [item for item in (part.strip() for part in self.text(name).split(",")) if item]

    def numbers(self, name: str, *, most: int) -> list[int]:
        """Return a list of whole numbers, at most so many."""
        items = self.items(name)
        if len(items) > most:
            raise bad(f"{name} should contain less or equal than {most} elements")
        read = [whole(item) for item in items]
        values = [value for value in read if value is not None]
        if len(values) != len(items):
            raise bad(f"{name} not integer")
        return values

    def choice(self, name: str, *choices: str) -> str:
        """Return one of some words; the first is the default."""
        text = self.given.get(name) or choices[0]
        if text not in choices:
            raise bad(f"{name} should be one of {', '.join(choices)}")
        return text


def written(values: Mapping[str, Any]) -> dict[str, str]:
    """Write values as a form would carry them: lists with commas, booleans as 1 and 0."""
    return {name: _written(value) for name, value in values.items() if value is not None}


def _written(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case list():
            return ",".join(_written(item) for item in value)
        case dict():
            return msgspec.json.encode(value).decode()
    return str(value)
