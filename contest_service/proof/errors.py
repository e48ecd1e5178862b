"""The one way in which this room says no.

Every refusal is a `ProofError` with a stable code for programs and a sentence for people. The
subclasses name the part of the protocol that was broken; nothing here knows files or exit statuses.
"""

from typing import Self


class ProofError(Exception):
    """Something does not hold. `code` is stable; `message` is one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line: int | None = None
        """Where in a `.jsonl` file, from 1, if it is known."""

    def at_line(self, line: int) -> Self:
        """Say the line, unless it was already said, and return the error."""
        if self.line is None:
            self.line = line
        return self


class CanonicalError(ProofError):
    """Bytes or a value outside the strict JSON profile."""


class EntryError(ProofError):
    """An entry list or an opening that does not hold."""


class EventError(ProofError):
    """An event whose own shape is wrong."""


class BeaconError(ProofError):
    """A beacon that may not be used, or a signature that is not its round's."""


class ChainError(ProofError):
    """An event that may not follow the ones before it."""


class BundleError(ProofError):
    """A bundle whose files are not what the format says."""


class NoteError(ProofError):
    """A signed note, a key or a signature that does not hold."""


class DerError(ProofError):
    """Bytes that are not the DER that they should be."""


class SignatureError(ProofError):
    """A signature that does not hold, or that nothing here can check."""


class TimestampError(ProofError):
    """A reply that is no timestamp of its text, or one that does not count."""


class SliceError(ProofError):
    """A part of the log that is not the one of its checkpoints, or not clean."""


class ReceiptError(ProofError):
    """A promise or a receipt that does not hold."""


class UnreadableError(BundleError):
    """Something that is no bundle at all, so that nothing can be said of its proof."""


class TrustError(ProofError):
    """A trust file that is none."""
