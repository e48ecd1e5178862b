"""verify.py and the log: checkpoints, verifier keys, the slice."""

import struct
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import bundles
from proof.generated import Made, jcs
from proof.standalone import facts_of, verdict_of, verifier
from proof.witnessed import LOG, WITNESSES, Checkpoint, Witnessed, foreign, sealed, witness

BUNDLE = Made().files()
OWN = sha256(b"c-2026").digest()


def honest(**changes: Any) -> Witnessed:
    return Witnessed(BUNDLE, **changes)


# --- what holds ---


@pytest.mark.parametrize("before", [0, 1, 2, 3, 5, 7, 8, 13])
@pytest.mark.parametrize("between", [0, 1, 4])
def test_a_log_of_any_length_around_the_contest_holds(
    before: int, between: int, tmp_path: Path
) -> None:
    files = honest(before=before, between=between).files()
    facts = facts_of(tmp_path, files)
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")


def test_every_checkpoint_of_many_is_compared_with_the_slice(tmp_path: Path) -> None:
    points = [Checkpoint(covers=n, further=m) for n in (1, 2, 3, 4) for m in (0, 1, 2)]
    assert verdict_of(tmp_path / "all", honest(checkpoints=points).files()) == ("verified", None)
    for number, point in enumerate(points):
        point.edit_text = lambda text: text[:-45] + b64encode(bytes(32)) + b"\n"
        found = honest(checkpoints=points).files()
        assert verdict_of(tmp_path / f"{number}", found) == ("refused", "slice-root"), number
        point.edit_text = lambda text: text


def test_a_slice_read_in_many_pieces_holds(tmp_path: Path) -> None:
    found = honest(before=3000, between=1500, checkpoints=[Checkpoint()])
    assert len(found.log_files()["log/slice.bin"]) > verifier.LOG_LEAF << 12
    assert verdict_of(tmp_path, found.files()) == ("verified", None)


def test_a_practice_bundle_is_checked_alike_and_gets_no_grade(tmp_path: Path) -> None:
    found = Witnessed(bundles.public())
    facts = facts_of(tmp_path / "whole", found.files(), practice=True)
    assert (facts["verdict"], facts["grade"]) == ("practice", None)
    spoilt = found.files(**{"log/slice.bin": bytes(68 * 8)})
    assert verdict_of(tmp_path / "spoilt", spoilt, practice=True) == ("refused", "slice-first")


def test_a_bundle_of_format_2_needs_no_log(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sealed(BUNDLE))
    assert (facts["verdict"], facts["grade"]) == ("verified", "D")


# --- the slice ---


def with_leaf(index: int, leaf: bytes) -> dict[str, bytes]:
    """The log really has this leaf there: the checkpoints are about it."""

    def put(leaves: list[bytes]) -> None:
        leaves[index] = leaf

    return honest(edit_leaves=put).files()


def swapped(one: int, other: int) -> dict[str, bytes]:
    def swap(leaves: list[bytes]) -> None:
        leaves[one], leaves[other] = leaves[other], leaves[one]

    return honest(edit_leaves=swap).files()


def sliced(**changes: Any) -> dict[str, bytes]:
    found = honest()
    return found.files(**{"log/slice.json": jcs(found.slice_json() | changes)})


