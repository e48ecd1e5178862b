"""The values of VKScript: what is true, equal or a number, and what arrays and strings can do.

Owns its conversions: nothing and `false` count as 0, `+` joins arrays and strings, a field or place
that is not there is `null`.
"""

from collections.abc import Callable
from typing import Any

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else None,
    "%": lambda left, right: left % right if right else None,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def truth(value: Any) -> bool:
    """Whether a value counts as true; an empty array does not, as in PHP."""
    return bool(value)


def number(value: Any) -> int | float:
    """Return a value as a number; what is none counts as 0."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return 0
    return value if isinstance(value, int | float) else 0


def is_equal(left: Any, right: Any) -> bool:
    """Whether two values are equal; null equals null only."""
    if left is None or right is None:
        return left is right
    return bool(left == right)


def add(left: Any, right: Any) -> Any:
    """Add numbers, or join arrays or strings."""
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, str) or isinstance(right, str):
        return _text(left) + _text(right)
    return number(left) + number(right)


def compare(sign: str, left: Any, right: Any) -> Any:
    """Compute `left sign right` for numbers."""
    return _ARITHMETIC[sign](number(left), number(right))


def member(value: Any, name: str) -> Any:
    """Return a field of an object, or the length of an array or string."""
    if isinstance(value, dict):
        return value.get(name)
    if name == "length" and isinstance(value, list | str):
        return len(value)
    return None


def index(value: Any, place: Any) -> Any:
    """Return what stands at a place of an array, or in a field of an object."""
    if isinstance(value, dict):
        return value.get(_text(place))
    if isinstance(value, list | str) and isinstance(place, int) and 0 <= place < len(value):
        return value[place]
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    return str(value)


def _array(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{name} requires an array")
    return value


def _push(value: Any, item: Any) -> int:
    _array(value, "push").append(item)
    return len(value)


def _slice(value: Any, start: int = 0, end: int | None = None) -> Any:
    if isinstance(value, str):
        return value[start:end]
    return _array(value, "slice")[start:end]


def _pop(value: Any) -> Any:
    return _array(value, "pop").pop() if value else None


def _shift(value: Any) -> Any:
    return _array(value, "shift").pop(0) if value else None


def _concat(value: Any, other: Any) -> list[Any]:
    return _array(value, "concat") + _array(other, "concat")


def _index_of(value: Any, item: Any) -> int:
    items = _array(value, "indexOf")
    return items.index(item) if item in items else -1


def _join(value: Any, sign: str = ",") -> str:
    return sign.join(_text(item) for item in _array(value, "join"))


def _split(value: Any, sign: str) -> list[str]:
    if not isinstance(value, str) or not sign:
        raise TypeError("split requires a string and a separator")
    return value.split(sign)


METHODS: dict[str, Callable[..., Any]] = {
    "push": _push,
    "slice": _slice,
    "pop": _pop,
    "shift": _shift,
    "concat": _concat,
    "indexOf": _index_of,
    "join": _join,
    "split": _split,
}
"""What can be called on arrays and strings."""
