"""One value has one spelling."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.canonical import MAX_INT, MAX_LINE, decode, encode, lines, tag
from contest_service.proof.errors import CanonicalError
from proof.given import VECTORS

_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
keys = st.text("abcxyz_019", min_size=1, max_size=6)
values = st.recursive(
    texts | st.booleans() | st.integers(0, MAX_INT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def spell(value: object) -> str:
    """Write JCS character by character, as RFC 8785 has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return '"' + "".join(_spell_character(ord(one)) for one in value) + '"'
        case list():
            return "[" + ",".join(spell(inner) for inner in value) + "]"
        case dict():
            pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
            return "{" + ",".join(f"{spell(key)}:{spell(inner)}" for key, inner in pairs) + "}"
    raise AssertionError(value)


def _spell_character(code: int) -> str:
    return _ESCAPES.get(code) or (f"\\u{code:04x}" if code < 32 else chr(code))


@pytest.mark.parametrize("given_value", VECTORS["primitives"]["jcs"])
def test_writes_the_given_bytes(given_value: dict[str, object]) -> None:
    assert encode(given_value["value"]).hex() == given_value["bytes"]


@pytest.mark.parametrize(("name", "given_bytes"), VECTORS["primitives"]["tags"].items())
def test_tags_are_the_given_ones(name: str, given_bytes: str) -> None:
    assert tag(name).hex() == given_bytes


@given(values)
def test_writes_what_the_naive_oracle_writes(value: object) -> None:
    assert encode(value) == spell(value).encode()


@pytest.mark.parametrize("code", [*range(0x100), 0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x10FFFF])
def test_writes_every_awkward_character_as_the_oracle(code: int) -> None:
    assert encode(chr(code)) == spell(chr(code)).encode()


@given(values)
def test_reads_back_what_it_writes(value: object) -> None:
    assert decode(encode(value)) == value


@given(st.binary(max_size=60))
def test_reads_nothing_that_it_would_not_write(data: bytes) -> None:
    try:
        value = decode(data)
    except CanonicalError:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"\xef\xbb\xbf1", "malformed_json"),
        (b'"\xff"', "malformed_json"),
        (b'"\xed\xa0\x80"', "malformed_json"),
        (b'"\\ud800"', "malformed_json"),
        (b'"\x1f"', "malformed_json"),
        (b"NaN", "malformed_json"),
        (b"9" * 5000, "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b" 1", "not_canonical"),
        (b"1\n", "not_canonical"),
        (b'{"a": 1}', "not_canonical"),
        (b'{"b":1,"a":1}', "not_canonical"),
        (b'{"a":1,"a":1}', "not_canonical"),
        (b"-0", "not_canonical"),
        (b'"\\u0041"', "not_canonical"),
        (b'"\\/"', "not_canonical"),
        (b'"\\u001F"', "not_canonical"),
        (b'"\\u007f"', "not_canonical"),
        (b"null", "bad_value"),
        (b"[null]", "bad_value"),
        (b"1.0", "bad_value"),
        (b"1e2", "bad_value"),
        (b"-1", "bad_integer"),
        (b"9007199254740992", "bad_integer"),
        (b"99999999999999999999", "bad_integer"),
        (b'{"A":1}', "bad_key"),
        (b'{"":1}', "bad_key"),
        (b'{"a\\n":1}', "bad_key"),
        ('{"é":1}'.encode(), "bad_key"),
    ],
)
def test_refuses_every_other_spelling(spelling: bytes, code: str) -> None:
    with pytest.raises(CanonicalError) as refusal:
        decode(spelling)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "value", [None, 1.0, -1, MAX_INT + 1, "\ud800", b"x", {1: 2}, {"A": 1}, {"a"}, [None]]
)
def test_writes_nothing_outside_the_profile(value: object) -> None:
    with pytest.raises(CanonicalError):
        encode(value)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_nests_thirty_two_deep_and_no_deeper() -> None:
    decode(nested(32))
    with pytest.raises(CanonicalError, match="32 deep"):
        decode(nested(33))


@pytest.mark.parametrize("text", ["a" * 4096, "é" * 2048])
def test_a_string_has_at_most_4096_bytes(text: str) -> None:
    assert decode(encode(text)) == text
    with pytest.raises(CanonicalError, match="4096"):
        encode(text + "a")
    with pytest.raises(CanonicalError, match="4096"):
        encode({"a" * 4097: 1})


def test_writes_structs_with_sorted_keys_and_without_absent_fields() -> None:
    class Pair(msgspec.Struct, omit_defaults=True):
        b: int
        a: str
        c: str | None = None

    assert encode(Pair(b=1, a="x")) == b'{"a":"x","b":1}'


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line)), st.data())
def test_lines_do_not_depend_on_how_chunks_are_cut(
    written: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(line + b"\n" for line in written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert list(lines(chunks)) == written


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\n", "empty_line"), (b"a\n\n", "empty_line"), (b"a\nb", "no_newline")],
)
def test_every_line_is_full_and_ends(content: bytes, code: str) -> None:
    with pytest.raises(CanonicalError) as refusal:
        list(lines([content]))
    assert refusal.value.code == code


def test_a_line_has_at_most_one_mebibyte() -> None:
    assert list(lines([b"a" * MAX_LINE, b"\n"])) == [b"a" * MAX_LINE]
    with pytest.raises(CanonicalError, match="longer"):
        list(lines([b"a" * (MAX_LINE + 1), b"\n"]))
