#!/usr/bin/env python3
"""Check a drawproof/1 contest: one file, the standard library only, Python 3.8 or newer.

    verify.py [--practice] [--trust FILE] [--receipt FILE] [--json] PATH

PATH is an audit bundle (a zip, or the same files in a folder) or a bare proof (a folder with only
events.jsonl, entries.bin and optionally openings.jsonl). Nothing is fetched, nothing is written,
nothing in the bundle is executed.

--trust FILE says whose word about times counts: keys of logs and witnesses, and the root
certificates of timestamp authorities (section 7.4). Without it nobody's does, and the grade is D.
--receipt FILE is a promise or a receipt that an entrant holds (section 8.9): it is compared with
the bundle, and their tickets and places are said. It changes nothing in the verdict.

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
    7. Bundle        manifest, terms, quizzes, dispute files                   (sections 8.1 to 8.4)
    8. Signatures    Ed25519, RSA, ECDSA on P-256 and P-384                    (sections 7.1, 7.3)
    9. Log           checkpoints, verifier keys, the slice of the log          (sections 7.1, 7.2)
    10. Timestamps   DER, certificates and their path, RFC 3161                (section 7.3)
    11. Grade        whom to believe, deadlines, what the evidence comes to    (sections 7.4, 7.5)
    12. Receipts     what an entrant holds, compared with the bundle           (section 8.9)
    13. Verdict      everything together, and what is said about it            (section 8.8)

Memory stays bounded: entries.bin is held once (360 MB at the protocol's limit of ten million
tickets, 36 MB for a million entries), everything else, the log too, is read in pieces.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import collections
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
from array import array
from datetime import datetime, timezone
from typing import (
    Any,
    BinaryIO,
    Callable,
    Dict,
    FrozenSet,
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
        for key in self.tickets():
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

    def tickets(self) -> Iterator[bytes]:
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

    def place_of(self, commit: bytes) -> Tuple[bytes, int]:
        """The lowest ticket of an entry of the list, and its place from 1 in the order of all."""
        ranking = Ranking(self._entries, self._seed, bytearray(self._entries.count), 1)
        own = next(key for key in ranking.tickets() if key[32:] == commit)
        return own[:32], 1 + sum(key < own for key in ranking.tickets())

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


class Dated(NamedTuple):
    """Events of a kind, in a row, that need evidence from before a deadline."""

    first: int
    length: int
    kind: str
    deadline: int


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
        self.dated: List[Dated] = []  # the first events of the chain, all up to some point
        self._leaves = hashlib.sha256()

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

    @property
    def dated_count(self) -> int:
        """The number of events that need evidence; they are the first ones."""
        return self.dated[-1].first + self.dated[-1].length if self.dated else 0

    def leaves_digest(self) -> bytes:
        """SHA-256 over the leaf data that the log must have of this contest, in order."""
        return self._leaves.digest()

    def _date(self, kind: str, deadline: int) -> None:
        """The event that is being applied needs evidence from before the deadline."""
        last = self.dated[-1] if self.dated else None
        if last is not None and last.kind == kind == "dq":
            self.dated[-1] = last._replace(length=last.length + 1)
        else:
            self.dated.append(Dated(self.length, 1, kind, deadline))

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
        contest = sha256(event["contest"].encode("utf-8"))
        self._leaves.update(contest + u32(self.length) + bytes.fromhex(event_hash))
        self.length += 1
        self.last_hash = event_hash
        self.last_at = at

    # --- rules and amend ---

    def _rules(self, where: str, at: int, body: Any, event_hash: str) -> None:
        self._check_rules(where, body)
        self.beacon = Beacon(body["beacon"], where, self.practice_allowed)
        self._put_in_force(where, body, event_hash)
        self._date("rules", self._announced_time(where))

    def _amend(self, where: str, at: int, body: Any, event_hash: str) -> None:
        demand(self.freeze is None, where, "amended-after-freeze")
        demand(at < self.rules["draw_at"], where, "amended-late")
        self._check_rules(where, body)
        same = canonical(body["beacon"]) == canonical(self.rules["beacon"])
        demand(same, where, "beacon-changed")
        self._date("amend", self._announced_time(where))
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

    def _announced_time(self, where: str) -> int:
        """When the round of the rules in force comes out."""
        beacon = self._beacon(where)
        return beacon.time_of(beacon.first_round_at(self.rules["draw_at"]))

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
        self._date("freeze", self.round_time)

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
            self._date("dq", self.round_time)
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
        if self.freeze is None:
            self._date("void", self._announced_time(where))
        elif at < self.round_time:
            self._date("void", self.round_time)
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
MAX_EVIDENCE_FILE = 1 << 16

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
SLICE_FILES = frozenset(["log/slice.json", "log/slice.bin"])
FOLDERS = frozenset(["terms", "quiz", "log", "evidence", "dispute"])
_TERMS_NAME = re.compile("terms/([0-9a-f]{64})[.]json")
_QUIZ_NAME = re.compile("quiz/([0-9a-f]{64})[.]json")
_CHECKPOINT_NAME = re.compile("log/checkpoint-([1-9][0-9]{0,18})[.]txt")
_TIMESTAMP_NAME = re.compile("evidence/checkpoint-([1-9][0-9]{0,18})[.]([1-9][0-9]?)[.]tsr")


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
            if name in ("entries.bin", "log/slice.bin"):
                most = MAX_ENTRIES_FILE
            elif name in ("manifest.json", "log/slice.json") or name.startswith(
                ("terms/", "quiz/")
            ):
                most = MAX_OBJECT_FILE
            elif name.startswith(("log/", "evidence/")):
                most = MAX_EVIDENCE_FILE
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
    """Regular files only, in the folder itself and in the folders that a bundle may have."""

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
                if name in FOLDERS and item.is_dir(follow_symlinks=False):
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
# 7. The bundle (sections 8.1 to 8.4): manifest, terms, dispute files, which files of the log
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
            known = name in ROOT_FILES | DISPUTE_FILES | SLICE_FILES or any(
                pattern.fullmatch(name)
                for pattern in (_TERMS_NAME, _QUIZ_NAME, _CHECKPOINT_NAME, _TIMESTAMP_NAME)
            )
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
        demand(value["format"] in (1, 2), where, "format")
        with_log = any(name.startswith(("log/", "evidence/")) for name in files.sizes)
        demand(value["format"] == 2 or not with_log, where, "format")
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
        "quizzes?": list_of(Form({"quiz": is_code, "commitment": is_digest}), least=1),
    }
)


def check_terms(files: Container, contest: str, promises: List[Promise]) -> List[Dict[str, Any]]:
    """Check the terms of every rules and amend event; returns them, those in force last."""
    used: Set[str] = set()
    versions: List[Dict[str, Any]] = []
    for version, promise in enumerate(promises, 1):
        name = "terms/%s.json" % promise.body["terms_sha256"]
        demand(name in files.sizes, name, "terms-missing")
        data = files.read(name)
        demand(sha256(data).hex() == promise.body["terms_sha256"], name, "terms-changed")
        terms = parse_canonical(data, name)
        check_terms_object(name, terms, contest, version)
        check_schedule(name, terms["schedule"], promise.body)
        used.add(name)
        versions.append(terms)
    for name in files.sizes:
        demand(not name.startswith("terms/") or name in used, name, "terms-unnamed")
    return versions


def check_terms_object(where: str, terms: Any, contest: str, version: int) -> None:
    check_form(terms, where, TERMS)
    demand(terms["v"] == VERSION, where, "version")
    demand(terms["contest"] == contest, where, "terms-contest")
    demand(terms["version"] == version, where, "terms-version", "here it must be %d" % version)
    demand((terms["reason"] == "") == (version == 1), where, "terms-reason")
    names = [item["name"] for item in terms["verifiers"]]
    demand(names == sorted(set(names)), where, "terms-verifiers")
    quizzes = [item["quiz"] for item in terms.get("quizzes", [])]
    demand(quizzes == sorted(set(quizzes)), where, "terms-quizzes")


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


# --- quizzes (section 8.10) -------------------------------------------------------------

OPENED_QUIZ = Form(
    {
        "v": is_string,
        "contest": is_text,
        "quiz": is_code,
        "answers": list_of(is_text, least=1),
        "salt": is_digest,
    }
)


class Quizzes:
    """Answers that the terms committed to; each is opened by a file from the freeze on."""

    def __init__(self, versions: List[Dict[str, Any]]) -> None:
        self.promised: Dict[str, str] = {}
        for terms in versions:
            for item in terms.get("quizzes", []):
                before = self.promised.setdefault(item["quiz"], item["commitment"])
                demand(before == item["commitment"], "terms", "quiz-changed", item["quiz"])

    def check(self, files: Container, chain: Chain) -> Dict[str, List[str]]:
        """Returns the accepted answers of every quiz that is opened."""
        named = {"quiz/%s.json" % commitment for commitment in self.promised.values()}
        for name in files.sizes:
            demand(not name.startswith("quiz/") or name in named, name, "quiz-unnamed")
        opened: Dict[str, List[str]] = {}
        for quiz, commitment in self.promised.items():
            name = "quiz/%s.json" % commitment
            if name in files.sizes:
                opened[quiz] = self._open(files, name, chain.contest or "", quiz)
            else:
                demand(chain.freeze is None, name, "quiz-missing", quiz)
        return opened

    def _open(self, files: Container, name: str, contest: str, quiz: str) -> List[str]:
        value = parse_canonical(files.read(name), name)
        check_form(value, name, OPENED_QUIZ)
        demand(value["v"] == VERSION, name, "version")
        demand(value["contest"] == contest and value["quiz"] == quiz, name, "quiz-other")
        sealed = {key: value[key] for key in ("answers", "contest", "quiz")}
        commitment = sha256(tag("quiz") + bytes.fromhex(value["salt"]) + canonical(sealed))
        demand(commitment.hex() == self.promised[quiz], name, "quiz-answers")
        answers: List[str] = value["answers"]
        return answers


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


# --- which files of the log ---------------------------------------------------------------


def has_log(files: Container) -> bool:
    """Is there a log? Its files are there together or not at all."""
    present = SLICE_FILES & files.sizes.keys()
    sizes = [found.group(1) for found in map(_CHECKPOINT_NAME.fullmatch, files.sizes) if found]
    demand(len(present) != 1, min(SLICE_FILES - present, default=""), "log-presence")
    demand(bool(sizes) == bool(present), "log/slice.json", "log-presence")
    for found in map(_TIMESTAMP_NAME.fullmatch, files.sizes):
        if found:
            demand(found.group(1) in sizes, found.group(0), "timestamp-checkpoint")
    return bool(present)


# ======================================================================================
# 8. Signatures: Ed25519 (section 7.1), RSA and ECDSA (section 7.3, rule 5)
# ======================================================================================


# --- Ed25519: RFC 8032, points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z ------------

ED_P = 2**255 - 19
ED_ORDER = 2**252 + 27742317777372353535851937790883648493
ED_D = -121665 * pow(121666, -1, ED_P) % ED_P
ED_ROOT = pow(2, (ED_P - 1) // 4, ED_P)  # of -1

EdPoint = Tuple[int, int, int, int]
ED_ZERO: EdPoint = (0, 1, 1, 0)


def ed_add(p: EdPoint, q: EdPoint) -> EdPoint:
    """The formula holds for every two points, equal ones and the neutral one too."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % ED_P
    b = (p[1] + p[0]) * (q[1] + q[0]) % ED_P
    c = 2 * p[3] * q[3] * ED_D % ED_P
    d = 2 * p[2] * q[2] % ED_P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % ED_P, g * h % ED_P, f * g % ED_P, e * h % ED_P


