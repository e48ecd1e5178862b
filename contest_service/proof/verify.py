#!/usr/bin/env python3
"""Check a drawproof/1 contest: one file, the standard library only, Python 3.8 or newer.

    verify.py [--practice] [--trust FILE] [--json] PATH

PATH is an audit bundle (a zip, or the same files in a folder) or a bare proof (a folder with only
events.jsonl, entries.bin and optionally openings.jsonl). Nothing is fetched, nothing is written,
nothing in the bundle is executed.

Exit status: 0 verified (a result or a void), 1 refused, 2 unreadable, 3 verified as practice,
4 sound so far but not drawn yet.

This program shares no code with the service that made the bundle. It follows the specification
docs/draw-protocol.md, in this order:

    1. Conventions   hashes, canonical JSON, lines, what may be printed        (section 2)
    2. Beacon        BLS12-381: curve, hash to curve, pairing, the check       (section 5)
    3. Entries       entries.bin, Merkle root, openings                        (section 3)
    4. Draw          seed, tickets, ranking, slots, succession                 (section 6)
    5. Chain         the events, one function for each type                    (section 4)
    6. Containers    folder and zip, read defensively                          (sections 8.5 to 8.7)
    7. Bundle        manifest, terms, dispute files                            (sections 8.1 to 8.4)
    8. Verdict       everything together, and what is said about it            (sections 7, 8.8)

Memory stays bounded: entries.bin is held once (360 MB at the protocol's limit of ten million
tickets, 36 MB for a million entries), everything else is read in pieces.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import itertools
import json
import os
import re
import stat
import struct
import sys
import unicodedata
import zlib
from abc import ABC, abstractmethod
from datetime import datetime, timezone
from typing import (
    Any,
    BinaryIO,
    Callable,
    Dict,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    Union,
)

if sys.version_info < (3, 8):
    sys.stderr.write("This program needs Python 3.8 or newer.\n")
    sys.exit(2)

VERSION = "drawproof/1"

# ======================================================================================
# 1. Conventions (section 2)
# ======================================================================================

MAX_INTEGER = 2**53 - 1
MAX_STRING = 4096
MAX_NESTING = 32
MAX_LINE = 1 << 20
MAX_TICKETS = 10**7
MAX_WINNERS = 10**7
PIECE = 1 << 18


class Refused(Exception):  # noqa: N818 # a verdict, not an error
    """Something that the proof rests on does not hold.

    `where` is a file, or a line of it; `code` is stable and one of REASONS, which has the sentence
    for people; `detail` is what the sentence cannot know.
    """

    def __init__(self, where: str, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.where = where
        self.code = code
        self.detail = detail

    @property
    def text(self) -> str:
        return REASONS[self.code] + (" (%s)" % self.detail if self.detail else "")


class Unreadable(Refused):
    """There is nothing here that could be checked."""


def demand(holds: bool, where: str, code: str, detail: str = "") -> None:
    """Refuse the bundle unless `holds`."""
    if not holds:
        raise Refused(where, code, detail)


def sha256(data: Union[bytes, bytearray]) -> bytes:
    return hashlib.sha256(data).digest()


def tag(name: str) -> bytes:
    """TAG(x): what keeps a hash made for one purpose from serving another."""
    return VERSION.encode("ascii") + b" " + name.encode("ascii") + b"\0"


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def is_integer(value: Any) -> bool:
    """True and False are not integers here, although Python thinks so."""
    return type(value) is int


def is_positive(value: Any) -> bool:
    return is_integer(value) and value >= 1


def is_weight(value: Any) -> bool:
    return is_integer(value) and 1 <= value <= 2**32 - 1


def is_string(value: Any) -> bool:
    return isinstance(value, str)


def is_text(value: Any) -> bool:
    """A string that says something."""
    return isinstance(value, str) and value != ""


def is_digest(value: Any) -> bool:
    """64 lower-case hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def is_reason(value: Any) -> bool:
    """A code, never free text: it stands in public for ever."""
    return isinstance(value, str) and re.fullmatch("[a-z][a-z0-9-]{0,39}", value) is not None


def is_code(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z][a-z0-9_-]{0,39}", value) is not None


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_anything(value: Any) -> bool:
    return True


class Form:
    """An object with exactly these keys, and what each value is. A key with ? may be absent."""

    def __init__(self, checks: Dict[str, Callable[[Any], bool]]) -> None:
        self._checks = {key.rstrip("?"): check for key, check in checks.items()}
        self._required = frozenset(key for key in checks if not key.endswith("?"))

    def wrong_part(self, value: Any) -> str:
        """What is wrong, or an empty string."""
        if not isinstance(value, dict):
            return "it is not an object"
        if not self._required <= value.keys() <= self._checks.keys():
            return "it has other keys than " + ", ".join(sorted(self._checks))
        for key, item in value.items():
            if not self._checks[key](item):
                return str(key)
        return ""

    def __call__(self, value: Any) -> bool:
        return self.wrong_part(value) == ""


def check_form(value: Any, where: str, form: Form) -> None:
    wrong = form.wrong_part(value)
    demand(not wrong, where, "form", wrong)


def list_of(check: Callable[[Any], bool], least: int = 0) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and len(value) >= least and all(check(item) for item in value)
    )


# --- canonical JSON: RFC 8785 with the strict profile ---------------------------------


def _refuse_number(text: str) -> Any:
    raise ValueError("a number that is not an integer")


def _read_integer(text: str) -> int:
    if len(text) > 16:
        raise ValueError("an integer out of range")
    return int(text)


_DECODER = json.JSONDecoder(
    parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_read_integer
)
# For values of the profile this is RFC 8785: keys are ASCII, so sorting by code point is sorting
# by UTF-16; numbers are integers; Python escapes exactly what the RFC escapes, in its spelling.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_KEY = re.compile("[a-z0-9_]+")


def canonical(value: object) -> bytes:
    """JCS(value), for a value of the profile. A lone surrogate raises ValueError."""
    return _ENCODER.encode(value).encode("utf-8")


def check_profile(value: object, depth: int = 1) -> None:
    """Raise ValueError unless the value is one of the profile."""
    if isinstance(value, str):
        if len(value) > MAX_STRING // 4 and len(value.encode("utf-8")) > MAX_STRING:
            raise ValueError("a string longer than 4096 bytes")
    elif value is None:
        raise ValueError("null")
    elif is_integer(value):
        if not 0 <= value <= MAX_INTEGER:  # type: ignore[operator] # it is an int, see above
            raise ValueError("an integer out of range")
    elif isinstance(value, (dict, list)):
        if depth > MAX_NESTING:
            raise ValueError("nested more than 32 deep")
        if isinstance(value, dict):
            for key, item in value.items():
                if not _KEY.fullmatch(key) or len(key) > MAX_STRING:
                    raise ValueError("a key that is not made of a-z, 0-9 and _")
                check_profile(item, depth + 1)
        else:
            for item in value:
                check_profile(item, depth + 1)


def parse_canonical(data: Union[bytes, bytearray], where: str) -> Any:
    """Read one JSON value whose only spelling is `data`."""
    try:
        value = _DECODER.decode(data.decode("utf-8"))
        check_profile(value)
        same = canonical(value) == data
    except UnicodeError:
        raise Refused(where, "json", "not Unicode text") from None
    except RecursionError:
        raise Refused(where, "json", "nested too deep") from None
    except ValueError as problem:
        raise Refused(where, "json", shown(problem)) from None
    demand(same, where, "not-canonical")
    return value


def read_lines(stream: BinaryIO, name: str) -> Iterator[Tuple[str, bytes, Any]]:
    """Read a .jsonl file: yields place, bytes without the LF, and value of each line."""
    for number in itertools.count(1):
        line = stream.readline(MAX_LINE + 2)
        if not line:
            return
        where = "%s:%d" % (name, number)
        demand(len(line) <= MAX_LINE + 1, where, "line-too-long")
        demand(line.endswith(b"\n"), where, "line-end")
        demand(len(line) > 1, where, "empty-line")
        yield where, line[:-1], parse_canonical(line[:-1], where)


# --- what may be printed --------------------------------------------------------------


def shown(value: object) -> str:
    """Text of the bundle, made harmless: it cannot steer a terminal or a page.

    Control, format, surrogate, private-use, unassigned and separator characters other than the
    plain space are escaped, and so is the backslash, so that an escape cannot be imitated.
    """
    out = []
    for char in str(value):
        kind = unicodedata.category(char)[0]
        if char == "\\":
            out.append("\\\\")
        elif kind == "C" or (kind == "Z" and char != " "):
            out.append("\\u{%x}" % ord(char))
        else:
            out.append(char)
    return "".join(out)