def rebinned(change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    """The slice is changed, the checkpoints are not."""
    found = honest()
    return found.files(**{"log/slice.bin": change(found.log_files()["log/slice.bin"])})


def begun_early() -> dict[str, bytes]:
    found = honest()
    early = Witnessed(BUNDLE, before=4)
    data = found.leaves[4] + found.log_files()["log/slice.bin"]
    return found.files(
        **{"log/slice.bin": data, "log/slice.json": jcs(early.slice_json())},
    )


def with_checkpoint_of(size: int) -> dict[str, bytes]:
    found = honest()
    root = b64encode(verifier.sha256(b"")).decode()
    text = f"{LOG.name}\n{size}\n{root}\n".encode()
    return found.files(**{f"log/checkpoint-{size}.txt": text + b"\n" + LOG.line(text)})


def without(*names: str) -> dict[str, bytes]:
    return honest().files(**dict.fromkeys(names))


FREEZE = honest().index_of(1)
OTHER_FREEZE = OWN + struct.pack(">I", 1) + bytes(32)
LEFT = honest().slice_json()["left"]
SLICES: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "a second freeze": (lambda: with_leaf(FREEZE + 1, OTHER_FREEZE), "log-further-event"),
    "an event after the last one": (
        lambda: with_leaf(honest().index_of(3) + 1, OWN + struct.pack(">I", 4) + bytes(32)),
        "log-further-event",
    ),
    "an event twice": (
        lambda: with_leaf(FREEZE + 1, honest().leaves[FREEZE]),
        "log-further-event",
    ),
    "another freeze": (lambda: with_leaf(FREEZE, OTHER_FREEZE), "log-other-event"),
    "an event under another number": (
        lambda: with_leaf(FREEZE, OWN + struct.pack(">I", 2) + honest().leaves[FREEZE][36:]),
        "log-other-event",
    ),
    "an event that is missing": (lambda: with_leaf(FREEZE, foreign(99)), "log-missing-event"),
    "two events swapped": (lambda: swapped(FREEZE, honest().index_of(2)), "log-other-event"),
    "a last checkpoint before the last event": (
        lambda: honest(checkpoints=[Checkpoint(covers=3)]).files(),
        "log-missing-event",
    ),
    "a leaf of another contest at the beginning": (begun_early, "slice-first"),
    "a leaf of another contest changed": (
        lambda: rebinned(lambda data: data[:68] + foreign(77) + data[136:]),
        "slice-root",
    ),
    "a wrong subtree on the left": (
        lambda: sliced(left=["00" * 32, *LEFT[1:]]),
        "slice-root",
    ),
    "the subtrees on the left swapped": (lambda: sliced(left=LEFT[::-1]), "slice-root"),
    "a subtree on the left too few": (lambda: sliced(left=LEFT[1:]), "slice-left"),
    "a subtree on the left too many": (lambda: sliced(left=[*LEFT, LEFT[0]]), "slice-left"),
    "another beginning": (lambda: sliced(first=6), "slice-size"),
    "a beginning without its subtrees": (lambda: sliced(first=0), "slice-left"),
    "a beginning that is true": (lambda: sliced(first=True), "form"),
    "an unknown key": (lambda: sliced(note="x"), "form"),
    "another version": (lambda: sliced(v="drawproof/2"), "version"),
    "a subtree in capitals": (lambda: sliced(left=["AB" * 32, LEFT[1]]), "form"),
    "a line feed at the end": (
        lambda: honest().files(**{"log/slice.json": jcs(honest().slice_json()) + b"\n"}),
        "not-canonical",
    ),
    "a leaf too few": (lambda: rebinned(lambda data: data[:-68]), "slice-size"),
    "a leaf too many": (lambda: rebinned(lambda data: data + foreign(1)), "slice-size"),
    "half a leaf": (lambda: rebinned(lambda data: data[:-34]), "slice-size"),
    "a checkpoint that ends where the contest begins": (
        lambda: with_checkpoint_of(5),
        "slice-checkpoint",
    ),
    "a checkpoint from before the contest": (lambda: with_checkpoint_of(2), "slice-checkpoint"),
    "a checkpoint larger than the slice": (lambda: with_checkpoint_of(99), "slice-size"),
    "leaves without a description": (lambda: without("log/slice.json"), "log-presence"),
    "a description without leaves": (lambda: without("log/slice.bin"), "log-presence"),
    "checkpoints without a slice": (
        lambda: without("log/slice.bin", "log/slice.json"),
        "log-presence",
    ),
    "a slice without checkpoints": (
        lambda: honest(checkpoints=[Checkpoint()]).files(**{"log/checkpoint-16.txt": None}),
        "log-presence",
    ),
    "a timestamp without its checkpoint": (
        lambda: without("log/checkpoint-10.txt"),
        "timestamp-checkpoint",
    ),
}


@pytest.mark.parametrize("defect", SLICES)
def test_a_log_with_a_defect_is_refused(defect: str, tmp_path: Path) -> None:
    make, code = SLICES[defect]
    assert verdict_of(tmp_path / "trusting", make()) == ("refused", code)
    assert verdict_of(tmp_path / "not", make(), trust=None) == ("refused", code)


@pytest.mark.parametrize(
    "name",
    [
        "log/checkpoint-010.txt",
        "log/checkpoint-0.txt",
        "log/checkpoint-.txt",
        "log/checkpoint-10.TXT",
        "log/slice.json.txt",
        "log/more/checkpoint-10.txt",
        "evidence/checkpoint-10.0.tsr",
        "evidence/checkpoint-10.01.tsr",
        "evidence/checkpoint-10.100.tsr",
        "evidence/checkpoint-10.tsr",
    ],
)
def test_a_name_that_the_log_does_not_have_is_refused(name: str, tmp_path: Path) -> None:
    verdict, reason = verdict_of(tmp_path, honest().files(**{name: b"x"}))
    assert (verdict, reason) in (("refused", "name"), ("refused", "not-a-file"))