def ed_decode(data: bytes) -> Optional[EdPoint]:
    """The point of a canonical encoding, or None."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(data) != 32 or y >= ED_P:
        return None
    square = (y * y - 1) * pow(ED_D * y * y + 1, -1, ED_P) % ED_P
    x = pow(square, (ED_P + 3) // 8, ED_P)
    if x * x % ED_P != square:
        x = x * ED_ROOT % ED_P
    if x * x % ED_P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = ED_P - x
    return x, y, 1, x * y % ED_P


def ed_encode(point: EdPoint) -> bytes:
    scale = pow(point[2], -1, ED_P)
    x, y = point[0] * scale % ED_P, point[1] * scale % ED_P
    return (y | (x & 1) << 255).to_bytes(32, "little")


ED_BASE = ed_decode((4 * pow(5, -1, ED_P) % ED_P).to_bytes(32, "little")) or ED_ZERO


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """S below the order, A canonical, and [S]B - [k]A encodes to R byte by byte. About 4 ms."""
    key = ed_decode(public)
    if key is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ED_ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    minus = (-key[0] % ED_P, key[1], 1, -key[3] % ED_P)
    table = [ED_ZERO, ED_BASE, minus, ed_add(ED_BASE, minus)]
    k %= ED_ORDER
    result = ED_ZERO
    for bit in range(252, -1, -1):
        result = ed_add(result, result)
        result = ed_add(result, table[(s >> bit & 1) | (k >> bit & 1) << 1])
    return ed_encode(result) == signature[:32]


# --- ECDSA on y*y = x*x*x - 3x + b, points as (X, Y, Z) with x = X/Z^2, y = Y/Z^3 ---------

JacobianPoint = Tuple[int, int, int]
NOWHERE: JacobianPoint = (1, 1, 0)


class Curve(NamedTuple):
    """A NIST curve with a = -3: field, order, b, and the generator."""

    p: int
    n: int
    b: int
    g: JacobianPoint

    def has(self, x: int, y: int) -> bool:
        return x < self.p and y < self.p and (y * y - x * x * x + 3 * x - self.b) % self.p == 0

    def double(self, point: JacobianPoint) -> JacobianPoint:
        x, y, z = point
        p = self.p
        if z == 0:
            return NOWHERE
        zz, yy = z * z % p, y * y % p
        s = 4 * x * yy % p
        m = 3 * (x - zz) * (x + zz) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def add(self, a: JacobianPoint, b: JacobianPoint) -> JacobianPoint:
        if a[2] == 0:
            return b
        if b[2] == 0:
            return a
        p = self.p
        az, bz = a[2] * a[2] % p, b[2] * b[2] % p
        u, v = a[0] * bz % p, b[0] * az % p
        s, t = a[1] * bz * b[2] % p, b[1] * az * a[2] % p
        if u == v:
            return self.double(a) if s == t else NOWHERE
        h, r = v - u, t - s
        hh = h * h % p
        hhh, uhh = h * hh % p, u * hh % p
        x = (r * r - hhh - 2 * uhh) % p
        return x, (r * (uhh - x) - s * hhh) % p, h * a[2] * b[2] % p

    def verify(self, key: Tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        """ECDSA. The digest's leftmost bits count, as many as the order has. About 6 ms."""
        if not (1 <= r < self.n and 1 <= s < self.n):
            return False
        e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self.n.bit_length())
        w = pow(s, -1, self.n)
        u1, u2 = e * w % self.n, r * w % self.n
        q = (key[0], key[1], 1)
        table = [NOWHERE, self.g, q, self.add(self.g, q)]
        point = NOWHERE
        for bit in range(self.n.bit_length() - 1, -1, -1):
            point = self.double(point)
            point = self.add(point, table[(u1 >> bit & 1) | (u2 >> bit & 1) << 1])
        if point[2] == 0:
            return False
        return point[0] * pow(point[2] * point[2], -1, self.p) % self.p % self.n == r


P256 = Curve(
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    g=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        1,
    ),
)
P384 = Curve(
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    n=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    g=(
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        1,
    ),
)

# --- RSA, PKCS #1 v1.5 --------------------------------------------------------------------

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 16384  # and exponents below 2^64, so that no key keeps this program busy


