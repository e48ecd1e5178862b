"""What the operator decides about the log and about vouching, once it is read (`settings`)."""

import re
from pathlib import Path

import msgspec

from contest_service.flows.signer import Authority, Witness
from contest_service.proof.notes import VerifierKey

_NAME = re.compile(r"[^\s+\x00-\x1f]+")


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decides about the log and about vouching. Keys are seeds as text."""

    key: str = ""
    """Empty where none was given, so that the embedded default makes one."""
    origin: str = ""
    """What the logs are named after; empty for what they are served below."""
    memory: Path | None = None
    """Folder that remembers what was signed last; None for the data folder."""
    witnesses: tuple[Witness, ...] = ()
    authorities: tuple[Authority, ...] = ()
    witness_of: tuple[VerifierKey, ...] = ()
    """The logs of others that are vouched for here."""
    witness_key: str = ""
    witness_name: str = ""

    def __repr__(self) -> str:
        return f"LogSettings({self.origin})"


def is_name(text: str) -> bool:
    """Whether a log or a witness may be named so."""
    return _NAME.fullmatch(text) is not None