def test_format_1_has_no_log(tmp_path: Path) -> None:
    files = honest().files()
    manifest = files["manifest.json"].replace(b'"format":2', b'"format":1')
    found = files | {"manifest.json": manifest}
    assert verdict_of(tmp_path, found) == ("refused", "format")


@pytest.mark.parametrize("name", ["log/checkpoint-10.txt", "evidence/checkpoint-10.1.tsr"])
def test_a_file_beyond_its_limit_is_refused(name: str, tmp_path: Path) -> None:
    found = honest().files(**{name: bytes(2**16 + 1)})
    assert verdict_of(tmp_path, found) == ("refused", "file-too-large")


# --- notes ---

NOTES: dict[str, Callable[[bytes], bytes]] = {
    "no empty line": lambda note: note.replace(b"\n\n", b"\n"),
    "two empty lines": lambda note: note.replace(b"\n\n", b"\n\n\n"),
    "no signature": lambda note: note[: note.index(b"\n\n") + 2],
    "no line feed at the end": lambda note: note[:-1],
    "an empty line at the end": lambda note: note + b"\n",
    "a fourth line of text": lambda note: note.replace(b"\n\n", b"\nmore\n\n"),
    "two lines of text": lambda note: note[note.index(b"\n") + 1 :],
    "a carriage return": lambda note: note.replace(b"\n", b"\r\n"),
    "a tab": lambda note: note.replace(b" ", b"\t"),
    "bytes that are no text": lambda note: note + b"\xff\n",
    "a size with a zero before it": lambda note: note.replace(b"\n10\n", b"\n010\n"),
    "a size of 2^63": lambda note: note.replace(b"\n10\n", b"\n9223372036854775808\n"),
    "a size with a sign": lambda note: note.replace(b"\n10\n", b"\n+10\n"),
    "an empty origin": lambda note: note[note.index(b"\n") :],
    "an origin with a space": lambda note: b"a " + note,
    "an origin with a plus": lambda note: b"a+" + note,
    "a root without padding": lambda note: note.replace(b"=\n\n", b"\n\n"),
    "a root of 31 bytes": lambda note: with_root(note, bytes(31)),
    "a root of 33 bytes": lambda note: with_root(note, bytes(33)),
    "a hyphen instead of the dash": lambda note: note.replace("\u2014".encode(), b"-"),
    "two spaces after the dash": lambda note: note.replace("\u2014 ".encode(), "\u2014  ".encode()),
    "a signature line without a name": lambda note: note + "\u2014 AAAAAAAA\n".encode(),
    "a name with a plus": lambda note: note + "\u2014 a+b AAAAAAAA\n".encode(),
    "a name with a hard space": lambda note: note + "\u2014 a\u00a0b AAAAAAAA\n".encode(),
    "a signature that is too short": lambda note: note + "\u2014 a AAAAAA==\n".encode(),
    "a signature in two words": lambda note: note + "\u2014 a AAAA AAAA\n".encode(),
    "a signature with stray bits": lambda note: note + "\u2014 a AAAAAAB=\n".encode(),
    "more than 64 signatures": lambda note: note + "\u2014 a AAAAAAAA\n".encode() * 62,
}


def with_root(note: bytes, root: bytes) -> bytes:
    origin, size, _ = note.split(b"\n", 2)
    return b"\n".join((origin, size, b64encode(root), *note.split(b"\n")[3:]))


@pytest.mark.parametrize("defect", NOTES)
def test_a_checkpoint_with_a_defect_is_refused(defect: str, tmp_path: Path) -> None:
    found = honest()
    note = found.note_of(found.checkpoints[0])
    files = found.files(**{"log/checkpoint-10.txt": NOTES[defect](note)})
    assert NOTES[defect](note) != note
    assert verdict_of(tmp_path, files, trust=None) == ("refused", "note")


def test_a_checkpoint_under_the_name_of_another_size_is_refused(tmp_path: Path) -> None:
    found = honest()
    files = found.files(**{"log/checkpoint-9.txt": found.note_of(found.checkpoints[0])})
    assert verdict_of(tmp_path, files) == ("refused", "note-size")


def test_64_signatures_and_unusual_names_are_read(tmp_path: Path) -> None:
    lines = "\u2014 кто-то.example/\U0001f600 AAAAAAAA\n".encode() * 61
    point = Checkpoint(covers=2, cosigned=[(one, None) for one in WITNESSES], lines=lines)
    facts = facts_of(tmp_path, honest(checkpoints=[point, Checkpoint()]).files())
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")


# --- signatures of trusted keys ---


