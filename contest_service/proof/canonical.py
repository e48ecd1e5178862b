"""The strict JSON profile, and the hash with its tags (section 2).

One value has one spelling. `encode` writes it, `decode` accepts nothing else, `lines` takes a
`.jsonl` file apart. Knows nothing about what the values mean.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from contest_service.proof.errors import CanonicalError

VERSION = "drawproof/1"
MAX_INT = 2**53 - 1
MAX_NESTING = 32
MAX_STRING = 4096
"""Bytes of UTF-8."""
MAX_LINE = 1 << 20
"""Bytes, without the LF."""

Value = dict[str, "Value"] | list["Value"] | str | bool | int

_KEY = re.compile(r"[a-z0-9_]+")
_SHORT = 64
"""Longer keys are not remembered."""
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def tag(name: str) -> bytes:
    """Return TAG(name): what a hash begins with, so that no hash can be taken for another kind."""
    return f"{VERSION} {name}\0".encode("ascii")


def sha256(data: bytes) -> bytes:
    """Hash, in 32 bytes."""
    return hashlib.sha256(data).digest()


def encode(value: Any) -> bytes:
    """Write a value, or a Struct of values, in its one spelling.

    Raises CanonicalError if it is outside the profile.
    """
    plain = msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value
    _require_profile(plain, 0)
    return _encoder.encode(plain)


def decode(data: bytes) -> Value:
    """Read a value from its one spelling. Raises CanonicalError for any other bytes."""
    try:
        value = _decoder.decode(data)
    except (ValueError, RecursionError) as error:
        raise CanonicalError("malformed_json", "These bytes are not JSON in UTF-8.") from error
    _require_profile(value, 0)
    if _encoder.encode(value) != data:
        raise CanonicalError("not_canonical", "This JSON is not spelled in its canonical form.")
    return value  # type: ignore[no-any-return] # looked through above


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a `.jsonl` file without their LF; chunks may be cut anywhere.

    Raises CanonicalError for an empty line, one over the limit, or a last line without its LF.
    """
    rest, number = b"", 1
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            _require_line(line, number)
            yield line
            number += 1
        if len(rest) > MAX_LINE:
            _require_line(rest, number)
    if rest:
        message = "The last line does not end in a newline."
        raise CanonicalError("no_newline", message).at_line(number)


def _require_line(line: bytes, number: int) -> None:
    if not line:
        raise CanonicalError("empty_line", "There is an empty line.").at_line(number)
    if len(line) > MAX_LINE:
        message = f"A line is longer than {MAX_LINE} bytes."
        raise CanonicalError("long_line", message).at_line(number)


def _require_profile(value: object, depth: int) -> None:
    # bool before int: True is an int to Python, and both are values.
    match value:
        case str():
            _require_string(value)
        case bool():
            pass
        case int():
            if not 0 <= value <= MAX_INT:
                raise CanonicalError("bad_integer", "An integer is not within 0 to 2^53-1.")
        case dict() | list() | tuple() if depth >= MAX_NESTING:
            raise CanonicalError("too_deep", f"Values are nested more than {MAX_NESTING} deep.")
        case dict():
            for key, inner in value.items():
                if type(key) is not str or len(key) > _SHORT or not _is_short_key(key):
                    _require_key(key)
                if not _is_usual(inner):
                    _require_profile(inner, depth + 1)
        case list() | tuple():
            for inner in value:
                if not _is_usual(inner):
                    _require_profile(inner, depth + 1)
        case _:
            kind = "null" if value is None else type(value).__name__
            raise CanonicalError("bad_value", f"A value is neither of the profile's kinds: {kind}.")


def _is_usual(value: object) -> bool:
    """Tell at a glance that a value is in the profile; a million records are mostly such values."""
    kind = type(value)  # which mypy does not follow, and which is faster than to ask isinstance
    if kind is str:
        return len(value) <= MAX_STRING and value.isascii()  # type: ignore[arg-type, attr-defined] # a str
    return kind is int and 0 <= value <= MAX_INT  # type: ignore[operator] # an int


@functools.lru_cache(maxsize=1024)
def _is_short_key(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


def _require_key(key: object) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise CanonicalError("bad_key", "A key is not made of a-z, 0-9 and _ only.")
    _require_string(key)


def _require_string(text: str) -> None:
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        raise CanonicalError("lone_surrogate", "A string holds a lone surrogate.") from error
    if size > MAX_STRING:
        raise CanonicalError("long_string", f"A string is longer than {MAX_STRING} bytes.")