def rsa_holds(n: int, e: int, prefix: bytes, digest: bytes, signature: bytes) -> bool:
    """The padded message is rebuilt and compared whole: nothing in it is parsed."""
    size = (n.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= n:
        return False
    info = prefix + digest
    expected = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    return pow(number, e, n).to_bytes(size, "big") == expected


# ======================================================================================
# 9. The log (sections 4.7, 7.1, 7.2): notes and the slice
# ======================================================================================

LOG_KEY, WITNESS_KEY = 1, 4
MAX_SIGNATURES = 64
MAX_OF_ONE_KEY = 4  # different signatures under one note, so that nobody keeps us busy
MAX_NOTE = 1 << 16


def decode_base64(text: str) -> bytes:
    """Base64 with padding, in its one spelling. Raises ValueError."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("base64 in another spelling")
    return data


def is_key_name(text: str) -> bool:
    return text != "" and "+" not in text and not any(char.isspace() for char in text)


class VerifierKey(NamedTuple):
    """The key of a log (type 1) or of a witness (type 4)."""

    name: str
    id: bytes
    type: int
    public: bytes

    def holds(self, text: bytes, signature: bytes) -> bool:
        """Is it this key's signature over a note's text?"""
        if self.type == LOG_KEY:
            return ed25519_holds(self.public, text, signature)
        signed = b"cosignature/v1\ntime %d\n" % cosigned_at(signature) + text
        return len(signature) == 72 and ed25519_holds(self.public, signed, signature[8:])


def cosigned_at(signature: bytes) -> int:
    return int.from_bytes(signature[:8], "big")


def read_verifier_key(text: str, kind: int) -> VerifierKey:
    """<name>+<key id>+<base64 of type and key>. Raises ValueError."""
    name, digits, encoded = ([*text.split("+", 2), "", ""])[:3]
    typed = decode_base64(encoded)
    key_id = sha256(name.encode("utf-8") + b"\n" + typed).hex()[:8]
    if not is_key_name(name) or len(typed) != 33 or typed[0] != kind or digits != key_id:
        raise ValueError("it is not a verifier key of type %02d" % kind)
    if ed_decode(typed[1:]) is None:
        raise ValueError("it is not an Ed25519 key")
    return VerifierKey(name, bytes.fromhex(digits), kind, typed[1:])


class Note:
    """A checkpoint: origin, size and root, and the signature lines as (name, id, signature)."""

    def __init__(self, data: Union[bytes, bytearray]) -> None:
        """Raises ValueError unless it is a checkpoint."""
        if len(data) > MAX_NOTE:
            raise ValueError("it is longer than 65536 bytes")
        note = data.decode("utf-8")
        if any(char < " " and char != "\n" for char in note):
            raise ValueError("it has a control character")
        lines = note.split("\n")
        if len(lines) < 6 or lines[3] != "" or lines[-1] != "":
            raise ValueError("it is not three lines, an empty one, and signatures")
        if len(lines) - 5 > MAX_SIGNATURES:
            raise ValueError("it has more than 64 signatures")
        self.origin, size, root = lines[:3]
        if not is_key_name(self.origin):
            raise ValueError("its first line is no name of a log")
        if not re.fullmatch("0|[1-9][0-9]{0,18}", size) or int(size) >= 2**63:
            raise ValueError("its second line is no size")
        self.size = int(size)
        self.root = decode_base64(root)
        if len(self.root) != 32:
            raise ValueError("its third line is no root")
        self.text = "".join(line + "\n" for line in lines[:3]).encode("utf-8")
        self.signatures = [self._signature(line) for line in lines[4:-1]]

    @staticmethod
    def _signature(line: str) -> Tuple[str, bytes, bytes]:
        dash, name, encoded = ([*line.split(" ", 2), "", ""])[:3]
        signature = decode_base64(encoded)
        if dash != "\u2014" or not is_key_name(name) or len(signature) < 5:
            raise ValueError("a signature line is not one")
        return name, signature[:4], signature[4:]


LOG_LEAF = 68  # bytes: hash of the contest, u32(seq), event hash
SLICE = Form({"v": is_string, "first": is_integer, "left": list_of(is_digest)})


class Slice:
    """The leaves of the log from the rules event to the largest checkpoint.

    `roots` has the root at each size that was asked for, `indexes` the index of the leaf of each
    of the contest's first events, up to the last one that needs evidence.
    """

    def __init__(
        self, files: Container, chain: Chain, sizes: List[int], also: Optional[int]
    ) -> None:
        where = "log/slice.json"
        value = parse_canonical(files.read(where), where)
        check_form(value, where, SLICE)
        demand(value["v"] == VERSION, where, "version")
        self.first: int = value["first"]
        demand(len(value["left"]) == bin(self.first).count("1"), where, "slice-left")
        demand(min(sizes) > self.first, where, "slice-checkpoint")
        leaves = max(sizes) - self.first
        demand(files.sizes["log/slice.bin"] == LOG_LEAF * leaves, "log/slice.bin", "slice-size")
        self.roots: Dict[int, bytes] = {}
        self.indexes = array("Q")
        self._tops = [bytes.fromhex(digest) for digest in value["left"]]
        self._read(files, chain, frozenset(sizes if also is None else [*sizes, also]))

    def _read(self, files: Container, chain: Chain, sizes: FrozenSet[int]) -> None:
        where = "log/slice.bin"
        mine = sha256((chain.contest or "").encode("utf-8"))
        own, count, size = hashlib.sha256(), 0, self.first
        with files.open(where) as stream:
            for piece in iter(lambda: stream.read(LOG_LEAF << 12), b""):
                for start in range(0, len(piece), LOG_LEAF):
                    leaf = piece[start : start + LOG_LEAF]
                    if leaf[:32] == mine:
                        own.update(leaf)
                        count += 1
                        if count <= chain.dated_count:
                            self.indexes.append(size)
                    demand(count > 0, where, "slice-first")
                    self._append(leaf, size)
                    size += 1
                    if size in sizes:
                        self.roots[size] = self._root()
        detail = "%d here, %d in events.jsonl" % (count, chain.length)
        demand(count <= chain.length, where, "log-further-event", detail)
        demand(count == chain.length, where, "log-missing-event", detail)
        demand(own.digest() == chain.leaves_digest(), where, "log-other-event")

    def _append(self, leaf: bytes, count: int) -> None:
        """Keep the roots of perfect subtrees only: one for each bit of the count."""
        node = hashlib.sha256(b"\0" + leaf).digest()
        while count & 1:
            node = hashlib.sha256(b"\1" + self._tops.pop() + node).digest()
            count >>= 1
        self._tops.append(node)

    def _root(self) -> bytes:
        root = self._tops[-1]
        for left in reversed(self._tops[:-1]):
            root = sha256(b"\1" + left + root)
        return root


def inclusion_holds(leaf: bytes, index: int, size: int, path: List[str], root: bytes) -> bool:
    """RFC 6962, section 2.1.1: does the path lead from this leaf (its data) to the root?"""
    if index >= size:
        return False
    node, last = sha256(b"\0" + leaf), size - 1
    for step in path:
        if last == 0:
            return False
        other = bytes.fromhex(step)
        if index & 1 or index == last:
            node = sha256(b"\1" + other + node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + other)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


# ======================================================================================
# 10. Timestamps (section 7.3): DER, certificates, RFC 3161
# ======================================================================================

MAX_DER_DEPTH = 32
MAX_PATH = 8
MAX_LOOKS = 40  # at signatures of certificates for one token, so that none keeps us busy


class DerError(ValueError):
    """These bytes are not what they should be."""


class Der:
    """One value of DER: definite lengths in their shortest form, tags of one byte."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        """Read the value that begins at `start`; it must not go beyond `end`."""
        if start + 2 > end:
            raise DerError("it is cut off")
        self.tag = data[start]
        size, body = data[start + 1], start + 2
        if self.tag & 31 == 31:
            raise DerError("a tag of several bytes")
        if size >= 128:
            digits = data[body : body + size - 128]
            body += len(digits)
            size = int.from_bytes(digits, "big")
            if not 1 <= len(digits) <= 4 or digits[0] == 0 or size < 128 or body > end:
                raise DerError("a length that is not in its shortest form")
        if body + size > end:
            raise DerError("it is cut off")
        self._data = data
        self._start = start
        self._body = body
        self.end = body + size

    @property
    def raw(self) -> bytes:
        return self._data[self._start : self.end]

    @property
    def content(self) -> bytes:
        return self._data[self._body : self.end]

    def children(self) -> List[Der]:
        if not self.tag & 32:
            raise DerError("a value without parts")
        found, position = [], self._body
        while position < self.end:
            found.append(Der(self._data, position, self.end))
            position = found[-1].end
        return found

    def parts(self) -> Parts:
        return Parts(self.children())

    def integer(self) -> int:
        data = self.content
        if not data or (len(data) > 1 and data[0] in (0, 255) and (data[0] ^ data[1]) < 128):
            raise DerError("an integer that is not in its shortest form")
        return int.from_bytes(data, "big", signed=True)

    def truth(self) -> bool:
        if self.content not in (b"\0", b"\xff"):
            raise DerError("a boolean that is neither")
        return self.content == b"\xff"

    def bits(self) -> bytes:
        """The bytes of a bit string that fills them."""
        if self.content[:1] != b"\0":
            raise DerError("a bit string that does not fill its bytes")
        return self.content[1:]


def read_der(data: bytes, tag: int) -> Der:
    """The one value that these bytes are. All of its parts are DER, at most 32 deep."""
    value = Der(data, 0, len(data))
    if value.end != len(data) or value.tag != tag:
        raise DerError("something else, or more than one value")
    level = [value]
    for _ in range(MAX_DER_DEPTH):
        level = [child for parent in level if parent.tag & 32 for child in parent.children()]
    if level:
        raise DerError("nested too deep")
    return value


INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 2, 3, 4, 5, 6
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
BOOLEAN, IMPLICIT_0, IMPLICIT_1, EXPLICIT_0, EXPLICIT_1 = 1, 0x80, 0x81, 0xA0, 0xA1


class Parts:
    """The parts of a constructed value, taken one after another."""

    def __init__(self, children: List[Der]) -> None:
        self._left = children[::-1]

    def optional(self, *tags: int) -> Optional[Der]:
        return self._left.pop() if self._left and self._left[-1].tag in tags else None

    def take(self, *tags: int) -> Der:
        found = self.optional(*tags)
        if found is None:
            raise DerError("a part is missing or of another kind")
        return found

    def take_oid(self, code: bytes) -> None:
        if self.take(OID).content != code:
            raise DerError("it is about something else than a time")

    def end_or_null(self) -> None:
        """Parameters of an algorithm: none, or null."""
        null = self.optional(NULL)
        if null is not None and null.content:
            raise DerError("a null that is not empty")
        self.end()

    def end(self) -> None:
        if self._left:
            raise DerError("there are further parts")


def only(value: Der, tag: int) -> Der:
    """The single part of a value."""
    parts = value.parts()
    found = parts.take(tag)
    parts.end()
    return found


def oid(dotted: str) -> bytes:
    """The content of an object identifier."""
    first, second, *others = map(int, dotted.split("."))
    out = bytearray()
    for arc in (40 * first + second, *others):
        digits = [arc & 127]
        while arc > 127:
            arc >>= 7
            digits.append(128 | (arc & 127))
        out += bytes(reversed(digits))
    return bytes(out)


HASHES = {oid("2.16.840.1.101.3.4.2.%d" % k): name for k, name in
          ((1, "sha256"), (2, "sha384"), (3, "sha512"))}  # fmt: skip
RSA_PREFIXES = {
    name: bytes([0x30, 17 + size, 0x30, 13, 6, 9]) + code + bytes([5, 0, 4, size])
    for (code, name), size in zip(HASHES.items(), (32, 48, 64))  # noqa: B905 # Python 3.8
}
RSA_PLAIN = oid("1.2.840.113549.1.1.1")
EC_PLAIN = oid("1.2.840.10045.2.1")
SIGNATURES = {
    RSA_PLAIN: ("rsa", ""),
    oid("1.2.840.113549.1.1.11"): ("rsa", "sha256"),
    oid("1.2.840.113549.1.1.12"): ("rsa", "sha384"),
    oid("1.2.840.113549.1.1.13"): ("rsa", "sha512"),
    oid("1.2.840.10045.4.3.2"): ("ec", "sha256"),
    oid("1.2.840.10045.4.3.3"): ("ec", "sha384"),
    oid("1.2.840.10045.4.3.4"): ("ec", "sha512"),
}
CURVES = {oid("1.2.840.10045.3.1.7"): P256, oid("1.3.132.0.34"): P384}
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
KEY_IDENTIFIER = oid("2.5.29.14")
BASIC_CONSTRAINTS = oid("2.5.29.19")
EXTENDED_USAGE = oid("2.5.29.37")
TIME_STAMPING = oid("1.3.6.1.5.5.7.3.8")


class Uncounted(Exception):  # noqa: N818 # no error: it counts for nothing, and why
    """`reason` is one of UNCOUNTED."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


UNCOUNTED = {
    "no-signer": "the certificate of its signer is not in it",
    "too-many-looks": "more than %d signatures of certificates belong to it" % MAX_LOOKS,
    "usage": "its signer's certificate is not for time stamping alone, or does not insist on it",
    "no-attributes": "it has no signed attributes",
    "attributes": "its signed attributes are not about its own content",
    "signature": "its signature does not hold",
    "no-path": "it does not lead to a root that you trust",
    "path-length": "it takes more than %d certificates to your root" % MAX_PATH,
    "not-an-issuer": "a certificate on its path may not issue others",
    "validity": "a certificate on its path was not valid then",
    "algorithm": (
        "it was not checked, because it uses an algorithm or a key that this program does not "
        "accept (RSA of 2048 bits or more, or ECDSA on P-256 or P-384, with SHA-256, SHA-384 or "
        "SHA-512)"
    ),
}


def algorithm_of(value: Der) -> bytes:
    """The content of an algorithm's identifier; its parameters are none or null."""
    parts = value.parts()
    code = parts.take(OID).content
    try:
        parts.end_or_null()
    except DerError:
        raise Uncounted("algorithm") from None
    return code


def signature_holds(key: Der, algorithm: Der, message: bytes, signature: bytes, plain: str) -> bool:
    """Check a signature by a SubjectPublicKeyInfo. `plain` is the hash that it has to be with, or
    empty: then the algorithm names it. Raises Uncounted for an algorithm or a key that is not
    accepted."""
    kind, name = SIGNATURES.get(algorithm_of(algorithm), ("", ""))
    if plain and name not in ("", plain):
        raise Uncounted("algorithm")
    name = name or plain
    parts = key.parts()
    about = parts.take(SEQUENCE).parts()
    bits = parts.take(BIT_STRING).bits()
    parts.end()
    code = about.take(OID).content
    made_for = {RSA_PLAIN: "rsa", EC_PLAIN: "ec"}.get(code)
    if not kind or not name or made_for is None:
        raise Uncounted("algorithm")
    if kind != made_for:
        return False  # of a namesake, whose key cannot have made it
    digest = hashlib.new(name, message).digest()
    if kind == "rsa":
        numbers = read_der(bits, SEQUENCE).parts()
        n, e = numbers.take(INTEGER).integer(), numbers.take(INTEGER).integer()
        numbers.end()
        if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS or not 2 < e < 2**64 or n < 0:
            raise Uncounted("algorithm")
        return rsa_holds(n, e, RSA_PREFIXES[name], digest, signature)
    curve = CURVES.get(about.take(OID, SEQUENCE).content)
    if curve is None or bits[:1] != b"\4":
        raise Uncounted("algorithm")
    half = len(bits) // 2
    x, y = (int.from_bytes(part, "big") for part in (bits[1 : half + 1], bits[half + 1 :]))
    numbers = read_der(signature, SEQUENCE).parts()
    r, s = numbers.take(INTEGER).integer(), numbers.take(INTEGER).integer()
    numbers.end()
    whole = len(bits) == 1 + 2 * ((curve.p.bit_length() + 7) // 8)
    return whole and curve.has(x, y) and curve.verify((x, y), digest, r, s)


def holds_or_not(key: Der, algorithm: Der, message: bytes, signature: bytes, plain: str) -> bool:
    """The same, where broken bytes are simply no signature."""
    try:
        return signature_holds(key, algorithm, message, signature, plain)
    except DerError:
        return False


def read_moment(value: Der) -> Tuple[int, bool]:
    """Whole unix seconds of a UTCTime or GeneralizedTime, and whether there is a fraction."""
    text = value.content.decode("ascii", "replace")
    if value.tag == UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    found = re.fullmatch("([0-9]{14})([.][0-9]*[1-9])?Z", text)
    if found is None or (value.tag == UTC_TIME and found.group(2)):
        raise DerError("a time that is not one")
    digits = found.group(1)
    fields = [int(digits[:4]), *(int(digits[k : k + 2]) for k in range(4, 14, 2))]
    try:
        year, month, day, hour, minute, second = fields
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        raise DerError("a time that is not one") from None
    return int((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()), bool(
        found.group(2)
    )


class Certificate:
    """An X.509 certificate, as far as a path needs it. Raises DerError."""

    def __init__(self, data: bytes) -> None:
        self.raw = data
        outer = read_der(data, SEQUENCE).parts()
        body, self.algorithm = outer.take(SEQUENCE), outer.take(SEQUENCE)
        self.signature = outer.take(BIT_STRING).bits()
        outer.end()
        self.body = body.raw
        parts = body.parts()
        parts.optional(EXPLICIT_0)
        self.serial = parts.take(INTEGER).content
        if parts.take(SEQUENCE).raw != self.algorithm.raw:
            raise DerError("two algorithms for one signature")
        self.issuer = parts.take(SEQUENCE).raw
        validity = parts.take(SEQUENCE).parts()
        self.valid = [read_moment(validity.take(UTC_TIME, GENERALIZED_TIME)) for _ in range(2)]
        validity.end()
        self.subject = parts.take(SEQUENCE).raw
        self.key = parts.take(SEQUENCE)
        parts.optional(IMPLICIT_1)
        parts.optional(0x82)
        extensions = parts.optional(0xA3)
        parts.end()
        self._extensions: Dict[bytes, Tuple[bool, bytes]] = {}
        for extension in only(extensions, SEQUENCE).children() if extensions else []:
            self._add_extension(extension.parts())

    def _add_extension(self, parts: Parts) -> None:
        code, critical = parts.take(OID).content, parts.optional(BOOLEAN)
        if code in self._extensions:
            raise DerError("an extension that is there twice")
        content = parts.take(OCTET_STRING).content
        parts.end()
        self._extensions[code] = (critical is not None and critical.truth(), content)

    def is_clock(self) -> bool:
        """Is it, critically, for time stamping and nothing else?"""
        critical, content = self._extensions.get(EXTENDED_USAGE, (False, b""))
        try:
            uses = [use.content for use in read_der(content, SEQUENCE).children()]
        except DerError:
            return False
        return critical and uses == [TIME_STAMPING]

    def is_issuer(self) -> bool:
        """Do the basic constraints say that it may issue certificates?"""
        try:
            parts = read_der(self._extensions[BASIC_CONSTRAINTS][1], SEQUENCE).parts()
            may = parts.optional(BOOLEAN)
            parts.optional(INTEGER)
            parts.end()
            return may is not None and may.truth()
        except (KeyError, DerError):
            return False

    def key_identifier(self) -> bytes:
        try:
            return read_der(self._extensions[KEY_IDENTIFIER][1], OCTET_STRING).content
        except (KeyError, DerError):
            return b""

    def is_valid_at(self, moment: int, later: bool) -> bool:
        """`later`: a fraction of a second after that moment."""
        return self.valid[0][0] <= moment and moment + later <= self.valid[1][0]

    def issued(self, other: Certificate) -> bool:
        """Did its key sign the other? Raises Uncounted."""
        return holds_or_not(self.key, other.algorithm, other.body, other.signature, "")


class Token:
    """A TimeStampResp about a checkpoint's text. What the bundle rests on is refused here; whether
    it counts is asked of `root_of`."""

    def __init__(self, data: bytes, text: bytes, where: str) -> None:
        try:
            answer = read_der(data, SEQUENCE).parts()
            status = answer.take(SEQUENCE).parts()
            granted = status.take(INTEGER).integer() in (0, 1)
            demand(granted, where, "timestamp-status")
            status.optional(SEQUENCE)
            status.optional(BIT_STRING)
            status.end()
            token = answer.take(SEQUENCE).parts()
            answer.end()
            token.take_oid(SIGNED_DATA)
            self._read_signed_data(only(token.take(EXPLICIT_0), SEQUENCE).parts())
            token.end()
            self._read_info(read_der(self.content, SEQUENCE).parts(), text, where)
        except DerError as problem:
            raise Refused(where, "timestamp-form", str(problem)) from None

    def _read_signed_data(self, parts: Parts) -> None:
        parts.take(INTEGER).integer()
        parts.take(SET).children()
        content = parts.take(SEQUENCE).parts()
        content.take_oid(TST_INFO)
        self.content = only(content.take(EXPLICIT_0), OCTET_STRING).content
        content.end()
        carried = parts.optional(EXPLICIT_0)
        parts.optional(EXPLICIT_1)
        self._read_signer(only(parts.take(SET), SEQUENCE).parts())
        parts.end()
        self.carried = [item.raw for item in carried.children()] if carried else []

    def _read_signer(self, parts: Parts) -> None:
        parts.take(INTEGER).integer()
        self._signer = parts.take(SEQUENCE, IMPLICIT_0)
        if self._signer.tag == SEQUENCE:
            named = self._signer.parts()
            self._issuer, self._serial = named.take(SEQUENCE).raw, named.take(INTEGER).content
            named.end()
        self._digest = parts.take(SEQUENCE)
        self._attributes = parts.optional(EXPLICIT_0)
        signed = self._attributes.children() if self._attributes is not None else []
        self._signed = [self._attribute(item) for item in signed]
        self._algorithm = parts.take(SEQUENCE)
        self._signature = parts.take(OCTET_STRING).content
        unsigned = parts.optional(EXPLICIT_1)
        for item in unsigned.children() if unsigned is not None else []:
            self._attribute(item)
        parts.end()
        self._digest.parts().take(OID)
        self._algorithm.parts().take(OID)

    def _read_info(self, parts: Parts, text: bytes, where: str) -> None:
        if parts.take(INTEGER).integer() != 1:
            raise DerError("another version")
        parts.take(OID)
        imprint = parts.take(SEQUENCE).parts()
        named = imprint.take(SEQUENCE).parts()
        is_sha256 = HASHES.get(named.take(OID).content) == "sha256"
        named.end_or_null()
        digest = imprint.take(OCTET_STRING).content
        imprint.end()
        demand(is_sha256 and digest == sha256(text), where, "timestamp-imprint")
        parts.take(INTEGER).integer()
        self.moment, self.later = read_moment(parts.take(GENERALIZED_TIME))
        accuracy = parts.optional(SEQUENCE)
        margin = 1 if accuracy is None else read_accuracy(accuracy.parts())
        self.time = self.moment + self.later + margin
        ordering = parts.optional(BOOLEAN)
        if ordering is not None:
            ordering.truth()
        nonce = parts.optional(INTEGER)
        if nonce is not None:
            nonce.integer()
        parts.optional(EXPLICIT_0)
        parts.optional(EXPLICIT_1)
        parts.end()

    def root_of(self, roots: List[Certificate]) -> int:
        """The number of the trusted root that this counts for. Raises Uncounted."""
        self._looks = 0
        certificates = []
        for data in dict.fromkeys(self.carried):
            try:
                certificates.append(Certificate(data))
            except DerError:
                continue  # it is no use to anybody, and the path says what is missing
        first: Optional[Uncounted] = None
        for signer in filter(self._is_signer, certificates):
            try:
                return self._root_of(signer, certificates, roots)
            except Uncounted as problem:
                first = first or problem
        raise first or Uncounted("no-signer")

    def _is_signer(self, certificate: Certificate) -> bool:
        if self._signer.tag == SEQUENCE:
            return (certificate.issuer, certificate.serial) == (self._issuer, self._serial)
        wanted = self._signer.content
        return wanted != b"" and certificate.key_identifier() == wanted

    def _root_of(
        self, signer: Certificate, certificates: List[Certificate], roots: List[Certificate]
    ) -> int:
        if not signer.is_clock():
            raise Uncounted("usage")
        self._check_signature(signer)
        first: Optional[Uncounted] = None
        for number, root in enumerate(roots):
            try:
                self._check_path(signer, certificates, root)
            except Uncounted as problem:
                if first is None or first.reason == "no-path":
                    first = problem
            else:
                return number
        raise first or Uncounted("no-path")

    def _check_signature(self, signer: Certificate) -> None:
        if self._attributes is None:
            raise Uncounted("no-attributes")
        name = HASHES.get(algorithm_of(self._digest))
        if name is None:
            raise Uncounted("algorithm")
        digest = hashlib.new(name, self.content).digest()
        for code, expected in ((CONTENT_TYPE, (OID, TST_INFO)),
                               (MESSAGE_DIGEST, (OCTET_STRING, digest))):  # fmt: skip
            values = [values for kind, values in self._signed if kind == code]
            if values != [[expected]]:
                raise Uncounted("attributes")
        signed = b"\x31" + self._attributes.raw[1:]
        if not holds_or_not(signer.key, self._algorithm, signed, self._signature, name):
            raise Uncounted("signature")

    @staticmethod
    def _attribute(item: Der) -> Tuple[bytes, List[Tuple[int, bytes]]]:
        """The kind of an attribute and its values."""
        if item.tag != SEQUENCE:
            raise DerError("no attribute")
        parts = item.parts()
        code, values = parts.take(OID).content, parts.take(SET).children()
        parts.end()
        return code, [(value.tag, value.content) for value in values]

    def _check_path(
        self, signer: Certificate, certificates: List[Certificate], root: Certificate
    ) -> None:
        """Go down from the root, as far as its key and those that it signed have signed.

        Only what is truly signed leads on, so that a heap of false certificates costs one look at
        each.
        """
        blocked: Set[str] = set()
        left = [other for other in certificates if other.raw != root.raw]
        level, depth = self._usable([root], signer, blocked), 1
        while level and not any(one.raw == signer.raw for one in level):
            found = []
            for issuer in level:
                signed = [other for other in left if self._issued(issuer, other, blocked)]
                left = [other for other in left if other not in signed]
                found += self._usable(signed, signer, blocked)
            level, depth = found, depth + 1
        if not level:
            order = ("not-an-issuer", "validity", "algorithm")
            raise Uncounted(next((reason for reason in order if reason in blocked), "no-path"))
        if depth > MAX_PATH:
            raise Uncounted("path-length")

    def _issued(self, issuer: Certificate, other: Certificate, blocked: Set[str]) -> bool:
        if other.issuer != issuer.subject:
            return False
        self._looks += 1
        if self._looks > MAX_LOOKS:
            raise Uncounted("too-many-looks")
        try:
            return issuer.issued(other)
        except Uncounted as problem:
            blocked.add(problem.reason)
            return False

    def _usable(
        self, found: List[Certificate], signer: Certificate, blocked: Set[str]
    ) -> List[Certificate]:
        """Those that were valid then and may stand where they do."""
        usable = []
        for one in found:
            if one.raw != signer.raw and not one.is_issuer():
                blocked.add("not-an-issuer")
            elif not one.is_valid_at(self.moment, self.later):
                blocked.add("validity")
            else:
                usable.append(one)
        return usable


def read_accuracy(parts: Parts) -> int:
    """Whole seconds, rounded up."""
    values = [parts.optional(tag) for tag in (INTEGER, IMPLICIT_0, IMPLICIT_1)]
    parts.end()
    seconds, millis, micros = (0 if value is None else value.integer() for value in values)
    for value, number in zip(values[1:], (millis, micros)):  # noqa: B905 # Python 3.8
        if value is not None and not 1 <= number <= 999:
            raise DerError("an accuracy out of range")
    if seconds < 0:
        raise DerError("an accuracy out of range")
    return seconds + (1 if millis or micros else 0)


# ======================================================================================
# 11. Trust and grade (sections 7.4, 7.5)
# ======================================================================================


class Trust:
    """Whose word counts: the keys of logs and witnesses, the roots of timestamps. Never the
    bundle's, and none at all unless a file was given."""

    def __init__(self) -> None:
        self.keys: Dict[Tuple[str, bytes], Tuple[VerifierKey, str]] = {}
        self.roots: List[Certificate] = []
        self.clocks: List[str] = []  # the operator of each root

    @property
    def has_logs(self) -> bool:
        return any(key.type == LOG_KEY for key, _ in self.keys.values())

    def add_key(self, operator: str, key: VerifierKey) -> None:
        if (key.name, key.id) in self.keys:
            raise ValueError("a key that is there twice")
        self.keys[key.name, key.id] = (key, operator)

    def add_root(self, operator: str, root: Certificate) -> None:
        if any(root.raw == other.raw for other in self.roots):
            raise ValueError("a certificate that is there twice")
        self.roots.append(root)
        self.clocks.append(operator)

    def signatures(self, note: Note, where: str) -> List[Tuple[VerifierKey, str, bytes]]:
        """The different lines of trusted keys, as key, operator and signature. A false one is
        refused."""
        lines = dict.fromkeys(line for line in note.signatures if line[:2] in self.keys)
        for (name, _), number in collections.Counter(line[:2] for line in lines).items():
            demand(number <= MAX_OF_ONE_KEY, where, "note-signatures", shown(name))
        found = []
        for name, key_id, signature in lines:
            key, operator = self.keys[name, key_id]
            demand(key.holds(note.text, signature), where, "note-signature", shown(name))
            found.append((key, operator, signature))
        return found


def of_trusted_log(note: Note, signed: List[Tuple[VerifierKey, str, bytes]]) -> Set[str]:
    """The operators of the log that this checkpoint is of, as far as they are trusted."""
    return {
        operator for key, operator, _ in signed if key.type == LOG_KEY and key.name == note.origin
    }


def read_trust(path: str) -> Trust:
    """Read a trust file (section 7.4). Whatever is wrong with it: nothing was looked at."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_OBJECT_FILE + 1)
        return trust_of(data)
    except OSError as problem:
        detail = shown(problem.strerror or type(problem).__name__)
        raise Unreadable(shown(path), "trust", detail) from None
    except RecursionError:
        raise Unreadable(shown(path), "trust", "nested too deep") from None
    except ValueError as problem:
        raise Unreadable(shown(path), "trust", shown(problem)) from None


TRUST = Form(
    {
        "v": lambda value: value == VERSION,
        "logs": list_of(Form({"operator": is_text, "key": is_text})),
        "witnesses": list_of(Form({"operator": is_text, "key": is_text})),
        "timestamps": list_of(Form({"operator": is_text, "certificate": is_text})),
    }
)


def trust_of(data: bytes) -> Trust:
    """Raises ValueError or RecursionError unless these bytes are a trust file."""
    if len(data) > MAX_OBJECT_FILE:
        raise ValueError("it is longer than 1 MiB")
    value = json.loads(data.decode("utf-8"))
    wrong = TRUST.wrong_part(value)
    if wrong:
        raise ValueError(wrong)
    trust = Trust()
    for part, kind in (("logs", LOG_KEY), ("witnesses", WITNESS_KEY)):
        for item in value[part]:
            trust.add_key(item["operator"], read_verifier_key(item["key"], kind))
    for item in value["timestamps"]:
        trust.add_root(item["operator"], Certificate(decode_base64(item["certificate"])))
    return trust


class Witnessing(NamedTuple):
    """Somebody saw the log at a size, at a time."""

    size: int
    is_cosignature: bool
    operator: str
    time: int


class Evidence:
    """The log and what was seen of it. Everything that the bundle rests on is checked here."""

    def __init__(
        self,
        files: Container,
        chain: Chain,
        trust: Trust,
        report: Report,
        also: Optional[int],
    ) -> None:
        self._chain = chain
        self._trust = trust
        self._report = report
        self.seen: List[Witnessing] = []
        self._owners: Set[str] = set()  # operators of the trusted log: nothing counts for them
        notes = self._read_notes(files)
        self._sizes = sorted(notes)
        self._grades: Dict[Tuple[int, int], str] = {}
        self.slice = Slice(files, chain, self._sizes, also)
        for size in self._sizes:
            note, where = notes[size], "log/checkpoint-%d.txt" % size
            demand(self.slice.roots[size] == note.root, where, "slice-root")
            self._check_note(where, note)
        self._check_timestamps(files, notes)

    @staticmethod
    def _read_notes(files: Container) -> Dict[int, Note]:
        notes: Dict[int, Note] = {}
        for name in sorted(files.sizes):
            found = _CHECKPOINT_NAME.fullmatch(name)
            if found:
                size = int(found.group(1))
                try:
                    notes[size] = Note(files.read(name))
                except ValueError as problem:
                    raise Refused(name, "note", shown(problem)) from None
                demand(notes[size].size == size, name, "note-size")
        return notes

    def _check_note(self, where: str, note: Note) -> None:
        signed = self._trust.signatures(note, where)
        owners = of_trusted_log(note, signed)
        self._owners |= owners
        if not owners:
            self._report.note(
                "untrusted-checkpoint",
                "%s is not signed by a log that you trust: who signed it besides counts for "
                "nothing." % where,
            )
            return
        for key, operator, signature in signed:
            if key.type == WITNESS_KEY:
                self.seen.append(Witnessing(note.size, True, operator, cosigned_at(signature)))

    def _check_timestamps(self, files: Container, notes: Dict[int, Note]) -> None:
        for name in sorted(files.sizes):
            found = _TIMESTAMP_NAME.fullmatch(name)
            if not found:
                continue
            size = int(found.group(1))
            token = Token(bytes(files.read(name)), notes[size].text, name)
            try:
                operator = self._trust.clocks[token.root_of(self._trust.roots)]
                self.seen.append(Witnessing(size, False, operator, token.time))
            except Uncounted as problem:
                unchecked = problem.reason == "algorithm"
                self._report.note(
                    "timestamp-unchecked" if unchecked else "timestamp-uncounted",
                    "%s counts for nothing: %s." % (name, UNCOUNTED[problem.reason]),
                )

    def grade_of(self, index: int, deadline: int) -> str:
        """The grade of the event whose leaf has this index.

        It depends on which checkpoints cover the leaf, so it is worked out once for each of those.
        """
        key = (bisect.bisect_right(self._sizes, index), deadline)
        if key not in self._grades:
            self._grades[key] = self._work_out(index, deadline)
        return self._grades[key]

    def _work_out(self, index: int, deadline: int) -> str:
        witnesses: Set[str] = set()
        clocks: Set[str] = set()
        for one in self.seen:
            if one.size > index and one.time < deadline and one.operator not in self._owners:
                (witnesses if one.is_cosignature else clocks).add(one.operator)
        if witnesses and len(witnesses | clocks) >= 2:
            return "A"
        if len(clocks) >= 2:
            return "B"
        return "C" if witnesses or clocks else "D"

    def grade(self) -> str:
        """The lowest of all events that need evidence. Those below A are named."""
        lowest = "A"
        for dated in self._chain.dated:
            numbers = range(dated.first, dated.first + dated.length)
            grades = ((n, self.grade_of(self.slice.indexes[n], dated.deadline)) for n in numbers)
            for grade, run in itertools.groupby(grades, key=lambda pair: pair[1]):
                if grade != "A":
                    found = [number for number, _ in run]
                    self._name(dated, found[0], found[-1], grade)
                    lowest = max(lowest, grade)
        return lowest

    def _name(self, dated: Dated, first: int, last: int, grade: str) -> None:
        lines = "line %d" % (first + 1) if first == last else "lines %d to %d" % (
            first + 1, last + 1)  # fmt: skip
        self._report.note(
            "event-grade",
            "Grade %s for %s of events.jsonl (%s), which needs evidence from before %s."
            % (grade, lines, dated.kind, shown_time(dated.deadline)),
        )


# ======================================================================================
# 12. What an entrant holds (section 8.9)
# ======================================================================================

PROMISE = Form(
    {
        "v": lambda value: value == VERSION,
        "kind": lambda value: value == "promise",
        "contest": is_text,
        "commit": is_digest,
        "weight": is_weight,
        "time": is_integer,
        "log": is_text,
        "signature": lambda value: (
            isinstance(value, str) and re.fullmatch("[0-9a-f]{128}", value) is not None
        ),
    }
)
RECEIPT = Form(
    {
        "v": lambda value: value == VERSION,
        "kind": lambda value: value == "receipt",
        "opening": OPENING,
        "weight": is_weight,
        "index": is_integer,
        "path": list_of(is_digest),
        "freeze": EVENT,
        "log_index": is_integer,
        "log_path": list_of(is_digest),
        "checkpoint": is_text,
    }
)


class Holding:
    """A promise or a receipt, compared with a bundle that holds. Raises Refused."""

    where = ""  # it is no file of the bundle

    def __init__(self, data: bytes) -> None:
        where = self.where
        value = parse_canonical(data, where)
        is_receipt = isinstance(value, dict) and value.get("kind") == "receipt"
        check_form(value, where, RECEIPT if is_receipt else PROMISE)
        self.value: Dict[str, Any] = value
        self.is_receipt = is_receipt
        self.contest: str = value["opening"]["contest"] if is_receipt else value["contest"]
        self.weight: int = value["weight"]
        self.commit = self._commitment() if is_receipt else bytes.fromhex(value["commit"])

    def _commitment(self) -> bytes:
        opening = dict(self.value["opening"])
        salt = bytes.fromhex(opening.pop("salt"))
        return sha256(tag("entry") + salt + canonical(opening))

    def check(self, chain: Chain, trust: Trust, roots: Dict[int, bytes]) -> None:
        where = self.where
        demand(self.contest == chain.contest, where, "receipt-contest")
        if not self.is_receipt:
            self._check_promise(trust)
        if chain.freeze is None:
            raise Refused(where, "receipt-not-frozen")
        index = chain.entries.find(self.commit)
        demand(index >= 0, where, "receipt-unknown")
        leaf = bytes(chain.entries.data[index * LEAF : (index + 1) * LEAF])
        demand(leaf == self.commit + u32(self.weight), where, "receipt-weight")
        if self.is_receipt:
            self._check_place(chain, leaf, index)
            self._check_log(chain, trust, roots)

    def _check_promise(self, trust: Trust) -> None:
        where, value = self.where, self.value
        try:
            key = read_verifier_key(value["log"], LOG_KEY)
        except ValueError as problem:
            raise Refused(where, "form", shown(problem)) from None
        message = tag("promise") + self.commit + u32(self.weight) + u64(value["time"])
        holds = ed25519_holds(key.public, message, bytes.fromhex(value["signature"]))
        demand(holds, where, "receipt-signature")
        known = (key.name, key.id) in trust.keys
        demand(known or not trust.has_logs, where, "receipt-key")

    def _check_place(self, chain: Chain, leaf: bytes, index: int) -> None:
        where, value = self.where, self.value
        event_hash = sha256(tag("event") + canonical(value["freeze"])).hex()
        demand(event_hash == chain.freeze_hash, where, "receipt-freeze")
        root = bytes.fromhex(value["freeze"]["body"]["entries"]["root"])
        size = chain.entries.count
        inside = inclusion_holds(leaf, value["index"], size, value["path"], root)
        demand(value["index"] == index and inside, where, "receipt-path")

    def note(self) -> Note:
        """The checkpoint of a receipt."""
        try:
            return Note(self.value["checkpoint"].encode("utf-8"))
        except ValueError as problem:
            raise Refused(self.where, "note", shown(problem)) from None

    def _check_log(self, chain: Chain, trust: Trust, roots: Dict[int, bytes]) -> None:
        where, value, note = self.where, self.value, self.note()
        leaf = sha256(self.contest.encode("utf-8")) + u32(value["freeze"]["seq"])
        leaf += bytes.fromhex(chain.freeze_hash)
        index = value["log_index"]
        inside = inclusion_holds(leaf, index, note.size, value["log_path"], note.root)
        demand(inside, where, "receipt-log-path")
        demand(roots.get(note.size, note.root) == note.root, where, "receipt-fork")
        signed = trust.signatures(note, where)
        demand(bool(of_trusted_log(note, signed)) or not trust.has_logs, where, "receipt-key")

    def draws(self, chain: Chain) -> Optional[List[Dict[str, Any]]]:
        """The entry's lowest ticket, its place, and the last ticket that won, in each draw."""
        if chain.result is None:
            return None
        found = []
        for draw in chain.draws:
            ticket, place = draw.place_of(self.commit)
            won = [slot["ticket"] for slot in draw.initial if "ticket" in slot]
            cut_off = max(won) if won else None
            found.append({"ticket": ticket.hex(), "place": place, "cut_off": cut_off})
        return found


class Held(NamedTuple):
    """What is said about a promise or a receipt."""

    problem: Optional[Refused]
    weight: Optional[int]
    draws: Optional[List[Dict[str, Any]]]

    def facts(self) -> Dict[str, Any]:
        return {
            "holds": self.problem is None,
            "reason": self.problem.code if self.problem else None,
            "weight": self.weight,
            "draws": self.draws,
        }


def read_receipt(path: str) -> bytes:
    """The bytes of a file that somebody holds; what they are is looked at later."""
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_OBJECT_FILE + 1)
    except OSError as problem:
        detail = shown(problem.strerror or type(problem).__name__)
        raise Unreadable(shown(path), "receipt", detail) from None


def checkpoint_size_of(data: bytes) -> Optional[int]:
    """How long the log was at the checkpoint of a receipt; None for anything else."""
    try:
        holding = Holding(data)
        return holding.note().size if holding.is_receipt else None
    except Refused:
        return None


def check_receipt(data: bytes, chain: Chain, trust: Trust, roots: Dict[int, bytes]) -> Held:
    """Compare what an entrant holds with a bundle that holds. It never changes the verdict.

    `roots` are the roots of the bundle's log, by its size.
    """
    try:
        demand(len(data) <= MAX_OBJECT_FILE, "", "file-too-large")
        holding = Holding(data)
        holding.check(chain, trust, roots)
        return Held(None, holding.weight, holding.draws(chain))
    except Refused as problem:
        return Held(problem, None, None)


# ======================================================================================
# 13. The verdict (section 8.8)
# ======================================================================================

EXIT_STATUS = {"verified": 0, "refused": 1, "unreadable": 2, "practice": 3, "pending": 4}
PRACTICE_WORDS = "PRACTICE: this draw proves nothing about chance."
NO_TRUST_WORDS = (
    "The log, its witnesses and the timestamps in this bundle count for nothing, because you did "
    "not say whom you trust: give a trust file with --trust."
)
ONLY_WORDS = "Nothing here shows from outside that it was the only list."
GRADE_WORDS = {
    "A": (
        "Grade A: the list existed before the draw and was the only one. Independent witnesses "
        "outside saw it in time."
    ),
    "B": "Grade B: the list existed before the draw, on the word of two authorities. " + ONLY_WORDS,
    "C": "Grade C: the list existed before the draw, on the word of one outsider. " + ONLY_WORDS,
    "D": (
        "Grade D: the arithmetic holds, on the operator's word alone. Nothing here shows from "
        "outside that the list existed before the draw, nor that it was the only list."
    ),
}


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
        self.evidence: Optional[Evidence] = None
        self.grade: Optional[str] = None
        self.held: Optional[Held] = None

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
            "grade": self.grade if self.holds else None,
            "contest": chain.contest if chain else None,
            "receipt": self.held.facts() if self.held else None,
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


def check_bundle(
    files: Container,
    practice_allowed: bool,
    trust: Optional[Trust],
    report: Report,
    also: Optional[int] = None,
) -> None:
    """Run all checks. Fills the report; raises Refused or Unreadable.

    `also` is a size of the log at which its root is wanted, besides those of the checkpoints.
    """
    is_bundle = check_names(files)
    manifest = Manifest(files) if is_bundle else None
    chain = Chain(Entries(files.read("entries.bin")), practice_allowed)
    report.chain = chain
    check_chain(files.lines("events.jsonl"), chain)
    if manifest is not None:
        demand(manifest.contest == chain.contest, "manifest.json", "manifest-contest")
        versions = check_terms(files, chain.contest or "", chain.promises)
        note_verifiers(manifest, versions[-1], report)
        note_quizzes(files, chain, Quizzes(versions), report)
        Dispute(files, manifest, chain).check()
        if has_log(files):
            report.evidence = Evidence(files, chain, trust or Trust(), report, also)
    check_openings(files, chain, report)
    report.verdict = "practice" if chain.is_practice else "verified"
    if chain.result is None and chain.void is None:
        report.verdict = "pending"
    if report.verdict == "verified":
        report.grade = report.evidence.grade() if report.evidence is not None else "D"
    if report.evidence is not None and trust is None:
        report.note("no-trust", NO_TRUST_WORDS)
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


def note_quizzes(files: Container, chain: Chain, quizzes: Quizzes, report: Report) -> None:
    """Answers that are opened are the ones of the terms; others are still sealed."""
    opened = quizzes.check(files, chain)
    for quiz in quizzes.promised:
        if quiz in opened:
            report.note(
                "quiz-opened",
                "The answers to the quiz %s are the ones that the terms fixed in "
                "advance: %s" % (quiz, "; ".join(map(shown, opened[quiz]))),
            )
        else:
            why = "the contest ended before" if chain.void else "they are opened after the close"
            report.note(
                "quiz-sealed", "The answers to the quiz %s are still sealed: %s." % (quiz, why)
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
    if report.grade == "D":
        report.note("no-evidence-of-time", GRADE_WORDS["D"])
    if chain.freeze is not None and report.openings is not None:
        report.note(
            "openings",
            "%d of %d entries are opened: it is shown whose they are. Whoever is not named counts "
            "and is drawn all the same." % (report.openings.count, chain.entries.count),
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
    "trust": "The trust file is not one.",
    "receipt": "The promise or receipt cannot be read.",
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
    "terms-quizzes": "The terms list the quizzes out of order.",
    "quiz-changed": "A later version of the terms has other answers to the same quiz.",
    "quiz-unnamed": "No terms name the quiz that these answers are of.",
    "quiz-missing": "The list is frozen, and the answers to a quiz of the terms were not opened.",
    "quiz-other": "These are the answers of another contest or another quiz.",
    "quiz-answers": "These are not the answers that the terms committed to.",
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
    # the log
    "log-presence": "The slice and the checkpoints of the log are there together or not at all.",
    "note": "It is not a checkpoint of a log.",
    "note-size": "The checkpoint is about another size of the log than its name says.",
    "note-signature": "A key that you trust did not make the signature that stands under its name.",
    "note-signatures": "More than 4 signatures stand under the name of a key that you trust.",
    "slice-left": "The left part of the log is not described by the right number of hashes.",
    "slice-checkpoint": "A checkpoint is older than the contest.",
    "slice-size": "The slice of the log does not end with the largest checkpoint.",
    "slice-first": "The slice of the log does not begin with this contest.",
    "slice-root": "The checkpoint is not about the log that is shown here.",
    "log-further-event": (
        "The log has events of this contest that are not shown, for instance a second freeze."
    ),
    "log-missing-event": "The log does not have all events of this contest.",
    "log-other-event": "The log has another event of this contest than the one that is shown.",
    # timestamps
    "timestamp-checkpoint": "A timestamp about a checkpoint that is not there.",
    "timestamp-form": "It is not an answer of a timestamp authority.",
    "timestamp-status": "The timestamp authority did not grant it.",
    "timestamp-imprint": "The timestamp is about something else than its checkpoint.",
    # what an entrant holds
    "receipt-bundle": "The bundle does not hold, so nothing can be compared with it.",
    "receipt-contest": "It is about another contest.",
    "receipt-signature": "Its signature does not hold: it is not what the operator gave.",
    "receipt-key": "It is not signed by the key of a log that you trust.",
    "receipt-not-frozen": "There is no frozen list yet in which the entry could stand.",
    "receipt-unknown": "The entry is not in the frozen list.",
    "receipt-weight": "The entry stands in the frozen list with another number of tickets.",
    "receipt-freeze": "It is about another frozen list than this one.",
    "receipt-path": "It gives another place in the list than the entry has.",
    "receipt-log-path": "The list's freeze is not in the log that its checkpoint is about.",
    "receipt-fork": "Its checkpoint is of another log than the bundle's: two logs were shown.",
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
        if report.grade is not None:
            lines.append(GRADE_WORDS[report.grade])
        lines.append("")
        lines.extend(contest_in_words(report.chain))
        if report.chain.result is not None:
            lines.extend(winners_in_words(report.chain, report.openings))
    if report.held is not None:
        lines += ["", *held_in_words(report.held)]
    others = [finding for finding in report.findings if finding.code != "no-evidence-of-time"]
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


def held_in_words(held: Held) -> List[str]:
    """What is said to somebody who gave a promise or a receipt."""
    if held.problem is not None:
        return [
            "Your promise or receipt does not hold against this bundle.",
            "  Why: " + held.problem.text,
            "  Code: " + held.problem.code,
        ]
    lines = ["Your promise or receipt holds. The entry is in the list, tickets: %s." % held.weight]
    for number, draw in enumerate(held.draws or [], 1):
        lines.append(
            "  Draw %d: the lowest ticket is %s, place %d in the order."
            % (number, draw["ticket"], draw["place"])
        )
        if draw["cut_off"] is not None:
            lines.append("      The last ticket that won was " + draw["cut_off"])
    return lines


# --- the command line -------------------------------------------------------------------


def verify(
    path: str,
    practice_allowed: bool = False,
    trust: Optional[str] = None,
    receipt: Optional[str] = None,
) -> Report:
    """Check PATH and say everything that there is to say. Never raises for a bad bundle."""
    report = Report()
    try:
        believed = read_trust(trust) if trust is not None else None
        held = read_receipt(receipt) if receipt is not None else None
        files = open_container(path)
        try:
            also = checkpoint_size_of(held) if held is not None else None
            check_bundle(files, practice_allowed, believed, report, also)
        finally:
            files.close()
        if held is not None and report.chain is not None:
            roots = report.evidence.slice.roots if report.evidence is not None else {}
            report.held = check_receipt(held, report.chain, believed or Trust(), roots)
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
    if receipt is not None and report.problem is not None:
        report.held = Held(Refused(shown(receipt), "receipt-bundle"), None, None)
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
    parser.add_argument("--trust", metavar="FILE", help="whom you trust, as JSON")
    parser.add_argument("--receipt", metavar="FILE", help="a promise or receipt that you hold")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = verify(options.path, options.practice, options.trust, options.receipt)
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