def signed_by(*lines: bytes, origin: str = LOG.name) -> dict[str, bytes]:
    """The honest bundle whose last checkpoint has exactly these further lines."""
    point = Checkpoint(lines=b"".join(lines))
    point.edit_text = lambda text: text.replace(LOG.name.encode(), origin.encode())
    first = Checkpoint(covers=2, cosigned=[(one, None) for one in WITNESSES])
    return honest(checkpoints=[first, point]).files()


ANN = WITNESSES[0]
TEXT = honest().text_of(Checkpoint())
LINES: dict[str, bytes] = {
    "a witness's signature over something else": ANN.line(b"else", 5),
    "a witness's signature without its time": ANN.written(ANN.key.sign(TEXT)),
    "a witness's signature with another time": ANN.written(
        struct.pack(">Q", 6) + ANN.key.sign(b"cosignature/v1\ntime 5\n" + TEXT)
    ),
    "a witness's signature that is longer": ANN.written(
        struct.pack(">Q", 5) + ANN.key.sign(b"cosignature/v1\ntime 5\n" + TEXT) + b"x"
    ),
    "a log's signature over something else": LOG.line(b"else"),
    "a log's signature that says a time": LOG.written(bytes(8) + LOG.key.sign(TEXT)),
    "no signature at all": LOG.written(b"x"),
}


@pytest.mark.parametrize("defect", LINES)
def test_what_a_trusted_key_did_not_sign_is_refused(defect: str, tmp_path: Path) -> None:
    files = signed_by(LINES[defect])
    assert verdict_of(tmp_path / "a", files) == ("refused", "note-signature")
    assert verdict_of(tmp_path / "b", files, trust=None) == ("verified", None)


MANY: dict[str, Callable[[int], bytes]] = {
    "a witness": lambda number: ANN.line(TEXT, number),
    "a log": lambda number: LOG.written(bytes(63) + bytes([number])),
}


def test_a_line_that_is_repeated_is_looked_at_once(tmp_path: Path) -> None:
    lines = [ANN.line(TEXT, number) for number in range(4)]
    before = verifier.ed25519_holds.cache_info()
    facts = facts_of(tmp_path, signed_by(*lines * 15))
    after = verifier.ed25519_holds.cache_info()
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")
    looks = after.hits + after.misses - before.hits - before.misses
    assert looks == len((LOG, *WITNESSES)) + len((LOG, *lines))


@pytest.mark.parametrize("who", MANY)
def test_a_key_with_many_different_lines_is_refused_before_any_is_looked_at(
    who: str, tmp_path: Path
) -> None:
    files = signed_by(*map(MANY[who], range(5)))
    assert verdict_of(tmp_path / "a", files) == ("refused", "note-signatures")
    assert verdict_of(tmp_path / "b", files, trust=None) == ("verified", None)


def test_what_an_unknown_key_signed_is_not_looked_at(tmp_path: Path) -> None:
    stranger = witness("Eve")
    files = signed_by(stranger.written(b"anything"), ANN.line(TEXT, 7))
    facts = facts_of(tmp_path, files)
    assert (facts["verdict"], facts["grade"]) == ("verified", "A")


def test_a_log_key_under_another_origin_is_no_checkpoint_of_its_log(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, signed_by(origin="elsewhere.example/log"))
    codes = [finding["code"] for finding in facts["findings"]]
    assert facts["verdict"] == "verified"
    assert codes.count("untrusted-checkpoint") == 1


# --- Ed25519 ---


@settings(max_examples=30)
@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=90),
    place=st.integers(0, 511),
)
def test_ed25519_agrees_with_another_implementation(
    seed: bytes, message: bytes, place: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.ed25519_holds(public, message, signature)
    flipped = (int.from_bytes(signature, "big") ^ 1 << place).to_bytes(64, "big")
    assert not verifier.ed25519_holds(public, message, flipped)
    assert not verifier.ed25519_holds(public, message + b"x", signature)


def test_ed25519_has_one_form_of_each_signature_and_key() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"")
    more = int.from_bytes(signature[32:], "little") + verifier.ED_ORDER
    assert not verifier.ed25519_holds(public, b"", signature[:32] + more.to_bytes(32, "little"))
    assert not verifier.ed25519_holds(public, b"", signature[:-1])
    neutral, base = (1).to_bytes(32, "little"), verifier.ed_encode(verifier.ED_BASE)
    assert verifier.ed25519_holds(neutral, b"", base + (1).to_bytes(32, "little"))
    other_spelling = (verifier.ED_P + 1).to_bytes(32, "little")
    assert not verifier.ed25519_holds(other_spelling, b"", base + (1).to_bytes(32, "little"))
    minus_zero = (1 | 1 << 255).to_bytes(32, "little")
    assert verifier.ed_decode(minus_zero) is None
    assert verifier.ed_decode((2).to_bytes(32, "little")) is None  # no point has this y
