"""Signed notes: other people's notes are read, our own are written so that others read them."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof.errors import NoteError
from contest_service.proof.notes import (
    MAX_SIGNATURES,
    Checkpoint,
    KeyKind,
    Note,
    Signature,
    VerifierKey,
    cosign,
    find_cosignature,
    find_log_signature,
    parse_checkpoint,
    parse_key,
    parse_note,
    public_of,
    require_signed,
    sign,
)
from proof.witnessed import LOG, WITNESSES

SUMDB_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SUMDB_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
).encode()
"""The example in the documentation of Go's golang.org/x/mod/sumdb/note."""

SEED = bytes(range(32))
CHECKPOINT = Checkpoint(origin="log.example/x", size=7, root=bytes(range(32)))
NAMES = st.text(min_size=1, max_size=20).filter(
    lambda name: (
        "+" not in name
        and not any(c.isspace() or c < " " for c in name)
        and name.encode(errors="ignore").decode() == name
    )
)


def note(*signatures: Signature, text: bytes = CHECKPOINT.text) -> Note:
    return Note(text=text, signatures=signatures)


def log_key(name: str = "log.example/x") -> VerifierKey:
    return VerifierKey(name=name, kind=KeyKind.LOG, public=public_of(SEED))


def witness_key(name: str = "ann") -> VerifierKey:
    return VerifierKey(name=name, kind=KeyKind.WITNESS, public=public_of(SEED))


def test_a_note_of_another_program_holds() -> None:
    key = parse_key(SUMDB_KEY)
    assert (key.name, key.id.hex(), key.text) == ("PeterNeumann", "c74f20a3", SUMDB_KEY)
    read = parse_note(SUMDB_NOTE)
    assert read.encoded == SUMDB_NOTE
    assert find_log_signature(read, key)


def test_keys_and_lines_are_written_as_others_write_them() -> None:
    text = CHECKPOINT.text
    for signer in (LOG, *WITNESSES):
        assert parse_key(signer.verifier_key).id == signer.id
        assert parse_key(signer.verifier_key).text == signer.verifier_key
    seed = LOG.key.private_bytes_raw()
    assert (sign(seed, LOG.name, text).line + "\n").encode() == LOG.line(text)
    ann = WITNESSES[0]
    seed = ann.key.private_bytes_raw()
    assert (cosign(seed, ann.name, text, time=1234).line + "\n").encode() == ann.line(text, 1234)


def test_a_checkpoint_is_three_lines() -> None:
    assert CHECKPOINT.text == (b"log.example/x\n7\n" + b64encode(bytes(range(32))) + b"\n")
    assert parse_checkpoint(CHECKPOINT.text) == CHECKPOINT


@given(NAMES, st.binary(min_size=32, max_size=32), st.sampled_from(KeyKind))
def test_any_key_is_read_as_it_was_written(name: str, public: bytes, kind: KeyKind) -> None:
    key = VerifierKey(name=name, kind=kind, public=public)
    assert parse_key(key.text) == key


@given(
    NAMES,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.tuples(NAMES, st.binary(min_size=5, max_size=90)), min_size=1, max_size=64),
)
def test_any_note_is_read_as_it_was_written(
    origin: str, size: int, root: bytes, lines: list[tuple[str, bytes]]
) -> None:
    checkpoint = Checkpoint(origin=origin, size=size, root=root)
    made = note(
        *(Signature(name=name, key_id=data[:4], signature=data[4:]) for name, data in lines),
        text=checkpoint.text,
    )
    assert parse_note(made.encoded) == made
    assert parse_checkpoint(made.text) == checkpoint


KEY = log_key().text
NAME, ID, ENCODED = KEY.split("+", 2)
KEY_DEFECTS = {
    "two parts": (f"{NAME}+{ID}", "bad_key_text"),
    "no name": (f"+{ID}+{ENCODED}", "bad_key_text"),
    "id in upper case": (f"{NAME}+{ID.upper()}+{ENCODED}", "bad_key_text"),
    "id of another name": (f"x{NAME}+{ID}+{ENCODED}", "bad_key_id"),
    "white space in the name": (f"a b+{ID}+{ENCODED}", "bad_name"),
    "no-break space in the name": (f"a\u00a0b+{ID}+{ENCODED}", "bad_name"),
    "control in the name": (f"a\x00b+{ID}+{ENCODED}", "bad_name"),
    "unknown type": (
        f"{NAME}+{ID}+{b64encode(bytes([2]) + public_of(SEED)).decode()}",
        "unknown_key_type",
    ),
    "key too short": (
        f"{NAME}+{ID}+{b64encode(bytes([1]) + bytes(31)).decode()}",
        "unknown_key_type",
    ),
    "line feed at the end": (KEY + "\n", "bad_base64"),
    "not base64": (f"{NAME}+{ID}+{ENCODED[:-1]}!", "bad_base64"),
}


