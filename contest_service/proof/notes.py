"""Signed notes: verifier keys, checkpoints and the lines that sign them (section 7.1).

The formats are C2SP's: signed-note, tlog-checkpoint and tlog-cosignature. Reads and writes their
bytes, makes and checks Ed25519 signatures. Which keys are trusted, and what follows from a
signature, is for others to say.
"""

import base64
import binascii
import enum
import re
import struct
from collections.abc import Collection

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contest_service.proof.canonical import sha256
from contest_service.proof.errors import NoteError

MAX_NOTE = 65_536
"""Bytes of a whole note."""
MAX_SIGNATURES = 64
MAX_OF_ONE_KEY = 4
"""Different signatures of one key under one note, so that nobody is kept busy with them."""
MAX_LOG_SIZE = 2**63 - 1
"""Leaves; what other implementations of these formats can count."""

_DASH = "\u2014 "
_ID_SIZE, _KEY_SIZE, _SIGNATURE_SIZE, _ROOT_SIZE = 4, 32, 64, 32
_TIME = struct.Struct(">Q")
_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_FIELD_PRIME = 2**255 - 19


class KeyKind(enum.IntEnum):
    """Whose key it is: the type byte of its encoding."""

    LOG = 1
    WITNESS = 4


class VerifierKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key with the name under which it signs."""

    name: str
    kind: KeyKind
    public: bytes
    """Ed25519, 32 bytes."""

    @property
    def id(self) -> bytes:
        """The 4 bytes that its signature lines carry."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:_ID_SIZE]

    @property
    def text(self) -> str:
        """The key as it is written in a file."""
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.public)}"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature line: for all that is known here, anybody's."""

    name: str
    key_id: bytes
    signature: bytes
    """What follows the key id: 64 bytes of a log's, 8 and 64 of a witness's, others unknown."""

    @property
    def line(self) -> str:
        """The line, without its LF."""
        return f"{_DASH}{self.name} {_base64(self.key_id + self.signature)}"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A text and the lines that sign it."""

    text: bytes
    """UTF-8, ends in an LF."""
    signatures: tuple[Signature, ...]

    @property
    def encoded(self) -> bytes:
        """The whole note."""
        return self.text + b"\n" + "".join(f"{one.line}\n" for one in self.signatures).encode()


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator of a log signs about it."""

    origin: str
    """The name of the log and of its key."""
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n".encode()


def parse_key(text: str) -> VerifierKey:
    """Read a verifier key. Raises NoteError.

    Whether its 32 bytes are a point is not looked at: nothing holds under a key that is none.
    """
    found = _KEY.fullmatch(text)
    if found is None:
        raise NoteError("bad_key_text", "A verifier key is not written as name+id+key.")
    data = _unbase64(found[3], "A verifier key")
    if len(data) != 1 + _KEY_SIZE or data[0] not in set(KeyKind):
        raise NoteError("unknown_key_type", "A verifier key is of no known type.")
    _require_name(found[1])
    key = VerifierKey(name=found[1], kind=KeyKind(data[0]), public=data[1:])
    if key.id.hex() != found[2]:
        raise NoteError("bad_key_id", "A verifier key's id is not the one of its name and bytes.")
    return key


def parse_note(data: bytes) -> Note:
    """Read a note: a text, an empty line, 1 to 64 signature lines. Raises NoteError."""
    if len(data) > MAX_NOTE:
        raise NoteError("long_note", f"A note is longer than {MAX_NOTE} bytes.")
    text, separator, tail = data.rpartition(b"\n\n")
    lines = _utf8(tail).split("\n")
    if not (text and separator) or lines.pop() or not lines:
        raise NoteError("bad_note", "A note is not a text, an empty line and signature lines.")
    if _CONTROL.search(_utf8(data)):
        raise NoteError("control_character", "A note holds a control character.")
    if len(lines) > MAX_SIGNATURES:
        message = f"A note has more than {MAX_SIGNATURES} signature lines."
        raise NoteError("many_signatures", message)
    return Note(text=text + b"\n", signatures=tuple(_signature(line) for line in lines))


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a checkpoint's note: three lines. Raises NoteError."""
    lines = _utf8(text).split("\n")
    if len(lines) != 4 or lines[3]:
        raise NoteError("bad_checkpoint", "A checkpoint is not of three lines.")
    origin, size, root = lines[:3]
    _require_name(origin)
    if not _SIZE.fullmatch(size) or int(size) > MAX_LOG_SIZE:
        raise NoteError("bad_checkpoint", "A checkpoint's size is not a plain number.")
    checkpoint = Checkpoint(
        origin=origin, size=int(size), root=_unbase64(root, "A checkpoint's root")
    )
    if len(checkpoint.root) != _ROOT_SIZE:
        raise NoteError("bad_checkpoint", "A checkpoint's root does not have 32 bytes.")
    return checkpoint


