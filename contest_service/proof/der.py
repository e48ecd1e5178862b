"""DER, as far as timestamps and certificates need it (section 7.3).

A value is a tag of one byte, a definite length in its shortest form, and its content; whoever reads
says which tags have to come, so nothing here descends by itself. Knows no structure by name.
"""

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from contest_service.proof.errors import DerError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
MAX_NESTING = 32
"""Values within values, the outermost being the first."""

_MULTIBYTE_TAG = 0x1F
_CONSTRUCTED = 0x20
_MAX_LENGTH_BYTES = 4
_UTC_TIME = re.compile(rb"([0-9]{2})([0-9]{10})Z")
_GENERALIZED_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]*[1-9]))?Z")


def implicit(number: int) -> int:
    """Return the tag `[number]` of a primitive value."""
    return 0x80 | number


def explicit(number: int) -> int:
    """Return the tag `[number]` of a constructed value."""
    return 0xA0 | number


class Value(msgspec.Struct, frozen=True):
    """One value: its tag, its content and the whole of its bytes."""

    tag: int
    content: bytes
    raw: bytes

    @property
    def integer(self) -> int:
        """The content as an integer. Raises DerError if it is not in its shortest form."""
        content = self.content
        if not content or (len(content) > 1 and content[0] in {0, 0xFF} and _repeats_sign(content)):
            raise DerError("bad_der", "An integer is not in its shortest form.")
        return int.from_bytes(content, "big", signed=True)

    @property
    def bits(self) -> bytes:
        """The content of a bit string of whole bytes."""
        if not self.content or self.content[0] != 0:
            raise DerError("bad_der", "A bit string does not consist of whole bytes.")
        return self.content[1:]

    @property
    def boolean(self) -> bool:
        """The content as a boolean."""
        if self.content not in {b"\x00", b"\xff"}:
            raise DerError("bad_der", "A boolean is neither true nor false.")
        return self.content == b"\xff"

    @property
    def moment(self) -> "Moment":
        """The content as a time."""
        return _moment(self)


class Moment(msgspec.Struct, frozen=True):
    """A time: whole unix seconds, and whether a fraction of a second follows."""

    seconds: int
    has_fraction: bool

    @property
    def rounded_up(self) -> int:
        """The first whole second that is not before it."""
        return self.seconds + self.has_fraction


class Reader:
    """Reads the values in some content one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, *tags: int) -> Value:
        """Read the next value, which has one of these tags. Raises DerError."""
        value = self.maybe(*tags)
        if value is None:
            raise DerError("bad_der", "A value is missing or of another kind.")
        return value

    def inside(self, tag: int) -> "Reader":
        """Read the next value and return a reader of its content."""
        return Reader(self.take(tag).content)

    def maybe(self, *tags: int) -> Value | None:
        """Read the next value if it has one of these tags."""
        if self.is_at_end or self._data[self._at] not in tags:
            return None
        return self.any()

    def any(self) -> Value:
        """Read the next value, of whatever kind it is."""
        at, data = self._at, self._data
        start, end = _bounds(data, at)
        self._at = end
        return Value(data[at], data[start:end], data[at:end])

    def rest(self, *tags: int) -> list[Value]:
        """Read all that is left, each value with one of these tags; of any if none is given."""
        values = []
        while not self.is_at_end:
            values.append(self.take(*tags) if tags else self.any())
        return values

    def end(self) -> None:
        """Check that nothing is left. Raises DerError."""
        if not self.is_at_end:
            raise DerError("bad_der", "More follows where a value should end.")

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._data)


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the value at `at` begins and ends. Raises DerError."""
    if at + 2 > len(data) or data[at] & 0x1F == _MULTIBYTE_TAG:
        raise DerError("bad_der", "A value is cut off, or has a tag that is not known here.")
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        encoded = data[start : start + count]
        length, start = int.from_bytes(encoded, "big"), start + count
        if not 1 <= count <= _MAX_LENGTH_BYTES or len(encoded) != count:
            raise DerError("bad_der", "A length is indefinite, too long or cut off.")
        if length < 0x80 or not encoded[0]:
            raise DerError("bad_der", "A length is not in its shortest form.")
    if start + length > len(data):
        raise DerError("bad_der", "A value is cut off.")
    return start, start + length


def only(data: bytes, tag: int) -> Reader:
    """Return a reader of the content of the one value that `data` is. Raises DerError."""
    reader = Reader(data)
    inside = reader.inside(tag)
    reader.end()
    return inside


def require_whole(data: bytes) -> None:
    """Check that the values in some bytes are whole, and all that lies within them.

    Raises DerError, for values nested too deep as well.
    """
    ends, at = [len(data)], 0
    while ends:
        if at == ends[-1]:
            ends.pop()
            continue
        if len(ends) > MAX_NESTING:
            raise DerError("bad_der", f"Values are nested more than {MAX_NESTING} deep.")
        start, end = _bounds(data, at)
        if end > ends[-1]:
            raise DerError("bad_der", "A value goes on after the one that it lies in.")
        if data[at] & _CONSTRUCTED:
            ends.append(end)
            at = start
        else:
            at = end


def write(tag: int, *parts: bytes) -> bytes:
    """Return a value with this tag and content."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def write_integer(number: int) -> bytes:
    """Return an integer that is not negative."""
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def write_oid(text: str) -> bytes:
    """Return an object identifier, given in dotted decimals."""
    first, second, *others = map(int, text.split("."))
    return write(OID, *map(_base128, (40 * first + second, *others)))


@functools.cache
def oid(text: str) -> bytes:
    """Return the content of an object identifier, to compare with."""
    return Reader(write_oid(text)).take(OID).content


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def _repeats_sign(content: bytes) -> bool:
    return (content[0] == 0) == (content[1] < 0x80)


def _moment(value: Value) -> Moment:
    parse = _TIMES.get(value.tag)
    if parse is None:
        raise DerError("bad_der", "A value is no time.")
    digits, fraction = parse(value.content)
    try:
        at = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise DerError("bad_der", "A time is none of the calendar.") from error
    return Moment(int(at.timestamp()), fraction)


def _utc_time(content: bytes) -> tuple[str, bool]:
    found = _UTC_TIME.fullmatch(content)
    if found is None:
        raise DerError("bad_der", "A time has another form.")
    century = "19" if found[1] >= b"50" else "20"
    return century + (found[1] + found[2]).decode("ascii"), False


def _generalized_time(content: bytes) -> tuple[str, bool]:
    found = _GENERALIZED_TIME.fullmatch(content)
    if found is None:
        raise DerError("bad_der", "A time has another form.")
    return found[1].decode("ascii"), found[2] is not None


_TIMES: dict[int, Callable[[bytes], tuple[str, bool]]] = {
    UTC_TIME: _utc_time,
    GENERALIZED_TIME: _generalized_time,
}