@pytest.mark.parametrize("defect", KEY_DEFECTS)
def test_refuses_a_key_with_a_defect(defect: str) -> None:
    text, code = KEY_DEFECTS[defect]
    with pytest.raises(NoteError) as refused:
        parse_key(text)
    assert refused.value.code == code


GOOD = note(sign(SEED, "log.example/x", CHECKPOINT.text)).encoded
NOTE_DEFECTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "bad_note"),
    "no empty line": (lambda data: data.replace(b"\n\n", b"\n"), "bad_note"),
    "no signature": (lambda data: data.partition(b"\n\n")[0] + b"\n\n", "bad_note"),
    "no text": (lambda data: b"\n\n" + data.partition(b"\n\n")[2], "bad_note"),
    "no last line feed": (lambda data: data[:-1], "bad_note"),
    "empty line at the end": (lambda data: data + b"\n", "bad_note"),
    "carriage returns": (lambda data: data.replace(b"\n", b"\r\n"), "bad_note"),
    "control in the text": (lambda data: b"\x07" + data, "control_character"),
    "tab in a line": (
        lambda data: data.replace(b"example/x ", b"example/\t "),
        "control_character",
    ),
    "not UTF-8 in the text": (lambda data: b"\xff" + data, "not_utf8"),
    "not UTF-8 in a line": (lambda data: data[:-3] + b"\xff\n", "not_utf8"),
    "hyphen for a dash": (lambda data: data.replace("—".encode(), b"-"), "bad_signature_line"),
    "no space after the dash": (
        lambda data: data.replace("— ".encode(), "—".encode()),
        "bad_signature_line",
    ),
    "two spaces after the dash": (
        lambda data: data.replace("— ".encode(), "—  ".encode()),
        "bad_name",
    ),
    "no base64": (lambda data: data[:-4] + b"*==\n", "bad_base64"),
    "base64 without padding": (lambda data: data.replace(b"=", b""), "bad_base64"),
    "base64 with stray bits": (lambda data: data + "— a AAAAAAB=\n".encode(), "bad_base64"),
    "key id only": (lambda data: data + "— a AAAAAA==\n".encode(), "bad_signature_line"),
    "plus in a name": (lambda data: data.replace(b"example/x ", b"exam+ple "), "bad_name"),
    "too many lines": (
        lambda data: data + MAX_SIGNATURES * "— a AAAAAAA=\n".encode(),
        "many_signatures",
    ),
    "too long": (lambda data: b"x" * 65_536 + data, "long_note"),
}


@pytest.mark.parametrize("defect", NOTE_DEFECTS)
def test_refuses_a_note_with_a_defect(defect: str) -> None:
    damage, code = NOTE_DEFECTS[defect]
    data = damage(GOOD)
    assert data != GOOD
    with pytest.raises(NoteError) as refused:
        parse_note(data)
    assert refused.value.code == code


def test_as_many_lines_as_may_be_are_read() -> None:
    lines = (MAX_SIGNATURES - 1) * "— a AAAAAAA=\n".encode()
    assert len(parse_note(GOOD + lines).signatures) == MAX_SIGNATURES


CHECKPOINT_DEFECTS = {
    "two lines": b"log\n7\n",
    "four lines": CHECKPOINT.text + b"more\n",
    "no last line feed": CHECKPOINT.text[:-1],
    "space in the origin": b"a " + CHECKPOINT.text,
    "plus in the origin": b"a+" + CHECKPOINT.text,
    "no origin": CHECKPOINT.text.removeprefix(b"log.example/x"),
    "leading zero": CHECKPOINT.text.replace(b"\n7\n", b"\n07\n"),
    "sign": CHECKPOINT.text.replace(b"\n7\n", b"\n+7\n"),
    "other digits": CHECKPOINT.text.replace(b"\n7\n", "\n٧\n".encode()),
    "size beyond all": CHECKPOINT.text.replace(b"\n7\n", b"\n%d\n" % 2**63),
    "size of a thousand digits": CHECKPOINT.text.replace(b"\n7\n", b"\n" + b"7" * 1000 + b"\n"),
    "short root": b"log\n7\n" + b64encode(bytes(31)) + b"\n",
    "long root": b"log\n7\n" + b64encode(bytes(33)) + b"\n",
    "root not base64": b"log\n7\n" + b"?" * 44 + b"\n",
}