def public_of(private: bytes) -> bytes:
    """Return the public key, 32 bytes, of an Ed25519 seed of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, name: str, text: bytes) -> Signature:
    """Sign a note's text as the log `name`. Raises NoteError for a name that none may have."""
    _require_name(name)
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(text)
    key = VerifierKey(name=name, kind=KeyKind.LOG, public=public_of(private))
    return Signature(name=name, key_id=key.id, signature=signature)


def cosign(private: bytes, name: str, text: bytes, *, time: int) -> Signature:
    """Sign a note's text as the witness `name`, seen at `time` (unix seconds).

    Raises NoteError for a name that none may have.
    """
    _require_name(name)
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(_cosigned(text, time))
    key = VerifierKey(name=name, kind=KeyKind.WITNESS, public=public_of(private))
    return Signature(name=name, key_id=key.id, signature=_TIME.pack(time) + signature)


def find_log_signature(note: Note, key: VerifierKey) -> bool:
    """Tell whether a line is signed by a log's key.

    Raises NoteError if a line that belongs to the key does not hold, or too many differ.
    """
    found = _of(note, key)
    for signature in found:
        require_signed(key.public, signature, note.text)
    return bool(found)


def find_cosignature(note: Note, key: VerifierKey) -> int | None:
    """Return when the witness with this key saw the note, the earliest if it says several.

    Unix seconds; None without a line of it. Raises NoteError if a line that belongs to the key does
    not hold, or too many differ.
    """
    times = []
    for data in _of(note, key):
        if len(data) != _TIME.size + _SIGNATURE_SIZE:
            raise NoteError("bad_signature", f"A cosignature of {key.name} has another size.")
        [time] = _TIME.unpack_from(data)
        require_signed(key.public, data[_TIME.size :], _cosigned(note.text, time))
        times.append(time)
    return min(times, default=None)


def require_signed(public: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature as section 7.1 says. Raises NoteError.

    The library compares R byte by byte and bounds S; that A has only one spelling is checked here.
    """
    if not _is_signed(public, signature, message):
        raise NoteError("bad_signature", "A signature is not one of its key.")


def _is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return _is_canonical(public)


def _is_canonical(public: bytes) -> bool:
    number = int.from_bytes(public, "little")
    y, sign = number & (2**255 - 1), number >> 255
    # Where y is 1 or -1, x is 0, which has no other sign.
    return y < _FIELD_PRIME and not (sign and y in {1, _FIELD_PRIME - 1})


def _of(note: Note, key: VerifierKey) -> Collection[bytes]:
    """Return what lines that belong to a key hold, each once. Raises NoteError."""
    mine = (key.name, key.id)
    lines = (one for one in note.signatures if (one.name, one.key_id) == mine)
    found = dict.fromkeys(one.signature for one in lines)
    if len(found) > MAX_OF_ONE_KEY:
        message = f"More than {MAX_OF_ONE_KEY} different signatures of {key.name} are under a note."
        raise NoteError("many_of_one_key", message)
    return found


def _cosigned(text: bytes, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n".encode() + text


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not (line.startswith(_DASH) and space):
        raise NoteError("bad_signature_line", "A signature line has another shape.")
    _require_name(name)
    data = _unbase64(encoded, "A signature")
    if len(data) <= _ID_SIZE:
        raise NoteError("bad_signature_line", "A signature line holds no signature.")
    return Signature(name=name, key_id=data[:_ID_SIZE], signature=data[_ID_SIZE:])


def _require_name(name: str) -> None:
    if not name or "+" in name or _CONTROL.search(name) or any(map(str.isspace, name)):
        raise NoteError("bad_name", "A name is empty, or holds white space, + or a control.")


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("not_utf8", "A note is not UTF-8.") from error


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("bad_base64", f"{what} is not base64.") from error
    if _base64(data) != text:
        raise NoteError("bad_base64", f"{what} is not spelled in base64's one form.")
    return data