def shown_time(seconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return "%d seconds after 1970" % seconds
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


# ======================================================================================
# 2. Beacon (section 5): drand quicknet, BLS signatures on BLS12-381, public keys on G2
# ======================================================================================

QUICKNET = {
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "genesis": 1692803367,
    "period": 3,
    "public_key": (
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    "scheme": "bls-unchained-g1-rfc9380",
}

# The whole curve follows from one number: p is the field, r the order of the groups.
BLS_X = -0xD201000000010000
P = (BLS_X - 1) ** 2 * (BLS_X**4 - BLS_X**2 + 1) // 3 + BLS_X
R = BLS_X**4 - BLS_X**2 + 1
HASH_TO_CURVE_DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


class Fp2:
    """a + b*i with i*i = -1, over the integers modulo P. With b = 0: the base field."""

    __slots__ = ("a", "b")

    def __init__(self, a: int, b: int = 0) -> None:
        self.a = a % P
        self.b = b % P

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fp2) and self.a == other.a and self.b == other.b

    __hash__ = None  # type: ignore[assignment] # never a key of anything

    def __add__(self, other: Fp2) -> Fp2:
        return Fp2(self.a + other.a, self.b + other.b)

    def __sub__(self, other: Fp2) -> Fp2:
        return Fp2(self.a - other.a, self.b - other.b)

    def __neg__(self) -> Fp2:
        return Fp2(-self.a, -self.b)

    def __mul__(self, other: Fp2) -> Fp2:
        return Fp2(self.a * other.a - self.b * other.b, self.a * other.b + self.b * other.a)

    def inverse(self) -> Fp2:
        norm = pow(self.a * self.a + self.b * self.b, -1, P)
        return Fp2(self.a * norm, -self.b * norm)

    def power(self, exponent: int) -> Fp2:
        result = Fp2(1)
        for bit in bin(exponent)[2:]:
            result = result * result
            if bit == "1":
                result = result * self
        return result

    def is_larger_half(self) -> bool:
        """The sign in a compressed point: is it the larger one of itself and its negative?"""
        return (self.b or self.a) > (P - 1) // 2

    def square_root(self) -> Optional[Fp2]:
        """One of the two roots, or None: the method for P = 3 modulo 4, its outcome squared."""
        a1 = self.power((P - 3) // 4)
        x0 = a1 * self
        alpha = a1 * x0
        root = Fp2(0, 1) * x0 if alpha == Fp2(-1) else (alpha + Fp2(1)).power((P - 1) // 2) * x0
        return root if root * root == self else None


# --- points: (x, y) with y*y = x*x*x + b, None is the point at infinity ----------------

Point = Optional[Tuple[Fp2, Fp2]]
G1_B = Fp2(4)  # the curve of signatures
G2_B = Fp2(4, 4)  # the curve of public keys
G2_GENERATOR = (
    Fp2(
        0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
        0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E,
    ),
    Fp2(
        0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
        0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE,
    ),
)


def slope(p: Tuple[Fp2, Fp2], q: Tuple[Fp2, Fp2]) -> Fp2:
    """Of the line through two points, or of the tangent. The line must not be vertical."""
    if p == q:
        square = p[0] * p[0]
        return (square + square + square) * (p[1] + p[1]).inverse()
    return (q[1] - p[1]) * (q[0] - p[0]).inverse()


def add(p: Point, q: Point) -> Point:
    if p is None:
        return q
    if q is None:
        return p
    if p[0] == q[0] and p[1] == -q[1]:
        return None
    m = slope(p, q)
    x = m * m - p[0] - q[0]
    return x, m * (p[0] - x) - p[1]


def multiply(point: Point, times: int) -> Point:
    result: Point = None
    for bit in bin(times)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def decompress(data: bytes, b: Fp2) -> Tuple[Fp2, Fp2]:
    """Read a compressed point and prove that it is in the group of order R.

    48 bytes for G1, 96 for G2 (imaginary part first). Raises ValueError with the reason.
    """
    compressed, infinity, larger = (bool(data[0] & flag) for flag in (0x80, 0x40, 0x20))
    if not compressed:
        raise ValueError("the compressed flag is not set")
    if infinity:
        raise ValueError("it is the point at infinity")
    parts = [int.from_bytes(data[k : k + 48], "big") for k in range(0, len(data), 48)]
    parts[0] &= 2**381 - 1
    if any(part >= P for part in parts):
        raise ValueError("a coordinate is not below the field's prime")
    x = Fp2(*reversed(parts))
    y = (x * x * x + b).square_root()
    if y is None or (len(parts) == 1 and y.b != 0):
        raise ValueError("it is not on the curve")
    point = (x, -y if y.is_larger_half() != larger else y)
    if multiply(point, R) is not None:
        raise ValueError("it is not in the subgroup of prime order")
    return point


# --- hash to G1: RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_ -----------------------

# The auxiliary curve E': y*y = x*x*x + A*x + B, and Z, from section 8.8.1 of the RFC.
SSWU_A, SSWU_B = (
    0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D,
    0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0,
)
SSWU_Z = 11

# The 11-isogeny from E' to the curve of signatures is fixed by its kernel: the roots of h below
# (lowest degree first) are the x of the kernel's ten points, and they are the only roots in the
# field of the 11-division polynomial of E'. Vélu's formulas give the map from h, up to the scale
# c = 1/11 that lands on y*y = x*x*x + 4 with the RFC's sign. The RFC prints the same map as four
# lists of coefficients: x_num, x_den = h*h, y_num, y_den = h*h*h.
ISOGENY_KERNEL = [
    0x133341FB0962A34CB0504A9C4FADA0A5090D38679B4C040D5D1C3AFB023A3409FCC0815FEA66D8B02BBEF9C8B5A66E07,
    0x0264908AF037BCEDE00D054CF5D4775E83EB6CF63C76B969F8ED174FB59FCFF78D201F46F6CFC4ED6552E59CE75177B0,
    0x1335C502C1F54C49ACEEA65E87FD7203BA0F626F305FC0CFD606A5DAE9F3C8E81A4B3B69600129FABD307C69BF319D39,
    0x094440F65F408A6E930E16E3E92DD17BF60D6E9679A8D3D58593DE55AC23703042D609537EB3549AAC234D896CA82944,
    0x04AFE09D5CF4956A23B6B71F59D2B3407B415A774B7BE81BBB6FA99CBC798E0AC98BA725A5BC328016B1C268B4766E85,
    1,
]

Polynomial = List[int]  # coefficients modulo P, the lowest degree first


def poly_mul(a: Polynomial, b: Polynomial) -> Polynomial:
    result = [0] * (len(a) + len(b) - 1)
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            result[i + j] = (result[i + j] + left * right) % P
    return result


def poly_sum(*terms: Polynomial) -> Polynomial:
    return [sum(column) % P for column in itertools.zip_longest(*terms, fillvalue=0)]


def poly_derivative(a: Polynomial) -> Polynomial:
    return [k * coefficient % P for k, coefficient in enumerate(a)][1:]


def poly_at(a: Polynomial, x: int) -> int:
    result = 0
    for coefficient in reversed(a):
        result = (result * x + coefficient) % P
    return result


def isogeny_numerators() -> Tuple[Polynomial, Polynomial]:
    """x_num and y_num: the map is x_num/h^2 and y * y_num/h^3.

    Vélu and Kohel: with F = x^3 + Ax + B and s the sum of h's roots,
    x_num = c^2 * (4F(h'h' - hh'') - (6x^2 + 2A)hh' + (11x - 2s)hh), and as the map multiplies the
    invariant differential by 1/c, y_num = c * (x_num' h - 2 x_num h').
    """
    h = ISOGENY_KERNEL
    d = poly_derivative(h)
    c = pow(11, -1, P)
    times_four_f = [4 * SSWU_B, 4 * SSWU_A, 0, 4]
    bend = poly_sum(poly_mul(d, d), poly_mul([-1], poly_mul(h, poly_derivative(d))))
    x_num = poly_sum(
        poly_mul(times_four_f, bend),
        poly_mul([-2 * SSWU_A, 0, -6], poly_mul(h, d)),
        poly_mul([2 * h[4], 11], poly_mul(h, h)),
    )
    x_num = poly_mul([c * c], x_num)
    y_num = poly_sum(
        poly_mul([c], poly_mul(poly_derivative(x_num), h)), poly_mul([-2 * c], poly_mul(x_num, d))
    )
    return x_num, y_num


ISOGENY_X_NUM, ISOGENY_Y_NUM = isogeny_numerators()


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380, section 5.3.1, with SHA-256."""
    suffix = dst + bytes([len(dst)])
    first = sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + suffix)
    block, out = bytes(32), b""
    for number in range(1, -(-length // 32) + 1):
        mixed = int.from_bytes(first, "big") ^ int.from_bytes(block, "big")
        block = sha256(mixed.to_bytes(32, "big") + bytes([number]) + suffix)
        out += block
    return out[:length]


def map_to_auxiliary_curve(u: int) -> Tuple[int, int]:
    """RFC 9380, section 6.6.2: the simplified SWU map from a field element to a point of E'."""

    def root(x: int) -> Optional[int]:
        square = (x * x * x + SSWU_A * x + SSWU_B) % P
        candidate = pow(square, (P + 1) // 4, P)
        return candidate if candidate * candidate % P == square else None

    zu2 = SSWU_Z * u * u % P
    denominator = (zu2 * zu2 + zu2) % P
    if denominator:
        x = -SSWU_B * pow(SSWU_A, -1, P) * (1 + pow(denominator, -1, P)) % P
    else:
        x = SSWU_B * pow(SSWU_Z * SSWU_A, -1, P) % P
    y = root(x)
    if y is None:
        x = zu2 * x % P
        y = root(x)
        if y is None:
            raise ArithmeticError("one of the two candidates always has a root")
    return x, (y if (y & 1) == (u & 1) else P - y)


def isogeny(x: int, y: int) -> Point:
    """From E' to the curve of signatures (RFC 9380, appendix E.2)."""
    h = poly_at(ISOGENY_KERNEL, x)
    if h == 0:
        return None
    k = pow(h, -1, P)
    return Fp2(poly_at(ISOGENY_X_NUM, x) * k * k), Fp2(y * poly_at(ISOGENY_Y_NUM, x) * k * k * k)


def hash_to_g1(message: bytes, dst: bytes = HASH_TO_CURVE_DST) -> Point:
    """RFC 9380, section 3: hash_to_curve."""
    uniform = expand_message_xmd(message, dst, 128)
    u0, u1 = (int.from_bytes(uniform[k : k + 64], "big") % P for k in (0, 64))
    q0, q1 = (isogeny(*map_to_auxiliary_curve(u)) for u in (u0, u1))
    return multiply(add(q0, q1), 1 - BLS_X)  # clear_cofactor with h_eff = 1 - x


# --- the field of the pairing's values: polynomials in w with w^12 = 2*w^6 - 2 -----------
#
# An element is the list of its 12 coefficients. i = w^6 - 1, so (a + b*i) * w^j with j < 6 has
# a - b at w^j and b at w^(j+6).

Fp12 = List[int]
ONE_12: Fp12 = [1] + [0] * 11
SLOT = 96  # bytes that surely hold a sum of 12 products of two field elements


def mul12(f: Fp12, g: Fp12) -> Fp12:
    """Multiply by packing the coefficients into one large integer each."""
    left = int.from_bytes(b"".join([c.to_bytes(SLOT, "little") for c in f]), "little")
    right = int.from_bytes(b"".join([c.to_bytes(SLOT, "little") for c in g]), "little")
    packed = (left * right).to_bytes(24 * SLOT, "little")
    product = [int.from_bytes(packed[k * SLOT : (k + 1) * SLOT], "little") for k in range(23)]
    for k in range(22, 11, -1):
        product[k - 6] += 2 * product[k]
        product[k - 12] -= 2 * product[k]
    return [c % P for c in product[:12]]


def from_fp2(parts: List[Fp2]) -> Fp12:
    """The sum of parts[j] * w^j, j = 0 to 5."""
    return [(c.a - c.b) % P for c in parts] + [c.b for c in parts]


def conjugate(f: Fp12) -> Fp12:
    """f to the power P^6: w becomes -w. After the easy part of the exponent also 1/f."""
    return [-c % P if k % 2 else c for k, c in enumerate(f)]


FROBENIUS = [Fp2(1, 1).power(j * (P - 1) // 6) for j in range(6)]


def frobenius(f: Fp12) -> Fp12:
    """f to the power P."""
    return from_fp2([Fp2(f[j] + f[j + 6], -f[j + 6]) * FROBENIUS[j] for j in range(6)])


def inverse12(f: Fp12) -> Fp12:
    """The other eleven conjugates, divided by the norm, which is in the base field."""
    others, image = ONE_12, f
    for _ in range(11):
        image = frobenius(image)
        others = mul12(others, image)
    norm = pow(mul12(f, others)[0], -1, P)
    return [c * norm % P for c in others]


def power_x(f: Fp12) -> Fp12:
    """f to the power x, which is negative, for f whose inverse is its conjugate."""
    result = f
    for bit in bin(-BLS_X)[3:]:
        result = mul12(result, result)
        if bit == "1":
            result = mul12(result, f)
    return conjugate(result)


# --- the optimal ate pairing --------------------------------------------------------------


def line(t: Tuple[Fp2, Fp2], m: Fp2, p: Tuple[Fp2, Fp2]) -> Fp12:
    """The line through the untwisted t with slope m, at p, times w^3 (which vanishes later)."""
    zero = Fp2(0)
    return from_fp2([m * t[0] - t[1], zero, -(m * p[0]), p[1], zero, zero])


def miller_loop(p: Tuple[Fp2, Fp2], q: Tuple[Fp2, Fp2]) -> Fp12:
    """p in G1, q in G2, both of order R, so no line in the loop is vertical."""
    f, t = ONE_12, q
    for bit in bin(-BLS_X)[3:]:
        f = mul12(mul12(f, f), line(t, slope(t, t), p))
        t = add(t, t) or q
        if bit == "1":
            f = mul12(f, line(t, slope(t, q), p))
            t = add(t, q) or q
    return conjugate(f)  # x is negative


def is_one_after_final_exponent(f: Fp12) -> bool:
    """Is f to the power (P^12 - 1)/R equal to 1?

    Easy part (P^6 - 1)(P^2 + 1), then three times the hard part (a factor that is prime to R
    changes nothing): (x - 1)^2 (x + P)(x^2 + P^2 - 1) + 3.
    """
    f = mul12(conjugate(f), inverse12(f))
    f = mul12(frobenius(frobenius(f)), f)
    g = mul12(power_x(f), conjugate(f))
    g = mul12(power_x(g), conjugate(g))
    g = mul12(power_x(g), frobenius(g))
    g = mul12(mul12(power_x(power_x(g)), frobenius(frobenius(g))), conjugate(g))
    return mul12(g, mul12(f, mul12(f, f))) == ONE_12


def signature_problem(public_key: bytes, round_number: int, signature: object) -> Optional[str]:
    """None if it is the beacon's signature of this round, else why it is not. About 60 ms.

    The order is the specification's: encoding, curve, subgroup, equation.
    """
    if not isinstance(signature, str) or not re.fullmatch("[0-9a-f]{96}", signature):
        return "it is not 48 bytes in lower-case hex"
    try:
        point = decompress(bytes.fromhex(signature), G1_B)
        key = decompress(public_key, G2_B)
    except ValueError as problem:
        return str(problem)
    hashed = hash_to_g1(sha256(u64(round_number)))
    if hashed is None:
        return "the message hashes to the point at infinity"
    negative = (point[0], -point[1])
    both = mul12(miller_loop(hashed, key), miller_loop(negative, G2_GENERATOR))
    if not is_one_after_final_exponent(both):
        return "it is not the beacon's signature of this round"
    return None


class Beacon:
    """The chain that a contest's rules name: the pinned one, or a practice chain."""

    def __init__(self, facts: Any, where: str, practice_allowed: bool) -> None:
        self.practice: bool = facts != QUICKNET
        if self.practice:
            self._check_practice(facts, where, practice_allowed)
        self.facts = facts
        self.genesis: int = facts["genesis"]
        self.period: int = facts["period"]
        self.public_key = bytes.fromhex(facts["public_key"])

    @staticmethod
    def _check_practice(facts: Dict[str, Any], where: str, allowed: bool) -> None:
        demand(allowed, where, "beacon-not-pinned")
        key = facts["public_key"]
        demand(
            facts["scheme"] == QUICKNET["scheme"]
            and re.fullmatch("[0-9a-f]{192}", key) is not None
            and key != QUICKNET["public_key"]
            and facts["chain"] != QUICKNET["chain"],
            where,
            "practice-beacon",
        )
        message = tag("practice") + u64(facts["genesis"]) + u64(facts["period"])
        derived = sha256(message + bytes.fromhex(key)).hex()
        demand(facts["chain"] == derived, where, "practice-chain")
        try:
            decompress(bytes.fromhex(key), G2_B)
        except ValueError as problem:
            raise Refused(where, "practice-key", str(problem)) from None

    def time_of(self, round_number: int) -> int:
        return self.genesis + (round_number - 1) * self.period

    def first_round_at(self, moment: int) -> int:
        """The first round at or after a moment."""
        if moment <= self.genesis:
            return 1
        return 1 + -(-(moment - self.genesis) // self.period)

    def check(self, round_number: int, signature: object, where: str) -> None:
        problem = signature_problem(self.public_key, round_number, signature)
        demand(problem is None, where, "signature", "round %d: %s" % (round_number, problem))


# ======================================================================================
# 3. Entries (section 3): entries.bin, its Merkle root, and openings
# ======================================================================================

LEAF = 36  # bytes: commitment and u32(weight)
LEAVES_AT_ONCE = 1 << 14  # a power of two, so that a block is a perfect subtree


def merkle_parents(nodes: List[bytes]) -> List[bytes]:
    """One level up. The odd one out rises as it is, which is RFC 6962's split."""
    sha = hashlib.sha256
    parents = [sha(b"\1" + nodes[k] + nodes[k + 1]).digest() for k in range(0, len(nodes) - 1, 2)]
    return parents + nodes[-1:] if len(nodes) % 2 else parents


def merkle_root(blocks: Iterator[List[bytes]]) -> bytes:
    """RFC 6962 tree hash. `blocks` are lists of leaf data, all but the last of the same power of
    two in length, so that a million leaves never stand in memory at once."""
    sha = hashlib.sha256
    tops = []
    for block in blocks:
        nodes = [sha(b"\0" + leaf).digest() for leaf in block]
        while len(nodes) > 1:
            nodes = merkle_parents(nodes)
        tops.extend(nodes)
    while len(tops) > 1:
        tops = merkle_parents(tops)
    return tops[0] if tops else sha256(b"")


class Entries:
    """The frozen list: 36 bytes for each entry, strictly ascending by commitment."""

    def __init__(self, data: bytearray) -> None:
        demand(len(data) % LEAF == 0, "entries.bin", "entries-size")
        self.data = data
        self.count = len(data) // LEAF

    def blocks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), LEAF * LEAVES_AT_ONCE):
            yield bytes(self.data[start : start + LEAF * LEAVES_AT_ONCE])

    def weight(self, max_weight: int) -> int:
        """Check order and weights, and return the total weight."""
        total, last = 0, b""
        for block in self.blocks():
            for commit, weight in struct.iter_unpack(">32sI", block):
                if commit <= last:
                    raise Refused("entries.bin", "entries-order")
                if not 1 <= weight <= max_weight:
                    detail = "%s has %d of at most %d" % (commit.hex(), weight, max_weight)
                    raise Refused("entries.bin", "entry-weight", detail)
                total += weight
                last = commit
        return total

    def root(self) -> bytes:
        return merkle_root(
            [block[k : k + LEAF] for k in range(0, len(block), LEAF)] for block in self.blocks()
        )

    def find(self, commit: bytes) -> int:
        """The index of a commitment, or -1: binary search."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            found = self.data[middle * LEAF : middle * LEAF + 32]
            if found < commit:
                low = middle + 1
            elif found == commit:
                return middle
            else:
                high = middle
        return -1


class Distinct:
    """Remembers which values it has seen, in 32 bytes each."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(256)]

    def add(self, text: str) -> None:
        digest = sha256(text.encode("utf-8"))
        self._buckets[digest[0]] += digest

    def repeated(self) -> Optional[bytes]:
        """The digest of a value that was added more than once, if there is one."""
        for bucket in self._buckets:
            seen: Set[bytes] = set()
            for k in range(0, len(bucket), 32):
                digest = bytes(bucket[k : k + 32])
                if digest in seen:
                    return digest
                seen.add(digest)
        return None


OPENING = Form(
    {
        "contest": is_text,
        "entry": is_text,
        "subject": is_text,
        "label": is_string,
        "salt": is_digest,
    }
)


class Openings:
    """Checks openings.jsonl and keeps the names of those commitments that shall be shown."""

    def __init__(self, contest: str, entries: Entries, shown_commits: Set[str]) -> None:
        self.contest = contest
        self.entries = entries
        self.shown_commits = shown_commits
        self.count = 0
        self.names: Dict[str, Tuple[str, str]] = {}
        self._opened = bytearray(entries.count)
        self._unique = {"entry": Distinct(), "subject": Distinct()}

    def read(self, lines: Iterator[Tuple[str, bytes, Any]]) -> None:
        for where, _, opening in lines:
            self._check(where, opening)
        for key, seen in self._unique.items():
            demand(seen.repeated() is None, "openings.jsonl", "opened-twice", key)

    def _check(self, where: str, opening: Any) -> None:
        check_form(opening, where, OPENING)
        demand(opening["contest"] == self.contest, where, "opening-contest")
        salt = bytes.fromhex(opening["salt"])
        identity = {key: value for key, value in opening.items() if key != "salt"}
        commit = sha256(tag("entry") + salt + canonical(identity))
        index = self.entries.find(commit)
        demand(index >= 0, where, "opening-unknown")
        demand(not self._opened[index], where, "opened-twice", "commitment")
        self._opened[index] = 1
        self.count += 1
        for key, seen in self._unique.items():
            seen.add(opening[key])
        if commit.hex() in self.shown_commits:
            self.names[commit.hex()] = (opening["label"], opening["subject"])


# ======================================================================================
# 4. The draw (section 6)
# ======================================================================================

Slot = Dict[str, str]  # tier, and unless nobody was left: commit and ticket


class Ranking:
    """All entries that may win, in the order of (ticket, commitment), computed as far as needed.

    `excluded` marks, by index, the entries that were disqualified before the result. The order is
    computed in batches: each pass over all tickets keeps the next best ones, so memory does not
    grow with the number of entries. One pass is nearly always enough.
    """

    def __init__(self, entries: Entries, seed: bytes, excluded: bytearray, batch: int) -> None:
        self._entries = entries
        self._prefix = tag("ticket") + seed
        self._excluded = excluded
        self._batch = batch
        self._best: List[bytes] = []  # ticket and commitment, the next one last
        self._given = b""  # everything up to here was in an earlier batch

    def next(self) -> Optional[Tuple[bytes, bytes]]:
        """The ticket and the commitment of the next entry, or None when nobody is left."""
        if not self._best:
            self._compute_batch()
        if not self._best:
            return None
        key = self._best.pop()
        return key[:32], key[32:]

    def _compute_batch(self) -> None:
        best: List[bytes] = []
        cutoff = b"\xff" * 65
        given, batch = self._given, self._batch
        for key in self._keys():
            if given < key < cutoff:
                best.append(key)
                if len(best) >= 2 * batch:
                    best.sort()
                    del best[batch:]
                    cutoff = best[-1]
        best.sort()
        del best[batch:]
        if best:
            self._given = best[-1]
        best.reverse()
        self._best = best
        self._batch = min(4 * batch, max(batch, 1 << 18))

    def _keys(self) -> Iterator[bytes]:
        """(lowest ticket, commitment) of each entry that is not excluded, as 64 bytes."""
        sha, prefix, zero = hashlib.sha256, self._prefix, u32(0)
        start = 0
        for block in self._entries.blocks():
            pairs = struct.iter_unpack(">32sI", block)
            allowed = self._excluded[start : start + len(block) // LEAF]
            start += len(allowed)
            for (commit, weight), gone in zip(pairs, allowed):  # noqa: B905 # Python 3.8
                if gone:
                    continue
                ticket = sha(prefix + commit + zero).digest()
                if weight > 1:
                    message = prefix + commit
                    ticket = min(
                        ticket, min(sha(message + u32(j)).digest() for j in range(1, weight))
                    )
                yield ticket + commit


def take(ranking: Ranking, tier: str) -> Slot:
    best = ranking.next()
    if best is None:
        return {"tier": tier}
    return {"tier": tier, "commit": best[1].hex(), "ticket": best[0].hex()}


class Draw:
    """One draw: the slots as drawn, and as they stand after later disqualifications."""

    def __init__(
        self, entries: Entries, seed: bytes, excluded: bytearray, tiers: List[Any]
    ) -> None:
        self._entries = entries
        self._excluded = excluded
        self._seed = seed
        names: List[str] = [tier["id"] for tier in tiers for _ in range(tier["winners"])]
        self._batch = len(names) + 1024
        ranking = Ranking(entries, seed, excluded, self._batch)
        self.initial: List[Slot] = [take(ranking, name) for name in names]
        self.final = self.initial
        self.gone: Dict[int, List[Tuple[str, str]]] = {}  # slot: its former holders, and why

    def settle(self, later: List[Tuple[str, str]]) -> None:
        """Apply the disqualifications (commitment, reason) that followed the result, in order.

        A vacant slot goes to the best entry never used so far in this draw; the others keep theirs.
        """
        if not later:
            return
        slots = list(self.initial)
        place = {slot["commit"]: k for k, slot in enumerate(slots) if "commit" in slot}
        ranking = Ranking(self._entries, self._seed, self._excluded, self._batch)
        for _ in slots:
            ranking.next()
        dropped: Set[str] = set()
        for commit, reason in later:
            dropped.add(commit)
            if commit not in place:
                continue
            k = place.pop(commit)
            self.gone.setdefault(k, []).append((commit, reason))
            slots[k] = take(ranking, slots[k]["tier"])
            while slots[k].get("commit") in dropped:
                slots[k] = take(ranking, slots[k]["tier"])
            if "commit" in slots[k]:
                place[slots[k]["commit"]] = k
        self.final = slots


# ======================================================================================
# 5. The chain of events (section 4)
# ======================================================================================

EVENT = Form(
    {
        "v": is_string,
        "contest": is_text,
        "seq": is_integer,
        "prev": is_digest,
        "type": is_string,
        "at": is_integer,
        "body": is_anything,
    }
)
BEACON = Form(
    {
        "chain": is_digest,
        "genesis": is_integer,
        "period": is_positive,
        "public_key": is_text,
        "scheme": is_text,
    }
)
TIER = Form({"id": is_text, "prize": is_text, "winners": is_positive})
RULES = Form(
    {
        "title": is_text,
        "organiser": is_text,
        "opens_at": is_integer,
        "closes_at": is_integer,
        "draw_at": is_integer,
        "min_lead": is_integer,
        "beacon": BEACON,
        "draws": list_of(Form({"tiers": list_of(TIER, least=1)}), least=1),
        "max_weight": is_weight,
        "terms_sha256": is_digest,
    }
)
FREEZE = Form(
    {
        "rules": is_digest,
        "round": is_integer,
        "entries": Form(
            {"count": is_integer, "weight": is_integer, "root": is_digest, "sha256": is_digest}
        ),
        "anchor?": Form({"round": is_positive, "signature": is_string}),
        "evidence?": Form({"sha256": is_digest}),
    }
)
DQ = Form({"commit": is_digest, "reason": is_reason})
FULL_SLOT = Form({"tier": is_text, "commit": is_digest, "ticket": is_digest})
EMPTY_SLOT = Form({"tier": is_text})
RESULT = Form(
    {
        "round": is_integer,
        "signature": is_string,
        "randomness": is_digest,
        "draws": list_of(list_of(lambda slot: FULL_SLOT(slot) or EMPTY_SLOT(slot))),
    }
)
VOID = Form({"reason": is_reason})

MIN_LEAD = 600
WEEK = 7 * 24 * 60 * 60


class Promise(NamedTuple):
    """A rules or amend event, for the check of its terms."""

    where: str
    body: Dict[str, Any]


class Chain:
    """The state of a contest after each of its events. `apply` refuses what may not follow."""

    def __init__(self, entries: Entries, practice_allowed: bool) -> None:
        self.entries = entries
        self.practice_allowed = practice_allowed
        self.contest: Optional[str] = None
        self.length = 0
        self.last_hash = "0" * 64
        self.last_at = 0
        self.beacon: Optional[Beacon] = None
        self.rules: Dict[str, Any] = {}  # of the rules or amend event in force
        self.rules_hash = ""
        self.promises: List[Promise] = []
        self.freeze: Optional[Dict[str, Any]] = None
        self.freeze_hash = ""
        self.freeze_at = 0
        self.round_time = 0
        self.excluded = bytearray()  # by index: disqualified before the result
        self.dropped = bytearray()  # by index: disqualified at all
        self.later: List[Tuple[str, str]] = []  # (commitment, reason), dropped after the result
        self.result: Optional[Dict[str, Any]] = None
        self.draws: List[Draw] = []
        self.void: Optional[Dict[str, Any]] = None
        self.void_at = 0
        self.closed = False

    @property
    def is_practice(self) -> bool:
        return self.beacon is not None and self.beacon.practice

    @property
    def outcome(self) -> str:
        if self.result is not None:
            return "result"
        if self.void is not None:
            return "void"
        return "running" if self.freeze is None else "frozen"

    # --- what every event has in common ---

    def apply(self, where: str, line: bytes, event: Any) -> None:
        check_form(event, where, EVENT)
        demand(event["v"] == VERSION, where, "version")
        if self.contest is None:
            self.contest = event["contest"]
        demand(event["contest"] == self.contest, where, "event-contest")
        demand(event["seq"] == self.length, where, "sequence")
        demand(event["prev"] == self.last_hash, where, "chain")
        at = event["at"]
        demand(at >= self.last_at, where, "time")
        handlers: Dict[str, Callable[[str, int, Any, str], None]] = {
            "rules": self._rules,
            "amend": self._amend,
            "freeze": self._freeze,
            "dq": self._dq,
            "result": self._result,
            "void": self._void,
            "close": self._close,
        }
        kind = event["type"]
        demand(kind in handlers, where, "type")
        demand((kind == "rules") == (self.length == 0), where, "rules-first")
        demand(not self.closed, where, "after-close")
        demand(self.void is None or kind == "close", where, "after-void")
        event_hash = sha256(tag("event") + line).hex()
        handlers[kind](where, at, event["body"], event_hash)
        self.length += 1
        self.last_hash = event_hash
        self.last_at = at

    # --- rules and amend ---

    def _rules(self, where: str, at: int, body: Any, event_hash: str) -> None:
        self._check_rules(where, body)
        self.beacon = Beacon(body["beacon"], where, self.practice_allowed)
        self._put_in_force(where, body, event_hash)

    def _amend(self, where: str, at: int, body: Any, event_hash: str) -> None:
        demand(self.freeze is None, where, "amended-after-freeze")
        demand(at < self.rules["draw_at"], where, "amended-late")
        self._check_rules(where, body)
        same = canonical(body["beacon"]) == canonical(self.rules["beacon"])
        demand(same, where, "beacon-changed")
        self._put_in_force(where, body, event_hash)

    def _put_in_force(self, where: str, body: Dict[str, Any], event_hash: str) -> None:
        demand(self._beacon(where).practice or body["min_lead"] >= MIN_LEAD, where, "min-lead")
        self.rules = body
        self.rules_hash = event_hash
        self.promises.append(Promise(where, body))

    @staticmethod
    def _check_rules(where: str, body: Any) -> None:
        check_form(body, where, RULES)
        demand(body["opens_at"] <= body["closes_at"] <= body["draw_at"], where, "schedule")
        winners = 0
        for draw in body["draws"]:
            names = [tier["id"] for tier in draw["tiers"]]
            demand(len(set(names)) == len(names), where, "tier-twice")
            winners += sum(tier["winners"] for tier in draw["tiers"])
        demand(winners <= MAX_WINNERS, where, "too-many-winners")

    def _beacon(self, where: str) -> Beacon:
        if self.beacon is None:
            raise Refused(where, "rules-first")
        return self.beacon

    # --- freeze ---

    def _freeze(self, where: str, at: int, body: Any, event_hash: str) -> None:
        check_form(body, where, FREEZE)
        demand(self.freeze is None, where, "frozen-twice")
        demand(body["rules"] == self.rules_hash, where, "freeze-rules")
        rules, beacon = self.rules, self._beacon(where)
        demand(at >= rules["closes_at"], where, "frozen-early")
        expected = beacon.first_round_at(rules["draw_at"])
        demand(body["round"] == expected, where, "round", "it gives round %d" % expected)
        self.round_time = beacon.time_of(expected)
        demand(at + rules["min_lead"] <= self.round_time, where, "frozen-late")
        self._check_entries(where, body["entries"])
        if "anchor" in body:
            self._check_anchor(where, at, body["anchor"], expected)
        self.freeze = body
        self.freeze_hash = event_hash
        self.freeze_at = at
        self.excluded = bytearray(self.entries.count)
        self.dropped = bytearray(self.entries.count)

    def _check_entries(self, where: str, claim: Any) -> None:
        """entries.bin is exactly what the freeze says. Limits come before any hashing."""
        entries = self.entries
        demand(claim["weight"] * len(self.rules["draws"]) <= MAX_TICKETS, where, "too-many-tickets")
        counts = "the freeze says %d, the file %d"
        detail = counts % (claim["count"], entries.count)
        demand(claim["count"] == entries.count, "entries.bin", "entries-count", detail)
        weight = entries.weight(self.rules["max_weight"])
        detail = counts % (claim["weight"], weight)
        demand(claim["weight"] == weight, "entries.bin", "entries-weight", detail)
        demand(sha256(entries.data).hex() == claim["sha256"], "entries.bin", "entries-hash")
        demand(entries.root().hex() == claim["root"], "entries.bin", "entries-root")

    def _check_anchor(self, where: str, at: int, anchor: Any, frozen_round: int) -> None:
        beacon = self._beacon(where)
        demand(anchor["round"] < frozen_round, where, "anchor-round")
        demand(beacon.time_of(anchor["round"]) <= at, where, "anchor-time")
        beacon.check(anchor["round"], anchor["signature"], where)

    # --- disqualification ---

    def _dq(self, where: str, at: int, body: Any, event_hash: str) -> None:
        check_form(body, where, DQ)
        demand(self.freeze is not None, where, "dq-early")
        index = self.entries.find(bytes.fromhex(body["commit"]))
        demand(index >= 0, where, "dq-unknown")
        demand(not self.dropped[index], where, "dq-twice")
        self.dropped[index] = 1
        if self.result is None:
            demand(at < self.round_time, where, "dq-late")
            self.excluded[index] = 1
        else:
            self.later.append((body["commit"], sys.intern(body["reason"])))

    # --- result ---

    def _result(self, where: str, at: int, body: Any, event_hash: str) -> None:
        check_form(body, where, RESULT)
        if self.freeze is None:
            raise Refused(where, "result-unfrozen")
        demand(self.result is None, where, "drawn-twice")
        demand(body["round"] == self.freeze["round"], where, "round-changed")
        demand(at >= self.round_time, where, "result-early")
        self._beacon(where).check(body["round"], body["signature"], where)
        randomness = sha256(bytes.fromhex(body["signature"]))
        demand(body["randomness"] == randomness.hex(), where, "randomness")
        self._check_slots(where, body["draws"], randomness)
        self.result = body

    def _check_slots(self, where: str, claimed: Any, randomness: bytes) -> None:
        draws = self.rules["draws"]
        demand(len(claimed) == len(draws), where, "winners-count")
        # The number of slots first: so what is computed is never more than what stands there.
        for slots, draw in zip(claimed, draws):  # noqa: B905 # Python 3.8; same length, see above
            winners = sum(tier["winners"] for tier in draw["tiers"])
            demand(len(slots) == winners, where, "winners-count")
        for k, draw in enumerate(draws):
            seed = sha256(tag("seed") + randomness + bytes.fromhex(self.freeze_hash) + u32(k))
            computed = Draw(self.entries, seed, self.excluded, draw["tiers"])
            demand(computed.initial == claimed[k], where, "winners", "draw %d" % (k + 1))
            self.draws.append(computed)

    # --- void and close ---

    def _void(self, where: str, at: int, body: Any, event_hash: str) -> None:
        check_form(body, where, VOID)
        demand(self.result is None, where, "void-after-result")
        demand(
            self.freeze is None or at < self.round_time or at >= self.round_time + WEEK,
            where,
            "void-late",
        )
        self.void = body
        self.void_at = at

    def _close(self, where: str, at: int, body: Any, event_hash: str) -> None:
        demand(self.result is not None or self.void is not None, where, "closed-early")
        self.closed = True


def check_chain(lines: Iterator[Tuple[str, bytes, Any]], chain: Chain) -> None:
    """Apply all events, and refuse a list that no freeze names."""
    for where, line_bytes, event in lines:
        chain.apply(where, line_bytes, event)
    for draw in chain.draws:
        draw.settle(chain.later)
    demand(chain.length > 0, "events.jsonl", "no-events")
    demand(chain.freeze is not None or chain.entries.count == 0, "entries.bin", "not-frozen")


# ======================================================================================
# 6. Containers (sections 8.5 to 8.7): a folder or a zip, nothing trusted
# ======================================================================================

MAX_FILES = 1000
MAX_TOTAL = 2**32
MAX_ENTRIES_FILE = 360_000_000
MAX_OBJECT_FILE = 1 << 20

BARE_FILES = frozenset(["events.jsonl", "entries.bin", "openings.jsonl"])
ROOT_FILES = BARE_FILES | {"manifest.json", "README.txt", "verify.py", "verify.html"}
DISPUTE_FILES = frozenset(
    "dispute/" + name
    for name in (
        "evidence.txt",
        "records.jsonl",
        "scans.jsonl",
        "pages.jsonl",
        "overrides.jsonl",
        "correspondence.jsonl",
    )
)
_TERMS_NAME = re.compile("terms/([0-9a-f]{64})[.]json")


class Container(ABC):
    """Named files of known size. `open` gives a stream that yields exactly that many bytes."""

    def __init__(self) -> None:
        self.sizes: Dict[str, int] = {}
        self._streams: List[BinaryIO] = []

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """From its first byte, each time."""

    def check_limits(self) -> None:
        demand(len(self.sizes) <= MAX_FILES, "", "too-many-files")
        total = sum(self.sizes.values())
        demand(total <= MAX_TOTAL, "", "too-large")
        for name, size in self.sizes.items():
            most = MAX_TOTAL
            if name == "entries.bin":
                most = MAX_ENTRIES_FILE
            elif name == "manifest.json" or name.startswith("terms/"):
                most = MAX_OBJECT_FILE
            demand(size <= most, name, "file-too-large")

    def close(self) -> None:
        """Close what is still open, whatever was refused in the middle."""
        for stream in self._streams:
            stream.close()

    def read(self, name: str) -> bytearray:
        """The whole file, in memory once."""
        data = bytearray(self.sizes[name])
        filled = 0
        with self.open(name) as stream:
            while filled < len(data):
                piece = stream.read(min(PIECE, len(data) - filled))
                data[filled : filled + len(piece)] = piece
                filled += len(piece)
        return data

    def sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        with self.open(name) as stream:
            for piece in iter(lambda: stream.read(PIECE), b""):
                digest.update(piece)
        return digest.hexdigest()

    def lines(self, name: str) -> Iterator[Tuple[str, bytes, Any]]:
        stream = self.open(name)
        self._streams.append(stream)
        return read_lines(stream, name)


class SizedStream(io.RawIOBase):
    """Yields exactly `size` bytes, and refuses a source that has fewer or more of them."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.piece(min(len(buffer), self.left)) if self.left else b""
        if self.left and not piece:
            raise Refused(self.name, "file-size")
        self.left -= len(piece)
        if not self.left:
            self.finish()
        buffer[: len(piece)] = piece
        return len(piece)

    @abstractmethod
    def piece(self, most: int) -> bytes:
        """At least one and at most `most` bytes; none if the source has ended."""

    @abstractmethod
    def finish(self) -> None:
        """Refuse what follows the last byte."""


class Folder(Container):
    """Regular files only, in the folder itself and in its folders terms and dispute."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.folders: List[str] = []
        self._scan("")
        self.check_limits()

    def _scan(self, prefix: str) -> None:
        with os.scandir(os.path.join(self.path, prefix)) as found:
            for item in found:
                name = prefix + item.name
                demand(len(self.sizes) <= MAX_FILES, "", "too-many-files")
                if name in ("terms", "dispute") and item.is_dir(follow_symlinks=False):
                    self.folders.append(name)
                    self._scan(name + "/")
                else:
                    demand(item.is_file(follow_symlinks=False), shown(name), "not-a-file")
                    self.sizes[name] = item.stat(follow_symlinks=False).st_size

    def open(self, name: str) -> BinaryIO:
        source = open(os.path.join(self.path, *name.split("/")), "rb")  # noqa: SIM115 # see close
        return io.BufferedReader(FolderFile(name, self.sizes[name], source), PIECE)


class FolderFile(SizedStream):
    def __init__(self, name: str, size: int, source: BinaryIO) -> None:
        super().__init__(name, size)
        self.source = source

    def piece(self, most: int) -> bytes:
        return self.source.read(most)

    def finish(self) -> None:
        demand(not self.source.read(1), self.name, "file-size")

    def close(self) -> None:
        self.source.close()
        super().close()


class Member(NamedTuple):
    """One file of a zip, as the central directory describes it."""

    flags: int
    method: int
    crc: int
    packed: int
    size: int
    local: int
    name: bytes

    def repeated_in(self, header: bytes) -> bool:
        """Does the local header (30 bytes and the name) say the same?"""
        _, flags, method, _, crc, packed, size, name_size, extra = struct.unpack(
            "<6sHHLLLLHH", header[:30]
        )
        sums = (crc, packed, size)
        return (
            header[:4] == b"PK\3\4"
            and (flags, method, extra) == (self.flags, self.method, 0)
            and header[30:] == self.name
            and name_size == len(self.name)
            and (
                sums == (self.crc, self.packed, self.size)
                or (bool(self.flags & 8) and sums == (0, 0, 0))
            )
        )


class Zip(Container):
    """A zip read by its bytes: every byte of the file belongs to a member or to the directory.

    Python's own zipfile accepts much that hides things (bytes before, between and after the
    members, a local name that differs from the listed one, one name twice), so it is not used.
    """

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self._length = source.seek(0, os.SEEK_END)
        self._members: Dict[str, Member] = {}
        self._starts: Dict[str, int] = {}
        directory, start = self._directory()
        position = 0
        for member in directory:
            position = self._check_member(member, position)
        demand(position == start, "", "zip-stray-bytes")
        self.sizes = {name: member.size for name, member in self._members.items()}
        self.check_limits()

    def _at(self, position: int, size: int) -> bytes:
        self._source.seek(position)
        data = self._source.read(size)
        demand(len(data) == size, "", "zip-cut")
        return data

    def _directory(self) -> Tuple[List[Member], int]:
        """The members in the order of the central directory, and where it starts."""
        demand(self._length >= 22, "", "zip-cut")
        end = self._length - 22
        mark, disk, other, here, count, size, start, comment = struct.unpack(
            "<4s4H2LH", self._at(end, 22)
        )
        demand(mark == b"PK\5\6" and comment == 0, "", "zip-end")
        demand((disk, other) == (0, 0) and here == count and start + size == end, "", "zip-end")
        demand(count <= MAX_FILES, "", "too-many-files")
        demand(size <= count * (46 + 256), "", "zip-directory")
        data = self._at(start, size)
        members, position = [], 0
        for _ in range(count):
            member, position = self._entry(data, position)
            members.append(member)
        demand(position == size, "", "zip-stray-bytes")
        return members, start

    @staticmethod
    def _entry(data: bytes, position: int) -> Tuple[Member, int]:
        """One entry of the central directory, and the position after it."""
        demand(len(data) >= position + 46, "", "zip-directory")
        fields = struct.unpack("<4s6H3L5H2L", data[position : position + 46])
        mark, _, _, flags, method, _, _, crc, packed, size = fields[:10]
        name_size, extra, comment, disk, _, attributes, local = fields[10:]
        name = data[position + 46 : position + 46 + name_size]
        where = shown(name.decode("ascii", "replace"))
        demand(mark == b"PK\1\2" and len(name) == name_size, where, "zip-directory")
        demand(extra == 0, where, "zip-extra")
        demand(comment == 0, where, "zip-comment")
        demand(disk == 0, where, "zip-directory")
        demand(flags & ~0x808 == 0, where, "zip-flags")
        demand(method in (0, 8), where, "zip-method")
        demand(method == 8 or packed == size, where, "zip-size")
        kind = stat.S_IFMT(attributes >> 16)
        demand(kind in (0, stat.S_IFREG) and not attributes & 0x10, where, "not-a-file")
        return Member(flags, method, crc, packed, size, local, name), position + 46 + name_size

    def _check_member(self, member: Member, position: int) -> int:
        """Check the local header that must stand at `position`; returns the position after."""
        where = shown(member.name.decode("ascii", "replace"))
        demand(member.local == position, where, "zip-stray-bytes")
        header = self._at(position, 30 + len(member.name))
        demand(member.repeated_in(header), where, "zip-header")
        try:
            name = member.name.decode("ascii")
        except UnicodeDecodeError:
            raise Refused(where, "name") from None
        demand(name not in self._members, where, "name-twice")
        self._members[name] = member
        self._starts[name] = position + len(header)
        position += len(header) + member.packed
        if member.flags & 8:
            expected = struct.pack("<4s3L", b"PK\7\10", member.crc, member.packed, member.size)
            demand(self._at(position, 16) == expected, where, "zip-header")
            position += 16
        return position

    def close(self) -> None:
        super().close()
        self._source.close()

    def open(self, name: str) -> BinaryIO:
        member = self._members[name]
        stream = ZippedFile(name, member, self._source, self._starts[name])
        return io.BufferedReader(stream, PIECE)


class ZippedFile(SizedStream):
    """Expands one member; never more than its declared size."""

    def __init__(self, name: str, member: Member, source: BinaryIO, start: int) -> None:
        super().__init__(name, member.size)
        self._source = source
        self._position = start
        self._packed_left = member.packed
        self._crc = 0
        self._member = member
        self._inflate = zlib.decompressobj(-15) if member.method == 8 else None
        if not member.size:
            self.finish()

    def _packed(self, most: int) -> bytes:
        self._source.seek(self._position)
        data = self._source.read(min(most, self._packed_left))
        self._position += len(data)
        self._packed_left -= len(data)
        return data

    def piece(self, most: int) -> bytes:
        data = self._expand(self._inflate, most) if self._inflate else self._packed(most)
        self._crc = zlib.crc32(data, self._crc)
        return data

    def _expand(self, inflate: Any, most: int) -> bytes:
        try:
            while not inflate.eof:
                packed = inflate.unconsumed_tail or self._packed(PIECE)
                data: bytes = inflate.decompress(packed, most)
                if data:
                    return data
                if not packed:
                    break
        except zlib.error:
            raise Refused(self.name, "zip-data") from None
        return b""

    def finish(self) -> None:
        if self._inflate is not None:
            more = self._expand(self._inflate, 1)
            demand(
                not more
                and self._inflate.eof
                and not self._inflate.unused_data
                and not self._inflate.unconsumed_tail,
                self.name,
                "zip-size",
            )
        demand(self._packed_left == 0, self.name, "zip-size")
        demand(self._crc == self._member.crc, self.name, "zip-crc")


def open_container(path: str) -> Container:
    if os.path.isdir(path):
        return Folder(path)
    if not os.path.isfile(path):
        raise Unreadable(shown(path), "no-such-file")
    source = open(path, "rb")  # noqa: SIM115 # it stays open as long as the zip is read
    if source.read(4) != b"PK\3\4":
        source.close()
        raise Unreadable(shown(path), "not-a-zip")
    try:
        return Zip(source)
    except Refused:
        source.close()
        raise


# ======================================================================================
# 7. The bundle (sections 8.1 to 8.4): manifest, terms, dispute files
# ======================================================================================


def check_names(files: Container) -> bool:
    """Refuse strange names; returns whether this is a bundle (true) or a bare proof."""
    required = ["events.jsonl", "entries.bin"]
    if isinstance(files, Zip):
        required.append("manifest.json")
    for name in required:
        if name not in files.sizes:
            raise Unreadable(name, "missing")
    is_bundle = "manifest.json" in files.sizes
    if isinstance(files, Folder) and not is_bundle:
        demand(not files.folders, shown(" ".join(files.folders)), "name")
    for name in files.sizes:
        known = name in BARE_FILES
        if is_bundle:
            known = name in ROOT_FILES | DISPUTE_FILES or bool(_TERMS_NAME.fullmatch(name))
        demand(known, shown(name), "name")
    return is_bundle


MANIFEST = Form(
    {
        "v": is_string,
        "format": is_integer,
        "edition": is_string,
        "contest": is_text,
        "files": list_of(Form({"name": is_text, "size": is_integer, "sha256": is_digest})),
    }
)


class Manifest:
    """manifest.json lists every other file with its size and hash, and nothing else is there."""

    def __init__(self, files: Container) -> None:
        where = "manifest.json"
        value = parse_canonical(files.read(where), where)
        check_form(value, where, MANIFEST)
        demand(value["v"] == VERSION, where, "version")
        demand(value["format"] == 1, where, "format")
        demand(value["edition"] in ("public", "dispute"), where, "edition")
        self.edition: str = value["edition"]
        self.contest: str = value["contest"]
        self.hashes = self._check_files(files, value["files"])

    @staticmethod
    def _check_files(files: Container, listed: Any) -> Dict[str, str]:
        where = "manifest.json"
        hashes: Dict[str, str] = {}
        last = ""
        for item in listed:
            name = item["name"]
            demand(name > last, where, "manifest-order")
            last = name
            demand(name in files.sizes and name != where, shown(name), "file-missing")
            demand(
                item["size"] == files.sizes[name] and item["sha256"] == files.sha256(name),
                shown(name),
                "file-changed",
            )
            hashes[name] = item["sha256"]
        for name in files.sizes:
            demand(name in hashes or name == where, shown(name), "file-unlisted")
        return hashes


# --- terms ----------------------------------------------------------------------------

is_paragraphs = list_of(is_string)
SCHEDULE = Form(
    {
        "opens_at": is_integer,
        "closes_at": is_integer,
        "freeze_at": is_integer,
        "draw_at": is_integer,
    }
)
VERIFIER = Form({"name": lambda value: value in ("verify.py", "verify.html"), "sha256": is_digest})
TERMS = Form(
    {
        "v": is_string,
        "contest": is_text,
        "version": is_integer,
        "reason": is_string,
        "rules": is_object,
        "schedule": SCHEDULE,
        "zone": is_text,
        "texts": lambda value: is_object(value) and all(map(is_paragraphs, value.values())),
        "verifiers": list_of(VERIFIER),
    }
)


def check_terms(files: Container, contest: str, promises: List[Promise]) -> Dict[str, Any]:
    """Check the terms of every rules and amend event; returns those in force."""
    used: Set[str] = set()
    terms: Dict[str, Any] = {}
    for version, promise in enumerate(promises, 1):
        name = "terms/%s.json" % promise.body["terms_sha256"]
        demand(name in files.sizes, name, "terms-missing")
        data = files.read(name)
        demand(sha256(data).hex() == promise.body["terms_sha256"], name, "terms-changed")
        terms = parse_canonical(data, name)
        check_terms_object(name, terms, contest, version)
        check_schedule(name, terms["schedule"], promise.body)
        used.add(name)
    for name in files.sizes:
        demand(not name.startswith("terms/") or name in used, name, "terms-unnamed")
    return terms


def check_terms_object(where: str, terms: Any, contest: str, version: int) -> None:
    check_form(terms, where, TERMS)
    demand(terms["v"] == VERSION, where, "version")
    demand(terms["contest"] == contest, where, "terms-contest")
    demand(terms["version"] == version, where, "terms-version", "here it must be %d" % version)
    demand((terms["reason"] == "") == (version == 1), where, "terms-reason")
    names = [item["name"] for item in terms["verifiers"]]
    demand(names == sorted(set(names)), where, "terms-verifiers")


def check_schedule(where: str, schedule: Any, rules: Dict[str, Any]) -> None:
    demand(
        all(schedule[key] == rules[key] for key in ("opens_at", "closes_at", "draw_at")),
        where,
        "terms-schedule",
    )
    demand(
        rules["closes_at"] <= schedule["freeze_at"]
        and schedule["freeze_at"] + rules["min_lead"] <= rules["draw_at"],
        where,
        "terms-freeze",
    )


# --- dispute files ----------------------------------------------------------------------


def is_direction(value: Any) -> bool:
    return value in ("in", "out")


RECORD = Form({"salt": is_digest, "record": is_object})
SCAN = Form(
    {
        "scan": is_text,
        "target": is_text,
        "action": is_code,
        "closing": is_flag,
        "started_at": is_integer,
        "finished_at?": is_integer,
        "state": is_code,
        "pages": is_integer,
        "seen?": is_integer,
        "claimed?": is_integer,
        "hidden?": is_integer,
    }
)
PAGE = Form(
    {
        "scan": is_text,
        "seq": is_integer,
        "sha256": is_digest,
        "size": is_integer,
        "fetched_at": is_integer,
    }
)
OVERRIDE = Form(
    {
        "at": is_integer,
        "kind": is_code,
        "reason": is_string,
        "person?": is_text,
        "entrant?": is_text,
    }
)
MESSAGE = Form(
    {
        "at": is_integer,
        "commit": is_digest,
        "direction": is_direction,
        "channel": is_code,
        "text": is_paragraphs,
    }
)


class Dispute:
    """The files of the dispute edition: evidence bound by the freeze, and what goes with it."""

    def __init__(self, files: Container, manifest: Manifest, chain: Chain) -> None:
        self.files = files
        self.manifest = manifest
        self.chain = chain

    def check(self) -> None:
        present = set(DISPUTE_FILES & self.files.sizes.keys())
        if self.manifest.edition == "public":
            demand(not present, min(present, default=""), "name")
            return
        self._check_evidence(present)
        checks = {
            "dispute/scans.jsonl": self._check_scans,
            "dispute/overrides.jsonl": self._check_overrides,
            "dispute/correspondence.jsonl": self._check_correspondence,
        }
        for name, check in checks.items():
            if name in present:
                check(name)
        if "dispute/pages.jsonl" in present and "dispute/scans.jsonl" not in present:
            self._check_pages("dispute/pages.jsonl", set())

    def _check_evidence(self, present: Set[str]) -> None:
        name, records = "dispute/evidence.txt", "dispute/records.jsonl"
        bound = (self.chain.freeze or {}).get("evidence")
        demand((name in present) == (bound is not None), name, "evidence-presence")
        demand(records not in present or name in present, records, "records-presence")
        if bound is None:
            return
        demand(self.manifest.hashes[name] == bound["sha256"], name, "evidence-changed")
        self._check_digests(name, self._read_records(records) if records in present else {})

    def _read_records(self, name: str) -> Dict[bytes, str]:
        """The digest of each record, with its place."""
        digests: Dict[bytes, str] = {}
        for where, _, line in self.files.lines(name):
            check_form(line, where, RECORD)
            demand(line["record"].get("contest") == self.chain.contest, where, "record-contest")
            salt = bytes.fromhex(line["salt"])
            digest = sha256(tag("evidence") + salt + canonical(line["record"]))
            demand(digest not in digests, where, "record-twice")
            digests[digest] = where
        return digests

    def _check_digests(self, name: str, records: Dict[bytes, str]) -> None:
        last = ""
        with self.files.open(name) as stream:
            for number in itertools.count(1):
                line = stream.read(65)
                if not line:
                    break
                where = "%s:%d" % (name, number)
                text = line[:-1].decode("ascii", "replace")
                demand(
                    line.endswith(b"\n") and is_digest(text) and text > last,
                    where,
                    "evidence-lines",
                )
                last = text
                records.pop(bytes.fromhex(text), None)
        for where in records.values():
            raise Refused(where, "record-unknown")

    def _check_scans(self, name: str) -> None:
        scans: Set[str] = set()
        for where, _, scan in self.files.lines(name):
            check_form(scan, where, SCAN)
            demand(scan["scan"] not in scans, where, "scan-twice")
            scans.add(scan["scan"])
        if "dispute/pages.jsonl" in self.files.sizes:
            self._check_pages("dispute/pages.jsonl", scans)

    def _check_pages(self, name: str, scans: Set[str]) -> None:
        pages = Distinct()
        for where, _, page in self.files.lines(name):
            check_form(page, where, PAGE)
            demand(page["scan"] in scans, where, "page-scan")
            pages.add("%d %s" % (page["seq"], page["scan"]))
        demand(pages.repeated() is None, name, "page-twice")

    def _check_overrides(self, name: str) -> None:
        last = 0
        for where, _, override in self.files.lines(name):
            check_form(override, where, OVERRIDE)
            demand(override["at"] >= last, where, "time")
            last = override["at"]

    def _check_correspondence(self, name: str) -> None:
        last = 0
        for where, _, message in self.files.lines(name):
            check_form(message, where, MESSAGE)
            demand(message["at"] >= last, where, "time")
            last = message["at"]
            index = self.chain.entries.find(bytes.fromhex(message["commit"]))
            demand(index >= 0, where, "message-unknown")


# ======================================================================================
# 8. The verdict (sections 7 and 8.8)
# ======================================================================================

EXIT_STATUS = {"verified": 0, "refused": 1, "unreadable": 2, "practice": 3, "pending": 4}
PRACTICE_WORDS = "PRACTICE: this draw proves nothing about chance."
GRADE_D_WORDS = (
    "Grade D: the arithmetic holds, on the operator's word alone. Nothing here shows from outside "
    "that the list existed before the draw, nor that it was the only list."
)


class Finding(NamedTuple):
    """Something that the reader should know although it refuses nothing."""

    code: str
    text: str


class Report:
    """Everything that is said about one bundle, for people and for machines."""

    def __init__(self) -> None:
        self.verdict = "unreadable"
        self.problem: Optional[Refused] = None
        self.chain: Optional[Chain] = None
        self.openings: Optional[Openings] = None
        self.findings: List[Finding] = []

    @property
    def holds(self) -> bool:
        return self.problem is None

    @property
    def practice(self) -> bool:
        return self.chain is not None and self.chain.is_practice

    def note(self, code: str, text: str) -> None:
        self.findings.append(Finding(code, text))

    def facts(self) -> Dict[str, Any]:
        """The machine output. What was refused has no facts beyond its contest."""
        chain = self.chain
        findings = [Finding("practice", PRACTICE_WORDS)] if self.practice else []
        facts: Dict[str, Any] = {
            "verdict": self.verdict,
            "practice": self.practice,
            "reason": self.problem.code if self.problem else None,
            "where": (self.problem.where or None) if self.problem else None,
            "message": self.problem.text if self.problem else None,
            "grade": "D" if self.verdict == "verified" else None,
            "contest": chain.contest if chain else None,
            "findings": [finding._asdict() for finding in findings + self.findings],
        }
        keys = ("outcome", "freeze_hash", "round", "randomness", "initial", "final")
        facts.update(dict.fromkeys(keys))
        if chain is None or not self.holds:
            return facts
        facts["outcome"] = chain.outcome
        if chain.freeze is not None:
            facts["freeze_hash"] = chain.freeze_hash
            facts["round"] = chain.freeze["round"]
        if chain.result is not None:
            facts["randomness"] = chain.result["randomness"]
            facts["initial"] = [draw.initial for draw in chain.draws]
            facts["final"] = [draw.final for draw in chain.draws]
        return facts


def check_bundle(files: Container, practice_allowed: bool, report: Report) -> None:
    """Run all checks. Fills the report; raises Refused or Unreadable."""
    is_bundle = check_names(files)
    manifest = Manifest(files) if is_bundle else None
    chain = Chain(Entries(files.read("entries.bin")), practice_allowed)
    report.chain = chain
    check_chain(files.lines("events.jsonl"), chain)
    if manifest is not None:
        demand(manifest.contest == chain.contest, "manifest.json", "manifest-contest")
        terms = check_terms(files, chain.contest or "", chain.promises)
        note_verifiers(manifest, terms, report)
        Dispute(files, manifest, chain).check()
    check_openings(files, chain, report)
    report.verdict = "practice" if chain.is_practice else "verified"
    if chain.result is None and chain.void is None:
        report.verdict = "pending"
    note_limits(report, chain, manifest)


def check_openings(files: Container, chain: Chain, report: Report) -> None:
    drawn: Set[str] = set()
    for draw in chain.draws:
        drawn.update(slot.get("commit", "") for slot in draw.initial + draw.final)
        drawn.update(commit for holders in draw.gone.values() for commit, _ in holders)
    report.openings = Openings(chain.contest or "", chain.entries, drawn)
    if "openings.jsonl" in files.sizes:
        report.openings.read(files.lines("openings.jsonl"))


def note_verifiers(manifest: Manifest, terms: Dict[str, Any], report: Report) -> None:
    """A verifier that the terms in force name is the one they name; any other is unverified."""
    named = {item["name"]: item["sha256"] for item in terms["verifiers"]}
    for name in ("verify.html", "verify.py"):
        if name in manifest.hashes and name in named:
            demand(manifest.hashes[name] == named[name], name, "verifier-changed")
        elif name in manifest.hashes:
            report.note(
                "unverified-file",
                "%s is carried along, but the terms do not name it: get a verifier from a "
                "place that you trust." % name,
            )


def note_limits(report: Report, chain: Chain, manifest: Optional[Manifest]) -> None:
    """Say what was not checked, or could not be."""
    if manifest is None:
        report.note(
            "bare-proof",
            "This is a bare proof without the published terms: whether the rules were those that "
            "entrants were promised could not be checked, and its times are the operator's word.",
        )
    else:
        unverified = ["README.txt", *sorted(DISPUTE_FILES)]
        bound = ("dispute/evidence.txt", "dispute/records.jsonl")
        for name in unverified:
            if name in manifest.hashes and name not in bound:
                report.note(
                    "unverified-file",
                    "%s is carried along and is no part of the proof: nothing binds what it "
                    "says." % name,
                )
    if report.verdict == "verified":
        report.note("no-evidence-of-time", GRADE_D_WORDS)
    if chain.freeze is not None and report.openings is not None:
        report.note(
            "openings",
            "%d of %d entries are opened: it is shown whose they are. The others count and are "
            "drawn all the same, without a name." % (report.openings.count, chain.entries.count),
        )
    if chain.void is not None and chain.freeze is not None and chain.void_at >= chain.round_time:
        report.note(
            "void-after-round",
            "If the beacon's signature of round %d exists, whoever shows it refutes a void that "
            "was declared after it." % chain.freeze["round"],
        )


# --- in words -----------------------------------------------------------------------------

REASONS = {
    # what is there
    "no-such-file": "There is no such file or folder.",
    "not-a-zip": "This is neither a zip nor a folder.",
    "missing": "This file is not there, and nothing can be checked without it.",
    "io": "It cannot be read.",
    "internal-error": "This program failed. That says nothing about the draw.",
    "trust": "The trust file cannot be read as JSON.",
    "name": "A file that has no place here.",
    "name-twice": "Two files have the same name.",
    "not-a-file": "Something that is not a regular file, for instance a link or a folder.",
    "file-size": "The file is longer or shorter than it says.",
    "file-too-large": "The file is larger than it may be.",
    "too-many-files": "More than 1000 files.",
    "too-large": "More than 4 GiB when expanded.",
    # the zip
    "zip-cut": "The zip is cut off.",
    "zip-end": "The zip does not end as it must: it has a comment, bytes after its end, or parts.",
    "zip-directory": "The zip's directory is broken.",
    "zip-stray-bytes": "The zip holds bytes that belong to no file.",
    "zip-extra": "The zip has extra fields, in which things can be hidden.",
    "zip-comment": "The zip has a comment, in which things can be hidden.",
    "zip-flags": "The zip has an encrypted or otherwise unusual file.",
    "zip-method": "The zip has a file that is compressed in an unusual way.",
    "zip-header": "The zip describes a file in two ways that differ.",
    "zip-data": "The compressed data are broken.",
    "zip-size": "A file of the zip is longer or shorter than the zip says.",
    "zip-crc": "The checksum of a file of the zip is wrong.",
    # writing
    "json": "It is not JSON as the specification allows it.",
    "not-canonical": "The JSON is not written in its one permitted spelling.",
    "line-too-long": "A line is longer than 1 MiB.",
    "line-end": "A line does not end in a line feed.",
    "empty-line": "There is an empty line.",
    "form": "A part does not have the form that the specification gives it.",
    "version": "It has another version than drawproof/1.",
    "time": "The time goes back.",
    # the manifest
    "format": "The bundle has a format that this program does not know.",
    "edition": "The bundle is of an unknown edition.",
    "manifest-contest": "The manifest names another contest than the events.",
    "manifest-order": "The manifest's list of files is out of order.",
    "file-missing": "The manifest lists a file that is not there.",
    "file-changed": "The file is not the one that the manifest lists.",
    "file-unlisted": "The manifest does not list this file.",
    # the terms
    "terms-missing": "The terms that an event names are missing.",
    "terms-changed": "These are not the terms whose hash was published.",
    "terms-unnamed": "No event names these terms.",
    "terms-contest": "These are the terms of another contest.",
    "terms-version": "The terms have the wrong version number.",
    "terms-reason": "Every version of the terms but the first must give a reason, the first none.",
    "terms-verifiers": "The terms list the verifiers out of order.",
    "terms-schedule": "The terms promise other times than the event that names them.",
    "terms-freeze": "The promised freeze is not between the close and the draw with its lead.",
    "verifier-changed": "This is not the verifier that the terms name.",
    # events
    "no-events": "There are no events.",
    "event-contest": "An event of another contest.",
    "sequence": "The events are not numbered from 0 without gaps.",
    "chain": (
        "The event does not name the hash of the one before it: something was changed, added or "
        "taken away."
    ),
    "type": "An unknown type of event.",
    "rules-first": "The rules must come first, and only once.",
    "after-close": "An event after the end.",
    "after-void": "An event after the contest was declared void.",
    "schedule": "The contest must open, then close, then draw.",
    "tier-twice": "Two tiers have the same id.",
    "too-many-winners": "More than ten million winners.",
    "too-many-tickets": "More than ten million tickets.",
    "min-lead": "The rules allow a freeze less than 10 minutes before the draw.",
    "beacon-not-pinned": (
        "The rules name another beacon than drand quicknet. If this is meant to be practice, ask "
        "for it with --practice; a real contest never uses such a beacon."
    ),
    "practice-beacon": "The practice beacon is not as it must be.",
    "practice-chain": "The practice chain's hash does not follow from its key and times.",
    "practice-key": "The practice beacon's key is no proper key.",
    "amended-after-freeze": "The rules were changed after the freeze.",
    "amended-late": (
        "The rules were changed at or after the announced draw, when its round could be known."
    ),
    "beacon-changed": "The rules were changed to another beacon.",
    "frozen-twice": "There is a second freeze.",
    "freeze-rules": "The freeze names other rules than those in force.",
    "frozen-early": "The list was frozen before the contest closed.",
    "frozen-late": "The list was frozen too late before the beacon's round.",
    "round": "The announced draw time gives another round of the beacon.",
    "anchor-round": "The anchor is not an earlier round.",
    "anchor-time": "The anchor's round came after the freeze.",
    "dq-early": "Somebody was disqualified before the freeze.",
    "dq-unknown": "Somebody was disqualified who is not in the frozen list.",
    "dq-twice": "Somebody was disqualified twice.",
    "dq-late": (
        "Somebody was disqualified between the beacon's round and the result, when the winners "
        "could already be known."
    ),
    "result-unfrozen": "There is a result without a freeze.",
    "result-early": "The result is older than the beacon's round.",
    "drawn-twice": "There is a second result.",
    "round-changed": "The draw used another round than the frozen one.",
    "signature": "The beacon's signature does not hold.",
    "randomness": "The randomness is not the hash of the beacon's signature.",
    "winners-count": "The result has another number of winners than the rules promise.",
    "winners": "The winners are not those that the draw gives.",
    "void-after-result": "The contest was declared void after its result.",
    "void-late": (
        "The contest was declared void after the beacon's round, when the winners could already "
        "be known."
    ),
    "closed-early": "The contest was closed without a result or a void.",
    # entries
    "not-frozen": "There is a list, but no freeze.",
    "entries-size": "The file does not hold a whole number of entries.",
    "entries-order": "The entries are out of order, or one is there twice.",
    "entry-weight": "An entry has a number of tickets that the rules do not allow.",
    "entries-count": "The freeze counts another number of entries.",
    "entries-weight": "The freeze counts another number of tickets.",
    "entries-hash": "This is not the list that was frozen: an entry was added, removed or changed.",
    "entries-root": "The list's Merkle root is not the frozen one.",
    "opening-contest": "This opens an entry of another contest.",
    "opening-unknown": "This opens an entry that is not in the frozen list.",
    "opened-twice": "Two openings have the same commitment, entry or subject.",
    # dispute
    "evidence-presence": "The evidence must be there exactly when the freeze holds its hash.",
    "evidence-changed": "This is not the evidence whose hash the freeze holds.",
    "evidence-lines": "The lines of the evidence must be hashes in ascending order.",
    "records-presence": "There are records without the evidence that they belong to.",
    "record-contest": "A record of another contest.",
    "record-twice": "A record is there twice.",
    "record-unknown": "A record that the evidence does not hold.",
    "scan-twice": "A scan is there twice.",
    "page-scan": "A page of an unknown scan.",
    "page-twice": "A page is there twice.",
    "message-unknown": "A message to or from somebody who is not in the frozen list.",
}

HEADLINES = {
    "verified": "VERIFIED: everything that this proof rests on holds.",
    "refused": "REFUSED: this proof does not hold.",
    "unreadable": "UNREADABLE: there is nothing here that could be checked.",
    "practice": "The practice draw was computed as it says, and that is all.",
    "pending": "SOUND SO FAR, BUT NOT DRAWN YET: this is neither a success nor a failure.",
}
OUTCOMES = {
    "result": "The winners were drawn.",
    "void": "The contest was declared void. It has no winners.",
    "frozen": "The list is frozen, and the draw is still to come.",
    "running": "The contest is running, and its list is not frozen yet.",
}


def in_words(report: Report) -> List[str]:
    lines = [PRACTICE_WORDS, ""] if report.practice else []
    lines.append(HEADLINES[report.verdict])
    if report.problem is not None:
        lines.append("Why: " + report.problem.text)
        if report.problem.where:
            lines.append("Where: " + report.problem.where)
        lines.append("Code: " + report.problem.code)
    elif report.chain is not None:
        lines.append(OUTCOMES[report.chain.outcome])
        if report.verdict == "verified":
            lines.append(GRADE_D_WORDS)
        lines.append("")
        lines.extend(contest_in_words(report.chain))
        if report.chain.result is not None:
            lines.extend(winners_in_words(report.chain, report.openings))
    others = [finding for finding in report.findings if finding.text != GRADE_D_WORDS]
    if others:
        lines += ["", "What you should know:"]
        lines += ["  - " + finding.text for finding in others]
    return lines


def contest_in_words(chain: Chain) -> List[str]:
    rules = chain.rules
    facts = [
        ("contest", shown(chain.contest)),
        ("title", shown(rules["title"])),
        ("organiser", shown(rules["organiser"])),
        ("closed at", shown_time(rules["closes_at"])),
        ("announced draw", shown_time(rules["draw_at"])),
    ]
    if chain.freeze is not None:
        claim = chain.freeze["entries"]
        facts += [
            ("entries", "%d, with %d tickets" % (claim["count"], claim["weight"])),
            ("frozen at", shown_time(chain.freeze_at)),
            ("freeze hash", chain.freeze_hash),
            ("beacon round", "%d, at %s" % (chain.freeze["round"], shown_time(chain.round_time))),
        ]
    if chain.result is not None:
        facts.append(("randomness", chain.result["randomness"]))
    if chain.void is not None:
        facts.append(("void because", shown(chain.void["reason"])))
    return ["  %-15s %s" % fact for fact in facts]


def winners_in_words(chain: Chain, openings: Optional[Openings]) -> List[str]:
    names = openings.names if openings is not None else {}

    def holder(commit: Optional[str]) -> str:
        if commit is None:
            return "nobody was left"
        if commit not in names:
            return commit
        label, subject = names[commit]
        return '%s  "%s" (%s)' % (commit, shown(label), shown(subject))

    lines = []
    for number, draw in enumerate(chain.draws, 1):
        prizes = {tier["id"]: tier["prize"] for tier in chain.rules["draws"][number - 1]["tiers"]}
        lines += ["", "Draw %d, the prizes as they stand now:" % number]
        for k, slot in enumerate(draw.final):
            prize = "%s (%s)" % (shown(prizes[slot["tier"]]), shown(slot["tier"]))
            lines.append("  %s: %s" % (prize, holder(slot.get("commit"))))
            for commit, reason in draw.gone.get(k, []):
                lines.append("      before: %s, disqualified: %s" % (holder(commit), reason))
    return lines


# --- the command line -------------------------------------------------------------------


def read_trust(path: str, report: Report) -> None:
    """Format 1 carries no evidence of time, so a trust file is only read, and that is said."""
    try:
        with open(path, "rb") as stream:
            json.loads(stream.read(MAX_OBJECT_FILE).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise Unreadable(shown(path), "trust") from None
    report.note(
        "trust-unused",
        "The trust file was read, but nothing in this bundle uses it: bundles of format 1 carry no "
        "log proofs, no witnesses and no timestamps.",
    )


def verify(path: str, practice_allowed: bool = False, trust: Optional[str] = None) -> Report:
    """Check PATH and say everything that there is to say. Never raises for a bad bundle."""
    report = Report()
    try:
        if trust is not None:
            read_trust(trust, report)
        files = open_container(path)
        try:
            check_bundle(files, practice_allowed, report)
        finally:
            files.close()
    except Unreadable as problem:
        report.verdict, report.problem = "unreadable", problem
    except Refused as problem:
        report.verdict, report.problem = "refused", problem
    except OSError as problem:
        detail = shown(problem.strerror or type(problem).__name__)
        report.verdict, report.problem = "unreadable", Unreadable(shown(path), "io", detail)
    except Exception as problem:  # noqa: BLE001 # whatever happens: a sentence, not a traceback
        detail = type(problem).__name__
        report.verdict, report.problem = "unreadable", Unreadable("", "internal-error", detail)
    return report


def say(text: str) -> None:
    """Print, whatever the terminal's alphabet is and even if nobody reads."""
    encoding = sys.stdout.encoding or "ascii"
    safe = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        print(safe)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Check a drawproof/1 audit bundle, offline.",
        allow_abbrev=False,
    )
    parser.add_argument("path", metavar="PATH", help="a zip, a folder, or a bare proof in a folder")
    parser.add_argument(
        "--practice", action="store_true", help="accept a practice draw, which proves nothing"
    )
    parser.add_argument("--trust", metavar="FILE", help="keys that you trust, as JSON")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = verify(options.path, options.practice, options.trust)
    if options.json:
        # ASCII only: every other character stands there as an escape of JSON.
        say(json.dumps(report.facts()).replace("\x7f", "\\u007f"))
    else:
        say("\n".join(in_words(report)))
    return EXIT_STATUS[report.verdict]


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        status = EXIT_STATUS["unreadable"]
    sys.exit(status)