@pytest.mark.parametrize("defect", CHECKPOINT_DEFECTS)
def test_refuses_a_checkpoint_with_a_defect(defect: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(CHECKPOINT_DEFECTS[defect])


def test_a_note_is_the_logs_if_a_line_is() -> None:
    signed = note(sign(SEED, "log.example/x", CHECKPOINT.text))
    assert find_log_signature(signed, log_key())
    assert not find_log_signature(signed, log_key("other"))
    assert not find_log_signature(note(sign(bytes(32), "log.example/x", b"")), log_key())


def test_a_line_of_a_known_key_that_does_not_hold_is_refused() -> None:
    for bad in (
        sign(SEED, "log.example/x", b"another text\n"),
        Signature(name="log.example/x", key_id=log_key().id, signature=bytes(64)),
        Signature(name="log.example/x", key_id=log_key().id, signature=bytes(3)),
    ):
        good = sign(SEED, "log.example/x", CHECKPOINT.text)
        for lines in ((bad,), (good, bad), (bad, good)):
            with pytest.raises(NoteError, match="not one of its key"):
                find_log_signature(note(*lines), log_key())


def test_a_cosignature_says_when() -> None:
    signed = note(cosign(SEED, "ann", CHECKPOINT.text, time=1_700_000_000))
    assert find_cosignature(signed, witness_key()) == 1_700_000_000
    assert find_cosignature(signed, witness_key("bob")) is None
    assert find_cosignature(signed, log_key("ann")) is None


def test_of_several_cosignatures_the_earliest_counts() -> None:
    times = (2_000, 1_000, 3_000)
    signed = note(*(cosign(SEED, "ann", CHECKPOINT.text, time=time) for time in times))
    assert find_cosignature(signed, witness_key()) == 1_000


def test_a_line_that_is_repeated_is_one_and_of_one_key_only_a_few_may_differ() -> None:
    lines = [cosign(SEED, "ann", CHECKPOINT.text, time=time) for time in (4, 3, 2, 1)]
    others = [cosign(SEED, "bob", CHECKPOINT.text, time=time) for time in (8, 7, 6, 5)]
    assert find_cosignature(note(*[*lines, *others] * 8), witness_key()) == 1
    false = [Signature(name="ann", key_id=lines[0].key_id, signature=bytes(n)) for n in range(1, 5)]
    for few, one in ((lines, false[0]), (false, lines[0])):
        with pytest.raises(NoteError) as refused:
            find_cosignature(note(*few, one), witness_key())
        assert refused.value.code == "many_of_one_key"


def test_a_cosignature_with_another_time_is_refused() -> None:
    line = cosign(SEED, "ann", CHECKPOINT.text, time=1_000)
    earlier = (999).to_bytes(8, "big") + line.signature[8:]
    for bad in (earlier, line.signature[8:], b"", line.signature + b"\0"):
        moved = Signature(name="ann", key_id=line.key_id, signature=bad)
        with pytest.raises(NoteError) as refused:
            find_cosignature(note(moved), witness_key())
        assert refused.value.code == "bad_signature"


def test_nobody_signs_under_a_name_that_none_may_have() -> None:
    for name in ("", "a b", "a+b", "a\nb", "a\u2003b"):
        with pytest.raises(NoteError):
            sign(SEED, name, b"")
        with pytest.raises(NoteError):
            cosign(SEED, name, b"", time=1)


ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY = (1).to_bytes(32, "little")
KEY_SPELLINGS = {
    "y not below the prime": (2**255 - 19 + 1).to_bytes(32, "little"),
    "minus zero": (1 + 2**255).to_bytes(32, "little"),
    "minus zero at y = -1": (2**256 - 20).to_bytes(32, "little"),
    "not on the curve": (2).to_bytes(32, "little"),
    "too short": bytes(31),
}


def test_the_point_of_order_one_is_a_key_like_any_other() -> None:
    require_signed(IDENTITY, IDENTITY + bytes(32), b"anything")


@pytest.mark.parametrize("defect", KEY_SPELLINGS)
def test_refuses_a_signature_of_a_key_that_is_spelled_wrongly(defect: str) -> None:
    key = KEY_SPELLINGS[defect]
    with pytest.raises(NoteError):
        require_signed(key, IDENTITY + bytes(32), b"anything")


def test_refuses_a_second_spelling_of_a_signature() -> None:
    signature = sign(SEED, "a", b"text").signature
    require_signed(public_of(SEED), signature, b"text")
    scalar = int.from_bytes(signature[32:], "little")
    for second in (
        signature[:32] + (scalar + ORDER).to_bytes(32, "little"),
        signature[:31] + bytes([signature[31] ^ 0x80]) + signature[32:],
        signature + b"\0",
        signature[:-1],
    ):
        with pytest.raises(NoteError):
            require_signed(public_of(SEED), second, b"text")
