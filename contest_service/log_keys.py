"""The log's keys, and the files beside them that remember what was signed last.

A key is a seed of 32 bytes, in base64 or hex. The practice log's key is derived from the real
one's, so that there is one secret to keep; nobody can tell one from the other.
"""

import base64
import binascii
import os
import re
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contest_service.flows.signer import LogKeyError
from contest_service.proof.errors import NoteError
from contest_service.proof.notes import Checkpoint, parse_checkpoint
from contest_service.store.log import Log

SEED_SIZE = 32
_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_PRACTICE = b"contest-service/1 practice log"


def parse_seed(text: str) -> bytes:
    """Read a seed. Raises ValueError for what is none."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != SEED_SIZE:
        raise ValueError("a key is 32 bytes in base64 or hex: `openssl rand -base64 32` makes one")
    return seed


def seeds(seed: bytes) -> dict[Log, bytes]:
    """The seeds of both logs."""
    derive = HKDF(algorithm=SHA256(), length=SEED_SIZE, salt=None, info=_PRACTICE)
    return {Log.REAL: seed, Log.PRACTICE: derive.derive(seed)}


def read_or_create_seed(path: Path) -> str:
    """Read the embedded default's key, or make it; returns its text. Raises LogKeyError."""
    try:
        if not path.exists():
            _replace(path, base64.b64encode(secrets.token_bytes(SEED_SIZE)) + b"\n")
        if path.stat().st_mode & 0o077:
            raise LogKeyError(f"The log's key {path} can be read by others: `chmod 600` it.")
        text = path.read_text().strip()
        parse_seed(text)
    except OSError as error:
        raise LogKeyError(
            f"The log's key {path} cannot be used ({error.strerror or error}). Make it readable "
            "for this user, or set CONTEST_LOG_KEY_FILE."
        ) from None
    except ValueError as error:
        raise LogKeyError(f"The log's key {path} is damaged: {error}.") from None
    return text


def default_name(public_url: str) -> str:
    """What logs are named after where nobody chose: the address that they are served below."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path}/log"


class FileMemory:
    """Remembers the last checkpoint of each log in a file of its own, as its three lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, log: Log) -> Path:
        """The file of one log."""
        return self._folder / f"log-{log}.last"

    def recall(self, log: Log) -> Checkpoint | None:
        """Read it; None where there is none. Raises LogKeyError."""
        path = self.path(log)
        try:
            return parse_checkpoint(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, NoteError) as error:
            raise LogKeyError(
                f"{path}, which remembers what was signed last, cannot be read ({error}). Put it "
                "back from a backup; without it an old database would not be noticed."
            ) from None

    def remember(self, log: Log, checkpoint: Checkpoint) -> None:
        """Replace it whole: a crash leaves the old one or the new one. Raises LogKeyError."""
        path = self.path(log)
        try:
            _replace(path, checkpoint.text)
        except OSError as error:
            raise LogKeyError(
                f"{path}, which remembers what was signed last, cannot be written "
                f"({error.strerror or error}). Set CONTEST_LOG_MEMORY to a folder that can."
            ) from None


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=path.name, delete=False) as file:
        # Only its owner reads a file made like this.
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name too outlives a loss of power
    finally:
        os.close(folder)
